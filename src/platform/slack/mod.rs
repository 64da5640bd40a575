//! Slack: a bot of one workspace. It hears over Socket Mode, over signed requests, or over both, and speaks over the Web
//! API.
//!
//! * `mrkdwn`, `format`, `modal`: neutral messages and forms to Slack's shapes.
//! * `inbound`, `events`, `command_text`: Slack's envelopes to [`crate::app::Inbound`].
//! * `client`, `limiter`, `tiers`: the one door to the Web API, with its time limit and its pace.
//! * `refusals`: what Slack's error codes mean.
//! * `outbound`: what the jobs ask; `checkup`: what can be learnt before the bot runs.
//! * `listener`, `socket`: two connections that are kept open. `http`: the endpoints of an app with request URLs.
//! * `answer`, `ack`: the answer to each envelope within Slack's three seconds, whichever way it came.
//!
//! The connections use the process's rustls provider: `main` installs one before anything else.

mod ack;
mod answer;
mod checkup;
mod client;
mod command_text;
mod events;
mod files;
mod format;
mod http;
mod inbound;
mod limiter;
mod listener;
mod modal;
mod mrkdwn;
mod outbound;
pub(super) mod refusals;
mod socket;
#[cfg(test)]
mod tests;
mod tiers;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use checkup::{ChannelState, Checkup, Identity};
pub use client::SlackApi;
pub use format::{Formatted, format};
pub use modal::{faults, view};
pub use outbound::SlackOutbound;
pub use tiers::Rate;

use crate::app::inbound::{Inbound, Reply};
use crate::platform::SendError;
use answer::Desk;

/// More people than this do not act within one handler's time.
const HANDLERS_MAX: usize = 256;

/// What is needed to join a workspace.
#[derive(Debug, Clone)]
pub struct SlackSettings {
    /// `xoxb-…`
    pub bot_token: SecretString,
    /// `xapp-…`, with the scope `connections:write`: turns Socket Mode on.
    pub app_token: Option<SecretString>,
    /// Of the app's *Basic Information*: turns the endpoints on.
    pub signing_secret: Option<SecretString>,
    /// `https://slack.com/api`, or a sandbox on this machine.
    pub api_url: String,
}

/// Why the adapter can't start or go on.
#[derive(Debug, thiserror::Error)]
pub enum SlackError {
    #[error("the address of Slack's API must be https, or http on this machine")]
    ApiUrl,
    #[error("no certificates to check Slack's identity with")]
    Tls,
    #[error("could not ask Slack who the bot is")]
    Identity(#[source] SendError),
    #[error("Slack did not say {0}")]
    Incomplete(&'static str),
    /// Waiting would not help: the token is wrong or was revoked.
    #[error("Slack does not accept the app token: {code}")]
    AppToken { code: String },
}

impl SlackError {
    /// Slack's code where the bot's token will not be accepted again.
    pub fn dead_token(&self) -> Option<&str> {
        match self {
            SlackError::Identity(error) => error.dead_token(),
            SlackError::AppToken { code } => Some(code),
            SlackError::ApiUrl | SlackError::Tls | SlackError::Incomplete(_) => None,
        }
    }
}

/// The times of the listener, in one place so that tests can be quick.
#[derive(Debug, Clone)]
pub(crate) struct Timing {
    /// Slack shows an error after 3 s; an answer that is not there by now follows later.
    guard: Duration,
    /// How long a modal may take to open before the envelope is acknowledged without it.
    open_by: Duration,
    connect: Duration,
    /// Slack pings every few seconds, and answers ours: a silent connection is a dead one.
    silence: Duration,
    ping: Duration,
    backoff_min: Duration,
    backoff_max: Duration,
    /// A connection that lasted this long was a good one: the next starts without delay.
    stable: Duration,
    /// How long an announced end is waited for while envelopes may still arrive.
    linger: Duration,
    /// How long handlers may take to finish at shutdown.
    drain: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            guard: Duration::from_millis(2_500),
            open_by: Duration::from_millis(2_800),
            connect: Duration::from_secs(10),
            silence: Duration::from_mins(1),
            ping: Duration::from_secs(20),
            backoff_min: Duration::from_millis(500),
            backoff_max: Duration::from_secs(30),
            stable: Duration::from_secs(10),
            linger: Duration::from_secs(30),
            drain: Duration::from_secs(10),
        }
    }
}

