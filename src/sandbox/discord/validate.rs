//! The limits of messages and forms, as Discord holds them: a body outside them is a 50035 that names the field.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::error::{ApiError, FormErrors, join};
use super::shapes::snowflake;

pub(super) const EPHEMERAL: u64 = 1 << 6;
pub(super) const LOADING: u64 = 1 << 7;
const COMPONENTS_V2: u64 = 1 << 15;

const BUTTON: u64 = 2;
const STRING_SELECT: u64 = 3;
const TEXT_INPUT: u64 = 4;
const LABEL: u64 = 18;

/// Checks the body of a message that is sent or edited.
pub(super) fn message(body: &Value) -> Result<(), ApiError> {
    let mut errors = FormErrors::default();
    errors.text(body, "", "content", 0, 2_000);
    embeds(&mut errors, body);
    allowed_mentions(&mut errors, body);
    message_components(&mut errors, body);
    match body.get("nonce") {
        None | Some(Value::Null | Value::Number(_)) => {}
        Some(Value::String(nonce)) => errors.length("nonce", nonce, 0, 25),
        Some(_) => errors.wrong_type("nonce", "string"),
    }
    if flags(body) & COMPONENTS_V2 != 0 {
        for legacy in ["content", "embeds", "stickers", "poll"] {
            if body.get(legacy).is_some_and(|value| !value.is_null() && *value != "" && *value != json!([])) {
                errors.add(
                    legacy,
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    format!("The '{legacy}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"),
                );
            }
        }
        // A bot that needs layouts must know that this server can't show them, rather than see half a message.
        errors.add("flags", "BASE_TYPE_CHOICES", "This server does not know IS_COMPONENTS_V2.");
    }
    errors.finish()
}

/// The flags of a body, 0 where there are none.
pub(super) fn flags(body: &Value) -> u64 {
    body.get("flags").and_then(Value::as_u64).unwrap_or(0)
}

/// Checks the data of a callback of type 5, which may say that the answer will be ephemeral and nothing else.
pub(super) fn deferral(data: &Value) -> Result<(), ApiError> {
    let mut errors = FormErrors::default();
    if flags(data) & !EPHEMERAL != 0 {
        errors.add("data.flags", "BASE_TYPE_CHOICES", "Only EPHEMERAL can be set on a deferred answer.");
    }
    errors.finish()
}

/// Whether a message would show nothing at all.
pub(super) fn is_empty(content: &str, embeds: &[Value], components: &[Value]) -> bool {
    content.trim().is_empty() && embeds.is_empty() && components.is_empty()
}

fn embeds(errors: &mut FormErrors, body: &Value) {
    let mut sum = 0;
    for (index, embed) in errors.list(body, "", "embeds", 10).iter().enumerate() {
        let at = format!("embeds.{index}");
        if !embed.is_object() {
            errors.wrong_type(&at, "object");
            continue;
        }
        sum += embed_texts(errors, embed, &at);
        if !["title", "description", "fields", "image", "thumbnail", "author", "footer"]
            .iter()
            .any(|key| embed.get(key).is_some_and(|value| !value.is_null() && value != ""))
        {
            errors.required(&join(&at, "description"));
        }
        match embed.get("color").map(Value::as_u64) {
            None | Some(Some(0..=0xFF_FFFF)) => {}
            Some(_) if embed["color"].is_null() => {}
            Some(_) => {
                errors.add(
                    &join(&at, "color"),
                    "NUMBER_TYPE_MAX",
                    "int value should be less than or equal to 16777215.",
                );
            }
        }
    }
    if sum > 6_000 {
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
    }
}

