//! The Web API's front door: who calls, which method, and how a refusal looks.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::SlackWorkspace;
use super::args::Args;
use super::faults::Trouble;
use super::state::State;

/// A refusal as Slack words it.
#[derive(Debug)]
pub struct ApiError {
    pub code: String,
    /// What was wrong in detail, with a JSON pointer to the place.
    pub messages: Vec<String>,
    /// Further fields of the answer.
    pub more: Value,
}

pub type ApiResult = Result<Value, ApiError>;

impl From<&str> for ApiError {
    fn from(code: &str) -> Self {
        ApiError { code: code.to_owned(), messages: Vec::new(), more: Value::Null }
    }
}

impl ApiError {
    pub fn with_messages(code: &str, messages: Vec<String>) -> ApiError {
        ApiError { code: code.to_owned(), messages, more: Value::Null }
    }

    fn body(self) -> Value {
        let mut body = json!({"ok": false, "error": self.code});
        if !self.messages.is_empty() {
            body["errors"] = json!(self.messages);
            let marked: Vec<String> = self.messages.iter().map(|message| format!("[ERROR] {message}")).collect();
            body["response_metadata"] = json!({"messages": marked});
        }
        if let Value::Object(more) = self.more {
            body.as_object_mut().expect("built as an object").extend(more);
        }
        body
    }
}

/// Answers `POST /api/<method>` (and GET, which Slack accepts for what only reads).
pub async fn call(
    Shared(workspace): Shared<Arc<SlackWorkspace>>,
    Path(method): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let args = match Args::read(&uri, &headers, &body) {
        Ok(args) => args,
        Err(error) => return workspace.answer(error.body()),
    };
    let mut recorded = args.to_value();
    if let Some(fields) = recorded.as_object_mut() {
        fields.remove("token");
    }
    let trouble = workspace.with(|state| {
        state.live.record_call(&method, recorded);
        state.live.faults.strike(&method)
    });
    if let Some(pause) = trouble.pause {
        tokio::time::sleep(pause).await;
    }
    match trouble.kind {
        Some(Trouble::RateLimit { retry_after_secs }) => return rate_limited(retry_after_secs),
        Some(Trouble::Fail { error }) => return workspace.answer(ApiError::from(error.as_str()).body()),
        Some(Trouble::ServerError) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Trouble::LoseAnswer) | None => {}
    }
    let token = bearer(&headers).or_else(|| args.filled("token"));
    let body = workspace.permit(&method, token.as_deref(), &args).and_then(|()| workspace.perform(&method, &args));
    if trouble.kind.is_some() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    match body {
        Ok(mut body) => {
            body["ok"] = Value::Bool(true);
            workspace.answer(body)
        }
        Err(error) => workspace.answer(error.body()),
    }
}

impl SlackWorkspace {
    /// Checks the token: the Web API wants the bot's, opening a connection wants the app's.
    fn permit(&self, method: &str, token: Option<&str>, args: &Args) -> Result<(), ApiError> {
        let token = token.ok_or("not_authed")?;
        let opens_connection = method == "apps.connections.open";
        if token == self.cast.app_token {
            if opens_connection { Ok(()) } else { Err("not_allowed_token_type".into()) }
        } else if token == self.cast.bot_token {
            if opens_connection {
                return Err("not_allowed_token_type".into());
            }
            self.with(|state| state.world.rules.permit(method, args))
        } else {
            Err("invalid_auth".into())
        }
    }

    /// An answer, with the scopes of the token in its header.
    fn answer(&self, body: Value) -> Response {
        let scopes = self.with(|state| state.world.rules.scopes());
        ([("x-oauth-scopes", scopes)], axum::Json(body)).into_response()
    }

    fn perform(&self, method: &str, args: &Args) -> ApiResult {
        self.with(|state| self.dispatch(state, method, args))
    }

    fn dispatch(&self, state: &mut State, method: &str, args: &Args) -> ApiResult {
        match method {
            "apps.connections.open" => Ok(self.open_connection(state)),
            "auth.test" => Ok(self.auth_test()),
            "chat.postMessage" => self.chat_post_message(state, args),
            "chat.postEphemeral" => self.chat_post_ephemeral(state, args),
            "chat.update" => self.chat_update(state, args),
            "chat.delete" => self.chat_delete(state, args),
            "chat.getPermalink" => self.chat_get_permalink(state, args),
            "conversations.create" => self.conversations_create(state, args),
            "conversations.list" => Ok(self.conversations_list(state, args)),
            "conversations.info" => self.conversations_info(state, args),
            "conversations.history" => self.conversations_history(state, args),
            "conversations.replies" => self.conversations_replies(state, args),
            "conversations.invite" => self.conversations_invite(state, args),
            "conversations.join" => self.conversations_join(state, args),
            "conversations.members" => self.conversations_members(state, args),
            "conversations.setTopic" => self.conversations_set_topic(state, args),
            "conversations.setPurpose" => self.conversations_set_purpose(state, args),
            "conversations.archive" => self.conversations_archive(state, args),
            "conversations.open" => self.conversations_open(state, args),
            "pins.add" => self.pins_add(state, args),
            "pins.list" => self.pins_list(state, args),
            "pins.remove" => self.pins_remove(state, args),
            "users.info" => self.users_info(state, args),
            "users.list" => Ok(self.users_list(state, args)),
            "users.lookupByEmail" => self.users_lookup_by_email(state, args),
            "views.open" => self.views_open(state, args),
            "views.push" => self.views_push(state, args),
            "views.update" => self.views_update(state, args),
            "views.publish" => self.views_publish(state, args),
            _ => Err("unknown_method".into()),
        }
    }

    fn auth_test(&self) -> Value {
        json!({
            "url": self.cast.team_url(),
            "team": self.cast.team_name,
            "user": super::cast::BOT_HANDLE,
            "team_id": self.cast.team_id,
            "user_id": self.cast.bot_user_id,
            "bot_id": self.cast.bot_id(),
            "is_enterprise_install": false,
        })
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    Some(value.strip_prefix("Bearer ")?.trim().to_owned())
}

/// Slack's way to ask for patience.
pub fn rate_limited(retry_after_secs: u64) -> Response {
    let headers = [(header::RETRY_AFTER, retry_after_secs.to_string())];
    (StatusCode::TOO_MANY_REQUESTS, headers, axum::Json(json!({"ok": false, "error": "ratelimited"}))).into_response()
}
