//! Answers as the REST API gives them: a JSON body, nothing, or an error with Discord's own code.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

/// What a request is answered when it succeeds.
#[derive(Debug)]
pub(super) enum Answer {
    Json(Value),
    /// Something new, which Discord answers with 201.
    Created(Value),
    Empty,
}

pub(super) type Reply = Result<Answer, ApiError>;

/// A refusal in the shape of Discord: a status and `{"message", "code", "errors"?}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: u64,
    pub(super) message: String,
    pub(super) errors: Option<Value>,
    /// Set for a 429 only: how long to wait.
    pub(super) retry_after_millis: Option<u64>,
}

impl ApiError {
    pub(super) fn new(status: u16, code: u64, message: &str) -> ApiError {
        ApiError { status, code, message: message.to_owned(), errors: None, retry_after_millis: None }
    }

    pub(super) fn unauthorized() -> ApiError {
        ApiError::new(401, 0, "401: Unauthorized")
    }

    pub(super) fn not_found() -> ApiError {
        ApiError::new(404, 0, "404: Not Found")
    }

    pub(super) fn method_not_allowed() -> ApiError {
        ApiError::new(405, 0, "405: Method Not Allowed")
    }

    pub(super) fn server_error() -> ApiError {
        ApiError::new(500, 0, "500: Internal Server Error")
    }

    pub(super) fn unknown_channel() -> ApiError {
        ApiError::new(404, 10003, "Unknown Channel")
    }

    pub(super) fn unknown_message() -> ApiError {
        ApiError::new(404, 10008, "Unknown Message")
    }

    pub(super) fn unknown_interaction() -> ApiError {
        ApiError::new(404, 10062, "Unknown interaction")
    }

    pub(super) fn unknown_webhook() -> ApiError {
        ApiError::new(404, 10015, "Unknown Webhook")
    }

    pub(super) fn missing_access() -> ApiError {
        ApiError::new(403, 50001, "Missing Access")
    }

    pub(super) fn missing_permissions() -> ApiError {
        ApiError::new(403, 50013, "Missing Permissions")
    }

    pub(super) fn empty_message() -> ApiError {
        ApiError::new(400, 50006, "Cannot send an empty message")
    }

    pub(super) fn rate_limited(retry_after_millis: u64) -> ApiError {
        let mut error = ApiError::new(429, 0, "You are being rate limited.");
        error.retry_after_millis = Some(retry_after_millis);
        error
    }

    /// Puts the paths of the faults below a field: the body was a part of a larger one.
    pub(super) fn under(mut self, field: &str) -> ApiError {
        self.errors = self.errors.map(|errors| json!({ field: errors }));
        self
    }

    pub(super) fn body(&self) -> Value {
        if let Some(millis) = self.retry_after_millis {
            return json!({ "message": self.message, "retry_after": seconds(millis), "global": false });
        }
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }
}

/// Writes an answer with the headers that every Discord response carries. `spent_millis` is for how long the budget of
/// the route is spent with it.
pub(super) fn respond(reply: &Reply, bucket: &str, now: DateTime<Utc>, spent_millis: Option<u64>) -> Response {
    let mut response = match reply {
        Ok(Answer::Json(body)) => (StatusCode::OK, body.to_string()).into_response(),
        Ok(Answer::Created(body)) => (StatusCode::CREATED, body.to_string()).into_response(),
        Ok(Answer::Empty) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, error.body().to_string()).into_response()
        }
    };
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    let limited = reply.as_ref().err().and_then(|error| error.retry_after_millis);
    let spent = limited.or(spent_millis);
    put("x-ratelimit-limit", "50");
    put("x-ratelimit-remaining", if spent.is_some() { "0" } else { "49" });
    // Clients take a 429 without it for one of Cloudflare's, which bans.
    put("via", "1.1 google");
    let wait_millis = spent.unwrap_or(1_000);
    let reset = now + TimeDelta::milliseconds(i64::try_from(wait_millis).unwrap_or(i64::from(i32::MAX)));
    put("x-ratelimit-reset-after", &format!("{:.3}", seconds(wait_millis)));
    put("x-ratelimit-reset", &format!("{}.{:03}", reset.timestamp(), reset.timestamp_subsec_millis()));
    put("x-ratelimit-bucket", bucket);
    if let Some(millis) = limited {
        put("retry-after", &millis.div_ceil(1_000).to_string());
        put("x-ratelimit-scope", "user");
    }
    if !matches!(reply, Ok(Answer::Empty)) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

