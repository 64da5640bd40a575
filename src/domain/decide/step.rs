//! Steps that can hurt: another priority, a cancellation. Some wait for a second person.

use super::incident::{check_open, end};
use super::standing::{Record, permit, person, roles};
use super::{checklist, custom_field, draft, incident_decision, incident_of, link, major, stands, update};
use crate::domain::rules::{
    Action, DECLARES_MAJOR, Duty, Exposure, OverrideRequest, OverrideVerdict, Priority, Relation, duties_ok,
    may_override,
};
use crate::domain::{
    Answer, Asked, Decision, Event, Incident, IncidentEvent, IncidentStatus, Pending, PendingStep, PersonId, Refusal,
    Role, World,
};

/// Rule 4.3: raising stands at once; lowering a P1 needs a second person.
pub(super) fn set_priority(
    world: &World<'_>,
    asked: Asked<'_>,
    to: Priority,
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let me = person(asked, Action::RaisePriority)?;
    check_open(incident)?;
    let request = OverrideRequest {
        from: incident.priority,
        to,
        exposure: incident.exposure,
        roles: &roles(world.organisation, me, Record::of(incident)),
        second: None,
        has_reason: why.is_some(),
    };
    match may_override(&request)? {
        OverrideVerdict::Stands => {
            Ok(stands(asked, incident.subject(), format!("{} is {to} already.", incident.subject())))
        }
        OverrideVerdict::NeedsReason => Err(Refusal::slip("Why?", "`/inc sev … why: …`")),
        OverrideVerdict::Allowed => {
            let why = why.unwrap_or_default();
            let (next, events) = with_priority(world, asked, incident, to, why);
            let back = incident.priority.number();
            let answer = Answer::undo(match to {
                Priority::P1 => format!("`/inc sev {back} why: …` asks to set it back; a second person confirms"),
                Priority::P2 | Priority::P3 | Priority::P4 => format!("`/inc sev {back} why: …` sets it back"),
            });
            Ok(incident_decision(asked, next, events, answer))
        }
        OverrideVerdict::NeedsSecond { roles } => {
            Ok(wait(world, asked, me, PendingStep::Lower(to), why.unwrap_or_default(), roles)?)
        }
    }
}

pub(super) fn with_priority(
    world: &World<'_>,
    asked: Asked<'_>,
    incident: &Incident,
    to: Priority,
    why: String,
) -> (Incident, Vec<Event>) {
    let mut next = incident.clone();
    next.priority = to;
    next.pending = None;
    update::after_priority(world, asked, &mut next);
    let set = Event::Incident(IncidentEvent::PrioritySet { from: incident.priority, to, why });
    let fields = custom_field::ask_incident(world, &mut next);
    (next, [set].into_iter().chain(fields).collect())
}

/// Declared by mistake. The one who declared it may take it back; a P1 or P2 needs a second person.
pub(super) fn cancel(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let me = person(asked, Action::ResolveIncident)?;
    if incident.declared_by.as_ref() != Some(me) {
        permit(world, asked, Action::ResolveIncident, Record::of(incident))?;
    }
    check_open(incident)?;
    if !matches!(incident.status, IncidentStatus::Declared | IncidentStatus::Investigating) {
        return Err(Refusal::slip(
            format!(
                "{} is {}; something was broken, so it is resolved, not cancelled.",
                incident.subject(),
                incident.status.as_str()
            ),
            "`/inc resolve` says what resolved it.",
        ));
    }
    checklist::check_end(incident, CANCELLED, asked.at)?;
    if incident.priority <= Priority::P2 {
        return wait(world, asked, me, PendingStep::Cancel, why, SECOND);
    }
    let (next, events, with) = cancelled(world, asked, incident, why);
    Ok(Decision { with, ..incident_decision(asked, next, events, Answer::default()) })
}

/// The step that a cancellation is, in the sentence that refuses it.
const CANCELLED: &str = "it is cancelled";
/// Who may be the second person for a cancellation, as for lowering a P1 (rule 4.3).
const SECOND: &[Role] = &[Role::Commander, Role::DutyManager, Role::ServiceOwner];
/// Who is the second person for lowering anything while a data exposure is marked (rule 4.3).
const COMMANDER: &[Role] = &[Role::Commander];

