//! What changed before an incident: told in its room when that opens, and to whoever asks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::cards::headline;
use super::handle::{Caller, HandleError};
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::suspect::{Suspect, felt_by, looked_back, suspects};
use crate::domain::{Incident, PersonId, Subject};
use crate::render::Message;
use crate::store::Tx;

/// Changes that are named.
const SUSPECTS_SHOWN: usize = 10;

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
        self.suspects_message(tenant, &incident, &found)
    }

    /// What the room is told when it opens; `None` where nothing ran. Whoever carried out what is likely is called.
    pub(super) async fn suspects_for_room(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        incident: &Incident,
    ) -> Result<Option<Message>, HandleError> {
        let found = suspects_of(tx, tenant, incident).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let mut message = self.suspects_message(tenant, incident, &found)?;
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
    ) -> Result<Message, HandleError> {
        let services: Vec<String> =
            incident.services.iter().map(|service| tenant.organisation.service_name(service)).collect();
        let shown: Vec<Value> = found.iter().take(SUSPECTS_SHOWN).map(|suspect| of_suspect(tenant, suspect)).collect();
        let running = found.iter().find(|suspect| suspect.change.ended_at.is_none());
        let data = json!({
            "subject": incident.subject(),
            "services": services.join(", "),
            "hours": looked_back(&tenant.policy).num_hours(),
            "first": found.first().map(|suspect| Subject::Change(suspect.change.number)),
            "running": running.map(|suspect| Subject::Change(suspect.change.number)),
            "changes": shown,
            "more": found.len().checked_sub(SUSPECTS_SHOWN).filter(|more| *more > 0),
        });
        Ok(self.renderer.message("answer/suspects", &data, &tenant.organisation)?)
    }
}

async fn suspects_of(tx: &mut Tx, tenant: &Tenant, incident: &Incident) -> Result<Vec<Suspect>, HandleError> {
    let (organisation, policy, began) = (&tenant.organisation, &tenant.policy, incident.declared_at);
    let services = felt_by(organisation, &incident.services);
    let ran = tx.ran_lately(&services, began - looked_back(policy), incident.number).await?;
    Ok(suspects(policy, organisation, &incident.services, began, ran))
}

fn of_suspect(tenant: &Tenant, suspect: &Suspect) -> Value {
    let change = &suspect.change;
    json!({
        "subject": Subject::Change(change.number),
        "title": headline(&change.title),
        "service": tenant.organisation.service_name(&change.service),
        "implementer": change.implementer,
        "runs": change.ended_at.is_none(),
        "ended": change.ended_at,
        "status": change.status.phrase(),
        "confidence": suspect.likely.confidence,
        "likely": suspect.is_likely(),
    })
}
