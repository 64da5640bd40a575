//! Signed requests: where Discord posts interactions for an application that has an interactions endpoint URL.
//!
//! Discord then sends none over the gateway. It checks the address when it is set, and now and then later, with a ping
//! and with signatures that are wrong on purpose: those must be refused.
//! <https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint>

use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::inbound::read;
use super::respond::{First, answer, unknown};
use super::rest::Rest;
use crate::app::inbound::{Inbound, Reply};
use crate::clock;
use crate::platform::request::{self, AGE_MAX, Refused, header};

const INTERACTIONS: &str = "/discord/interactions";

const PING: u64 = 1;
const PONG: u8 = 1;

/// What every request needs.
struct Door<F> {
    rest: Arc<Rest>,
    key: VerifyingKey,
    handler: F,
    /// Where answers under way are waited for at the end.
    work: TaskTracker,
}

/// The endpoint.
pub(super) fn routes<F, Fut>(rest: Arc<Rest>, key: VerifyingKey, handler: F, work: TaskTracker) -> Router
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    let door = Arc::new(Door { rest, key, handler, work });
    let take = move |headers: HeaderMap, body: Body| async move { door.take(&headers, body).await };
    Router::new().route(INTERACTIONS, post(take))
}

/// The same endpoint where Discord is not served over HTTP.
pub(super) fn not_served() -> Router {
    request::not_served(&[INTERACTIONS], "Discord is not served over HTTP here: DISCORD_PUBLIC_KEY is not set.\n")
}

/// Reads an application's public key: 32 bytes in hexadecimal digits.
pub(super) fn public_key(text: &str) -> Option<VerifyingKey> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim(), &mut bytes).ok()?;
    VerifyingKey::from_bytes(&bytes).ok()
}

impl<F, Fut> Door<F>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    async fn take(&self, headers: &HeaderMap, body: Body) -> Response {
        let received = Instant::now();
        match self.read(headers, body).await {
            Ok(raw) if raw["type"] == PING => Json(json!({ "type": PONG })).into_response(),
            Ok(raw) => self.answer(&raw, received).await,
            Err(refused) => refused.response("discord"),
        }
    }

    async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Value, Refused> {
        let body = request::body(headers, body).await?;
        verify(&self.key, headers, &body, clock::real().timestamp())?;
        let raw: Value = serde_json::from_slice(&body).map_err(|_| Refused::Malformed)?;
        if raw.is_object() { Ok(raw) } else { Err(Refused::Malformed) }
    }

    async fn answer(&self, raw: &Value, received: Instant) -> Response {
        let Some(delivery) = read(raw) else {
            tracing::warn!("Discord sent an interaction that can't be read");
            return Json(unknown()).into_response();
        };
        let (sender, answered) = oneshot::channel();
        let (rest, handler) = (self.rest.clone(), self.handler.clone());
        // A task of its own: what was begun is finished, also where Discord hangs up.
        self.work.spawn(async move {
            answer(&rest, delivery, First::Response(Some(sender)), &handler, received).await;
        });
        match answered.await {
            Ok(response) => Json(response).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// Checks who signed, over the timestamp and the body, and then when. `now` is in Unix seconds, as the timestamp is.
fn verify(key: &VerifyingKey, headers: &HeaderMap, body: &[u8], now: i64) -> Result<(), Refused> {
    let signature = header(headers, "x-signature-ed25519").ok_or(Refused::Unsigned)?;
    let timestamp = header(headers, "x-signature-timestamp").ok_or(Refused::Unsigned)?;
    let mut bytes = [0; 64];
    hex::decode_to_slice(signature, &mut bytes).map_err(|_| Refused::Unsigned)?;
    let signed = [timestamp.as_bytes(), body].concat();
    key.verify_strict(&signed, &Signature::from_bytes(&bytes)).map_err(|_| Refused::Unsigned)?;
    let at: i64 = timestamp.parse().map_err(|_| Refused::Stale)?;
    if now.abs_diff(at) <= AGE_MAX.as_secs() { Ok(()) } else { Err(Refused::Stale) }
}
