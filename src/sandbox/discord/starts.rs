//! How many sessions a bot may begin, and how its heartbeats are kept.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

/// Discord's own number for a day; a bot that needs more has its token reset.
const STARTS_A_DAY: u32 = 1_000;
const DAY: Duration = Duration::from_hours(24);
/// Discord's own interval.
const INTERVAL: Duration = Duration::from_millis(41_250);

/// What is left of the sessions of a day.
#[derive(Debug)]
pub(super) struct Starts {
    remaining: u32,
    reset_at: Instant,
    /// All that ever began.
    pub(super) begun: usize,
}

impl Default for Starts {
    fn default() -> Starts {
        Starts { remaining: STARTS_A_DAY, reset_at: Instant::now() + DAY, begun: 0 }
    }
}

impl Starts {
    pub(super) fn set(&mut self, remaining: u32, reset_after: Duration) {
        self.remaining = remaining;
        self.reset_at = Instant::now() + reset_after;
    }

    pub(super) fn json(&mut self) -> Value {
        self.renew();
        let reset_after = self.reset_at.saturating_duration_since(Instant::now()).as_millis();
        json!({
            "total": STARTS_A_DAY, "remaining": self.remaining, "max_concurrency": 1,
            "reset_after": u64::try_from(reset_after).unwrap_or(u64::MAX),
        })
    }

    /// Takes one; false where none is left.
    pub(super) fn take(&mut self) -> bool {
        self.renew();
        self.begun += 1;
        let is_left = self.remaining > 0;
        self.remaining = self.remaining.saturating_sub(1);
        is_left
    }

    fn renew(&mut self) {
        if Instant::now() >= self.reset_at {
            self.set(STARTS_A_DAY, DAY);
        }
    }
}

/// How often a client must show that it lives, and whether it is told that this was heard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heartbeat {
    pub(super) interval: Duration,
    pub(super) is_acknowledged: bool,
}

impl Default for Heartbeat {
    fn default() -> Heartbeat {
        Heartbeat { interval: INTERVAL, is_acknowledged: true }
    }
}
