//! What happens to the rehearsals of a change's way back.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rehearsal::Environment;

/// An entry on the change's chain. `opened`: the entry that asked for the rehearsal or planned it; `plan`: the digest of the
/// rollback steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RehearsalEvent {
    /// The change was rolled back: its review asks for one.
    Asked {
        due: DateTime<Utc>,
    },
    Planned {
        /// `None`: this entry opens it.
        opened: Option<i32>,
        environment: Environment,
        observer: PersonId,
        /// Expected.
        minutes: i32,
        due: DateTime<Utc>,
    },
    Begun {
        opened: i32,
        plan: String,
    },
    Proven {
        opened: i32,
        plan: String,
        /// Minutes.
        took: i32,
        /// How many were expected.
        minutes: i32,
        note: Option<String>,
    },
    Failed {
        opened: i32,
        plan: String,
        /// Minutes until it was given up.
        took: Option<i32>,
        note: Option<String>,
    },
    /// It is done without.
    Waived {
        /// `None`: nobody had planned one.
        opened: Option<i32>,
        plan: String,
        /// By an executive, who accepts the risk.
        accepted: bool,
        why: String,
    },
    /// The environment was not there.
    Moved {
        opened: i32,
        due: DateTime<Utc>,
        why: Option<String>,
    },
    Reminded {
        opened: i32,
        due: DateTime<Utc>,
        overdue: bool,
    },
    /// The steps changed: what was shown was of others.
    Voided {
        opened: i32,
    },
}

impl RehearsalEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            RehearsalEvent::Asked { due } => Draft::new("rehearsal.asked").fact("due", Fact::At(*due)),
            RehearsalEvent::Planned { opened, environment, observer, minutes, due } => Draft::new("rehearsal.planned")
                .maybe(*opened, |draft, opened| draft.int("opened", opened))
                .word("environment", environment.as_str())
                .fact("observer", Fact::Person(observer.clone()))
                .int("minutes", *minutes)
                .fact("due", Fact::At(*due)),
            RehearsalEvent::Begun { opened, plan } => {
                Draft::new("rehearsal.begun").int("opened", *opened).word("plan", plan)
            }
            RehearsalEvent::Proven { opened, plan, took, minutes, note } => Draft::new("rehearsal.proven")
                .int("opened", *opened)
                .word("plan", plan)
                .int("took", *took)
                .int("minutes", *minutes)
                .maybe(note.as_ref(), |draft, note| draft.text("note", note)),
            RehearsalEvent::Failed { opened, plan, took, note } => Draft::new("rehearsal.failed")
                .int("opened", *opened)
                .word("plan", plan)
                .maybe(*took, |draft, took| draft.int("took", took))
                .maybe(note.as_ref(), |draft, note| draft.text("note", note)),
            RehearsalEvent::Waived { opened, plan, accepted, why } => Draft::new("rehearsal.waived")
                .maybe(*opened, |draft, opened| draft.int("opened", opened))
                .word("plan", plan)
                .fact("accepted", Fact::Yes(*accepted))
                .text("why", why),
            RehearsalEvent::Moved { opened, due, why } => Draft::new("rehearsal.moved")
                .int("opened", *opened)
                .fact("due", Fact::At(*due))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            RehearsalEvent::Reminded { opened, due, overdue } => Draft::new("rehearsal.reminded")
                .int("opened", *opened)
                .fact("due", Fact::At(*due))
                .fact("overdue", Fact::Yes(*overdue)),
            RehearsalEvent::Voided { opened } => Draft::new("rehearsal.voided").int("opened", *opened),
        }
    }
}
