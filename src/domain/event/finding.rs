//! What is said of a change that somebody came upon.

use chrono::{DateTime, Utc};

use super::{Draft, Fact, Recorded};
use crate::domain::rules::Touches;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingEvent {
    Found(Box<Found>),
    /// Somebody made it, and says all that is said of a record.
    Claimed(Box<Recorded>),
    /// Nobody has claimed it: the owners of its services are asked.
    Unclaimed {
        found: DateTime<Utc>,
    },
}

/// What was found. Its entry is of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub title: String,
    pub incident: Option<i64>,
    pub service: String,
    /// What it touched besides.
    pub also: Vec<String>,
    pub evidence: String,
    pub touches: Touches,
    /// When it was made, as far as that can be seen.
    pub made: Option<DateTime<Utc>>,
    pub found: DateTime<Utc>,
    /// When the owners of its services are asked.
    pub due: DateTime<Utc>,
    pub policy: i32,
}

impl FindingEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            FindingEvent::Found(found) => found.draft(),
            FindingEvent::Claimed(recorded) => recorded.said(Draft::new("change.claimed")),
            FindingEvent::Unclaimed { found } => {
                Draft::new("change.unclaimed").fact("found_at", Fact::At(*found)).word("rule", "retroactive-record")
            }
        }
    }
}

impl Found {
    fn draft(&self) -> Draft {
        Draft::new("change.found")
            .int("revision", 1)
            .maybe(self.incident, |draft, number| draft.word("incident", format!("INC-{number}")))
            .word("service", &self.service)
            .maybe((!self.also.is_empty()).then(|| self.also.clone()), |draft, also| {
                draft.fact("also", Fact::Words(also))
            })
            .maybe(self.made, |draft, made| draft.fact("made_at", Fact::At(made)))
            .fact("found_at", Fact::At(self.found))
            .fact("due", Fact::At(self.due))
            .words_if_any("touches", self.touches.words())
            .int("policy", self.policy)
            .text("title", &self.title)
            .text("evidence", &self.evidence)
    }
}
