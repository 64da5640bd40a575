//! Connections that are held on to or given up, and answers of real calls.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::fake::{Fake, Scripted};
use crate::app::inbound::{Inbound, Reply};
use crate::domain::{Account, Place, Platform};
use crate::platform::slack::{SlackError, Timing};
use crate::platform::{MessageRef, Outbound};
use crate::render::Message;

async fn listens(fake: &Fake, timing: Timing) -> JoinHandle<Result<(), SlackError>> {
    let mut adapter = fake.adapter().await;
    adapter.timing = timing;
    let handler = |_: Inbound| async { Ok(Reply::Quiet) };
    tokio::spawn(async move { Box::pin(adapter.listen(handler, CancellationToken::new())).await })
}

fn quick() -> Timing {
    Timing { backoff_min: Duration::from_millis(20), ..Timing::default() }
}

#[tokio::test]
async fn a_peer_that_never_speaks_is_given_up() {
    let fake = Fake::start().await;
    let _bot = listens(&fake, Timing { connect: Duration::from_millis(200), ..quick() }).await;
    let (_one, _other) = (fake.accept_in_silence().await, fake.accept_in_silence().await);
    // Both are tried again, although the first two still stand.
    let (_third, _fourth) = (fake.accept().await, fake.accept().await);
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_replaced() {
    let fake = Fake::start().await;
    let _bot = listens(&fake, Timing { silence: Duration::from_millis(300), ..quick() }).await;
    let (_one, _other) = (fake.accept().await, fake.accept().await);
    let (_third, _fourth) = (fake.accept().await, fake.accept().await);
}

#[tokio::test]
async fn what_no_waiting_mends_ends_the_listener_with_its_reason() {
    for code in ["invalid_auth", "not_authed", "not_allowed_token_type", "account_inactive", "token_revoked"] {
        let fake = Fake::start().await;
        fake.script("apps.connections.open", Scripted::Body(json!({"ok": false, "error": code})));
        let ended = listens(&fake, quick()).await.await.expect("no panic");
        let error = ended.expect_err("it ends");
        assert_eq!(error.to_string(), format!("Slack does not accept the app token: {code}"));
    }
}

#[tokio::test]
async fn what_passes_is_tried_again_after_a_pause() {
    let fake = Fake::start().await;
    for _ in 0..2 {
        fake.script("apps.connections.open", Scripted::Body(json!({"ok": false, "error": "internal_error"})));
        fake.script("apps.connections.open", Scripted::Status(503));
    }
    let _bot = listens(&fake, quick()).await;
    let (_one, _other) = (fake.accept().await, fake.accept().await);
    assert_eq!(fake.calls("apps.connections.open").len(), 6);
}

/// Answers of real calls, their values blanked: what succeeded at Slack must not fail here.
#[tokio::test]
async fn answers_of_real_calls_can_be_read() {
    let Some(corpus) = std::env::var_os("WARDROOM_CORPUS") else { return };
    let folder = Path::new(&corpus).join("slack-java-sdk-json-logs/api");
    let fake = Fake::start().await;
    let outbound = fake.adapter().await.outbound().clone();
    let mut read = 0;
    for entry in std::fs::read_dir(folder).expect("the samples are there") {
        let path = entry.expect("it can be listed").path();
        let method: &'static str = path.file_stem().expect("a name").to_string_lossy().into_owned().leak();
        // A refusal whose `errors` is an object, which the library can't read; nobody is ever put out of a channel.
        if method == "conversations.kick" {
            continue;
        }
        let mut answer: Value = serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("JSON");
        answer["ok"] = json!(true);
        if answer["error"] == "" {
            answer.as_object_mut().expect("an object").remove("error");
        }
        fake.script(method, Scripted::Body(answer.clone()));
        let said = outbound.api.post(method, &json!({})).await;
        assert_eq!(said.expect(method), answer, "{method} is read as it is");
        fake.script(method, Scripted::Body(answer));
        read += 1;
    }
    assert!(read > 50, "{read} answers");
    let place = Place { platform: Platform::Slack, workspace: "T1".into(), channel: "C1".into() };
    let account = Account { platform: Platform::Slack, workspace: "T1".into(), id: "U1".into() };
    let at = MessageRef { place: place.clone(), id: "1.2".into() };
    outbound.pin(&at).await.expect("pinned");
    outbound.set_topic(&place, "topic").await.expect("set");
    outbound.invite(&place, std::slice::from_ref(&account)).await.expect("invited");
    outbound.whisper(&account, &place, &Message::default(), "k").await.expect("whispered");
    outbound.api.open_connection().await.expect("an address");
}
