//! The ages of rule 4.34, and when a record is sealed.

use serde::Deserialize;

use crate::domain::rules::{Fate, RecordClass};

/// A week: late notes and links are in by then.
const SEAL_AFTER_DAYS: u32 = 7;

/// Without a rule nothing is erased by age.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionPolicy {
    #[serde(default)]
    pub rule: Vec<RetentionRule>,
    /// From the end of an incident, and of the last of its changes, until it is sealed into the archive.
    #[serde(default = "seal_after_days")]
    pub seal_after_days: u32,
}

fn seal_after_days() -> u32 {
    SEAL_AFTER_DAYS
}

impl Default for RetentionPolicy {
    fn default() -> RetentionPolicy {
        RetentionPolicy { rule: Vec::new(), seal_after_days: SEAL_AFTER_DAYS }
    }
}

/// One row: a class of records, under one regime or under any.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    pub class: RecordClass,
    /// A word of a service's `compliance`. Without one the rule holds for every record of the class.
    #[serde(default)]
    pub regime: Option<String>,
    pub hot_days: u32,
    pub until_days: u32,
    pub then: Fate,
}

impl RetentionPolicy {
    /// The rules in one line each, for people, and for telling one profile from another.
    pub fn describe(&self) -> Vec<String> {
        self.rule.iter().map(RetentionRule::describe).collect()
    }

    /// The least age at which anything of a class can end.
    pub fn shortest_days(&self, class: RecordClass) -> Option<u32> {
        self.rule.iter().filter(|rule| rule.class == class).map(|rule| rule.until_days).min()
    }
}

impl RetentionRule {
    /// "change under sox"
    pub(super) fn name(&self) -> String {
        match &self.regime {
            Some(regime) => format!("{} under {regime}", self.class.as_str()),
            None => self.class.as_str().to_owned(),
        }
    }

    /// "change under sox: archived after 396 days, after 2557 days made anonymous"
    pub fn describe(&self) -> String {
        format!("{}: archived after {} days, after {} days {}", self.name(), self.hot_days, self.until_days, self.then)
    }
}
