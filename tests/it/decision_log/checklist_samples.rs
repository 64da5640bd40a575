//! An example of each entry about a checklist: an item is put on it, ticked, opened again, and said by two not to apply.

use wardroom::domain::rules::{ChecklistItem, Gate, ItemEvidence};
use wardroom::domain::{ChecklistEvent, Event};

use super::events::{at, somebody, text};

pub fn samples() -> impl Iterator<Item = Event> {
    let item = || "path_test".to_owned();
    let items = vec![ChecklistItem {
        key: item(),
        before: Gate::Validate,
        what: "a test of the path".to_owned(),
        evidence: ItemEvidence::Text,
        max_age_hours: Some(24),
    }];
    [
        ChecklistEvent::Added { category: "network".to_owned(), items },
        ChecklistEvent::Ticked {
            item: item(),
            evidence: Some(text("evidence")),
            person: Some(somebody()),
            evidence_at: Some(at(13)),
        },
        ChecklistEvent::Unticked { item: item(), why: text("why") },
        ChecklistEvent::WaiverAsked { item: item(), why: text("why") },
        ChecklistEvent::Waived { item: item(), asked_by: somebody(), why: text("why") },
    ]
    .into_iter()
    .map(Event::Checklist)
}

pub fn kind_of(event: &ChecklistEvent) -> &'static str {
    match event {
        ChecklistEvent::Added { .. } => "checklist.added",
        ChecklistEvent::Ticked { .. } => "checklist.ticked",
        ChecklistEvent::Unticked { .. } => "checklist.unticked",
        ChecklistEvent::WaiverAsked { .. } => "checklist.waiver_asked",
        ChecklistEvent::Waived { .. } => "checklist.waived",
    }
}
