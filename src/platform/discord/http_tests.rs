//! Signed interactions as Discord's documentation describes them, built here by hand, against the endpoint on a real port.

use std::future::Future;
use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use tokio_util::task::TaskTracker;

use super::tests::{Fake, says};
use super::{ConnectError, DiscordAdapter, DiscordSettings, not_served};
use crate::app::inbound::{Inbound, Reply};
use crate::clock;

struct Endpoint {
    url: String,
    client: reqwest::Client,
    key: SigningKey,
}

/// The application's own key; in a test it may be any.
fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn public(key: &SigningKey) -> String {
    hex::encode(key.verifying_key().to_bytes())
}

impl Endpoint {
    async fn serve<F, Fut>(discord: &DiscordAdapter, handler: F) -> Endpoint
    where
        F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply, String>> + Send + 'static,
    {
        let routes = discord.routes(handler, TaskTracker::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/discord/interactions", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Endpoint { url, client: reqwest::Client::new(), key: key() }
    }

    /// Signed now, with the right key.
    async fn post(&self, body: &Value) -> (u16, Value) {
        let (body, now) = (body.to_string(), clock::real().timestamp().to_string());
        let (status, text) = self.post_with(&body, Some(self.signature(&now, &body)), Some(now)).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn post_with(&self, body: &str, signature: Option<String>, timestamp: Option<String>) -> (u16, String) {
        let mut request = self.client.post(&self.url).header("Content-Type", "application/json");
        if let Some(signature) = signature {
            request = request.header("X-Signature-Ed25519", signature);
        }
        if let Some(timestamp) = timestamp {
            request = request.header("X-Signature-Timestamp", timestamp);
        }
        let response = request.body(body.to_owned()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    fn signature(&self, timestamp: &str, body: &str) -> String {
        hex::encode(self.key.sign(format!("{timestamp}{body}").as_bytes()).to_bytes())
    }
}

async fn tells(inbound: Inbound) -> Result<Reply, String> {
    Ok(Reply::Tell { message: says(&inbound.delivery) })
}

async fn slow(inbound: Inbound) -> Result<Reply, String> {
    sleep(Duration::from_millis(2_400)).await;
    tells(inbound).await
}

fn interaction(kind: u8, data: &Value) -> Value {
    json!({
        "id": "900", "application_id": "77", "type": kind, "token": "secret", "version": 1, "guild_id": "5",
        "channel_id": "6", "locale": "en-GB", "member": { "user": { "id": "42", "username": "ana" } }, "data": data,
    })
}

fn command() -> Value {
    interaction(2, &json!({ "id": "1", "name": "inc", "type": 1, "options": [] }))
}

#[tokio::test]
async fn a_ping_is_answered_and_an_interaction_in_its_response() {
    let (fake, discord) = Fake::with_key(vec![], Some(public(&key()))).await;
    let endpoint = Endpoint::serve(&discord, tells).await;
    let ping = json!({ "id": "1", "application_id": "77", "type": 1, "token": "t", "version": 1 });
    assert_eq!(endpoint.post(&ping).await, (200, json!({ "type": 1 })));
    let (status, answer) = endpoint.post(&command()).await;
    assert_eq!((status, &answer["type"], &answer["data"]["flags"]), (200, &json!(4), &json!(64)));
    assert_eq!(answer["data"]["content"], "discord:900");
    let quiet = |_: Inbound| async { Ok(Reply::Quiet) };
    let endpoint = Endpoint::serve(&discord, quiet).await;
    let mut click = interaction(3, &json!({ "custom_id": "b1.ack", "component_type": 2 }));
    click["message"] = json!({ "id": "8" });
    assert_eq!(endpoint.post(&click).await, (200, json!({ "type": 6 })));
    assert_eq!(fake.heard(), Vec::<String>::new(), "nothing was sent besides");
}

#[tokio::test]
async fn what_nobody_knows_is_answered_too() {
    let (_, discord) = Fake::with_key(vec![], Some(public(&key()))).await;
    let endpoint = Endpoint::serve(&discord, tells).await;
    let mut nameless = command();
    nameless.as_object_mut().unwrap().remove("token");
    for unknown in [interaction(99, &Value::Null), nameless, json!({ "type": "odd" })] {
        let (status, answer) = endpoint.post(&unknown).await;
        assert_eq!((status, &answer["type"]), (200, &json!(4)), "{unknown}");
        let told = answer["data"]["content"].as_str().unwrap();
        assert_eq!(told, "Wardroom does not know this kind of request. Nothing was changed.");
    }
    let (_, answer) = endpoint.post(&interaction(4, &json!({ "name": "inc" }))).await;
    assert_eq!(answer, json!({ "type": 8, "data": { "choices": [] } }));
}

#[tokio::test]
async fn what_discord_did_not_sign_just_now_is_refused_without_a_reason() {
    let (_, discord) = Fake::with_key(vec![], Some(public(&key()))).await;
    let endpoint = Endpoint::serve(&discord, |_: Inbound| async { panic!("it was let in") }).await;
    let (body, now) = (command().to_string(), clock::real().timestamp());
    let time = |at: i64| Some(at.to_string());
    let signed = |at: i64, body: &str| Some(endpoint.signature(&at.to_string(), body));
    let foreign = hex::encode(SigningKey::from_bytes(&[8; 32]).sign(format!("{now}{body}").as_bytes()).to_bytes());
    let cases = [
        ("nothing", None, None),
        ("no signature", None, time(now)),
        ("no time", signed(now, &body), None),
        ("another key", Some(foreign), time(now)),
        ("another body", signed(now, "{}"), time(now)),
        ("another time", signed(now - 1, &body), time(now)),
        ("too old", signed(now - 303, &body), time(now - 303)),
        ("ahead", signed(now + 303, &body), time(now + 303)),
        ("no number", Some(endpoint.signature("soon", &body)), Some("soon".to_owned())),
        ("no signature at all", Some("zz".repeat(64)), time(now)),
        ("half a signature", Some("ab".repeat(32)), time(now)),
    ];
    for (case, signature, timestamp) in cases {
        let refused = endpoint.post_with(&body, signature, timestamp).await;
        assert_eq!(refused, (401, "The request is not signed.\n".to_owned()), "{case}");
    }
}

#[tokio::test]
async fn a_request_within_five_minutes_is_taken_a_large_or_broken_one_is_not() {
    let (_, discord) = Fake::with_key(vec![], Some(public(&key()))).await;
    let endpoint = Endpoint::serve(&discord, tells).await;
    let body = command().to_string();
    for at in [clock::real().timestamp() - 295, clock::real().timestamp() + 295] {
        let signature = endpoint.signature(&at.to_string(), &body);
        assert_eq!(endpoint.post_with(&body, Some(signature), Some(at.to_string())).await.0, 200);
    }
    let large = json!({ "type": 2, "data": "x".repeat(1 << 20) }).to_string();
    assert_eq!(endpoint.post_with(&large, None, None).await.0, 413, "nobody looks who signed it");
    assert_eq!(endpoint.post(&json!("text")).await.0, 400);
}

#[tokio::test]
async fn a_slow_answer_is_announced_in_the_response_and_follows_when_discord_knows_of_it() {
    let overtaken = (404, json!({ "code": 10015, "message": "Unknown Webhook" }));
    let (fake, discord) = Fake::with_key(vec![overtaken, (200, json!({}))], Some(public(&key()))).await;
    let endpoint = Endpoint::serve(&discord, slow).await;
    let began = Instant::now();
    let (status, answer) = endpoint.post(&command()).await;
    assert_eq!((status, answer), (200, json!({ "type": 5, "data": { "flags": 64 } })));
    assert!(began.elapsed() < Duration::from_millis(2_400), "{:?}", began.elapsed());
    while fake.heard().len() < 2 {
        sleep(Duration::from_millis(10)).await;
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", fake.heard());
    }
    assert_eq!(fake.heard(), ["PATCH /api/v10/webhooks/77/secret/messages/@original"; 2]);
    assert_eq!(fake.body(1)["content"], "discord:900");
}

#[tokio::test]
async fn a_key_that_is_none_or_of_another_application_is_said() {
    async fn connect(public_key: &str, verify_key: &str) -> Result<DiscordAdapter, ConnectError> {
        let me = json!({ "id": "1", "username": "wardroom" });
        let application = json!({ "id": "77", "verify_key": verify_key, "interactions_endpoint_url": null });
        let (_, api_url) = Fake::listen(vec![(200, me), (200, application)]).await;
        let (token, public_key) = ("tok".to_owned().into(), Some(public_key.to_owned()));
        DiscordAdapter::connect(DiscordSettings { token, api_url, application_id: None, public_key }).await
    }
    let good = public(&key());
    assert!(matches!(connect("abc", &good).await, Err(ConnectError::PublicKey)));
    let other = public(&SigningKey::from_bytes(&[8; 32]));
    assert!(matches!(connect(&other, &good).await, Err(ConnectError::ForeignKey)));
    let taken = connect(&good, &good).await.unwrap();
    assert!(taken.obstacle().unwrap().contains("no Interactions Endpoint URL"));
}

#[tokio::test]
async fn without_a_public_key_the_endpoint_says_what_to_set() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/discord/interactions", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, not_served()).await });
    let answer = reqwest::Client::new().post(url).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 404);
    assert_eq!(answer.text().await.unwrap(), "Discord is not served over HTTP here: DISCORD_PUBLIC_KEY is not set.\n");
}
