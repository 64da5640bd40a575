//! What happens to the charters of teams.

use super::{Draft, Fact};
use crate::domain::PersonId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CharterEvent {
    /// A new edition. Of its text the log keeps the sha256, hex.
    Published {
        team: String,
        edition: i32,
        hash: String,
        minutes: i32,
        succession: Vec<PersonId>,
        responsibilities: String,
    },
    /// `charter`: the entry that published it.
    Acknowledged { charter: i32, team: String, edition: i32 },
}

impl CharterEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            CharterEvent::Published { team, edition, hash, minutes, succession, responsibilities: _ } => {
                Draft::new("charter.published")
                    .word("team", team)
                    .int("edition", *edition)
                    .word("hash", hash)
                    .int("minutes", *minutes)
                    .fact("people", Fact::Words(succession.iter().map(|person| person.0.clone()).collect()))
            }
            CharterEvent::Acknowledged { charter, team, edition } => {
                Draft::new("charter.acknowledged").int("charter", *charter).word("team", team).int("edition", *edition)
            }
        }
    }
}
