//! The address at which the bot may answer a click or a command later.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::SlackWorkspace;
use super::aftermath::answer_content;
use super::api::rate_limited;
use super::faults::Trouble;
use super::state::{RESPONSE_LIFETIME, RESPONSE_USES, State};

/// The name under which calls are recorded and faults strike.
const METHOD: &str = "response_url";

/// Answers `POST /response/<id>`.
pub async fn respond(Shared(workspace): Shared<Arc<SlackWorkspace>>, Path(id): Path<String>, body: Bytes) -> Response {
    let Ok(payload) = serde_json::from_slice::<Value>(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_payload");
    };
    let trouble = workspace.with(|state| {
        state.live.record_call(METHOD, payload.clone());
        state.live.faults.strike(METHOD)
    });
    if let Some(pause) = trouble.pause {
        tokio::time::sleep(pause).await;
    }
    match trouble.kind {
        Some(Trouble::RateLimit { retry_after_secs }) => return rate_limited(retry_after_secs),
        Some(Trouble::Fail { error }) => return refuse(StatusCode::OK, &error),
        Some(Trouble::ServerError) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Trouble::LoseAnswer) | None => {}
    }
    let done = workspace.with(|state| workspace.answer_later(state, &id, &payload));
    match done {
        _ if trouble.kind.is_some() => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Ok(()) => "ok".into_response(),
        Err((status, code)) => refuse(status, &code),
    }
}

fn refuse(status: StatusCode, code: &str) -> Response {
    (status, axum::Json(json!({"ok": false, "error": code}))).into_response()
}

impl SlackWorkspace {
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
