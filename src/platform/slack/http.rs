//! Signed requests: what Socket Mode brings as envelopes, Slack posts to an app that has request URLs.
//!
//! | endpoint | what is posted | what is answered |
//! |---|---|---|
//! | `/slack/commands` | a form | the answer as JSON, or nothing |
//! | `/slack/interactions` | a form whose `payload` is JSON | what becomes of a form, or nothing |
//! | `/slack/events` | JSON | nothing; `url_verification` gets its challenge back |
//!
//! A request becomes an [`Envelope`] and goes the same way as one from a socket.

use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use axum::{Json, Router};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use slack_morphism::SlackSigningSecret;
use slack_morphism::signature_verifier::{SlackEventSignatureVerifier, SlackEventSignatureVerifierError};
use tokio_util::task::TaskTracker;
use url::form_urlencoded;

use super::ack::Ack;
use super::answer::{Desk, answer};
use super::inbound::Envelope;
use crate::app::inbound::{Inbound, Reply};
use crate::platform::request::{self, Refused, header};

const COMMANDS: &str = "/slack/commands";
const INTERACTIONS: &str = "/slack/interactions";
const EVENTS: &str = "/slack/events";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Commands,
    Interactions,
    Events,
}

/// What a request turned out to be.
enum Posted {
    Envelope(Box<Envelope>),
    /// Slack looks whether anybody is there; `Some` is to be sent back.
    Check(Option<String>),
}

/// What every request needs.
struct Door<F> {
    desk: Arc<Desk<F>>,
    verifier: SlackEventSignatureVerifier,
    /// Where answers under way are waited for at the end.
    work: TaskTracker,
}

/// The three endpoints.
pub(super) fn routes<F, Fut>(desk: Desk<F>, secret: &SecretString, work: TaskTracker) -> Router
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    let verifier = verifier(secret);
    let door = Arc::new(Door { desk: Arc::new(desk), verifier, work });
    let on = |endpoint: Endpoint| -> MethodRouter {
        let door = door.clone();
        post(move |headers: HeaderMap, body: Body| async move { door.take(endpoint, &headers, body).await })
    };
    Router::new()
        .route(COMMANDS, on(Endpoint::Commands))
        .route(INTERACTIONS, on(Endpoint::Interactions))
        .route(EVENTS, on(Endpoint::Events))
}

/// The same endpoints where Slack is not served over HTTP.
pub(super) fn not_served() -> Router {
    let sentence = "Slack is not served over HTTP here: SLACK_SIGNING_SECRET is not set.\n";
    request::not_served(&[COMMANDS, INTERACTIONS, EVENTS], sentence)
}

fn verifier(secret: &SecretString) -> SlackEventSignatureVerifier {
    SlackEventSignatureVerifier::new(&SlackSigningSecret(secret.expose_secret().to_owned()))
}

