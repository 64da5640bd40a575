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
    /// A year is over: whoever leads the team looks at it again.
    ReviewDue { charter: i32, team: String, edition: i32 },
    /// Nobody has.
    ReviewLate { charter: i32, team: String, edition: i32 },
    /// Somebody has looked at it, and it stays.
    Reviewed { charter: i32, team: String, edition: i32 },
}

impl CharterEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let of = |draft: Draft, charter: i32, team: &str, edition: i32| {
            draft.int("charter", charter).word("team", team).int("edition", edition)
        };
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
                of(Draft::new("charter.acknowledged"), *charter, team, *edition)
            }
            CharterEvent::ReviewDue { charter, team, edition } => {
                of(Draft::new("charter.review_due"), *charter, team, *edition)
            }
            CharterEvent::ReviewLate { charter, team, edition } => {
                of(Draft::new("charter.review_late"), *charter, team, *edition)
            }
            CharterEvent::Reviewed { charter, team, edition } => {
                of(Draft::new("charter.reviewed"), *charter, team, *edition)
            }
        }
    }
}
