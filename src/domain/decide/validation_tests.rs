//! Whether what is done works: who says it, when it is asked again, and what becomes of a change that does not.

use chrono::{DateTime, TimeDelta, Utc};

use super::decide;
use super::test_world::{actor, now, organisation};
use super::tests::{change, changed, on};
use crate::domain::policy::Policy;
use crate::domain::rules::{Band, ChangeKind};
use crate::domain::validation::{CheckResult, Probe, ServiceCheck};
use crate::domain::{
    Actor, Asked, Change, ChangeForm, ChangeStatus, Command, DeadlineKind, Decision, Organisation, Pir, PirReason,
    Refusal, ValidationCommand, Window, World,
};

fn minute(minutes: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minutes)
}

/// Ana carries it out, for payments.
fn running() -> Change {
    let window = Some(Window { opens: now(), closes: minute(240) });
    Change { status: ChangeStatus::Implementing, window, started_at: Some(now()), ..change() }
}

fn checked() -> Organisation {
    let mut organisation = organisation();
    let probe = Probe::Tcp { address: "db:5432".to_owned() };
    for service in organisation.services.values_mut() {
        service.checks = vec![ServiceCheck { key: "db".to_owned(), probe: probe.clone() }];
    }
    organisation
}

fn attempt(
    organisation: &Organisation,
    change: &Change,
    by: &Actor,
    at: i64,
    command: Command,
) -> Result<Decision, Refusal> {
    let policy = Policy::sample();
    let world = World::about(organisation, &policy, 1, on(change));
    decide(&world, Asked { by, at: minute(at) }, command)
}

fn done(organisation: &Organisation) -> Change {
    changed(attempt(organisation, &running(), &actor("ana"), 0, Command::Done { summary: None }))
}

fn says(change: &Change, by: &str, command: ValidationCommand) -> Result<Decision, Refusal> {
    attempt(&organisation(), change, &actor(by), 5, Command::Validation(command))
}

fn found(change: &Change, at: i64, passed: impl Into<Option<bool>>) -> Change {
    let passed = passed.into();
    let planned = change.validation.as_ref().and_then(|open| open.next_at).expect("a run is planned");
    let results = vec![CheckResult { key: "db".into(), kind: Some("tcp"), passed, found: "x".into() }];
    let command = Command::Validation(ValidationCommand::Found { planned, results });
    changed(attempt(&checked(), change, &Actor::Wardroom, at, command))
}

fn planned(change: &Change) -> Option<DateTime<Utc>> {
    let promises = change.promises(&Policy::sample(), now());
    promises.into_iter().find(|(kind, _)| *kind == DeadlineKind::Validation).map(|(_, at)| at)
}

#[test]
fn a_second_person_says_whether_it_works_and_not_whoever_carried_it_out() {
    let open = done(&organisation());
    assert_eq!(open.status, ChangeStatus::Validating);
    assert_eq!((open.ended_at, planned(&open)), (Some(now()), Some(minute(60))));
    let own = says(&open, "ana", ValidationCommand::Works { why: None }).expect_err("her own");
    assert_eq!((own.rule.as_str(), own.logged), ("4.15", true));
    let works = changed(says(&open, "ben", ValidationCommand::Works { why: None }));
    assert_eq!((works.status, planned(&works)), (ChangeStatus::Completed, None));
    let no = changed(says(&open, "ben", ValidationCommand::DoesNotWork { why: "slow".into() }));
    assert_eq!((no.status, no.failures(), no.outcome.as_deref()), (ChangeStatus::Failed, 1, Some("slow")));
    let again = changed(says(&no, "ana", ValidationCommand::Again));
    assert_eq!((again.status, again.failures(), planned(&again)), (ChangeStatus::Validating, 1, Some(minute(65))));
}

#[test]
fn a_band_below_that_of_the_policy_needs_nobody_and_checks_always_run() {
    let mut policy = Policy::sample();
    policy.validation.attest_from = Band::Critical;
    for (organisation, status) in [(organisation(), ChangeStatus::Completed), (checked(), ChangeStatus::Validating)] {
        let running = running();
        let world = World::about(&organisation, &policy, 1, on(&running));
        let by = actor("ana");
        let decision = decide(&world, Asked { by: &by, at: now() }, Command::Done { summary: None });
        assert_eq!(changed(decision).status, status);
    }
}

#[test]
fn checks_run_at_once_and_when_the_watch_is_over_and_three_runs_in_a_row_fail_it() {
    let open = done(&checked());
    assert_eq!(planned(&open), Some(now()));
    let watched = found(&open, 0, true);
    assert_eq!((watched.status, planned(&watched)), (ChangeStatus::Validating, Some(minute(10))));
    assert_eq!(found(&watched, 10, true).status, ChangeStatus::Completed);

    let once = found(&watched, 10, false);
    assert_eq!((once.status, planned(&once)), (ChangeStatus::Validating, Some(minute(10) + TimeDelta::seconds(30))));
    let recovered = found(&once, 11, true);
    assert_eq!(recovered.status, ChangeStatus::Completed);
    let failed = found(&found(&once, 11, false), 12, false);
    assert_eq!((failed.status, failed.outcome.as_deref()), (ChangeStatus::Failed, Some("db: x")));
    let word =
        attempt(&checked(), &watched, &actor("ben"), 5, Command::Validation(ValidationCommand::Works { why: None }));
    assert!(word.is_err(), "its checks say it");
}

