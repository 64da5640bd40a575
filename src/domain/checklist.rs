//! What has to be done, and shown, before a change goes on or an incident is over (rule 4.39).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rules::{ChecklistItem, Gate, Ruling, open_items};
use super::{Change, PersonId};

/// What a record has to show, item by item, in the order in which it was put on. What is on it stays as it was then,
/// whatever the policy says later, and is never taken off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checklist {
    pub items: Vec<ListedItem>,
}

/// An item, and what was said of it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedItem {
    pub asked: ChecklistItem,
    pub state: ItemState,
    /// Who said it; `None` where nobody did yet.
    pub by: Option<PersonId>,
    pub at: Option<DateTime<Utc>>,
    /// The evidence of a tick, the reason of anything else. `None`: nothing was said, or it is erased.
    pub said: Option<String>,
    /// Whom a tick names, where that is its evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Of which it is an item; absent of one that was put on before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    Open,
    Ticked,
    /// Somebody says that it does not apply here; a second person has to say so too.
    WaiverAsked,
    Waived,
}

impl ItemState {
    pub fn as_str(self) -> &'static str {
        match self {
            ItemState::Open => "open",
            ItemState::Ticked => "ticked",
            ItemState::WaiverAsked => "waiver_asked",
            ItemState::Waived => "waived",
        }
    }

    pub fn is_done(self) -> bool {
        matches!(self, ItemState::Ticked | ItemState::Waived)
    }
}

/// What is said of the checklist of the record that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistCommand {
    pub of: ChecklistOf,
    pub step: ChecklistStep,
}

/// Which records have a checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecklistOf {
    Incident,
    Change,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChecklistStep {
    /// Puts the items of a category of the policy on it.
    Add {
        category: String,
    },
    /// Without an item it is the only open one. `person`: whom the evidence names, where it names somebody.
    Tick {
        item: Option<String>,
        evidence: String,
        person: Option<PersonId>,
    },
    Untick {
        item: String,
        why: String,
    },
    Waive {
        item: String,
        why: String,
    },
}

impl ChecklistCommand {
    pub fn name(&self) -> &'static str {
        match (self.of, &self.step) {
            (ChecklistOf::Incident, ChecklistStep::Add { .. }) => "inc plan checklist",
            (ChecklistOf::Incident, ChecklistStep::Tick { .. }) => "inc plan tick",
            (ChecklistOf::Incident, ChecklistStep::Untick { .. }) => "inc plan untick",
            (ChecklistOf::Incident, ChecklistStep::Waive { .. }) => "inc plan waive",
            (ChecklistOf::Change, ChecklistStep::Add { .. }) => "change plan checklist",
            (ChecklistOf::Change, ChecklistStep::Tick { .. }) => "change plan tick",
            (ChecklistOf::Change, ChecklistStep::Untick { .. }) => "change plan untick",
            (ChecklistOf::Change, ChecklistStep::Waive { .. }) => "change plan waive",
        }
    }
}

impl ChecklistOf {
    /// The command and the group that its verbs belong to.
    pub fn group(self) -> &'static str {
        match self {
            ChecklistOf::Incident => "/inc plan",
            ChecklistOf::Change => "/change plan",
        }
    }
}

impl Checklist {
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn item(&self, key: &str) -> Option<&ListedItem> {
        self.items.iter().find(|item| item.asked.key == key)
    }

    /// Adds the items of a category that are not on it yet.
    pub fn add(&mut self, category: &str, items: impl IntoIterator<Item = ChecklistItem>) {
        for asked in items {
            if self.item(&asked.key).is_none() {
                let (state, category) = (ItemState::Open, Some(category.to_owned()));
                self.items.push(ListedItem { asked, state, by: None, at: None, said: None, person: None, category });
            }
        }
    }

    /// The category that was put on it first.
    pub fn category(&self) -> Option<&str> {
        self.items.iter().find_map(|item| item.category.as_deref())
    }

    /// All of them, each once.
    pub fn categories(&self) -> Vec<String> {
        let each: BTreeSet<&String> = self.items.iter().filter_map(|item| item.category.as_ref()).collect();
        each.into_iter().cloned().collect()
    }

    /// What was shown was of another plan: everything is open again. The log has what was said. How many were done.
    pub fn reopen(&mut self) -> usize {
        let done = self.items.iter().filter(|item| item.state.is_done()).count();
        for item in &mut self.items {
            (item.state, item.by, item.at) = (ItemState::Open, None, None);
            (item.said, item.person) = (None, None);
        }
        done
    }

    /// The items that hold up this step (rule 4.39).
    pub fn holding(&self, gate: Gate) -> Ruling<Vec<&ChecklistItem>> {
        let done = self.items.iter().filter(|item| item.state.is_done());
        let done: Vec<&str> = done.map(|item| item.asked.key.as_str()).collect();
        open_items(self.items.iter().map(|item| &item.asked), gate, &done)
    }

    /// Those that hold up the last step.
    pub fn open(&self) -> impl Iterator<Item = &ListedItem> {
        self.items.iter().filter(|item| !item.state.is_done())
    }
}

impl Change {
    /// Whether an item keeps this change from being approved that has everything else.
    pub fn waits_for_checklist(&self) -> bool {
        !self.checklist.holding(Gate::Approve).verdict.is_empty()
    }

    /// Whether an empty field does.
    pub fn waits_for_fields(&self) -> bool {
        self.fields.missing(Gate::Approve).next().is_some()
    }
}
