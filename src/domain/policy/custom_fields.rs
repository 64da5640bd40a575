//! Fields of an organisation's own, and of which records they are asked.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::custom_field::{AskedField, CustomFields};
use crate::domain::rules::{Band, ChangeKind, Gate, ItemEvidence, Priority, Tier, listed};

/// `[custom_fields.change.KEY]` and `[custom_fields.incident.KEY]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldPolicy {
    #[serde(default)]
    pub change: BTreeMap<String, FieldRule>,
    #[serde(default)]
    pub incident: BTreeMap<String, FieldRule>,
}

/// A field, and its condition: of each list that is not empty, one has to be so, and of `when` everything.
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
    /// Services of the record, for both.
    #[serde(default)]
    pub services: Vec<String>,
    /// Categories whose checklists are on the record, for both.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Other fields of the record, each with the words of which it says one.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub kinds: Vec<ChangeKind>,
    #[serde(default)]
    pub bands: Vec<Band>,
    #[serde(default)]
    pub priorities: Vec<Priority>,
}

/// What the conditions of both kinds of record look at.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    pub services: &'a [String],
    /// The strictest of the services.
    pub tier: Tier,
    pub categories: &'a [String],
    pub fields: &'a CustomFields,
}

impl FieldRule {
    /// Asked of every record of its kind.
    pub fn is_always(&self) -> bool {
        self.condition().is_none()
    }

    /// `services shop or ledger; cause is vendor`; `None` where it is asked always.
    pub fn condition(&self) -> Option<String> {
        fn words<T: ToString>(what: &str, list: &[T]) -> Option<String> {
            let words: Vec<String> = list.iter().map(ToString::to_string).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            (!words.is_empty()).then(|| format!("{what} {}", listed(&words, "or")))
        }
        let each = [
            words("kind", &self.kinds),
            words("risk", &self.bands),
            words("priority", &self.priorities),
            words("tier", &self.tiers.iter().map(|tier| tier.number()).collect::<Vec<_>>()),
            words("service", &self.services),
            words("category", &self.categories),
        ];
        let when = self.when.iter().filter_map(|(field, values)| words(&format!("{field} is"), values));
        let all: Vec<String> = each.into_iter().flatten().chain(when).collect();
        (!all.is_empty()).then(|| all.join("; "))
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

    /// Whether the conditions that either kind of record may have hold.
    fn is_met_by(&self, record: &Described<'_>) -> bool {
        is_one(&self.tiers, &record.tier)
            && is_any(&self.services, record.services)
            && is_any(&self.categories, record.categories)
            && self.when.iter().all(|(field, values)| record.says_one(field, values))
    }
}

impl Described<'_> {
    fn says_one(&self, field: &str, values: &[String]) -> bool {
        let said = self.fields.get(field).and_then(|field| field.value.as_ref());
        said.is_some_and(|said| values.iter().any(|value| value.eq_ignore_ascii_case(said)))
    }
}

impl CustomFieldPolicy {
    /// What is asked of a change like this.
    pub fn of_change(&self, kind: ChangeKind, band: Band, record: &Described<'_>) -> Vec<AskedField> {
        let asks =
            |rule: &FieldRule| rule.is_met_by(record) && is_one(&rule.kinds, &kind) && is_one(&rule.bands, &band);
        wanted(&self.change, asks)
    }

    /// What is asked of an incident like this.
    pub fn of_incident(&self, priority: Priority, record: &Described<'_>) -> Vec<AskedField> {
        wanted(&self.incident, |rule| rule.is_met_by(record) && is_one(&rule.priorities, &priority))
    }
}

fn wanted(rules: &BTreeMap<String, FieldRule>, asks: impl Fn(&FieldRule) -> bool) -> Vec<AskedField> {
    rules.iter().filter(|(_, rule)| asks(rule)).map(|(key, rule)| rule.asked(key)).collect()
}

fn is_one<T: PartialEq>(list: &[T], it: &T) -> bool {
    list.is_empty() || list.contains(it)
}

fn is_any(list: &[String], has: &[String]) -> bool {
    list.is_empty() || has.iter().any(|one| list.contains(one))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::policy::{DEFAULT_TOML, Policy};

    const FIELDS: &str = r#"
[custom_fields.change.console]
what = "who has the console"
before = "start"
categories = ["network"]

[custom_fields.change.reconciled]
what = "how the books are reconciled"
before = "validate"
services = ["ledger", "payments"]

[custom_fields.incident.cause]
what = "the category of the cause"
before = "close"
one_of = ["code", "vendor"]

[custom_fields.incident.vendor_case]
what = "the number of the vendor's case"
before = "close"
when = { cause = ["vendor"] }
tiers = [1]
"#;

    fn keys(asked: &[AskedField]) -> Vec<&str> {
        asked.iter().map(|field| field.key.as_str()).collect()
    }

    #[test]
    fn a_field_is_asked_for_where_its_condition_holds_alone() {
        let policy: Policy = toml::from_str(&format!("{DEFAULT_TOML}\n{FIELDS}")).expect("a policy");
        assert_eq!(policy.problems(), []);
        let fields = CustomFields::default();
        let of_change = |service: &str, category: &str| {
            let (services, categories) = ([service.to_owned()], [category.to_owned()]);
            let record = Described { services: &services, tier: Tier::T2, categories: &categories, fields: &fields };
            let asked = policy.custom_fields.of_change(ChangeKind::Normal, Band::Low, &record);
            keys(&asked).join(" ")
        };
        assert_eq!(of_change("shop", "access"), "");
        assert_eq!(of_change("shop", "network"), "console");
        assert_eq!(of_change("payments", "access"), "reconciled");
        assert_eq!(of_change("ledger", "network"), "console reconciled");
    }

    #[test]
    fn a_field_may_wait_for_what_another_one_says() {
        let policy: Policy = toml::from_str(&format!("{DEFAULT_TOML}\n{FIELDS}")).expect("a policy");
        let of_incident = |cause: Option<&str>, tier: Tier| {
            let mut fields = CustomFields::default();
            fields.ask([policy.custom_fields.incident["cause"].asked("cause")]);
            if let Some(cause) = cause {
                fields.fill("cause", cause, None, DateTime::UNIX_EPOCH);
            }
            let record = Described { services: &[], tier, categories: &[], fields: &fields };
            let asked = policy.custom_fields.of_incident(Priority::P1, &record);
            keys(&asked).join(" ")
        };
        assert_eq!(of_incident(None, Tier::T1), "cause");
        assert_eq!(of_incident(Some("code"), Tier::T1), "cause");
        assert_eq!(of_incident(Some("vendor"), Tier::T1), "cause vendor_case");
        assert_eq!(of_incident(Some("vendor"), Tier::T2), "cause", "of each condition, one holds");
        let said = |key: &str| policy.custom_fields.incident[key].condition();
        assert_eq!((said("cause"), said("vendor_case")), (None, Some("tier 1; cause is vendor".into())));
    }
}
