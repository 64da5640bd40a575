//! Samples of what happens to the review of a change.

use wardroom::domain::rules::ContingencyItem;
use wardroom::domain::{PersonId, PirAnswers, PirCheck, PirEvent, PirReason, PirVerdict};

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<PirEvent> {
    vec![
        PirEvent::Opened {
            reason: PirReason::Failed,
            due: at(18),
            asked: Some(PersonId("p_somebody".to_owned())),
            owes: vec![ContingencyItem::FailureModes],
            skipped: vec!["window review policy_followed".to_owned()],
        },
        PirEvent::Reminded { due: at(18) },
        PirEvent::Overdue { due: at(18) },
        PirEvent::Closed { answers: answers(Some(text("text"))) },
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<PirEvent> {
    vec![
        PirEvent::Opened {
            reason: PirReason::Emergency,
            due: at(18),
            asked: None,
            owes: Vec::new(),
            skipped: Vec::new(),
        },
        PirEvent::Closed { answers: answers(None) },
    ]
}

fn answers(notes: Option<String>) -> PirAnswers {
    let passed = vec![PirCheck::Effective, PirCheck::Evidence];
    PirAnswers { verdict: PirVerdict::NonCompliant, passed, notes }
}

pub fn kind_of(event: &PirEvent) -> &'static str {
    match event {
        PirEvent::Opened { .. } => "pir.opened",
        PirEvent::Reminded { .. } => "pir.reminded",
        PirEvent::Overdue { .. } => "pir.overdue",
        PirEvent::Closed { .. } => "pir.closed",
    }
}
