//! A standard change: an entry of the catalogue says what is done, within which ranges, so nobody has to agree again.

use chrono::TimeDelta;

use super::assessment::assess;
use super::change::{NewChange, ask, check_entitled, check_few, new_number};
use super::edit::is_material;
use super::standing::person;
use crate::domain::event::{EditedField, Suspended};
use crate::domain::policy::{CatalogueEntry, Unfit};
use crate::domain::rules::{
    Action, CatalogueVerdict, ChangeKind, ChangeRequest, Classified, EntryUse, Rehearsal, RiskAssessment, Ruling,
    TemplateFacts, catalogue_verdict, classify_change,
};
use crate::domain::standard::{EntryStanding, Standard, StandardForm, entry_standing};
use crate::domain::{
    Asked, Change, ChangeEvent, ChangeForm, Decision, EntryUses, Event, Organisation, PersonId, Refusal, World,
};

pub(super) fn request(world: &World<'_>, asked: Asked<'_>, form: StandardForm) -> Result<Decision, Refusal> {
    let (number, near) = new_number(world)?;
    let me = person(asked, Action::RaiseChange)?;
    let entry = entry_of(world, &form)?;
    let service = service_of(world, &form, entry)?;
    let services = form.services_of(world.policy, near);
    check_few(&services)?;
    let typed = services.join(",");
    check_entitled(world, asked, (near, me), &services)?;
    let until = check_standing(world, asked, &form, entry, &typed)?;
    let allowed = services.iter().all(|service| entry.services.contains(service));
    let parameters = values(&form, entry);
    let risk = assess(world, entry.risk.factors(), Some(true), &services, Rehearsal::NotDone);
    let facts = TemplateFacts { active: true, service_allowed: allowed, parameters_in_range: parameters.is_ok() };
    let kind = classified(world, facts, &risk);
    let parameters = match (parameters, kind) {
        (Ok(parameters), ChangeKind::Standard) => parameters,
        (Err(why), _) => return Err(outside(&form, entry, &typed, &why)),
        (Ok(_), _) if !allowed => return Err(not_listed(&form, entry, &typed)),
        (Ok(_), _) => return Err(outside(&form, entry, &typed, &risk.sentence)),
    };
    let standard = Standard {
        entry: form.entry.clone(),
        version: entry.version,
        parameters,
        freeze_safe: entry.freeze_safe,
        rating: None,
    };
    let lasts = TimeDelta::minutes(entry.minutes.into());
    let steps = steps(entry);
    let (form, standard) = (filled(entry, &standard, form).on(&services), Some(standard));
    let kind = ChangeKind::Standard;
    let new = NewChange { number, kind, form, service, incident: near, risk, standard, lasts: Some(lasts) };
    let mut decision = ask(world, asked, new)?;
    decision.answer.also.insert(0, steps);
    decision.answer.also.extend(until);
    Ok(decision)
}

fn entry_of<'a>(world: &'a World<'_>, form: &StandardForm) -> Result<&'a CatalogueEntry, Refusal> {
    world.policy.catalogue.entries.get(&form.entry).ok_or_else(|| {
        Refusal::slip(format!("There is no “{}” in the catalogue.", form.entry), "`/change std` shows what there is.")
    })
}

fn service_of(world: &World<'_>, form: &StandardForm, entry: &CatalogueEntry) -> Result<String, Refusal> {
    let near = super::approval::incident_of(world);
    form.service_of(world.policy, near).ok_or_else(|| {
        let typed: Vec<String> = entry.services.iter().map(|service| format!("`svc:{service}`")).collect();
        Refusal::slip("Which service?", format!("{} is for {}.", form.entry, typed.join(" or ")))
    })
}

