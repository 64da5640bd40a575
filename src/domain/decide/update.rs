//! Stakeholder updates: when they go out, and what a late one says (rule 4.20).

use chrono::{DateTime, TimeDelta, Utc};

use super::incident::check_open;
use super::standing::{Record, permit, person};
use super::{incident_decision, incident_of, stands};
use crate::domain::rules::{Action, Calendar, Pace, after_priority_change, next_update, slot_after};
use crate::domain::{Answer, Asked, Decision, Event, Incident, IncidentEvent, Refusal, World};

/// A job starts within seconds; a promise that is kept two minutes after its moment was not kept in time.
const LATE_AFTER: TimeDelta = TimeDelta::minutes(2);

/// The first word goes out at once, where anybody is to be told; then the slots run from the declaration.
pub(super) fn begin(world: &World<'_>, asked: Asked<'_>, incident: &mut Incident) -> Option<Event> {
    world.organisation.audiences_of(incident.priority, &incident.services).next()?;
    incident.updates.next = Some(next_after(world, incident, asked.at));
    Some(sent(None))
}

/// An update that keeps no slot: the first, the last, or one by hand.
pub(super) fn sent(text: Option<String>) -> Event {
    Event::Incident(IncidentEvent::UpdateSent { slot: None, late: false, missed: 0, text })
}

/// The moment of a promised update has come. Several that passed while the bot was away are kept once.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>, slot: DateTime<Utc>) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    if incident.updates.next != Some(slot) {
        return Ok(stands(asked, incident.subject(), "This update was sent or moved in the meantime."));
    }
    let mut next = incident.clone();
    next.updates.next = Some(next_after(world, incident, asked.at));
    let missed = missed(world, incident, slot, asked.at);
    let late = asked.at - slot > LATE_AFTER;
    let event = Event::Incident(IncidentEvent::UpdateSent { slot: Some(slot), late, missed, text: None });
    Ok(incident_decision(asked, next, vec![event], Answer::default()))
}

/// How many further slots have passed since this one.
fn missed(world: &World<'_>, incident: &Incident, slot: DateTime<Utc>, now: DateTime<Utc>) -> i32 {
    let mut missed = 0;
    let mut at = slot;
    // A bound for a bot that was away for months; nobody counts further.
    while missed < 1_000 {
        at = slot_after(world.policy, &calendar(world), pace(incident), incident.updates.anchor, at);
        if at > now {
            break;
        }
        missed += 1;
    }
    missed
}

pub(super) fn send(world: &World<'_>, asked: Asked<'_>, text: String) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    person(asked, Action::SendInternalUpdate)?;
    permit(world, asked, Action::SendInternalUpdate, Record::of(incident))?;
    check_open(incident)?;
    if world.organisation.audiences_of(incident.priority, &incident.services).next().is_none() {
        return Err(Refusal::slip(
            format!("Nobody is to be told of a {} on {}.", incident.priority, incident.services_phrase()),
            "An audience in the organisation file says who hears of what.",
        ));
    }
    let mut next = incident.clone();
    next.updates.next = Some(next_after(world, incident, asked.at));
    let answer = Answer::default().also("The schedule goes on; this one counts for a slot within the next 10 minutes.");
    Ok(incident_decision(asked, next, vec![sent(Some(text))], answer))
}

/// Another priority, another rhythm: what was promised is kept, or comes earlier.
pub(super) fn after_priority(world: &World<'_>, asked: Asked<'_>, incident: &mut Incident) {
    if world.organisation.audiences_of(incident.priority, &incident.services).next().is_some() {
        let (calendar, pace) = (calendar(world), pace(incident));
        let next = after_priority_change(world.policy, &calendar, pace, incident.updates.next, asked.at);
        incident.updates.next = Some(next);
    }
}

fn next_after(world: &World<'_>, incident: &Incident, last: DateTime<Utc>) -> DateTime<Utc> {
    next_update(world.policy, &calendar(world), pace(incident), incident.updates.anchor, Some(last)).verdict
}

fn pace(incident: &Incident) -> Pace {
    Pace::of(incident.priority, incident.is_major())
}

pub(super) fn calendar<'a>(world: &'a World<'_>) -> Calendar<'a> {
    Calendar { hours: &world.policy.calendar, zone: world.organisation.time_zone }
}
