//! The catalogue of standard changes: what it holds, how its entries did, and whom a use of one concerns.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::{Teller, told};
use super::cards::{button, change_button, row};
use super::catalogue::{entry_buttons, sha256_of};
use super::freezes::calling;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::decide::{hears_of_finding, hears_of_record, owner_of};
use crate::domain::policy::CatalogueEntry;
use crate::domain::rules::ChangeKind;
use crate::domain::standard::{EntryStanding, entry_ends, entry_standing};
use crate::domain::{
    CatalogueCommand, Change, ChangeEvent, Command, Decision, EntryEvent, EntryRecord, EntryUses, Event, FindingEvent,
    State, Target, ValidationEvent, World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// Entries that fit one message of Discord; a service narrows them down.
const SHOWN: usize = 10;

impl App {
    /// Whoever carried out a use of an entry is asked in private, once it is over, whether the entry was of help.
    pub(super) fn ask_for_rating(tx: &mut Tx, tenant: &Tenant, decision: &Decision, jobs: &mut Vec<Later>) {
        let State::Change(change) = &decision.state else { return };
        let Some(standard) = change.standard.as_ref().filter(|standard| standard.rating.is_none()) else { return };
        let ends = |event: &Event| match event {
            Event::Change(event) => matches!(
                event,
                ChangeEvent::RolledBack { .. } | ChangeEvent::Validation(ValidationEvent::Passed { .. })
            ),
            _ => false,
        };
        if !decision.events.iter().any(ends) {
            return;
        }
        let service = tenant.organisation.services_of(change);
        let mut message = told(&format!(
            "{} is over: {} (version {}) on {service}. Was the entry of help, and was a step of it wrong? Its owner mends \
             it by what you say.",
            change.subject(),
            standard.entry,
            standard.version
        ));
        message.blocks.push(row(vec![change_button(change, PressAction::RateEntry, ButtonStyle::Primary)]));
        let (person, key) = (change.implementer.clone(), format!("rate-{}", change.number));
        jobs.push(Job::Direct { tenant: tx.tenant(), person, key, message: Box::new(message) }.now());
    }

    /// What is approved beforehand here; of one service, where one was named.
    pub(super) async fn standard_list(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        service: Option<&str>,
    ) -> Result<Message, HandleError> {
        let organisation = &tenant.organisation;
        let since = tx.policy_since(tenant.row.policy).await?;
        let mut entries = Vec::new();
        for (key, entry) in &tenant.policy.catalogue.entries {
            let known =
                |one: &&String| organisation.services.contains_key(*one) && service.is_none_or(|only| only == **one);
            let services: Vec<String> =
                entry.services.iter().filter(known).map(|one| organisation.service_name(one)).collect();
            if services.is_empty() {
                continue;
            }
            let last = tenant.policy.catalogue.failures_among_last_uses;
            let record = record_of(tx, tenant, (key, entry.version), since, last).await?;
            entries.push(entry_data(tenant, key, entry, &services, &record, self.clock.now()));
        }
        let data = json!({
            "entries": entries.iter().take(SHOWN).collect::<Vec<_>>(), "more": (entries.len() > SHOWN).then(|| (entries.len() - SHOWN).to_string()),
            "service": service.map(|key| organisation.service_name(key)),
            "policy": tenant.row.policy.to_string(),
        });
        Ok(self.renderer.message("answer/standard", &data, organisation)?)
    }

    /// Whether an event concerns somebody who keeps a service or an entry.
    pub(super) fn concerns_an_owner(change: &Change, event: &ChangeEvent) -> bool {
        match event {
            ChangeEvent::Approved { .. } => change.standard.is_some(),
            ChangeEvent::Entry(event) => event.owner().is_some(),
            ChangeEvent::Finding(event) => !matches!(event, FindingEvent::Found(_)),
            event => matches!(event, ChangeEvent::EntrySuspended(_) | ChangeEvent::Recorded(_)),
        }
    }

    /// The sentence, for the owner: nobody was asked, so somebody is told.
    pub(super) fn owner_message(
        teller: &Teller<'_>,
        change: &Change,
        event: &ChangeEvent,
    ) -> Result<Message, HandleError> {
        let organisation = &teller.tenant.organisation;
        let line = teller.line(change.subject(), &Event::Change(event.clone()))?;
        let people = match event {
            ChangeEvent::EntrySuspended(suspended) => suspended.owner.iter().cloned().collect(),
            ChangeEvent::Entry(event) => event.owner().into_iter().cloned().collect(),
            ChangeEvent::Finding(FindingEvent::Unclaimed { .. }) => hears_of_finding(organisation, change),
            _ => hears_of_record(organisation, change),
        };
        let mut message = calling(organisation, line, &people);
        message.blocks.extend(buttons_of_event(change, event));
        Ok(message)
    }
}

/// What whoever is told can do about it.
fn buttons_of_event(change: &Change, event: &ChangeEvent) -> Option<Block> {
    match event {
        ChangeEvent::EntrySuspended(of) => {
            entry_buttons(&of.entry, &[PressAction::ReviseEntry, PressAction::ResumeEntry])
        }
        ChangeEvent::Entry(EntryEvent::ToRevise { entry, .. }) => {
            entry_buttons(entry, &[PressAction::ReviseEntry, PressAction::SuspendEntry])
        }
        ChangeEvent::Entry(EntryEvent::Suggested { .. }) => {
            let promote = Press::on(PressAction::Promote, change.subject(), None);
            Some(row(vec![button(promote, ButtonStyle::Primary)]))
        }
        ChangeEvent::Finding(FindingEvent::Unclaimed { .. }) => {
            Some(row(vec![change_button(change, PressAction::Claim, ButtonStyle::Primary)]))
        }
        _ => None,
    }
}

/// Fills in how an entry did, where a use of it is asked for, edited or has failed.
pub(super) async fn load_entry(
    tx: &mut Tx,
    tenant: &Tenant,
    world: &mut World<'_>,
    command: &Command,
) -> Result<(), HandleError> {
    if let (Command::Validation(_), Target::Change { change, .. }) = (command, &world.target)
        && change.kind == ChangeKind::Normal
    {
        world.alike = Some(tx.changes_alike(change).await?);
    }
    let since = tx.policy_since(tenant.row.policy).await?;
    let last = tenant.policy.catalogue.failures_among_last_uses;
    if matches!(command, Command::Catalogue(CatalogueCommand::LookAfter)) {
        for (key, entry) in &tenant.policy.catalogue.entries {
            let record = record_of(tx, tenant, (key, entry.version), since, last).await?;
            world.entries.insert(key.clone(), record);
        }
    }
    let Some((key, version)) = entry_meant(tenant, world, command) else { return Ok(()) };
    // One more is about to be counted.
    let fails = matches!(command, Command::RollBack { .. } | Command::Rollback(_) | Command::Validation(_));
    let last = if fails { last.saturating_sub(1) } else { last };
    world.entry = record_of(tx, tenant, (&key, version), since, last).await?;
    Ok(())
}

/// How a version of an entry did, with what names its content where the policy has that version.
async fn record_of(
    tx: &mut Tx,
    tenant: &Tenant,
    (key, version): (&str, u32),
    since: DateTime<Utc>,
    last: u32,
) -> Result<EntryRecord, HandleError> {
    let entry = tenant.policy.catalogue.entries.get(key).filter(|entry| entry.version == version);
    let sha256 = entry.map(sha256_of).unwrap_or_default();
    Ok(EntryRecord { sha256, ..tx.entry_record(key, version, since, last).await? })
}

/// The entry that a command is about, or that its change came from.
fn entry_meant(tenant: &Tenant, world: &World<'_>, command: &Command) -> Option<(String, u32)> {
    let entries = &tenant.policy.catalogue.entries;
    match (command, &world.target) {
        (Command::Catalogue(command), _) => {
            let key = command.entry()?;
            entries.get(key).map(|entry| (key.to_owned(), entry.version))
        }
        (Command::RequestStandard(form), _) => {
            entries.get(&form.entry).map(|entry| (form.entry.clone(), entry.version))
        }
        (
            Command::RollBack { .. }
            | Command::Rollback(_)
            | Command::Validation(_)
            | Command::Rate(_)
            | Command::EditChange(_)
            | Command::ScheduleChange { .. },
            Target::Change { change, .. },
        ) => change.standard.as_ref().map(|standard| (standard.entry.clone(), standard.version)),
        _ => None,
    }
}

fn entry_data(
    tenant: &Tenant,
    key: &str,
    entry: &CatalogueEntry,
    services: &[String],
    record: &EntryRecord,
    now: DateTime<Utc>,
) -> Value {
    let organisation = &tenant.organisation;
    let standing = entry_standing(&tenant.policy, organisation, entry, record, now);
    let unapproved = (!record.is_approved(&tenant.policy)).then(|| match record.before_the_board() {
        Some(change) => format!("CHG-{change} puts it to the board."),
        None => "The board has not approved this version.".to_owned(),
    });
    let (closed, until) = match standing {
        _ if unapproved.is_some() => (unapproved, None),
        EntryStanding::InUse => (None, None),
        EntryStanding::ToRevise { until } => (None, Some(day(until))),
        EntryStanding::Closed(ruling) => (Some(ruling.sentence), None),
    };
    let parameters: Vec<Value> =
        entry.parameters.iter().map(|(name, parameter)| json!({ "name": name, "range": parameter.range() })).collect();
    json!({
        "key": key, "title": entry.title, "version": entry.version.to_string(), "services": services.join(", "),
        "owner": owner_of(organisation, entry), "record": record_phrase(record.uses), "parameters": parameters,
        "example": entry.example(key), "closed": closed, "until": until,
        "rated": record.rated(), "ends": day(entry_ends(&tenant.policy, entry, record.since)), "freeze_safe": entry.freeze_safe,
    })
}

/// Far enough away to need its year.
fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y").to_string()
}

fn record_phrase(uses: EntryUses) -> String {
    match (uses.uses, uses.failures) {
        (0, _) => "not used yet".to_owned(),
        (1, 0) => "its last use went well".to_owned(),
        (1, _) => "its last use failed".to_owned(),
        (uses, 0) => format!("all of its last {uses} uses went well"),
        (uses, failures) => format!("{failures} of its last {uses} uses failed"),
    }
}
