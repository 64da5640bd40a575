//! What happens to an absence.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AbsenceEvent {
    Noted {
        person: PersonId,
        starts: DateTime<Utc>,
        ends: DateTime<Utc>,
        why: Option<String>,
    },
    Began {
        noted: i32,
        person: PersonId,
        ends: DateTime<Utc>,
    },
    /// `by_hand`: they are back before its time.
    Ended {
        noted: i32,
        person: PersonId,
        by_hand: bool,
    },
}

impl AbsenceEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            AbsenceEvent::Noted { person, starts, ends, why } => of(Draft::new("absence.noted"), person)
                .fact("starts", Fact::At(*starts))
                .fact("ends", Fact::At(*ends))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            AbsenceEvent::Began { noted, person, ends } => {
                of(Draft::new("absence.began"), person).int("noted", *noted).fact("ends", Fact::At(*ends))
            }
            AbsenceEvent::Ended { noted, person, by_hand } => {
                of(Draft::new("absence.ended"), person).int("noted", *noted).fact("by_hand", Fact::Yes(*by_hand))
            }
        }
    }

    /// Who is away.
    pub fn person(&self) -> &PersonId {
        match self {
            AbsenceEvent::Noted { person, .. }
            | AbsenceEvent::Began { person, .. }
            | AbsenceEvent::Ended { person, .. } => person,
        }
    }
}

fn of(draft: Draft, person: &PersonId) -> Draft {
    draft.fact("person", Fact::Person(person.clone()))
}
