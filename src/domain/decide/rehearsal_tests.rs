//! What a start waits for, and who lets a change do without a rehearsal (rule 4.9).

use chrono::{DateTime, TimeDelta, Utc};

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, on};
use crate::domain::exception::{ExceptionScope, ExceptionStatus, ProcedureException};
use crate::domain::policy::Policy;
use crate::domain::rehearsal::{EarlierRehearsal, Rehearsal, RehearsalCommand, RehearsalState};
use crate::domain::rules::{Band, ChangeKind, ExceptionClass, ExceptionSubject, Role, StandbyRole};
use crate::domain::{
    Asked, Change, ChangeStatus, Command, Pir, PirAnswers, PirReason, PirVerdict, StandbyBooking, StandbyState, Window,
    World,
};

fn days_ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

/// A rehearsal of the way back of a change that has come to this.
fn decided(change: &Change, state: RehearsalState, at: DateTime<Utc>) -> Rehearsal {
    Rehearsal {
        opened: 1,
        state,
        plan: change.rehearsal_key(str::to_owned),
        environment: None,
        observer: None,
        minutes: None,
        due_at: at,
        moved: false,
        began_at: None,
        took: None,
        decided_at: Some(at),
    }
}

/// For tests of what else a start waits for.
pub(super) fn waived() -> Vec<Rehearsal> {
    vec![decided(&change(), RehearsalState::Waived, now())]
}

/// Agreed to, and its window is open.
fn approved(band: Band) -> Change {
    let window = Window { opens: now() - TimeDelta::hours(1), closes: now() + TimeDelta::hours(1) };
    let mut approved = Change {
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
        ..change()
    };
    approved.risk.band = band;
    approved
}

fn attempt(change: &Change, policy: &Policy, earlier: &[EarlierRehearsal], by: &str, command: Command) -> String {
    let organisation = organisation();
    let about = World::about(&organisation, policy, 1, on(change));
    let world = World { rehearsals: earlier.to_vec(), ..about };
    cell(decide(&world, Asked { by: &actor(by), at: now() }, command))
}

fn starts(change: &Change, policy: &Policy, earlier: &[EarlierRehearsal]) -> bool {
    let outcome = attempt(change, policy, earlier, "ana", Command::Start { why: None });
    assert!(outcome.contains("change.started") || outcome == "no, rule 4.9", "{outcome}");
    outcome.contains("change.started")
}

#[test]
fn a_start_waits_for_what_its_band_asks_for() {
    use RehearsalState::{Accepted, Failed, Proven, Waived};
    let policy = Policy::sample();
    for (band, shown, is_enough) in [
        (Band::Medium, None, true),
        (Band::High, None, false),
        (Band::High, Some((Proven, 0)), true),
        (Band::High, Some((Proven, 180)), true),
        (Band::High, Some((Proven, 181)), false),
        (Band::High, Some((Failed, 1)), false),
        (Band::High, Some((Waived, 1)), true),
        (Band::High, Some((Accepted, 1)), false),
        (Band::Critical, None, false),
        (Band::Critical, Some((Proven, 1)), true),
        (Band::Critical, Some((Waived, 1)), false),
        (Band::Critical, Some((Accepted, 1)), true),
    ] {
        let mut change = approved(band);
        change.rehearsals = shown.into_iter().map(|(state, days)| decided(&change, state, days_ago(days))).collect();
        assert_eq!(starts(&change, &policy, &[]), is_enough, "{band}, {shown:?}");
    }
}

#[test]
fn the_last_result_counts_and_only_of_the_same_steps() {
    let policy = Policy::sample();
    let mut change = approved(Band::High);
    let proven = decided(&change, RehearsalState::Proven, days_ago(2));
    let failed = Rehearsal { opened: 2, ..decided(&change, RehearsalState::Failed, days_ago(1)) };
    change.rehearsals = vec![proven.clone(), failed];
    assert!(!starts(&change, &policy, &[]), "it failed after that");
    change.rehearsals = vec![Rehearsal { plan: Some("other steps".into()), ..proven }];
    assert!(!starts(&change, &policy, &[]), "it was of other steps");
    let plan = change.rehearsal_key(str::to_owned).expect("it has steps");
    let earlier = |proven| [EarlierRehearsal { change: 7, plan: plan.clone(), proven, decided_at: days_ago(3) }];
    assert!(starts(&change, &policy, &earlier(true)), "another change went back in the same way");
    assert!(!starts(&change, &policy, &earlier(false)));
}

