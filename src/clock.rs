//! The one place that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Real time, or real time moved by the sandbox, or a time that stands still until a test moves it. Signatures, tokens
/// and a platform's own expiries stay on real time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_seconds: Arc<AtomicI64>,
    stands_at: Option<DateTime<Utc>>,
}

impl Clock {
    pub fn new(ahead_seconds: i64) -> Clock {
        Clock { ahead_seconds: Arc::new(AtomicI64::new(ahead_seconds)), stands_at: None }
    }

    /// A clock that moves only when it is moved.
    pub fn standing(at: DateTime<Utc>) -> Clock {
        Clock { ahead_seconds: Arc::default(), stands_at: Some(at) }
    }

    /// Now, to the microsecond: what Postgres keeps.
    pub fn now(&self) -> DateTime<Utc> {
        self.stands_at.unwrap_or_else(real) + self.moved()
    }

    /// How far this clock was moved.
    pub fn moved(&self) -> TimeDelta {
        TimeDelta::seconds(self.ahead_seconds.load(Ordering::SeqCst))
    }

    /// How far this clock is ahead of real time, in which the job queue counts.
    pub fn ahead(&self) -> TimeDelta {
        self.now() - real()
    }

    pub fn set_moved(&self, seconds: i64) {
        self.ahead_seconds.store(seconds, Ordering::SeqCst);
    }
}

/// Real time, to the microsecond. For what may not be moved: the age of a signature.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn real() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
