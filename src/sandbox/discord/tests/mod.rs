//! The server over a real TCP listener: with serenity's own gateway client, and with plain requests.

mod answers;
mod bot;
mod composing;
mod endpoint;
mod files;
mod rest;
mod wire;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{DiscordCast, DiscordChannelSeed, DiscordPerson, DiscordServer};

const GUILD: &str = "1100000000000000001";
const APPLICATION: &str = "1100000000000000002";
const BOT: &str = "1100000000000000003";
const ANA: &str = "1100000000000000011";
const RAJ: &str = "1100000000000000012";
const OPS: &str = "1100000000000000101";
const TOKEN: &str = "sandbox.token";

/// A server that listens, and a client for its REST side.
struct Lab {
    server: Arc<DiscordServer>,
    /// Where it listens, with the `/discord` at its end.
    base: String,
    client: reqwest::Client,
}

impl Lab {
    async fn start() -> Lab {
        // A second installation in the same process is refused, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let at: DateTime<Utc> = "2026-11-24T15:00:00Z".parse().unwrap();
        let server = DiscordServer::new(cast(), Arc::new(move || at));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/discord", listener.local_addr().unwrap());
        server.set_base_url(&base);
        let app = axum::Router::new().nest("/discord", server.router());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Lab { server, base, client: reqwest::Client::new() }
    }

    /// One request with the bot's token: status and body.
    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{}/api/v10{path}", self.base));
        request = request.header("Authorization", format!("Bot {TOKEN}"));
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// A request that is expected to succeed.
    async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, body) = self.call(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {body}");
        body
    }

    /// A request that is expected to be refused: status and code.
    async fn refused(&self, method: &str, path: &str, body: Value) -> (u16, i64) {
        let (status, body) = self.call(method, path, body).await;
        assert!(body["message"].is_string(), "{body}");
        (status, body["code"].as_i64().unwrap())
    }

    async fn send(&self, content: &str) -> String {
        let message = self.ok("POST", &format!("/channels/{OPS}/messages"), json!({ "content": content })).await;
        message["id"].as_str().unwrap().to_owned()
    }

    async fn register(&self) {
        let path = format!("/applications/{APPLICATION}/guilds/{GUILD}/commands");
        self.ok("PUT", &path, json!([inc()])).await;
    }
}

fn cast() -> DiscordCast {
    let person = |id: &str, username: &str, name: &str| DiscordPerson {
        id: id.into(),
        username: username.into(),
        name: name.into(),
    };
    let channel =
        |id: &str, name: &str| DiscordChannelSeed { id: id.into(), name: name.into(), topic: "what runs".into() };
    DiscordCast {
        guild_id: GUILD.into(),
        guild_name: "Acme".into(),
        application_id: APPLICATION.into(),
        bot_user_id: BOT.into(),
        bot_token: TOKEN.into(),
        users: vec![
            person("1100000000000000010", "olga", "Olga Owner"),
            person(ANA, "ana", "Ana Lima"),
            person(RAJ, "raj", "Raj Patel"),
        ],
        channels: vec![channel(OPS, "ops"), channel("1100000000000000102", "random")],
    }
}

/// A command with a subcommand, a group, and an option of every kind that people fill in.
fn inc() -> Value {
    let option = |kind: u64, name: &str, required: bool| json!({ "type": kind, "name": name, "description": "about it", "required": required });
    let mut severity = option(3, "severity", false);
    severity["choices"] = json!([{ "name": "SEV 1", "value": "sev1" }, { "name": "SEV 2", "value": "sev2" }]);
    json!({
        "name": "inc", "description": "Incidents", "default_member_permissions": "32",
        "options": [
            { "type": 1, "name": "declare", "description": "Declare an incident", "options": [
                option(3, "title", true), severity, option(3, "service", false), option(7, "room", false) ] },
            { "type": 1, "name": "lead", "description": "Name the commander", "options": [option(6, "who", true)] },
            { "type": 1, "name": "form", "description": "Open a form" },
            { "type": 1, "name": "slow", "description": "Answer later" },
            { "type": 2, "name": "task", "description": "Tasks", "options": [
                { "type": 1, "name": "add", "description": "Add a task", "options": [
                    option(4, "number", true), option(5, "urgent", false) ] } ] },
        ],
    })
}
