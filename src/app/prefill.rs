//! The form of an emergency change, filled in from its incident: what is known is not typed again at 3 a.m.

use serde_json::Value;

use super::cards::headline;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::change_draft::ORGANISATION;
use crate::domain::configuration_step::{ConfigurationStep, configuration_step};
use crate::domain::earlier_change::most_alike;
use crate::domain::{ChangeDraft, DraftState, Incident, Organisation, PersonId, Place, Refusal, Service, Subject};
use crate::language::presses::DRAFT;
use crate::language::{Call, Filled, VerbId};
use crate::render::cut::first_chars;
use crate::store::{LogEntry, Tx};

/// The newest entries of an incident that are looked through.
const READ_MAX: i64 = 200;
/// What people noted and decided of late, for why it cannot wait.
const EXTRACT_MAX: usize = 3;
/// Characters of a line of it, and of a title.
const LINE_CHARS_MAX: usize = 160;
const TITLE_CHARS_MAX: usize = 200;
/// Earlier changes of the service that one like it is looked for among.
const EARLIER_MAX: i64 = 50;
/// Where the words of the step itself came from.
const STEP: &str = "step";

impl App {
    /// Fills in what the incident tells; what was typed stays. Nothing for any other form, or without an open incident.
    pub(super) async fn filled(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        me: Option<&PersonId>,
        place: &Place,
        call: &mut Call,
    ) -> Result<Result<Filled, Refusal>, HandleError> {
        // What an incident is about is told to people of the house alone.
        if me.is_none() || call.verb().is_none_or(|verb| verb.id != VerbId::ChangeEmergency) {
            return Ok(Ok(Filled::default()));
        }
        let near = match call.subject() {
            Some(Subject::Incident(number)) => Some(number),
            Some(_) => None,
            None => match tx.subject_of(place).await? {
                Some(Subject::Incident(number)) => Some(number),
                _ => None,
            },
        };
        let Some(near) = near else { return Ok(Ok(Filled::default())) };
        let Some(incident) = tx.incident(near).await? else { return Ok(Ok(Filled::default())) };
        let draft = call.get(DRAFT).and_then(|number| incident.draft(number.parse().ok()?));
        if let Some(draft) = draft.filter(|draft| !draft.is_open()) {
            return Ok(Err(settled(&incident, draft)));
        }
        if !incident.is_open() {
            return Ok(Ok(Filled::default()));
        }
        let entries = newest_entries(tx, incident.subject()).await?;
        let mut filled = Filled::default();
        let step = draft.and_then(|draft| step_of(draft, &entries));
        if let Some(text) = &step {
            filled.fill(call, "title", &first_chars(text, TITLE_CHARS_MAX).replace('\n', " "), STEP);
        }
        // What was typed may be a step as well.
        let title = call.get("title").unwrap_or_default().to_owned();
        let read = configuration_step(step.as_deref().unwrap_or(&title), &tenant.organisation.services);
        let told = entries.iter().filter(|entry| step.is_none() || noted(entry) != step.as_deref());
        let told: Vec<String> = told.filter_map(extract).collect();
        of_incident(tenant, &incident, read.as_ref(), &told, &mut filled, call);
        of_step(tenant, read.as_ref(), &mut filled, call);
        of_earlier(tx, &title, &mut filled, call).await?;
        of_services(tenant, &mut filled, call);
        if let Some(back) = read.and_then(|read| read.back) {
            filled.fill(call, "plan", &back, STEP);
        }
        filled.notes.extend(asked(tenant, call, me));
        Ok(Ok(filled))
    }
}

/// A late click.
fn settled(incident: &Incident, draft: &ChangeDraft) -> Refusal {
    let sentence = format!("Draft {} of {} {}.", draft.number, incident.subject(), draft.fate());
    let next = match draft.state {
        DraftState::Left => "If the step was made: `/change after retro` records it, and others attest it.",
        _ => "`/change emergency` asks for another change.",
    };
    Refusal::slip(sentence, next)
}

async fn newest_entries(tx: &mut Tx, subject: Subject) -> Result<Vec<LogEntry>, HandleError> {
    let total = tx.log_page(&[subject], 0, 0).await?.total;
    Ok(tx.log_page(&[subject], (total - READ_MAX).max(0), READ_MAX).await?.entries)
}

/// What was noted: the entry before the one that offers the draft.
fn step_of(draft: &ChangeDraft, entries: &[LogEntry]) -> Option<String> {
    let is_offer = |entry: &LogEntry| {
        entry.kind == "draft.offered" && entry.data.get("draft").and_then(Value::as_i64) == Some(draft.number.into())
    };
    let offer = entries.iter().find(|entry| is_offer(entry))?;
    let note = entries.iter().find(|entry| entry.seq + 1 == offer.seq && entry.kind == "incident.noted")?;
    noted(note).map(str::to_owned)
}

fn noted(entry: &LogEntry) -> Option<&str> {
    entry.data.get("text").and_then(Value::as_str).filter(|_| entry.kind == "incident.noted")
}

