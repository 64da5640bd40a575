//! An incident begins where a change is watched: what it holds up, until when, and what it does not concern.

use chrono::{DateTime, TimeDelta, Utc};

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, changed, incident, on};
use crate::domain::policy::Policy;
use crate::domain::rules::{LinkKind, LinkOrigin, LinkState};
use crate::domain::validation::{CheckResult, Probe, ServiceCheck};
use crate::domain::{
    Actor, Asked, Change, ChangeStatus, Command, DeadlineKind, Decision, DoubtState, Incident, Link, Organisation,
    Refusal, RollbackWalk, ValidationCommand, Window, World,
};

fn minute(minutes: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minutes)
}

/// INC-2 on the same service, which Raj commands.
fn began(at: i64) -> Incident {
    Incident { number: 2, declared_at: minute(at), commander: Some(id("raj")), ..incident() }
}

/// What somebody says of INC-2 and CHG-1.
fn link(kind: LinkKind, state: LinkState, by: Option<&str>) -> Link {
    let decided_at = (state != LinkState::Proposed).then(|| minute(4));
    let (origin, decided_by) = (LinkOrigin::Auto, by.map(id));
    let (relation, confidence) = (None, Some(95));
    Link {
        incident: 2,
        change: 1,
        implementer: id("ana"),
        kind,
        origin,
        state,
        relation,
        confidence,
        decided_by,
        decided_at,
    }
}

/// Nothing, INC-2, or more; and what CHG-1 is to it.
type Around = (Vec<Incident>, Vec<Link>);

fn attempt(
    organisation: &Organisation,
    change: &Change,
    (near, links): &Around,
    (by, at): (&Actor, i64),
    command: Command,
) -> Result<Decision, Refusal> {
    let policy = Policy::sample();
    let about = World::about(organisation, &policy, 1, on(change));
    let world = World { incidents_near: near.clone(), change_links: links.clone(), ..about };
    decide(&world, Asked { by, at: minute(at) }, command)
}

fn look(change: &Change, around: &Around, at: i64) -> Result<Decision, Refusal> {
    attempt(
        &organisation(),
        change,
        around,
        (&Actor::Wardroom, at),
        Command::Validation(ValidationCommand::Incidents { critical: None }),
    )
}

fn says(change: &Change, around: &Around, (by, at): (&str, i64), word: ValidationCommand) -> Result<Decision, Refusal> {
    attempt(&organisation(), change, around, (&actor(by), at), Command::Validation(word))
}

fn works() -> ValidationCommand {
    ValidationCommand::Works { why: None }
}

/// Ana has done it, for INC-1.
fn done(organisation: &Organisation) -> Change {
    let window = Some(Window { opens: now(), closes: minute(240) });
    let running = Change { status: ChangeStatus::Implementing, window, started_at: Some(now()), ..change() };
    let done = Command::Done { summary: None };
    changed(attempt(organisation, &running, &Around::default(), (&actor("ana"), 0), done))
}

fn planned(change: &Change) -> Option<DateTime<Utc>> {
    let promises = change.promises(&Policy::sample(), now());
    promises.into_iter().find(|(kind, _)| *kind == DeadlineKind::Validation).map(|(_, at)| at)
}

fn state_of(change: &Change) -> Option<DoubtState> {
    change.validation.as_ref().and_then(|open| open.doubt_of(2))
}

fn asks() -> Around {
    (vec![began(2)], vec![link(LinkKind::Caused, LinkState::Proposed, None)])
}

fn unrelated() -> Around {
    (vec![began(2)], vec![link(LinkKind::Caused, LinkState::Rejected, Some("raj"))])
}

#[test]
fn nobody_says_that_it_works_before_it_is_said_that_the_incident_does_not_come_from_it() {
    let open = done(&organisation());
    assert_eq!(cell(look(&open, &asks(), 3)), "validation.doubted => validating");
    let doubted = changed(look(&open, &asks(), 3));
    assert_eq!((doubted.doubts(), planned(&doubted)), (vec![2], None), "nobody is reminded of what they may not say");
    assert_eq!(cell(look(&doubted, &asks(), 4)), "stands", "it is said once");

    let refused = says(&doubted, &asks(), ("ben", 5), works()).expect_err("it waits");
    assert_eq!((refused.rule.as_str(), refused.logged), ("4.14", true));
    assert!(refused.next.starts_with("raj, who leads INC-2, says whether it does"), "{}", refused.next);
    let before_the_look = says(&open, &asks(), ("ben", 3), works()).expect_err("read anew, not from the row");
    assert_eq!(before_the_look.rule, "4.14");
    assert_eq!(says(&doubted, &asks(), ("ana", 5), ValidationCommand::Again).expect_err("nothing to ask").rule, "4.14");
    let word = ValidationCommand::DoesNotWork { why: "slow".into() };
    assert_eq!(changed(says(&doubted, &asks(), ("ben", 5), word)).status, ChangeStatus::Failed);

    let cleared = changed(look(&doubted, &unrelated(), 5));
    assert_eq!((cleared.doubts(), planned(&cleared)), (vec![], Some(minute(65))), "whoever was asked is, again");
    assert_eq!(cell(look(&cleared, &asks(), 6)), "stands", "what was cleared holds it up no more");
    assert_eq!(changed(says(&cleared, &unrelated(), ("ben", 6), works())).status, ChangeStatus::Completed);
}

