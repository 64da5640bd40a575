//! One booking of somebody on standby: made, asked, confirmed, given up.

use chrono::{DateTime, TimeDelta, Utc};

use super::standing::person;
use crate::domain::policy::StandbyPolicy;
use crate::domain::rules::{Action, ChangeKind, StandbyRole};
use crate::domain::{Asked, Change, Event, PersonId, Refusal, Role, StandbyBooking, StandbyEvent, StandbyState, World};

/// Books somebody, and asks them at once where it is time to.
pub(super) fn put(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    (role, who): (StandbyRole, PersonId),
    on_call: bool,
) -> Event {
    let is_asked = says(&world.policy.standby, change, asked.at).is_some();
    let starts_at = change.planned_start();
    change.standby.push(StandbyBooking {
        booked: 0,
        role,
        person: who.clone(),
        state: StandbyState::Requested,
        starts_at,
        asked_at: is_asked.then_some(asked.at),
    });
    Event::Standby(StandbyEvent::Booked { role, person: who, on_call, starts: starts_at, asked: is_asked })
}

/// Books somebody by their own word.
pub(super) fn take(asked: Asked<'_>, change: &mut Change, (role, who): (StandbyRole, PersonId), again: bool) -> Event {
    let (starts_at, state) = (change.planned_start(), confirmed(again));
    let (person, asked_at) = (who.clone(), Some(asked.at));
    change.standby.push(StandbyBooking { booked: 0, role, person, state, starts_at, asked_at });
    Event::Standby(StandbyEvent::Taken { role, person: who, starts: starts_at, again })
}

/// Somebody who is booked is there.
pub(super) fn say_ready(change: &mut Change, booked: i32, state: StandbyState) -> Event {
    set(change, booked, state);
    let role =
        change.standby.iter().find(|one| one.booked == booked).map_or(StandbyRole::RollbackOwner, |one| one.role);
    Event::Standby(StandbyEvent::Confirmed { booked, role, again: state == StandbyState::ConfirmedAgain })
}

pub(super) fn set(change: &mut Change, booked: i32, state: StandbyState) {
    change.standby.iter_mut().filter(|one| one.booked == booked).for_each(|one| one.state = state);
}

/// Nobody is counted on for a role any more: somebody else will be.
pub(super) fn release(change: &mut Change, role: StandbyRole) -> Vec<Event> {
    release_where(change, |one| one.role == role && one.state.is_live())
}

/// Whoever was asked in the meantime need not stand by.
pub(super) fn release_others(change: &mut Change, of: &StandbyBooking) -> Vec<Event> {
    let (role, booked) = (of.role, of.booked);
    release_where(change, |one| one.role == role && one.booked != booked && one.state.is_live())
}

fn release_where(change: &mut Change, is_meant: impl Fn(&StandbyBooking) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    for one in change.standby.iter_mut().filter(|one| one.booked != 0 && is_meant(one)) {
        one.state = StandbyState::Released;
        let (booked, role, person) = (one.booked, one.role, one.person.clone());
        events.push(Event::Standby(StandbyEvent::Released { booked, role, person }));
    }
    events
}

/// The newest booking of somebody for a role that they may still confirm.
pub(super) fn own<'a>(change: &'a Change, who: &PersonId, role: StandbyRole) -> Option<&'a StandbyBooking> {
    change.standby.iter().rev().find(|one| one.role == role && &one.person == who && may_confirm(one.state))
}

/// Whoever was silent in an emergency may still come.
pub(super) fn may_confirm(state: StandbyState) -> bool {
    state.is_live() || state == StandbyState::Missed
}

/// How far a word that is given now counts; `None`: it would be too early.
pub(super) fn says(policy: &StandbyPolicy, change: &Change, now: DateTime<Utc>) -> Option<StandbyState> {
    if change.kind == ChangeKind::Emergency {
        return Some(StandbyState::Confirmed);
    }
    let left = change.planned_start()? - now;
    let due = |minutes: u32| left <= TimeDelta::minutes(minutes.into());
    due(policy.first_confirmation_minutes).then(|| confirmed(due(policy.last_confirmation_minutes)))
}

