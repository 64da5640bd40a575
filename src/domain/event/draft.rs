//! What happens to a step that looks like a change.

use super::Draft;
use super::Fact;
use crate::domain::{PersonId, Subject};

/// An entry on the incident's chain. What was written is in the entry of the note before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftEvent {
    /// The number of the draft.
    pub draft: i32,
    pub service: Option<String>,
    /// Who wrote the step.
    pub author: PersonId,
    pub fate: DraftFate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftFate {
    /// `covered_by`: the change of this incident that is open for the service.
    Offered {
        covered_by: Option<i64>,
    },
    Reminded,
    Submitted {
        change: i64,
    },
    Joined {
        change: i64,
    },
    Dismissed,
    Left,
}

impl DraftEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let draft = match self.fate {
            DraftFate::Offered { .. } => Draft::new("draft.offered"),
            DraftFate::Reminded => Draft::new("draft.reminded"),
            DraftFate::Submitted { .. } => Draft::new("draft.submitted"),
            DraftFate::Joined { .. } => Draft::new("draft.joined"),
            DraftFate::Dismissed => Draft::new("draft.dismissed"),
            DraftFate::Left => Draft::new("draft.left"),
        };
        draft
            .int("draft", self.draft)
            .maybe(self.service.as_ref(), |draft, service| draft.word("service", service))
            .maybe(self.change(), |draft, change| draft.word("change", Subject::Change(change).to_string()))
            .fact("person", Fact::Person(self.author.clone()))
    }

    fn change(&self) -> Option<i64> {
        match self.fate {
            DraftFate::Offered { covered_by } => covered_by,
            DraftFate::Submitted { change } | DraftFate::Joined { change } => Some(change),
            DraftFate::Reminded | DraftFate::Dismissed | DraftFate::Left => None,
        }
    }
}
