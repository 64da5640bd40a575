//! Samples of what happens to an exception from a procedure.

use wardroom::domain::ExceptionEvent;
use wardroom::domain::exception::ExceptionScope;
use wardroom::domain::rules::{ExceptionClass, ExceptionSubject, Role};

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<ExceptionEvent> {
    let of = ExceptionSubject::HardFreeze;
    vec![
        ExceptionEvent::Requested {
            of,
            class: ExceptionClass::High,
            scope: ExceptionScope::Team("payments".to_owned()),
            until: at(18),
            control: text("control"),
            why: text("why"),
        },
        ExceptionEvent::Signed { role: Role::Compliance },
        ExceptionEvent::Granted { role: Role::DecisionAuthority, until: at(18) },
        ExceptionEvent::Denied { why: text("why") },
        ExceptionEvent::Used { of, change: 7, revision: 2 },
        ExceptionEvent::Ending { until: at(18), uses: 3 },
        ExceptionEvent::Expired { waited: true, uses: 0, review: Some(at(18)) },
        ExceptionEvent::Revoked { why: text("why"), review: Some(at(18)) },
        ExceptionEvent::Overdue { due: at(18) },
        ExceptionEvent::Reviewed { kept: true, uses: 3, notes: Some(text("text")) },
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<ExceptionEvent> {
    vec![
        ExceptionEvent::Expired { waited: false, uses: 0, review: None },
        ExceptionEvent::Revoked { why: text("why"), review: None },
        ExceptionEvent::Reviewed { kept: false, uses: 0, notes: None },
    ]
}

pub fn kind_of(event: &ExceptionEvent) -> &'static str {
    match event {
        ExceptionEvent::Requested { .. } => "exception.requested",
        ExceptionEvent::Signed { .. } => "exception.signed",
        ExceptionEvent::Granted { .. } => "exception.granted",
        ExceptionEvent::Denied { .. } => "exception.denied",
        ExceptionEvent::Used { .. } => "exception.used",
        ExceptionEvent::Ending { .. } => "exception.ending",
        ExceptionEvent::Expired { .. } => "exception.expired",
        ExceptionEvent::Revoked { .. } => "exception.revoked",
        ExceptionEvent::Overdue { .. } => "exception.overdue",
        ExceptionEvent::Reviewed { .. } => "exception.reviewed",
    }
}
