//! Rule 4.20: when stakeholders hear next. Slots lie at fixed marks from the anchor, so a late update moves none.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Calendar, Priority, Ruling, Span};
use crate::domain::policy::{Policy, UpdatePolicy};

/// How often stakeholders hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Priority(Priority),
    Major,
    /// The executives' own rhythm while a crisis is active.
    CrisisExecutives,
}

impl Pace {
    pub fn of(priority: Priority, major: bool) -> Pace {
        if major { Pace::Major } else { Pace::Priority(priority) }
    }

    fn cadence(self, updates: &UpdatePolicy) -> Span {
        let cadence = &updates.cadence;
        match self {
            Pace::Priority(Priority::P1) => cadence.p1,
            Pace::Priority(Priority::P2) => cadence.p2,
            Pace::Priority(Priority::P3) => cadence.p3,
            Pace::Priority(Priority::P4) => cadence.p4,
            Pace::Major => cadence.major,
            Pace::CrisisExecutives => cadence.crisis_executives,
        }
    }

    /// The first word, before the first slot. P4 and the executives' rhythm have none.
    fn initial_notice(self, updates: &UpdatePolicy) -> Option<Span> {
        let initial = &updates.initial_notice;
        match self {
            Pace::Priority(Priority::P1) => initial.p1,
            Pace::Priority(Priority::P2) => initial.p2,
            Pace::Priority(Priority::P3) => initial.p3,
            Pace::Priority(Priority::P4) => initial.p4,
            Pace::Major => initial.major,
            Pace::CrisisExecutives => None,
        }
    }
}

/// Rule 4.20: the k-th slot, counted from 1.
pub fn slot(policy: &Policy, calendar: &Calendar, pace: Pace, anchor: DateTime<Utc>, k: u32) -> DateTime<Utc> {
    calendar.after(anchor, pace.cadence(&policy.updates), k.max(1))
}

/// Rule 4.20: the first slot after a moment.
pub fn slot_after(
    policy: &Policy,
    calendar: &Calendar,
    pace: Pace,
    anchor: DateTime<Utc>,
    moment: DateTime<Utc>,
) -> DateTime<Utc> {
    let passed = calendar.spans_between(anchor, moment, pace.cadence(&policy.updates));
    slot(policy, calendar, pace, anchor, passed.saturating_add(1))
}

/// Rule 4.20: when the next update is due.
///
/// Nothing sent yet: the initial notice, or the first slot where there is none. Afterwards the first slot that the last
/// message does not satisfy; a message shortly before a slot satisfies it. A moment in the past means: overdue.
pub fn next_update(
    policy: &Policy,
    calendar: &Calendar,
    pace: Pace,
    anchor: DateTime<Utc>,
    last_sent: Option<DateTime<Utc>>,
) -> Ruling<DateTime<Utc>> {
    let updates = &policy.updates;
    let every = pace.cadence(updates);
    match (last_sent, pace.initial_notice(updates)) {
        (Some(last_sent), _) => {
            let grace = TimeDelta::minutes(updates.satisfies_slot_within_minutes.into());
            let next = slot_after(policy, calendar, pace, anchor, last_sent + grace);
            Ruling::new("4.20", next, format!("Stakeholders hear every {every}."))
        }
        (None, Some(initial)) => Ruling::new(
            "4.20",
            calendar.after(anchor, initial, 1),
            format!("Stakeholders get a first word within {initial}, then hear every {every}."),
        ),
        (None, None) => {
            Ruling::new("4.20", slot(policy, calendar, pace, anchor, 1), format!("Stakeholders hear every {every}."))
        }
    }
}

