//! A tiny bot talks to the workspace over a real connection while people type and click.

mod commands;
mod faults;
mod files;
mod forms;
mod messages;
mod reading;
mod requests;
mod web_api;

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::{SlackCast, SlackChannelSeed, SlackCommand, SlackPerson, SlackWorkspace};

const BOT_TOKEN: &str = "xoxb-local";
const APP_TOKEN: &str = "xapp-local";

/// A workspace that listens, with ana, raj and the channels #general and #ops.
struct Local {
    workspace: Arc<SlackWorkspace>,
    base: String,
    http: reqwest::Client,
}

/// The bot's end of one Socket Mode connection.
struct Bot {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

fn cast() -> SlackCast {
    let person = |id: &str, handle: &str, name: &str| SlackPerson {
        id: id.to_owned(),
        handle: handle.to_owned(),
        name: name.to_owned(),
        email: format!("{handle}@example.com"),
    };
    let channel = |id: &str, name: &str| SlackChannelSeed {
        id: id.to_owned(),
        name: name.to_owned(),
        topic: "About it".to_owned(),
    };
    SlackCast {
        team_id: "T1".to_owned(),
        team_name: "Acme Shop".to_owned(),
        bot_user_id: "UBOT".to_owned(),
        bot_token: BOT_TOKEN.to_owned(),
        app_token: APP_TOKEN.to_owned(),
        users: vec![person("UANA", "ana", "Ana Ruiz"), person("URAJ", "raj", "Raj Patel")],
        channels: vec![channel("CGEN", "general"), channel("COPS", "ops")],
        commands: vec![SlackCommand {
            command: "/inc".to_owned(),
            description: "Incidents".to_owned(),
            usage_hint: "declare".to_owned(),
        }],
    }
}

impl Local {
    async fn start() -> Local {
        let now = Arc::new(|| Utc.timestamp_opt(1_700_000_000, 0).unwrap());
        let workspace = SlackWorkspace::new(cast(), now);
        workspace.set_ack_within(Duration::from_millis(300));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/slack", listener.local_addr().unwrap());
        workspace.set_base_url(&base);
        let router = axum::Router::new().nest("/slack", workspace.router());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Local { workspace, base, http: reqwest::Client::new() }
    }

    /// Calls the Web API as the bot.
    async fn call(&self, method: &str, body: Value) -> Value {
        self.response(method, BOT_TOKEN, &body).await.json().await.unwrap()
    }

    async fn response(&self, method: &str, token: &str, body: &Value) -> reqwest::Response {
        let request = self.http.post(format!("{}/api/{method}", self.base)).bearer_auth(token);
        let takes_json = super::reference::method(method).is_none_or(|documented| documented.json);
        let request = if takes_json { request.json(body) } else { request.form(&as_text(body)) };
        request.send().await.unwrap()
    }

    async fn post(&self, channel: &str, body: Value) -> String {
        let mut body = body;
        body["channel"] = json!(channel);
        let answer = self.call("chat.postMessage", body).await;
        assert_eq!(answer["ok"], true, "{answer}");
        answer["ts"].as_str().unwrap().to_owned()
    }

    async fn connect(&self) -> Bot {
        let answer: Value = self.response("apps.connections.open", APP_TOKEN, &json!({})).await.json().await.unwrap();
        let (socket, _) = tokio_tungstenite::connect_async(answer["url"].as_str().unwrap()).await.unwrap();
        let mut bot = Bot { socket };
        assert_eq!(bot.next().await["type"], "hello");
        bot
    }
}

impl Bot {
    /// The next frame that is not a ping.
    async fn next(&mut self) -> Value {
        let wait = Duration::from_secs(5);
        loop {
            let message = tokio::time::timeout(wait, self.socket.next()).await.expect("a frame in time");
            match message.expect("an open connection").expect("a whole frame") {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not expected: {other:?}"),
            }
        }
    }

    async fn ack(&mut self, envelope: &Value, payload: Value) {
        let mut ack = json!({"envelope_id": envelope["envelope_id"]});
        if !payload.is_null() {
            ack["payload"] = payload;
        }
        self.socket.send(Message::text(ack.to_string())).await.unwrap();
    }

    /// Takes the next envelope and acknowledges it.
    async fn answer(&mut self, payload: Value) -> Value {
        let envelope = self.next().await;
        self.ack(&envelope, payload).await;
        envelope
    }
}

/// The fields of a form: what is not text is written as JSON.
fn as_text(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    body.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// A section and a row of one button.
fn card(text: &str, button: &str) -> Value {
    json!([
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "actions", "block_id": "row", "elements": [
            {"type": "button", "action_id": "go", "value": "v1", "text": {"type": "plain_text", "text": button}},
        ]},
    ])
}
