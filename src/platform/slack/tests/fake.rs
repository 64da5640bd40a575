//! A small Slack: the methods that the adapter calls, and a socket that a test writes to and reads from.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::any;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::platform::slack::{SlackAdapter, SlackSettings};

/// Longer than any step of a test takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// One call that the fake received.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    pub body: Value,
}

#[derive(Default)]
struct World {
    calls: Vec<Call>,
    /// Answers to give once, before the usual one.
    scripted: VecDeque<(String, Scripted)>,
    socket_url: String,
}

pub enum Scripted {
    Body(Value),
    Status(u16),
    RateLimited(u64),
    After(Duration),
}

#[derive(Clone)]
pub struct Fake {
    world: Arc<Mutex<World>>,
    sockets: Arc<AsyncMutex<TcpListener>>,
    base: String,
}

impl Fake {
    pub async fn start() -> Fake {
        let api = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", api.local_addr().expect("an address"));
        let socket_url = format!("ws://{}/link?ticket=secret", sockets.local_addr().expect("an address"));
        let world = Arc::new(Mutex::new(World { socket_url, ..World::default() }));
        let fake = Fake { world, sockets: Arc::new(AsyncMutex::new(sockets)), base };
        let routes = Router::new()
            .route("/api/{method}", any(serve))
            .route("/hooks/{method}", any(serve))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(api, routes).await });
        fake
    }

    pub async fn adapter(&self) -> SlackAdapter {
        let settings = SlackSettings {
            bot_token: "xoxb-secret".into(),
            app_token: Some("xapp-secret".into()),
            signing_secret: Some("signing-secret".into()),
            api_url: format!("{}/api", self.base),
        };
        SlackAdapter::connect(settings).await.expect("the fake says who the bot is")
    }

    pub fn response_url(&self) -> String {
        format!("{}/hooks/response", self.base)
    }

    /// Answers the next call of `method` so, before the usual answers.
    pub fn script(&self, method: &str, scripted: Scripted) {
        self.world.lock().expect("no panic").scripted.push_back((method.to_owned(), scripted));
    }

    pub fn calls(&self, method: &str) -> Vec<Call> {
        let world = self.world.lock().expect("no panic");
        world.calls.iter().filter(|call| call.method == method).cloned().collect()
    }

    /// Waits until `method` was called for the `count`th time.
    pub async fn call(&self, method: &str, count: usize) -> Call {
        let looked = async {
            loop {
                if let Some(call) = self.calls(method).get(count - 1) {
                    return call.clone();
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, looked).await.unwrap_or_else(|_| panic!("no {method}"))
    }

    /// Waits for the bot to connect, and says nothing: not even that this is a websocket.
    pub async fn accept_in_silence(&self) -> TcpStream {
        let accepted = async { self.sockets.lock().await.accept().await.expect("a connection").0 };
        timeout(PATIENCE, accepted).await.expect("the bot connects")
    }

    /// Waits for the bot to connect, and greets it.
    pub async fn accept(&self) -> Socket {
        let accepted = async {
            let (stream, _) = self.sockets.lock().await.accept().await.expect("a connection");
            Socket(accept_async(stream).await.expect("a websocket"))
        };
        let mut socket = timeout(PATIENCE, accepted).await.expect("the bot connects");
        socket.send(&json!({"type": "hello", "num_connections": 1})).await;
        socket
    }
}

/// The fake's end of a connection.
pub struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub async fn send(&mut self, frame: &Value) {
        self.0.send(Frame::text(frame.to_string())).await.expect("an open socket");
    }

    /// Waits for the next acknowledgement; `None` when the bot has closed the connection.
    pub async fn ack(&mut self) -> Option<Value> {
        let read = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Frame::Text(text))) => break Some(serde_json::from_str(&text).expect("JSON")),
                    Some(Ok(Frame::Close(_)) | Err(_)) | None => break None,
                    Some(Ok(_)) => {}
                }
            }
        };
        timeout(PATIENCE, read).await.expect("an acknowledgement")
    }
}

async fn serve(
    State(fake): State<Fake>,
    Path(method): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| json!(query));
    let scripted = {
        let mut world = fake.world.lock().expect("no panic");
        world.calls.push(Call { method: method.clone(), body: body.clone() });
        let at = world.scripted.iter().position(|(name, _)| *name == method);
        at.and_then(|at| world.scripted.remove(at))
    };
    match scripted.map(|(_, scripted)| scripted) {
        Some(Scripted::Body(answer)) => Json(answer).into_response(),
        Some(Scripted::Status(status)) => StatusCode::from_u16(status).expect("a status").into_response(),
        Some(Scripted::RateLimited(secs)) => {
            let answer = Json(json!({"ok": false, "error": "ratelimited"}));
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, secs.to_string())], answer).into_response()
        }
        Some(Scripted::After(delay)) => {
            sleep(delay).await;
            Json(fake.usual(&method, &body)).into_response()
        }
        None => Json(fake.usual(&method, &body)).into_response(),
    }
}

impl Fake {
    fn usual(&self, method: &str, body: &Value) -> Value {
        match method {
            "auth.test" => json!({"ok": true, "team_id": "T1", "user_id": "UBOT"}),
            "apps.connections.open" => {
                json!({"ok": true, "url": self.world.lock().expect("no panic").socket_url})
            }
            "chat.postMessage" => json!({"ok": true, "channel": body["channel"], "ts": "100.1"}),
            "conversations.create" => json!({"ok": true, "channel": {"id": "CNEW"}}),
            "conversations.open" => json!({"ok": true, "channel": {"id": "D1"}}),
            _ => json!({"ok": true}),
        }
    }
}