/// Rule 4.41. What is to be revised may be used for a while; whoever uses it is told.
fn check_standing(
    world: &World<'_>,
    asked: Asked<'_>,
    form: &StandardForm,
    entry: &CatalogueEntry,
    service: &str,
) -> Result<Option<String>, Refusal> {
    if !world.entry.is_approved(world.policy) {
        return Err(unapproved(world, form, entry, service));
    }
    match entry_standing(world.policy, world.organisation, entry, &world.entry, asked.at) {
        EntryStanding::InUse => Ok(None),
        EntryStanding::ToRevise { until } => {
            Ok(Some(format!("{} is to be revised; it may be used until {}.", form.entry, until.format("%-d %b %Y"))))
        }
        EntryStanding::Closed(ruling) => {
            let owner = owner_of(world.organisation, entry).map(|owner| world.organisation.name_of(&owner));
            let who = owner.map(|owner| format!(" {owner} can revise it.")).unwrap_or_default();
            let next = format!("{}{who}", instead(form, entry, service));
            Err(Refusal::by_rule(ruling.rule, format!("{} is not in use. {}", form.entry, ruling.sentence), next))
        }
    }
}

/// The policy has the board vote on each version, and it has not, or not yet.
fn unapproved(world: &World<'_>, form: &StandardForm, entry: &CatalogueEntry, service: &str) -> Refusal {
    let key = &form.entry;
    let first = match world.entry.before_the_board() {
        Some(change) => format!("CHG-{change} puts it to the board: `/cab status CHG-{change}` shows how it stands."),
        None => format!("Somebody who has no seat in that vote puts it to the board: `/cab standard submit {key}`."),
    };
    let sentence = format!("The board has not approved {key} (version {}) yet.", entry.version);
    Refusal::by_rule("4.41", sentence, format!("{first} {}", instead(form, entry, service)))
}

/// Rule 4.8, rows 1 and 2.
fn classified(world: &World<'_>, facts: TemplateFacts, risk: &Ruling<RiskAssessment>) -> ChangeKind {
    let request = ChangeRequest {
        band: risk.verdict.band,
        template: Some(facts),
        emergency: None,
        bound_deadline_before_cab: false,
    };
    match classify_change(world.policy, &request).verdict {
        Classified::As { kind, .. } => kind,
        Classified::Rejected(_) => ChangeKind::Normal,
    }
}

/// Every value as the catalogue spells it; otherwise what is wrong with all that are not within their ranges.
fn values(form: &StandardForm, entry: &CatalogueEntry) -> Result<std::collections::BTreeMap<String, String>, String> {
    let mut found = std::collections::BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, parameter) in &entry.parameters {
        let Some(value) = form.parameters.get(name) else {
            wrong.push(format!("{name} is missing: {}", parameter.range()));
            continue;
        };
        match parameter.read(value) {
            Ok(value) => {
                found.insert(name.clone(), value);
            }
            Err(Unfit::OutOfRange) => wrong.push(format!("{name} is {value}; it takes {}", parameter.range())),
            Err(Unfit::NoNumber) => wrong.push(format!("{name} is {value}; it takes a number, {}", parameter.range())),
        }
    }
    let unknown = form.parameters.keys().filter(|name| !entry.parameters.contains_key(*name));
    wrong.extend(unknown.map(|name| format!("it knows no {name}")));
    if wrong.is_empty() { Ok(found) } else { Err(wrong.join("; ")) }
}

/// Outside of what was approved beforehand: the regular way stays open, with what was said.
fn outside(form: &StandardForm, entry: &CatalogueEntry, service: &str, why: &str) -> Refusal {
    let sentence = format!("{} is not approved for that: {}.", form.entry, why.trim_end_matches('.'));
    Refusal::by_rule("4.8", sentence, instead(form, entry, service))
}

fn not_listed(form: &StandardForm, entry: &CatalogueEntry, service: &str) -> Refusal {
    let sentence = format!("{} is not approved for {service}; it is for {}.", form.entry, entry.services.join(", "));
    Refusal::by_rule("4.8", sentence, instead(form, entry, service))
}

fn instead(form: &StandardForm, entry: &CatalogueEntry, service: &str) -> String {
    let values: Vec<String> = form.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    format!("The regular way is open: `/change new {}{values} svc:{service}`.", entry.title)
}