#[test]
fn what_has_not_ended_is_looked_at_again_and_given_up_an_hour_after_the_watch() {
    let open = done(&checked());
    let waits = found(&open, 0, None);
    let planned = |change: &Change| change.validation.as_ref().and_then(|open| open.next_at);
    let stands = |change: &Change| change.validation.as_ref().map(|open| (open.checks[0].passed, open.failed_runs));
    assert_eq!((planned(&waits), stands(&waits)), (Some(minute(2)), Some((None, 0))));
    assert_eq!(planned(&found(&waits, 2, true)), Some(minute(10)));
    // The watch is over when it ends: nothing is left to wait for.
    let long = found(&waits, 12, None);
    assert_eq!(found(&long, 14, true).status, ChangeStatus::Completed);
    let given_up = found(&long, 70, None);
    assert_eq!((stands(&given_up), given_up.status), (Some((Some(false), 1)), ChangeStatus::Validating));
    assert_eq!(stands(&found(&long, 69, None)), Some((None, 0)));
}

#[test]
fn a_run_that_was_planned_otherwise_meanwhile_decides_nothing_and_a_check_that_is_gone_has_not_passed() {
    let open = done(&checked());
    let result = CheckResult { key: "db".into(), kind: Some("tcp"), passed: Some(true), found: "x".into() };
    let late = ValidationCommand::Found { planned: minute(3), results: vec![result] };
    let decision = attempt(&checked(), &open, &Actor::Wardroom, 3, Command::Validation(late)).expect("it stands");
    assert!(decision.events.is_empty());
    let gone = ValidationCommand::Found { planned: now(), results: Vec::new() };
    let next = changed(attempt(&checked(), &open, &Actor::Wardroom, 0, Command::Validation(gone)));
    let checks = next.validation.expect("it is asked").checks;
    assert_eq!(checks[0].passed, Some(false));
}

#[test]
fn what_failed_goes_back_or_is_mended_forward_as_a_new_revision_with_the_review_that_it_has() {
    let review = Pir::new(PirReason::Emergency, now(), minute(60));
    let open = Change { pir: Some(review), ..done(&organisation()) };
    let failed = changed(says(&open, "raj", ValidationCommand::DoesNotWork { why: "slow".into() }));
    let back = Command::RollBack { why: "slow".into() };
    assert_eq!(changed(attempt(&organisation(), &failed, &actor("ana"), 6, back)).status, ChangeStatus::RolledBack);

    // A new title is what will be done now, though it is not material before anything was done.
    let form = ChangeForm { title: Some("deploy 4.3".into()), ..ChangeForm::default() };
    let forward = changed(attempt(&organisation(), &failed, &actor("ana"), 6, Command::EditChange(Box::new(form))));
    assert_eq!((forward.status, forward.revision), (ChangeStatus::AwaitingApproval, failed.revision + 1));
    assert_eq!((forward.started_at, forward.ended_at, forward.failures()), (None, None, 1));
    assert!(forward.approvals.is_empty() && forward.pir == failed.pir);

    let anew = Change { status: ChangeStatus::Implementing, pir: failed.pir.clone(), ..failed };
    let twice = changed(attempt(&organisation(), &anew, &actor("ana"), 30, Command::Done { summary: None }));
    assert_eq!((twice.failures(), twice.pir), (1, anew.pir));
}

#[test]
fn whoever_is_silent_is_reminded_twice() {
    let organisation = organisation();
    let due = |change: &Change, at: i64| {
        let command = Command::Due { deadline: DeadlineKind::Validation, at: minute(at) };
        changed(attempt(&organisation, change, &Actor::Wardroom, at, command))
    };
    let once = due(&done(&organisation), 60);
    assert_eq!(planned(&once), Some(minute(120)));
    let twice = due(&once, 120);
    assert_eq!((twice.status, planned(&twice)), (ChangeStatus::Validating, None));
}

#[test]
fn a_record_of_what_was_done_is_attested_before_it_is_in_question_and_then_checked_as_any_other() {
    let record = Change { kind: ChangeKind::Retroactive, status: ChangeStatus::AwaitingApproval, ..change() };
    assert!(says(&record, "raj", ValidationCommand::Works { why: None }).is_err());
    assert!(says(&record, "raj", ValidationCommand::Again).is_err());
    let open = Change { kind: ChangeKind::Retroactive, ..done(&organisation()) };
    assert!(says(&open, "ana", ValidationCommand::Works { why: None }).is_err(), "ana made it");
    assert_eq!(changed(says(&open, "raj", ValidationCommand::Works { why: None })).status, ChangeStatus::Completed);
    let failed = changed(says(&open, "raj", ValidationCommand::DoesNotWork { why: "slow".into() }));
    let back = Command::RollBack { why: "slow".into() };
    assert_eq!(changed(attempt(&organisation(), &failed, &actor("ana"), 6, back)).status, ChangeStatus::RolledBack);
    let form = ChangeForm { title: Some("deploy 4.3".into()), ..ChangeForm::default() };
    let forward = Command::EditChange(Box::new(form));
    assert!(attempt(&organisation(), &failed, &actor("ana"), 6, forward).is_err(), "it stands as it was written");
}
