//! A major incident: declared by whom rule 4.5 names, stood down, and the freeze that comes and goes with it.

use chrono::{DateTime, TimeDelta, Utc};

use super::freeze::{begun, ended, freeze_decision};
use super::incident::check_open;
use super::inside::{Inside, inside};
use super::standing::{Record, permit, person, roles};
use super::{incident_decision, incident_of, stands, step, update};
use crate::domain::rules::{Action, DECLARES_MAJOR, Exposure, FreezeKind, may_declare_major, may_stand_down};
use crate::domain::{
    Answer, Asked, Decision, Event, Freeze, FreezeEvent, FreezeStatus, Incident, IncidentEvent, MajorCommand,
    PendingStep, Refusal, World,
};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: MajorCommand) -> Result<Decision, Refusal> {
    match command {
        MajorCommand::Declare { why } => declare(world, asked, why),
        MajorCommand::StandDown { why } => stand_down(world, asked, why),
    }
}

fn declare(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let me = person(asked, Action::Note)?;
    check_open(incident)?;
    if let Some(since) = incident.major_at.filter(|_| incident.is_major()) {
        let since = since.format("%H:%M UTC");
        let sentence = format!("{} is a major incident already since {since}.", incident.subject());
        return Ok(stands(asked, incident.subject(), sentence));
    }
    let record = Record::of(incident);
    let is_exposed = incident.exposure == Exposure::Confirmed;
    if may_declare_major(&roles(world.organisation, me, record), is_exposed).is_ok() {
        let (next, events, with) = declared(world, asked, incident, why);
        let answer = Answer::undo("`/inc stand-down` and why ends it");
        return Ok(Decision { with, ..incident_decision(asked, next, events, answer) });
    }
    // Everybody who responds may propose it.
    permit(world, asked, Action::Note, record)?;
    step::wait(world, asked, me, PendingStep::Major, why, DECLARES_MAJOR)
}

/// Declares it, and freezes what it touches in the same breath.
pub(super) fn declared(
    world: &World<'_>,
    asked: Asked<'_>,
    incident: &Incident,
    why: String,
) -> (Incident, Vec<Event>, Vec<Decision>) {
    let mut next = incident.clone();
    next.major_at = Some(asked.at);
    next.stood_down_at = None;
    next.pending = None;
    update::after_priority(world, asked, &mut next);
    let events = vec![Event::Incident(IncidentEvent::MajorDeclared { why })];
    (next, events, vec![begun(world, asked, around(world, asked, incident), None, Answer::default())])
}

/// The freeze of a major incident.
fn around(world: &World<'_>, asked: Asked<'_>, incident: &Incident) -> Freeze {
    Freeze {
        number: world.next_freeze,
        version: 0,
        kind: FreezeKind::Major,
        hard: false,
        wide: is_wide(world, incident),
        status: FreezeStatus::Active,
        services: incident.services.clone(),
        blocks: Vec::new(),
        why: format!("{} is a major incident", incident.subject()),
        incident: Some(incident.number),
        by: asked.by.person().cloned(),
        created_at: asked.at,
        from: asked.at,
        until: None,
        every: None,
        agreed: Vec::new(),
        settling_from: None,
        warned: false,
        notices: Vec::new(),
        review_at: Some(reviewed_at(world, asked)),
        ended_at: None,
        overrides: Vec::new(),
    }
}

fn is_wide(world: &World<'_>, incident: &Incident) -> bool {
    let tier = world.organisation.strictest_tier(&incident.services);
    tier.number() <= world.policy.freezes.tenant_wide_tier_max
}

fn reviewed_at(world: &World<'_>, asked: Asked<'_>) -> DateTime<Utc> {
    asked.at + TimeDelta::minutes(world.policy.freezes.review_minutes.into())
}

