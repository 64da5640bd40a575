//! Conflicts on record: what holds a change up, what only tells both sides, and what may coexist.

use chrono::{DateTime, TimeDelta, Utc};

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, on};
use crate::domain::policy::Policy;
use crate::domain::rules::{ChangeKind, ConflictLevel};
use crate::domain::{
    Actor, Asked, Change, ChangeStatus, Command, ConflictCommand, ConflictRecord, DeadlineKind, Decision, Organisation,
    Refusal, State, Window, World,
};

fn hours(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

/// Cards, and the ledger that they depend on.
fn two_services() -> Organisation {
    let mut organisation = organisation();
    let cards = organisation.services["cards"].clone();
    let ledger = crate::domain::Service { key: "ledger".into(), ..cards.clone() };
    let depends_on = vec!["ledger".to_owned()];
    organisation.services.insert("cards".into(), crate::domain::Service { depends_on, ..cards });
    organisation.services.insert("ledger".into(), ledger);
    organisation
}

/// Approved from now on for two hours, and asked for and carried out by somebody.
fn planned(number: i64, service: &str, by: &str) -> Change {
    Change {
        number,
        kind: ChangeKind::Normal,
        incident: None,
        service: service.into(),
        status: ChangeStatus::Approved,
        requester: id(by),
        implementer: id(by),
        window: Some(Window { opens: now(), closes: hours(2) }),
        ..change()
    }
}

fn record(holder: i64, other: i64, blocks: bool) -> ConflictRecord {
    ConflictRecord {
        holder,
        other,
        opened: 2,
        blocks,
        level: ConflictLevel::Owners,
        asked_side: None,
        due_at: hours(24),
        rival_lost: false,
    }
}

fn attempt(change: &Change, rivals: &[&Change], by: &str, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (two_services(), Policy::sample());
    let about = World::about(&organisation, &policy, 1, on(change));
    let world = World { rivals: rivals.iter().map(|rival| (*rival).clone()).collect(), ..about };
    let by = if by == "wardroom" { Actor::Wardroom } else { actor(by) };
    decide(&world, Asked { by: &by, at: now() }, command)
}

fn coexist() -> Command {
    Command::Conflict(ConflictCommand::Coexist { why: "they touch nothing of each other".into() })
}

fn after(decision: Result<Decision, Refusal>) -> Change {
    let State::Change(change) = decision.expect("it is decided").state else { panic!("a change is written") };
    *change
}

#[test]
fn both_sides_agree_to_what_is_near_and_nobody_to_two_on_one_service() {
    let mine = Change { conflicts: vec![record(1, 2, false)], ..planned(1, "cards", "ana") };
    let theirs = Change { conflicts: vec![record(1, 2, false)], ..planned(2, "ledger", "raj") };
    let asked = attempt(&mine, &[&theirs], "ana", coexist());
    assert_eq!(cell(asked.clone()), "conflict.coexist_asked => approved");
    let mine = after(asked);
    assert_eq!(cell(attempt(&mine, &[&theirs], "ana", coexist())), "stands", "one side alone is not both");
    let theirs = Change { conflicts: mine.conflicts.clone(), ..theirs };
    let agreed = attempt(&theirs, &[&mine], "raj", coexist());
    assert_eq!(cell(agreed.clone()), "conflict.resolved => approved");
    assert!(after(agreed).conflicts.is_empty());

    let mine = Change { conflicts: vec![record(1, 2, true)], ..planned(1, "cards", "ana") };
    let theirs = planned(2, "cards", "raj");
    assert_eq!(attempt(&mine, &[&theirs], "ana", coexist()).expect_err("one service").rule, "change-conflict");
}

#[test]
fn with_one_of_each_on_record_the_word_is_for_the_one_that_may_coexist() {
    let mine = Change {
        conflicts: vec![record(1, 2, true), ConflictRecord { opened: 3, ..record(1, 3, false) }],
        ..planned(1, "cards", "ana")
    };
    let rivals = [&planned(2, "cards", "raj"), &planned(3, "ledger", "raj")];
    let next = after(attempt(&mine, &rivals, "ana", coexist()));
    let asked: Vec<Option<i64>> = next.conflicts.iter().map(|one| one.asked_side).collect();
    assert_eq!(asked, [None, Some(1)]);
}

#[test]
fn only_what_blocks_is_in_its_way_and_waits_for_somebody() {
    let near = Change { conflicts: vec![record(1, 2, false)], ..planned(1, "cards", "ana") };
    assert!(!near.is_in_conflict() && near.rivals().is_empty());
    assert_eq!(near.next_asked_to_settle(), None);
    assert_eq!(near.neighbours().len(), 1);
    let blocked = Change { conflicts: vec![record(1, 2, true)], ..near.clone() };
    assert!(blocked.is_in_conflict() && blocked.neighbours().is_empty());
    assert_eq!(blocked.next_asked_to_settle(), Some(hours(24)));
    let due = Command::Due { deadline: DeadlineKind::Conflict, at: hours(24) };
    assert_eq!(cell(attempt(&near, &[&planned(2, "ledger", "raj")], "wardroom", due)), "stands");
}

#[test]
fn what_is_near_closes_when_they_are_apart_or_one_is_over() {
    let mine = Change { conflicts: vec![record(1, 2, false)], ..planned(1, "cards", "ana") };
    let check = |rival: &Change| cell(attempt(&mine, &[rival], "wardroom", Command::Conflict(ConflictCommand::Check)));
    let theirs = planned(2, "ledger", "raj");
    assert_eq!(check(&theirs), "stands");
    let later = Some(Window { opens: hours(2), closes: hours(3) });
    assert_eq!(check(&Change { window: later, ..theirs.clone() }), "conflict.resolved => approved");
    assert_eq!(check(&Change { service: "mail".into(), ..theirs.clone() }), "conflict.resolved => approved");
    assert_eq!(check(&Change { service: "mail".into(), ..planned(2, "mail", "ana") }), "stands", "one person on both");
    let over = Change { status: ChangeStatus::Completed, ended_at: Some(now()), ..theirs };
    assert_eq!(check(&over), "conflict.resolved => approved");
}
