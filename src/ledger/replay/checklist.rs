//! What a record has to show before it goes on, or is over.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChecklistEffect {
    Added,
    /// The item has this state from now on.
    Marked(&'static str),
}

impl ChecklistEffect {
    pub(super) fn of(kind: &str) -> Option<ChecklistEffect> {
        Some(match kind {
            "checklist.added" => ChecklistEffect::Added,
            "checklist.ticked" => ChecklistEffect::Marked("ticked"),
            "checklist.unticked" => ChecklistEffect::Marked("open"),
            "checklist.waiver_asked" => ChecklistEffect::Marked("waiver_asked"),
            "checklist.waived" => ChecklistEffect::Marked("waived"),
            _ => return None,
        })
    }
}

/// The items.
#[derive(Debug, Clone, Default)]
pub(super) struct Listed(Vec<Item>);

#[derive(Debug, Clone)]
struct Item {
    /// Its key, and the step that it holds up.
    what: String,
    state: &'static str,
    /// When what shows it was done, where that was said.
    evidence_at: Option<String>,
}

impl Listed {
    pub(super) fn push(&mut self, effect: ChecklistEffect, facts: &Value) {
        match effect {
            ChecklistEffect::Added => {
                let items = facts["items"].as_array().into_iter().flatten().filter_map(Value::as_str);
                self.0.extend(items.map(|item| Item { what: item.to_owned(), state: "open", evidence_at: None }));
            }
            ChecklistEffect::Marked(state) => {
                let key = facts["item"].as_str().unwrap_or_default();
                let is_it = |item: &str| item.strip_prefix(key).is_some_and(|rest| rest.starts_with(' '));
                for item in self.0.iter_mut().filter(|item| is_it(&item.what)) {
                    item.state = state;
                    item.evidence_at = facts["evidence_at"].as_str().map(str::to_owned);
                }
            }
        }
    }

    /// A material edit opens everything again.
    pub(super) fn reopen(&mut self) {
        self.0.iter_mut().for_each(|item| (item.state, item.evidence_at) = ("open", None));
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn words(&self) -> String {
        let of = |at: &String| format!(" of {at}");
        let words = |item: &Item| {
            format!("{} {}{}", item.what, item.state, item.evidence_at.as_ref().map(of).unwrap_or_default())
        };
        let items: Vec<String> = self.0.iter().map(words).collect();
        if items.is_empty() { String::new() } else { format!(", checklist {}", items.join(" and ")) }
    }
}
