//! What a person has filled into a form, and what the client refuses to send.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::cast::SlackCast;

/// What Slack's client says under a required field that is empty.
const REQUIRED: &str = "Please complete this required field.";

/// The outcome of filling in a form.
#[derive(Debug)]
pub struct Filled {
    /// `state.values`: by block, then by action.
    pub values: Value,
    /// What is wrong, by block.
    pub errors: BTreeMap<String, String>,
}

/// Names a given value that belongs to no field.
pub fn unknown_field(view: &Value, given: &BTreeMap<String, String>) -> Option<String> {
    let fields: Vec<(&Value, &Value)> = fields(view).collect();
    let known =
        |name: &str| fields.iter().any(|(block, element)| block["block_id"] == name || element["action_id"] == name);
    given.keys().find(|name| !known(name)).cloned()
}

/// Fills in a form: what was given, otherwise what it began with.
pub fn fill(view: &Value, given: &BTreeMap<String, String>, cast: &SlackCast) -> Filled {
    let mut values = Map::new();
    let mut errors = BTreeMap::new();
    for (block, element) in fields(view) {
        let name = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (block_id, action_id) = (name(&block["block_id"]), name(&element["action_id"]));
        let text = given.get(&block_id).or_else(|| given.get(&action_id)).map(String::as_str);
        match element_state(element, text, cast) {
            Some(Ok(state)) => {
                let required = block["type"] == "input" && block["optional"] != true;
                if required && is_empty(&state) {
                    errors.insert(block_id.clone(), REQUIRED.to_owned());
                }
                let by_action = values.entry(block_id).or_insert_with(|| json!({}));
                by_action[action_id] = state;
            }
            Some(Err(problem)) => {
                errors.insert(block_id, problem);
            }
            None => {}
        }
    }
    Filled { values: Value::Object(values), errors }
}

/// The state of one element, with its type; `None` for what holds no state, such as a button.
pub fn element_state(element: &Value, given: Option<&str>, cast: &SlackCast) -> Option<Result<Value, String>> {
    let kind = element["type"].as_str()?;
    let state = match kind {
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => text_state(element, given),
        "static_select" | "radio_buttons" | "overflow" => one_option(element, given),
        "multi_static_select" | "checkboxes" => several_options(element, given),
        "users_select" => one_user(element, given, cast),
        "multi_users_select" => several_users(element, given, cast),
        "channels_select" => Ok(plain(element, given, "selected_channel", "initial_channel")),
        "conversations_select" => Ok(plain(element, given, "selected_conversation", "initial_conversation")),
        "datepicker" => Ok(plain(element, given, "selected_date", "initial_date")),
        "timepicker" => Ok(plain(element, given, "selected_time", "initial_time")),
        "datetimepicker" => date_time(element, given),
        _ => return None,
    };
    Some(state.map(|mut state| {
        state["type"] = json!(kind);
        state
    }))
}

/// All elements of a form that a person can act on, with their blocks.
fn fields(view: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    view["blocks"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|block| elements(block).map(move |element| (block, element)))
}

/// The elements of a block that a person can act on.
pub fn elements(block: &Value) -> impl Iterator<Item = &Value> {
    let several = if block["type"] == "actions" { block["elements"].as_array() } else { None };
    let one = [block.get("element"), block.get("accessory")];
    several.into_iter().flatten().chain(one.into_iter().flatten())
}

fn is_empty(state: &Value) -> bool {
    let fields = state.as_object().into_iter().flatten().filter(|(name, _)| *name != "type");
    fields.into_iter().all(|(_, value)| value.is_null() || value.as_array().is_some_and(Vec::is_empty))
}

