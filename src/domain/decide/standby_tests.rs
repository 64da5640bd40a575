//! In whatever order people click, no change of high risk starts without the word of whoever takes it back.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::decide;
use super::rehearsal_tests::waived;
use super::test_world::{actor, id, now, organisation};
use super::tests::{change, incident};
use crate::domain::policy::Policy;
use crate::domain::rules::{ChangeKind, StandbyRole};
use crate::domain::{
    Actor, Asked, Change, ChangeEvent, ChangeStatus, Command, DeadlineKind, Engagement, Event, StandbyCommand,
    StandbyEvent, StandbyState, State, Subject, Target, Window, World,
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
