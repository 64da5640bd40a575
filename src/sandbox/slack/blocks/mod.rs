//! Block Kit's rules: what Slack refuses, with a pointer to the place.

mod check;
mod elements;

use serde_json::{Value, json};

use check::Checker;

use super::state::random_hex;

/// All texts of a message's blocks together; beyond it Slack answers `msg_blocks_too_long`.
pub const MESSAGE_TEXT_MAX: usize = 13_200;
/// Blocks of a message.
const MESSAGE_BLOCKS_MAX: usize = 50;
/// Blocks of a modal or a home tab.
const VIEW_BLOCKS_MAX: usize = 100;

/// Checks the blocks of a message. Every problem names what is wrong and where.
pub fn check_message(blocks: &Value) -> Vec<String> {
    let mut checker = Checker::default();
    check_list(&mut checker, blocks, MESSAGE_BLOCKS_MAX);
    checker.problems
}

/// Checks a modal.
pub fn check_modal(view: &Value) -> Vec<String> {
    let mut checker = Checker::default();
    if view["type"] != "modal" {
        checker.problem("/view/type", "must be \"modal\"");
    }
    for (name, required) in [("title", true), ("submit", false), ("close", false)] {
        let at = format!("/view/{name}");
        match view.get(name).filter(|value| !value.is_null()) {
            Some(text) => checker.text(text, &at, 24, true),
            None if required => checker.missing("/view", name),
            None => {}
        }
    }
    let inputs = |block: &Value| block["type"] == "input";
    if view["submit"].is_null() && view["blocks"].as_array().is_some_and(|blocks| blocks.iter().any(inputs)) {
        checker.problem("/view", "missing required field: submit");
    }
    check_view(&mut checker, view);
    checker.problems
}

/// Checks a home tab.
pub fn check_home(view: &Value) -> Vec<String> {
    let mut checker = Checker::default();
    if view["type"] != "home" {
        checker.problem("/view/type", "must be \"home\"");
    }
    check_view(&mut checker, view);
    checker.problems
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
pub fn text_length(blocks: &Value) -> usize {
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

fn check_view(checker: &mut Checker, view: &Value) {
    for (name, max) in [("private_metadata", 3_000), ("callback_id", 255), ("external_id", 255)] {
        checker.optional_string(view, "/view", name, max);
    }
    "/view".clone_into(&mut checker.prefix);
    match view.get("blocks") {
        Some(blocks) => check_list(checker, blocks, VIEW_BLOCKS_MAX),
        None => checker.missing("", "blocks"),
    }
}

fn check_list(checker: &mut Checker, blocks: &Value, max: usize) {
    let Some(list) = blocks.as_array() else {
        checker.problem("/blocks", "must be an array");
        return;
    };
    if list.len() > max {
        checker.problem("/blocks", &format!("no more than {max} items allowed"));
    }
    let mut names: Vec<&str> = Vec::new();
    for (index, block) in list.iter().enumerate() {
        let at = format!("/blocks/{index}");
        checker.block(block, &at);
        if let Some(name) = block["block_id"].as_str() {
            if names.contains(&name) {
                checker.problem(&format!("{at}/block_id"), &format!("`block_id` \"{name}\" already exists"));
            }
            names.push(name);
        }
    }
}
