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
        }
    }
}
