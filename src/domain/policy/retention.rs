//! The ages of rule 4.34.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::domain::rules::{Fate, RecordClass};

/// Without a rule nothing is erased by age.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionPolicy {
    #[serde(default)]
    pub rule: Vec<RetentionRule>,
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

/// A hundred years: a longer age is a slip of the pen.
const DAYS_MAX: u32 = 36_525;

impl RetentionPolicy {
    /// What does not hold together, a sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for rule in &self.rule {
            let name = rule.name();
            if rule.hot_days > rule.until_days {
                problems.push(format!("retention: {name} ends before it is archived."));
            }
            if rule.until_days == 0 || rule.until_days > DAYS_MAX {
                problems.push(format!("retention: {name} of {} days is no age to end at.", rule.until_days));
            }
            if !seen.insert((rule.class, rule.regime.clone())) {
                problems.push(format!("retention: {name} stands there twice."));
            }
        }
        problems
    }

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
    fn name(&self) -> String {
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
