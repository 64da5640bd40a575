//! What changed before an incident: told in its room when that opens, and to whoever asks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::cards::{headline, row};
use super::doubts::cause_buttons;
use super::handle::{Caller, HandleError};
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::rules::{LinkKind, LinkState};
use crate::domain::suspect::{CLEAN_USES, Ran, Suspect, Symptom, felt_by, is_clean, looked_back, suspects};
use crate::domain::{ChangeStatus, Incident, Link, PersonId, Subject};
use crate::render::{Block, Message};
use crate::store::Tx;

/// Changes that are named.
const SUSPECTS_SHOWN: usize = 10;
/// Changes whose buttons stand below: a message of Discord has five rows.
const ASKED_MAX: usize = 5;

impl App {
    /// `/inc changes`.
    pub(super) async fn incident_changes(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let incident = match self.incident_meant(tx, caller, named).await? {
            Ok(incident) => incident,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        let found = suspects_of(tx, tenant, &incident).await?;
        let links = tx.links_of_incident(incident.number).await?;
        self.suspects_message(tenant, &incident, &found, &links)
    }

    /// What the room is told when it opens; `None` where nothing ran. Whoever carried out what is likely is called.
    pub(super) async fn suspects_for_room(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        incident: &Incident,
    ) -> Result<Option<Message>, HandleError> {
        let mut found = suspects_of(tx, tenant, incident).await?;
        if found.is_empty() {
            return Ok(None);
        }
        // What is said in a room stays there: the way back is told to whoever asks.
        for suspect in &mut found {
            suspect.change.rollback_plan.clear();
        }
        let links = tx.links_of_incident(incident.number).await?;
        let mut message = self.suspects_message(tenant, incident, &found, &links)?;
        let likely = found.iter().filter(|suspect| suspect.is_likely()).take(SUSPECTS_SHOWN);
        let called: BTreeSet<&PersonId> = likely.map(|suspect| &suspect.change.implementer).collect();
        let people = called.into_iter().filter_map(|person| tenant.organisation.person(person));
        message.pings = people.flat_map(|person| person.accounts().cloned()).collect();
        Ok(Some(message))
    }

    fn suspects_message(
        &self,
        tenant: &Tenant,
        incident: &Incident,
        found: &[Suspect],
        links: &[Link],
    ) -> Result<Message, HandleError> {
        let link = |suspect: &Suspect| links.iter().find(|link| link.change == suspect.change.number);
        let services: Vec<String> =
            incident.services.iter().map(|service| tenant.organisation.service_name(service)).collect();
        let shown = found.iter().take(SUSPECTS_SHOWN);
        let undecided = shown.clone().filter(|suspect| link(suspect).is_none_or(Link::is_undecided));
        let numbers = undecided.take(ASKED_MAX).map(|suspect| suspect.change.number);
        let ask = |number| row(cause_buttons(incident.number, number, Subject::Change(number)));
        let asked: Vec<Block> = numbers.map(ask).collect();
        let shown: Vec<Value> = shown.map(|suspect| of_suspect(tenant, suspect, link(suspect))).collect();
        let running = found.iter().find(|suspect| suspect.change.ended_at.is_none());
        let data = json!({
            "subject": incident.subject(),
            "services": services.join(", "),
            "hours": looked_back(&tenant.policy).num_hours(),
            "first": found.first().map(|suspect| Subject::Change(suspect.change.number)),
            "running": running.map(|suspect| Subject::Change(suspect.change.number)),
            "changes": shown,
            "asked": !asked.is_empty(),
            "more": found.len().checked_sub(SUSPECTS_SHOWN).filter(|more| *more > 0),
        });
        let mut message = self.renderer.message("answer/suspects", &data, &tenant.organisation)?;
        message.blocks.extend(asked);
        Ok(message)
    }
}

/// What an incident may come from, the likeliest first.
pub(super) async fn suspects_of(
    tx: &mut Tx,
    tenant: &Tenant,
    incident: &Incident,
) -> Result<Vec<Suspect>, HandleError> {
    let (services, began, title) = (&incident.services, incident.declared_at, incident.title.as_str());
    suspects_on(tx, tenant, Symptom { services, began, title }, incident.number).await
}

/// What may be behind something that broke, as the incident of this number.
pub(super) async fn suspects_on(
    tx: &mut Tx,
    tenant: &Tenant,
    symptom: Symptom<'_>,
    number: i64,
) -> Result<Vec<Suspect>, HandleError> {
    let (organisation, policy) = (&tenant.organisation, &tenant.policy);
    let since = symptom.began - looked_back(policy);
    let mut ran = tx.ran_lately(&felt_by(organisation, symptom.services), since, number).await?;
    let entries: BTreeSet<(String, u32)> = ran.iter().filter_map(|change| change.entry.clone()).collect();
    for (entry, version) in entries {
        let clean = is_clean(&tx.last_uses(&entry, version, CLEAN_USES).await?);
        let of_this = |change: &&mut Ran| change.entry.as_ref() == Some(&(entry.clone(), version));
        ran.iter_mut().filter(of_this).for_each(|change| change.clean_template = clean);
    }
    Ok(suspects(policy, organisation, symptom, ran))
}

fn of_suspect(tenant: &Tenant, suspect: &Suspect, link: Option<&Link>) -> Value {
    let change = &suspect.change;
    json!({
        "subject": Subject::Change(change.number),
        "title": headline(&change.title),
        "service": tenant.organisation.named(&change.services()),
        "implementer": change.implementer,
        "runs": change.ended_at.is_none() && change.status != ChangeStatus::Halted,
        "ended": change.ended_at,
        "status": change.status.phrase(),
        "waits": change.status == ChangeStatus::Validating && link.is_none_or(Link::is_undecided),
        "confidence": suspect.likely.confidence,
        "likely": suspect.is_likely(),
        "back": suspect.way_back().map(headline),
        "decided": link.filter(|link| !link.is_undecided()).map(decided),
    })
}

fn decided(link: &Link) -> &'static str {
    match (link.state, link.kind) {
        (LinkState::Rejected, _) => link.state.phrase(),
        (_, LinkKind::Caused) => "the cause",
        (_, kind) => kind.as_str(),
    }
}
