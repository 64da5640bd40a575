//! Request URLs: what an app without Socket Mode is sent, as signed requests.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::{sleep, timeout};
use url::form_urlencoded;

use super::SlackWorkspace;
use super::socket::{Answer, Envelope};
use super::state::random_hex;
use crate::clock;

/// Slack repeats an event that was not taken almost at once, after a minute, and after five.
const RETRY_AFTER: [Duration; 3] = [Duration::ZERO, Duration::from_mins(1), Duration::from_mins(5)];
/// Slack follows an app no further than this.
const REDIRECTS_MAX: usize = 2;
/// No answer is larger.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// The addresses in an app's settings at Slack. They may be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestUrls {
    pub commands: String,
    pub interactivity: String,
    pub events: String,
}

impl RequestUrls {
    /// Those of a Wardroom that is reached under `base`, such as `http://127.0.0.1:8081`.
    pub fn of_wardroom(base: &str) -> RequestUrls {
        let under = |name: &str| format!("{}/slack/{name}", base.trim_end_matches('/'));
        RequestUrls { commands: under("commands"), interactivity: under("interactions"), events: under("events") }
    }
}

/// What sends requests.
#[derive(Debug, Clone)]
pub(super) struct Requests {
    client: reqwest::Client,
    signing_secret: String,
    pub(super) urls: Option<RequestUrls>,
    pub(super) retry_after: [Duration; 3],
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    TimedOut,
    NotConnected,
    /// `no_retry`: the app asks not to be sent it again.
    Status {
        no_retry: bool,
    },
}

impl Failure {
    /// As `X-Slack-Retry-Reason` says it.
    fn reason(&self) -> &'static str {
        match self {
            Failure::TimedOut => "http_timeout",
            Failure::NotConnected => "connection_failed",
            Failure::Status { .. } => "http_error",
        }
    }
}

impl Default for Requests {
    fn default() -> Requests {
        // A connection for each request: a kept one may have died with the bot at its other end.
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
        let client = client.redirect(redirect::Policy::limited(REDIRECTS_MAX)).build();
        Requests {
            client: client.expect("a client without certificates of its own"),
            signing_secret: random_hex(),
            urls: None,
            retry_after: RETRY_AFTER,
        }
    }
}