/// What the entry says of the change, once for every use.
fn filled(entry: &CatalogueEntry, standard: &Standard, form: StandardForm) -> ChangeForm {
    let values = standard.values();
    let title =
        if values.is_empty() { entry.title.clone() } else { format!("{} ({})", entry.title, values.join(", ")) };
    ChangeForm {
        title: Some(title),
        service: None,
        also: Vec::new(),
        impact: Some(entry.impact.clone()),
        why_now: Some(form.why.unwrap_or_else(|| format!("{} of the catalogue", form.entry))),
        rollback_plan: Some(entry.rollback.clone()),
        tested: Some(true),
        factors: entry.risk.factors(),
        category: entry.category.clone(),
        from: form.from,
        until: form.until,
        ..ChangeForm::default()
    }
}

pub(super) fn steps(entry: &CatalogueEntry) -> String {
    let lines =
        |list: &[String]| list.iter().zip(1..).map(|(step, n)| format!("{n}. {step}")).collect::<Vec<_>>().join(" ");
    format!("Steps: {} · Then check: {}", lines(&entry.steps), entry.checks.join("; "))
}

/// The entry that a standard change came from, as it is now.
pub(super) fn entry_in_force<'a>(world: &'a World<'_>, standard: &Standard) -> Option<&'a CatalogueEntry> {
    world.policy.catalogue.entries.get(&standard.entry).filter(|entry| entry.version == standard.version)
}

/// Rule 4.8 for an edit: what the entry does not leave open makes a standard change a normal one.
pub(super) fn after_edit(
    world: &World<'_>,
    asked: Asked<'_>,
    next: &Change,
    fields: &[EditedField],
    risk: &Ruling<RiskAssessment>,
) -> ChangeKind {
    let Some(standard) = &next.standard else { return next.kind };
    let left_open = |field: &EditedField| !is_material(field.name) || matches!(field.name, "svc" | "window");
    let entry = entry_in_force(world, standard);
    let facts = TemplateFacts {
        active: entry.is_some_and(|entry| is_open(world, asked, entry)),
        service_allowed: entry
            .is_some_and(|entry| next.services().iter().all(|service| entry.services.contains(service))),
        parameters_in_range: fields.iter().all(left_open),
    };
    classified(world, facts, risk)
}

fn is_open(world: &World<'_>, asked: Asked<'_>, entry: &CatalogueEntry) -> bool {
    let standing = entry_standing(world.policy, world.organisation, entry, &world.entry, asked.at);
    world.entry.is_approved(world.policy) && !matches!(standing, EntryStanding::Closed(_))
}

/// Rule 4.41, once a use of an entry has failed: too many suspend it, and its owner is told.
pub(super) fn after_failure(world: &World<'_>, change: &Change, events: &mut Vec<Event>) {
    let Some(standard) = &change.standard else { return };
    // Its owner was told, and hears no second time.
    if world.entry.suspended().is_some_and(|mark| mark.by_failures) {
        return;
    }
    let EntryUses { uses, failures, .. } =
        world.entry.uses.and_one_failed(world.policy.catalogue.failures_among_last_uses);
    let facts = EntryUse { failures, ..EntryUse::default() };
    if catalogue_verdict(world.policy, &facts).verdict != CatalogueVerdict::Suspend {
        return;
    }
    let owner = entry_in_force(world, standard).and_then(|entry| owner_of(world.organisation, entry));
    events.push(Event::Change(ChangeEvent::EntrySuspended(Suspended {
        entry: standard.entry.clone(),
        version: standard.version,
        failures,
        uses,
        owner,
    })));
}

/// Whoever keeps an entry right.
pub fn owner_of(organisation: &Organisation, entry: &CatalogueEntry) -> Option<PersonId> {
    let is_owner = |person: &&crate::domain::Person| person.active && person.key == entry.owner;
    organisation.people.values().find(is_owner).map(|person| person.id.clone())
}
