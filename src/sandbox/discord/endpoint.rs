//! The interactions endpoint URL: where an application has one, interactions are posted there and answered in the response.

use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::DiscordServer;
use crate::clock;

/// Under this route answers are recorded, whichever way they come.
const CALLBACK: &str = "POST /interactions/{id}/{token}/callback";

/// What posts interactions.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    client: reqwest::Client,
    key: SigningKey,
    pub(super) url: Option<String>,
}

/// An interaction on its way to an endpoint.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) url: String,
    pub(super) payload: Value,
}

impl Default for Endpoint {
    fn default() -> Endpoint {
        // A connection for each request: a kept one may have died with the bot at its other end.
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
        let client = client.redirect(reqwest::redirect::Policy::none()).build();
        Endpoint {
            client: client.expect("a client without certificates of its own"),
            key: SigningKey::from_bytes(&rand::random()),
            url: None,
        }
    }
}

impl Endpoint {
    /// What the portal shows as the application's public key.
    pub(super) fn public_key(&self) -> String {
        hex::encode(self.key.verifying_key().as_bytes())
    }

    /// Posts a payload, signed over timestamp and body. A `forged` one carries a signature of other words.
    async fn exchange(&self, url: &str, payload: &Value, forged: bool) -> Option<(StatusCode, Value)> {
        let (timestamp, body) = (clock::real().timestamp().to_string(), payload.to_string());
        let words = if forged { "other words".to_owned() } else { format!("{timestamp}{body}") };
        let signature = self.key.sign(words.as_bytes());
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("user-agent", "Discord-Interactions/1.0 (+https://discord.com)")
            .header("x-signature-ed25519", hex::encode(signature.to_bytes()))
            .header("x-signature-timestamp", timestamp)
            .body(body);
        let response = request.send().await.ok()?;
        let status = response.status();
        let body = response.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// Whether an endpoint answers a ping and refuses a forged one.
    async fn is_sound(&self, url: &str, application: &str) -> bool {
        let ping = json!({
            "id": "1", "application_id": application, "type": 1, "token": "ping", "version": 1, "entitlements": [],
        });
        let forged = self.exchange(url, &ping, true).await;
        let honest = self.exchange(url, &ping, false).await;
        forged.is_some_and(|(status, _)| status == StatusCode::UNAUTHORIZED)
            && honest.is_some_and(|(status, body)| status == StatusCode::OK && body["type"] == 1)
    }
}

impl DiscordServer {
    /// The key with which interactions are signed, as the portal shows it.
    pub fn public_key(&self) -> String {
        self.world().endpoint.public_key()
    }

    /// Posts interactions to this address from now on, and none over the gateway any more. As Discord does, it is first
    /// sent a ping, and one with a wrong signature: an endpoint that would take that is not taken.
    pub async fn set_interactions_endpoint(&self, url: &str) -> Result<(), String> {
        let (endpoint, application, within) = {
            let world = self.world();
            (world.endpoint.clone(), world.cast.application_id.clone(), world.respond_within)
        };
        // Two requests, each with its own time.
        let sound = timeout(within * 2, endpoint.is_sound(url, &application)).await;
        if sound != Ok(true) {
            return Err("the specified interactions endpoint url could not be verified".to_owned());
        }
        self.world().endpoint.url = Some(url.to_owned());
        Ok(())
    }

    /// Posts an interaction and takes the response for its answer. Without one that can be used, it is given up.
    pub(super) async fn post(&self, token: &str, post: Post, within: Duration) {
        let endpoint = self.world().endpoint.clone();
        let exchange = timeout(within, endpoint.exchange(&post.url, &post.payload, false)).await;
        let id = post.payload["id"].as_str().unwrap_or_default();
        let mut world = self.world();
        let is_usable = match exchange {
            Ok(Some((StatusCode::OK, answer))) => {
                world.faults.record(CALLBACK.to_owned(), answer.clone());
                world.callback(id, token, &answer, false).is_ok()
            }
            // The answer comes by a callback, as it does over the gateway.
            Ok(Some((StatusCode::ACCEPTED | StatusCode::NO_CONTENT, _))) => true,
            Ok(Some(_) | None) | Err(_) => false,
        };
        if !is_usable {
            world.expire(token);
        }
    }
}
