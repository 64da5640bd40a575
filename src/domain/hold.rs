//! A change that was agreed to and may not start, because freezes hold it up.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Since when, and what held it up then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub since: DateTime<Utc>,
    /// Numbers of freezes.
    pub freezes: Vec<i64>,
}

impl Hold {
    /// For how long it has been held up, in whole minutes.
    pub fn minutes(&self, now: DateTime<Utc>) -> i32 {
        i32::try_from((now - self.since).num_minutes().max(0)).unwrap_or(i32::MAX)
    }
}
