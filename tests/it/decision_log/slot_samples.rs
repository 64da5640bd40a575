//! Samples of what happens to a change's turn to run.

use wardroom::domain::SlotEvent;
use wardroom::domain::rules::ThrottleReason;

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<SlotEvent> {
    let because = ThrottleReason::ServiceFull;
    vec![
        SlotEvent::Queued { position: 2, because, behind: vec!["CHG-3".to_owned(), "CHG-4".to_owned()] },
        SlotEvent::Offered { until: at(15) },
        SlotEvent::Missed,
        SlotEvent::Renewed { until: at(16), waiting: 2 },
        SlotEvent::Released { why: Some(text("why")) },
        SlotEvent::PutFirst { why: text("why") },
        SlotEvent::AllowedBoth { why: text("why") },
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<SlotEvent> {
    let because = ThrottleReason::SurgeFull;
    vec![SlotEvent::Queued { position: 1, because, behind: Vec::new() }, SlotEvent::Released { why: None }]
}

pub fn kind_of(event: &SlotEvent) -> &'static str {
    match event {
        SlotEvent::Queued { .. } => "slot.queued",
        SlotEvent::Offered { .. } => "slot.offered",
        SlotEvent::Missed => "slot.missed",
        SlotEvent::Renewed { .. } => "slot.renewed",
        SlotEvent::Released { .. } => "slot.released",
        SlotEvent::PutFirst { .. } => "slot.put_first",
        SlotEvent::AllowedBoth { .. } => "slot.allowed_both",
    }
}
