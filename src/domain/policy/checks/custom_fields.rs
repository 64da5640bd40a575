//! Fields of an organisation's own: few that are always asked for, and conditions that can hold.

use std::collections::BTreeMap;

use super::Found;
use crate::domain::custom_field::ALWAYS_MAX;
use crate::domain::policy::{Checklists, CustomFieldPolicy, FieldRule};
use crate::domain::rules::{Gate, ItemEvidence};

/// Letters of a key: the label of a form's field on either platform takes it.
const KEY_CHARS_MAX: usize = 20;
/// What a verb that fills fields takes besides.
const TAKEN: [&str; 3] = ["change", "incident", "with"];

pub(super) fn check(policy: &CustomFieldPolicy, checklists: &Checklists, found: &mut Found) {
    for (of, rules) in [("change", &policy.change), ("incident", &policy.incident)] {
        all(of, rules, found);
        for (key, rule) in rules {
            let place = format!("custom_fields.{of}.{key}");
            categories(&place, rule, checklists, found);
            others(&place, rule, rules, found);
        }
    }
    for (key, rule) in &policy.change {
        let place = format!("custom_fields.change.{key}");
        found.needs(rule.priorities.is_empty(), place, "a change has no priority: name kinds or bands.");
    }
    for (key, rule) in &policy.incident {
        let place = format!("custom_fields.incident.{key}");
        let conditions = rule.kinds.is_empty() && rule.bands.is_empty();
        found.needs(conditions, place.as_str(), "an incident has no kind and no band: name priorities.");
        found.needs(
            rule.before == Gate::Close,
            place,
            "an incident is held up before it is resolved alone: before = \"close\".",
        );
    }
}

fn all(of: &str, rules: &BTreeMap<String, FieldRule>, found: &mut Found) {
    let always = rules.values().filter(|rule| rule.is_always()).count();
    found.unless(always <= ALWAYS_MAX, format!("custom_fields.{of}"), || {
        format!("{always} fields are asked of every {of}; at most {ALWAYS_MAX} are. Give the others a condition.")
    });
    for (key, rule) in rules {
        let place = format!("custom_fields.{of}.{key}");
        let is_word = (1..=KEY_CHARS_MAX).contains(&key.len())
            && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        found.needs(is_word, place.as_str(), "a key is one word of a-z, 0-9 and _, at most 20 letters long.");
        found.needs(!TAKEN.contains(&key.as_str()), place.as_str(), "this word means something else in the command.");
        found.needs(!rule.what.trim().is_empty(), place.as_str(), "it does not say what it is.");
        let is_clear = rule.one_of.is_empty() || rule.evidence == ItemEvidence::Text;
        found.needs(is_clear, place.as_str(), "what is chosen from words has no other evidence.");
        let is_value = rule.evidence != ItemEvidence::Person;
        found.needs(is_value, place, "a field says a value; a person is named by an item of a checklist.");
    }
}

fn categories(place: &str, rule: &FieldRule, checklists: &Checklists, found: &mut Found) {
    for category in &rule.categories {
        found.unless(checklists.contains_key(category), format!("{place}.categories"), || {
            let known: Vec<&str> = checklists.keys().map(String::as_str).collect();
            format!("there is no checklist {category:?}; there are {}.", known.join(", "))
        });
    }
}

/// A field waits for what another one of the same kind of record says, in words that it can say. That one waits for none:
/// in a chain nobody sees what has to be said first.
fn others(place: &str, rule: &FieldRule, rules: &BTreeMap<String, FieldRule>, found: &mut Found) {
    let place = format!("{place}.when");
    for (field, values) in &rule.when {
        let Some(other) = rules.get(field) else {
            found.unless(false, place.as_str(), || format!("there is no field {field:?} beside it."));
            continue;
        };
        found.unless(other.when.is_empty(), place.as_str(), || format!("{field} waits for another field itself."));
        found.unless(!values.is_empty(), place.as_str(), || format!("it names no word of {field}."));
        for value in values {
            let is_word = other.one_of.iter().any(|word| word.eq_ignore_ascii_case(value));
            found.unless(is_word, place.as_str(), || format!("{value:?} is no word of {field}."));
        }
    }
}
