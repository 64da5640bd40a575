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
