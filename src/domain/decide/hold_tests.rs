//! What freezes do to a change that was agreed to: held, let go, and neither twice.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;

use super::decide;
use super::rehearsal_tests::waived;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, changed, on};
use crate::domain::policy::Policy;
use crate::domain::rules::{ChangeKind, FreezeKind, StandbyRole};
use crate::domain::{
    Actor, Asked, Change, ChangeStatus, Command, DeadlineKind, Decision, Freeze, FreezeOverride, FreezeStatus, Frozen,
    OverrideState, Refusal, StandbyBooking, StandbyState, Window, World,
};

fn hours(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

/// Agreed to, for the time from 15:00 to 16:00.
fn approved() -> Change {
    let window = Window { opens: hours(1), closes: hours(2) };
    Change {
        status: ChangeStatus::Approved,
        kind: ChangeKind::Normal,
        incident: None,
        planned: Some(window),
        window: Some(window),
        standby: vec![StandbyBooking {
            booked: 1,
            role: StandbyRole::RollbackOwner,
            person: id("raj"),
            state: StandbyState::ConfirmedAgain,
            starts_at: Some(window.opens),
            asked_at: Some(now()),
        }],
        rehearsals: waived(),
        ..change()
    }
}

/// In force on cards since an hour ago.
fn freeze(number: i64, until: Option<i64>) -> Freeze {
    Freeze {
        number,
        version: 1,
        kind: FreezeKind::Manual,
        hard: false,
        wide: false,
        every: None,
        agreed: Vec::new(),
        status: FreezeStatus::Active,
        services: vec!["cards".into()],
        blocks: Vec::new(),
        why: "payroll".into(),
        incident: None,
        by: Some(id("ines")),
        created_at: hours(-1),
        from: hours(-1),
        until: until.map(hours),
        settling_from: None,
        warned: false,
        notices: Vec::new(),
        review_at: None,
        ended_at: None,
        overrides: Vec::new(),
    }
}

fn attempt(change: &Change, freezes: &[Freeze], at: i64, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let frozen =
        freezes.iter().map(|freeze| Frozen { freeze: freeze.clone(), incident: None, links: Vec::new() }).collect();
    let about = World::about(&organisation, &policy, 1, on(change));
    let world = World { freezes: frozen, next_freeze: 9, ..about };
    let by = if command == Command::CheckHold { Actor::Wardroom } else { actor("ana") };
    decide(&world, Asked { by: &by, at: hours(at) }, command)
}

fn check(change: &Change, freezes: &[Freeze], at: i64) -> String {
    cell(attempt(change, freezes, at, Command::CheckHold))
}

fn held() -> Change {
    changed(attempt(&approved(), &[freeze(1, None)], 0, Command::CheckHold))
}

#[test]
fn only_what_was_agreed_to_is_held_and_what_is_held_is_let_go_once() {
    let mut table = String::new();
    for status in ChangeStatus::ALL {
        let change = if status == ChangeStatus::OnHold { held() } else { Change { status, ..approved() } };
        let (frozen, free) = (check(&change, &[freeze(1, None)], 0), check(&change, &[], 0));
        writeln!(table, "{:18} frozen: {frozen:24} free: {free}", status.as_str()).expect("a string takes it");
    }
    assert_snapshot!(table, @"
    awaiting_approval  frozen: stands                   free: stands
    approved           frozen: change.held => on_hold   free: stands
    queued             frozen: change.held => on_hold   free: stands
    on_hold            frozen: stands                   free: change.released => approved
    implementing       frozen: stands                   free: stands
    halted             frozen: stands                   free: stands
    window_expired     frozen: stands                   free: stands
    validating         frozen: stands                   free: stands
    failed             frozen: stands                   free: stands
    completed          frozen: stands                   free: stands
    rolled_back        frozen: stands                   free: stands
    rejected           frozen: stands                   free: stands
    approval_expired   frozen: stands                   free: stands
    cancelled          frozen: stands                   free: stands
    ");
}

#[test]
fn a_freeze_holds_what_a_start_inside_the_window_would_meet() {
    let held = "change.held => on_hold";
    let planned = Freeze { status: FreezeStatus::Scheduled, from: hours(1), ..freeze(1, Some(9)) };
    let elsewhere = Freeze { services: vec!["ledger".into()], ..freeze(1, None) };
    for (name, freeze, outcome) in [
        ("without an end", freeze(1, None), held),
        ("into its window", freeze(1, Some(2)), held),
        ("over as it opens", freeze(1, Some(1)), "stands"),
        ("not begun", planned, "stands"),
        ("on another service", elsewhere, "stands"),
    ] {
        assert_eq!(check(&approved(), &[freeze], 0), outcome, "{name}");
    }
}

#[test]
fn where_freezes_overlap_it_is_held_until_the_last_has_ended() {
    let both = [freeze(1, None), freeze(2, None)];
    let on_hold = changed(attempt(&approved(), &both, 0, Command::CheckHold));
    assert_eq!(on_hold.hold.as_ref().map(|hold| hold.freezes.clone()), Some(vec![1, 2]));
    assert_eq!(check(&on_hold, &both[1..], 0), "stands");
    assert_eq!(check(&on_hold, &[], 0), "change.released => approved");
}

#[test]
fn what_is_let_go_keeps_a_window_that_is_open_or_ahead_and_needs_another_after_it() {
    for (at, window, minutes) in [(1, approved().window, 60), (2, None, 120), (5, None, 300)] {
        let decision = attempt(&held(), &[], at, Command::CheckHold).expect("it is let go");
        let draft = decision.events[0].draft();
        assert!(draft.facts.contains(&("held_minutes", crate::domain::event::Fact::Int(minutes))), "{draft:?}");
        let change = changed(Ok(decision));
        assert_eq!((change.status, change.window, change.hold), (ChangeStatus::Approved, window, None), "{at}");
    }
}

#[test]
fn an_exception_lets_it_go_and_when_that_lapses_it_is_held_again() {
    let granted = FreezeOverride {
        change: 1,
        revision: 1,
        state: OverrideState::Granted,
        by: id("ana"),
        why: "x".into(),
        asked_at: now(),
        authority: Some(id("ines")),
        second: None,
        valid_until: Some(hours(2)),
    };
    let excepted = Freeze { overrides: vec![granted.clone()], ..freeze(1, None) };
    let free = changed(attempt(&held(), std::slice::from_ref(&excepted), 0, Command::CheckHold));
    assert_eq!(free.status, ChangeStatus::Approved);
    let lapsed = FreezeOverride { state: OverrideState::Expired, ..granted };
    assert_eq!(check(&free, &[Freeze { overrides: vec![lapsed], ..freeze(1, None) }], 1), "change.held => on_hold");
    // It may start before its state has followed, and what held it is over in the log.
    let started = attempt(&held(), &[excepted], 1, Command::Start { why: None });
    assert_eq!(cell(started), "change.released + change.started => implementing");
    let refused = attempt(&held(), &[freeze(1, None)], 1, Command::Start { why: None }).expect_err("it is held");
    assert_eq!(refused.rule, "4.11");
}

#[test]
fn on_hold_no_window_runs_out_but_that_of_an_emergency() {
    let due = |change: &Change| {
        cell(attempt(change, &[freeze(1, None)], 2, Command::Due { deadline: DeadlineKind::WindowEnd, at: hours(2) }))
    };
    let promised = |change: &Change| {
        let promises = change.promises(&Policy::sample(), now());
        promises.iter().any(|(kind, _)| *kind == DeadlineKind::WindowEnd)
    };
    assert_eq!((due(&held()).as_str(), promised(&held())), ("stands", false));
    let emergency = Change { kind: ChangeKind::Emergency, ..held() };
    assert_eq!((due(&emergency).as_str(), promised(&emergency)), ("window.missed => approval_expired", true));
}

#[test]
fn what_is_on_hold_is_edited_withdrawn_and_excepted_as_what_was_approved() {
    let withdrawn = changed(attempt(&held(), &[freeze(1, None)], 0, Command::Withdraw { why: "x".into() }));
    assert_eq!((withdrawn.status, withdrawn.hold), (ChangeStatus::Cancelled, None));
    let (from, until) = (Some(crate::domain::When::At(hours(30))), crate::domain::When::At(hours(31)));
    let moved = changed(attempt(&held(), &[freeze(1, None)], 0, Command::ScheduleChange { from, until }));
    assert_eq!((moved.status, moved.hold), (ChangeStatus::AwaitingApproval, None));
    let done = attempt(&held(), &[], 0, Command::Done { summary: None }).expect_err("it has not begun");
    assert_eq!(done.sentence, "CHG-1 has not started; it is on hold.");
}

#[test]
fn a_start_after_the_window_of_what_is_on_hold_names_the_freezes_and_the_two_ways_out() {
    let refused = attempt(&held(), &[freeze(1, None)], 3, Command::Start { why: None }).expect_err("it is held");
    assert_eq!(
        refused.next,
        "FRZ-1 holds it up: `/change sched CHG-1` says another time, `/freeze except CHG-1 why: …` asks for an exception."
    );
    let refused = attempt(&held(), &[], 3, Command::Start { why: None }).expect_err("its window has passed");
    assert_eq!(refused.next, "`/change sched CHG-1` says another time.");
}