/// It comes back: what was a major incident to its end is one again, and so is what things still settle after. Its freeze is
/// in force as before, or where that is over a new one. `before`: the incident while it was resolved.
pub(super) fn again(world: &World<'_>, asked: Asked<'_>, before: &Incident, incident: &mut Incident) -> Vec<Decision> {
    let settling: Vec<&Freeze> = freezes_of(world, before, FreezeKind::Stabilising).collect();
    let to_its_end = before.stood_down_at.is_some() && before.stood_down_at == before.ended_at;
    if before.major_at.is_none() || (!to_its_end && settling.is_empty()) {
        return Vec::new();
    }
    incident.stood_down_at = None;
    if settling.is_empty() {
        return vec![begun(world, asked, around(world, asked, before), None, Answer::default())];
    }
    settling.into_iter().map(|freeze| restored(world, asked, before, freeze)).collect()
}

fn restored(world: &World<'_>, asked: Asked<'_>, incident: &Incident, freeze: &Freeze) -> Decision {
    let mut next = freeze.clone();
    next.kind = FreezeKind::Major;
    next.wide = is_wide(world, incident);
    next.settling_from = None;
    next.until = None;
    next.warned = false;
    next.review_at = Some(reviewed_at(world, asked));
    let Inside { running, held } = inside(world, asked, &next);
    let event = FreezeEvent::Restored { incident: incident.number, wide: next.wide, running, held };
    freeze_decision(world, asked, next, vec![event], Answer::default())
}

fn stand_down(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let me = person(asked, Action::ResolveIncident)?;
    let commands = incident.commander.as_ref() == Some(me);
    may_stand_down(commands, &roles(world.organisation, me, Record::of(incident)))?;
    if !incident.is_major() {
        let sentence = match incident.stood_down_at {
            Some(at) => format!("{} was stood down at {}.", incident.subject(), at.format("%H:%M UTC")),
            None => format!("{} is no major incident.", incident.subject()),
        };
        return Ok(stands(asked, incident.subject(), sentence));
    }
    let mut next = incident.clone();
    let (events, with) = stood_down(world, asked, &mut next, Some(why));
    update::after_priority(world, asked, &mut next);
    Ok(Decision { with, ..incident_decision(asked, next, events, Answer::default()) })
}

/// Ends the major; its freeze stays for a while, so that what was mended can settle. Nothing where it is none.
pub(super) fn stood_down(
    world: &World<'_>,
    asked: Asked<'_>,
    incident: &mut Incident,
    why: Option<String>,
) -> (Vec<Event>, Vec<Decision>) {
    if !incident.is_major() {
        return (Vec::new(), Vec::new());
    }
    incident.stood_down_at = Some(asked.at);
    let length = world.policy.freezes.stabilising.length(world.organisation.strictest_tier(&incident.services));
    let settled = freezes_of(world, incident, FreezeKind::Major).map(|freeze| {
        let mut next = freeze.clone();
        let until = asked.at + length;
        next.kind = FreezeKind::Stabilising;
        next.wide = false;
        next.settling_from = Some(asked.at);
        next.review_at = None;
        next.ends_at(until, asked.at, world.policy);
        freeze_decision(world, asked, next, vec![FreezeEvent::Stabilising { until }], Answer::default())
    });
    (vec![Event::Incident(IncidentEvent::MajorStoodDown { why })], settled.collect())
}

/// It was declared by mistake: there is nothing to settle.
pub(super) fn called_off(world: &World<'_>, asked: Asked<'_>, incident: &mut Incident) -> Vec<Decision> {
    if !incident.is_major() {
        return Vec::new();
    }
    incident.stood_down_at = Some(asked.at);
    let why = format!("{} was cancelled", incident.subject());
    let lifted = freezes_of(world, incident, FreezeKind::Major).map(|freeze| {
        let mut next = freeze.clone();
        next.status = FreezeStatus::Lifted;
        let event = FreezeEvent::Lifted { why: Some(why.clone()), late: false };
        let events = ended(asked, &mut next, event);
        freeze_decision(world, asked, next, events, Answer::default())
    });
    lifted.collect()
}

fn freezes_of<'a>(world: &'a World<'_>, incident: &'a Incident, kind: FreezeKind) -> impl Iterator<Item = &'a Freeze> {
    let freezes = world.freezes.iter().map(|frozen| &frozen.freeze);
    freezes.filter(move |freeze| freeze.is_open() && freeze.kind == kind && freeze.incident == Some(incident.number))
}
