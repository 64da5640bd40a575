//! What happens to the checklist of an incident or a change.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rules::ChecklistItem;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChecklistEvent {
    /// `items`: those that were not on it before.
    Added {
        category: String,
        items: Vec<ChecklistItem>,
    },
    /// Either words show it, or the name of a person. `evidence_at`: when what it shows was done.
    Ticked {
        item: String,
        evidence: Option<String>,
        person: Option<PersonId>,
        evidence_at: Option<DateTime<Utc>>,
    },
    Unticked {
        item: String,
        why: String,
    },
    WaiverAsked {
        item: String,
        why: String,
    },
    /// `asked_by`: the first of the two who say that it does not apply.
    Waived {
        item: String,
        asked_by: PersonId,
        why: String,
    },
}

impl ChecklistEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let of = |draft: Draft, item: &String| draft.word("item", item).word("rule", "4.39");
        match self {
            ChecklistEvent::Added { category, items } => {
                let listed = |item: &ChecklistItem| format!("{} before {}", item.key, item.before.as_str());
                Draft::new("checklist.added")
                    .word("category", category)
                    .fact("items", Fact::Words(items.iter().map(listed).collect()))
                    .word("rule", "4.39")
            }
            ChecklistEvent::Ticked { item, evidence, person, evidence_at } => of(Draft::new("checklist.ticked"), item)
                .maybe(person.clone(), |draft, person| draft.fact("person", Fact::Person(person)))
                .maybe(*evidence_at, |draft, at| draft.fact("evidence_at", Fact::At(at)))
                .maybe(evidence.as_ref(), |draft, evidence| draft.text("evidence", evidence)),
            ChecklistEvent::Unticked { item, why } => of(Draft::new("checklist.unticked"), item).text("why", why),
            ChecklistEvent::WaiverAsked { item, why } => {
                of(Draft::new("checklist.waiver_asked"), item).text("why", why)
            }
            ChecklistEvent::Waived { item, asked_by, why } => of(Draft::new("checklist.waived"), item)
                .fact("asked_by", Fact::Person(asked_by.clone()))
                .text("why", why),
        }
    }
}
