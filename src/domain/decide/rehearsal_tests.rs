//! What a start waits for, and who lets a change do without a rehearsal (rule 4.9).

use chrono::{DateTime, TimeDelta, Utc};

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, on};
use crate::domain::policy::Policy;
use crate::domain::rehearsal::{EarlierRehearsal, Rehearsal, RehearsalCommand, RehearsalState};
use crate::domain::rules::{Band, ChangeKind, StandbyRole};
use crate::domain::{Asked, Change, ChangeStatus, Command, StandbyBooking, StandbyState, Window, World};

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
