//! Words of the house for what the product names by itself.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::rules::Priority;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WordPolicy {
    /// What people here call a severity, in any case; `sev1`, `P1` and their like are understood anyway.
    pub severity: BTreeMap<String, Priority>,
    /// What a severity that nobody knows counts as: a declaration does not wait for the right word.
    pub unknown_severity: Priority,
}

impl Default for WordPolicy {
    fn default() -> WordPolicy {
        WordPolicy { severity: BTreeMap::new(), unknown_severity: Priority::P2 }
    }
}

impl WordPolicy {
    /// The severity that a word names, the product's own or one of the house.
    pub fn severity(&self, word: &str) -> Option<Priority> {
        let named = || self.severity.iter().find(|(own, _)| own.to_lowercase() == word.to_lowercase());
        Priority::parse(word).or_else(|| named().map(|(_, priority)| *priority))
    }
}
