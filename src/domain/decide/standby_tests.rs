//! In whatever order people click, no change of high risk starts without the word of whoever takes it back.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::decide;
use super::readiness::Readiness;
use super::rehearsal_tests::waived;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, incident, on};
use crate::domain::delegation::Delegation;
use crate::domain::policy::Policy;
use crate::domain::rules::{Band, BookingState, ChangeKind, StandbyRole, Tier};
use crate::domain::{
    Actor, Asked, Change, ChangeEvent, ChangeStatus, Command, DeadlineKind, Engagement, Event, Organisation,
    StandbyBooking, StandbyCommand, StandbyEvent, StandbyState, State, Subject, Target, Window, World,
};

const PEOPLE: [&str; 4] = ["ana", "raj", "mia", "tom"];

/// A click, and how long it is until the next.
#[derive(Debug, Clone)]
struct Click {
    who: usize,
    what: usize,
    named: usize,
    minutes: i64,
    ana_is_busy: bool,
}

fn clicks() -> impl Strategy<Value = Vec<Click>> {
    let minutes = prop_oneof![Just(0), 1_i64..8, 60_i64..400];
    let click = (0..PEOPLE.len(), 0_usize..6, 0..PEOPLE.len(), minutes, prop::bool::weighted(0.2));
    let click =
        click.prop_map(|(who, what, named, minutes, ana_is_busy)| Click { who, what, named, minutes, ana_is_busy });
    prop::collection::vec(click, 1..40)
}

fn command(click: &Click, at: DateTime<Utc>) -> Command {
    match click.what {
        0 => Command::Start { why: None },
        1 => Command::Standby(StandbyCommand::Confirm),
        2 => Command::Standby(StandbyCommand::Decline { why: None }),
        3 => Command::Standby(StandbyCommand::OnCall),
        4 => Command::Standby(StandbyCommand::Book(vec![(StandbyRole::RollbackOwner, id(PEOPLE[click.named]))])),
        _ => Command::Due { deadline: DeadlineKind::Standby, at },
    }
}

/// Approved, and carried out by `implementer`; an emergency at once, any other change tomorrow.
fn approved(kind: ChangeKind, implementer: &str) -> Change {
    let mut change = change();
    let opens = if kind == ChangeKind::Emergency { now() } else { now() + TimeDelta::hours(26) };
    let window = Window { opens, closes: opens + TimeDelta::hours(12) };
    (change.kind, change.status, change.window, change.planned) =
        (kind, ChangeStatus::Approved, Some(window), Some(window));
    (change.requester, change.implementer) = (id(implementer), id(implementer));
    change.approved_at = Some(now());
    change.rehearsals = waived();
    change
}

fn busy(change: &Change) -> Engagement {
    let with = Subject::Incident(change.number + 9);
    Engagement { person: id("ana"), with, from: None, until: None }
}

/// The kinds of what happened, in order, up to the start; `None`: it never started.
fn play(mut change: Change, clicks: &[Click]) -> Option<(Change, Vec<&'static str>, bool)> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let (mut at, mut seq, mut kinds) = (now(), 10, Vec::new());
    for click in clicks {
        at += TimeDelta::minutes(click.minutes);
        let target = Target::Change { change: Box::new(change.clone()), incident: Some(incident()) };
        let engagements = if click.ana_is_busy { vec![busy(&change)] } else { Vec::new() };
        let world = World { engagements, ..World::about(&organisation, &policy, 1, target) };
        let by = if click.what == 5 { Actor::Wardroom } else { actor(PEOPLE[click.who]) };
        let Ok(decision) = decide(&world, Asked { by: &by, at }, command(click, at)) else { continue };
        kinds.extend(decision.events.iter().map(|event| event.draft().kind));
        let State::Change(next) = decision.state else { continue };
        change = *next;
        for (event, one) in new_bookings(&decision.events, &mut change) {
            seq += 1;
            assert_eq!(event, one.person, "each row has its entry");
            one.booked = seq;
        }
        if decision.events.iter().any(|event| matches!(event, Event::Change(ChangeEvent::Started))) {
            return Some((change, kinds, click.ana_is_busy));
        }
    }
    None
}

