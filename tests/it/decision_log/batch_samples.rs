//! Samples of what happens to a batch of changes.

use wardroom::domain::BatchEvent;
use wardroom::domain::batch::SharedText;
use wardroom::domain::rules::BatchStop;

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<BatchEvent> {
    let shared = SharedText {
        impact: Some(text("impact")),
        why: Some(text("why")),
        plan: Some(text("rollback_plan")),
        ..SharedText::default()
    };
    vec![
        BatchEvent::Planned {
            items: 25,
            opens: at(18),
            closes: at(20),
            title: text("title"),
            list: text("list"),
            shared,
            stop: BatchStop::Group,
        },
        BatchEvent::Checked { conflicts: 1, refused: 2, waits: true, found: Some(text("text")) },
        BatchEvent::Confirmed { items: 23 },
        BatchEvent::Filed { item: 3, change: 7 },
        BatchEvent::ItemRefused { item: 4, why: text("why") },
        BatchEvent::Opened { items: 23 },
        BatchEvent::Said { choice: "approve", taken: 22, refused: 1 },
        BatchEvent::Excluded { change: 7, why: Some(text("why")) },
        BatchEvent::Started { items: 22 },
        BatchEvent::Advanced { change: 7, item: 3, items: 22 },
        BatchEvent::Held { change: 7, why: text("why") },
        BatchEvent::Paused { change: Some(7), why: Some(text("why")) },
        BatchEvent::GroupStopped { change: 7, group: 2, why: text("why") },
        BatchEvent::Resumed { stopped: true },
        BatchEvent::Stopped { why: text("why") },
        BatchEvent::Completed { items: 22 },
    ]
}

pub fn kind_of(event: &BatchEvent) -> &'static str {
    match event {
        BatchEvent::Planned { .. } => "batch.planned",
        BatchEvent::Checked { .. } => "batch.checked",
        BatchEvent::Confirmed { .. } => "batch.confirmed",
        BatchEvent::Filed { .. } => "batch.filed",
        BatchEvent::ItemRefused { .. } => "batch.item_refused",
        BatchEvent::Opened { .. } => "batch.opened",
        BatchEvent::Said { .. } => "batch.said",
        BatchEvent::Excluded { .. } => "batch.excluded",
        BatchEvent::Started { .. } => "batch.started",
        BatchEvent::Advanced { .. } => "batch.advanced",
        BatchEvent::Held { .. } => "batch.held",
        BatchEvent::Paused { .. } => "batch.paused",
        BatchEvent::GroupStopped { .. } => "batch.group_stopped",
        BatchEvent::Resumed { .. } => "batch.resumed",
        BatchEvent::Stopped { .. } => "batch.stopped",
        BatchEvent::Completed { .. } => "batch.completed",
    }
}
