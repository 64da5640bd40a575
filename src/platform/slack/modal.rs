//! A form as a modal, and its faults beside its fields.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::format::plain_text;
use super::mrkdwn::shorten;
use crate::app::inbound::FieldError;
use crate::render::{Field, FieldKind, Form, Message};

// Slack's limits for views and their inputs (docs.slack.dev/reference/views, /block-kit).
const TITLE_MAX: usize = 24;
const LABEL_MAX: usize = 2_000;
const INPUT_MAX: usize = 3_000;
const OPTIONS_MAX: usize = 100;
const OPTION_TEXT_MAX: usize = 75;
const OPTION_VALUE_MAX: usize = 150;
const BLOCKS_MAX: usize = 100;
const ERROR_MAX: usize = 500;
/// The one element of each input block.
pub(super) const ACTION_ID: &str = "value";

/// Writes a form as a modal view. `channel` is where it was opened: the submit carries it back as `private_metadata`,
/// because Slack does not say in which channel a modal was sent.
pub fn view(form: &Form, channel: &str) -> Value {
    let mut names = BTreeSet::new();
    let mut blocks: Vec<Value> =
        form.fields.iter().filter(|field| names.insert(&field.name)).take(BLOCKS_MAX - 1).map(input).collect();
    let notes: Vec<&str> = form.notes.iter().map(|note| note.trim()).filter(|note| !note.is_empty()).collect();
    if !notes.is_empty() {
        let notes = shorten(&notes.join("\n"), INPUT_MAX);
        blocks.insert(0, json!({"type": "context", "elements": [plain_text(&notes, LABEL_MAX)]}));
    }
    if blocks.is_empty() {
        blocks.push(json!({"type": "section", "text": plain_text(or(&form.title, "Wardroom"), LABEL_MAX)}));
    }
    json!({
        "type": "modal",
        "callback_id": form.id,
        "private_metadata": json!({"channel": channel}).to_string(),
        "title": plain_text(or(&form.title, "Wardroom"), TITLE_MAX),
        "submit": plain_text(or(&form.submit, "Send"), TITLE_MAX),
        "close": plain_text("Cancel", TITLE_MAX),
        "blocks": blocks,
    })
}

/// An answer as a modal: there is nothing to fill in.
pub(super) fn notice(message: &Message) -> Value {
    let mut blocks = super::format::format(message).blocks;
    if blocks.is_empty() {
        blocks.push(json!({"type": "section", "text": plain_text("Done.", LABEL_MAX)}));
    }
    json!({
        "type": "modal",
        "title": plain_text("Wardroom", TITLE_MAX),
        "close": plain_text("Close", TITLE_MAX),
        "blocks": blocks,
    })
}

/// The answer to a submit that keeps the modal open, with a sentence beside each field at fault. Slack refuses an error
/// for a block that the view does not have, so a stray one goes to the first field.
pub fn faults(form: &Form, errors: &[FieldError]) -> Value {
    let mut sentences: Map<String, Value> = Map::new();
    for error in errors {
        let known = form.fields.iter().any(|field| field.name == error.field);
        let Some(name) = (if known { Some(&error.field) } else { form.fields.first().map(|field| &field.name) }) else {
            continue;
        };
        let sentence = match sentences.get(name).and_then(Value::as_str) {
            Some(earlier) => format!("{earlier} {}", error.sentence),
            None => error.sentence.clone(),
        };
        sentences.insert(name.clone(), json!(shorten(&sentence, ERROR_MAX)));
    }
    json!({"response_action": "errors", "errors": sentences})
}

/// The answer to a submit that keeps the modal open with one sentence beside the field named.
pub(super) fn fault_beside(field: &str, sentence: &str) -> Value {
    json!({"response_action": "errors", "errors": {field: shorten(sentence, ERROR_MAX)}})
}

fn input(field: &Field) -> Value {
    let mut block = json!({
        "type": "input",
        "block_id": field.name,
        "label": plain_text(or(&field.label, &field.name), LABEL_MAX),
        "optional": !field.required,
        "element": element(field),
    });
    let hint = match &field.source {
        Some(source) => format!("From {source}. {}", field.hint),
        None => field.hint.clone(),
    };
    if !hint.trim().is_empty() {
        block["hint"] = plain_text(&hint, LABEL_MAX);
    }
    block
}

fn element(field: &Field) -> Value {
    match &field.kind {
        FieldKind::Line => text_input(field, false),
        FieldKind::Paragraph => text_input(field, true),
        FieldKind::Choice(choices) => {
            let options: Vec<Value> = choices.iter().filter_map(option).take(OPTIONS_MAX).collect();
            // Slack refuses a select of nothing; a person can still type the word.
            if options.is_empty() { text_input(field, false) } else { select(field, &options) }
        }
    }
}

fn text_input(field: &Field, multiline: bool) -> Value {
    let mut element = json!({
        "type": "plain_text_input",
        "action_id": ACTION_ID,
        "multiline": multiline,
        "max_length": INPUT_MAX,
    });
    if let Some(value) = field.value.as_ref().filter(|value| !value.is_empty()) {
        element["initial_value"] = json!(shorten(value, INPUT_MAX));
    }
    element
}

fn select(field: &Field, options: &[Value]) -> Value {
    let mut element = json!({"type": "static_select", "action_id": ACTION_ID, "options": options});
    let chosen = field.value.as_deref().and_then(|value| options.iter().find(|option| option["value"] == value));
    if let Some(chosen) = chosen {
        // Slack wants the very same object as in the options.
        element["initial_option"] = chosen.clone();
    }
    element
}

/// A value can't be shortened: it would name something else. One that Slack would refuse is not offered.
fn option((value, label): &(String, String)) -> Option<Value> {
    let fits = !value.is_empty() && value.encode_utf16().count() <= OPTION_VALUE_MAX;
    fits.then(|| json!({"text": plain_text(or(label, value), OPTION_TEXT_MAX), "value": value}))
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.trim().is_empty() { otherwise } else { text }
}
