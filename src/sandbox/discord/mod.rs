//! A local Discord: one guild that speaks the real wire protocols, REST and gateway.
//!
//! The bot is connected to it as to the real one, by its base URL alone. People are played through [`DiscordServer`]:
//! they type, click and fill in forms, and what they would see can be read back as JSON or as plain text. What the
//! server does not know, it refuses in Discord's own words rather than pretend.

mod administration;
mod channels;
mod commands;
mod composer;
mod error;
mod faults;
mod gateway;
mod interactions;
mod messages;
mod options;
mod people;
mod permissions;
mod rest;
mod sessions;
mod shapes;
#[cfg(test)]
mod tests;
mod transcript;
mod validate;
mod validate_commands;
mod view;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::{any, get};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{mpsc, watch};

pub use administration::DiscordAct;
pub use faults::DiscordFault;
pub use world::Now;

use sessions::{Frame, Session};
use world::{Durable, World};

/// The bot's handle and name on this server.
const BOT_HANDLE: &str = "wardroom";
const BOT_NAME: &str = "Wardroom";
/// What a person reads when an interaction was not answered in time.
const NO_RESPONSE: &str = "The application did not respond";

/// Who and what is on the server when it is made. Ids are snowflakes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DiscordCast {
    pub guild_id: String,
    pub guild_name: String,
    pub application_id: String,
    pub bot_user_id: String,
    pub bot_token: String,
    /// All of them are members of the guild; the first owns it.
    pub users: Vec<DiscordPerson>,
    pub channels: Vec<DiscordChannelSeed>,
}

/// A person of the cast.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DiscordPerson {
    pub id: String,
    /// What is written after an `@`.
    pub username: String,
    /// The display name.
    pub name: String,
}

/// A text channel that exists from the start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DiscordChannelSeed {
    pub id: String,
    pub name: String,
    pub topic: String,
}

/// The local Discord.
pub struct DiscordServer {
    world: Mutex<World>,
}

impl std::fmt::Debug for DiscordServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiscordServer").finish_non_exhaustive()
    }
}

impl DiscordServer {
    /// Makes a server with its cast. `now` stamps what happens; waits and tokens go by real time.
    pub fn new(cast: DiscordCast, now: Now) -> Arc<DiscordServer> {
        Arc::new(DiscordServer { world: Mutex::new(World::new(cast, now)) })
    }

    /// Builds the routes, to be nested at `/discord`: REST below `/api/v10`, the gateway at `/gateway`.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/api/{*path}", any(rest::handle))
            .route("/gateway", get(upgrade))
            .route("/gateway/", get(upgrade))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(self))
    }

    /// Tells the server under which URL it is reached, such as `http://127.0.0.1:8080/discord`.
    pub fn set_base_url(&self, url: &str) {
        url.clone_into(&mut self.world().base_url);
    }

    /// Changes how long the bot may take to answer an interaction; 3 s where this is not called.
    pub fn set_patience(&self, within: Duration) {
        self.world().respond_within = within;
    }

    /// Whether a bot is connected to the gateway.
    pub fn connected(&self) -> bool {
        self.world().connected()
    }

    /// How many bots are connected to the gateway.
    pub fn connections(&self) -> usize {
        self.links().len()
    }

    /// Counts the changes that a person could see.
    pub fn revision(&self) -> u64 {
        self.world().revision()
    }

    /// Follows [`DiscordServer::revision`].
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.world().watch()
    }

    /// Takes down all that survives a restart: channels, messages, pins, registered commands.
    pub fn snapshot(&self) -> Value {
        serde_json::to_value(&self.world().durable).unwrap_or(Value::Null)
    }

    /// Puts back what [`DiscordServer::snapshot`] took down.
    pub fn restore(&self, value: Value) -> Result<(), String> {
        let durable: Durable = serde_json::from_value(value).map_err(|error| format!("not a snapshot: {error}"))?;
        let mut world = self.world();
        world.durable = durable;
        world.changed();
        Ok(())
    }

    /// Makes the next requests on a route go wrong.
    pub fn fault(&self, fault: DiscordFault) {
        self.world().faults.add(fault);
    }

    /// Ends all trouble that was still to come.
    pub fn mend(&self) {
        self.world().faults.mend();
    }

    /// The newest requests, oldest first: route and body.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.world().faults.calls()
    }

    /// Makes every interaction token as old as if its 15 minutes were over.
    pub fn age_tokens(&self) {
        self.world().age_tokens();
    }

    /// Breaks every gateway connection without a close frame. The sessions can be resumed.
    pub async fn drop_connections(&self) {
        for link in self.links() {
            if link.send(Frame::Cut).await.is_ok() {
                link.closed().await;
            }
        }
    }

    /// Closes every gateway connection with a code, such as 4000 or 4009.
    pub async fn close_connections(&self, code: u16) {
        for link in self.links() {
            if link.send(Frame::Close(code, "")).await.is_ok() {
                link.closed().await;
            }
        }
    }

    /// Asks every client to reconnect and resume (op 7).
    pub async fn ask_to_reconnect(&self) {
        self.send_all(r#"{"op":7,"s":null,"t":null,"d":null}"#).await;
    }

    /// Tells every client that its session is invalid (op 9), and forgets it unless it may be resumed.
    pub async fn invalidate_sessions(&self, resumable: bool) {
        self.send_all(&format!(r#"{{"op":9,"s":null,"t":null,"d":{resumable}}}"#)).await;
        if !resumable {
            self.world().sessions.clear();
        }
    }

    async fn send_all(&self, text: &str) {
        for link in self.links() {
            // A connection that is gone needs no word.
            let _ = link.send(Frame::Text(text.to_owned())).await;
        }
    }

    fn links(&self) -> Vec<mpsc::Sender<Frame>> {
        self.world().sessions.iter().filter_map(Session::link).cloned().collect()
    }

    /// The world under its lock. A panic while it was held leaves it readable: a test must still see what happened.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn upgrade(State(server): State<Arc<DiscordServer>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| gateway::serve(server, socket))
}
