//! Forms on Discord: choices are selects in an ephemeral message, texts are a modal.
//!
//! Selects inside a modal would be simpler for people, but their values are lost on the way through serenity's gateway
//! model; and a modal can't answer a modal, so faults come as a message with a button that opens the form again.

use serde_json::{Value, json};

use super::format::{CUSTOM_ID_MAX, button_of, edited, row};
use super::markdown::{literal, shorten};
use crate::app::inbound::FieldError;
use crate::render::{Block, Button, ButtonStyle, Field, FieldKind, Form, Inline, Message, Text};

// Discord's limits, in code points.
const MODAL_TITLE_MAX: usize = 45;
const MODAL_INPUTS_MAX: usize = 5;
const INPUT_LABEL_MAX: usize = 45;
const INPUT_PLACEHOLDER_MAX: usize = 100;
const LINE_MAX: usize = 1000;
const PARAGRAPH_MAX: usize = 4000;
const SELECT_PLACEHOLDER_MAX: usize = 150;
const OPTIONS_MAX: usize = 25;
/// Characters of a text that was filled in, above the choices: the form itself shows all of it.
const FILLED_SHOWN_MAX: usize = 80;
const OPTION_MAX: usize = 100;
/// Five rows fit a message; the last one holds the button.
const SELECTS_MAX: usize = 4;

/// How a form is shown next.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    /// The data of a modal.
    Modal(Value),
    /// The body of an ephemeral message: choices to make first.
    Message(Value),
}

/// What the click or the modal of a form says: the part before the form's id.
pub(super) const SUBMIT: &str = "f|";
pub(super) const CONTINUE: &str = "n|";
pub(super) const SELECT: &str = "s|";

/// Shows a form: its choices while a required one is open, then its texts.
pub fn view(form: &Form) -> View {
    let open = form.fields.iter().any(|field| field.required && is_open_choice(field));
    let inputs: Vec<Value> = form.fields.iter().filter_map(input).take(MODAL_INPUTS_MAX).collect();
    // Without a text there is nothing that a modal could hold: the button is then the way to send the form.
    if open || inputs.is_empty() {
        return View::Message(choices(form, if open { "Continue" } else { &form.submit }));
    }
    View::Modal(json!({
        "custom_id": id(&format!("{SUBMIT}{}", form.id)),
        "title": shorten(or(&form.title, "Wardroom"), MODAL_TITLE_MAX),
        "components": inputs,
    }))
}

/// A message from which the modal is opened, where no modal may be the answer (too late, or after a modal).
pub(super) fn reopening(form: &Form) -> Value {
    let text = vec![bold(&form.title), plain(": your form is ready.")];
    let message = Message { blocks: vec![Block::Paragraph { text }], ..Message::default() };
    with_rows(&message, vec![go_on(form, "Fill in")])
}

/// What is wrong with a form, with the choices that must be made anew and the button that opens it again.
pub fn faults(form: &Form, errors: &[FieldError]) -> Value {
    let items = errors.iter().map(|error| {
        let label = field_named(form, &error.field).map_or(error.field.as_str(), |field| field.label.as_str());
        vec![bold(label), plain(&format!(": {}", error.sentence))]
    });
    let blocks = vec![
        Block::Paragraph { text: vec![bold(&form.title), plain(" was not sent yet.")] },
        Block::List { items: items.collect() },
    ];
    let wrong = |field: &&Field| errors.iter().any(|error| error.field == field.name);
    // What may be left out, and had no place beside what had to be chosen first.
    let left = form.fields.iter().filter(|field| !field.required && is_open_choice(field) && !wrong(field));
    let mut rows = selects(form, form.fields.iter().filter(wrong).chain(left));
    rows.push(go_on(form, "Fill in again"));
    with_rows(&Message { blocks, ..Message::default() }, rows)
}

