//! Fields of an organisation's own: asked for as a record begins or changes, filled by whoever knows, and missed at the step
//! that they hold up.

use std::collections::BTreeMap;

use super::approval::settle;
use super::incident::check_open;
use super::standing::{Record, on_change, permit, person};
use super::{change_decision, change_of, incident_decision, incident_of, stands};
use crate::domain::custom_field::{AskedField, CustomFields, FieldsOf, FillCommand};
use crate::domain::event::CustomFieldEvent;
use crate::domain::policy::{Described, FieldRule};
use crate::domain::rules::{Action, Gate, listed};
use crate::domain::{Answer, Asked, Change, Decision, Event, Incident, Refusal, Subject, World};

/// Asks a change for what the policy wants of one like it, and no longer for what it does not.
pub(super) fn ask_change(world: &World<'_>, change: &mut Change) -> Vec<Event> {
    ask_change_by(world, change, |_| true)
}

/// The same, of the rules that look at what has changed alone: what is asked for by others stays as it was.
pub(super) fn ask_change_by(world: &World<'_>, change: &mut Change, is_by: fn(&FieldRule) -> bool) -> Vec<Event> {
    let policy = &world.policy.custom_fields;
    let (services, categories) = (change.services(), change.checklist.categories());
    let tier = world.organisation.strictest_tier(&services);
    let record = Described { services: &services, tier, categories: &categories, fields: &change.fields };
    let wanted = policy.of_change(change.kind, change.risk.band, &record);
    asked(&policy.change, is_by, &mut change.fields, wanted)
}

/// The same of an incident.
pub(super) fn ask_incident(world: &World<'_>, incident: &mut Incident) -> Vec<Event> {
    ask_incident_by(world, incident, |_| true)
}

pub(super) fn ask_incident_by(world: &World<'_>, incident: &mut Incident, is_by: fn(&FieldRule) -> bool) -> Vec<Event> {
    let policy = &world.policy.custom_fields;
    let tier = world.organisation.strictest_tier(&incident.services);
    let categories = incident.checklist.categories();
    let services = &incident.services;
    let record = Described { services, tier, categories: &categories, fields: &incident.fields };
    let wanted = policy.of_incident(incident.priority, &record);
    asked(&policy.incident, is_by, &mut incident.fields, wanted)
}

fn asked(
    rules: &BTreeMap<String, FieldRule>,
    is_by: fn(&FieldRule) -> bool,
    fields: &mut CustomFields,
    wanted: Vec<AskedField>,
) -> Vec<Event> {
    let is_meant = |key: &str| rules.get(key).is_some_and(is_by);
    let dropped = fields.drop_empty(|key| is_meant(key) && !wanted.iter().any(|field| field.key == key));
    let new = fields.ask(wanted.into_iter().filter(|field| is_meant(&field.key)));
    let dropped = (!dropped.is_empty()).then_some(CustomFieldEvent::Dropped { fields: dropped });
    let new = (!new.is_empty()).then_some(CustomFieldEvent::Asked { fields: new });
    dropped.into_iter().chain(new).map(Event::CustomField).collect()
}

/// What whoever asked for the record is told of it.
pub(super) fn ahead(of: FieldsOf, subject: Subject, fields: &CustomFields) -> Option<String> {
    let missing: Vec<&AskedField> = fields.missing(Gate::Close).collect();
    (!missing.is_empty())
        .then(|| format!("Still to be filled in: {}. {}", named(&missing), next(of, subject, &missing)))
}

/// Refuses a step that empty fields hold up.
pub(super) fn check(of: FieldsOf, subject: Subject, fields: &CustomFields, gate: Gate) -> Result<(), Refusal> {
    let missing: Vec<&AskedField> = fields.missing(gate).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let step = match of {
        FieldsOf::Incident => "it is resolved",
        FieldsOf::Change => gate.phrase(),
    };
    let sentence = format!("{subject}: before {step}, {} has to be filled in.", named(&missing));
    Err(Refusal::by_rule("4.39", sentence, next(of, subject, &missing)))
}

