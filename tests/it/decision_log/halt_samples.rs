//! Samples of what is decided about a change that runs, and of what freezes do to one that waits.

use wardroom::domain::HaltTrigger;
use wardroom::domain::event::{ChangeEvent, HaltEvent, HoldEvent};

use super::events::text;

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<ChangeEvent> {
    vec![
        ChangeEvent::Halt(HaltEvent::LetFinish { incident: Some(7) }),
        ChangeEvent::Halt(HaltEvent::Halted {
            incident: Some(7),
            back: true,
            declares: true,
            trigger: Some(HaltTrigger::P1),
            why: Some(text("why")),
        }),
        ChangeEvent::Halt(HaltEvent::ResumeAsked { why: text("why") }),
        ChangeEvent::Halt(HaltEvent::Resumed { why: Some(text("why")) }),
        ChangeEvent::Hold(HoldEvent::Held { freezes: vec![3, 4] }),
        ChangeEvent::Hold(HoldEvent::Released { held_minutes: 90, passed: true }),
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<ChangeEvent> {
    vec![
        ChangeEvent::Halt(HaltEvent::LetFinish { incident: None }),
        ChangeEvent::Halt(HaltEvent::Halted { incident: None, back: false, declares: false, trigger: None, why: None }),
        ChangeEvent::Halt(HaltEvent::Resumed { why: None }),
    ]
}

pub fn kind_of(event: &HaltEvent) -> &'static str {
    match event {
        HaltEvent::LetFinish { .. } => "change.let_finish",
        HaltEvent::Halted { .. } => "change.halted",
        HaltEvent::ResumeAsked { .. } => "change.resume_asked",
        HaltEvent::Resumed { .. } => "change.resumed",
    }
}

pub fn kind_of_hold(event: &HoldEvent) -> &'static str {
    match event {
        HoldEvent::Held { .. } => "change.held",
        HoldEvent::Released { .. } => "change.released",
    }
}
