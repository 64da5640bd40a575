//! The checklist of a change, for people.

use serde_json::{Value, json};

use super::cards::others;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::Change;
use crate::domain::checklist::{ItemState, ListedItem};
use crate::domain::rules::Gate;
use crate::render::Message;

/// Open items that a card names; the list has all.
const NAMED: usize = 5;

impl App {
    pub(super) fn checklist(&self, tenant: &Tenant, change: &Change) -> Result<Message, HandleError> {
        let categories: Vec<&String> = tenant.policy.checklists.keys().collect();
        let data = json!({
            "subject": change.subject(), "title": change.title, "progress": progress(change),
            "items": change.checklist.items.iter().map(item_data).collect::<Vec<_>>(),
            "next": change.checklist.open().next().map(|item| item.asked.key.clone()),
            "categories": categories, "category": categories.first(),
        });
        Ok(self.renderer.message("answer/checklist", &data, &tenant.organisation)?)
    }
}

/// How far the checklist of a change is, and what is open on it; `null` where it has none.
pub(super) fn progress(change: &Change) -> Value {
    let all = change.checklist.items.len();
    if all == 0 {
        return Value::Null;
    }
    let open: Vec<&str> = change.checklist.open().map(|item| item.asked.what.as_str()).collect();
    json!({
        "done": (all - open.len()).to_string(), "all": all.to_string(),
        "open": open.iter().take(NAMED).collect::<Vec<_>>(),
        "others": others(open.len(), NAMED),
    })
}

fn item_data(item: &ListedItem) -> Value {
    json!({
        "done": item.state.is_done(), "key": item.asked.key, "what": item.asked.what,
        "evidence": item.asked.evidence.phrase(),
        "before": gate_word(item.asked.before), "by": item.by, "at": item.at, "said": item.said,
        "waived": item.state == ItemState::Waived, "waiver_asked": item.state == ItemState::WaiverAsked,
        "reopened": item.state == ItemState::Open && item.by.is_some(),
    })
}

/// What is asked for before a change is submitted is shown before it is approved: both are one step here.
fn gate_word(gate: Gate) -> &'static str {
    match gate {
        Gate::Submit | Gate::Approve => "approval",
        Gate::Start => "start",
        Gate::Validate => "done",
        Gate::Close => "the end",
    }
}
