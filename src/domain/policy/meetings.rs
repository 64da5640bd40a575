//! The numbers of the board's meetings.

use chrono::{NaiveTime, Weekday};
use serde::Deserialize;

use super::PerBand;

/// Absent in a policy that is older than the meetings: then these numbers hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeetingPolicy {
    /// The regular meeting, in the tenant's zone.
    pub day: Weekday,
    pub at: NaiveTime,
    /// The agenda is told this long before.
    pub agenda_hours_before: u32,
    /// How long a change of each band is talked about.
    pub minutes: PerBand<u32>,
    /// A service whose incidents needed so many changes ...
    pub pattern_changes: u32,
    /// ... within so many days is a pattern to talk about.
    pub pattern_days: u32,
}

impl Default for MeetingPolicy {
    fn default() -> MeetingPolicy {
        MeetingPolicy {
            day: Weekday::Wed,
            at: NaiveTime::MIN + chrono::TimeDelta::hours(14),
            agenda_hours_before: 24,
            minutes: PerBand { low: 5, medium: 5, high: 10, critical: 15 },
            pattern_changes: 2,
            pattern_days: 30,
        }
    }
}