fn cancelled(
    world: &World<'_>,
    asked: Asked<'_>,
    incident: &Incident,
    why: String,
) -> (Incident, Vec<Event>, Vec<Decision>) {
    let mut next = incident.clone();
    let mut events: Vec<Event> = link::dropped(world).collect();
    events.extend(draft::left(&mut next));
    events.push(Event::Incident(IncidentEvent::Cancelled { why: why.clone() }));
    events.extend(end(asked, &mut next, IncidentStatus::Cancelled, why));
    let with = major::called_off(world, asked, &mut next);
    (next, events, with)
}

pub(super) fn wait(
    world: &World<'_>,
    asked: Asked<'_>,
    me: &PersonId,
    step: PendingStep,
    why: String,
    second: &[Role],
) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    if let Some(pending) = &incident.pending
        && pending.step == step
        && &pending.by == me
    {
        return Ok(stands(asked, incident.subject(), "You asked for this already; it waits for a second person."));
    }
    let mut next = incident.clone();
    next.pending = Some(Pending { step, by: me.clone(), why: why.clone(), at: asked.at });
    let who: Vec<&str> = second.iter().map(|role| role.phrase()).collect();
    let answer = Answer::default().also(format!(
        "It waits for a second person: {}, other than you. They press Confirm on the card, or say `/inc confirm`.",
        who.join(" or ")
    ));
    let event = Event::Incident(IncidentEvent::StepRequested { step, why });
    Ok(incident_decision(asked, next, vec![event], answer))
}

pub(super) fn confirm(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let (incident, pending) = pending_of(world)?;
    second_person(world, asked, incident, pending)?;
    let confirmed = Event::Incident(IncidentEvent::StepConfirmed { step: pending.step, asked_by: pending.by.clone() });
    let (next, events, with) = match pending.step {
        PendingStep::Lower(to) => {
            let (next, events) = with_priority(world, asked, incident, to, pending.why.clone());
            (next, events, Vec::new())
        }
        PendingStep::Cancel => {
            // A list may have been put on it while this waited.
            checklist::check_end(incident, CANCELLED, asked.at)?;
            cancelled(world, asked, incident, pending.why.clone())
        }
        PendingStep::Major => major::declared(world, asked, incident, pending.why.clone()),
    };
    let events = std::iter::once(confirmed).chain(events).collect();
    Ok(Decision { with, ..incident_decision(asked, next, events, Answer::default()) })
}

pub(super) fn decline(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let (incident, pending) = pending_of(world)?;
    // Whoever asked may take it back; anybody else needs what the second person needs.
    if asked.by.person() != Some(&pending.by) {
        second_person(world, asked, incident, pending)?;
    }
    let event = Event::Incident(IncidentEvent::StepDeclined { step: pending.step, asked_by: pending.by.clone() });
    let mut next = incident.clone();
    next.pending = None;
    Ok(incident_decision(asked, next, vec![event], Answer::default()))
}

fn pending_of<'a>(world: &'a World<'_>) -> Result<(&'a Incident, &'a Pending), Refusal> {
    let incident = incident_of(world)?;
    check_open(incident)?;
    match &incident.pending {
        Some(pending) => Ok((incident, pending)),
        None => Err(Refusal::slip(
            format!("Nothing on {} waits for a second person.", incident.subject()),
            format!("It is {} and {}.", incident.priority, incident.status.as_str()),
        )),
    }
}

/// Rule 4.15: not the person who asked; rule 4.3: one who could have asked.
fn second_person<'a>(
    world: &World<'_>,
    asked: Asked<'a>,
    incident: &Incident,
    pending: &Pending,
) -> Result<&'a PersonId, Refusal> {
    let me = person(asked, Action::ResolveIncident)?;
    let (rule, second, who) = match pending.step {
        PendingStep::Lower(_) if incident.exposure != Exposure::None => {
            ("4.3", COMMANDER, "The incident commander can.")
        }
        PendingStep::Lower(_) | PendingStep::Cancel => {
            ("4.3", SECOND, "Another commander, the duty manager or the service owner can.")
        }
        PendingStep::Major => {
            ("4.5", DECLARES_MAJOR, "A commander, the duty manager, the service owner or an executive can.")
        }
    };
    if me == &pending.by {
        duties_ok(Duty::ConfirmDowngrade, &[Relation::Requester]).map_err(|denial| {
            let next = format!("{who} `/inc decline` takes it back.");
            Refusal::by_rule(denial.rule, "You asked for this, so somebody else confirms it.", next)
        })?;
    }
    if roles(world.organisation, me, Record::of(incident)).iter().any(|role| second.contains(role)) {
        return Ok(me);
    }
    Err(Refusal::by_rule(rule, "You cannot be the second person for this.", who))
}
