//! The lists of all incidents and all changes, a page at a time.

use serde_json::{Value, json};

use super::cards::headline;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::render::Message;
use crate::store::Tx;

/// Records a page of a list.
const LIST_PAGE: usize = 15;
/// Records that lists reach back to.
pub(super) const LISTED_MAX: i64 = 1_000;

impl App {
    pub(super) async fn incident_list(&self, tx: &mut Tx, tenant: &Tenant, page: u32) -> Result<Message, HandleError> {
        let all = tx.incidents(LISTED_MAX).await?;
        let (incidents, left) = listed(&all, page, "/inc list");
        let incidents: Vec<Value> = incidents
            .iter()
            .map(|incident| {
                json!({
                    "subject": incident.subject(), "priority": incident.priority.to_string(),
                    "title": headline(&incident.title), "status": incident.status.as_str(),
                    "declared_at": incident.declared_at,
                })
            })
            .collect();
        let data = json!({ "incidents": incidents, "left": left });
        Ok(self.renderer.message("answer/incidents", &data, &tenant.organisation)?)
    }

    pub(super) async fn change_list(&self, tx: &mut Tx, tenant: &Tenant, page: u32) -> Result<Message, HandleError> {
        let all = tx.changes(LISTED_MAX).await?;
        let (changes, left) = listed(&all, page, "/change list");
        let changes: Vec<Value> = changes
            .iter()
            .map(|change| {
                json!({
                    "subject": change.subject(), "kind": change.kind.as_str(), "title": headline(&change.title),
                    "status": change.state_phrase(), "band": change.risk.band.as_str(),
                    "requested_at": change.requested_at,
                })
            })
            .collect();
        let data = json!({ "changes": changes, "left": left });
        Ok(self.renderer.message("answer/changes", &data, &tenant.organisation)?)
    }
}

/// A page of a list, the first where there is no such page; and what to say of those after it.
pub(super) fn listed<'a, T>(all: &'a [T], page: u32, command: &str) -> (&'a [T], Value) {
    listed_by(LIST_PAGE, all, page, command)
}

/// The same with so many a page, where each takes more than a line.
pub(super) fn listed_by<'a, T>(size: usize, all: &'a [T], page: u32, command: &str) -> (&'a [T], Value) {
    let pages = all.len().div_ceil(size).max(1);
    let at = usize::try_from(page).unwrap_or(1).clamp(1, pages);
    let shown = all.chunks(size).nth(at - 1).unwrap_or_default();
    let after = all.len().saturating_sub(at * size);
    let left = if after == 0 {
        Value::Null
    } else {
        json!({"count": after.to_string(), "command": format!("{command} page:{}", at + 1)})
    };
    (shown, left)
}