fn named(missing: &[&AskedField]) -> String {
    let names: Vec<String> = missing
        .iter()
        .map(|field| match &field.regime {
            Some(regime) => format!("{} ({regime})", field.what),
            None => field.what.clone(),
        })
        .collect();
    listed(&names.iter().map(String::as_str).collect::<Vec<_>>(), "and")
}

fn next(of: FieldsOf, subject: Subject, missing: &[&AskedField]) -> String {
    let values: Vec<String> = missing.iter().map(|field| field.example()).collect();
    format!("`/{} {subject} {}` does it; without values a form opens.", of.verb(), values.join(" "))
}

pub(super) fn fill(world: &World<'_>, asked: Asked<'_>, command: FillCommand) -> Result<Decision, Refusal> {
    match command.of {
        FieldsOf::Change => fill_change(world, asked, command.values),
        FieldsOf::Incident => fill_incident(world, asked, command.values),
    }
}

/// The last field may be the last thing that an approval waited for.
fn fill_change(world: &World<'_>, asked: Asked<'_>, values: BTreeMap<String, String>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    person(asked, Action::Note)?;
    permit(world, asked, Action::Note, on_change(change, None))?;
    let mut next = change.clone();
    let mut events = kept(asked, (FieldsOf::Change, change.subject()), &mut next.fields, values)?;
    if events.is_empty() {
        return Ok(stands(asked, change.subject(), "That is what it says already."));
    }
    events.extend(ask_change_by(world, &mut next, |rule| !rule.when.is_empty()));
    let answer = Answer::default().also(still(FieldsOf::Change, change.subject(), &next.fields));
    let next = if next.is_undecided() { settle(world, asked, next, &mut events, false) } else { next };
    Ok(change_decision(world, asked, next, events, answer))
}

fn fill_incident(world: &World<'_>, asked: Asked<'_>, values: BTreeMap<String, String>) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    person(asked, Action::Note)?;
    permit(world, asked, Action::Note, Record::of(incident))?;
    check_open(incident)?;
    let mut next = incident.clone();
    let mut events = kept(asked, (FieldsOf::Incident, incident.subject()), &mut next.fields, values)?;
    if events.is_empty() {
        return Ok(stands(asked, incident.subject(), "That is what it says already."));
    }
    events.extend(ask_incident_by(world, &mut next, |rule| !rule.when.is_empty()));
    let answer = Answer::default().also(still(FieldsOf::Incident, incident.subject(), &next.fields));
    Ok(incident_decision(asked, next, events, answer))
}

/// Keeps all of the values, or none: what is wrong is named at once.
fn kept(
    asked: Asked<'_>,
    (of, subject): (FieldsOf, Subject),
    fields: &mut CustomFields,
    values: BTreeMap<String, String>,
) -> Result<Vec<Event>, Refusal> {
    let mut wrong = Vec::new();
    let mut good = Vec::new();
    for (key, value) in values {
        let Some(field) = fields.get(&key) else {
            wrong.push(format!("{subject} has no field “{key}”."));
            continue;
        };
        match field.asked.read(&value) {
            Some(value) if field.value.as_ref() == Some(&value) => {}
            Some(value) => good.push((field.asked.key.clone(), value)),
            None => wrong.push(format!("{} is {}.", field.asked.key, field.asked.wants())),
        }
    }
    if !wrong.is_empty() {
        let known: Vec<String> = fields.fields.iter().map(|field| field.asked.example()).collect();
        let next = match known.as_slice() {
            [] => "The policy asks for none of it.".to_owned(),
            known => format!("`/{} {subject} {}`", of.verb(), known.join(" ")),
        };
        return Err(Refusal::slip(wrong.join(" "), next));
    }
    for (key, value) in &good {
        fields.fill(key, value, asked.by.person(), asked.at);
    }
    let filled = |(field, value)| Event::CustomField(CustomFieldEvent::Filled { field, value });
    Ok(good.into_iter().map(filled).collect())
}

fn still(of: FieldsOf, subject: Subject, fields: &CustomFields) -> String {
    ahead(of, subject, fields).unwrap_or_else(|| "Everything is filled in.".to_owned())
}
