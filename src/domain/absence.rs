//! Absence: somebody is not there for a time, whether or not anybody stands in for them (rule 4.22).

use chrono::{DateTime, TimeDelta, Utc};

use super::PersonId;

/// The longest absence that is kept, in days; for longer an administrator takes them off the roster.
pub const ABSENCE_MAX: TimeDelta = TimeDelta::days(366);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The `seq` of the entry on ORG that notes it; names it.
    pub noted: i32,
    pub person: PersonId,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// Whether its start was seen to.
    pub begun: bool,
}

impl Absence {
    /// Whether it counts at this moment: seen to or not, early timer or late.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.starts <= now && now < self.ends
    }

    pub fn overlaps(&self, starts: DateTime<Utc>, ends: DateTime<Utc>) -> bool {
        self.starts < ends && starts < self.ends
    }
}
