//! The sandbox's one server: both platforms' own APIs, the page, and the API that the page uses.
//!
//! Whoever reaches this server can play every person of the sandbox, so it listens on loopback only, answers only to
//! loopback names (a foreign name that resolves to 127.0.0.1 is refused) and refuses what another page's script sends.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::api::{self, Api};
use super::discord::DiscordServer;
use super::keep::{self, KeptState};
use super::page;
use super::slack::{RequestUrls, SlackWorkspace};

/// How long open requests may take to finish at the end; streams are ended by then.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// What a sandbox is made of.
pub struct SandboxOptions {
    /// A loopback address; port 0 takes any free port.
    pub listen: SocketAddr,
    pub slack: Arc<SlackWorkspace>,
    pub discord: Arc<DiscordServer>,
    /// The folder that keeps the state of both platforms from one start to the next; without it nothing is kept.
    pub data: Option<PathBuf>,
    pub clock: Arc<ClockControl>,
    pub first: FirstPeople,
}

/// Who is played until somebody else is chosen, by id or handle.
#[derive(Debug, Clone)]
pub struct FirstPeople {
    pub slack: String,
    pub discord: String,
}

/// Moves the clock forward by whole minutes and gives the new time, or the sentence why not.
pub type AdvanceClock = dyn Fn(i64) -> BoxFuture<'static, Result<DateTime<Utc>, String>> + Send + Sync;

/// The clock that the sandbox and the bot share: what time it is, and how to move it forward.
pub struct ClockControl {
    now: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    advance: Box<AdvanceClock>,
    offset_minutes: AtomicI64,
}

/// A sandbox that is being served.
pub struct Sandbox {
    address: SocketAddr,
    state: Arc<KeptState>,
    stop: CancellationToken,
    server: JoinHandle<()>,
    saver: JoinHandle<()>,
}

/// Why a sandbox does not start, or could not keep its state.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("{0} is not a loopback address: whoever reaches the sandbox can play every person in it")]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("{url} is not taken as a bot's address: {why}")]
    Endpoint { url: String, why: String },
    #[error("cannot read the kept state {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the kept state {} is not understood ({why}); move it away to begin anew", path.display())]
    Restore { path: PathBuf, why: String },
    #[error("cannot write the kept state {}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}

impl ClockControl {
    /// `offset_minutes` is how far the clock is ahead of real time already.
    pub fn new(
        offset_minutes: i64,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
        advance: impl Fn(i64) -> BoxFuture<'static, Result<DateTime<Utc>, String>> + Send + Sync + 'static,
    ) -> Self {
        Self { now: Box::new(now), advance: Box::new(advance), offset_minutes: AtomicI64::new(offset_minutes) }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    pub(super) fn offset_minutes(&self) -> i64 {
        self.offset_minutes.load(Ordering::Relaxed)
    }

    pub(super) async fn advance(&self, minutes: i64) -> Result<DateTime<Utc>, String> {
        let now = (self.advance)(minutes).await?;
        self.offset_minutes.fetch_add(minutes, Ordering::Relaxed);
        Ok(now)
    }
}

impl Sandbox {
    /// Restores the kept state, if there is any, and serves until [`Sandbox::stop`].
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        let SandboxOptions { listen, slack, discord, data, clock, first } = options;
        if !listen.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(listen));
        }
        let state = Arc::new(KeptState::new(slack, discord, data.as_deref()));
        state.restore().await?;

        let unbound = |source| SandboxError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        // Events are small and many: none waits for the confirmation of the one before. Where that cannot be set, they do.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let url = format!("http://{address}");
        state.slack.set_base_url(&format!("{url}/slack"));
        state.discord.set_base_url(&format!("{url}/discord"));

        let stop = CancellationToken::new();
        let api = Api {
            slack: state.slack.clone(),
            discord: state.discord.clone(),
            clock,
            first,
            url: url.clone(),
            stop: stop.clone(),
        };
        let router = router(&state, Arc::new(api));
        let until_stopped = stop.clone().cancelled_owned();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(until_stopped).await {
                tracing::error!(error = &error as &dyn std::error::Error, "the sandbox's server ended");
            }
        });
        let saver = tokio::spawn(keep::save_when_changed(state.clone(), stop.clone()));
        tracing::info!(sandbox.url = %url, "the sandbox listens on {url}");
        Ok(Self { address, state, stop, server, saver })
    }

    pub fn slack(&self) -> &SlackWorkspace {
        &self.state.slack
    }

    pub fn discord(&self) -> &DiscordServer {
        &self.state.discord
    }

    /// The page.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a Slack client uses in place of `https://slack.com/api`.
    pub fn slack_api_url(&self) -> String {
        format!("http://{}/slack/api", self.address)
    }

    /// What a Discord client uses in place of `https://discord.com`.
    pub fn discord_api_url(&self) -> String {
        format!("http://{}/discord", self.address)
    }

    /// Sends what people do to a bot's endpoints from now on, as signed requests. `bot` is where it is reached, such as
    /// `http://127.0.0.1:8081`. Both platforms check it first, as the real ones do when a URL is entered.
    pub async fn deliver_to(&self, bot: &str) -> Result<(), SandboxError> {
        let untaken = |why: String| SandboxError::Endpoint { url: bot.to_owned(), why };
        self.state.slack.set_request_urls(RequestUrls::of_wardroom(bot)).await.map_err(untaken)?;
        let endpoint = format!("{}/discord/interactions", bot.trim_end_matches('/'));
        self.state.discord.set_interactions_endpoint(&endpoint).await.map_err(untaken)
    }

    /// Ends open streams, stops serving and writes the state one last time.
    pub async fn stop(mut self) -> Result<(), SandboxError> {
        self.stop.cancel();
        if tokio::time::timeout(STOP_PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        // The saver never waits long: it ends at the cancelled token, after a write that it may be in.
        let _ = (&mut self.saver).await;
        self.state.save().await
    }
}