#[test]
fn what_comes_from_it_fails_it_and_what_was_known_then_does_so_once() {
    let cause = (vec![began(2)], vec![link(LinkKind::Caused, LinkState::Confirmed, Some("raj"))]);
    let open = done(&organisation());
    let doubted = changed(look(&open, &asks(), 3));
    for before in [&open, &doubted, &changed(look(&doubted, &unrelated(), 4))] {
        assert_eq!(cell(look(before, &cause, 5)), "validation.failed => failed");
    }
    let failed = changed(look(&doubted, &cause, 5));
    assert_eq!((failed.failures(), failed.outcome.as_deref()), (1, Some("INC-2 came from it")));
    assert_eq!(cell(look(&failed, &cause, 6)), "stands");

    let again = changed(says(&failed, &cause, ("ana", 7), ValidationCommand::Again));
    assert_eq!((again.status, cell(look(&again, &cause, 8))), (ChangeStatus::Validating, "stands".to_owned()));
    assert_eq!(changed(says(&again, &cause, ("ben", 9), works())).status, ChangeStatus::Completed);

    // Found not to work by a person, it opened INC-2 by itself, of which nobody has said anything yet.
    let word = ValidationCommand::DoesNotWork { why: "slow".into() };
    let failed = changed(says(&open, &Around::default(), ("ben", 1), word));
    let again = changed(says(&failed, &asks(), ("ana", 7), ValidationCommand::Again));
    assert_eq!(cell(look(&again, &cause, 8)), "stands", "its failure was counted");
    assert_eq!(changed(says(&again, &asks(), ("ben", 9), works())).status, ChangeStatus::Completed);
}

#[test]
fn an_incident_that_is_over_holds_nothing_up_unless_it_counts_as_caused() {
    let doubted = changed(look(&done(&organisation()), &asks(), 3));
    for links in [vec![], asks().1, unrelated().1] {
        assert_eq!(cell(look(&doubted, &(Vec::new(), links), 9)), "validation.cleared => validating");
    }
    let unanswered = (Vec::new(), vec![link(LinkKind::Caused, LinkState::Confirmed, None)]);
    assert_eq!(cell(look(&doubted, &unanswered, 9)), "validation.failed => failed");
}

#[test]
fn what_began_before_it_is_its_own_or_lies_elsewhere_does_not_concern_it() {
    let open = done(&organisation());
    let own = Incident { number: 1, ..began(2) };
    let elsewhere = Incident { services: vec!["mail".into()], ..began(2) };
    for incident in [began(-1), own, elsewhere] {
        assert_eq!(cell(look(&open, &(vec![incident], Vec::new()), 3)), "stands");
    }
    let (near, resolves) = (vec![began(2)], |by| vec![link(LinkKind::Resolves, LinkState::Confirmed, Some(by))]);
    assert_eq!(cell(look(&open, &(near.clone(), resolves("raj")), 3)), "stands");
    let own_word = look(&open, &(near.clone(), resolves("ana")), 3);
    assert_eq!(
        cell(own_word),
        "validation.doubted => validating",
        "nobody clears their own change by calling it the cure"
    );
    assert_eq!(cell(look(&open, &(near.clone(), Vec::new()), 3)), "validation.doubted => validating");

    let walk = Some(RollbackWalk { began_at: now(), of: 2, minutes: None, steps: Vec::new() });
    assert_eq!(cell(look(&Change { walk, ..open }, &(near, Vec::new()), 3)), "stands", "it is taken back");
}

fn checked() -> Organisation {
    let mut organisation = organisation();
    for service in organisation.services.values_mut() {
        service.checks = vec![ServiceCheck { key: "db".into(), probe: Probe::Tcp { address: "db:5432".into() } }];
    }
    organisation
}

fn found(change: &Change, around: &Around, at: i64) -> Result<Decision, Refusal> {
    let planned = planned(change).expect("a run is planned");
    let results = vec![CheckResult { key: "db".into(), kind: Some("tcp"), passed: Some(true), found: "x".into() }];
    let command = Command::Validation(ValidationCommand::Found { planned, results });
    attempt(&checked(), change, around, (&Actor::Wardroom, at), command)
}

#[test]
fn checks_that_pass_do_not_complete_it_and_run_once_more_when_nothing_holds_it_up() {
    let watched = changed(found(&done(&checked()), &Around::default(), 0));
    // The last run may come before the look.
    assert_eq!(cell(found(&watched, &asks(), 10)), "validation.checked + validation.doubted => validating");
    let held = changed(found(&changed(look(&watched, &asks(), 3)), &asks(), 10));
    assert_eq!(
        (held.status, planned(&held), state_of(&held)),
        (ChangeStatus::Validating, None, Some(DoubtState::Open))
    );
    let cleared = changed(look(&held, &unrelated(), 20));
    assert_eq!(planned(&cleared), Some(minute(20)));
    assert_eq!(changed(found(&cleared, &unrelated(), 20)).status, ChangeStatus::Completed);

    let early = changed(look(&changed(look(&watched, &asks(), 3)), &unrelated(), 4));
    assert_eq!(planned(&early), Some(minute(10)), "it is watched to the end all the same");
    let cause = (vec![began(2)], vec![link(LinkKind::Caused, LinkState::Confirmed, Some("raj"))]);
    assert_eq!(cell(found(&watched, &cause, 10)), "validation.checked + validation.failed => failed");
}
