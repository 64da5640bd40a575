//! What happens to a dispute that the decision authority rules on.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rules::{Dispute, RulingVerdict};

/// An entry on the change's chain. `asked`: the entry that asked for the ruling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulingEvent {
    Asked {
        dispute: Dispute,
        revision: i32,
        raised_by: PersonId,
        /// Who is asked first.
        of: PersonId,
        until: DateTime<Utc>,
        why: String,
    },
    PassedOn {
        asked: i32,
        to: PersonId,
        until: DateTime<Utc>,
    },
    Given {
        asked: i32,
        dispute: Dispute,
        verdict: RulingVerdict,
        /// The vote that had ended with a veto goes on.
        reopens: bool,
        conditions: Option<String>,
        why: String,
    },
    /// Somebody votes too, because too few may.
    Appointed {
        asked: i32,
        person: PersonId,
    },
    /// Nobody is left to be asked.
    Unanswered {
        asked: i32,
        dispute: Dispute,
    },
    /// There is nothing left to rule on.
    Lapsed {
        asked: i32,
        dispute: Dispute,
    },
}

impl RulingEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            RulingEvent::Asked { dispute, revision, raised_by, of, until, why } => Draft::new("ruling.asked")
                .word("dispute", dispute.as_str())
                .int("revision", *revision)
                .fact("person", Fact::Person(raised_by.clone()))
                .fact("of", Fact::Person(of.clone()))
                .fact("until", Fact::At(*until))
                .text("why", why),
            RulingEvent::PassedOn { asked, to, until } => Draft::new("ruling.passed_on")
                .int("asked", *asked)
                .fact("to", Fact::Person(to.clone()))
                .fact("until", Fact::At(*until)),
            RulingEvent::Given { asked, dispute, verdict, reopens, conditions, why } => Draft::new("ruling.given")
                .int("asked", *asked)
                .word("dispute", dispute.as_str())
                .word("verdict", verdict.as_str())
                .fact("reopens", Fact::Yes(*reopens))
                .maybe(conditions.as_ref(), |draft, conditions| draft.text("conditions", conditions))
                .text("why", why),
            RulingEvent::Appointed { asked, person } => {
                Draft::new("ruling.appointed").int("asked", *asked).fact("person", Fact::Person(person.clone()))
            }
            RulingEvent::Unanswered { asked, dispute } => {
                Draft::new("ruling.unanswered").int("asked", *asked).word("dispute", dispute.as_str())
            }
            RulingEvent::Lapsed { asked, dispute } => {
                Draft::new("ruling.lapsed").int("asked", *asked).word("dispute", dispute.as_str())
            }
        }
    }
}
