//! The Web API's front door: who calls, which method, and how a refusal looks.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::SlackWorkspace;
use super::args::Args;
use super::faults::Trouble;
use super::reference::{self, Owner};
use super::state::State;
use crate::domain::Platform;
use crate::sandbox::{Exchange, Token};

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

    pub fn body(self) -> Value {
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

/// What the token was granted, told with every answer.
const SCOPES_HEADER: &str = "x-oauth-scopes";

/// Answers `POST /api/<method>` (and GET, which Slack accepts for what only reads).
pub async fn call(
    Shared(workspace): Shared<Arc<SlackWorkspace>>,
    Path(method): Path<String>,
    http: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes_json = reference::method(&method).is_none_or(|documented| documented.json);
    let args = Args::read(&uri, content_type, &body, takes_json);
    let token = bearer(&headers).or_else(|| args.as_ref().ok()?.filled("token"));
    let mut sent = args.as_ref().map(Args::to_value).unwrap_or_default();
    if let Some(fields) = sent.as_object_mut() {
        fields.remove("token");
    }
    let mut answered = match args {
        Ok(args) => workspace.answer(&method, token.as_deref(), &args, &sent).await,
        Err(error) => Answered::with(error.body()),
    };
    answered.scopes = workspace.scopes(token.as_deref());
    workspace.witness.tell(Exchange {
        platform: Platform::Slack,
        method: http.to_string(),
        path: method.clone(),
        route: method,
        query: pairs(&uri),
        content_type: content_type.to_owned(),
        body: sent,
        token: workspace.owner(token.as_deref()),
        status: answered.status.as_u16(),
        answer: answered.body.clone(),
        staged: answered.staged,
    });
    answered.into_response()
}

fn pairs(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

/// An answer before it is written down.
pub struct Answered {
    pub status: StatusCode,
    pub body: Value,
    retry_after_secs: Option<u64>,
    /// What the token was granted; nothing for a token that nobody knows.
    scopes: String,
    /// Trouble that somebody asked for.
    pub staged: bool,
}

impl Answered {
    pub fn with(body: Value) -> Answered {
        Answered { status: StatusCode::OK, body, retry_after_secs: None, scopes: String::new(), staged: false }
    }

    pub fn failed(status: StatusCode, body: Value) -> Answered {
        Answered { status, ..Answered::with(body) }
    }

    /// The answer of a fault; `None` where the call is to be carried out first.
    pub fn staged(trouble: &Trouble) -> Option<Answered> {
        let answered = match trouble {
            Trouble::RateLimit { retry_after_secs } => Answered {
                retry_after_secs: Some(*retry_after_secs),
                ..Answered::failed(StatusCode::TOO_MANY_REQUESTS, json!({"ok": false, "error": "ratelimited"}))
            },
            Trouble::Fail { error } => Answered::with(ApiError::from(error.as_str()).body()),
            Trouble::ServerError => Answered::failed(StatusCode::INTERNAL_SERVER_ERROR, Value::Null),
            Trouble::LoseAnswer => return None,
        };
        Some(Answered { staged: true, ..answered })
    }

    pub fn lost() -> Answered {
        Answered { staged: true, ..Answered::failed(StatusCode::INTERNAL_SERVER_ERROR, Value::Null) }
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Value::Null => self.status.into_response(),
            // A response address is answered with a word alone.
            Value::String(word) => (self.status, word).into_response(),
            body => (self.status, axum::Json(body)).into_response(),
        };
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, secs.into());
        }
        if let Some(scopes) = HeaderValue::from_str(&self.scopes).ok().filter(|scopes| !scopes.is_empty()) {
            response.headers_mut().insert(SCOPES_HEADER, scopes);
        }
        response
    }
}

impl SlackWorkspace {
    async fn answer(&self, method: &str, token: Option<&str>, args: &Args, sent: &Value) -> Answered {
        let strike = self.with(|state| {
            state.live.record_call(method, sent.clone());
            state.live.faults.strike(method)
        });
        if let Some(pause) = strike.pause {
            tokio::time::sleep(pause).await;
        }
        if let Some(answered) = strike.kind.as_ref().and_then(Answered::staged) {
            return answered;
        }
        let done = self.permit(method, token, args).and_then(|()| self.perform(method, args));
        if strike.kind.is_some() {
            return Answered::lost();
        }
        Answered::with(match done {
            Ok(mut body) => {
                body["ok"] = Value::Bool(true);
                body
            }
            Err(error) => error.body(),
        })
    }

    /// Checks the token: the Web API wants the bot's, opening a connection wants the app's.
    fn permit(&self, method: &str, token: Option<&str>, args: &Args) -> Result<(), ApiError> {
        if self.with(|state| state.world.uninstalled) && token.is_some() {
            return Err("account_inactive".into());
        }
        let wanted = match reference::method(method).map(|documented| documented.token) {
            Some(Owner::App) => Token::App,
            Some(Owner::Bot | Owner::None) | None => Token::Bot,
        };
        match self.owner(token) {
            Token::None => Err("not_authed".into()),
            Token::Other => Err("invalid_auth".into()),
            Token::Bot if wanted == Token::Bot => self.with(|state| state.world.rules.permit(method, args)),
            owner if owner == wanted => Ok(()),
            Token::Bot | Token::App => Err("not_allowed_token_type".into()),
        }
    }

    fn owner(&self, token: Option<&str>) -> Token {
        match token {
            None => Token::None,
            Some(token) if token == self.cast.app_token => Token::App,
            Some(token) if token == self.cast.bot_token => Token::Bot,
            Some(_) => Token::Other,
        }
    }

    fn scopes(&self, token: Option<&str>) -> String {
        match self.owner(token) {
            Token::App => "connections:write".to_owned(),
            Token::Bot => self.with(|state| state.world.rules.scopes()),
            Token::None | Token::Other => String::new(),
        }
    }

    fn perform(&self, method: &str, args: &Args) -> ApiResult {
        args.check(method)?;
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
            "files.completeUploadExternal" => self.files_complete_upload_external(state, args),
            "files.getUploadURLExternal" => self.files_get_upload_url_external(state, args),
            "files.info" => self.files_info(state, args),
            "pins.add" => self.pins_add(state, args),
            "pins.list" => self.pins_list(state, args),
            "pins.remove" => self.pins_remove(state, args),
            "reactions.add" => self.reactions_add(state, args),
            "reactions.remove" => self.reactions_remove(state, args),
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
