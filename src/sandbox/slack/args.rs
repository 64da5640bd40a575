//! What a Web API call brought along, however it was encoded.

use axum::http::{HeaderMap, Uri, header};
use serde_json::{Map, Value};

use super::api::ApiError;

/// The arguments of a call: query, form fields and JSON body are all accepted, as Slack does.
#[derive(Debug, Default)]
pub struct Args(Map<String, Value>);

impl Args {
    /// Reads the arguments of a request.
    pub fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Args, ApiError> {
        let mut args = Args::default();
        args.add_pairs(uri.query().unwrap_or_default().as_bytes());
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.starts_with("application/json") {
            if !body.is_empty() {
                args.add_json(body)?;
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            args.add_pairs(body);
        } else if !body.is_empty() {
            return Err("invalid_post_type".into());
        }
        Ok(args)
    }

    /// The fields of a JSON object as arguments; none where it is something else.
    pub fn from_value(value: &Value) -> Args {
        Args(value.as_object().cloned().unwrap_or_default())
    }

    /// The arguments as one JSON object.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// A text argument; numbers and booleans count as their text.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
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
        match self.0.get(name)? {
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
            self.0.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), ApiError> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => {
                self.0.extend(fields);
                Ok(())
            }
            Ok(_) => Err("json_not_object".into()),
            Err(_) => Err("invalid_json".into()),
        }
    }
}
