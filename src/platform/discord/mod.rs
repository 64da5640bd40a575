//! Discord: interactions in over the gateway or as signed requests (Discord makes the two exclusive), messages out over
//! REST.
//!
//! serenity gives the gateway, the model and the routes. The requests themselves are sent by `rest` under limits of
//! our own, and interactions are read by `inbound` from JSON: both for faults that are named there.
//!
//! serenity's spans hold the bodies of requests and the tokens of interactions: its target must be kept at `warn`.

mod checkup;
mod ears;
mod format;
mod forms;
mod http;
mod inbound;
mod limiter;
mod listener;
mod markdown;
mod outbound;
mod permissions;
pub(super) mod refusals;
mod registration;
mod respond;
mod rest;

use std::sync::Arc;

use axum::Router;
use ed25519_dalek::VerifyingKey;
use secrecy::SecretString;
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::ApplicationId;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use checkup::Application;
pub use format::{created, edited};
pub use forms::{View, faults, view};
pub use listener::ListenError;
pub use outbound::DiscordOutbound;
pub use permissions::{PERMISSIONS, Permission, Server, invitation};
pub use registration::{CommandSpec, OptionKind, OptionSpec, RegistrationError, Scope, VerbSpec};
pub use rest::{API_URL, AddressError};

use crate::app::inbound::{Inbound, Reply};
use crate::platform::SendError;
use listener::Guilds;
use rest::{Call, Rest, snowflake};

/// What is needed to be the bot.
#[derive(Debug, Clone)]
pub struct DiscordSettings {
    pub token: SecretString,
    /// [`API_URL`], or a server that speaks the same.
    pub api_url: String,
    /// Asked for at Discord when not set.
    pub application_id: Option<String>,
    /// The application's public key, in hexadecimal digits: interactions come as signed requests, not over the gateway.
    pub public_key: Option<String>,
}

