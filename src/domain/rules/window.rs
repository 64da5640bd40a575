//! Rule 4.17: whether an emergency change may run now. At exactly the closing moment it may not.

use chrono::{DateTime, TimeDelta, Utc};

use super::{EmergencyCase, Ruling};
use crate::domain::policy::Policy;

/// May the change run now?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowVerdict {
    NotApproved,
    NotYet,
    /// Runs. `warning` is the last mark passed: 30, then 10 minutes left.
    Open {
        minutes_left: u32,
        warning: Option<u32>,
    },
    /// A new vote can extend it.
    ExpiredExtend,
    /// Extended as often as policy allows: only the decision authority can.
    ExpiredDecisionAuthority,
}

impl WindowVerdict {
    pub fn is_open(self) -> bool {
        match self {
            WindowVerdict::Open { .. } => true,
            WindowVerdict::NotApproved
            | WindowVerdict::NotYet
            | WindowVerdict::ExpiredExtend
            | WindowVerdict::ExpiredDecisionAuthority => false,
        }
    }
}

/// Rule 4.17: how long an emergency window lasts, also after a re-approval.
pub fn window_length(policy: &Policy, case: EmergencyCase) -> TimeDelta {
    TimeDelta::minutes((*policy.windows.emergency_minutes.of(case)).into())
}

/// Rule 4.17: may it run now? `window` is when it opens and when it closes.
pub fn window_verdict(
    policy: &Policy,
    window: Option<(DateTime<Utc>, DateTime<Utc>)>,
    now: DateTime<Utc>,
    reapprovals: u32,
) -> Ruling<WindowVerdict> {
    let verdict = match window {
        None => WindowVerdict::NotApproved,
        Some((_, closes)) if now >= closes => {
            if reapprovals < policy.windows.reapprovals_max {
                WindowVerdict::ExpiredExtend
            } else {
                WindowVerdict::ExpiredDecisionAuthority
            }
        }
        Some((opens, _)) if now < opens => WindowVerdict::NotYet,
        Some((_, closes)) => {
            let left = closes - now;
            let passed = |mark: &u32| left <= TimeDelta::minutes((*mark).into());
            let warning = policy.windows.warn_minutes_left.iter().copied().filter(passed).min();
            WindowVerdict::Open { minutes_left: u32::try_from(left.num_minutes()).unwrap_or(u32::MAX), warning }
        }
    };
    Ruling::new("4.17", verdict, sentence(verdict))
}

fn sentence(verdict: WindowVerdict) -> String {
    match verdict {
        WindowVerdict::NotApproved => "It is not approved yet.".to_owned(),
        WindowVerdict::NotYet => "It is approved, and its window has not opened yet.".to_owned(),
        WindowVerdict::Open { minutes_left: 0, .. } => "It may run for less than a minute.".to_owned(),
        WindowVerdict::Open { minutes_left: 1, .. } => "It may run for one more minute.".to_owned(),
        WindowVerdict::Open { minutes_left, .. } => format!("It may run for {minutes_left} more minutes."),
        WindowVerdict::ExpiredExtend => "Its window has closed; a new vote can extend it.".to_owned(),
        WindowVerdict::ExpiredDecisionAuthority => {
            "Its window has closed and was extended as often as policy allows; only the decision authority can go on."
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::at;
    use super::*;

    #[test]
    fn every_row_of_the_window_table_holds() {
        use WindowVerdict::{ExpiredDecisionAuthority, ExpiredExtend, NotApproved, NotYet, Open};
        let policy = Policy::sample();
        let window = Some((at("2026-11-24T10:00:00Z"), at("2026-11-24T14:00:00Z")));
        let open = |minutes_left, warning| Open { minutes_left, warning };
        let rows = [
            ("no window", None, "2026-11-24T12:00:00Z", 0, NotApproved),
            ("before it opens", window, "2026-11-24T09:59:59Z", 0, NotYet),
            ("exactly as it opens", window, "2026-11-24T10:00:00Z", 0, open(240, None)),
            ("31 minutes left", window, "2026-11-24T13:29:00Z", 0, open(31, None)),
            ("30 minutes left", window, "2026-11-24T13:30:00Z", 0, open(30, Some(30))),
            ("10 minutes left", window, "2026-11-24T13:50:00Z", 0, open(10, Some(10))),
            ("a second left", window, "2026-11-24T13:59:59Z", 2, open(0, Some(10))),
            ("exactly as it closes", window, "2026-11-24T14:00:00Z", 0, ExpiredExtend),
            ("expired, once re-approved", window, "2026-11-24T15:00:00Z", 1, ExpiredExtend),
            ("expired, twice re-approved", window, "2026-11-24T15:00:00Z", 2, ExpiredDecisionAuthority),
        ];
        for (name, window, now, reapprovals, expected) in rows {
            let ruling = window_verdict(&policy, window, at(now), reapprovals);
            assert_eq!((ruling.rule, ruling.verdict), ("4.17", expected), "{name}");
        }
    }

    #[test]
    fn windows_are_four_eight_and_twenty_four_hours_long() {
        let policy = Policy::sample();
        let rows = [(EmergencyCase::P1, 4), (EmergencyCase::P2, 8), (EmergencyCase::Exploit, 24)];
        for (case, hours) in rows {
            assert_eq!(window_length(&policy, case), TimeDelta::hours(hours), "{case}");
        }
    }
}