#[test]
fn an_emergency_never_waits_nor_does_anything_where_the_policy_says_so() {
    let mut policy = Policy::sample();
    let urgent = Change { kind: ChangeKind::Emergency, ..approved(Band::High) };
    assert!(starts(&urgent, &policy, &[]));
    policy.rehearsals.holds.clear();
    assert!(starts(&approved(Band::Critical), &policy, &[]));
}

#[test]
fn a_change_manager_lets_high_risk_do_without_and_an_executive_what_is_critical() {
    let policy = Policy::sample();
    let waive = |band, by| {
        let command = Command::Rehearsal(RehearsalCommand::Waive { why: Some("it is two lines".into()) });
        attempt(&approved(band), &policy, &[], by, command)
    };
    assert_eq!(waive(Band::High, "ines"), "rehearsal.waived => approved");
    assert_eq!(waive(Band::High, "raj"), "no, rule 4.9");
    assert_eq!(waive(Band::High, "ana"), "no, rule 4.9");
    assert_eq!(waive(Band::Critical, "ines"), "no, rule 4.9");
    assert_eq!(waive(Band::Medium, "ines"), "no");
}

/// One that sets a rule aside for a change from yesterday on, for as many days.
fn exception(rule: ExceptionSubject, change: i64, days: i64) -> ProcedureException {
    ProcedureException {
        number: 3,
        version: 2,
        rule,
        class: ExceptionClass::Medium,
        scope: ExceptionScope::Change(change),
        status: ExceptionStatus::Active,
        why: "the lab is down".into(),
        control: "tom watches".into(),
        requester: id("ana"),
        asked_at: days_ago(1),
        until: days_ago(1 - days),
        signed: vec![(Role::ChangeManager, id("ines"))],
        notices: Vec::new(),
        ended_at: None,
        look_back: None,
        uses: Vec::new(),
    }
}

/// What happens, and what is written of the exception beside it.
fn by_exception(change: &Change, exception: ProcedureException, by: &str, command: Command) -> (String, Vec<String>) {
    let (organisation, policy) = (organisation(), Policy::sample());
    let about = World::about(&organisation, &policy, 1, on(change));
    let world = World { exceptions: vec![exception], ..about };
    let outcome = decide(&world, Asked { by: &actor(by), at: now() }, command);
    let with = outcome.iter().flat_map(|decision| &decision.with).map(|other| cell(Ok(other.clone()))).collect();
    (cell(outcome), with)
}

#[test]
fn an_exception_lets_exactly_its_change_start_unrehearsed_until_its_end_and_each_use_is_written() {
    let change = approved(Band::High);
    let start = || Command::Start { why: None };
    for (rule, of, days, is_let) in [
        (ExceptionSubject::Rehearsal, change.number, 2, true),
        (ExceptionSubject::Rehearsal, change.number, 1, false),
        (ExceptionSubject::Rehearsal, change.number + 1, 2, false),
        (ExceptionSubject::ChecklistItem, change.number, 2, false),
    ] {
        let (outcome, with) = by_exception(&change, exception(rule, of, days), "ana", start());
        let what = format!("{rule} for CHG-{of}, {days} days");
        assert_eq!(outcome.contains("change.started"), is_let, "{what}: {outcome}");
        let used = if is_let { vec!["exception.used => active".to_owned()] } else { Vec::new() };
        assert_eq!(with, used, "{what}");
        assert!(is_let || outcome == "no, rule 4.9", "{what}: {outcome}");
    }
    // What needs none goes by none.
    let (outcome, with) =
        by_exception(&approved(Band::Medium), exception(ExceptionSubject::Rehearsal, 1, 2), "ana", start());
    assert!(outcome.contains("change.started") && with.is_empty(), "{outcome}: {with:?}");
}

#[test]
fn an_exception_lets_the_review_of_what_was_rolled_back_close_without_a_result() {
    let mut back = Change {
        kind: ChangeKind::Emergency,
        status: ChangeStatus::RolledBack,
        ended_at: Some(now()),
        pir: Some(Pir::new(PirReason::Emergency, days_ago(1), now())),
        ..approved(Band::High)
    };
    back.rehearsals.clear();
    let close = || Command::ClosePir(PirAnswers { verdict: PirVerdict::Compliant, passed: Vec::new(), notes: None });
    for (rule, expected, used) in [
        (ExceptionSubject::Standby, "no, rule 4.9", Vec::new()),
        (ExceptionSubject::Rehearsal, "pir.closed => rolled_back", vec!["exception.used => active".to_owned()]),
    ] {
        let outcome = by_exception(&back, exception(rule, back.number, 2), "ines", close());
        assert_eq!(outcome, (expected.to_owned(), used), "{rule}");
    }
}
