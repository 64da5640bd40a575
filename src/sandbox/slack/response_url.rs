//! The address at which the bot may answer a click or a command later.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::SlackWorkspace;
use super::aftermath::answer_content;
use super::api::Answered;
use super::state::{RESPONSE_LIFETIME, RESPONSE_USES, State};
use crate::domain::Platform;
use crate::sandbox::{Exchange, Token};

/// The name under which calls are recorded and faults strike.
const METHOD: &str = "response_url";

/// Answers `POST /response/<id>`.
pub async fn respond(
    Shared(workspace): Shared<Arc<SlackWorkspace>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let payload = serde_json::from_slice::<Value>(&body);
    let answered = match &payload {
        Ok(payload) => workspace.serve_response(&id, payload).await,
        Err(_) => refusal(StatusCode::BAD_REQUEST, "invalid_payload"),
    };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    workspace.witness.tell(Exchange {
        platform: Platform::Slack,
        method: "POST".to_owned(),
        path: METHOD.to_owned(),
        route: METHOD.to_owned(),
        query: Vec::new(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: payload.unwrap_or_default(),
        token: Token::None,
        status: answered.status.as_u16(),
        answer: answered.body.clone(),
        staged: answered.staged,
    });
    answered.into_response()
}

fn refusal(status: StatusCode, code: &str) -> Answered {
    Answered::failed(status, json!({"ok": false, "error": code}))
}

impl SlackWorkspace {
    async fn serve_response(&self, id: &str, payload: &Value) -> Answered {
        let strike = self.with(|state| {
            state.live.record_call(METHOD, payload.clone());
            state.live.faults.strike(METHOD)
        });
        if let Some(pause) = strike.pause {
            tokio::time::sleep(pause).await;
        }
        if let Some(answered) = strike.kind.as_ref().and_then(Answered::staged) {
            return answered;
        }
        let done = self.with(|state| self.answer_later(state, id, payload));
        match done {
            _ if strike.kind.is_some() => Answered::lost(),
            Ok(()) => Answered::with(json!("ok")),
            Err((status, code)) => refusal(status, &code),
        }
    }

    fn answer_later(&self, state: &mut State, id: &str, payload: &Value) -> Result<(), (StatusCode, String)> {
        let refused = |code: &str| (StatusCode::NOT_FOUND, code.to_owned());
        let response = state.live.responses.get_mut(id).ok_or_else(|| refused("expired_url"))?;
        if response.at.elapsed() > RESPONSE_LIFETIME {
            return Err(refused("expired_url"));
        }
        if response.uses >= RESPONSE_USES {
            return Err(refused("used_url"));
        }
        response.uses += 1;
        let (user, channel, original) = (response.user.clone(), response.channel.clone(), response.original.clone());
        let original = original.filter(|ts| self.still_there(state, &channel, ts));
        let bad = |code: String| (StatusCode::BAD_REQUEST, code);
        match original {
            Some(ts) if payload["delete_original"] == true => {
                if let Some(channel) = state.world.channel_mut(&channel) {
                    channel.delete(&ts);
                }
                state.changed = true;
            }
            Some(ts) if payload["replace_original"] == true => {
                let content = answer_content(payload).map_err(bad)?;
                self.rewrite(state, &channel, &ts, content, false, payload["metadata"].is_object());
            }
            _ => {
                let ts = self.respond(state, &user, &channel, payload).map_err(bad)?;
                if let Some(response) = state.live.responses.get_mut(id) {
                    response.original.get_or_insert(ts);
                }
            }
        }
        Ok(())
    }

    fn still_there(&self, state: &State, channel: &str, ts: &str) -> bool {
        let post = state.world.channel(channel).and_then(|channel| channel.post(ts));
        post.is_some_and(|post| post.author == self.cast.bot_user_id)
    }
}
