//! An example of each entry about fields of an organisation's own.

use wardroom::domain::custom_field::AskedField;
use wardroom::domain::rules::{Gate, ItemEvidence};
use wardroom::domain::{CustomFieldEvent, Event};

use super::events::text;

pub fn samples() -> impl Iterator<Item = Event> {
    let asked = AskedField {
        key: "ticket".to_owned(),
        before: Gate::Start,
        what: "the ticket".to_owned(),
        kind: ItemEvidence::Text,
        one_of: Vec::new(),
        regime: None,
    };
    let filled = CustomFieldEvent::Filled { field: "ticket".to_owned(), value: text("value") };
    let dropped = CustomFieldEvent::Dropped { fields: vec!["key_holder".to_owned()] };
    [CustomFieldEvent::Asked { fields: vec![asked] }, filled, dropped].into_iter().map(Event::CustomField)
}

pub fn kind_of(event: &CustomFieldEvent) -> &'static str {
    match event {
        CustomFieldEvent::Asked { .. } => "field.asked",
        CustomFieldEvent::Filled { .. } => "field.filled",
        CustomFieldEvent::Dropped { .. } => "field.dropped",
    }
}