fn choices(form: &Form, button: &str) -> Value {
    let mut blocks = vec![Block::Paragraph { text: vec![bold(&form.title)] }];
    blocks.extend(form.notes.iter().map(|note| Block::Paragraph { text: vec![plain(note)] }));
    let chosen: Vec<Text> = form.fields.iter().filter_map(chosen).collect();
    if !chosen.is_empty() {
        blocks.push(Block::List { items: chosen });
    }
    // The required ones come first, whatever their order in the form: four is all that a message holds.
    let required = form.fields.iter().filter(|field| field.required && is_open_choice(field));
    let optional = form.fields.iter().filter(|field| !field.required && is_open_choice(field));
    // What was filled in can be chosen otherwise.
    let filled = form.fields.iter().filter(|field| field.source.is_some() && !is_open_choice(field));
    let mut rows = selects(form, required.chain(optional).chain(filled));
    rows.push(go_on(form, button));
    with_rows(&Message { blocks, ..Message::default() }, rows)
}

/// A choice that was made, or a text that was filled in, as a line of the message.
fn chosen(field: &Field) -> Option<Text> {
    let value = field.value.as_deref().filter(|value| !value.is_empty())?;
    let source = field.source.as_ref().map(|source| plain(&format!(" · from {source}")));
    match &field.kind {
        FieldKind::Choice(options) => {
            let label = options.iter().find(|(key, _)| key == value).map_or(value, |(_, label)| label.as_str());
            Some([plain(&format!("{}: ", field.label)), bold(label)].into_iter().chain(source).collect())
        }
        FieldKind::Line | FieldKind::Paragraph => {
            let source = source?;
            Some(vec![plain(&format!("{}: {}", field.label, shorten(value, FILLED_SHOWN_MAX))), source])
        }
    }
}

fn selects<'a>(form: &Form, fields: impl Iterator<Item = &'a Field>) -> Vec<Value> {
    fields.filter_map(|field| select(form, field)).take(SELECTS_MAX).map(|select| row(&[select])).collect()
}

fn select(form: &Form, field: &Field) -> Option<Value> {
    let options = match &field.kind {
        FieldKind::Choice(options) if !options.is_empty() => options,
        FieldKind::Choice(_) | FieldKind::Line | FieldKind::Paragraph => return None,
    };
    let options = options.iter().take(OPTIONS_MAX).map(|(value, label)| {
        json!({
            "value": shorten(value, OPTION_MAX),
            "label": shorten(or(label, value), OPTION_MAX),
            "default": field.value.as_ref() == Some(value),
        })
    });
    let label = if field.required { field.label.clone() } else { format!("{} (optional)", field.label) };
    Some(json!({
        "type": 3,
        "custom_id": id(&format!("{SELECT}{}|{}", form.id, field.name)),
        "options": options.collect::<Vec<_>>(),
        "placeholder": shorten(&label, SELECT_PLACEHOLDER_MAX),
        "min_values": 1,
        "max_values": 1,
    }))
}

fn input(field: &Field) -> Option<Value> {
    let (style, longest) = match field.kind {
        FieldKind::Line => (1, LINE_MAX),
        FieldKind::Paragraph => (2, PARAGRAPH_MAX),
        FieldKind::Choice(_) => return None,
    };
    let mut input = json!({
        "type": 4,
        "custom_id": id(&field.name),
        "style": style,
        "label": shorten(or(&field.label, &field.name), INPUT_LABEL_MAX),
        "required": field.required,
        "max_length": longest,
    });
    if !field.hint.is_empty() {
        input["placeholder"] = shorten(&field.hint, INPUT_PLACEHOLDER_MAX).into();
    }
    if let Some(value) = field.value.as_deref().filter(|value| !value.is_empty()) {
        input["value"] = shorten(value, longest).into();
    }
    Some(row(&[input]))
}

fn go_on(form: &Form, label: &str) -> Value {
    let id = format!("{CONTINUE}{}", form.id);
    row(&[button_of(&Button { id, label: label.to_owned(), style: ButtonStyle::Primary })])
}

fn with_rows(message: &Message, rows: Vec<Value>) -> Value {
    let mut body = edited(message);
    body["components"] = rows.into();
    body
}

/// Discord refuses what is empty, and what it takes for empty.
fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.trim().is_empty() { otherwise } else { text }
}

fn is_open_choice(field: &Field) -> bool {
    match field.kind {
        FieldKind::Choice(_) => field.value.as_deref().is_none_or(str::is_empty),
        FieldKind::Line | FieldKind::Paragraph => false,
    }
}

fn field_named<'a>(form: &'a Form, name: &str) -> Option<&'a Field> {
    form.fields.iter().find(|field| field.name == name)
}

fn id(text: &str) -> String {
    shorten(text, CUSTOM_ID_MAX)
}

