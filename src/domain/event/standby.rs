//! What happens to the people on standby for a change.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rules::StandbyRole;

/// An entry on the change's chain. `booked`: the entry that booked somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandbyEvent {
    Booked {
        role: StandbyRole,
        person: PersonId,
        /// Nobody named them: they are on call.
        on_call: bool,
        /// The planned start; `None` in an emergency, or where it is not known yet.
        starts: Option<DateTime<Utc>>,
        /// They are asked at once; otherwise a day before.
        asked: bool,
    },
    /// Somebody took it upon themselves, which says that they are there.
    Taken {
        role: StandbyRole,
        person: PersonId,
        starts: Option<DateTime<Utc>>,
        /// The second time, shortly before the start.
        again: bool,
    },
    Asked {
        booked: i32,
        role: StandbyRole,
        person: PersonId,
        again: bool,
    },
    Confirmed {
        booked: i32,
        role: StandbyRole,
        again: bool,
    },
    Declined {
        booked: i32,
        role: StandbyRole,
        why: Option<String>,
        /// Who is proposed: the next on call.
        proposed: Option<PersonId>,
    },
    /// Silent in an emergency.
    Missed {
        booked: i32,
        role: StandbyRole,
        person: PersonId,
    },
    /// Nobody on call is left to be asked.
    Exhausted {
        role: StandbyRole,
    },
    /// A confirmation is missing. `last`: the change cannot start without it, and a change manager hears of it.
    Alerted {
        role: StandbyRole,
        /// Who is booked.
        person: Option<PersonId>,
        last: bool,
        /// Who is proposed: the next on call.
        proposed: Option<PersonId>,
    },
    /// The window moved: what was confirmed is void.
    Moved {
        booked: i32,
        role: StandbyRole,
        person: PersonId,
        starts: Option<DateTime<Utc>>,
    },
    /// Somebody else is booked in their place.
    Released {
        booked: i32,
        role: StandbyRole,
        person: PersonId,
    },
}

impl StandbyEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            StandbyEvent::Booked { role, person, on_call, starts, asked } => of(Draft::new("standby.booked"), *role)
                .fact("person", Fact::Person(person.clone()))
                .fact("on_call", Fact::Yes(*on_call))
                .fact("asked", Fact::Yes(*asked))
                .maybe(*starts, starting),
            StandbyEvent::Taken { role, person, starts, again } => of(Draft::new("standby.taken"), *role)
                .fact("person", Fact::Person(person.clone()))
                .fact("again", Fact::Yes(*again))
                .maybe(*starts, starting),
            StandbyEvent::Asked { booked, role, person, again } => of(Draft::new("standby.asked"), *role)
                .int("booked", *booked)
                .fact("person", Fact::Person(person.clone()))
                .fact("again", Fact::Yes(*again)),
            StandbyEvent::Confirmed { booked, role, again } => {
                of(Draft::new("standby.confirmed"), *role).int("booked", *booked).fact("again", Fact::Yes(*again))
            }
            StandbyEvent::Declined { booked, role, why, proposed } => of(Draft::new("standby.declined"), *role)
                .int("booked", *booked)
                .maybe(proposed.clone(), |draft, next| draft.fact("proposed", Fact::Person(next)))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            StandbyEvent::Missed { booked, role, person } => {
                by_booking(Draft::new("standby.missed"), *booked, *role, person)
            }
            StandbyEvent::Exhausted { role } => of(Draft::new("standby.exhausted"), *role),
            StandbyEvent::Alerted { role, person, last, proposed } => of(Draft::new("standby.alerted"), *role)
                .fact("last", Fact::Yes(*last))
                .maybe(person.clone(), |draft, person| draft.fact("person", Fact::Person(person)))
                .maybe(proposed.clone(), |draft, next| draft.fact("proposed", Fact::Person(next))),
            StandbyEvent::Moved { booked, role, person, starts } => {
                by_booking(Draft::new("standby.moved"), *booked, *role, person).maybe(*starts, starting)
            }
            StandbyEvent::Released { booked, role, person } => {
                by_booking(Draft::new("standby.released"), *booked, *role, person)
            }
        }
    }
}

fn of(draft: Draft, role: StandbyRole) -> Draft {
    draft.word("role", role.as_str())
}

fn by_booking(draft: Draft, booked: i32, role: StandbyRole, person: &PersonId) -> Draft {
    of(draft, role).int("booked", booked).fact("person", Fact::Person(person.clone()))
}

fn starting(draft: Draft, starts: DateTime<Utc>) -> Draft {
    draft.fact("starts", Fact::At(starts))
}