/// Rule 4.20: when the next update is due after the priority changed. What was promised is kept, or comes earlier.
pub fn after_priority_change(
    policy: &Policy,
    calendar: &Calendar,
    pace: Pace,
    promised: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let renewed = calendar.after(now, pace.cadence(&policy.updates), 1);
    promised.map_or(renewed, |promised| promised.min(renewed))
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::at;
    use super::Pace::{CrisisExecutives, Major};
    use super::Priority::{P1, P2, P3, P4};
    use super::*;

    const ANCHOR: &str = "2026-11-24T14:00:00Z"; // A Tuesday; the office closes at 17:00.

    fn next(pace: Pace, sent: Option<&str>) -> DateTime<Utc> {
        let policy = Policy::sample();
        let calendar = Calendar { hours: &policy.calendar, zone: chrono_tz::UTC };
        next_update(&policy, &calendar, pace, at(ANCHOR), sent.map(at)).verdict
    }

    #[test]
    fn the_cadence_and_the_initial_notice_follow_the_priority() {
        // Pace, initial notice or first slot, then the slot after a message in the first minute.
        let rows = [
            (Pace::Priority(P1), "2026-11-24T14:15:00Z", "2026-11-24T14:30:00Z"),
            (Major, "2026-11-24T14:15:00Z", "2026-11-24T14:30:00Z"),
            (Pace::Priority(P2), "2026-11-24T14:30:00Z", "2026-11-24T15:00:00Z"),
            (Pace::Priority(P3), "2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z"),
            (Pace::Priority(P4), "2026-11-25T14:00:00Z", "2026-11-25T14:00:00Z"),
            (CrisisExecutives, "2026-11-24T15:00:00Z", "2026-11-24T15:00:00Z"),
        ];
        for (pace, first, then) in rows {
            assert_eq!(next(pace, None), at(first), "{pace:?}, nothing sent");
            assert_eq!(next(pace, Some("2026-11-24T14:01:00Z")), at(then), "{pace:?}, first word sent");
        }
        assert_eq!(Pace::of(P3, true), Major);
        assert_eq!(Pace::of(P3, false), Pace::Priority(P3));
    }

    #[test]
    fn a_message_within_ten_minutes_before_a_slot_satisfies_it() {
        let rows = [
            ("11 minutes before", "2026-11-24T14:19:00Z", "2026-11-24T14:30:00Z"),
            ("exactly 10 minutes before", "2026-11-24T14:20:00Z", "2026-11-24T15:00:00Z"),
            ("on the slot", "2026-11-24T14:30:00Z", "2026-11-24T15:00:00Z"),
            ("late", "2026-11-24T14:47:00Z", "2026-11-24T15:00:00Z"),
            ("three hours late", "2026-11-24T17:31:00Z", "2026-11-24T18:00:00Z"),
        ];
        for (name, sent, expected) in rows {
            assert_eq!(next(Pace::Priority(P1), Some(sent)), at(expected), "{name}");
        }
    }

    #[test]
    fn business_slots_keep_their_marks_over_nights_and_weekends() {
        let policy = Policy::sample();
        let calendar = Calendar { hours: &policy.calendar, zone: chrono_tz::UTC };
        let slots = [
            (1, "2026-11-25T10:00:00Z"),
            (2, "2026-11-25T14:00:00Z"),
            (6, "2026-11-27T14:00:00Z"),
            (8, "2026-11-30T14:00:00Z"),
        ];
        for (k, expected) in slots {
            assert_eq!(slot(&policy, &calendar, Pace::Priority(P3), at(ANCHOR), k), at(expected), "slot {k}");
        }
        assert_eq!(next(Pace::Priority(P3), Some("2026-11-27T20:00:00Z")), at("2026-11-30T10:00:00Z"));
    }

    #[test]
    fn a_change_of_priority_never_loses_a_promise() {
        let policy = Policy::sample();
        let calendar = Calendar { hours: &policy.calendar, zone: chrono_tz::UTC };
        let now = at("2026-11-24T14:10:00Z");
        let after =
            |pace, promised: Option<&str>| after_priority_change(&policy, &calendar, pace, promised.map(at), now);
        assert_eq!(after(Pace::Priority(P1), Some("2026-11-24T15:00:00Z")), at("2026-11-24T14:40:00Z"), "raised");
        assert_eq!(after(Pace::Priority(P1), Some("2026-11-24T14:20:00Z")), at("2026-11-24T14:20:00Z"), "due sooner");
        assert_eq!(after(Pace::Priority(P2), Some("2026-11-24T14:30:00Z")), at("2026-11-24T14:30:00Z"), "lowered");
        assert_eq!(after(Pace::Priority(P2), None), at("2026-11-24T15:10:00Z"), "nothing promised");
    }
}
