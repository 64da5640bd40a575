//! The gateway: where interactions come from, and how its connection is kept.
//!
//! serenity reconnects and resumes by itself. What it does not do is ours: to answer what its model can't read, to wait
//! for handlers on the way out, and never to spend Discord's budget of sessions (1,000 a day, then the token is revoked)
//! in a loop: what is left of the budget is asked from Discord before each connection, so that a program that is started
//! again and again knows it too. Its fixed gateway address is left as it is: `resume_gateway_url` could be written over
//! the address it resumes with, but it opens new sessions at the same address, and one that has been retired would lock
//! us out.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::Value;
use serenity::all::{
    ClientBuilder, ConnectionStage, GatewayError, GatewayIntents, HttpBuilder, LightMethod, RawEventHandler, Route,
    ShardManager,
};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ears::Ears;
use super::rest::{API_URL, Call, Rest};
use crate::app::inbound::{Inbound, Reply};
use crate::platform::SendError;

/// Handlers still at work get this long when the program ends.
const DRAIN: Duration = Duration::from_secs(10);

/// serenity waits up to 5 s for the other side to close.
const CLOSE: Duration = Duration::from_secs(8);

/// Between two attempts, doubled from the first to the last. The last is such that even sessions that never come up
/// (twelve attempts of serenity's each time) stay under 1,000 a day.
const PAUSE_MIN: Duration = Duration::from_secs(5);
const PAUSE_MAX: Duration = Duration::from_mins(20);

/// A connection that lasted this long was a good one: the next pause is short again.
const LASTED: Duration = Duration::from_mins(10);

/// A session that is not up for this long is given up. serenity's own attempts are 5 s apart.
const UP_WITHIN: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Discord counts session starts by the day.
const RESET_AFTER_MAX: Duration = Duration::from_hours(24);

/// More new sessions than this in one hour are a loop.
const SESSIONS_MAX: usize = 20;
const SESSIONS_WINDOW: Duration = Duration::from_hours(1);

/// Why listening ended for good: another attempt would end the same way.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("Discord does not accept the bot's token")]
    Token,
    #[error("Discord does not allow the bot what it asks to listen to (gateway intents)")]
    Intents,
}

/// The servers that the bot is a member of, as far as the gateway has said.
#[derive(Debug, Default)]
pub(super) struct Guilds(Mutex<BTreeSet<String>>);

impl Guilds {
    pub(super) fn list(&self) -> Vec<String> {
        self.change(|guilds| guilds.iter().cloned().collect())
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Listens until `shutdown`, then lets handlers finish.
pub(super) async fn listen<F, Fut>(
    rest: Arc<Rest>,
    guilds: Arc<Guilds>,
    handler: F,
    shutdown: CancellationToken,
) -> Result<(), ListenError>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    let tracker = TaskTracker::new();
    let sessions = Arc::new(Sessions::default());
    let mut pause = PAUSE_MIN;
    let outcome = loop {
        let started = Instant::now();
        let ended = CancellationToken::new();
        let ears = Ears {
            rest: rest.clone(),
            handler: handler.clone(),
            guilds: guilds.clone(),
            sessions: sessions.clone(),
            tracker: tracker.clone(),
            ended: ended.clone(),
        };
        let end = connection(&rest, ears, &sessions, &shutdown).await;
        ended.cancel();
        let why = match end {
            End::Shutdown => break Ok(()),
            End::Fatal(error) => break Err(error),
            End::Broken(why) => why,
        };
        if started.elapsed() >= LASTED {
            pause = PAUSE_MIN;
        }
        // Replicas that lost the same connection must not come back at the same moment.
        let jitter = pause.mul_f64(rand::random_range(0.0..0.3));
        tracing::warn!(pause_secs = (pause + jitter).as_secs(), "Discord's gateway is lost ({why})");
        tokio::select! {
            () = shutdown.cancelled() => break Ok(()),
            () = sleep(pause + jitter) => pause = (pause * 2).min(PAUSE_MAX),
        }
    };
    tracker.close();
    if timeout(DRAIN, tracker.wait()).await.is_err() {
        tracing::warn!(handlers = tracker.len(), "Discord handlers were still at work at the end");
    }
    outcome
}

enum End {
    Shutdown,
    Fatal(ListenError),
    Broken(String),
}

async fn connection<H: RawEventHandler + 'static>(
    rest: &Rest,
    ears: H,
    sessions: &Sessions,
    shutdown: &CancellationToken,
) -> End {
    // Asked for by ourselves, because serenity would go to Discord's own address where this fails, from any test.
    let gateway = tokio::select! {
        () = shutdown.cancelled() => return End::Shutdown,
        answer = rest.send(Call::new("get gateway", LightMethod::Get, Route::GatewayBot, 0)) => answer,
    };
    let gateway = match gateway {
        Ok(answer) => answer.body,
        Err(SendError::Refused { code, .. }) if code == "401" => return End::Fatal(ListenError::Token),
        Err(error) => return End::Broken(error.to_string()),
    };
    let Some(url) = gateway["url"].as_str().map(str::to_owned) else {
        return End::Broken("no address of the gateway".to_owned());
    };
    let starts = SessionStarts::read(&gateway["session_start_limit"]);
    if let Some(wait) = starts.as_ref().and_then(SessionStarts::wait) {
        let remaining = starts.map_or(0, |starts| starts.remaining);
        tracing::warn!(
            remaining,
            wait_secs = wait.as_secs(),
            "Discord allows few more sessions today: waiting with the next"
        );
        if shutdown.run_until_cancelled(sleep(wait)).await.is_none() {
            return End::Shutdown;
        }
    }

    // With serenity's limiter on, its proxy setting is ignored; nothing but this one request goes through it.
    let mut http = HttpBuilder::new(rest.authorization().expose_secret()).client(rest.client().clone());
    if rest.base_url() != API_URL {
        http = http.proxy(rest.base_url());
    }
    let builder = ClientBuilder::new_with_http(http.ratelimiter_disabled(true).build(), GatewayIntents::GUILDS);
    let mut client = match builder.raw_event_handler(ears).await {
        Ok(client) => client,
        Err(error) => return End::Broken(error.to_string()),
    };
    *client.ws_url.lock().await = url;
    let manager = client.shard_manager.clone();
    let end = tokio::select! {
        ended = client.start() => return told(ended),
        () = shutdown.cancelled() => End::Shutdown,
        why = watch(&manager, sessions) => End::Broken(why.to_owned()),
    };
    if timeout(CLOSE, manager.shutdown_all()).await.is_err() {
        tracing::warn!("Discord's gateway was not closed in time");
    }
    end
}

