//! Decisions about an incident: declared, led, told, resolved.

use super::standing::{Record, permit, person, roles};
use super::{
    checklist, custom_field, draft, halt, incident_decision, incident_of, link, logged, major, silence, stands, update,
};
use crate::domain::charter::Watch;
use crate::domain::command::Declare;
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Action, Activity, Duty, Modifiers, Relation, duties_ok, effective_priority, impact_level, priority,
};
use crate::domain::rules::{Exposure, Gate, Priority, TechnicalImpact, Urgency};
use crate::domain::{
    Answer, Asked, Checklist, CustomFields, Decision, Event, FieldsOf, Incident, IncidentEvent, IncidentStatus,
    Organisation, PersonId, Place, Refusal, Role, Subject, Target, UpdateSchedule, World,
};

pub(super) fn declare(world: &World<'_>, asked: Asked<'_>, declare: Declare) -> Result<Decision, Refusal> {
    let record = Record { services: &declare.services, ..Record::default() };
    permit(world, asked, Action::Declare, record)?;
    let Target::New { number, .. } = world.target else {
        return Err(Refusal::slip("A new incident has a new number.", ""));
    };
    let computed = computed_priority(world, &declare);
    let mut incident = Incident {
        number,
        version: 0,
        title: declare.title.clone(),
        status: IncidentStatus::Declared,
        priority: declare.priority,
        computed,
        services: declare.services.clone(),
        impact: declare.impact,
        urgency: declare.urgency,
        exposure: Exposure::None,
        commander: None,
        declared_by: asked.by.person().cloned(),
        pending: None,
        declared_at: asked.at,
        major_at: None,
        stood_down_at: None,
        acknowledged_at: None,
        mitigated_at: None,
        ended_at: None,
        outcome: None,
        updates: UpdateSchedule { anchor: asked.at, next: None },
        fields: CustomFields::default(),
        checklist: Checklist::default(),
        drafts: Vec::new(),
        watch: None,
    };
    let mut events = vec![Event::Incident(IncidentEvent::Declared {
        title: declare.title,
        priority: declare.priority,
        computed,
        services: declare.services,
        impact: declare.impact,
        urgency: declare.urgency,
    })];
    let unmapped = declare.unmapped.map(|typed| IncidentEvent::WordUnmapped { taken: declare.priority, typed });
    events.extend(unmapped.map(Event::Incident));
    events.extend(link::proposed(world, declare.after));
    events.extend(custom_field::ask_incident(world, &mut incident));
    events.extend(update::begin(world, asked, &mut incident));
    let mut answer = Answer::undo(format!("Declared by mistake? `/inc cancel {}` and why", incident.subject()))
        .also("A war room is being opened; the people on call are brought in.");
    if let Some(computed) = computed.filter(|computed| *computed != declare.priority) {
        answer = answer.also(format!(
            "The matrix says {computed}. What you declared stands until the commander settles it with `/inc sev`."
        ));
    }
    Ok(incident_decision(asked, incident, events, answer))
}

fn computed_priority(world: &World<'_>, declare: &Declare) -> Option<Priority> {
    computed_of(world.organisation, world.policy, &declare.services, declare.impact, declare.urgency)
}

/// Rules 4.1 to 4.3: the strictest level of all affected services, where impact and urgency are known.
pub(super) fn computed_of(
    organisation: &Organisation,
    policy: &Policy,
    services: &[String],
    impact: Option<TechnicalImpact>,
    urgency: Option<Urgency>,
) -> Option<Priority> {
    let impact = impact_level(policy, impact?, organisation.strictest_tier(services)).verdict;
    let base = priority(policy, impact, urgency?).verdict;
    let modifiers = Modifiers { peak: false, exposure: Exposure::None, parent: None };
    Some(effective_priority(policy, base, modifiers).verdict.shown)
}

