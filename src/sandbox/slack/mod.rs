//! A local Slack workspace that speaks Slack's own protocols: the Web API, Socket Mode or request URLs, and response
//! addresses on one side, people who type and click on the other.
//!
//! | file | what it is for |
//! |---|---|
//! | `cast` | who and what a workspace begins with |
//! | `world`, `state` | what it remembers, for ever and while it runs |
//! | `api`, `args`, `api_*`, `wire` | the Web API |
//! | `socket`, `request`, `aftermath`, `response_url` | Socket Mode, signed requests, and what answers bring about |
//! | `administration` | what administrators do to the bot |
//! | `people`, `modals`, `form_state` | what people do |
//! | `events` | what Slack tells the bot without being asked |
//! | `blocks`, `mrkdwn` | Block Kit's rules and Slack's markup |
//! | `view`, `transcript` | what people see, as JSON and as text |
//! | `reference` | what Slack's documentation says of methods and Block Kit, as data |
//! | `faults`, `snapshot` | trouble for tests; state across restarts |

mod administration;
mod aftermath;
mod api;
mod api_chat;
mod api_conversations;
mod api_files;
mod api_reading;
mod api_views;
mod args;
mod blocks;
mod cast;
mod events;
mod faults;
mod form_state;
mod modals;
mod mrkdwn;
mod people;
pub mod reference;
mod request;
mod response_url;
mod snapshot;
mod socket;
mod state;
#[cfg(test)]
mod tests;
mod transcript;
mod view;
mod wire;
mod world;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::watch;

pub use administration::SlackAct;
pub use blocks::{check_message, check_modal, too_long};
pub use cast::{BOT_HANDLE, BOT_NAME, SlackCast, SlackChannelSeed, SlackCommand, SlackPerson};
pub use faults::SlackFault;
pub use request::RequestUrls;
pub use world::AccountState as SlackAccount;

use super::Witness;
use super::delivery::DeliveryFault;
use request::Requests;
use state::State;
use world::World;

/// What tells the time in the workspace.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Slack's limit for commands and clicks.
const ACK_WITHIN: Duration = Duration::from_secs(3);
/// No request of the bot is larger.
const BODY_BYTES_MAX: usize = 1 << 20;
/// The old token in every payload; nothing may rely on it.
const VERIFICATION_TOKEN: &str = "local-verification-token";

/// One workspace with its people, its channels and one app.
pub struct SlackWorkspace {
    cast: SlackCast,
    now: Clock,
    settings: Mutex<Settings>,
    state: Mutex<State>,
    revision: watch::Sender<u64>,
    events_enabled: AtomicBool,
    witness: Witness,
}

struct Settings {
    base_url: String,
    ack_within: Duration,
    requests: Requests,
}

impl fmt::Debug for SlackWorkspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlackWorkspace").field("team_id", &self.cast.team_id).finish_non_exhaustive()
    }
}

impl SlackWorkspace {
    /// Opens a workspace on its first day.
    pub fn new(cast: SlackCast, now: Clock) -> Arc<SlackWorkspace> {
        let world = World::seeded(&cast, now());
        let settings = Settings {
            base_url: "http://127.0.0.1/slack".to_owned(),
            ack_within: ACK_WITHIN,
            requests: Requests::default(),
        };
        Arc::new(SlackWorkspace {
            cast,
            now,
            settings: Mutex::new(settings),
            state: Mutex::new(State { world, ..State::default() }),
            revision: watch::Sender::new(0),
            events_enabled: AtomicBool::new(true),
            witness: Witness::default(),
        })
    }

    /// The bot's side: `/api/<method>`, `/link`, `/response/<id>`, and the content of files.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/api/{method}", any(api::call))
            .route("/upload/{id}", post(api_files::upload).layer(DefaultBodyLimit::max(api_files::FILE_BYTES_MAX)))
            .route("/files/{id}/{name}", get(api_files::download))
            .route("/link", get(socket::link))
            .route("/response/{id}", post(response_url::respond))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(Arc::clone(self))
    }

    /// Says where the router can be reached, `/slack` included; addresses handed to the bot begin with it.
    pub fn set_base_url(&self, base_url: &str) {
        let base_url = base_url.trim_end_matches('/');
        base_url.clone_into(&mut self.settings().base_url);
    }

    /// Sets how long people wait for the bot; Slack's three seconds until then.
    pub fn set_ack_within(&self, patience: Duration) {
        self.settings().ack_within = patience;
    }

    /// Who the workspace began with.
    pub fn cast(&self) -> &SlackCast {
        &self.cast
    }

    /// Counts what became visible, or vanished.
    pub fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    /// Follows [`Self::revision`].
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Arranges for something to go wrong.
    pub fn fault(&self, fault: SlackFault) {
        self.with(|state| state.live.faults.add(fault));
    }

    /// Makes something go wrong with the next delivery that has no other trouble.
    pub fn trouble(&self, fault: DeliveryFault) {
        self.with(|state| state.live.connections.troubles.add(fault));
    }

    /// Ends all trouble that was still to come.
    pub fn mend(&self) {
        self.with(|state| {
            state.live.faults.mend();
            state.live.connections.troubles.mend();
        });
    }

    /// What the bot has called, oldest first, at most the last 2,000: the method, and what it sent. Answers to response
    /// addresses are there as `response_url`.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.with(|state| state.live.calls.iter().cloned().collect())
    }

    /// Tells of everything that the bot sends, as it came in, and what it was answered.
    pub fn witness(&self) -> &Witness {
        &self.witness
    }

    fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    fn base_url(&self) -> String {
        self.settings().base_url.clone()
    }

    fn ack_within(&self) -> Duration {
        self.settings().ack_within
    }

    fn events_enabled(&self) -> bool {
        self.events_enabled.load(Ordering::Relaxed)
    }

    fn settings(&self) -> std::sync::MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on the state; whoever watches is told afterwards.
    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut state);
        let changed = std::mem::take(&mut state.changed);
        drop(state);
        if changed {
            self.revision.send_modify(|revision| *revision += 1);
        }
        result
    }
}
