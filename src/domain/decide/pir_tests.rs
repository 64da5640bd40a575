//! Which changes are looked back on, by when, and which of these reviews the next emergency waits for.

use chrono::{DateTime, TimeDelta, Utc};

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{change, changed, incident, on};
use crate::domain::policy::Policy;
use crate::domain::rules::{ChangeKind, LinkKind, LinkOrigin, LinkState, Priority};
use crate::domain::{
    Asked, Change, ChangeStatus, Command, Decision, Event, Incident, IncidentStatus, Link, LinkAnswer, LinkCommand,
    Linked, OwedPir, Pir, PirAnswers, PirEvent, PirReason, PirVerdict, Refusal, State, Target, ValidationCommand,
    Window, World,
};

const KINDS: [ChangeKind; 4] = [ChangeKind::Standard, ChangeKind::Normal, ChangeKind::Expedited, ChangeKind::Emergency];

/// A Monday afternoon, and so many days of the office later: the sample's is open from Monday to Friday.
fn business_days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days + days / 5 * 2)
}

/// Ana carries it out.
fn running(kind: ChangeKind) -> Change {
    let window = Some(Window { opens: now(), closes: now() + TimeDelta::hours(4) });
    Change { kind, status: ChangeStatus::Implementing, window, started_at: Some(now()), ..change() }
}

fn attempt(world: &World<'_>, by: &str, command: Command) -> Result<Decision, Refusal> {
    decide(world, Asked { by: &actor(by), at: now() }, command)
}

fn says(change: &Change, look_back: &[PirReason], by: &str, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let about = World::about(&organisation, &policy, 1, on(change));
    attempt(&World { look_back: look_back.to_vec(), ..about }, by, command)
}

fn ended(kind: ChangeKind, look_back: &[PirReason], command: Command) -> Change {
    changed(says(&running(kind), look_back, "ana", command))
}

fn found_wanting(kind: ChangeKind) -> Change {
    let done = ended(kind, &[], Command::Done { summary: None });
    let command = Command::Validation(ValidationCommand::DoesNotWork { why: "slow".into() });
    changed(says(&done, &[], "raj", command))
}

fn back() -> Command {
    Command::RollBack { why: "slow".into() }
}

#[test]
fn what_was_taken_back_or_failed_is_looked_back_on_in_business_days_and_an_emergency_within_a_day() {
    let done = || Command::Done { summary: None };
    for kind in KINDS {
        let is_emergency = kind == ChangeKind::Emergency;
        let due = |pir: Option<Pir>| pir.map(|pir| (pir.reason, pir.due_at));
        let day = (PirReason::Emergency, now() + TimeDelta::hours(24));
        let week = |reason| if is_emergency { day } else { (reason, business_days(5)) };
        assert_eq!(due(ended(kind, &[], done()).pir), is_emergency.then_some(day), "{kind} done");
        assert_eq!(due(ended(kind, &[], back()).pir), Some(week(PirReason::RolledBack)), "{kind} taken back");
        let failed = found_wanting(kind);
        assert_eq!(due(failed.pir.clone()), Some(week(PirReason::Failed)), "{kind} failed");
        // Taken back after that, it is not looked back on twice.
        let taken_back = says(&failed, &[], "ana", back()).expect("it goes back");
        assert!(!taken_back.events.iter().any(|event| matches!(event, Event::Pir(_))), "{kind}");
        assert_eq!(changed(Ok(taken_back)).pir, failed.pir, "{kind}");
    }
}

#[test]
fn of_all_reasons_the_one_that_is_due_first_counts() {
    let done = || Command::Done { summary: None };
    for (look_back, command, expected) in [
        (vec![PirReason::Cause], done(), Some((PirReason::Cause, business_days(10)))),
        (vec![PirReason::Cause], back(), Some((PirReason::RolledBack, business_days(5)))),
        (vec![PirReason::Overrun], back(), Some((PirReason::Overrun, now() + TimeDelta::hours(24)))),
        (vec![], done(), None),
    ] {
        let pir = ended(ChangeKind::Normal, &look_back, command).pir;
        assert_eq!(pir.map(|pir| (pir.reason, pir.due_at)), expected, "{look_back:?}");
    }
}

/// Ana leads the incident, and says that a change caused it.
fn blamed(change: Change) -> Option<Pir> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let led = Incident { commander: Some(id("ana")), services: vec!["mail".to_owned()], ..incident() };
    let links = Linked { named: Some(Box::new(change)), ..Linked::default() };
    let about = World::about(&organisation, &policy, 1, Target::Incident(led));
    let answer = LinkAnswer::Is { kind: LinkKind::Caused, why: None };
    let command = Command::Link(LinkCommand { change: 1, answer, confirmed: true });
    of_change(attempt(&World { links, ..about }, "ana", command))
}