pub(super) fn set_status(
    world: &World<'_>,
    asked: Asked<'_>,
    to: IncidentStatus,
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    person(asked, Action::RaisePriority)?;
    permit(world, asked, Action::Note, Record::of(incident))?;
    if incident.status == to {
        return Ok(stands(asked, incident.subject(), format!("{} is {} already.", incident.subject(), to.as_str())));
    }
    check_step(incident, to)?;
    if why.is_none() && to == IncidentStatus::Identified {
        return Err(Refusal::slip("What is the cause, as far as it is known?", "`/inc status identified why: …`"));
    }
    if why.is_none() && to == IncidentStatus::Investigating && incident.acknowledged_at.is_some() {
        return Err(Refusal::slip("Why back to investigating?", "`/inc status investigating why: …`"));
    }
    let mut next = incident.clone();
    next.status = to;
    next.acknowledged_at = next.acknowledged_at.or(Some(asked.at));
    if to == IncidentStatus::Mitigated {
        next.mitigated_at = Some(asked.at);
    }
    if to == IncidentStatus::Investigating {
        next.watch = next.watch.map(|watch| Watch::from(watch.minutes, asked.at));
    }
    let event = Event::Incident(IncidentEvent::StatusSet { from: incident.status, to, why });
    Ok(incident_decision(asked, next, vec![event], Answer::default()))
}

/// The legal steps are named, so that nobody has to guess.
pub(super) fn check_step(incident: &Incident, to: IncidentStatus) -> Result<(), Refusal> {
    check_open(incident)?;
    if incident.status.next().contains(&to) {
        return Ok(());
    }
    let legal: Vec<&str> = incident.status.next().iter().map(|status| status.as_str()).collect();
    Err(Refusal::slip(
        format!("{} is {}; it cannot become {} from there.", incident.subject(), incident.status.as_str(), to.as_str()),
        format!("Next can be: {}.", legal.join(", ")),
    ))
}

/// A late step is told what stands, since when.
pub(super) fn check_open(incident: &Incident) -> Result<(), Refusal> {
    if incident.is_open() {
        return Ok(());
    }
    let since = incident.ended_at.map(|at| format!(" since {}", at.format("%H:%M UTC"))).unwrap_or_default();
    Err(Refusal::slip(
        format!("{} is {}{since}.", incident.subject(), incident.status.as_str()),
        "Nothing was changed. `/inc timeline` tells the story.",
    ))
}

pub(super) fn lead(
    world: &World<'_>,
    asked: Asked<'_>,
    to: Option<PersonId>,
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let me = person(asked, Action::TakeRole)?;
    let to = to.unwrap_or_else(|| me.clone());
    let record = Record::of(incident);
    permit(world, asked, if &to == me { Action::TakeRole } else { Action::AssignRole }, record)?;
    check_open(incident)?;
    if incident.commander.as_ref() == Some(&to) {
        let who = if &to == me { "You lead".to_owned() } else { format!("{} leads", world.organisation.name_of(&to)) };
        return Ok(stands(asked, incident.subject(), format!("{who} {} already.", incident.subject())));
    }
    check_receiver(world, &to, record)?;
    let approved = world.linked_changes.iter().any(|change| change.was_approved_by(&to));
    if approved {
        duties_ok(Duty::CommandIncident, &[Relation::ApproverOfLinkedChange])?;
    }
    let unaccountable = check_accountable(world, incident, why.is_some())?;
    let mut answer = Answer::undo("Hand it over with `/inc lead` and a name");
    if !unaccountable.is_empty() {
        answer =
            answer.also("It stands on your reason. `/admin raci` shows what is missing, for an administrator to add.");
    }
    let mut next = incident.clone();
    let from = incident.commander.clone();
    let mut events = vec![Event::Incident(IncidentEvent::LeadSet { from, to: to.clone(), why, unaccountable })];
    next.watch = silence::begin(world, asked, &to, &incident.services);
    next.commander = Some(to);
    next.acknowledged_at = next.acknowledged_at.or(Some(asked.at));
    if incident.status == IncidentStatus::Declared {
        next.status = IncidentStatus::Investigating;
        let from = IncidentStatus::Declared;
        events.push(Event::Incident(IncidentEvent::StatusSet { from, to: IncidentStatus::Investigating, why: None }));
    }
    Ok(incident_decision(asked, next, events, answer))
}

