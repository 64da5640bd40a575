//! The catalogue of standard changes: what may be done again and again without asking, within which ranges.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::RiskFactors;

/// A change that is approved before anybody asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    pub title: String,
    /// Grows with every revision; what was counted of the one before does not count against the new one.
    pub version: u32,
    /// The key of the person who keeps it right, and is told when it fails.
    pub owner: String,
    /// Keys of the services that it may be done to.
    pub services: Vec<String>,
    pub steps: Vec<String>,
    /// What it means for users.
    pub impact: String,
    /// How one sees that it worked.
    pub checks: Vec<String>,
    pub rollback: String,
    /// How long it takes at most: its window, where none is asked for.
    pub minutes: u32,
    pub risk: EntryRisk,
    /// Whether it may run while a freeze of the business calendar, or after a major incident, holds others up.
    #[serde(default)]
    pub freeze_safe: bool,
    /// The last day on which it may be used; never later than the policy's own limit.
    #[serde(default)]
    pub expires: Option<NaiveDate>,
    /// The checklist that each use brings (rule 4.39).
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
}

/// Words of a list that a sentence names.
const WORDS_NAMED: usize = 4;

/// The answers to the risk questions (rule 4.7), given once for every use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRisk {
    pub data: u8,
    pub availability: u8,
    pub compliance: u8,
    pub complexity: u8,
    pub rollback: u8,
}

/// What whoever uses an entry says: a whole number within a range, or one of some words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub what: String,
    #[serde(default)]
    pub from: Option<i64>,
    #[serde(default)]
    pub to: Option<i64>,
    #[serde(default)]
    pub one_of: Vec<String>,
}

/// Why a value does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// A number was expected.
    NoNumber,
    OutOfRange,
}

impl EntryRisk {
    pub fn factors(self) -> RiskFactors {
        RiskFactors {
            data: Some(self.data),
            availability: Some(self.availability),
            compliance: Some(self.compliance),
            complexity: Some(self.complexity),
            rollback: Some(self.rollback),
            touches: None,
        }
    }
}

impl CatalogueEntry {
    /// `/change std log-rotation keep_days:7 svc:ledger`: what is typed to use it.
    pub fn example(&self, key: &str) -> String {
        let values = self.parameters.iter().map(|(name, parameter)| format!(" {name}:{}", parameter.example()));
        let service = self.services.first().filter(|_| self.services.len() > 1);
        let service = service.map(|service| format!(" svc:{service}")).unwrap_or_default();
        format!("/change std {key}{}{service}", values.collect::<String>())
    }
}

impl Parameter {
    /// The value as the catalogue spells it, where it is within the range.
    pub fn read(&self, value: &str) -> Result<String, Unfit> {
        if let (Some(from), Some(to)) = (self.from, self.to) {
            let number: i64 = value.parse().map_err(|_| Unfit::NoNumber)?;
            return if (from..=to).contains(&number) { Ok(number.to_string()) } else { Err(Unfit::OutOfRange) };
        }
        let known = self.one_of.iter().find(|word| word.eq_ignore_ascii_case(value));
        known.cloned().ok_or(Unfit::OutOfRange)
    }

    /// "7 to 90", "edge-1 or edge-2".
    pub fn range(&self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) => format!("{from} to {to}"),
            _ if self.one_of.len() <= WORDS_NAMED => self.one_of.join(" or "),
            _ => format!("{} … ({} in all)", self.one_of[..WORDS_NAMED].join(", "), self.one_of.len()),
        }
    }

    fn example(&self) -> String {
        self.from.map(|from| from.to_string()).or_else(|| self.one_of.first().cloned()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_within_the_range_or_does_not_do() {
        let number = Parameter { what: String::new(), from: Some(7), to: Some(90), one_of: Vec::new() };
        for (value, read) in [
            ("7", Ok("7")),
            ("90", Ok("90")),
            ("007", Ok("7")),
            ("6", Err(Unfit::OutOfRange)),
            ("91", Err(Unfit::OutOfRange)),
            ("many", Err(Unfit::NoNumber)),
            ("", Err(Unfit::NoNumber)),
        ] {
            assert_eq!(number.read(value), read.map(str::to_owned), "{value}");
        }
        let word = Parameter { from: None, to: None, one_of: vec!["edge-1".into(), "edge-2".into()], ..number };
        assert_eq!(word.read("EDGE-2"), Ok("edge-2".to_owned()));
        assert_eq!(word.read("edge-3"), Err(Unfit::OutOfRange));
        assert_eq!(word.range(), "edge-1 or edge-2");
    }
}
