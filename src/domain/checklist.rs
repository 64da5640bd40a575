//! What has to be done, and shown, before a change goes on or an incident is over (rule 4.39).

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::rules::{ChecklistItem, Gate, Ruling, ShownItem, asked_for, open_items};
use super::{Change, Incident, PersonId, When};

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
    /// When what its evidence shows was done, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_at: Option<DateTime<Utc>>,
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
    /// Without an item it is the only open one. `person`: whom the evidence names, where it names somebody. `done`: when
    /// what it shows was done.
    Tick {
        item: Option<String>,
        evidence: String,
        person: Option<PersonId>,
        done: Option<When>,
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
                self.items.push(ListedItem { category: Some(category.to_owned()), ..ListedItem::open(asked) });
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
            (item.said, item.person, item.evidence_at) = (None, None, None);
        }
        done
    }

    /// The items that hold up this step, if it is taken now (rule 4.39).
    pub fn holding(&self, gate: Gate, now: DateTime<Utc>) -> Ruling<Vec<&ChecklistItem>> {
        let shown: Vec<ShownItem<'_>> = self.items.iter().filter_map(|item| item.shown(now)).collect();
        open_items(self.items.iter().map(|item| &item.asked), gate, &shown)
    }

    /// Whether an item can hold up this step sooner or later: it is open, or what shows it grows old.
    pub fn may_hold(&self, gate: Gate) -> bool {
        let may = |item: &&ListedItem| !item.state.is_done() || item.asked.max_age_hours.is_some();
        self.items.iter().filter(may).any(|item| item.asked.before <= gate)
    }

    /// Those that have yet to be shown, or to be shown anew: `as_of` is the moment at which what shows them has to count.
    pub fn open(&self, as_of: DateTime<Utc>) -> impl Iterator<Item = &ListedItem> {
        self.items.iter().filter(move |item| item.is_open(as_of))
    }
}

impl ListedItem {
    /// An item of which nothing was said yet.
    pub fn open(asked: ChecklistItem) -> ListedItem {
        let (by, at, said, person) = (None, None, None, None);
        ListedItem { asked, state: ItemState::Open, by, at, said, person, evidence_at: None, category: None }
    }

    pub fn is_open(&self, as_of: DateTime<Utc>) -> bool {
        !self.state.is_done() || self.outgrown_minutes(as_of).is_some()
    }

    /// How old what shows it is, in minutes, where that is too old to count.
    pub fn outgrown_minutes(&self, as_of: DateTime<Utc>) -> Option<i64> {
        self.shown(as_of)?.age_minutes.filter(|age| self.asked.is_outgrown(*age))
    }

    /// Until when what shows it counts, where that ends.
    pub fn counts_until(&self) -> Option<DateTime<Utc>> {
        let hours = self.asked.max_age_hours.filter(|_| self.state == ItemState::Ticked)?;
        Some(self.evidence_at? + TimeDelta::hours(i64::from(hours)))
    }

    /// What is asked for, as a refusal says it.
    pub fn asked_for(&self, as_of: DateTime<Utc>) -> String {
        asked_for(&self.asked, self.outgrown_minutes(as_of))
    }

    fn shown(&self, now: DateTime<Utc>) -> Option<ShownItem<'_>> {
        let age = |at: DateTime<Utc>| (now - at).num_minutes();
        let age_minutes = self.evidence_at.filter(|_| self.state == ItemState::Ticked).map(age);
        self.state.is_done().then_some(ShownItem { key: &self.asked.key, age_minutes })
    }
}

impl Incident {
    /// When what shows an item has to count: at the end of the incident.
    pub fn evidence_as_of(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.ended_at.unwrap_or(now)
    }
}

impl Change {
    /// When what shows an item has to count: when the change begins. What is too old by then is not asked for again.
    pub fn evidence_as_of(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.started_at.or(self.ended_at).unwrap_or(now)
    }

    /// Whether an item keeps this change from being approved that has everything else.
    pub fn waits_for_checklist(&self, now: DateTime<Utc>) -> bool {
        !self.checklist.holding(Gate::Approve, now).verdict.is_empty()
    }

    /// Whether an empty field does.
    pub fn waits_for_fields(&self) -> bool {
        self.fields.missing(Gate::Approve).next().is_some()
    }
}
