//! Block Kit's rules: what Slack refuses, with a pointer to the place.

mod check;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use check::Checker;

use super::reference::block_kit;
use super::state::random_hex;

/// Checks the blocks of a message. Every problem names what is wrong and where.
pub fn check_message(blocks: &Value) -> Vec<String> {
    let mut checker = Checker::new("");
    checker.blocks(blocks, block_kit().surface.message_blocks);
    checker.problems
}

/// Checks a modal.
pub fn check_modal(view: &Value) -> Vec<String> {
    let mut checker = check_view(view, "modal");
    let inputs = |block: &Value| block["type"] == "input";
    if view["submit"].is_null() && view["blocks"].as_array().is_some_and(|blocks| blocks.iter().any(inputs)) {
        checker.problem("", "missing required field: submit");
    }
    checker.problems
}

/// Checks a home tab.
pub fn check_home(view: &Value) -> Vec<String> {
    check_view(view, "home").problems
}

fn check_view(view: &Value, kind: &str) -> Checker {
    let mut checker = Checker::new("/view");
    checker.view(view, kind);
    if let Some(blocks) = view.get("blocks") {
        checker.blocks(blocks, block_kit().surface.view_blocks);
    }
    checker
}

/// Whether the texts of a message's blocks are more than Slack takes together.
pub fn too_long(blocks: &Value) -> bool {
    text_length(blocks) > block_kit().surface.message_characters
}

/// Gives a name to every block and element that has none, as Slack does.
pub fn name_blocks(blocks: &mut [Value]) {
    for block in blocks {
        let Some(fields) = block.as_object_mut() else { continue };
        fields.entry("block_id").or_insert_with(|| json!(random_hex()[..5]));
        let in_actions = fields.get("type").is_some_and(|kind| kind == "actions");
        let several = fields.get_mut("elements").and_then(Value::as_array_mut).filter(|_| in_actions);
        for element in several.into_iter().flatten() {
            name_element(element);
        }
        for name in ["element", "accessory"] {
            if let Some(element) = fields.get_mut(name) {
                name_element(element);
            }
        }
    }
}

/// The length of all texts of a message's blocks.
fn text_length(blocks: &Value) -> usize {
    match blocks {
        Value::Array(items) => items.iter().map(text_length).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) if name == "text" => text.chars().count(),
                _ => text_length(value),
            })
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn name_element(element: &mut Value) {
    if element["type"] == "image" {
        return;
    }
    if let Some(fields) = element.as_object_mut() {
        fields.entry("action_id").or_insert_with(|| json!(random_hex()[..5]));
    }
}
