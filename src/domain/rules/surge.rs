//! Rule 4.4: whether so much is broken at once that less may be changed.

use chrono::{DateTime, TimeDelta, Utc};

use super::Priority;
use crate::domain::policy::Policy;

/// An incident, and for how long it was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenFor {
    pub priority: Priority,
    pub from: DateTime<Utc>,
    /// `None`: it is open.
    pub until: Option<DateTime<Utc>>,
}

/// Whether there is a surge: enough grave incidents are open, or were at one moment of the time that it lasts on. What
/// counts is the priority that an incident has now.
pub fn in_surge(policy: &Policy, incidents: &[OpenFor], now: DateTime<Utc>) -> bool {
    let since = now - lasts_on(policy);
    // So many are open at most either then, or when one of them was declared.
    let moments = incidents.iter().map(|one| one.from).filter(|from| *from > since && *from <= now);
    moments.chain([since]).any(|at| is_surge(policy, incidents, at))
}

/// How long a surge lasts after too few are open.
pub fn lasts_on(policy: &Policy) -> TimeDelta {
    TimeDelta::minutes(policy.throttle.surge.ends_after_minutes.into())
}

fn is_surge(policy: &Policy, incidents: &[OpenFor], at: DateTime<Utc>) -> bool {
    let open = |lowest: Priority| {
        let counts =
            |one: &&OpenFor| one.priority <= lowest && one.from <= at && one.until.is_none_or(|until| at < until);
        u32::try_from(incidents.iter().filter(counts).count()).unwrap_or(u32::MAX)
    };
    let numbers = &policy.throttle.surge;
    open(Priority::P1) >= numbers.from_p1 || open(Priority::P2) >= numbers.from_p1_and_p2
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::at;
    use super::*;

    fn open(priority: Priority, from: &str, until: Option<&str>) -> OpenFor {
        let time = |clock: &str| at(&format!("2030-01-07T{clock}:00Z"));
        OpenFor { priority, from: time(from), until: until.map(time) }
    }

    fn surges(incidents: &[OpenFor], clock: &str) -> bool {
        in_surge(&Policy::sample(), incidents, at(&format!("2030-01-07T{clock}:00Z")))
    }

    #[test]
    fn two_of_p1_or_four_of_p1_and_p2_are_a_surge() {
        let (p1, p2, p3) =
            (open(Priority::P1, "10:00", None), open(Priority::P2, "10:00", None), open(Priority::P3, "10:00", None));
        assert!(surges(&[p1, p1], "10:00"));
        assert!(!surges(&[p1, p2, p2, p3, p3], "10:00"));
        assert!(surges(&[p1, p2, p2, p2], "10:00"));
        assert!(surges(&[p2, p2, p2, p2], "10:00"));
        assert!(!surges(&[], "10:00"));
    }

    #[test]
    fn it_ends_half_an_hour_after_too_few_are_open_and_two_that_never_met_are_none() {
        let both = [open(Priority::P1, "09:00", None), open(Priority::P1, "09:30", Some("10:00"))];
        assert!(surges(&both, "09:59"));
        assert!(surges(&both, "10:29"));
        assert!(!surges(&both, "10:30"));
        let apart = [open(Priority::P1, "10:00", Some("10:10")), open(Priority::P1, "10:10", Some("10:20"))];
        assert!(!surges(&apart, "10:25"));
        let short = [open(Priority::P1, "10:00", Some("10:10")), open(Priority::P1, "10:05", Some("10:20"))];
        assert!(surges(&short, "10:25"), "for five minutes both were open");
    }
}
