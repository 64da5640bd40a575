//! What happens to a rota.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotaEvent {
    HandedOver {
        team: String,
        from: PersonId,
        to: PersonId,
        /// The end of the turn.
        ends: DateTime<Utc>,
    },
    /// Whoever takes over at this moment is away then.
    GapFound { team: String, person: PersonId, starts: DateTime<Utc> },
}

impl RotaEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            RotaEvent::HandedOver { team, from, to, ends } => Draft::new("on_call.handed_over")
                .word("team", team)
                .fact("from", Fact::Person(from.clone()))
                .fact("to", Fact::Person(to.clone()))
                .fact("ends", Fact::At(*ends)),
            RotaEvent::GapFound { team, person, starts } => Draft::new("on_call.gap_found")
                .word("team", team)
                .fact("person", Fact::Person(person.clone()))
                .fact("starts", Fact::At(*starts)),
        }
    }

    /// The key of the team.
    pub fn team(&self) -> &str {
        match self {
            RotaEvent::HandedOver { team, .. } | RotaEvent::GapFound { team, .. } => team,
        }
    }

    /// Whom it is about.
    pub fn people(&self) -> Vec<&PersonId> {
        match self {
            RotaEvent::HandedOver { from, to, .. } => vec![from, to],
            RotaEvent::GapFound { person, .. } => vec![person],
        }
    }
}