/// Wardroom as a member of one Slack workspace.
#[derive(Debug, Clone)]
pub struct SlackAdapter {
    outbound: SlackOutbound,
    workspace: String,
    timing: Timing,
    connected: Arc<AtomicUsize>,
    signing_secret: Option<SecretString>,
    permits: Arc<Semaphore>,
}

/// The endpoints where this process is no bot of a workspace, or not over HTTP.
pub fn not_served() -> Router {
    http::not_served()
}

impl SlackAdapter {
    /// Asks Slack who the bot is. Nothing listens yet.
    pub async fn connect(settings: SlackSettings) -> Result<SlackAdapter, SlackError> {
        let api = SlackApi::new(&settings)?;
        let answer = api.post("auth.test", &json!({})).await.map_err(SlackError::Identity)?;
        let workspace = answer["team_id"].as_str().ok_or(SlackError::Incomplete("its team id"))?.to_owned();
        let bot_user = answer["user_id"].as_str().ok_or(SlackError::Incomplete("the bot's user id"))?.to_owned();
        tracing::info!(slack.workspace = workspace, slack.bot_user = bot_user, "joined Slack as {bot_user}");
        let outbound = SlackOutbound { api, bot_user };
        Ok(SlackAdapter {
            outbound,
            workspace,
            timing: Timing::default(),
            connected: Arc::default(),
            signing_secret: settings.signing_secret,
            permits: Arc::new(Semaphore::new(HANDLERS_MAX)),
        })
    }

    /// Sends messages at another pace than Slack's own: tests are in a hurry.
    #[must_use]
    pub fn at_pace(mut self, channel: Rate) -> SlackAdapter {
        self.outbound.api = self.outbound.api.clone().at_pace(channel);
        self
    }

    /// What the jobs send through.
    pub fn outbound(&self) -> &SlackOutbound {
        &self.outbound
    }

    /// The workspace's team id (`T…`).
    pub fn workspace(&self) -> &str {
        &self.workspace
    }

    /// The bot's own account (`U…`).
    pub fn bot_user(&self) -> &str {
        &self.outbound.bot_user
    }

    /// How many connections are open at this moment: two in good health, one is enough.
    pub fn connected(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }

    /// The endpoints `/slack/…`; without a signing secret they say that they are not served. `handler` is as for
    /// [`SlackAdapter::listen`]. `work` holds what is still under way when a request was answered.
    pub fn routes<F, Fut>(&self, handler: F, work: TaskTracker) -> Router
    where
        F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply, String>> + Send + 'static,
    {
        match &self.signing_secret {
            Some(secret) => http::routes(self.desk(handler), secret, work),
            None => http::not_served(),
        }
    }

    fn desk<F>(&self, handler: F) -> Desk<F> {
        Desk {
            outbound: self.outbound.clone(),
            handler,
            home: self.workspace.clone(),
            timing: self.timing.clone(),
            permits: self.permits.clone(),
        }
    }

    /// Listens over Socket Mode until `shutdown`, then lets the handlers finish and answers them; without an app token
    /// there is nothing to hear. Ends early only where waiting would not help. `handler` answers one delivery; its `Err`
    /// is a short reference that is shown to the person.
    pub async fn listen<F, Fut>(&self, handler: F, shutdown: CancellationToken) -> Result<(), SlackError>
    where
        F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply, String>> + Send + 'static,
    {
        listener::listen(self, handler, shutdown).await
    }
}
