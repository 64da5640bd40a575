//! Fields of an organisation's own, and of which records they are asked.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::custom_field::AskedField;
use crate::domain::rules::{Band, ChangeKind, Gate, ItemEvidence, Priority, Tier};

/// `[custom_fields.change.KEY]` and `[custom_fields.incident.KEY]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldPolicy {
    #[serde(default)]
    pub change: BTreeMap<String, FieldRule>,
    #[serde(default)]
    pub incident: BTreeMap<String, FieldRule>,
}

/// A field, and its condition: of each list that is not empty, one has to be so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    pub what: String,
    pub before: Gate,
    #[serde(default = "ItemEvidence::in_words")]
    pub evidence: ItemEvidence,
    #[serde(default)]
    pub one_of: Vec<String>,
    #[serde(default)]
    pub regime: Option<String>,
    /// Tiers of the services, for both kinds of record.
    #[serde(default)]
    pub tiers: Vec<Tier>,
    #[serde(default)]
    pub kinds: Vec<ChangeKind>,
    #[serde(default)]
    pub bands: Vec<Band>,
    #[serde(default)]
    pub priorities: Vec<Priority>,
}

impl FieldRule {
    /// Asked of every record of its kind.
    pub fn is_always(&self) -> bool {
        self.tiers.is_empty() && self.kinds.is_empty() && self.bands.is_empty() && self.priorities.is_empty()
    }

    pub fn asked(&self, key: &str) -> AskedField {
        AskedField {
            key: key.to_owned(),
            before: self.before,
            what: self.what.clone(),
            kind: self.evidence,
            one_of: self.one_of.clone(),
            regime: self.regime.clone(),
        }
    }
}

impl CustomFieldPolicy {
    /// What is asked of a change like this.
    pub fn of_change(&self, kind: ChangeKind, band: Band, tier: Tier) -> impl Iterator<Item = AskedField> {
        let asks = move |(_, rule): &(&String, &FieldRule)| {
            is_one(&rule.tiers, &tier) && is_one(&rule.kinds, &kind) && is_one(&rule.bands, &band)
        };
        self.change.iter().filter(asks).map(|(key, rule)| rule.asked(key))
    }

    /// What is asked of an incident like this.
    pub fn of_incident(&self, priority: Priority, tier: Tier) -> impl Iterator<Item = AskedField> {
        let asks =
            move |(_, rule): &(&String, &FieldRule)| is_one(&rule.tiers, &tier) && is_one(&rule.priorities, &priority);
        self.incident.iter().filter(asks).map(|(key, rule)| rule.asked(key))
    }
}

fn is_one<T: PartialEq>(list: &[T], it: &T) -> bool {
    list.is_empty() || list.contains(it)
}
