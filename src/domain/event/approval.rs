//! What happens while a change waits for those who were asked.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rules::Seat;

/// An entry on the change's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalEvent {
    /// Somebody who was asked for these seats looks at it.
    Acknowledged { revision: i32, seats: Vec<Seat> },
    /// Nobody decided in time on what is no emergency: it has until then, once. Told so are `people`, who were asked for what
    /// is missing, and `voters` without a ballot.
    Prolonged { revision: i32, until: DateTime<Utc>, people: Vec<PersonId>, voters: Vec<PersonId>, sentence: String },
    /// An executive accepts the risk for a time. `again`: an earlier acceptance is over, and this one says in full what is
    /// accepted, and why; the first one has that in the entry of the seat that it fills.
    RiskAccepted {
        revision: i32,
        until: DateTime<Utc>,
        again: bool,
        accepted: Option<String>,
        /// What else could be done, and why it is not.
        alternatives: String,
        why: Option<String>,
    },
    /// The acceptance is over before the change started. Told so are `people`; `person` gave it.
    AcceptanceExpired { revision: i32, person: PersonId, until: DateTime<Utc>, people: Vec<PersonId> },
}

impl ApprovalEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            ApprovalEvent::Acknowledged { revision, seats } => {
                let seats = seats.iter().map(|seat| seat.as_str().to_owned()).collect();
                Draft::new("approval.acknowledged").int("revision", *revision).fact("seats", Fact::Words(seats))
            }
            ApprovalEvent::Prolonged { revision, until, people, voters, sentence } => Draft::new("approval.prolonged")
                .int("revision", *revision)
                .int("people", i32::try_from(people.len() + voters.len()).unwrap_or(i32::MAX))
                .fact("until", Fact::At(*until))
                .word("rule", "4.16")
                .text("sentence", sentence),
            ApprovalEvent::RiskAccepted { revision, until, again, accepted, alternatives, why } => {
                Draft::new("acceptance.given")
                    .int("revision", *revision)
                    .fact("until", Fact::At(*until))
                    .fact("again", Fact::Yes(*again))
                    .text("alternatives", alternatives)
                    .maybe(accepted.as_ref(), |draft, accepted| draft.text("accepted", accepted))
                    .maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            ApprovalEvent::AcceptanceExpired { revision, person, until, people } => Draft::new("acceptance.expired")
                .int("revision", *revision)
                .fact("person", Fact::Person(person.clone()))
                .int("people", i32::try_from(people.len()).unwrap_or(i32::MAX))
                .fact("until", Fact::At(*until))
                .word("rule", "4.10"),
        }
    }
}
