//! The fields of an organisation's own on a record.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldEffect {
    Asked,
    Filled,
    Dropped,
}

impl FieldEffect {
    pub(super) fn of(kind: &str) -> Option<FieldEffect> {
        match kind {
            "field.asked" => Some(FieldEffect::Asked),
            "field.filled" => Some(FieldEffect::Filled),
            "field.dropped" => Some(FieldEffect::Dropped),
            _ => None,
        }
    }
}

/// The fields, each with the step that it holds up, and whether it is filled.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, bool)>);

impl Fields {
    pub(super) fn push(&mut self, effect: FieldEffect, facts: &Value) {
        match effect {
            FieldEffect::Asked => {
                let fields = facts["fields"].as_array().into_iter().flatten().filter_map(Value::as_str);
                self.0.extend(fields.map(|field| (field.to_owned(), false)));
            }
            FieldEffect::Filled => {
                let key = facts["field"].as_str().unwrap_or_default();
                self.0.iter_mut().filter(|(field, _)| is_it(field, key)).for_each(|(_, filled)| *filled = true);
            }
            FieldEffect::Dropped => {
                for key in facts["fields"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    self.0.retain(|(field, _)| !is_it(field, key));
                }
            }
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn words(&self) -> String {
        let word = |filled: &bool| if *filled { "filled" } else { "empty" };
        let fields: Vec<String> = self.0.iter().map(|(field, filled)| format!("{field} {}", word(filled))).collect();
        if fields.is_empty() { String::new() } else { format!(", fields {}", fields.join(" and ")) }
    }
}

/// `ticket before start` is the field `ticket`.
fn is_it(field: &str, key: &str) -> bool {
    field.strip_prefix(key).is_some_and(|rest| rest.starts_with(' '))
}
