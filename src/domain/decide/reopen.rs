//! A resolved incident that comes back: it is open again, and what its end had ended begins again from now.

use super::freeze::moment;
use super::standing::{Record, permit, person};
use super::{incident_decision, incident_of, major, silence, stands, update};
use crate::domain::rules::Action;
use crate::domain::{
    Answer, Asked, Decision, Event, Incident, IncidentEvent, IncidentStatus, Refusal, UpdateSchedule, World,
};

/// Whoever responds may say so: what is broken again does not wait for its commander. What was put on record stays there;
/// drafts that were left with the end stay left.
pub(super) fn reopen(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    person(asked, Action::RaisePriority)?;
    permit(world, asked, Action::Note, Record::of(incident))?;
    if incident.is_open() {
        let sentence = format!("{} is open: it is {}.", incident.subject(), incident.status.as_str());
        return Ok(stands(asked, incident.subject(), sentence));
    }
    check_comes_back(world, asked, incident)?;
    let mut next = incident.clone();
    next.status = IncidentStatus::Investigating;
    next.ended_at = None;
    next.outcome = None;
    let commander = incident.commander.as_ref();
    next.watch = commander.and_then(|commander| silence::begin(world, asked, commander, &incident.services));
    let with = major::again(world, asked, incident, &mut next);
    // Slots lie at marks from now on, as if it were declared anew.
    next.updates = UpdateSchedule { anchor: asked.at, next: None };
    let update = update::begin(world, asked, &mut next);
    let reopened = IncidentEvent::Reopened { priority: next.priority, major: next.is_major(), why };
    let events = [Event::Incident(reopened)].into_iter().chain(update).collect();
    let answer = match commander {
        Some(commander) => format!("{} leads it, as before.", world.organisation.name_of(commander)),
        None => "Nobody leads it: `/inc lead` takes it.".to_owned(),
    };
    Ok(Decision { with, ..incident_decision(asked, next, events, Answer::default().also(answer)) })
}

/// A cancelled one never was, and what comes back long after is a new one.
fn check_comes_back(world: &World<'_>, asked: Asked<'_>, incident: &Incident) -> Result<(), Refusal> {
    let subject = incident.subject();
    let anew = format!("`/inc declare` opens a new one; name {subject} in its title, so that nobody looks twice.");
    if incident.status == IncidentStatus::Cancelled {
        return Err(Refusal::slip(format!("{subject} was cancelled: there is nothing that comes back."), anew));
    }
    let within = world.policy.incidents.reopened_within();
    match incident.ended_at {
        Some(ended) if asked.at - ended > within => {
            let hours = within.num_hours();
            let sentence = format!(
                "{subject} was resolved on {}, more than {hours} hours ago: what comes back now is a new incident.",
                moment(ended)
            );
            Err(Refusal::slip(sentence, anew))
        }
        _ => Ok(()),
    }
}
