//! Samples of what is found out about whether a change works.

use wardroom::domain::event::{ChangeEvent, ValidationEvent};
use wardroom::domain::validation::CheckResult;

use super::events::{at, somebody, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<ChangeEvent> {
    let result = CheckResult { key: "health".to_owned(), kind: Some("http"), passed: Some(true), found: text("text") };
    [
        ValidationEvent::Opened { checks: vec!["health".to_owned()], until: at(18), asked: Some(somebody()) },
        ValidationEvent::Checked { result, attempt: 1 },
        ValidationEvent::Reminded { person: Some(somebody()) },
        ValidationEvent::Again,
        ValidationEvent::Passed { attested: true, why: Some(text("why")) },
        ValidationEvent::Failed { attested: true, failures: 1, why: text("why") },
        ValidationEvent::Doubted { incident: 7, confidence: Some(95) },
        ValidationEvent::Cleared { incident: 7, person: Some(somebody()) },
    ]
    .map(ChangeEvent::Validation)
    .to_vec()
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<ChangeEvent> {
    let result = CheckResult { key: "health".to_owned(), kind: None, passed: None, found: text("text") };
    [
        ValidationEvent::Opened { checks: Vec::new(), until: at(18), asked: None },
        ValidationEvent::Checked { result, attempt: 1 },
        ValidationEvent::Reminded { person: None },
        ValidationEvent::Passed { attested: false, why: None },
        ValidationEvent::Doubted { incident: 7, confidence: None },
        ValidationEvent::Cleared { incident: 7, person: None },
    ]
    .map(ChangeEvent::Validation)
    .to_vec()
}

pub fn kind_of(event: &ValidationEvent) -> &'static str {
    match event {
        ValidationEvent::Opened { .. } => "validation.opened",
        ValidationEvent::Checked { .. } => "validation.checked",
        ValidationEvent::Reminded { .. } => "validation.reminded",
        ValidationEvent::Again => "validation.again",
        ValidationEvent::Passed { .. } => "validation.passed",
        ValidationEvent::Failed { .. } => "validation.failed",
        ValidationEvent::Doubted { .. } => "validation.doubted",
        ValidationEvent::Cleared { .. } => "validation.cleared",
    }
}
