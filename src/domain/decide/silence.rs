//! A commander who is silent for longer than their team's charter allows: the next of its succession is paged.

use super::incident::check_receiver;
use super::standing::Record;
use super::{incident_decision, incident_of, stands};
use crate::domain::charter::Watch;
use crate::domain::rules::TIMER_EARLY;
use crate::domain::{Answer, Asked, Decision, Event, Incident, IncidentEvent, Person, PersonId, Refusal, World};

/// The lead is given: from now on the commander is listened for, where a charter says how soon they can be reached.
pub(super) fn begin(world: &World<'_>, asked: Asked<'_>, commander: &PersonId, services: &[String]) -> Option<Watch> {
    let charter = world.organisation.charter_for(commander, services)?;
    Some(Watch::from(charter.availability_minutes, asked.at))
}

/// Whatever the commander does on the incident, they were heard.
pub(super) fn heard(asked: Asked<'_>, incident: &mut Incident) {
    let is_commander = asked.by.person().is_some() && asked.by.person() == incident.commander.as_ref();
    if let Some(watch) = incident.watch.as_mut().filter(|_| is_commander) {
        *watch = Watch::from(watch.minutes, asked.at);
    }
}

/// The moment has come: heard in the meantime, they are listened for on; else the next one is paged, and after the last the
/// duty managers.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let is_due = incident.silence_due().is_some_and(|at| at <= asked.at + TIMER_EARLY);
    let (Some(commander), Some(watch)) = (&incident.commander, incident.watch.as_ref().filter(|_| is_due)) else {
        return Ok(stands(asked, incident.subject(), "The commander was heard, or nobody waits any more."));
    };
    let mut next = incident.clone();
    let minutes = watch.minutes;
    let listening_on = world.heard_at.map(|at| Watch::from(minutes, at)).filter(|again| again.due_at > asked.at);
    let event = if let (Some(again), Some(heard_at)) = (listening_on, world.heard_at) {
        next.watch = Some(again);
        IncidentEvent::CommanderHeard { person: commander.clone(), heard_at }
    } else {
        let successor = successor(world, incident, commander, &watch.paged);
        next.watch = successor.clone().map(|person| {
            let paged = watch.paged.iter().cloned().chain([person]).collect();
            Watch { paged, ..Watch::from(minutes, asked.at) }
        });
        IncidentEvent::SuccessorPaged { commander: commander.clone(), person: successor, minutes }
    };
    Ok(incident_decision(asked, next, vec![Event::Incident(event)], Answer::default()))
}

/// The next of the succession who can be reached and may lead: not whoever approved a change that resolves it (rule 4.15).
fn successor(world: &World<'_>, incident: &Incident, commander: &PersonId, paged: &[PersonId]) -> Option<PersonId> {
    let charter = world.organisation.charter_for(commander, &incident.services)?;
    let may_lead = |person: &&PersonId| {
        let is_new = *person != commander && !paged.contains(person);
        let is_there = world.organisation.person(person).is_some_and(Person::is_reachable);
        let has_approved = world.linked_changes.iter().any(|change| change.was_approved_by(person));
        is_new && is_there && !has_approved && check_receiver(world, person, Record::of(incident)).is_ok()
    };
    charter.succession.iter().find(may_lead).cloned()
}
