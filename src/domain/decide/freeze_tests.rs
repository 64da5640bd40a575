//! Every state of a freeze and every command on it, in a table: what changes, or why not.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{attempt, cell, change, incident, on};
use crate::domain::policy::Policy;
use crate::domain::rules::{ChangeKind, FreezeKind, Role};
use crate::domain::{
    Asked, Change, ChangeStatus, Command, DeadlineKind, Decision, Event, Freeze, FreezeCommand, FreezeEvent,
    FreezeStatus, Frozen, NewFreeze, Person, Refusal, Service, State, Target, When, Window, World,
};

fn hours(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

fn cards() -> NewFreeze {
    NewFreeze {
        services: Some(vec!["cards".into()]),
        from: None,
        until: When::At(hours(48)),
        every: None,
        why: "payroll".into(),
        hard: false,
        blocks: Vec::new(),
    }
}

/// A freeze on cards until 48 hours from now; `from`: planned for so many hours from now.
pub(super) fn begin(from: Option<i64>) -> Freeze {
    let new = NewFreeze { from: from.map(|from| When::At(hours(from))), ..cards() };
    let target = Target::New { number: 1, near: None };
    let decision = attempt(target, &[], "ines", Command::Freeze(FreezeCommand::On(new))).expect("ines may");
    let State::Freeze(freeze) = decision.state else { panic!("a freeze begins") };
    *freeze
}

fn settling() -> Freeze {
    Freeze { kind: FreezeKind::Stabilising, settling_from: Some(now()), incident: Some(1), ..begin(None) }
}

#[test]
fn every_command_on_a_freeze_in_every_state() {
    let due = |deadline, at| Command::Due { deadline, at };
    let extend = |until| Command::Freeze(FreezeCommand::Extend { until, why: "x".into() });
    let commands = [
        ("off", "ines", Command::Freeze(FreezeCommand::Off { why: "x".into() })),
        ("off, a responder", "raj", Command::Freeze(FreezeCommand::Off { why: "x".into() })),
        ("extend", "ines", extend(None)),
        ("extend until", "ines", extend(Some(When::At(hours(60))))),
        ("agree, an owner", "mia", Command::Freeze(FreezeCommand::Agree)),
        ("agree, its author", "ines", Command::Freeze(FreezeCommand::Agree)),
        ("agree, a responder", "raj", Command::Freeze(FreezeCommand::Agree)),
        ("object, an owner", "mia", Command::Freeze(FreezeCommand::Object { why: "x".into() })),
        ("notice", "wardroom", due(DeadlineKind::FreezeNotice, hours(1))),
        ("start", "wardroom", due(DeadlineKind::FreezeStart, hours(24))),
        ("warning", "wardroom", due(DeadlineKind::FreezeWarning, hours(47))),
        ("end", "wardroom", due(DeadlineKind::FreezeEnd, hours(48))),
        ("review", "wardroom", due(DeadlineKind::FreezeReview, hours(4))),
        ("override end", "wardroom", due(DeadlineKind::OverrideEnd, hours(2))),
    ];
    let mut lifted = begin(None);
    lifted.status = FreezeStatus::Lifted;
    let mut scheduled = begin(Some(24));
    scheduled.status = FreezeStatus::Scheduled;
    let states = [
        ("proposed", begin(Some(24))),
        ("scheduled", scheduled),
        ("active", begin(None)),
        ("settling", settling()),
        ("lifted", lifted),
    ];
    let mut table = String::new();
    for (name, mut freeze) in states {
        if matches!(name, "proposed" | "scheduled") {
            freeze.notices = vec![hours(1)];
        }
        writeln!(table, "{name}").expect("a string takes it");
        for (name, by, command) in &commands {
            let target = Target::Freeze { freeze: Box::new(freeze.clone()), incident: Some(incident()) };
            let outcome = cell(attempt(target, &[], by, command.clone()));
            writeln!(table, "  {name:18} {outcome}").expect("a string takes it");
        }
    }
    assert_snapshot!(table, @"
    proposed
      off                freeze.cancelled => cancelled
      off, a responder   no, rule 4.23
      extend             no
      extend until       freeze.extended => proposed
      agree, an owner    freeze.agreed => scheduled
      agree, its author  no, rule 4.23
      agree, a responder no, rule 4.23
      object, an owner   freeze.objected => cancelled
      notice             freeze.awaited => proposed
      start              freeze.not_agreed => cancelled
      warning            stands
      end                stands
      review             stands
      override end       stands
    scheduled
      off                freeze.cancelled => cancelled
      off, a responder   no, rule 4.23
      extend             no
      extend until       freeze.extended => scheduled
      agree, an owner    stands
      agree, its author  no, rule 4.23
      agree, a responder no, rule 4.23
      object, an owner   freeze.objected => cancelled
      notice             freeze.announced => scheduled
      start              freeze.begun => active
      warning            stands
      end                stands
      review             stands
      override end       stands
    active
      off                freeze.lifted => lifted
      off, a responder   no, rule 4.23
      extend             no
      extend until       freeze.extended => active
      agree, an owner    stands
      agree, its author  no, rule 4.23
      agree, a responder no, rule 4.23
      object, an owner   no
      notice             stands
      start              stands
      warning            freeze.ending => active
      end                freeze.lifted => lifted
      review             stands
      override end       stands
    settling
      off                freeze.lifted => lifted
      off, a responder   no, rule 4.23
      extend             freeze.extended => active
      extend until       freeze.extended => active
      agree, an owner    stands
      agree, its author  no, rule 4.23
      agree, a responder no, rule 4.23
      object, an owner   no
      notice             stands
      start              stands
      warning            freeze.ending => active
      end                freeze.lifted => lifted
      review             stands
      override end       stands
    lifted
      off                no
      off, a responder   no, rule 4.23
      extend             no
      extend until       no
      agree, an owner    no
      agree, its author  no
      agree, a responder no, rule 4.23
      object, an owner   no
      notice             stands
      start              stands
      warning            stands
      end                stands
      review             stands
      override end       stands
    ");
}

#[test]
fn a_planned_freeze_finds_what_has_its_window_inside_and_one_in_force_what_has_no_time_yet() {
    let of = |number, status, window: Option<(i64, i64)>| Change {
        number,
        status,
        kind: ChangeKind::Normal,
        incident: None,
        window: window.map(|(opens, closes)| Window { opens: hours(opens), closes: hours(closes) }),
        ..change()
    };
    let open_changes = vec![
        of(1, ChangeStatus::Approved, Some((1, 2))),
        of(2, ChangeStatus::Approved, Some((23, 25))),
        of(3, ChangeStatus::OnHold, Some((47, 49))),
        of(4, ChangeStatus::Queued, Some((48, 50))),
        of(5, ChangeStatus::Approved, None),
        of(6, ChangeStatus::AwaitingApproval, Some((30, 31))),
        of(7, ChangeStatus::Implementing, Some((-1, 25))),
        of(8, ChangeStatus::Implementing, Some((-1, 24))),
        Change { service: "elsewhere".into(), ..of(9, ChangeStatus::Approved, Some((30, 31))) },
        Change { kind: ChangeKind::Emergency, incident: Some(1), ..of(10, ChangeStatus::Approved, Some((30, 31))) },
    ];
    let (organisation, policy) = (organisation(), Policy::sample());
    let found = |from: Option<i64>| {
        let new = NewFreeze { from: from.map(|from| When::At(hours(from))), ..cards() };
        let about = World::about(&organisation, &policy, 1, Target::New { number: 1, near: None });
        let near = vec![incident()];
        let world = World { open_changes: open_changes.clone(), incidents_near: near, ..about };
        let command = Command::Freeze(FreezeCommand::On(new));
        let decision = decide(&world, Asked { by: &actor("ines"), at: now() }, command).expect("ines may");
        let Event::Freeze(FreezeEvent::Created(created)) = &decision.events[0] else { panic!("it is created") };
        (created.held.join(" "), created.running.join(" "))
    };
    assert_eq!(found(Some(24)), ("CHG-2 CHG-3".to_owned(), "CHG-7".to_owned()));
    assert_eq!(found(None), ("CHG-1 CHG-2 CHG-3 CHG-5".to_owned(), "CHG-7 CHG-8".to_owned()));
}

#[test]
fn each_business_owner_agrees_and_where_nobody_is_named_or_left_the_owner_does() {
    let mut organisation = organisation();
    let cards = organisation.services["cards"].clone();
    for (key, owner, business) in [("ledger", "tom", Some("omar")), ("mail", "raj", Some("gone"))] {
        let (owner, business_owner) = (id(owner), business.map(id));
        let service = Service { key: key.into(), name: key.into(), owner, business_owner, ..cards.clone() };
        organisation.services.insert(key.into(), service);
    }
    let of =
        |services: &[&str]| Freeze { services: services.iter().map(|key| (*key).into()).collect(), ..begin(Some(24)) };
    assert_eq!(of(&["cards"]).agreers(&organisation), [id("mia")]);
    assert_eq!(of(&["ledger"]).agreers(&organisation), [id("omar")]);
    assert_eq!(of(&["mail"]).agreers(&organisation), [id("raj")], "who is gone does not speak for it");
    assert_eq!(of(&[]).agreers(&organisation), [id("mia"), id("omar"), id("raj")], "everything is every service");
    let mut planned = of(&["cards", "ledger"]);
    planned.agreed.push(id("mia"));
    assert_eq!(planned.missing(&organisation), [id("omar")]);
}

#[test]
fn while_things_settle_and_the_commander_is_gone_whoever_owns_it_acts() {
    let lifts = |freeze: Freeze, commander: Option<&str>, by: &str| {
        let protected = crate::domain::Incident { commander: commander.map(id), ..incident() };
        let target = Target::Freeze { freeze: Box::new(freeze), incident: Some(protected) };
        cell(attempt(target, &[], by, Command::Freeze(FreezeCommand::Off { why: "x".into() })))
    };
    assert_eq!(lifts(settling(), None, "mia"), "freeze.lifted => lifted");
    assert_eq!(lifts(settling(), Some("gone"), "mia"), "freeze.lifted => lifted");
    assert_eq!(lifts(settling(), Some("omar"), "mia"), "no, rule 4.23");
    assert_eq!(lifts(settling(), None, "raj"), "no, rule 4.23");
    assert_eq!(lifts(begin(None), None, "mia"), "no, rule 4.23", "what was begun by hand is the change managers'");
}

/// Ana's change is approved; a major incident on the same service is commanded by tom.
fn approved() -> Change {
    let mut change = change();
    change.incident = Some(2);
    change.status = ChangeStatus::Approved;
    change.window = Some(Window { opens: now(), closes: hours(4) });
    change
}

fn major() -> Frozen {
    let mut protected = incident();
    protected.commander = Some(id("tom"));
    let freeze = Freeze { kind: FreezeKind::Major, incident: Some(1), until: None, warned: true, ..begin(None) };
    Frozen { freeze, incident: Some(protected), links: Vec::new() }
}

fn on_change(
    frozen: &Frozen,
    change: &Change,
    by: &str,
    at: DateTime<Utc>,
    command: Command,
) -> Result<Decision, Refusal> {
    let (mut organisation, policy) = (organisation(), Policy::sample());
    let zoe = Person {
        id: id("zoe"),
        key: "zoe".into(),
        roles: vec![Role::Executive],
        ..organisation.people[&id("ben")].clone()
    };
    organisation.people.insert(zoe.id.clone(), zoe);
    let about = World::about(&organisation, &policy, 1, on(change));
    let world = World { freezes: vec![frozen.clone()], next_freeze: 2, ..about };
    decide(&world, Asked { by: &actor(by), at }, command)
}

fn freeze_after(decision: Result<Decision, Refusal>, frozen: &Frozen) -> Frozen {
    let State::Freeze(freeze) = decision.expect("it is decided").state else { panic!("a freeze is written") };
    Frozen { freeze: *freeze, ..frozen.clone() }
}

fn word(command: fn(String) -> FreezeCommand) -> Command {
    Command::Freeze(command("x".into()))
}

#[test]
fn an_override_is_good_for_one_revision_and_for_two_hours_and_not_a_moment_longer() {
    let (frozen, change) = (major(), approved());
    let refused = |frozen: &Frozen, change: &Change, at| {
        on_change(frozen, change, "ana", at, Command::Start { why: None }).expect_err("the freeze holds it up")
    };
    assert_eq!(refused(&frozen, &change, now()).rule, "4.11");
    let asked = on_change(&frozen, &change, "ana", now(), word(|why| FreezeCommand::Except { why }));
    let frozen = freeze_after(asked, &frozen);
    assert!(refused(&frozen, &change, now()).next.contains("it waits for tom"));
    let own = on_change(&frozen, &change, "ana", now(), word(|why| FreezeCommand::Allow { why }));
    assert_eq!(own.expect_err("nobody decides for themselves").rule, "4.15");
    let other = on_change(&frozen, &change, "omar", now(), word(|why| FreezeCommand::Allow { why }));
    assert_eq!(other.expect_err("the commander alone decides").rule, "4.12");
    let allowed = on_change(&frozen, &change, "tom", now(), word(|why| FreezeCommand::Allow { why }));
    let frozen = freeze_after(allowed, &frozen);

    let started = on_change(&frozen, &change, "ana", now() + TimeDelta::minutes(119), Command::Start { why: None });
    let used = &started.expect("within two hours").with[0];
    assert_eq!(used.events[0].draft().kind, "override.used");
    assert_eq!(refused(&frozen, &change, hours(2)).rule, "4.11", "at exactly its end it is over");
    let revised = Change { revision: 2, ..change.clone() };
    assert_eq!(refused(&frozen, &revised, now()).rule, "4.11", "another revision is another change");
    let frozen = freeze_after(Ok(used.clone()), &frozen);
    assert_eq!(refused(&frozen, &change, now()).rule, "4.11", "one start");
}

#[test]
fn a_linked_change_starts_and_what_the_commander_asks_for_falls_to_the_next() {
    let linked = Change { incident: Some(1), ..approved() };
    let started =
        on_change(&major(), &linked, "ana", now(), Command::Start { why: None }).expect("it resolves the incident");
    assert!(started.with.is_empty());
    let mut frozen = major();
    frozen.incident =
        frozen.incident.map(|incident| crate::domain::Incident { commander: Some(id("ana")), ..incident });
    let asked = on_change(&frozen, &approved(), "ana", now(), word(|why| FreezeCommand::Except { why }));
    assert_eq!(asked.as_ref().expect("it is asked").answer.also, ["FRZ-1: omar decides."]);
    let frozen = freeze_after(asked, &frozen);
    let allowed = on_change(&frozen, &approved(), "omar", now(), word(|why| FreezeCommand::Allow { why }));
    assert_eq!(allowed.expect("the duty manager stands in").events[0].draft().kind, "override.granted");
}

#[test]
fn a_hard_freeze_takes_an_executive_and_the_business_and_nobody_twice() {
    let business = Freeze { kind: FreezeKind::Business, hard: true, ..begin(None) };
    let (frozen, change) = (Frozen { freeze: business, incident: None, links: Vec::new() }, approved());
    let allow = || word(|why| FreezeCommand::Allow { why });
    let asked = on_change(&frozen, &change, "ana", now(), word(|why| FreezeCommand::Except { why }));
    assert!(asked.as_ref().is_ok_and(|decision| decision.events.is_empty()), "an emergency for a P1 passes");
    let mut slow = change.clone();
    slow.kind = ChangeKind::Normal;
    let asked = on_change(&frozen, &slow, "ana", now(), word(|why| FreezeCommand::Except { why }));
    let frozen = freeze_after(asked, &frozen);
    let first = on_change(&frozen, &slow, "zoe", now(), allow());
    assert_eq!(first.as_ref().expect("the executive").events[0].draft().kind, "override.signed");
    let frozen = freeze_after(first, &frozen);
    assert_eq!(on_change(&frozen, &slow, "zoe", now(), allow()).expect_err("nobody signs twice").rule, "4.12");
    let second = on_change(&frozen, &slow, "mia", now(), allow()).expect("the owner stands for the business");
    assert_eq!(second.events[0].draft().kind, "override.granted");
}

#[test]
fn a_link_by_hand_lets_a_change_past_the_freeze_of_its_incident_as_the_tables_say() {
    use crate::domain::rules::{LinkKind, LinkOrigin, LinkState};
    let said = |by: Option<&str>, kind, state| crate::domain::Link {
        incident: 1,
        change: approved().number,
        implementer: approved().implementer,
        kind,
        origin: LinkOrigin::Manual,
        state,
        relation: None,
        confidence: None,
        decided_by: by.map(id),
        decided_at: Some(now()),
    };
    let confirmed = LinkState::Confirmed;
    for (name, link, during, after) in [
        ("resolves", said(Some("raj"), LinkKind::Resolves, confirmed), true, true),
        ("related", said(Some("raj"), LinkKind::Related, confirmed), false, true),
        ("its cause", said(Some("raj"), LinkKind::Caused, confirmed), false, false),
        ("by whoever carries it out", said(Some("ana"), LinkKind::Resolves, confirmed), false, false),
        ("nobody answered", said(None, LinkKind::Resolves, confirmed), false, false),
        ("taken back", said(Some("raj"), LinkKind::Resolves, LinkState::Rejected), false, false),
        (
            "to another",
            crate::domain::Link { incident: 2, ..said(Some("raj"), LinkKind::Resolves, confirmed) },
            false,
            false,
        ),
    ] {
        for (kind, passes) in [(FreezeKind::Major, during), (FreezeKind::Stabilising, after)] {
            let frozen = major();
            let frozen = Frozen { freeze: Freeze { kind, ..frozen.freeze }, links: vec![link.clone()], ..frozen };
            let started = on_change(&frozen, &approved(), "ana", now(), Command::Start { why: None });
            assert_eq!(started.is_ok(), passes, "{name}, {kind}");
        }
    }
}