/// Checks the texts of one embed and returns how many code points they hold together.
fn embed_texts(errors: &mut FormErrors, embed: &Value, at: &str) -> usize {
    let count = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
    let mut sum = count(errors.text(embed, at, "title", 0, 256));
    sum += count(errors.text(embed, at, "description", 0, 4_096));
    if let Some(footer) = embed.get("footer").filter(|footer| footer.is_object()) {
        sum += count(errors.required_text(footer, &join(at, "footer"), "text", 1, 2_048));
    }
    if let Some(author) = embed.get("author").filter(|author| author.is_object()) {
        sum += count(errors.required_text(author, &join(at, "author"), "name", 1, 256));
    }
    if let Some(stamp) = errors.text(embed, at, "timestamp", 0, 64)
        && chrono::DateTime::parse_from_rfc3339(stamp).is_err()
    {
        errors.add(
            &join(at, "timestamp"),
            "DATE_TIME_TYPE_PARSE",
            format!("Could not parse {stamp}. Should be ISO8601."),
        );
    }
    for (index, field) in errors.list(embed, at, "fields", 25).iter().enumerate() {
        let at = format!("{at}.fields.{index}");
        sum += count(errors.required_text(field, &at, "name", 1, 256));
        sum += count(errors.required_text(field, &at, "value", 1, 1_024));
    }
    sum
}