fn told(ended: serenity::Result<()>) -> End {
    match ended {
        Ok(()) => End::Broken("it ended by itself".to_owned()),
        Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication | GatewayError::NoAuthentication)) => {
            End::Fatal(ListenError::Token)
        }
        Err(serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents | GatewayError::InvalidGatewayIntents)) => {
            End::Fatal(ListenError::Intents)
        }
        Err(error) => End::Broken(error.to_string()),
    }
}

/// Ends when the connection is beyond what serenity mends by itself.
async fn watch(manager: &ShardManager, sessions: &Sessions) -> &'static str {
    let mut down_since: Option<Instant> = None;
    loop {
        sleep(LOOK_EVERY).await;
        let (running, up) = {
            let runners = manager.runners.lock().await;
            (!runners.is_empty(), runners.values().any(|runner| runner.stage == ConnectionStage::Connected))
        };
        down_since = if up { None } else { down_since.or_else(|| Some(Instant::now())) };
        // Without a runner serenity is still trying to reach the gateway at all. That costs no session, and it can't be
        // stopped before it gets there.
        if running && down_since.is_some_and(|since| since.elapsed() >= UP_WITHIN) {
            return "no session came up";
        }
        if sessions.too_many(Instant::now()) {
            return "sessions end as soon as they begin";
        }
    }
}

/// How many sessions may still begin, as Discord counts them for the token: over every restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SessionStarts {
    total: u32,
    remaining: u32,
    reset_after: Duration,
}

impl SessionStarts {
    /// Reads `session_start_limit`; nothing where Discord does not say it.
    fn read(limit: &Value) -> Option<SessionStarts> {
        let number = |name: &str| limit[name].as_u64();
        Some(SessionStarts {
            total: u32::try_from(number("total")?).ok()?,
            remaining: u32::try_from(number("remaining")?).ok()?,
            reset_after: Duration::from_millis(number("reset_after")?).min(RESET_AFTER_MAX),
        })
    }

    /// How long to wait with the next: the last tenth must last until there are new ones.
    fn wait(&self) -> Option<Duration> {
        if self.remaining > self.total / 10 {
            return None;
        }
        Some(self.reset_after / self.remaining.max(1))
    }
}

/// When the newest sessions began.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<VecDeque<Instant>>);

impl Sessions {
    pub(super) fn began(&self, now: Instant) {
        let mut began = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        began.push_back(now);
        if began.len() > SESSIONS_MAX {
            began.pop_front();
        }
    }

    fn too_many(&self, now: Instant) -> bool {
        let began = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        began.len() >= SESSIONS_MAX && began.front().is_some_and(|oldest| now - *oldest < SESSIONS_WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_sessions_of_a_day_are_spread_over_what_is_left_of_it() {
        let left = |remaining: u64| {
            let limit =
                json!({ "total": 1000, "remaining": remaining, "reset_after": 36_000_000, "max_concurrency": 1 });
            SessionStarts::read(&limit).expect("Discord's own shape").wait()
        };
        assert_eq!(left(1_000), None);
        assert_eq!(left(101), None);
        assert_eq!(left(100), Some(Duration::from_mins(6)));
        assert_eq!(left(1), Some(Duration::from_hours(10)));
        assert_eq!(left(0), Some(Duration::from_hours(10)));
        assert_eq!(SessionStarts::read(&json!({ "remaining": "few" })), None);
    }

    #[test]
    fn twenty_sessions_in_an_hour_are_a_loop() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        for _ in 0..SESSIONS_MAX {
            assert!(!sessions.too_many(now));
            sessions.began(now);
        }
        assert!(sessions.too_many(now));
        assert!(!sessions.too_many(now + SESSIONS_WINDOW));
    }
}
