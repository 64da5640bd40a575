//! What happens to a change's turn to run.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::rules::ThrottleReason;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotEvent {
    /// It wanted to start, and waits. `behind`: what has the slots.
    Queued {
        position: i32,
        because: ThrottleReason,
        behind: Vec<String>,
    },
    Offered {
        until: DateTime<Utc>,
    },
    /// It was not begun in time: the next is told.
    Missed,
    /// It still runs inside its window. Where others wait, whoever carries it out is asked.
    Renewed {
        until: DateTime<Utc>,
        waiting: i32,
    },
    /// `why`: where a person released it.
    Released {
        why: Option<String>,
    },
    PutFirst {
        why: String,
    },
    AllowedBoth {
        why: String,
    },
}

impl SlotEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            SlotEvent::Queued { position, because, behind } => Draft::new("slot.queued")
                .int("position", *position)
                .word("because", because.as_str())
                .word("rule", "4.18")
                .fact("behind", Fact::Words(behind.clone())),
            SlotEvent::Offered { until } => Draft::new("slot.offered").fact("until", Fact::At(*until)),
            SlotEvent::Missed => Draft::new("slot.missed"),
            SlotEvent::Renewed { until, waiting } => {
                Draft::new("slot.renewed").fact("until", Fact::At(*until)).int("waiting", *waiting)
            }
            SlotEvent::Released { why } => {
                Draft::new("slot.released").maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            SlotEvent::PutFirst { why } => Draft::new("slot.put_first").text("why", why),
            SlotEvent::AllowedBoth { why } => Draft::new("slot.allowed_both").text("why", why),
        }
    }
}