fn of_incident(
    tenant: &Tenant,
    incident: &Incident,
    read: Option<&ConfigurationStep>,
    told: &[String],
    filled: &mut Filled,
    call: &mut Call,
) {
    let subject = incident.subject().to_string();
    filled.fill(call, "incident", &subject, &subject);
    if let Some(service) = read.and_then(|read| read.service.as_ref()) {
        filled.fill(call, "svc", service, STEP);
    } else if !incident.services.is_empty() {
        if let Some(item) = read.and_then(|read| read.item.as_ref()) {
            filled.notes.push(format!("{item} is no service that is known: check which one it belongs to."));
        }
        filled.fill(call, "svc", &incident.services.join(","), &subject);
    }
    filled.fill(call, "impact", &impact(&tenant.organisation, incident), &subject);
    filled.fill(call, "why", &why_now(incident, told), &subject);
}

/// "cards fail, on Card payments. P1, partial, since 14:02 UTC."
fn impact(organisation: &Organisation, incident: &Incident) -> String {
    let services: Vec<String> = incident.services.iter().map(|key| organisation.service_name(key)).collect();
    let felt = incident.impact.map(|impact| format!(", {}", impact.phrase())).unwrap_or_default();
    let since = incident.declared_at.format("%H:%M UTC");
    format!("{}, on {}. {}{felt}, since {since}.", headline(&incident.title), services.join(", "), incident.priority)
}

/// How it stands, and what people noted and decided last.
fn why_now(incident: &Incident, told: &[String]) -> String {
    let major = if incident.is_major() { " and a major incident" } else { "" };
    let mut lines =
        vec![format!("{} is {}{major}, and {}.", incident.subject(), incident.priority, incident.status.as_str())];
    lines.extend(told.iter().skip(told.len().saturating_sub(EXTRACT_MAX)).cloned());
    lines.join("\n")
}

/// "14:05 errors began with the deploy"
fn extract(entry: &LogEntry) -> Option<String> {
    let said = match entry.kind.as_str() {
        "incident.noted" => "text",
        "incident.decided" => "question",
        "incident.status_set" => "why",
        _ => return None,
    };
    let said = entry.data.get(said)?.as_str()?;
    let at = entry.at?.format("%H:%M");
    Some(format!("{at} {}", first_chars(said, LINE_CHARS_MAX).replace('\n', " ")))
}

fn of_step(tenant: &Tenant, read: Option<&ConfigurationStep>, filled: &mut Filled, call: &mut Call) {
    let Some(area) = read.and_then(|read| read.area) else { return };
    let fits = |key: &&String| key.split('_').any(|word| word == area);
    if let Some(category) = tenant.policy.checklists.keys().find(fits) {
        filled.fill(call, "category", category, STEP);
    }
}

/// What an earlier change like it can tell: its way back, and how its risk was judged.
async fn of_earlier(tx: &mut Tx, title: &str, filled: &mut Filled, call: &mut Call) -> Result<(), HandleError> {
    // Of several services, changes of the main one are looked through.
    let main = call.get("svc").and_then(|services| keys(services).next());
    let Some(service) = main.map(str::to_owned).filter(|_| !title.is_empty()) else { return Ok(()) };
    let earlier = tx.finished_on(&service, EARLIER_MAX).await?;
    let Some(alike) = most_alike(title, &earlier) else { return Ok(()) };
    let source = Subject::Change(alike.number).to_string();
    filled.notes.push(format!("{source} was like it: {}", headline(&alike.title)));
    filled.fill(call, "plan", &alike.rollback_plan, &source);
    let factors = alike.factors;
    let judged = [
        ("data", factors.data),
        ("availability", factors.availability),
        ("compliance", factors.compliance),
        ("complexity", factors.complexity),
        ("rollback", factors.rollback),
    ];
    for (field, factor) in judged {
        if let Some(factor) = factor {
            filled.fill(call, field, &factor.to_string(), &source);
        }
    }
    if let Some(touches) = factors.touches {
        filled.fill(call, "touches", &touches.typed(), &source);
    }
    Ok(())
}

/// The services in a field of a form.
fn keys(field: &str) -> impl Iterator<Item = &str> {
    field.split([',', ' ']).filter(|key| !key.is_empty())
}

/// What every change of the services touches.
fn of_services(tenant: &Tenant, filled: &mut Filled, call: &mut Call) {
    let services: Vec<String> = call.get("svc").into_iter().flat_map(keys).map(str::to_owned).collect();
    let touches = tenant.organisation.touches_of(&services);
    if !touches.is_empty() {
        filled.fill(call, "touches", &touches.typed(), ORGANISATION);
    }
}

/// Whose yes it is likely to need; the policy says once its risk is known.
fn asked(tenant: &Tenant, call: &Call, me: Option<&PersonId>) -> Option<String> {
    let organisation = &tenant.organisation;
    let services: Vec<&Service> = keys(call.get("svc")?).filter_map(|key| organisation.services.get(key)).collect();
    let mut people: Vec<&PersonId> = Vec::new();
    for service in &services {
        let technical = organisation.teams.get(&service.team).map(|team| team.approvers.as_slice()).unwrap_or_default();
        for person in [&service.owner].into_iter().chain(technical).filter(|person| Some(*person) != me) {
            if !people.contains(&person) {
                people.push(person);
            }
        }
    }
    let names: Vec<String> = people.into_iter().map(|person| organisation.name_of(person)).collect();
    let name = services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>().join(" and ");
    (!names.is_empty())
        .then(|| format!("Likely asked for a yes, as owner or authority of {name}: {}.", names.join(", ")))
}
