//! The listener against a small gateway: serenity's real client, over a real socket.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::tests::says;
use super::{DiscordAdapter, DiscordSettings, ListenError};
use crate::app::inbound::{Inbound, Reply};

struct Fake {
    address: String,
    /// The code with which the gateway closes instead of letting the bot in.
    refusal: Option<u16>,
    answers: Mutex<Vec<(String, Value)>>,
    sessions: AtomicUsize,
    closed: AtomicUsize,
}

impl Fake {
    async fn with(refusal: Option<u16>) -> (Arc<Fake>, DiscordAdapter) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let fake = Arc::new(Fake {
            address: address.clone(),
            refusal,
            answers: Mutex::default(),
            sessions: AtomicUsize::new(0),
            closed: AtomicUsize::new(0),
        });
        let app = Router::new().route("/", get(gateway)).fallback(rest).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let settings = DiscordSettings {
            token: "tok".to_owned().into(),
            api_url: format!("http://{address}"),
            application_id: Some("77".into()),
            public_key: None,
        };
        (fake, DiscordAdapter::connect(settings).await.unwrap())
    }

    fn callbacks(&self) -> Vec<(String, Value)> {
        self.answers.lock().unwrap().clone()
    }
}

async fn rest(State(fake): State<Arc<Fake>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    match path.as_str() {
        "/api/v10/gateway" | "/api/v10/gateway/bot" => {
            json!({ "url": format!("ws://{}", fake.address) }).to_string().into_response()
        }
        "/api/v10/users/@me" => json!({ "id": "1", "username": "wardroom" }).to_string().into_response(),
        _ => {
            fake.answers.lock().unwrap().push((path, serde_json::from_slice(&body).unwrap_or_default()));
            axum::http::StatusCode::NO_CONTENT.into_response()
        }
    }
}

async fn gateway(State(fake): State<Arc<Fake>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| session(fake, socket))
}

async fn session(fake: Arc<Fake>, mut socket: WebSocket) {
    let send = |value: Value| Frame::Text(value.to_string().into());
    socket.send(send(json!({ "op": 10, "d": { "heartbeat_interval": 45_000 } }))).await.unwrap();
    while let Some(Ok(frame)) = socket.recv().await {
        let Frame::Text(text) = frame else { continue };
        let payload: Value = serde_json::from_str(&text).unwrap();
        if payload["op"] != 2 {
            continue;
        }
        assert_eq!((&payload["d"]["token"], &payload["d"]["intents"]), (&json!("Bot tok"), &json!(1)));
        fake.sessions.fetch_add(1, Ordering::SeqCst);
        if let Some(code) = fake.refusal {
            let _ = socket.send(Frame::Close(Some(CloseFrame { code, reason: "".into() }))).await;
            break;
        }
        let whole = click("901");
        let mut odd = click("902");
        odd.as_object_mut().unwrap().remove("locale");
        let unknown = json!({ "id": "903", "application_id": "77", "type": 99, "token": "t903" });
        let mut events = vec![("READY", ready())];
        events.extend([whole, odd, unknown].map(|interaction| ("INTERACTION_CREATE", interaction)));
        for (seq, (name, data)) in events.into_iter().enumerate() {
            socket.send(send(json!({ "op": 0, "t": name, "s": seq + 1, "d": data }))).await.unwrap();
        }
    }
    fake.closed.fetch_add(1, Ordering::SeqCst);
}

fn ready() -> Value {
    json!({
        "v": 10, "session_id": "s", "resume_gateway_url": "ws://127.0.0.1:1", "shard": [0, 1],
        "user": { "id": "1", "username": "wardroom", "discriminator": "0", "avatar": null, "bot": true },
        "guilds": [{ "id": "5", "unavailable": true }], "application": { "id": "77", "flags": 0 },
    })
}

fn click(id: &str) -> Value {
    let user = json!({ "id": "42", "username": "ana", "discriminator": "0", "avatar": null });
    json!({
        "id": id, "application_id": "77", "type": 2, "token": format!("t{id}"), "version": 1, "guild_id": "5",
        "channel_id": "6", "locale": "en-GB", "entitlements": [], "attachment_size_limit": 1,
        "member": {
            "user": user, "roles": [], "joined_at": "2024-01-01T00:00:00Z", "deaf": false, "mute": false, "flags": 0,
        },
        "data": { "id": "1", "name": "inc", "type": 1, "options": [{ "name": "list", "type": 1, "options": [] }] },
    })
}

#[tokio::test]
async fn every_interaction_is_answered_and_the_last_one_is_waited_for() {
    let (fake, discord) = Fake::with(None).await;
    let shutdown = CancellationToken::new();
    let handler = |inbound: Inbound| async move {
        sleep(Duration::from_millis(600)).await;
        Ok(Reply::Tell { message: says(&inbound.delivery) })
    };
    let listening = tokio::spawn({
        let (discord, shutdown) = (discord.clone(), shutdown.clone());
        async move { discord.listen(handler, shutdown).await }
    });
    // The one that nobody knows how to handle is answered at once; the others are at work when the end comes.
    let first = async {
        while fake.callbacks().is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), first).await.expect("connected and answered");
    assert_eq!(discord.guilds(), ["5"]);
    shutdown.cancel();
    timeout(Duration::from_secs(10), listening).await.expect("ended in time").unwrap().unwrap();

    let mut answers: Vec<(String, String)> = fake
        .callbacks()
        .into_iter()
        .map(|(path, body)| (path, body["data"]["content"].as_str().unwrap_or_default().to_owned()))
        .collect();
    answers.sort();
    let expected = [
        ("/api/v10/interactions/901/t901/callback", "discord:901"),
        ("/api/v10/interactions/902/t902/callback", "discord:902"),
        (
            "/api/v10/interactions/903/t903/callback",
            "Wardroom does not know this kind of request. Nothing was changed.",
        ),
    ];
    let expected = expected.map(|(path, content)| (path.to_owned(), content.to_owned()));
    assert_eq!(answers, expected);
    assert_eq!(fake.sessions.load(Ordering::SeqCst), 1);
    assert_eq!(fake.closed.load(Ordering::SeqCst), 1, "the session was closed, not dropped");
}

#[tokio::test]
async fn what_will_never_work_ends_the_listener() {
    for (code, by_token) in [(4004, true), (4014, false)] {
        let (fake, discord) = Fake::with(Some(code)).await;
        let handler = |_: Inbound| async { Ok(Reply::Quiet) };
        let ended = timeout(Duration::from_secs(10), discord.listen(handler, CancellationToken::new())).await;
        let error = ended.expect("it ended").unwrap_err();
        assert_eq!(matches!(error, ListenError::Token), by_token, "{error}");
        assert_eq!(fake.sessions.load(Ordering::SeqCst), 1, "no second attempt was made");
    }
}
