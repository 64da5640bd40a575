//! Rule 4.16: by when an emergency has to be answered. Speed changes the clocks, never the seats.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::{Priority, Ruling};
use crate::domain::policy::Policy;

words! {
    /// Which clock an emergency runs on.
    EmergencyCase {
        P1 = "p1", "an emergency for a P1";
        P2 = "p2", "an emergency for a P2";
        /// Confirmed by the security lead, without a P1 or P2.
        Exploit = "exploit", "an emergency confirmed by the security lead";
    }
}

impl EmergencyCase {
    /// An emergency without a P1 or P2 stands on the security lead's confirmation.
    pub fn of(priority: Option<Priority>) -> EmergencyCase {
        match priority {
            Some(Priority::P1) => EmergencyCase::P1,
            Some(Priority::P2) => EmergencyCase::P2,
            Some(Priority::P3 | Priority::P4) | None => EmergencyCase::Exploit,
        }
    }
}

words! {
    /// Who is asked next when nobody answers.
    NextHop {
        Deputy = "deputy", "the deputy";
        NextAuthority = "next_authority", "the next authority";
        DecisionAuthority = "decision_authority", "the decision authority";
    }
}

/// The three clocks of an emergency, in minutes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyClock {
    pub peer_ack_minutes: u32,
    pub approval_ack_minutes: u32,
    pub decision_minutes: u32,
    pub on_ack_miss: NextHop,
    /// Asked one after the other.
    pub on_decision_miss: Vec<NextHop>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyDeadlines {
    pub peer_ack: DateTime<Utc>,
    pub approval_ack: DateTime<Utc>,
    pub decision: DateTime<Utc>,
    pub on_ack_miss: NextHop,
    pub on_decision_miss: Vec<NextHop>,
}

/// Rule 4.16, emergency rows: by when reviewers and approvers have to answer, and who is asked if they do not.
pub fn emergency_deadlines(policy: &Policy, case: EmergencyCase, now: DateTime<Utc>) -> Ruling<EmergencyDeadlines> {
    let clock = policy.deadlines.emergency.of(case);
    let after = |minutes: u32| now + TimeDelta::minutes(minutes.into());
    let deadlines = EmergencyDeadlines {
        peer_ack: after(clock.peer_ack_minutes),
        approval_ack: after(clock.approval_ack_minutes),
        decision: after(clock.decision_minutes),
        on_ack_miss: clock.on_ack_miss,
        on_decision_miss: clock.on_decision_miss.clone(),
    };
    let sentence = format!(
        "For {case}: a first answer within {} minutes, a decision within {}.",
        clock.approval_ack_minutes, clock.decision_minutes
    );
    Ruling::new("4.16", deadlines, sentence)
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::at;
    use super::NextHop::{DecisionAuthority, Deputy, NextAuthority};
    use super::*;

    #[test]
    fn the_emergency_rows_hold() {
        let policy = Policy::sample();
        let now = at("2026-11-24T14:00:00Z");
        let rows = [
            (EmergencyCase::P1, 5, 5, 15, vec![NextAuthority, DecisionAuthority]),
            (EmergencyCase::P2, 10, 10, 30, vec![NextAuthority, DecisionAuthority]),
            (EmergencyCase::Exploit, 10, 15, 60, vec![DecisionAuthority]),
        ];
        for (case, peer_ack, approval_ack, decision, on_decision_miss) in rows {
            let found = emergency_deadlines(&policy, case, now).verdict;
            let minutes = |at: DateTime<Utc>| (at - now).num_minutes();
            let clocks = (minutes(found.peer_ack), minutes(found.approval_ack), minutes(found.decision));
            assert_eq!(clocks, (peer_ack, approval_ack, decision), "{case}");
            assert_eq!((found.on_ack_miss, found.on_decision_miss), (Deputy, on_decision_miss), "{case}");
        }
    }

    #[test]
    fn an_emergency_without_a_p1_or_p2_runs_on_the_exploit_clock() {
        assert_eq!(EmergencyCase::of(Some(Priority::P1)), EmergencyCase::P1);
        assert_eq!(EmergencyCase::of(Some(Priority::P2)), EmergencyCase::P2);
        assert_eq!(EmergencyCase::of(Some(Priority::P3)), EmergencyCase::Exploit);
        assert_eq!(EmergencyCase::of(None), EmergencyCase::Exploit);
    }
}
