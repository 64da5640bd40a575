//! Decisions about announcing changes that wait for their window. Moments are counted from the window as it is, so they
//! move with it; nothing is kept of those that have passed.

use chrono::{DateTime, TimeDelta, Utc};

use super::{change_decision, change_of, stands};
use crate::domain::policy::Policy;
use crate::domain::rules::{Calendar, Span};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, DeadlineKind, Decision, Event, Organisation, Refusal, World,
};

/// The next of its announcements. What an approval comes too late for is told by the approval.
pub(super) fn promised(
    world: &World<'_>,
    change: &Change,
    now: DateTime<Utc>,
) -> Option<(DeadlineKind, DateTime<Utc>)> {
    let next = plan(world.organisation, world.policy, change).into_iter().map(|(at, _)| at).find(|at| *at > now);
    next.map(|at| (DeadlineKind::ChangeNotice, at))
}

/// Announces it: with what is left now, where somebody was away when more than one was due.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let passed = plan(world.organisation, world.policy, change).into_iter().rfind(|(at, _)| *at <= asked.at);
    let (Some(window), Some((_, left))) = (change.window, passed) else {
        return Ok(stands(asked, change.subject(), "It began, ended or was moved in the meantime."));
    };
    let left = (asked.at < window.opens).then(|| left.to_string());
    let event = Event::Change(ChangeEvent::Announced { window, left });
    Ok(change_decision(world, asked, change.clone(), vec![event], Answer::default()))
}

/// Which announcements of a change are still to come, the earliest first, and how long before its window each is.
pub fn notices_ahead(
    organisation: &Organisation,
    policy: &Policy,
    change: &Change,
    now: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, Span)> {
    plan(organisation, policy, change).into_iter().filter(|(at, _)| *at > now).collect()
}

/// When a change is announced before its window opens, the earliest first, and how long before: as the policy has it for its
/// kind.
fn plan(organisation: &Organisation, policy: &Policy, change: &Change) -> Vec<(DateTime<Utc>, Span)> {
    let waits = matches!(change.status, ChangeStatus::Approved | ChangeStatus::Queued);
    let Some(window) = change.window.filter(|_| waits) else { return Vec::new() };
    let calendar = Calendar { hours: &policy.calendar, zone: organisation.time_zone };
    let moment = |span: Span| match span {
        Span::BusinessDays(days) => calendar.days_before(window.opens, days),
        Span::Minutes(minutes) | Span::BusinessMinutes(minutes) => window.opens - TimeDelta::minutes(minutes.into()),
    };
    let spans = policy.notices.offsets(change.kind, &policy.windows).into_iter();
    let mut plan: Vec<(DateTime<Utc>, Span)> = spans.map(|span| (moment(span), span)).collect();
    plan.sort_by_key(|(at, _)| *at);
    plan
}

#[cfg(test)]
mod tests {
    use super::super::test_world::organisation;
    use super::super::tests::change;
    use super::*;
    use crate::domain::rules::ChangeKind;
    use crate::domain::{Target, Window};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect(text)
    }

    /// A change whose window opens on a Monday at ten.
    fn planned(kind: ChangeKind, status: ChangeStatus) -> Change {
        let window = Window { opens: at("2026-11-30T10:00:00Z"), closes: at("2026-11-30T11:00:00Z") };
        Change { kind, status, window: Some(window), ..change() }
    }

    fn next(change: &Change, now: &str) -> Option<DateTime<Utc>> {
        let (organisation, policy) = (organisation(), Policy::sample());
        let world = World::about(
            &organisation,
            &policy,
            1,
            Target::Change { change: Box::new(change.clone()), incident: None },
        );
        promised(&world, change, at(now)).map(|(_, at)| at)
    }

    #[test]
    fn a_change_is_announced_five_open_days_a_day_and_an_hour_before_its_window() {
        let change = planned(ChangeKind::Normal, ChangeStatus::Approved);
        for (now, expected) in [
            ("2026-11-10T12:00:00Z", Some("2026-11-23T10:00:00Z")),
            ("2026-11-23T10:00:00Z", Some("2026-11-27T10:00:00Z")),
            ("2026-11-28T10:00:00Z", Some("2026-11-30T09:00:00Z")),
            ("2026-11-30T09:00:00Z", None),
            ("2026-12-01T09:00:00Z", None),
        ] {
            assert_eq!(next(&change, now), expected.map(at), "{now}");
        }
    }

    #[test]
    fn only_what_waits_for_a_window_of_its_own_is_announced() {
        let now = "2026-11-10T12:00:00Z";
        for status in ChangeStatus::ALL {
            let waits = matches!(status, ChangeStatus::Approved | ChangeStatus::Queued);
            assert_eq!(next(&planned(ChangeKind::Normal, status), now).is_some(), waits, "{status:?}");
            assert_eq!(next(&planned(ChangeKind::Emergency, status), now), None, "{status:?}");
        }
        let without = Change { window: None, ..planned(ChangeKind::Normal, ChangeStatus::Approved) };
        assert_eq!(next(&without, now), None);
    }
}
