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
    /// `review`: by when it is looked back on, where it was in force.
    Expired {
        waited: bool,
        uses: i32,
        review: Option<DateTime<Utc>>,
    },
    Revoked {
        why: String,
        review: Option<DateTime<Utc>>,
    },
    /// Nobody has looked back on it in time.
    Overdue {
        due: DateTime<Utc>,
    },
    /// Somebody looked back on it. `kept`: what was to be done instead was done.
    Reviewed {
        kept: bool,
        uses: i32,
        notes: Option<String>,
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
            ExceptionEvent::Expired { waited, uses, review } => Draft::new("exception.expired")
                .fact("waited", Fact::Yes(*waited))
                .int("uses", *uses)
                .maybe(*review, |draft, review| draft.fact("review", Fact::At(review))),
            ExceptionEvent::Revoked { why, review } => Draft::new("exception.revoked")
                .maybe(*review, |draft, review| draft.fact("review", Fact::At(review)))
                .text("why", why),
            ExceptionEvent::Overdue { due } => Draft::new("exception.overdue").fact("due", Fact::At(*due)),
            ExceptionEvent::Reviewed { kept, uses, notes } => Draft::new("exception.reviewed")
                .fact("kept", Fact::Yes(*kept))
                .int("uses", *uses)
                .maybe(notes.as_ref(), |draft, notes| draft.text("text", notes)),
        }
    }
}