fn new_bookings<'a>(
    events: &[Event],
    change: &'a mut Change,
) -> Vec<(crate::domain::PersonId, &'a mut crate::domain::StandbyBooking)> {
    let people = events.iter().filter_map(|event| match event {
        Event::Standby(StandbyEvent::Booked { person, .. } | StandbyEvent::Taken { person, .. }) => {
            Some(person.clone())
        }
        _ => None,
    });
    people.collect::<Vec<_>>().into_iter().zip(change.standby.iter_mut().filter(|one| one.booked == 0)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_clicks_starts_a_high_change_without_the_word_of_its_rollback_owner(
        clicks in clicks(), is_emergency in any::<bool>(), implementer in 0..PEOPLE.len(),
    ) {
        let kind = if is_emergency { ChangeKind::Emergency } else { ChangeKind::Normal };
        if let Some((change, kinds, ana_is_busy)) = play(approved(kind, PEOPLE[implementer]), &clicks) {
            let said = kinds.iter().position(|kind| ["standby.taken", "standby.confirmed"].contains(kind));
            let started = kinds.iter().position(|kind| *kind == "change.started");
            prop_assert!(said.is_some() && said < started, "{kinds:?}");
            let wanted = |state| {
                state == StandbyState::ConfirmedAgain || (is_emergency && state == StandbyState::Confirmed)
            };
            let is_there = change.on_standby().any(|one| {
                wanted(one.state) && one.role == StandbyRole::RollbackOwner && !(ana_is_busy && one.person == id("ana"))
            });
            prop_assert!(is_there, "{kinds:?} {:?}", change.standby);
        }
    }
}

#[test]
fn it_does_start_where_they_said_so() {
    let click = |who, what, minutes| Click { who, what, named: 0, minutes, ana_is_busy: false };
    // Ana is on call, and carries it out.
    assert!(play(approved(ChangeKind::Emergency, "ana"), &[click(0, 0, 0)]).is_some());
    assert!(play(approved(ChangeKind::Emergency, "mia"), &[click(2, 0, 0)]).is_none(), "mia is not");
    let asked = [click(2, 3, 0), click(0, 1, 1), click(2, 0, 1)];
    assert!(play(approved(ChangeKind::Emergency, "mia"), &asked).is_some());
    let planned = [click(2, 3, 60), click(5 % 4, 5, 60), click(0, 1, 60), click(0, 1, 22 * 60 + 30), click(2, 0, 60)];
    assert!(play(approved(ChangeKind::Normal, "mia"), &planned).is_some());
}

#[test]
fn what_takes_a_tier_1_service_down_as_a_whole_needs_somebody_on_standby_however_small_its_risk_is() {
    let policy = Policy::sample();
    for (tier, availability, is_required) in
        [(Tier::T1, Some(5), true), (Tier::T1, Some(4), false), (Tier::T1, None, false), (Tier::T2, Some(5), false)]
    {
        let mut organisation = organisation();
        organisation.services.get_mut("cards").expect("the cards").tier = tier;
        let mut change = approved(ChangeKind::Normal, "mia");
        change.risk.band = Band::Low;
        change.factors.availability = availability;
        let world = World::about(&organisation, &policy, 1, on(&change));
        let ready = Readiness::of(&world, &change, now());
        assert_eq!(ready.is_required(), is_required, "{tier:?} {availability:?}");
        assert_eq!(ready.roles().contains(&StandbyRole::RollbackOwner), is_required, "{tier:?} {availability:?}");
    }
}

/// Mia's change of high risk, whose window has just opened; Raj is booked for it, and has said twice that he is there.
fn booked() -> Change {
    let mut change = approved(ChangeKind::Normal, "mia");
    let window = Window { opens: now(), closes: now() + TimeDelta::hours(2) };
    (change.window, change.planned) = (Some(window), Some(window));
    change.risk.band = Band::High;
    change.standby = vec![StandbyBooking {
        booked: 1,
        role: StandbyRole::RollbackOwner,
        person: id("raj"),
        state: StandbyState::ConfirmedAgain,
        starts_at: Some(window.opens),
        asked_at: Some(now()),
    }];
    change
}

/// Why Raj cannot be there, how his role stands by that, and what becomes of the start.
fn stands(organisation: &Organisation, engagements: Vec<Engagement>) -> (Option<String>, BookingState, String) {
    let (policy, change) = (Policy::sample(), booked());
    let about = World::about(organisation, &policy, 1, on(&change));
    let world = World { engagements, ..about };
    let ready = Readiness::of(&world, &change, now());
    let start = decide(&world, Asked { by: &actor("mia"), at: now() }, Command::Start { why: None });
    (ready.conflict_of(&id("raj")), ready.state_of(StandbyRole::RollbackOwner), cell(start))
}

#[test]
fn whoever_is_booked_and_cannot_be_there_holds_up_the_start() {
    let busy = |with, from: i64, until: i64| {
        let at = |hours| Some(now() + TimeDelta::hours(hours));
        vec![Engagement { person: id("raj"), with, from: at(from), until: at(until) }]
    };
    let (free, conflict) = ((None, BookingState::ConfirmedTwice), BookingState::Conflict);
    let (started, refused) = ("change.started => implementing", "no, rule 4.48");
    assert_eq!(stands(&organisation(), Vec::new()), (free.0.clone(), free.1, started.to_owned()));

    let mut inactive = organisation();
    inactive.people.get_mut(&id("raj")).expect("raj").active = false;
    let why = Some("raj is not active".to_owned());
    assert_eq!(stands(&inactive, Vec::new()), (why, conflict, refused.to_owned()));

    for (from, until, is_absent) in [(-1, 1, true), (1, 2, false), (-2, 0, false)] {
        let mut absent = organisation();
        let (starts, ends) = (now() + TimeDelta::hours(from), now() + TimeDelta::hours(until));
        absent.delegations = vec![Delegation { granted: 1, from: id("raj"), to: id("tom"), starts, ends, begun: true }];
        let expected = if is_absent {
            (Some("raj is absent, tom stands in".to_owned()), conflict, refused.to_owned())
        } else {
            (None, free.1, started.to_owned())
        };
        assert_eq!(stands(&absent, Vec::new()), expected, "from {from} until {until}");
    }

    let commands = vec![Engagement { person: id("raj"), with: Subject::Incident(9), from: None, until: None }];
    let why = Some("raj commands INC-9".to_owned());
    assert_eq!(stands(&organisation(), commands), (why, conflict, refused.to_owned()));
    for (from, until, meets) in [(1, 3, true), (-1, 1, true), (2, 3, false), (-1, 0, false)] {
        let expected = if meets {
            (Some("raj stands by for CHG-9".to_owned()), conflict, refused.to_owned())
        } else {
            (None, free.1, started.to_owned())
        };
        let met = stands(&organisation(), busy(Subject::Change(9), from, until));
        assert_eq!(met, expected, "from {from} until {until}");
    }
}
