//! What happens to the fields of an organisation's own, on an incident or a change.

use super::{Draft, Fact};
use crate::domain::custom_field::AskedField;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomFieldEvent {
    Asked {
        fields: Vec<AskedField>,
    },
    Filled {
        field: String,
        value: String,
    },
    /// The condition of these keys holds no longer.
    Dropped {
        fields: Vec<String>,
    },
}

impl CustomFieldEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            CustomFieldEvent::Asked { fields } => {
                let listed = |field: &AskedField| format!("{} before {}", field.key, field.before.as_str());
                Draft::new("field.asked")
                    .fact("fields", Fact::Words(fields.iter().map(listed).collect()))
                    .word("rule", "4.39")
            }
            CustomFieldEvent::Filled { field, value } => {
                Draft::new("field.filled").word("field", field).word("rule", "4.39").text("value", value)
            }
            CustomFieldEvent::Dropped { fields } => {
                Draft::new("field.dropped").fact("fields", Fact::Words(fields.clone())).word("rule", "4.39")
            }
        }
    }
}
