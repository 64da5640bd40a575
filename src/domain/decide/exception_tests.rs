//! Exceptions from a procedure: who may have one, for how long, and what it lets past.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, on};
use crate::domain::checklist::{Checklist, ListedItem};
use crate::domain::exception::{ExceptionScope, ExceptionStatus, LookedBack, NewException, ProcedureException};
use crate::domain::policy::Policy;
use crate::domain::rules::{ChecklistItem, ExceptionClass, ExceptionSubject, Gate, ItemEvidence, Role};
use crate::domain::{
    Actor, Asked, Change, ChangeStatus, Command, DeadlineKind, Decision, ExceptionCommand, ExceptionTarget,
    Organisation, Person, Refusal, Roster, State, Target, When, Window, World,
};

fn days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days)
}

/// Zoe is the compliance officer and may rule, after Omar.
fn house() -> Organisation {
    let mut organisation = organisation();
    let mut zoe = organisation.people[&id("ben")].clone();
    (zoe.id, zoe.key, zoe.name, zoe.roles) = (id("zoe"), "zoe".into(), "zoe".into(), vec![Role::Compliance]);
    organisation.people.insert(zoe.id.clone(), Person { identities: Vec::new(), ..zoe });
    let members = vec![id("omar"), id("zoe")];
    let authority = Roster { key: "authority".into(), chair: id("omar"), members };
    organisation.rosters.insert("authority".into(), authority);
    organisation
}

fn new(rule: ExceptionSubject, scope: Option<ExceptionScope>, until: DateTime<Utc>) -> Command {
    let (control, why) = ("tom watches".to_owned(), "the tool is down".to_owned());
    Command::Exception(ExceptionCommand::Ask(NewException { rule, scope, until: When::At(until), control, why }))
}

fn attempt(target: ExceptionTarget, who: &str, at: DateTime<Utc>, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (house(), Policy::sample());
    let world = World::about(&organisation, &policy, 1, Target::Exception(target));
    let by = if who == "wardroom" { Actor::Wardroom } else { actor(who) };
    decide(&world, Asked { by: &by, at }, command)
}

fn fresh(change: Option<Change>) -> ExceptionTarget {
    ExceptionTarget::New { number: 1, change: change.map(Box::new) }
}

fn written(decision: Result<Decision, Refusal>) -> ProcedureException {
    let State::Exception(exception) = decision.expect("it is decided").state else { panic!("an exception is written") };
    *exception
}

/// Ana's, of this class, for everything on cards, for 30 days.
fn asked(rule: ExceptionSubject) -> ProcedureException {
    let scope = Some(ExceptionScope::Service("cards".into()));
    written(attempt(fresh(None), "ana", now(), new(rule, scope, days(30))))
}

fn known(exception: &ProcedureException) -> ExceptionTarget {
    ExceptionTarget::Known { exception: Box::new(exception.clone()), change: None }
}

fn approve(exception: &ProcedureException, who: &str) -> Result<Decision, Refusal> {
    attempt(known(exception), who, now(), Command::Exception(ExceptionCommand::Approve))
}

