//! Rule 4.18: whether a change may start now, or waits its turn.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Priority, Ruling};
use crate::domain::policy::Policy;

words! {
    /// What is known of a change that wants to start, and of what runs around it.
    ThrottleFact {
        HoldsSlot = "holds_slot", "it holds its slot already";
        Rollback = "rollback", "it is a rollback";
        /// Read-only steps change nothing, and are not counted.
        ReadOnly = "read_only", "it only reads";
        /// A change runs or soaks there.
        SameCi = "same_ci", "another change runs on the same part";
        AdjacentCi = "adjacent_ci", "another change runs next to it";
        /// Beside the change next to it.
        CommanderAllows = "commander_allows", "the commander allows both";
        Surge = "surge", "there is a surge";
    }
}

words! {
    /// Why it starts, or waits.
    ThrottleReason {
        HoldsSlot = "holds_slot", "it holds its slot already";
        NeverQueued = "never_queued", "rollbacks and steps that only read never wait";
        SameCi = "same_ci", "another change runs or soaks on the same part";
        AdjacentCi = "adjacent_ci", "another change runs next to it; the commander can allow both";
        IncidentFull = "incident_full", "its incident has as many changes running as may be";
        ServiceFull = "service_full", "its service has as many changes running as may be";
        SurgeFull = "surge_full", "in a surge, no more changes run at once";
        Free = "free", "the way is free";
    }
}

/// Changes that run now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Running {
    pub incident: u32,
    pub service: u32,
    pub tenant: u32,
}

/// May it start?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    pub start: bool,
    pub because: ThrottleReason,
    /// How long the slot is its own.
    pub lease: Option<TimeDelta>,
}

/// Rule 4.18: start, or queue? Rows top-down, the first that holds decides.
pub fn throttle_verdict(policy: &Policy, running: Running, facts: &[ThrottleFact]) -> Ruling<Throttle> {
    let numbers = &policy.throttle;
    let has = |fact: ThrottleFact| facts.contains(&fact);
    let (start, because) = if has(ThrottleFact::HoldsSlot) {
        (true, ThrottleReason::HoldsSlot)
    } else if has(ThrottleFact::Rollback) || has(ThrottleFact::ReadOnly) {
        (true, ThrottleReason::NeverQueued)
    } else if has(ThrottleFact::SameCi) {
        (false, ThrottleReason::SameCi)
    } else if has(ThrottleFact::AdjacentCi) && !has(ThrottleFact::CommanderAllows) {
        (false, ThrottleReason::AdjacentCi)
    } else if running.incident >= numbers.running_per_incident_max {
        (false, ThrottleReason::IncidentFull)
    } else if running.service >= numbers.running_per_service_max {
        (false, ThrottleReason::ServiceFull)
    } else if has(ThrottleFact::Surge) && running.tenant >= numbers.running_in_surge_max {
        (false, ThrottleReason::SurgeFull)
    } else {
        (true, ThrottleReason::Free)
    };
    let lease = start.then(|| TimeDelta::minutes(numbers.lease_minutes.into()));
    let sentence = if start { format!("It may start: {because}.") } else { format!("It waits: {because}.") };
    Ruling::new("4.18", Throttle { start, because, lease }, sentence)
}

/// A change that waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// It is rolling back, or resolves a P1.
    pub goes_first: bool,
    pub priority: Priority,
    pub submitted: DateTime<Utc>,
}

impl Queued {
    /// What the queue is sorted by, the smallest first.
    pub fn order(&self) -> (bool, Priority, DateTime<Utc>) {
        (!self.goes_first, self.priority, self.submitted)
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::at;
    use super::*;

    #[test]
    fn the_queue_puts_the_most_urgent_first_and_then_the_oldest() {
        let queued = |goes_first, priority, minute| Queued {
            goes_first,
            priority,
            submitted: at(&format!("2026-11-24T10:{minute:02}:00Z")),
        };
        let mut queue = [
            queued(false, Priority::P3, 1),
            queued(false, Priority::P2, 9),
            queued(true, Priority::P4, 30),
            queued(false, Priority::P2, 2),
            queued(true, Priority::P1, 40),
        ];
        queue.sort_by_key(Queued::order);
        let minutes = queue.map(|queued| queued.submitted.format("%M").to_string());
        assert_eq!(minutes, ["40", "30", "02", "09", "01"]);
    }

    #[test]
    fn a_start_says_why_and_lends_a_slot() {
        let policy = Policy::sample();
        let free = throttle_verdict(&policy, Running::default(), &[]);
        assert_eq!(free.verdict.lease, Some(TimeDelta::minutes(30)));
        assert_eq!(free.sentence, "It may start: the way is free.");
        let full = throttle_verdict(&policy, Running { service: 1, ..Running::default() }, &[]);
        assert_eq!(full.verdict.lease, None);
        assert_eq!(full.sentence, "It waits: its service has as many changes running as may be.");
    }
}