/// The services where responsibilities are written and nobody is Accountable for the command. That is refused; an emergency
/// waits for no file, so a P1, a P2 or a major incident may be led all the same with a reason.
fn check_accountable(world: &World<'_>, incident: &Incident, has_reason: bool) -> Result<Vec<String>, Refusal> {
    let missing = world.organisation.without_accountable(Activity::Command, &incident.services);
    let is_emergency = incident.priority <= Priority::P2 || incident.is_major();
    if missing.is_empty() || (is_emergency && has_reason) {
        return Ok(missing);
    }
    let names: Vec<String> = missing.iter().map(|key| world.organisation.service_name(key)).collect();
    let entry = "An administrator adds a `[[raci]]` entry for `command` to the organisation file; `/admin raci` shows what is \
                 missing.";
    let way_out = if is_emergency {
        format!("It need not wait for that: `/inc lead me why: …`, or a name, takes it at once, on the record. {entry}")
    } else {
        format!("{entry} A P1 or P2 need not wait for that: there a reason is enough.")
    };
    let sentence =
        format!("Nobody is Accountable for `command` on {}, so nobody can be given the lead.", names.join(", "));
    Err(Refusal::by_rule("4.23", sentence, way_out))
}

pub(super) fn check_receiver(world: &World<'_>, to: &PersonId, record: Record<'_>) -> Result<(), Refusal> {
    let able = roles(world.organisation, to, record)
        .iter()
        .any(|role| matches!(role, Role::Responder | Role::Commander | Role::DutyManager));
    if able {
        return Ok(());
    }
    Err(Refusal::by_rule(
        "4.23",
        format!("{} is neither a responder nor a commander here.", world.organisation.name_of(to)),
        "Choose somebody who is, or ask an administrator for the role.",
    ))
}

pub(super) fn note(world: &World<'_>, asked: Asked<'_>, text: String) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    permit(world, asked, Action::Note, Record::of(incident))?;
    let offered = draft::offered(world, asked, incident, &text);
    let note = Event::Incident(IncidentEvent::NoteAdded { text });
    Ok(match offered {
        Some((next, draft, answer)) => incident_decision(asked, next, vec![note, draft], answer),
        None => logged(asked, incident.subject(), vec![note], Answer::default()),
    })
}

pub(super) fn record_decision(
    world: &World<'_>,
    asked: Asked<'_>,
    question: String,
    chose: Option<String>,
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    person(asked, Action::RaisePriority)?;
    permit(world, asked, Action::Note, Record::of(incident))?;
    check_open(incident)?;
    let event = Event::Incident(IncidentEvent::DecisionRecorded { question, chose, why });
    Ok(logged(asked, incident.subject(), vec![event], Answer::default()))
}

pub(super) fn resolve(world: &World<'_>, asked: Asked<'_>, summary: String) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    person(asked, Action::ResolveIncident)?;
    permit(world, asked, Action::ResolveIncident, Record::of(incident))?;
    check_step(incident, IncidentStatus::Resolved)?;
    let running = world.linked_changes.iter().find(|change| change.status.is_running());
    if let Some(change) = running {
        return Err(Refusal::by_rule(
            "4.26",
            format!("{} is still running for {}.", change.subject(), incident.subject()),
            format!("First {}", halt::way_out(change)),
        ));
    }
    custom_field::check(FieldsOf::Incident, incident.subject(), &incident.fields, Gate::Close)?;
    checklist::check_end(incident, "it is resolved", asked.at)?;
    link::check_decided(world, incident)?;
    let mut next = incident.clone();
    let mut events = link::unanswered(world);
    events.extend(draft::left(&mut next));
    events.push(Event::Incident(IncidentEvent::Resolved { summary: summary.clone() }));
    events.extend(end(asked, &mut next, IncidentStatus::Resolved, summary));
    let (stood_down, mut with) = major::stood_down(world, asked, &mut next, None);
    events.extend(stood_down);
    with.extend(link::blamed(world, asked, &events));
    Ok(Decision { with, ..incident_decision(asked, next, events, Answer::default()) })
}

/// Ends an incident; those who were told of it are told of its end.
pub(super) fn end(asked: Asked<'_>, incident: &mut Incident, status: IncidentStatus, outcome: String) -> Option<Event> {
    incident.status = status;
    incident.ended_at = Some(asked.at);
    incident.outcome = Some(outcome);
    incident.pending = None;
    let was_told = incident.updates.next.take().is_some();
    was_told.then(|| update::sent(None))
}

pub(super) fn room_opened(world: &World<'_>, place: Place) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let event = Event::Incident(IncidentEvent::RoomOpened { place });
    Ok(Decision {
        subject: Subject::Incident(incident.number),
        events: vec![event],
        state: crate::domain::State::Unchanged,
        promises: Vec::new(),
        answer: Answer::default(),
        at: incident.declared_at,
        with: Vec::new(),
    })
}
