//! Interactions posted to an endpoint, and the answers in its responses.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use ed25519_dalek::{Signature, VerifyingKey};

use super::*;

/// An application's endpoint: it checks signatures, and answers from a script.
#[derive(Default)]
struct Endpoint {
    key: Mutex<Option<VerifyingKey>>,
    script: Mutex<VecDeque<(u16, Value)>>,
    got: Mutex<Vec<Value>>,
}

impl Endpoint {
    async fn start(lab: &Lab) -> (Arc<Endpoint>, String) {
        let endpoint = Arc::new(Endpoint::default());
        let mut key = [0; 32];
        hex::decode_to_slice(lab.server.public_key(), &mut key).unwrap();
        *endpoint.key.lock().unwrap() = Some(VerifyingKey::from_bytes(&key).unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/interactions", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(take).with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (endpoint, url)
    }

    fn then(&self, status: u16, body: Value) {
        self.script.lock().unwrap().push_back((status, body));
    }
}

async fn take(State(endpoint): State<Arc<Endpoint>>, headers: HeaderMap, body: Bytes) -> Response {
    let key = *endpoint.key.lock().unwrap();
    if let Some(key) = key {
        let mut signature = [0; 64];
        hex::decode_to_slice(&headers["x-signature-ed25519"], &mut signature).unwrap();
        let signed = [headers["x-signature-timestamp"].as_bytes(), &body].concat();
        if key.verify_strict(&signed, &Signature::from_bytes(&signature)).is_err() {
            return StatusCode::UNAUTHORIZED.into_response();
        }
    }
    let got: Value = serde_json::from_slice(&body).unwrap();
    if got["type"] == 1 {
        return json!({ "type": 1 }).to_string().into_response();
    }
    endpoint.got.lock().unwrap().push(got);
    let (status, answer) = endpoint.script.lock().unwrap().pop_front().unwrap_or((500, Value::Null));
    if status == 0 {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let status = StatusCode::from_u16(status.max(200)).unwrap();
    if answer.is_null() { status.into_response() } else { (status, answer.to_string()).into_response() }
}

#[tokio::test]
async fn an_endpoint_is_taken_only_where_it_refuses_what_is_forged() {
    let lab = Lab::start().await;
    let (endpoint, url) = Endpoint::start(&lab).await;
    *endpoint.key.lock().unwrap() = None;
    let refused = lab.server.set_interactions_endpoint(&url).await.unwrap_err();
    assert_eq!(refused, "the specified interactions endpoint url could not be verified");
    assert!(lab.server.set_interactions_endpoint("http://127.0.0.1:1/").await.is_err());
    let application = lab.ok("GET", "/applications/@me", Value::Null).await;
    assert_eq!(application["interactions_endpoint_url"], Value::Null);
    let (_, url) = Endpoint::start(&lab).await;
    lab.server.set_interactions_endpoint(&url).await.unwrap();
    let application = lab.ok("GET", "/applications/@me", Value::Null).await;
    assert_eq!(application["interactions_endpoint_url"], url);
    assert_eq!(application["verify_key"], lab.server.public_key());
}

#[tokio::test]
async fn the_response_is_the_answer_of_every_type() {
    let lab = Lab::start().await;
    lab.register().await;
    let (endpoint, url) = Endpoint::start(&lab).await;
    lab.server.set_interactions_endpoint(&url).await.unwrap();
    endpoint.then(200, json!({ "type": 4, "data": { "content": "told", "flags": 64 } }));
    lab.server.say("ana", "ops", "/inc form").await.unwrap();
    assert_eq!(lab.server.private("ana"), "wardroom: told\n");
    endpoint.then(200, json!({ "type": 5, "data": { "flags": 64 } }));
    lab.server.say("ana", "ops", "/inc slow").await.unwrap();
    assert_eq!(lab.server.last_private("ana").unwrap().trim(), "wardroom: (thinking…)");
    let token = endpoint.got.lock().unwrap()[1]["token"].as_str().unwrap().to_owned();
    let original = format!("/webhooks/{APPLICATION}/{token}/messages/@original");
    lab.ok("PATCH", &original, json!({ "content": "thought" })).await;
    assert!(lab.server.last_private("ana").unwrap().starts_with("wardroom: thought"));

    let button = json!([{ "type": 1, "components": [{ "type": 2, "style": 1, "label": "Go", "custom_id": "go" }] }]);
    let body = json!({ "content": "card", "components": button });
    let card = lab.ok("POST", &format!("/channels/{OPS}/messages"), body).await;
    let card = card["id"].as_str().unwrap();
    endpoint.then(200, json!({ "type": 7, "data": { "content": "clicked" } }));
    lab.server.press("raj", "ops", card, "go").await.unwrap();
    assert!(lab.server.transcript("ops").contains("wardroom: clicked (edited)"), "{}", lab.server.transcript("ops"));
    endpoint.then(200, json!({ "type": 6 }));
    lab.server.press("raj", "ops", card, "go").await.unwrap();
    let input = json!({ "type": 4, "custom_id": "a", "style": 1, "label": "A" });
    let rows = json!([{ "type": 1, "components": [input] }]);
    endpoint.then(200, json!({ "type": 9, "data": { "custom_id": "f", "title": "Form", "components": rows } }));
    lab.server.press("raj", "ops", card, "go").await.unwrap();
    assert_eq!(lab.server.modal("raj").unwrap()["title"], "Form");
    assert_eq!(lab.server.private("raj"), "", "every click was answered");
    // No answer yet: it comes by a callback.
    endpoint.then(202, Value::Null);
    let (said, ()) = tokio::join!(lab.server.say("ana", "ops", "/inc form"), async {
        while endpoint.got.lock().unwrap().len() < 6 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let got = endpoint.got.lock().unwrap()[5].clone();
        let path = format!("/interactions/{}/{}/callback", got["id"].as_str().unwrap(), got["token"].as_str().unwrap());
        lab.ok("POST", &path, json!({ "type": 4, "data": { "content": "called back", "flags": 64 } })).await;
    });
    said.unwrap();
    assert_eq!(lab.server.last_private("ana").unwrap().trim(), "wardroom: called back");
}

#[tokio::test]
async fn without_a_usable_response_the_application_did_not_respond() {
    let lab = Lab::start().await;
    lab.register().await;
    let (endpoint, url) = Endpoint::start(&lab).await;
    lab.server.set_interactions_endpoint(&url).await.unwrap();
    lab.server.set_patience(Duration::from_millis(200));
    // Late, an error, no answer for a command, too long.
    endpoint.then(0, json!({ "type": 4, "data": { "content": "late" } }));
    endpoint.then(500, Value::Null);
    endpoint.then(200, json!({ "type": 6 }));
    endpoint.then(200, json!({ "type": 4, "data": { "content": "x".repeat(2_001) } }));
    for _ in 0..4 {
        lab.server.say("ana", "ops", "/inc form").await.unwrap();
    }
    assert_eq!(lab.server.private("ana"), "wardroom: The application did not respond\n".repeat(4));
}
