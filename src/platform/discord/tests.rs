//! The adapter against a small REST server of its own: what is sent, what is repeated, what is told.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::time::Instant;

use super::*;
use crate::domain::{Account, Place, Platform};
use crate::platform::{MessageRef, NewRoom, Outbound, Sending};
use crate::render::{Block, Inline, Message};

/// A server that answers from a script and remembers what it was asked.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) asked: Mutex<Vec<(String, Value)>>,
    script: Mutex<VecDeque<(u16, Value)>>,
}

impl Fake {
    /// Starts a server and logs the bot in at it.
    pub(super) async fn with(script: Vec<(u16, Value)>) -> (Arc<Fake>, DiscordAdapter) {
        Fake::with_key(script, None).await
    }

    /// The same for an application with a public key.
    pub(super) async fn with_key(script: Vec<(u16, Value)>, public_key: Option<String>) -> (Arc<Fake>, DiscordAdapter) {
        let me = vec![(200, json!({ "id": "1", "username": "wardroom" })), (200, json!({ "id": "77" }))];
        let (fake, api_url) = Fake::listen(me).await;
        let settings = DiscordSettings { token: "tok".to_owned().into(), api_url, application_id: None, public_key };
        let adapter = DiscordAdapter::connect(settings).await.unwrap();
        assert_eq!(fake.heard(), ["GET /api/v10/users/@me", "GET /api/v10/applications/@me"]);
        fake.asked.lock().unwrap().clear();
        fake.then(script);
        (fake, adapter)
    }

    /// Starts a server, and says where.
    pub(super) async fn listen(script: Vec<(u16, Value)>) -> (Arc<Fake>, String) {
        let fake = Arc::new(Fake::default());
        fake.then(script);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(asked).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (fake, url)
    }

    pub(super) fn then(&self, script: Vec<(u16, Value)>) {
        self.script.lock().unwrap().extend(script);
    }

    pub(super) fn heard(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(what, _)| what.clone()).collect()
    }

    pub(super) fn body(&self, position: usize) -> Value {
        self.asked.lock().unwrap()[position].1.clone()
    }
}

/// Bodies of the script may hold `"#after"`, the Retry-After of a 429.
async fn asked(State(fake): State<Arc<Fake>>, request: Request) -> Response {
    assert_eq!(request.headers()["authorization"], "Bot tok");
    let what = format!("{} {}", request.method(), request.uri().path_and_query().unwrap());
    let body: Bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    fake.asked.lock().unwrap().push((what, serde_json::from_slice(&body).unwrap_or_default()));
    let (status, answer) = fake.script.lock().unwrap().pop_front().unwrap_or((404, json!({ "code": 0 })));
    let mut response = (StatusCode::from_u16(status).unwrap(), answer.to_string()).into_response();
    response.headers_mut().insert("date", NOW.parse().unwrap());
    for (name, header) in [("#after", "retry-after"), ("#scope", "x-ratelimit-scope")] {
        if let Some(value) = answer[name].as_str() {
            response.headers_mut().insert(header, value.parse().unwrap());
        }
    }
    response
}

fn room() -> Place {
    Place { platform: Platform::Discord, workspace: "5".into(), channel: "6".into() }
}

pub(super) fn says(text: &str) -> Message {
    Message { blocks: vec![Block::Paragraph { text: vec![Inline::Plain { text: text.into() }] }], ..Message::default() }
}

/// The moment of the fake's answers, and the same in milliseconds.
const NOW: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const NOW_MS: i64 = 1_700_000_000_000;

/// The id of a message that was sent this long ago.
fn sent_ago(secs: i64) -> String {
    ((NOW_MS - secs * 1000 - 1_420_070_400_000) << 22).to_string()
}

#[tokio::test]
async fn a_message_is_posted_once_whatever_happens_on_the_way() {
    let (fake, discord) = Fake::with(vec![(502, json!({})), (200, json!({ "id": "9" }))]).await;
    let posted = discord.outbound().post(&room(), &says("hi"), &Sending::new("k1", false)).await.unwrap();
    assert_eq!(posted, MessageRef { place: room(), id: "9".into() });
    assert_eq!(fake.heard(), ["POST /api/v10/channels/6/messages"; 2]);
    let expected = json!({
        "content": "hi", "allowed_mentions": { "parse": [], "users": [] }, "nonce": "k1", "enforce_nonce": true,
    });
    assert_eq!((fake.body(0), fake.body(1)), (expected.clone(), expected));
}

