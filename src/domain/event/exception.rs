//! What happens to an exception from a procedure.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::exception::ExceptionScope;
use crate::domain::rules::{ExceptionClass, ExceptionSubject, Role};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionEvent {
    Requested {
        of: ExceptionSubject,
        class: ExceptionClass,
        scope: ExceptionScope,
        until: DateTime<Utc>,
        control: String,
        why: String,
    },
    /// One of those whose approval it takes approves it; others are still to.
    Signed {
        role: Role,
    },
    /// The last approval that it took.
    Granted {
        role: Role,
        until: DateTime<Utc>,
    },
    Denied {
        why: String,
    },
    /// A change goes past the rule by it.
    Used {
        of: ExceptionSubject,
        change: i64,
        revision: i32,
    },
    /// Its end is near.
    Ending {
        until: DateTime<Utc>,
        uses: i32,
    },
    /// `waited`: nobody had decided on it.
    Expired {
        waited: bool,
        uses: i32,
    },
    Revoked {
        why: String,
    },
}

impl ExceptionEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            ExceptionEvent::Requested { of, class, scope, until, control, why } => Draft::new("exception.requested")
                .word("rule", "4.35")
                .word("sets_aside", of.as_str())
                .word("class", class.as_str())
                .word("scope", scope.to_string())
                .fact("until", Fact::At(*until))
                .text("control", control)
                .text("why", why),
            ExceptionEvent::Signed { role } => Draft::new("exception.signed").word("role", role.as_str()),
            ExceptionEvent::Granted { role, until } => {
                Draft::new("exception.granted").word("role", role.as_str()).fact("until", Fact::At(*until))
            }
            ExceptionEvent::Denied { why } => Draft::new("exception.denied").text("why", why),
            ExceptionEvent::Used { of, change, revision } => Draft::new("exception.used")
                .word("sets_aside", of.as_str())
                .word("change", format!("CHG-{change}"))
                .int("revision", *revision),
            ExceptionEvent::Ending { until, uses } => {
                Draft::new("exception.ending").fact("until", Fact::At(*until)).int("uses", *uses)
            }
            ExceptionEvent::Expired { waited, uses } => {
                Draft::new("exception.expired").fact("waited", Fact::Yes(*waited)).int("uses", *uses)
            }
            ExceptionEvent::Revoked { why } => Draft::new("exception.revoked").text("why", why),
        }
    }
}