/// A sandbox that is dropped unstopped, in a test that failed, must not go on serving.
impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
        self.server.abort();
    }
}

fn router(state: &KeptState, api: Arc<Api>) -> Router {
    page::router()
        .merge(api::router(api))
        .nest("/slack", state.slack.router())
        .nest("/discord", state.discord.router())
        .layer(middleware::from_fn(guard))
}

async fn guard(request: Request, next: Next) -> Response {
    match refusal(request.headers()) {
        Some(sentence) => (StatusCode::FORBIDDEN, axum::Json(json!({ "error": sentence }))).into_response(),
        None => next.run(request).await,
    }
}

/// Why a request is not answered at all.
fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_loopback_name(host) {
        return Some("The sandbox answers only to localhost, 127.0.0.1 and [::1].");
    }
    // Clients that are not browsers send no origin; a browser sends it with everything that a script may change.
    let same_origin = |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| origin == format!("http://{host}"));
    if headers.get(header::ORIGIN).is_some_and(|origin| !same_origin(origin)) {
        return Some("The sandbox takes nothing from another page.");
    }
    None
}

fn is_loopback_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "[::1]") || name.eq_ignore_ascii_case("localhost")
}

impl fmt::Debug for SandboxOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxOptions").field("listen", &self.listen).field("data", &self.data).finish_non_exhaustive()
    }
}

impl fmt::Debug for ClockControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClockControl").field("offset_minutes", &self.offset_minutes).finish_non_exhaustive()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_loopback_names_are_answered() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080"] {
            assert_eq!(refusal(&headers(&[(header::HOST, host)])), None, "{host}");
        }
        for host in ["", "example.org", "localhost.example.org:80", "127.0.0.1.nip.io", "10.0.0.1:8080", "127.0.0.1:"] {
            assert!(refusal(&headers(&[(header::HOST, host)])).is_some(), "{host}");
        }
        assert!(refusal(&HeaderMap::new()).is_some());
    }

    #[test]
    fn another_page_cannot_play_people() {
        let from = |origin| refusal(&headers(&[(header::HOST, "localhost:8080"), (header::ORIGIN, origin)]));
        assert_eq!(from("http://localhost:8080"), None);
        for origin in ["http://localhost:3000", "https://localhost:8080", "http://example.org", "null"] {
            assert!(from(origin).is_some(), "{origin}");
        }
    }

    fn town(data: &Path) -> SandboxOptions {
        let now = || DateTime::UNIX_EPOCH;
        let slack: crate::sandbox::slack::SlackCast = serde_json::from_value(json!({
            "team_id": "T1", "team_name": "Harbour", "bot_user_id": "U9", "bot_token": "xoxb-1", "app_token": "xapp-1",
            "users": [{ "id": "U1", "handle": "ana", "name": "Ana Costa", "email": "ana@harbour.example" }],
            "channels": [{ "id": "C1", "name": "incidents", "topic": "" }], "commands": [],
        }))
        .unwrap();
        let discord: crate::sandbox::discord::DiscordCast = serde_json::from_value(json!({
            "guild_id": "9", "guild_name": "Harbour", "application_id": "8", "bot_user_id": "7", "bot_token": "t",
            "users": [{ "id": "1", "username": "raj", "name": "Raj Patel" }],
            "channels": [{ "id": "2", "name": "incidents", "topic": "" }],
        }))
        .unwrap();
        SandboxOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            slack: SlackWorkspace::new(slack, Arc::new(now)),
            discord: DiscordServer::new(discord, Arc::new(now)),
            data: Some(data.to_owned()),
            clock: Arc::new(ClockControl::new(0, now, |minutes| {
                Box::pin(async move { Ok(DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes)) })
            })),
            first: FirstPeople { slack: "ana".to_owned(), discord: "raj".to_owned() },
        }
    }

    #[tokio::test]
    async fn what_people_said_is_there_after_a_restart() {
        let data = std::env::temp_dir().join(format!("wardroom-sandbox-{}", std::process::id()));
        let client = reqwest::Client::new();
        let sandbox = Sandbox::start(town(&data)).await.unwrap();
        let url = sandbox.url();
        for (platform, user) in [("slack", "ana"), ("discord", "raj")] {
            let said = json!({ "user": user, "channel": "incidents", "text": "still down" });
            let answer = client.post(format!("{url}/api/{platform}/say")).json(&said).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{platform}");
        }
        let unknown = json!({ "user": "eve", "channel": "incidents", "text": "hi" });
        let refused = client.post(format!("{url}/api/slack/say")).json(&unknown).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let moved = client.post(format!("{url}/api/clock")).json(&json!({ "minutes": 10 })).send().await.unwrap();
        let moved: Value = moved.json().await.unwrap();
        assert_eq!(moved, json!({ "now": 600_000, "clock_offset_minutes": 10 }));
        // An open stream must not hold up the end.
        let _stream = client.get(format!("{url}/api/events")).send().await.unwrap();
        sandbox.stop().await.unwrap();

        let sandbox = Sandbox::start(town(&data)).await.unwrap();
        let view: Value = client.get(format!("{}/api/view", sandbox.url())).send().await.unwrap().json().await.unwrap();
        for platform in ["slack", "discord"] {
            assert!(view[platform]["channels"].to_string().contains("still down"), "{platform}: {view}");
        }
        sandbox.stop().await.unwrap();
        std::fs::remove_dir_all(&data).unwrap();
    }
}