fn confirmed(again: bool) -> StandbyState {
    if again { StandbyState::ConfirmedAgain } else { StandbyState::Confirmed }
}

/// How far it has come, to compare.
pub(super) fn order(state: StandbyState) -> u8 {
    match state {
        StandbyState::ConfirmedAgain => 2,
        StandbyState::Confirmed => 1,
        StandbyState::Requested | StandbyState::Declined | StandbyState::Missed | StandbyState::Released => 0,
    }
}

/// Whether somebody is to be asked now, and whether for the second time.
pub(super) fn asks(policy: &StandbyPolicy, one: &StandbyBooking, now: DateTime<Utc>) -> Option<bool> {
    let at = next_ask(policy, one).filter(|at| *at <= now)?;
    let last = last_ask(policy, one)?;
    Some(at >= last || now >= last)
}

/// When somebody is asked next: a day before the planned start, and an hour before.
pub(super) fn next_ask(policy: &StandbyPolicy, one: &StandbyBooking) -> Option<DateTime<Utc>> {
    let starts = one.starts_at?;
    let first = starts - TimeDelta::minutes(policy.first_confirmation_minutes.into());
    let last = last_ask(policy, one)?;
    match (one.state, one.asked_at) {
        (StandbyState::Requested, None) => Some(first),
        (StandbyState::Requested | StandbyState::Confirmed, asked) if asked.is_none_or(|at| at < last) => Some(last),
        _ => None,
    }
}

fn last_ask(policy: &StandbyPolicy, one: &StandbyBooking) -> Option<DateTime<Utc>> {
    one.starts_at.map(|starts| starts - TimeDelta::minutes(policy.last_confirmation_minutes.into()))
}

/// When the silence of somebody who was asked in an emergency has lasted too long.
pub(super) fn silent_at(policy: &StandbyPolicy, one: &StandbyBooking) -> Option<DateTime<Utc>> {
    let asked_at = one.asked_at.filter(|_| one.state == StandbyState::Requested)?;
    Some(asked_at + TimeDelta::minutes(policy.emergency_silence_minutes.into()))
}

/// Whoever asked for the change, carries it out or manages changes says who stands by for it.
pub(super) fn check_books(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let me = person(asked, Action::RunChange)?;
    let id = change.subject();
    if !change.is_own(me) && !world.organisation.has_role(me, Role::ChangeManager) {
        let requester = world.organisation.name_of(&change.requester);
        let next = format!("{requester} or a change manager can say who stands by.");
        return Err(Refusal::by_rule("4.23", format!("{id} was asked for by {requester}."), next));
    }
    if !change.is_before_start() {
        let sentence = format!("{id} is {}: who stands by was settled before.", change.state_phrase());
        return Err(Refusal::slip(sentence, format!("`/change plan standby {id}` shows who does.")));
    }
    if !super::readiness::Readiness::of(world, change, asked.at).is_required() {
        let from = world.policy.standby.required_from.phrase();
        let sentence = format!("{id} needs nobody on standby (rule 4.48): that begins with {from}.");
        return Err(Refusal::slip(sentence, "Nothing holds it up for that."));
    }
    Ok(())
}

pub(super) fn not_booked(change: &Change) -> Refusal {
    let id = change.subject();
    Refusal::by_rule(
        "4.48",
        format!("You are not booked to stand by for {id}, or somebody else was booked since."),
        format!("`/change plan standby {id}` shows who is."),
    )
}

/// "the owner of the rollback and the database"
pub(super) fn phrases(roles: impl Iterator<Item = StandbyRole>) -> String {
    roles.map(StandbyRole::phrase).collect::<Vec<_>>().join(" and ")
}

/// "an hour", "24 hours", "90 minutes"
pub(super) fn minutes(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (1, 0) => "an hour".to_owned(),
        (hours, 0) if hours > 0 => format!("{hours} hours"),
        _ => format!("{minutes} minutes"),
    }
}
