//! A local Discord: one guild that speaks the real wire protocols: REST, the gateway, and signed requests to an endpoint.
//!
//! The bot is connected to it as to the real one, by its base URL alone. People are played through [`DiscordServer`]:
//! they type, click and fill in forms, and what they would see can be read back as JSON or as plain text. What the
//! server does not know, it refuses in Discord's own words rather than pretend.

mod administration;
mod autocomplete;
mod channels;
mod commands;
mod composer;
mod endpoint;
mod error;
mod faults;
mod files;
mod gateway;
mod interactions;
mod messages;
mod options;
mod people;
mod permissions;
mod reactions;
mod rest;
mod sessions;
mod shapes;
mod starts;
#[cfg(test)]
mod tests;
mod transcript;
mod transport;
mod validate;
mod validate_commands;
mod view;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{mpsc, watch};

pub use administration::DiscordAct;
pub use faults::DiscordFault;
pub use world::Now;

use super::Witness;
use super::delivery::DeliveryFault;
use sessions::{Frame, Session};
use transport::{Transport, Wishes};
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
    witness: Witness,
}

impl std::fmt::Debug for DiscordServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiscordServer").finish_non_exhaustive()
    }
}

impl DiscordServer {
    /// Makes a server with its cast. `now` stamps what happens; waits and tokens go by real time.
    pub fn new(cast: DiscordCast, now: Now) -> Arc<DiscordServer> {
        Arc::new(DiscordServer { world: Mutex::new(World::new(cast, now)), witness: Witness::default() })
    }

    /// Builds the routes, to be nested at `/discord`: REST below `/api/v10`, the gateway at `/gateway`, and files.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/api/{*path}", any(rest::handle))
            .route("/attachments/{channel}/{id}/{name}", get(files::download))
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

    /// Makes something go wrong with the next delivery that has no other trouble.
    pub fn trouble(&self, fault: DeliveryFault) {
        self.world().troubles.add(fault);
    }

    /// Ends all trouble that was still to come.
    pub fn mend(&self) {
        let mut world = self.world();
        world.faults.mend();
        world.troubles.mend();
    }

    /// The newest requests, oldest first: route and body.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.world().faults.calls()
    }

    /// Tells of every REST request, as it came in, and its answer.
    pub fn witness(&self) -> &Witness {
        &self.witness
    }

    /// Makes every interaction token as old as if its 15 minutes were over.
    pub fn age_tokens(&self) {
        self.world().age_tokens();
    }

    /// Leaves the bot so many new sessions until a time has passed. One more than that, and its token is not taken.
    pub fn set_session_starts(&self, remaining: u32, reset_after: Duration) {
        self.world().starts.set(remaining, reset_after);
    }

    /// How many sessions the bot has begun (IDENTIFY).
    pub fn sessions_begun(&self) -> usize {
        self.world().starts.begun
    }

    /// Changes how often new connections are to send a heartbeat, and whether any is acknowledged.
    pub fn set_heartbeat(&self, interval: Duration, is_acknowledged: bool) {
        self.world().heartbeat = starts::Heartbeat { interval, is_acknowledged };
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

    /// Sends an event of any kind and shape to every session.
    pub fn dispatch_sample(&self, event: &str, data: &Value) {
        self.world().dispatch(event, 0, data);
    }

    /// Sends any text as a frame, on every connection.
    pub async fn send_frame(&self, text: &str) {
        self.send_all(text).await;
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

/// What Discord would answer to the body of a message; nothing where it takes it.
pub fn refuses_message(body: &Value) -> Option<Value> {
    validate::message(body).err().map(|error| error.body())
}

/// What Discord would answer to the data of a modal; nothing where it takes it.
pub fn refuses_modal(data: &Value) -> Option<Value> {
    validate::modal(data).err().map(|error| error.body())
}

async fn upgrade(
    State(server): State<Arc<DiscordServer>>,
    Query(wishes): Query<Wishes>,
    upgrade: WebSocketUpgrade,
) -> Response {
    match Transport::of(&wishes) {
        Ok(transport) => upgrade.on_upgrade(move |socket| gateway::serve(server, socket, transport)),
        Err(sentence) => (StatusCode::BAD_REQUEST, sentence).into_response(),
    }
}
