//! What a Web API call brought along, however it was encoded.

use axum::http::Uri;
use serde_json::{Map, Value};

use super::api::ApiError;
use super::reference;

/// The arguments of a call: query, form fields and JSON body are all accepted, as Slack does.
#[derive(Debug, Default)]
pub struct Args {
    fields: Map<String, Value>,
    /// They came as JSON, so that a value shows its type; elsewhere everything is text.
    typed: bool,
}

impl Args {
    /// Reads the arguments of a request. Where the method takes no JSON, Slack does not look into a body of it.
    pub fn read(uri: &Uri, content_type: &str, body: &[u8], takes_json: bool) -> Result<Args, ApiError> {
        let mut args = Args::default();
        args.add_pairs(uri.query().unwrap_or_default().as_bytes());
        if content_type.starts_with("application/json") {
            if !body.is_empty() && takes_json {
                args.add_json(body)?;
            }
        } else if content_type.starts_with("application/x-www-form-urlencoded") {
            args.add_pairs(body);
        } else if !body.is_empty() {
            return Err("invalid_post_type".into());
        }
        Ok(args)
    }

    /// The fields of a JSON object as arguments; none where it is something else.
    pub fn from_value(value: &Value) -> Args {
        Args { fields: value.as_object().cloned().unwrap_or_default(), typed: true }
    }

    /// The arguments as one JSON object.
    pub fn to_value(&self) -> Value {
        Value::Object(self.fields.clone())
    }

    /// What the documentation of a method has against these arguments, as Slack would refuse them.
    pub fn check(&self, method: &str) -> Result<(), ApiError> {
        let faults = reference::check_call(method, &self.fields, self.typed);
        // What is not documented is passed over, as Slack does.
        let refused: Vec<_> = faults.into_iter().filter_map(|fault| Some((fault.code?, fault.message))).collect();
        match refused.first() {
            None => Ok(()),
            Some((code, _)) => {
                let told = refused.iter().filter(|(other, _)| other == code && code == "invalid_arguments");
                Err(ApiError::with_messages(code, told.map(|(_, message)| message.clone()).collect()))
            }
        }
    }

    /// A text argument; numbers and booleans count as their text.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A text argument that is neither absent nor empty.
    pub fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_deref(), Some("true" | "1"))
    }

    pub fn number(&self, name: &str) -> Option<usize> {
        self.text(name)?.parse().ok()
    }

    /// A structured argument: JSON itself, or a form field that holds JSON.
    pub fn json(&self, name: &str) -> Option<Value> {
        match self.fields.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))),
            other => Some(other.clone()),
        }
    }

    /// A list of ids: a JSON array, or words with commas between them.
    pub fn list(&self, name: &str) -> Vec<String> {
        match self.json(name) {
            Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(ToOwned::to_owned)).collect(),
            Some(Value::String(text)) => {
                text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn add_pairs(&mut self, encoded: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(encoded) {
            self.fields.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), ApiError> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => {
                self.fields.extend(fields);
                self.typed = true;
                Ok(())
            }
            Ok(_) => Err("json_not_object".into()),
            Err(_) => Err("invalid_json".into()),
        }
    }
}
