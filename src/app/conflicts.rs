//! What is in the way of a change: read from the windows of the others, the open incidents and the freezes.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::cards::headline;
use super::freezes::frozen;
use super::handle::{Caller, HandleError};
use super::lists::LISTED_MAX;
use super::questions::slip;
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::decide::met;
use crate::domain::rules::{
    ChangeKind, Conflict, EmergencyCase, Planned, Trouble, conflicts, free_windows, window_length,
};
use crate::domain::{Change, ChangeStatus, Incident, Subject, Window};
use crate::render::Message;
use crate::store::Tx;

/// Free windows that are offered.
const FREE_OFFERED: usize = 3;

impl App {
    /// What stands in the way of a change that was named or is open here, and when nothing does.
    pub(super) async fn change_conflicts(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let number = match self.change_number(tx, caller, named).await? {
            Ok(number) => number,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        let Some(change) = tx.change(number).await? else { return Ok(slip(&no_such(Subject::Change(number)))) };
        let now = self.clock.now();
        let incident = match change.incident {
            Some(number) => tx.incident(number).await?,
            None => None,
        };
        // Without a window yet: the one that it would have if it were approved now.
        let length = window_length(&tenant.policy, EmergencyCase::of(incident.as_ref().map(|i| i.priority)));
        let window = change.window.unwrap_or(Window { opens: now, closes: now + length });
        let own = booking(&change, window);
        let others = bookings(tx).await?;
        let found = conflicts(&tenant.organisation, &own, &others, &troubles(tx).await?);
        let freezes = frozen(tx, None, false).await?;
        let far = (now, DateTime::<Utc>::MAX_UTC);
        let held: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> =
            met(&tenant.organisation, &tenant.policy, &freezes, &change, incident.as_ref(), far)
                .iter()
                .filter(|met| met.holds())
                .map(|met| (met.frozen.freeze.from, met.frozen.freeze.until))
                .collect();
        let free = if found.is_empty() {
            Vec::new()
        } else {
            free_windows(&tenant.organisation, &own, &others, &held, now, FREE_OFFERED)
        };
        let free: Vec<Value> = free.iter().map(|(from, until)| json!({ "from": from, "until": until })).collect();
        let data = json!({
            "subject": change.subject(), "title": headline(&change.title),
            "service": tenant.organisation.service_name(&change.service), "from": own.from, "until": own.until,
            "planned": change.window.is_some(), "conflicts": found.iter().map(conflict_data).collect::<Vec<_>>(),
            "free": free,
        });
        Ok(self.renderer.message("answer/conflicts", &data, &tenant.organisation)?)
    }
}

/// The open changes that have a window.
async fn bookings(tx: &mut Tx) -> Result<Vec<Planned>, HandleError> {
    let open = tx.changes(LISTED_MAX).await?;
    let booked = open.iter().filter(|change| change.is_open() && change.status != ChangeStatus::WindowExpired);
    Ok(booked.filter_map(|change| Some(booking(change, change.window?))).collect())
}

async fn troubles(tx: &mut Tx) -> Result<Vec<Trouble>, HandleError> {
    let all = tx.incidents(LISTED_MAX).await?;
    let open = all.into_iter().filter(Incident::is_open);
    Ok(open.map(|incident| Trouble { incident: incident.number, services: incident.services }).collect())
}

fn booking(change: &Change, window: Window) -> Planned {
    Planned {
        number: change.number,
        services: vec![change.service.clone()],
        from: window.opens,
        until: window.closes,
        implementer: change.implementer.clone(),
        incident: change.incident,
        urgent: change.kind == ChangeKind::Emergency,
    }
}

fn conflict_data(conflict: &Conflict) -> Value {
    json!({ "block": conflict.block, "sentence": conflict.sentence })
}