fn bold(text: &str) -> Inline {
    Inline::Bold { text: text.to_owned() }
}

fn plain(text: &str) -> Inline {
    Inline::Plain { text: text.to_owned() }
}

/// One sentence as the body of a message.
pub(super) fn sentence(text: &str) -> Value {
    let mut body = edited(&Message::default());
    body["content"] = literal(text).within(1500).into();
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, kind: FieldKind, required: bool) -> Field {
        Field {
            name: name.into(),
            label: format!("The {name}"),
            hint: String::new(),
            kind,
            required,
            value: None,
            source: None,
        }
    }

    fn choice() -> FieldKind {
        FieldKind::Choice((0..30).map(|n| (format!("v{n}"), format!("Label {n}"))).collect())
    }

    fn form(fields: Vec<Field>) -> Form {
        Form { id: "frm".into(), title: "Declare".into(), submit: "Declare".into(), notes: Vec::new(), fields }
    }

    fn message(form: &Form) -> Value {
        match view(form) {
            View::Message(body) => body,
            View::Modal(_) => panic!("expected choices first"),
        }
    }

    #[test]
    fn choices_come_first_and_texts_in_a_modal() {
        let mut declare = form(vec![
            field("title", FieldKind::Line, true),
            field("kind", choice(), false),
            field("sev", choice(), true),
            field("what", FieldKind::Paragraph, false),
        ]);
        let body = message(&declare);
        let rows = body["components"].as_array().unwrap();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0]["components"][0]["custom_id"], "s|frm|sev");
        assert_eq!(rows[0]["components"][0]["options"].as_array().unwrap().len(), OPTIONS_MAX);
        assert_eq!(rows[1]["components"][0]["placeholder"], "The kind (optional)");
        assert_eq!(rows[2]["components"][0]["custom_id"], "n|frm");

        declare.fields[2].value = Some("v3".into());
        declare.fields[0].value = Some("Checkout".into());
        let View::Modal(modal) = view(&declare) else { panic!("nothing is left to choose") };
        let expected = json!({
            "custom_id": "f|frm",
            "title": "Declare",
            "components": [
                { "type": 1, "components": [{
                    "type": 4, "custom_id": "title", "style": 1, "label": "The title", "required": true,
                    "max_length": 1000, "value": "Checkout",
                }] },
                { "type": 1, "components": [{
                    "type": 4, "custom_id": "what", "style": 2, "label": "The what", "required": false,
                    "max_length": 4000,
                }] },
            ],
        });
        assert_eq!(modal, expected);
    }

    #[test]
    fn a_message_of_choices_shows_what_was_chosen() {
        let mut many = form((0..7).map(|n| field(&format!("c{n}"), choice(), true)).collect());
        many.fields[0].value = Some("v3".into());
        let body = message(&many);
        assert_eq!(body["content"], "**Declare**\n- The c0: **Label 3**");
        let rows = body["components"].as_array().unwrap();
        assert_eq!(rows.len(), SELECTS_MAX + 1);
        assert_eq!(rows[0]["components"][0]["custom_id"], "s|frm|c1");
    }

    #[test]
    fn a_form_without_texts_is_sent_by_its_button() {
        let mut only = form(vec![field("sev", choice(), true)]);
        only.fields[0].value = Some("v0".into());
        let body = message(&only);
        assert_eq!(body["components"][0]["components"][0]["label"], "Declare");
    }

    #[test]
    fn faults_are_named_by_label_and_open_the_form_again() {
        let form = form(vec![field("sev", choice(), true), field("title", FieldKind::Line, true)]);
        let error = |field: &str| FieldError { field: field.into(), sentence: "Say *more*.".into() };
        let body = faults(&form, &[error("title"), error("sev"), error("other")]);
        let content = "**Declare** was not sent yet.\n- **The title**: Say \\*more\\*.\n- **The sev**: Say \\*more\\*.\n- \
                       **other**: Say \\*more\\*.";
        assert_eq!(body["content"], content);
        assert_eq!(body["components"][0]["components"][0]["custom_id"], "s|frm|sev");
        assert_eq!(body["components"][1]["components"][0]["label"], "Fill in again");
        assert_eq!(reopening(&form)["components"][0]["components"][0]["custom_id"], "n|frm");
    }
}
