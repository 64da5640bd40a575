//! Samples of what happens while a change is taken back step by step.

use wardroom::domain::event::{ChangeEvent, RollbackEvent};

use super::events::{somebody, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<ChangeEvent> {
    [
        RollbackEvent::Begun { steps: 2, planned: Some(15), why: text("why") },
        RollbackEvent::StepDone { step: 1, of: 2, minutes: 9 },
        RollbackEvent::StepFailed { step: 2, of: 2, person: Some(somebody()), why: text("why") },
    ]
    .map(ChangeEvent::Rollback)
    .to_vec()
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<ChangeEvent> {
    [
        RollbackEvent::Begun { steps: 2, planned: None, why: text("why") },
        RollbackEvent::StepFailed { step: 2, of: 2, person: None, why: text("why") },
    ]
    .map(ChangeEvent::Rollback)
    .to_vec()
}

pub fn kind_of(event: &RollbackEvent) -> &'static str {
    match event {
        RollbackEvent::Begun { .. } => "rollback.begun",
        RollbackEvent::StepDone { .. } => "rollback.step_done",
        RollbackEvent::StepFailed { .. } => "rollback.step_failed",
    }
}