#[test]
fn what_nobody_may_set_aside_or_nothing_asks_for_is_refused_at_once() {
    let mut table = String::new();
    for rule in ExceptionSubject::ALL {
        let scope = Some(ExceptionScope::Service("cards".into()));
        let outcome = cell(attempt(fresh(None), "ana", now(), new(rule, scope, days(30))));
        writeln!(table, "{:22} {outcome}", rule.as_str()).expect("a string takes it");
    }
    assert_snapshot!(table, @"
    log_writing            no, rule 4.35
    duties                 no, rule 4.35
    high_risk_peer_review  no, rule 4.35
    breach_clocks          no, rule 4.35
    spokesperson           no, rule 4.35
    tenant_isolation       no, rule 4.35
    major_review           no, rule 4.35
    executive_acceptance   exception.requested => requested
    hard_freeze            exception.requested => requested
    validation             exception.requested => requested
    emergency_review       exception.requested => requested
    checklist_item         exception.requested => requested
    standby                exception.requested => requested
    rehearsal              exception.requested => requested
    conflict_block         exception.requested => requested
    tempfix_expiry         no
    calm_cadence           no
    template_use           no
    optional_fields        exception.requested => requested
    ");
}

#[test]
fn everything_is_for_the_high_class_and_nothing_lasts_longer_than_ninety_days() {
    let everything = Some(ExceptionScope::Everything);
    let (item, freeze) = (ExceptionSubject::ChecklistItem, ExceptionSubject::HardFreeze);
    for (rule, scope, until, outcome) in [
        (item, everything.clone(), days(30), "no, rule 4.35"),
        (freeze, everything.clone(), days(30), "exception.requested => requested"),
        (freeze, everything.clone(), days(90), "exception.requested => requested"),
        (freeze, everything.clone(), days(90) + TimeDelta::seconds(1), "no, rule 4.35"),
        (freeze, everything, now(), "no"),
        (freeze, None, days(30), "no"),
    ] {
        assert_eq!(cell(attempt(fresh(None), "ana", now(), new(rule, scope, until))), outcome, "{rule} {until}");
    }
    let of_change = attempt(fresh(Some(change())), "ana", now(), new(item, None, days(1)));
    assert_eq!(written(of_change).scope, ExceptionScope::Change(change().number));
    let ended = Change { status: ChangeStatus::Cancelled, ended_at: Some(now()), ..change() };
    assert_eq!(cell(attempt(fresh(Some(ended)), "ana", now(), new(item, None, days(1)))), "no");
}

#[test]
fn the_high_class_takes_two_people_neither_of_whom_asked_for_it() {
    let high = asked(ExceptionSubject::HardFreeze);
    assert_eq!(cell(approve(&high, "ana")), "no, rule 4.15");
    assert_eq!(cell(approve(&high, "ines")), "no, rule 4.35");
    // Zoe might rule too; she is the only compliance officer.
    let once = written(approve(&high, "zoe"));
    assert_eq!((once.status, once.signed.clone()), (ExceptionStatus::Requested, vec![(Role::Compliance, id("zoe"))]));
    assert_eq!(cell(approve(&once, "zoe")), "stands");
    let twice = written(approve(&once, "omar"));
    assert_eq!(twice.status, ExceptionStatus::Active);
    assert_eq!(twice.notices, [days(16), days(27)]);
    assert_eq!(cell(approve(&twice, "omar")), "no");

    // Nobody approves what they ask for themselves, so nobody could.
    let scope = Some(ExceptionScope::Service("cards".into()));
    let own = attempt(fresh(None), "zoe", now(), new(ExceptionSubject::HardFreeze, scope, days(30)));
    assert!(own.expect_err("it is refused").sentence.contains("a compliance officer and the decision authority"));
}

#[test]
fn the_medium_class_takes_a_change_manager_who_may_also_deny_and_revoke_it() {
    let medium = asked(ExceptionSubject::ChecklistItem);
    let deny = || Command::Exception(ExceptionCommand::Deny { why: "no".into() });
    let revoke = || Command::Exception(ExceptionCommand::Revoke { why: "no".into() });
    assert_eq!(cell(attempt(known(&medium), "ines", now(), deny())), "exception.denied => denied");
    assert_eq!(cell(attempt(known(&medium), "raj", now(), deny())), "no, rule 4.35");
    assert_eq!(cell(attempt(known(&medium), "ana", now(), deny())), "no, rule 4.15");
    assert_eq!(cell(attempt(known(&medium), "ana", now(), revoke())), "exception.revoked => revoked");
    let active = written(approve(&medium, "ines"));
    assert_eq!(cell(attempt(known(&active), "ines", now(), deny())), "no");
    assert_eq!(cell(attempt(known(&active), "raj", now(), revoke())), "no, rule 4.35");
    assert_eq!(cell(attempt(known(&active), "ines", now(), revoke())), "exception.revoked => revoked");
    assert_eq!(cell(attempt(known(&medium), "ines", days(30), Command::Exception(ExceptionCommand::Approve))), "no");
}

#[test]
fn its_end_is_announced_twice_and_comes_once() {
    let mut exception = written(approve(&asked(ExceptionSubject::ChecklistItem), "ines"));
    let mut told = String::new();
    for (day, kind) in [
        (15, DeadlineKind::ExceptionNotice),
        (16, DeadlineKind::ExceptionNotice),
        (16, DeadlineKind::ExceptionNotice),
        (27, DeadlineKind::ExceptionNotice),
        (29, DeadlineKind::ExceptionEnd),
        (30, DeadlineKind::ExceptionEnd),
        (31, DeadlineKind::ExceptionEnd),
    ] {
        let decision =
            attempt(known(&exception), "wardroom", days(day), Command::Due { deadline: kind, at: days(day) });
        writeln!(told, "day {day}: {}", cell(decision.clone())).expect("a string takes it");
        if let State::Exception(next) = decision.expect("it is decided").state {
            exception = *next;
        }
    }
    assert_snapshot!(told, @"
    day 15: stands
    day 16: exception.ending => active
    day 16: stands
    day 27: exception.ending => active
    day 29: stands
    day 30: exception.expired => expired
    day 31: stands
    ");
    // Day 30 is a Wednesday; five days of the office later it is the next.
    assert_eq!(exception.promises(), [(DeadlineKind::ExceptionEnd, days(37))]);
}

#[test]
fn what_was_in_force_is_looked_back_on_by_who_may_approve_it_and_what_never_was_is_not() {
    let review = |kept| Command::Exception(ExceptionCommand::Review { kept, notes: None });
    let revoke = || Command::Exception(ExceptionCommand::Revoke { why: "no".into() });
    let due = |at| Command::Due { deadline: DeadlineKind::ExceptionEnd, at };
    let waits = asked(ExceptionSubject::ChecklistItem);
    let active = written(approve(&waits, "ines"));
    assert_eq!(cell(attempt(known(&active), "ines", now(), review(true))), "no", "it is not over");
    for never in [
        written(attempt(known(&waits), "ana", now(), revoke())),
        written(attempt(known(&waits), "wardroom", days(30), due(days(30)))),
        written(attempt(known(&waits), "ines", now(), Command::Exception(ExceptionCommand::Deny { why: "no".into() }))),
    ] {
        assert_eq!(never.look_back, None);
        assert!(never.promises().is_empty());
        assert_eq!(cell(attempt(known(&never), "ines", days(31), review(true))), "no");
    }

    let over = written(attempt(known(&active), "wardroom", days(30), due(days(30))));
    assert_eq!(cell(attempt(known(&over), "wardroom", days(36), due(days(37)))), "stands");
    let late = written(attempt(known(&over), "wardroom", days(37), due(days(37))));
    assert!(late.look_back.as_ref().is_some_and(|one| one.overdue) && late.promises().is_empty());
    assert_eq!(cell(attempt(known(&late), "wardroom", days(38), due(days(37)))), "stands", "it is told once");

    assert_eq!(cell(attempt(known(&over), "ana", days(31), review(true))), "no, rule 4.15");
    assert_eq!(cell(attempt(known(&over), "raj", days(31), review(true))), "no, rule 4.35");
    for one in [over, late, written(attempt(known(&active), "ines", days(3), revoke()))] {
        assert_eq!(one.state(), one.status.as_str());
        let reviewed = written(attempt(known(&one), "ines", days(39), review(false)));
        let done = LookedBack { by: id("ines"), at: days(39), kept: false };
        assert_eq!(reviewed.look_back.as_ref().and_then(|one| one.done.clone()), Some(done));
        assert_eq!((reviewed.state(), reviewed.promises()), ("reviewed", Vec::new()));
        assert_eq!(cell(attempt(known(&reviewed), "ines", days(40), review(true))), "stands");
    }
}

/// An approved change that is to show something before it starts.
fn unshown() -> Change {
    let asked = ChecklistItem {
        key: "backup".into(),
        what: "a backup".into(),
        evidence: ItemEvidence::Text,
        before: Gate::Start,
        max_age_hours: None,
    };
    let item = ListedItem::open(asked);
    let window = Window { opens: days(-1), closes: days(60) };
    Change {
        status: ChangeStatus::Approved,
        window: Some(window),
        checklist: Checklist { items: vec![item] },
        ..change()
    }
}

fn start(exceptions: Vec<ProcedureException>, at: DateTime<Utc>) -> String {
    let (organisation, policy) = (house(), Policy::sample());
    let about = World::about(&organisation, &policy, 1, on(&unshown()));
    let world = World { exceptions, ..about };
    let decision = decide(&world, Asked { by: &actor("ana"), at }, Command::Start { why: None });
    let with = decision.iter().flat_map(|decision| &decision.with).flat_map(|other| &other.events);
    let with: Vec<&str> = with.map(|event| event.draft().kind).collect();
    format!("{} {}", cell(decision.clone()), with.join(" ")).trim_end().to_owned()
}

#[test]
fn an_exception_lets_through_exactly_what_it_names_until_its_end() {
    let active = written(approve(&asked(ExceptionSubject::ChecklistItem), "ines"));
    let with = |change: fn(&mut ProcedureException)| {
        let mut other = active.clone();
        change(&mut other);
        vec![other]
    };
    let passes = "standby.taken + change.started => implementing exception.used";
    assert_eq!(start(Vec::new(), now()), "no, rule 4.39");
    assert_eq!(start(vec![active.clone()], now()), passes);
    assert_eq!(start(vec![active.clone()], days(30) - TimeDelta::seconds(1)), passes);
    // Whether or not its end was noticed.
    assert_eq!(start(vec![active.clone()], days(30)), "no, rule 4.39");
    assert_eq!(start(with(|one| one.scope = ExceptionScope::Service("ledger".into())), now()), "no, rule 4.39");
    assert_eq!(start(with(|one| one.scope = ExceptionScope::Team("payments".into())), now()), passes);
    assert_eq!(start(with(|one| one.scope = ExceptionScope::Everything), now()), passes);
    assert_eq!(start(with(|one| one.scope = ExceptionScope::Change(99)), now()), "no, rule 4.39");
    assert_eq!(start(with(|one| one.rule = ExceptionSubject::ConflictBlock), now()), "no, rule 4.39");
    for status in [ExceptionStatus::Requested, ExceptionStatus::Denied, ExceptionStatus::Revoked] {
        let other = ProcedureException { status, ..active.clone() };
        assert_eq!(start(vec![other], now()), "no, rule 4.39", "{}", status.as_str());
    }
    assert_eq!(active.class, ExceptionClass::Medium);
}
