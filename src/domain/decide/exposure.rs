//! Data may have left the house: that raises the priority (rule 4.3), calls whoever looks after data, and asks for what has
//! to be shown before the incident is over (rule 4.39).

use super::incident::check_open;
use super::standing::{Record, permit, person, roles};
use super::{checklist, incident_decision, incident_of, stands, step};
use crate::domain::rules::{Action, Exposure, Modifiers, effective_priority};
use crate::domain::{
    Answer, Asked, Decision, Event, ExposureMark, Incident, IncidentEvent, PendingStep, PersonId, Refusal, Role, World,
};

/// The list of the policy that is put on it where none is named.
const LIST: &str = "breach";

/// Who may say that it was less than it seemed.
const LOWER: &[Role] = &[Role::Privacy, Role::Security, Role::Commander];

pub(super) fn mark(world: &World<'_>, asked: Asked<'_>, mark: ExposureMark) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let me = person(asked, Action::Note)?;
    permit(world, asked, Action::Note, Record::of(incident))?;
    check_open(incident)?;
    let (from, to, id) = (incident.exposure, mark.to, incident.subject());
    if from == to {
        let sentence = match to {
            Exposure::None => format!("No data exposure is marked on {id}."),
            Exposure::Suspected | Exposure::Confirmed => format!("A {} is marked on {id} already.", to.phrase()),
        };
        return Ok(stands(asked, id, sentence));
    }
    if to < from {
        check_lower(world, me, incident)?;
    }
    let mut next = Incident { exposure: to, ..incident.clone() };
    let mut events = vec![Event::Incident(IncidentEvent::ExposureSet { from, to, why: mark.why })];
    let mut answer = Answer::default();
    if to != Exposure::None {
        // Whoever asked to lower it before may not be who may ask now.
        if next.pending.take_if(|pending| matches!(pending.step, PendingStep::Lower(_))).is_some() {
            answer = answer.also("The request to lower the priority is void: an officer asks for that now.");
        }
        events.extend(raise(world, asked, &mut next));
        let listed = checklist::put_on(world, &mut next, mark.list.as_deref().unwrap_or(LIST));
        if !listed.is_empty() {
            answer = answer.also(checklist::before_end(&next.checklist, asked.at));
        }
        events.extend(listed);
    }
    Ok(incident_decision(asked, next, events, after(answer, to)))
}

fn check_lower(world: &World<'_>, me: &PersonId, incident: &Incident) -> Result<(), Refusal> {
    if roles(world.organisation, me, Record::of(incident)).iter().any(|role| LOWER.contains(role)) {
        return Ok(());
    }
    Err(Refusal::by_rule(
        "4.3",
        format!("You cannot say that {} is less than a {}.", incident.subject(), incident.exposure.phrase()),
        "The privacy officer, the security lead or the incident commander can.",
    ))
}

/// At least what rule 4.3 asks for. What was raised once is lowered by people alone.
fn raise(world: &World<'_>, asked: Asked<'_>, incident: &mut Incident) -> Vec<Event> {
    let modifiers = Modifiers { peak: false, exposure: incident.exposure, parent: None };
    let least = effective_priority(world.policy, incident.priority, modifiers).verdict.shown;
    if least == incident.priority {
        return Vec::new();
    }
    let why = incident.exposure.phrase().to_owned();
    let (next, events) = step::with_priority(world, asked, incident, least, why);
    *incident = next;
    events
}

fn after(answer: Answer, to: Exposure) -> Answer {
    match to {
        Exposure::None => {
            answer.also("The priority and the checklist stay as they are: `/inc sev`, `/inc plan waive`.")
        }
        Exposure::Suspected => answer.also("`/inc plan exposure confirmed` or `none`, and why, once it is known."),
        Exposure::Confirmed => answer.also("That is a ground for a major incident (rule 4.5): `/inc major` and why."),
    }
}
