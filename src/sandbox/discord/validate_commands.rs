//! The limits of application commands: names, levels, choices and the sum of their texts.

use std::collections::HashSet;

use serde_json::Value;

use super::error::{ApiError, FormErrors, join};

const SUB_COMMAND: u64 = 1;
const SUB_COMMAND_GROUP: u64 = 2;

/// Checks a bulk overwrite: every command, and that no name comes twice.
pub(super) fn bulk(commands: &[Value]) -> Result<(), ApiError> {
    let mut errors = FormErrors::default();
    if commands.len() > 130 {
        errors.add("", "BASE_TYPE_MAX_LENGTH", "Must be 130 or fewer in length.");
    }
    let slash = commands.iter().filter(|command| kind(command) == 1).count();
    if slash > 100 {
        let message = "Maximum number of application commands reached (100)";
        return Err(ApiError::new(400, 30032, message));
    }
    let mut names = HashSet::new();
    for (index, command) in commands.iter().enumerate() {
        let at = index.to_string();
        check(&mut errors, command, &at);
        if !names.insert((kind(command), command["name"].as_str().unwrap_or_default())) {
            errors.add(
                &join(&at, "name"),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            );
        }
    }
    errors.finish()
}

/// Checks one command on its own.
pub(super) fn single(command: &Value) -> Result<(), ApiError> {
    let mut errors = FormErrors::default();
    check(&mut errors, command, "");
    errors.finish()
}

/// The type of a command; a slash command where none is given.
pub(super) fn kind(command: &Value) -> u64 {
    command.get("type").and_then(Value::as_u64).unwrap_or(1)
}

fn check(errors: &mut FormErrors, command: &Value, at: &str) {
    if !command.is_object() {
        errors.wrong_type(at, "object");
        return;
    }
    match kind(command) {
        1 => {
            name(errors, command, at);
            errors.required_text(command, at, "description", 1, 100);
            options(errors, command, at, 0);
        }
        2 | 3 => {
            errors.required_text(command, at, "name", 1, 32);
        }
        _ => errors.add(&join(at, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4}."),
    }
    match command.get("default_member_permissions") {
        None | Some(Value::Null | Value::Number(_)) => {}
        Some(Value::String(bits)) if bits.parse::<u64>().is_ok() => {}
        Some(_) => errors.wrong_type(&join(at, "default_member_permissions"), "permission bits"),
    }
    if characters(command) > 8_000 {
        errors.add(at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)");
    }
}

fn name(errors: &mut FormErrors, object: &Value, at: &str) {
    let Some(name) = errors.required_text(object, at, "name", 1, 32) else {
        return;
    };
    let fits = |c: char| c == '-' || c == '_' || c.is_ascii_digit() || c.is_ascii_lowercase();
    if !name.chars().all(fits) {
        errors.add(&join(at, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
}

/// Checks one level of options. Groups may hold subcommands only, subcommands hold values only.
fn options(errors: &mut FormErrors, parent: &Value, at: &str, depth: usize) {
    let list = errors.list(parent, at, "options", 25);
    let mut names = HashSet::new();
    let mut optional_seen = false;
    let nested = list.iter().filter(|option| option_kind(option) <= SUB_COMMAND_GROUP).count();
    if nested > 0 && nested < list.len() {
        errors.add(
            &join(at, "options"),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other types",
        );
    }
    for (index, option) in list.iter().enumerate() {
        let at = format!("{}.{index}", join(at, "options"));
        name(errors, option, &at);
        errors.required_text(option, &at, "description", 1, 100);
        if !names.insert(option["name"].as_str().unwrap_or_default()) {
            errors.add(&join(&at, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name must be unique");
        }
        match option_kind(option) {
            SUB_COMMAND if depth < 2 => options(errors, option, &at, 2),
            SUB_COMMAND_GROUP if depth == 0 => options(errors, option, &at, 1),
            3..=11 if depth != 1 => value_option(errors, option, &at, &mut optional_seen),
            _ => errors.add(
                &join(&at, "type"),
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                "Option type is not allowed here",
            ),
        }
    }
}

fn option_kind(option: &Value) -> u64 {
    option.get("type").and_then(Value::as_u64).unwrap_or(0)
}

fn value_option(errors: &mut FormErrors, option: &Value, at: &str, optional_seen: &mut bool) {
    if option.get("required").and_then(Value::as_bool).unwrap_or(false) {
        if *optional_seen {
            errors.add(
                at,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            );
        }
    } else {
        *optional_seen = true;
    }
    let choices = errors.list(option, at, "choices", 25);
    if !choices.is_empty() && option.get("autocomplete") == Some(&Value::Bool(true)) {
        errors.add(
            &join(at, "autocomplete"),
            "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES",
            "Autocomplete and choices are mutually exclusive",
        );
    }
    let mut names = HashSet::new();
    for (index, choice) in choices.iter().enumerate() {
        let at = format!("{at}.choices.{index}");
        if let Some(name) = errors.required_text(choice, &at, "name", 1, 100)
            && !names.insert(name)
        {
            errors.add(
                &join(&at, "name"),
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATE",
                "Choice names must be unique",
            );
        }
        match (option_kind(option), choice.get("value")) {
            (3, Some(Value::String(value))) => errors.length(&join(&at, "value"), value, 1, 100),
            (4 | 10, Some(Value::Number(_))) => {}
            (_, None) => errors.required(&join(&at, "value")),
            (_, Some(_)) => errors.wrong_type(&join(&at, "value"), "the option"),
        }
    }
}

/// The sum that Discord limits to 8,000: names, descriptions and choice values of a command and all below it.
fn characters(object: &Value) -> usize {
    let count = |key: &str| object.get(key).and_then(Value::as_str).map_or(0, |text| text.chars().count());
    let below =
        |key: &str| object.get(key).and_then(Value::as_array).map_or(0, |list| list.iter().map(characters).sum());
    count("name") + count("description") + count("value") + below("options") + below("choices")
}