#[tokio::test]
async fn a_repeated_post_finds_what_the_first_one_left() {
    let message = |id: &str, content: &str, nonce: Value| json!({ "id": id, "author": { "id": "1" }, "content": content, "nonce": nonce });
    let (young, old) = (sent_ago(60), sent_ago(2 * 60 * 60));
    let mut another = message(&young, "hi", json!("k1"));
    another["author"]["id"] = json!("2");
    let cases = [
        (json!([another, message("8", "other", json!("k1"))]), Some("8")),
        (json!([message(&young, "hi", json!("k0"))]), None),
        (json!([message(&young, "hi ", Value::Null)]), Some(young.as_str())),
        (json!([message(&old, "hi", Value::Null)]), None),
    ];
    for (list, found) in cases {
        let (fake, discord) = Fake::with(vec![(200, list.clone()), (200, json!({ "id": "99" }))]).await;
        let posted = discord.outbound().post(&room(), &says("hi"), &Sending::new("k1", true)).await.unwrap();
        assert_eq!(posted.id, found.unwrap_or("99"), "{list}");
        assert_eq!(fake.heard()[0], "GET /api/v10/channels/6/messages?limit=50");
        assert_eq!(fake.heard().len(), if found.is_some() { 1 } else { 2 });
    }
}

#[tokio::test]
async fn limits_are_waited_for_when_short_and_told_when_long() {
    let short = json!({ "#after": "0.3", "global": false });
    let (fake, discord) = Fake::with(vec![(429, short), (200, json!({}))]).await;
    let at = MessageRef { place: room(), id: "9".into() };
    let start = Instant::now();
    discord.outbound().pin(&at).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(fake.heard(), ["PUT /api/v10/channels/6/pins/9"; 2]);

    fake.then(vec![(429, json!({ "retry_after": 30.2, "code": 0 }))]);
    let error = discord.outbound().edit(&at, &says("x")).await.unwrap_err();
    assert!(matches!(error, SendError::RateLimited { after_secs: 31, .. }), "{error}");
    let error = discord.outbound().edit(&at, &says("x")).await.unwrap_err();
    assert!(matches!(error, SendError::RateLimited { .. }), "{error}");
    assert_eq!(fake.heard().len(), 3, "the second edit was not even sent");
    assert_eq!(discord.invalid_requests(), 2);
}

#[tokio::test]
async fn a_limit_of_many_is_no_fault_of_ours_and_a_global_one_stops_all() {
    let shared = json!({ "#after": "0.05", "#scope": "shared" });
    let (fake, discord) = Fake::with(vec![(429, shared), (200, json!({}))]).await;
    let at = MessageRef { place: room(), id: "9".into() };
    discord.outbound().pin(&at).await.unwrap();
    assert_eq!(discord.invalid_requests(), 0, "Discord does not count it");
    fake.then(vec![(429, json!({ "#after": "30", "#scope": "global" }))]);
    discord.outbound().pin(&at).await.unwrap_err();
    assert_eq!(discord.invalid_requests(), 1);
    let elsewhere = MessageRef { place: Place { channel: "7".into(), ..room() }, id: "9".into() };
    let error = discord.outbound().edit(&elsewhere, &says("x")).await.unwrap_err();
    assert!(matches!(error, SendError::RateLimited { .. }), "{error}");
    assert_eq!(fake.heard().len(), 3, "nothing else was even sent");
}