/// Why the bot could not log in.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("Discord did not say who the bot is")]
    Send(#[from] SendError),
    #[error("the id of the Discord {0} is missing or malformed")]
    Id(&'static str),
    #[error("DISCORD_PUBLIC_KEY is no public key: 64 hexadecimal digits, under General Information in the portal")]
    PublicKey,
    #[error("DISCORD_PUBLIC_KEY is not the key of the application that DISCORD_TOKEN belongs to")]
    ForeignKey,
}

impl ConnectError {
    /// Discord's status where the bot's token will not be accepted again.
    pub fn dead_token(&self) -> Option<&str> {
        match self {
            ConnectError::Send(error) => error.dead_token(),
            ConnectError::Address(_) | ConnectError::Id(_) | ConnectError::PublicKey | ConnectError::ForeignKey => None,
        }
    }
}

/// The bot on Discord.
#[derive(Debug, Clone)]
pub struct DiscordAdapter {
    rest: Arc<Rest>,
    guilds: Arc<Guilds>,
    application: ApplicationId,
    bot: String,
    name: String,
    /// Where there is one, interactions come as requests that are signed with it.
    key: Option<VerifyingKey>,
    /// Where Discord posts interactions, as far as it said.
    endpoint: Option<String>,
}

/// The endpoint where this process is no bot of an application, or hears over the gateway.
pub fn not_served() -> Router {
    http::not_served()
}

impl DiscordAdapter {
    /// Checks the token and learns who the bot is.
    pub async fn connect(settings: DiscordSettings) -> Result<DiscordAdapter, ConnectError> {
        let rest = Rest::new(&settings.api_url, &settings.token)?;
        let me = rest.send(Call::new("get bot", LightMethod::Get, Route::UserMe, 0)).await?.body;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let bot = text(&me["id"]).filter(|id| snowflake(id).is_some()).ok_or(ConnectError::Id("bot"))?;
        let key = match settings.public_key.as_deref() {
            Some(key) => Some(http::public_key(key).ok_or(ConnectError::PublicKey)?),
            None => None,
        };
        let said = match settings.application_id {
            Some(id) => json!({ "id": id }),
            None => rest.send(application_call()).await?.body,
        };
        let application = said["id"].as_str().and_then(snowflake).ok_or(ConnectError::Id("application"))?;
        let known_key = said["verify_key"].as_str().and_then(http::public_key);
        if key.is_some() && known_key.is_some() && key != known_key {
            return Err(ConnectError::ForeignKey);
        }
        Ok(DiscordAdapter {
            rest: Arc::new(rest),
            guilds: Arc::default(),
            application: application.into(),
            bot,
            name: text(&me["username"]).unwrap_or_default(),
            key,
            endpoint: text(&said["interactions_endpoint_url"]).filter(|url| !url.is_empty()),
        })
    }

    /// The part that sends.
    pub fn outbound(&self) -> DiscordOutbound {
        DiscordOutbound::new(self.rest.clone(), self.bot.clone())
    }

    /// The bot's name at Discord.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the bot's account.
    pub fn bot_id(&self) -> &str {
        &self.bot
    }

    /// The ids of the servers that the bot is a member of; empty before [`DiscordAdapter::listen`] is connected.
    pub fn guilds(&self) -> Vec<String> {
        self.guilds.list()
    }

    /// Requests that Discord refused in the current ten minutes (401, 403, 429): at 10,000 it bans the address.
    pub fn invalid_requests(&self) -> u32 {
        self.rest.invalid_requests()
    }

    /// What keeps interactions from reaching this process, in a sentence; `None` where nothing is known to.
    pub fn obstacle(&self) -> Option<String> {
        match (&self.key, &self.endpoint) {
            (None, Some(url)) => Some(format!(
                "Discord posts interactions to {url}, and nothing comes over the gateway: set DISCORD_PUBLIC_KEY, or \
                 clear the Interactions Endpoint URL of the application"
            )),
            (Some(_), None) => Some(
                "Discord has no Interactions Endpoint URL for the application yet: enter the address that leads to \
                 /discord/interactions here"
                    .to_owned(),
            ),
            (None, None) | (Some(_), Some(_)) => None,
        }
    }

    /// The endpoint `/discord/interactions`; without a public key it says that it is not served. `handler` is as for
    /// [`DiscordAdapter::listen`]. `work` holds what is still under way when a request was answered.
    pub fn routes<F, Fut>(&self, handler: F, work: TaskTracker) -> Router
    where
        F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply, String>> + Send + 'static,
    {
        match self.key {
            Some(key) => http::routes(self.rest.clone(), key, handler, work),
            None => http::not_served(),
        }
    }

    /// Runs the handler for each interaction of the gateway and answers it, until `shutdown`. With a public key no
    /// connection is opened: there would be nothing to hear.
    ///
    /// The handler's error is a short reference to the log that the person is shown with an apology, never a cause.
    pub async fn listen<F, Fut>(&self, handler: F, shutdown: CancellationToken) -> Result<(), ListenError>
    where
        F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply, String>> + Send + 'static,
    {
        if self.key.is_some() {
            shutdown.cancelled().await;
            return Ok(());
        }
        listener::listen(self.rest.clone(), self.guilds.clone(), handler, shutdown).await
    }

    /// Registers the commands where Discord has others; tells whether it had.
    pub async fn register(&self, scope: &Scope, specs: &[CommandSpec]) -> Result<bool, RegistrationError> {
        registration::register(&self.rest, self.application, scope, specs).await
    }
}

/// serenity knows only the older address for `OAuth2`, which bots can't always read.
fn application_call() -> Call<'static> {
    let call = Call::new("get application", LightMethod::Get, Route::Oauth2ApplicationCurrent, 0);
    call.at_path("/api/v10/applications/@me")
}

#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod http_tests;
#[cfg(test)]
mod tests;

// The fake gateway needs the sockets that come with the sandbox.
#[cfg(all(test, feature = "sandbox"))]
mod gateway_tests;