impl Requests {
    /// Posts an envelope and gives what the app answered.
    pub(super) async fn send(
        &self,
        urls: &RequestUrls,
        envelope: &Envelope,
        retry: Option<(usize, &str)>,
        patience: Duration,
    ) -> Result<Option<Value>, Failure> {
        let (url, content_type, body) = match envelope.kind {
            "slash_commands" => (&urls.commands, FORM, form(&envelope.payload)),
            "events_api" => (&urls.events, JSON, envelope.payload.to_string()),
            _ => (&urls.interactivity, FORM, form(&json!({"payload": envelope.payload.to_string()}))),
        };
        let exchange = self.exchange(url, content_type, body, retry);
        timeout(patience, exchange).await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(
        &self,
        url: &str,
        content_type: &str,
        body: String,
        retry: Option<(usize, &str)>,
    ) -> Result<Option<Value>, Failure> {
        let timestamp = clock::real().timestamp().to_string();
        let mut request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, content_type)
            .header("x-slack-signature", sign(&self.signing_secret, &timestamp, &body))
            .header("x-slack-request-timestamp", timestamp);
        if let Some((number, reason)) = retry {
            request = request.header("x-slack-retry-num", number).header("x-slack-retry-reason", reason);
        }
        let response = request.body(body).send().await.map_err(|_| Failure::NotConnected)?;
        if !response.status().is_success() {
            let no_retry = response.headers().get("x-slack-no-retry").is_some_and(|value| value == "1");
            return Err(Failure::Status { no_retry });
        }
        let body = response.bytes().await.map_err(|_| Failure::NotConnected)?;
        Ok(payload(body.get(..ANSWER_BYTES_MAX).unwrap_or(&body)))
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// `v0=`, then HMAC-SHA256 over `v0:timestamp:body`:
/// <https://docs.slack.dev/authentication/verifying-requests-from-slack>.
fn sign(secret: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key may have any length");
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

fn form(fields: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.as_object().into_iter().flatten() {
        form.append_pair(name, value.as_str().unwrap_or_default());
    }
    form.finish()
}

/// An empty answer says nothing; one that is no JSON is a text.
fn payload(body: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(body);
    if text.trim().is_empty() {
        return None;
    }
    let read = serde_json::from_str(&text).ok().filter(Value::is_object);
    Some(read.unwrap_or_else(|| json!({"text": text})))
}

impl SlackWorkspace {
    /// The secret with which requests are signed.
    pub fn signing_secret(&self) -> String {
        self.requests().signing_secret
    }

    /// Sends what people do to these addresses from now on, and nothing over sockets any more, as an app's settings do
    /// when Socket Mode is off. The address for events is first asked to send a challenge back.
    pub async fn set_request_urls(&self, urls: RequestUrls) -> Result<(), String> {
        let challenge = random_hex();
        let payload = json!({"token": super::VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"});
        let requests = self.requests();
        let asked = requests.exchange(&urls.events, JSON, payload.to_string(), None);
        let answer = timeout(self.ack_within(), asked).await.unwrap_or(Err(Failure::TimedOut));
        let told = answer.map_err(|failure| {
            format!("your URL didn't respond to the challenge ({}): {}", failure.reason(), urls.events)
        })?;
        // As JSON, or as the bare text.
        let told = told.unwrap_or_default();
        if told["challenge"] != challenge.as_str() && told["text"] != challenge.as_str() {
            return Err(format!("your URL didn't send the challenge back: {}", urls.events));
        }
        self.settings().requests.urls = Some(urls);
        Ok(())
    }

    /// Sets how long an event that was not taken waits to be repeated; Slack's own pauses until then.
    pub fn set_retry_pauses(&self, pauses: [Duration; 3]) {
        self.settings().requests.retry_after = pauses;
    }

    pub(super) fn requests(&self) -> Requests {
        self.settings().requests.clone()
    }

    /// Posts a command or interaction, and carries out what the response says.
    pub(super) async fn post(&self, urls: &RequestUrls, envelope: Envelope, repeated: bool) -> Answer {
        let requests = self.requests();
        let patience = self.ack_within();
        let retry = repeated.then_some((1, "http_timeout"));
        match requests.send(urls, &envelope, retry, patience).await {
            Ok(payload) => {
                Answer::Acknowledged(self.with(|state| self.acknowledged(state, envelope, payload.as_ref())))
            }
            Err(Failure::TimedOut) => Answer::TimedOut,
            Err(Failure::NotConnected | Failure::Status { .. }) => Answer::Refused,
        }
    }

    /// Posts an event or what nobody waits for. Returns after the first attempt; events are repeated in the background.
    pub(super) async fn post_event(&self, urls: RequestUrls, envelope: Envelope) -> Answer {
        let requests = self.requests();
        let patience = self.ack_within();
        let Err(failure) = requests.send(&urls, &envelope, None, patience).await else {
            return Answer::Acknowledged(Ok(()));
        };
        let answer = if matches!(failure, Failure::TimedOut) { Answer::TimedOut } else { Answer::Refused };
        tokio::spawn(async move {
            let mut failure = failure;
            for (attempt, pause) in requests.retry_after.into_iter().enumerate() {
                if matches!(failure, Failure::Status { no_retry: true }) {
                    return;
                }
                sleep(pause).await;
                match requests.send(&urls, &envelope, Some((attempt + 1, failure.reason())), patience).await {
                    Ok(_) => return,
                    Err(again) => failure = again,
                }
            }
        });
        answer
    }
}