fn allowed_mentions(errors: &mut FormErrors, body: &Value) {
    let Some(allowed) = body.get("allowed_mentions").filter(|value| value.is_object()) else {
        return;
    };
    let parse = errors.list(allowed, "allowed_mentions", "parse", 3);
    for kind in ["users", "roles"] {
        let listed = errors.list(allowed, "allowed_mentions", kind, 100);
        let mut ids = HashSet::new();
        for (index, id) in listed.iter().enumerate() {
            let at = format!("allowed_mentions.{kind}.{index}");
            match snowflake(id).filter(|id| id.parse::<u64>().is_ok()) {
                None => errors.add(&at, "NUMBER_TYPE_COERCE", format!("Value {id} is not snowflake.")),
                Some(id) if !ids.insert(id.clone()) => {
                    errors.add(&at, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value");
                }
                Some(_) => {}
            }
        }
        if !listed.is_empty() && parse.iter().any(|word| word == kind) {
            errors.add(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                format!("parse:[\"{kind}\"] and {kind}: [ids...] are mutually exclusive."),
            );
        }
    }
}

fn message_components(errors: &mut FormErrors, body: &Value) {
    let mut seen = HashSet::new();
    for (index, row) in errors.list(body, "", "components", 5).iter().enumerate() {
        let at = format!("components.{index}");
        if row.get("type").and_then(Value::as_u64) != Some(1) {
            errors.add(&join(&at, "type"), "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1,).");
            continue;
        }
        let items = errors.list(row, &at, "components", 5);
        let at = join(&at, "components");
        let selects = items.iter().filter(|item| kind(item) != BUTTON).count();
        if items.is_empty() || (selects > 0 && items.len() > 1) {
            errors.add(&at, "BASE_TYPE_BAD_LENGTH", "A row holds 1 to 5 buttons or a single select.");
        }
        for (index, item) in items.iter().enumerate() {
            let at = join(&at, index);
            match kind(item) {
                BUTTON => button(errors, item, &at, &mut seen),
                STRING_SELECT | 5..=8 => select(errors, item, &at, &mut seen),
                _ => errors.add(
                    &join(&at, "type"),
                    "UNION_TYPE_CHOICES",
                    "Value of field \"type\" must be one of (2, 3, 5, 6, 7, 8).",
                ),
            }
        }
    }
}

/// Whether a component of this type is a list to choose from.
pub(super) fn is_select(kind: u64) -> bool {
    matches!(kind, STRING_SELECT | 5..=8)
}

fn kind(component: &Value) -> u64 {
    component.get("type").and_then(Value::as_u64).unwrap_or(0)
}

fn custom_id(errors: &mut FormErrors, item: &Value, at: &str, seen: &mut HashSet<String>) {
    if let Some(id) = errors.required_text(item, at, "custom_id", 1, 100)
        && !seen.insert(id.to_owned())
    {
        errors.add(
            &join(at, "custom_id"),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        );
    }
}

fn button(errors: &mut FormErrors, item: &Value, at: &str, seen: &mut HashSet<String>) {
    errors.text(item, at, "label", 0, 80);
    let has = |key: &str| item.get(key).is_some_and(|value| !value.is_null() && value != "");
    if !has("label") && !has("emoji") {
        errors.required(&join(at, "label"));
    }
    match item.get("style").and_then(Value::as_u64) {
        Some(1..=4) if has("url") => {
            errors.add(
                at,
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url cannot both be specified",
            );
        }
        Some(1..=4) => custom_id(errors, item, at, seen),
        Some(5) if has("custom_id") => {
            errors.add(
                at,
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url cannot both be specified",
            );
        }
        Some(5) => {
            errors.required_text(item, at, "url", 1, 512);
        }
        _ => errors.add(&join(at, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6)."),
    }
}

fn select(errors: &mut FormErrors, item: &Value, at: &str, seen: &mut HashSet<String>) {
    custom_id(errors, item, at, seen);
    errors.text(item, at, "placeholder", 0, 150);
    let number = |key: &str| item.get(key).and_then(Value::as_u64);
    let (least, most) = (number("min_values").unwrap_or(1), number("max_values").unwrap_or(1));
    if least > 25 || !(1..=25).contains(&most) || least > most {
        errors.add(
            &join(at, "max_values"),
            "BASE_TYPE_BAD_LENGTH",
            "min_values must not exceed max_values, 25 at most.",
        );
    }
    if kind(item) != STRING_SELECT {
        return;
    }
    let options = errors.list(item, at, "options", 25);
    if options.is_empty() {
        errors.required(&join(at, "options"));
    }
    let mut values = HashSet::new();
    for (index, option) in options.iter().enumerate() {
        let at = format!("{at}.options.{index}");
        errors.required_text(option, &at, "label", 1, 100);
        errors.text(option, &at, "description", 0, 100);
        if let Some(value) = errors.required_text(option, &at, "value", 1, 100)
            && !values.insert(value)
        {
            errors.add(
                &join(&at, "value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            );
        }
    }
}

/// Checks the data of a callback of type 9.
pub(super) fn modal(data: &Value) -> Result<(), ApiError> {
    let mut errors = FormErrors::default();
    errors.required_text(data, "data", "custom_id", 1, 100);
    errors.required_text(data, "data", "title", 1, 45);
    let rows = errors.list(data, "data", "components", 5);
    if rows.is_empty() {
        errors.add("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    let mut seen = HashSet::new();
    for (index, row) in rows.iter().enumerate() {
        let at = format!("data.components.{index}");
        match kind(row) {
            1 => {
                let items = errors.list(row, &at, "components", 1);
                let at = join(&at, "components.0");
                match items.first() {
                    Some(item) if kind(item) == TEXT_INPUT => {
                        errors.required_text(item, &at, "label", 1, 45);
                        text_input(&mut errors, item, &at, &mut seen);
                    }
                    _ => errors.required(&at),
                }
            }
            LABEL => {
                errors.required_text(row, &at, "label", 1, 45);
                errors.text(row, &at, "description", 0, 100);
                let at = join(&at, "component");
                match row.get("component") {
                    Some(item) if kind(item) == TEXT_INPUT => text_input(&mut errors, item, &at, &mut seen),
                    Some(item) if kind(item) == STRING_SELECT => select(&mut errors, item, &at, &mut seen),
                    _ => errors.required(&at),
                }
            }
            _ => {
                errors.add(&join(&at, "type"), "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1, 18).");
            }
        }
    }
    errors.finish()
}

fn text_input(errors: &mut FormErrors, item: &Value, at: &str, seen: &mut HashSet<String>) {
    custom_id(errors, item, at, seen);
    if !matches!(item.get("style").and_then(Value::as_u64), Some(1 | 2)) {
        errors.add(&join(at, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).");
    }
    errors.text(item, at, "placeholder", 0, 100);
    errors.text(item, at, "value", 0, 4_000);
    let number = |key: &str| item.get(key).and_then(Value::as_u64);
    let (least, most) = (number("min_length").unwrap_or(0), number("max_length").unwrap_or(4_000));
    if most == 0 || most > 4_000 || least > most {
        errors.add(
            &join(at, "max_length"),
            "BASE_TYPE_BAD_LENGTH",
            "min_length must not exceed max_length, 4000 at most.",
        );
    }
}