#[tokio::test]
async fn refusals_carry_discords_code_and_losses_are_unclear() {
    let (fake, discord) = Fake::with(vec![
        (403, json!({ "code": 50013, "message": "Missing Permissions" })),
        (401, json!({ "code": 0, "message": "401: Unauthorized" })),
        (500, json!({})),
        (500, json!({})),
        (200, json!([])),
        (503, json!({})),
    ])
    .await;
    let (outbound, at) = (discord.outbound(), MessageRef { place: room(), id: "9".into() });
    for expected in ["50013", "401"] {
        let Err(SendError::Refused { code, call, .. }) = outbound.edit(&at, &says("x")).await else {
            panic!("refused")
        };
        assert_eq!((code.as_str(), call), (expected, "edit message"));
    }
    assert!(matches!(outbound.edit(&at, &says("x")).await, Err(SendError::Unclear { .. })));
    let room = NewRoom { workspace: "5".into(), name: "inc-7".into(), mark: "INC-7".into(), topic: "INC-7".into() };
    assert!(matches!(outbound.open_room(&room).await, Err(SendError::Unclear { .. })));
    assert_eq!(fake.heard().len(), 6, "a POST without a nonce is not repeated");
    let nowhere = MessageRef { id: "../users/@me".into(), ..at };
    assert!(matches!(outbound.pin(&nowhere).await, Err(SendError::Refused { .. })));
    assert_eq!(fake.heard().len(), 6, "what is no id is not sent");
}

#[tokio::test]
async fn a_room_is_found_by_its_mark_or_opened() {
    let channel = |id: &str, name: &str, topic: Value| json!({ "id": id, "name": name, "type": 0, "topic": topic });
    let list = json!([
        channel("1", "inc-7-checkout", Value::Null),
        channel("2", "inc-7-checkout", json!("INC-70: not this one")),
        channel("3", "inc-7-other", json!("INC-7: renamed")),
    ]);
    let mut with_ours = list.clone();
    with_ours.as_array_mut().unwrap().push(channel("4", "inc-7-checkout", json!("INC-7: Checkout down")));
    let (fake, discord) = Fake::with(vec![(200, with_ours), (200, list), (201, json!({ "id": "8" }))]).await;
    let room = NewRoom {
        workspace: "5".into(),
        name: "inc-7-checkout".into(),
        mark: "INC-7".into(),
        topic: "INC-7: Checkout down".into(),
    };
    assert_eq!(discord.outbound().open_room(&room).await.unwrap().channel, "4");
    assert_eq!(discord.outbound().open_room(&room).await.unwrap().channel, "8");
    assert_eq!(fake.body(2), json!({ "name": "inc-7-checkout", "type": 0, "topic": "INC-7: Checkout down" }));
}

#[tokio::test]
async fn a_whisper_is_a_direct_message() {
    let (fake, discord) = Fake::with(vec![(200, json!({ "id": "66" })), (200, json!({ "id": "9" }))]).await;
    let ana = Account { platform: Platform::Discord, workspace: "5".into(), id: "42".into() };
    let key = "slack:T0HARBOUR:a-delivery-whose-name-is-long";
    discord.outbound().whisper(&ana, &room(), &says("psst"), key).await.unwrap();
    assert_eq!(fake.heard(), ["POST /api/v10/users/@me/channels", "POST /api/v10/channels/66/messages"]);
    assert_eq!(fake.body(0), json!({ "recipient_id": "42" }));
    let said = fake.body(1);
    assert_eq!(said["enforce_nonce"], true, "sent twice, it is said once");
    assert_eq!(said["nonce"].as_str().map(str::len), Some(25));
}

#[tokio::test]
async fn commands_are_registered_only_when_changed() {
    let verb = VerbSpec { group: None, name: "list".into(), description: "Lists".into(), options: vec![] };
    let specs = [CommandSpec { name: "inc".into(), description: "Incidents".into(), verbs: vec![verb] }];
    let (fake, discord) = Fake::with(vec![(200, json!([])), (200, json!([]))]).await;
    let scope = Scope::Guild("5".into());
    assert!(discord.register(&scope, &specs).await.unwrap());
    fake.then(vec![(200, fake.body(1))]);
    assert!(!discord.register(&scope, &specs).await.unwrap());
    let path = "/api/v10/applications/77/guilds/5/commands";
    assert_eq!(fake.heard(), [format!("GET {path}"), format!("PUT {path}"), format!("GET {path}")]);
}

#[tokio::test]
async fn the_token_goes_nowhere_insecure() {
    for (address, refused) in [("http://discord.example", true), ("ftp://127.0.0.1", true), ("nonsense", true)] {
        assert_eq!(Rest::new(address, &"tok".to_owned().into()).is_err(), refused, "{address}");
    }
    let rest = Rest::new("https://discord.com/", &"tok".to_owned().into()).unwrap();
    assert_eq!((rest.base_url(), format!("{rest:?}").contains("tok")), (API_URL, false));
}