impl<F, Fut> Door<F>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    async fn take(&self, endpoint: Endpoint, headers: &HeaderMap, body: Body) -> Response {
        match self.read(endpoint, headers, body).await {
            Ok(Posted::Envelope(envelope)) => self.answer(*envelope).await,
            Ok(Posted::Check(Some(challenge))) => Json(json!({"challenge": challenge})).into_response(),
            Ok(Posted::Check(None)) => StatusCode::OK.into_response(),
            Err(refused) => refused.response("slack"),
        }
    }

    async fn read(&self, endpoint: Endpoint, headers: &HeaderMap, body: Body) -> Result<Posted, Refused> {
        let body = request::body(headers, body).await?;
        let body = str::from_utf8(&body).map_err(|_| Refused::Unsigned)?;
        // Slack looks now and then whether the certificate is good; its own libraries ask for no signature here. Nothing is
        // asked for and nothing is told. <https://docs.slack.dev/interactivity/implementing-slash-commands>
        if endpoint == Endpoint::Commands && field(body, "ssl_check").is_some_and(|value| value == "1") {
            return Ok(Posted::Check(None));
        }
        verify(&self.verifier, headers, body)?;
        let posted = match endpoint {
            Endpoint::Commands => Posted::Envelope(Box::new(command(body))),
            Endpoint::Interactions => Posted::Envelope(Box::new(interaction(body)?)),
            Endpoint::Events => event(body)?,
        };
        Ok(match posted {
            Posted::Envelope(mut envelope) => {
                envelope.retry_attempt = header(headers, "x-slack-retry-num").and_then(|number| number.parse().ok());
                envelope.retry_reason = header(headers, "x-slack-retry-reason").map(str::to_owned);
                Posted::Envelope(envelope)
            }
            check @ Posted::Check(_) => check,
        })
    }

    async fn answer(&self, envelope: Envelope) -> Response {
        let (ack, acknowledged) = Ack::in_response(&envelope);
        // A task of its own: what was begun is finished, also where Slack hangs up.
        self.work.spawn(answer(self.desk.clone(), envelope, ack));
        match acknowledged.await {
            Ok(Some(payload)) => Json(payload).into_response(),
            Ok(None) => StatusCode::OK.into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

fn verify(verifier: &SlackEventSignatureVerifier, headers: &HeaderMap, body: &str) -> Result<(), Refused> {
    let signature = header(headers, SlackEventSignatureVerifier::SLACK_SIGNED_HASH_HEADER).ok_or(Refused::Unsigned)?;
    let timestamp = header(headers, SlackEventSignatureVerifier::SLACK_SIGNED_TIMESTAMP).ok_or(Refused::Unsigned)?;
    verifier.verify(signature, body, timestamp).map_err(|error| match error {
        SlackEventSignatureVerifierError::IncorrectOrExpiredTimestampError(_) => Refused::Stale,
        SlackEventSignatureVerifierError::CryptoInitError(_)
        | SlackEventSignatureVerifierError::AbsentSignatureError(_)
        | SlackEventSignatureVerifierError::WrongSignatureError(_) => Refused::Unsigned,
    })
}

fn field(form: &str, name: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(form.as_bytes());
    fields.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

fn command(form: &str) -> Envelope {
    let fields = form_urlencoded::parse(form.as_bytes());
    let payload: Map<String, Value> =
        fields.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect();
    envelope("slash_commands", Value::Object(payload), true)
}

fn interaction(form: &str) -> Result<Envelope, Refused> {
    let payload = field(form, "payload").ok_or(Refused::Malformed)?;
    let payload: Value = serde_json::from_str(&payload).map_err(|_| Refused::Malformed)?;
    // Slack reads the body of no other response.
    let is_read = matches!(payload["type"].as_str(), Some("view_submission" | "block_suggestion"));
    Ok(envelope("interactive", payload, is_read))
}

fn event(body: &str) -> Result<Posted, Refused> {
    let payload: Value = serde_json::from_str(body).map_err(|_| Refused::Malformed)?;
    if payload["type"] == "url_verification" {
        let challenge = payload["challenge"].as_str().ok_or(Refused::Malformed)?;
        return Ok(Posted::Check(Some(challenge.to_owned())));
    }
    Ok(Posted::Envelope(Box::new(envelope("events_api", payload, false))))
}

/// Over HTTP an envelope has no id of its own; a repeated event keeps its `event_id`.
fn envelope(kind: &str, payload: Value, accepts_payload: bool) -> Envelope {
    Envelope {
        kind: kind.to_owned(),
        id: payload["event_id"].as_str().map(str::to_owned),
        payload,
        accepts_response_payload: Some(accepts_payload),
        reason: None,
        retry_attempt: None,
        retry_reason: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of <https://docs.slack.dev/authentication/verifying-requests-from-slack>.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
                        &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
                        &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554\
                        %2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    #[test]
    fn the_published_example_is_signed_well_but_too_old() {
        let verifier = verifier(&SecretString::from(SECRET));
        let signed = |signature: &str, body: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-slack-request-timestamp", "1531420618".parse().unwrap());
            headers.insert("x-slack-signature", signature.parse().unwrap());
            verify(&verifier, &headers, body)
        };
        assert_eq!(signed(SIGNATURE, BODY), Err(Refused::Stale), "the signature is looked at first");
        assert_eq!(signed(&SIGNATURE.replace("a2114", "a2115"), BODY), Err(Refused::Unsigned));
        assert_eq!(signed(SIGNATURE, &BODY.replace("text=", "text=x")), Err(Refused::Unsigned));
    }
}