fn seconds(millis: u64) -> f64 {
    std::time::Duration::from_millis(millis).as_secs_f64()
}

/// Collects what is wrong with a body, by the path of the field: becomes one 50035.
#[derive(Debug, Default)]
pub(super) struct FormErrors {
    found: Vec<(String, &'static str, String)>,
}

impl FormErrors {
    /// Notes one fault at a dotted path such as `embeds.0.title`.
    pub(super) fn add(&mut self, path: &str, code: &'static str, message: impl Into<String>) {
        self.found.push((path.to_owned(), code, message.into()));
    }

    pub(super) fn required(&mut self, path: &str) {
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    pub(super) fn wrong_type(&mut self, path: &str, wanted: &str) {
        self.add(path, "BASE_TYPE_BAD_TYPE", format!("Must be of type {wanted}."));
    }

    /// Notes a text whose length in code points is outside `least..=most`.
    pub(super) fn length(&mut self, path: &str, text: &str, least: usize, most: usize) {
        let length = text.chars().count();
        if length == 0 && least > 0 {
            self.required(path);
        } else if length > most && least == 0 {
            self.add(path, "BASE_TYPE_MAX_LENGTH", format!("Must be {most} or fewer in length."));
        } else if length < least || length > most {
            self.add(path, "BASE_TYPE_BAD_LENGTH", format!("Must be between {least} and {most} in length."));
        }
    }

    /// Checks an optional text field; returns it where it is a text.
    pub(super) fn text<'v>(
        &mut self,
        object: &'v Value,
        at: &str,
        key: &str,
        least: usize,
        most: usize,
    ) -> Option<&'v str> {
        let path = join(at, key);
        match object.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => {
                self.length(&path, text, least, most);
                Some(text)
            }
            Some(_) => {
                self.wrong_type(&path, "string");
                None
            }
        }
    }

    /// Like [`FormErrors::text`] for a field that must be there.
    pub(super) fn required_text<'v>(
        &mut self,
        object: &'v Value,
        at: &str,
        key: &str,
        least: usize,
        most: usize,
    ) -> Option<&'v str> {
        if object.get(key).is_none_or(Value::is_null) {
            self.required(&join(at, key));
        }
        self.text(object, at, key, least, most)
    }

    /// Checks an optional list and the number of its items.
    pub(super) fn list<'v>(&mut self, object: &'v Value, at: &str, key: &str, most: usize) -> &'v [Value] {
        let path = join(at, key);
        match object.get(key) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => {
                if items.len() > most {
                    self.add(&path, "BASE_TYPE_MAX_LENGTH", format!("Must be {most} or fewer in length."));
                }
                items
            }
            Some(_) => {
                self.wrong_type(&path, "array");
                &[]
            }
        }
    }

    /// The refusal, if anything was found.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        if self.found.is_empty() {
            return Ok(());
        }
        let mut tree = Value::Object(Map::new());
        for (path, code, message) in self.found {
            let mut node = &mut tree;
            for part in path.split('.').filter(|part| !part.is_empty()) {
                node = &mut node[part];
            }
            if !node["_errors"].is_array() {
                node["_errors"] = json!([]);
            }
            if let Some(list) = node["_errors"].as_array_mut() {
                list.push(json!({ "code": code, "message": message }));
            }
        }
        let mut error = ApiError::new(400, 50035, "Invalid Form Body");
        error.errors = Some(tree);
        Err(error)
    }
}

/// The dotted path of a field below another.
pub(super) fn join(at: &str, key: impl std::fmt::Display) -> String {
    if at.is_empty() { key.to_string() } else { format!("{at}.{key}") }
}