fn text_state(element: &Value, given: Option<&str>) -> Result<Value, String> {
    let text = given.or_else(|| element["initial_value"].as_str()).filter(|text| !text.is_empty());
    let Some(text) = text else {
        return Ok(json!({"value": null}));
    };
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    let max = element["max_length"].as_u64().unwrap_or(3_000);
    if length > max {
        return Err(format!("Please enter {max} characters or fewer."));
    }
    if let Some(min) = element["min_length"].as_u64().filter(|min| length < *min) {
        return Err(format!("Please enter at least {min} characters."));
    }
    match element["type"].as_str() {
        Some("number_input") => check_number(element, text)?,
        Some("email_text_input") if !text.contains('@') => return Err("Please enter a valid email address.".to_owned()),
        Some("url_text_input") if url::Url::parse(text).is_err() => return Err("Please enter a valid URL.".to_owned()),
        _ => {}
    }
    Ok(json!({"value": text}))
}

fn check_number(element: &Value, text: &str) -> Result<(), String> {
    let number: f64 = text.parse().map_err(|_| "Please enter a number.".to_owned())?;
    if element["is_decimal_allowed"] != true && number.fract() != 0.0 {
        return Err("Please enter a whole number.".to_owned());
    }
    let limit = |name: &str| element[name].as_str().and_then(|text| text.parse::<f64>().ok());
    if let Some(min) = limit("min_value").filter(|min| number < *min) {
        return Err(format!("Please enter {min} or more."));
    }
    if let Some(max) = limit("max_value").filter(|max| number > *max) {
        return Err(format!("Please enter {max} or less."));
    }
    Ok(())
}

fn option_named(element: &Value, name: &str) -> Result<Value, String> {
    let grouped =
        element["option_groups"].as_array().into_iter().flatten().filter_map(|group| group["options"].as_array());
    let mut options = element["options"].as_array().into_iter().chain(grouped).flatten();
    let found = options.find(|option| option["value"] == name || option["text"]["text"] == name);
    // An option's description is not sent back.
    found
        .map(|option| json!({"text": option["text"], "value": option["value"]}))
        .ok_or_else(|| format!("There is no option \"{name}\"."))
}

fn one_option(element: &Value, given: Option<&str>) -> Result<Value, String> {
    let chosen = match given {
        Some("") => Value::Null,
        Some(name) => option_named(element, name)?,
        None => element["initial_option"].clone(),
    };
    Ok(json!({"selected_option": chosen}))
}

fn several_options(element: &Value, given: Option<&str>) -> Result<Value, String> {
    let chosen: Vec<Value> = match given {
        Some(names) => words(names).map(|name| option_named(element, name)).collect::<Result<_, _>>()?,
        None => element["initial_options"].as_array().cloned().unwrap_or_default(),
    };
    Ok(json!({"selected_options": chosen}))
}

fn user_named(name: &str, cast: &SlackCast) -> Result<String, String> {
    cast.person(name).map(|person| person.id.clone()).ok_or_else(|| format!("There is no member \"{name}\"."))
}

fn one_user(element: &Value, given: Option<&str>, cast: &SlackCast) -> Result<Value, String> {
    let chosen = match given {
        Some("") => Value::Null,
        Some(name) => json!(user_named(name, cast)?),
        None => element["initial_user"].clone(),
    };
    Ok(json!({"selected_user": chosen}))
}

fn several_users(element: &Value, given: Option<&str>, cast: &SlackCast) -> Result<Value, String> {
    let chosen = match given {
        Some(names) => json!(words(names).map(|name| user_named(name, cast)).collect::<Result<Vec<_>, _>>()?),
        None => json!(element["initial_users"].as_array().cloned().unwrap_or_default()),
    };
    Ok(json!({"selected_users": chosen}))
}

fn date_time(element: &Value, given: Option<&str>) -> Result<Value, String> {
    let chosen = match given {
        Some("") => Value::Null,
        Some(text) => json!(text.parse::<i64>().map_err(|_| "Please choose a date and time.".to_owned())?),
        None => element["initial_date_time"].clone(),
    };
    Ok(json!({"selected_date_time": chosen}))
}

fn plain(element: &Value, given: Option<&str>, name: &str, initial: &str) -> Value {
    let chosen = match given {
        Some("") => Value::Null,
        Some(text) => json!(text),
        None => element[initial].clone(),
    };
    json!({name: chosen})
}

fn words(names: &str) -> impl Iterator<Item = &str> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty())
}
