//! What recurs: cadence expressions, read in the tenant's own time zone.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use cron::Schedule;

/// Housekeeping, when few people are awake. Seconds first, as the `cron` crate reads them.
pub const FORGET: &str = "0 30 3 * * *";

/// The next moment of a schedule after `from`; `None` where it never comes again.
pub fn next(expression: &str, zone: Tz, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let schedule = Schedule::from_str(expression).expect("our own expressions can be read: held by a test");
    schedule.after(&from.with_timezone(&zone)).next().map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_five(zone: Tz, from: &str) -> Vec<String> {
        let mut at: DateTime<Utc> = from.parse().expect("a moment");
        let mut firings = Vec::new();
        for _ in 0..5 {
            at = next(FORGET, zone, at).expect("it recurs");
            firings.push(at.with_timezone(&zone).to_rfc3339());
        }
        firings
    }

    #[test]
    fn housekeeping_comes_once_a_day() {
        insta::assert_debug_snapshot!(next_five(chrono_tz::Europe::Lisbon, "2026-11-24T14:00:00Z"), @r#"
        [
            "2026-11-25T03:30:00+00:00",
            "2026-11-26T03:30:00+00:00",
            "2026-11-27T03:30:00+00:00",
            "2026-11-28T03:30:00+00:00",
            "2026-11-29T03:30:00+00:00",
        ]
        "#);
    }

    #[test]
    fn a_day_without_that_hour_and_a_day_with_it_twice_are_no_trouble() {
        // In Helsinki 03:30 does not exist on 29 March 2026, and exists twice on 25 October 2026.
        insta::assert_debug_snapshot!(next_five(chrono_tz::Europe::Helsinki, "2026-03-27T12:00:00Z"), @r#"
        [
            "2026-03-28T03:30:00+02:00",
            "2026-03-30T03:30:00+03:00",
            "2026-03-31T03:30:00+03:00",
            "2026-04-01T03:30:00+03:00",
            "2026-04-02T03:30:00+03:00",
        ]
        "#);
        insta::assert_debug_snapshot!(next_five(chrono_tz::Europe::Helsinki, "2026-10-23T12:00:00Z"), @r#"
        [
            "2026-10-24T03:30:00+03:00",
            "2026-10-25T03:30:00+03:00",
            "2026-10-26T03:30:00+02:00",
            "2026-10-27T03:30:00+02:00",
            "2026-10-28T03:30:00+02:00",
        ]
        "#);
    }
}
