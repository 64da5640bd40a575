//! The numbers of the board's meetings.

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;

use super::PerBand;

/// Absent in a policy that is older than the meetings: then these numbers hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeetingPolicy {
    /// The regular meeting, in the tenant's zone.
    pub day: Weekday,
    pub at: NaiveTime,
    /// What goes to the board is decided by the end of its meeting, which is this long after its beginning.
    pub lasts_minutes: u32,
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
            at: NaiveTime::MIN + TimeDelta::hours(14),
            lasts_minutes: 60,
            agenda_hours_before: 24,
            minutes: PerBand { low: 5, medium: 5, high: 10, critical: 15 },
            pattern_changes: 2,
            pattern_days: 30,
        }
    }
}

impl MeetingPolicy {
    /// When the board meets next; `None` where the tenant's clocks skip that hour.
    pub fn next_after(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&zone).date_naive();
        // A week on is the same day of the week: later than now.
        let days = (0..=7).filter_map(|days| today.checked_add_days(Days::new(days)));
        let meetings = days.filter(|day| day.weekday() == self.day);
        let mut moments = meetings.filter_map(|day| zone.from_local_datetime(&day.and_time(self.at)).earliest());
        moments.find(|at| *at > now).map(|at| at.with_timezone(&Utc))
    }

    /// When the meeting that begins next is over: what the board talks about there is decided by then. One that is held
    /// already has its agenda, so what comes later waits for the next.
    pub fn next_decides_by(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        self.next_after(now, zone).map(|begins| begins + TimeDelta::minutes(self.lasts_minutes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_meets_next_on_its_day_after_now() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
        let policy = MeetingPolicy::default();
        // Wednesdays at 14:00 in Lisbon, which is an hour ahead in summer.
        for (now, next) in [
            ("2030-01-07T14:00:00Z", "2030-01-09T14:00:00Z"),
            ("2030-01-09T13:59:59Z", "2030-01-09T14:00:00Z"),
            ("2030-01-09T14:00:00Z", "2030-01-16T14:00:00Z"),
            ("2030-07-10T13:30:00Z", "2030-07-17T13:00:00Z"),
        ] {
            assert_eq!(policy.next_after(at(now), chrono_tz::Europe::Lisbon), Some(at(next)), "{now}");
            let over = policy.next_decides_by(at(now), chrono_tz::Europe::Lisbon);
            assert_eq!(over, Some(at(next) + TimeDelta::hours(1)), "{now}");
        }
    }
}