/// The review that a decision on an incident opens of a change.
fn of_change(decision: Result<Decision, Refusal>) -> Option<Pir> {
    let with = decision.expect("it is decided").with;
    let opened = with
        .into_iter()
        .find(|other| other.events.iter().any(|event| matches!(event, Event::Pir(PirEvent::Opened { .. }))))?;
    match opened.state {
        State::Change(change) => change.pir,
        _ => None,
    }
}

#[test]
fn what_is_found_to_be_a_cause_is_looked_back_on_once_it_is_over() {
    let expected = Pir::new(PirReason::Cause, now(), business_days(10));
    let closed = |reason| {
        let pir = Pir::new(reason, now() - TimeDelta::days(2), now() - TimeDelta::days(1));
        let (verdict, reviewer, closed_at) = (Some(PirVerdict::Compliant), Some(id("raj")), Some(now()));
        Some(Pir { verdict, reviewer, closed_at, ..pir })
    };
    let open = Some(Pir::new(PirReason::Emergency, now(), now() + TimeDelta::hours(24)));
    for (status, pir, is_opened) in [
        (ChangeStatus::Completed, None, true),
        (ChangeStatus::Validating, None, true),
        (ChangeStatus::Completed, closed(PirReason::Emergency), true),
        (ChangeStatus::Completed, closed(PirReason::Cause), true),
        (ChangeStatus::RolledBack, closed(PirReason::RolledBack), false),
        (ChangeStatus::Completed, open, false),
        (ChangeStatus::Implementing, None, false),
        (ChangeStatus::Cancelled, None, false),
    ] {
        let change = Change { status, pir, started_at: Some(now()), ..change() };
        let what = format!("{status:?} {:?}", change.pir);
        assert_eq!(blamed(change), is_opened.then(|| expected.clone()), "{what}");
    }
}

#[test]
fn what_counts_as_the_cause_as_nobody_said_otherwise_is_looked_back_on_too() {
    let (organisation, policy) = (organisation(), Policy::sample());
    let status = IncidentStatus::Mitigated;
    let led = Incident { commander: Some(id("ana")), priority: Priority::P3, status, ..incident() };
    let link = |change: i64, origin| Link {
        incident: 1,
        change,
        implementer: id("raj"),
        kind: LinkKind::Caused,
        origin,
        state: LinkState::Proposed,
        relation: None,
        confidence: None,
        decided_by: None,
        decided_at: None,
    };
    let over = |number: i64| Change { number, status: ChangeStatus::Completed, started_at: Some(now()), ..change() };
    for (origin, is_opened) in [(LinkOrigin::Auto, true), (LinkOrigin::Manual, false)] {
        let links = Linked { links: vec![link(7, origin)], blamed: vec![over(7)], ..Linked::default() };
        let about = World::about(&organisation, &policy, 1, Target::Incident(led.clone()));
        let resolved = attempt(&World { links, ..about }, "ana", Command::Resolve { summary: "x".into() });
        assert_eq!(of_change(resolved).map(|pir| pir.reason), is_opened.then_some(PirReason::Cause), "{origin:?}");
    }
}

#[test]
fn only_the_review_of_an_emergency_or_a_record_holds_up_the_next_emergency() {
    let (organisation, policy) = (organisation(), Policy::sample());
    for reason in PirReason::ALL {
        let due_at = now() - TimeDelta::days(9);
        let owed = OwedPir { change: 8, requester: id("ana"), reason, due_at, allowed: None };
        let world = World {
            owed_pirs: vec![owed],
            ..World::about(&organisation, &policy, 1, Target::New { number: 9, near: Some(incident()) })
        };
        let holds = super::pir::owed_by_team_of(&world, &id("ana"), &["cards".to_owned()], now()).is_some();
        assert_eq!(holds, matches!(reason, PirReason::Emergency | PirReason::Record), "{reason:?}");
    }
}

#[test]
fn a_review_is_closed_by_somebody_else_once_the_change_is_over() {
    let answers = || PirAnswers { verdict: PirVerdict::NonCompliant, passed: Vec::new(), notes: None };
    let failed = found_wanting(ChangeKind::Normal);
    let own = says(&failed, &[], "ana", Command::ClosePir(answers())).expect_err("ana carried it out");
    assert_eq!(own.rule, "4.15");
    let anew = Change { status: ChangeStatus::Implementing, ..failed.clone() };
    let early = says(&anew, &[], "raj", Command::ClosePir(answers())).expect_err("it runs once more");
    assert_eq!(early.sentence, "CHG-1 still runs; its review comes after its end.");
    let closed = changed(says(&failed, &[], "raj", Command::ClosePir(answers())));
    assert_eq!(closed.pir.and_then(|pir| pir.verdict), Some(PirVerdict::NonCompliant));
    let fine = ended(ChangeKind::Normal, &[], Command::Done { summary: None });
    let none = says(&fine, &[], "raj", Command::ClosePir(answers())).expect_err("nothing is owed");
    assert_eq!(none.sentence, "CHG-1 needs no review: it was no emergency, did not fail and broke nothing.");
}
