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
    ClientBuilder, ConnectionStage, Context, Event, GatewayError, GatewayIntents, HttpBuilder, Interaction,
    LightMethod, RawEventHandler, Route, ShardManager,
};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::inbound::read;
use super::respond::{First, answer};
use super::rest::{API_URL, Call, Rest};
use crate::app::inbound::{Act, Inbound, Reply};
use crate::domain::{Account, Place, Platform, Standing};
use crate::platform::SendError;
use crate::platform::ignored::ignored;

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

/// Discord's words for what the gateway may send and the bot does not act on, in the metric of ignored deliveries. An
/// interaction among them has nothing by which it could be answered.
const EVENTS: [&str; 24] = [
    "INTERACTION_CREATE",
    "GUILD_UPDATE",
    "GUILD_DELETE",
    "GUILD_ROLE_CREATE",
    "GUILD_ROLE_UPDATE",
    "GUILD_ROLE_DELETE",
    "GUILD_MEMBER_ADD",
    "GUILD_MEMBER_UPDATE",
    "GUILD_MEMBER_REMOVE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "CHANNEL_DELETE",
    "CHANNEL_PINS_UPDATE",
    "THREAD_CREATE",
    "THREAD_UPDATE",
    "THREAD_DELETE",
    "THREAD_LIST_SYNC",
    "THREAD_MEMBER_UPDATE",
    "THREAD_MEMBERS_UPDATE",
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
    "USER_UPDATE",
];

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

    fn change<T>(&self, change: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
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
struct Sessions(Mutex<VecDeque<Instant>>);

impl Sessions {
    fn began(&self, now: Instant) {
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

/// Hears events and hands interactions on.
struct Ears<F> {
    rest: Arc<Rest>,
    handler: F,
    guilds: Arc<Guilds>,
    sessions: Arc<Sessions>,
    tracker: TaskTracker,
    /// Set when this connection was given up: what still arrives on it arrives on the next one as well.
    ended: CancellationToken,
}

#[serenity::async_trait]
impl<F, Fut> RawEventHandler for Ears<F>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    /// Called by serenity in a task of its own for each event, so that a slow one holds up no other.
    async fn raw_event(&self, _: Context, event: Event) {
        let received = Instant::now();
        if self.ended.is_cancelled() {
            return;
        }
        let raw = match event {
            Event::InteractionCreate(event) => written_back(&event.interaction),
            Event::Unknown(event) if event.kind == "INTERACTION_CREATE" => Some(event.value),
            other => {
                if let Some(news) = self.notice(&other) {
                    self.tracker.track_future(self.tell(news)).await;
                }
                return;
            }
        };
        let Some(delivery) = raw.as_ref().and_then(read) else {
            tracing::warn!("Discord sent an interaction that can't even be answered");
            ignored("discord", "INTERACTION_CREATE", &EVENTS);
            return;
        };
        // The task is serenity's, and serenity forgets it; the tracker waits for it at the end.
        self.tracker.track_future(answer(&self.rest, delivery, First::Callback, &self.handler, received)).await;
    }
}

impl<F, Fut> Ears<F>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    /// Nobody waits for an answer to news; a failure is logged where it happens.
    async fn tell(&self, news: Inbound) {
        let delivery = news.delivery.clone();
        if (self.handler)(news).await.is_err() {
            tracing::warn!(delivery, "what Discord told of a server was not kept");
        }
    }

    /// What an event says about the bot's own membership, if it says anything.
    fn notice(&self, event: &Event) -> Option<Inbound> {
        match event {
            Event::Ready(event) => {
                self.sessions.began(Instant::now());
                let ids = event.ready.guilds.iter().map(|guild| guild.id.to_string()).collect();
                self.guilds.change(|guilds| *guilds = ids);
                tracing::info!(bot = %event.ready.user.name, "connected to Discord's gateway");
            }
            Event::Resumed(_) => tracing::info!("resumed the session at Discord's gateway"),
            Event::GuildCreate(event) => {
                self.guilds.change(|guilds| guilds.insert(event.guild.id.to_string()));
                return Some(news(&event.guild.id.to_string(), Act::BotIsMember));
            }
            // Unavailable is an outage at Discord; otherwise the bot was removed.
            Event::GuildDelete(event) if !event.guild.unavailable => {
                self.guilds.change(|guilds| guilds.remove(&event.guild.id.to_string()));
                let why = "removed_from_server".to_owned();
                return Some(news(&event.guild.id.to_string(), Act::BotWasRemoved { why }));
            }
            other => {
                let name = match other {
                    Event::Unknown(event) => Some(event.kind.clone()),
                    known => known.name(),
                };
                ignored("discord", name.as_deref().unwrap_or_default(), &EVENTS);
            }
        }
        None
    }
}

/// What the gateway tells of a server. Events have no id of their own; the same news twice changes nothing.
fn news(guild: &str, act: Act) -> Inbound {
    let workspace = guild.to_owned();
    Inbound {
        delivery: format!("discord:{guild}:{:016x}", rand::random::<u64>()),
        place: Place { platform: Platform::Discord, workspace: workspace.clone(), channel: String::new() },
        account: Account { platform: Platform::Discord, workspace, id: String::new() },
        account_name: String::new(),
        standing: Standing::Member,
        message: None,
        act,
    }
}

/// An interaction that serenity could read, as JSON again.
///
/// serenity keeps the text of an event only where it failed to read it. So there is one reader, ours, for both: what
/// serenity read is written back (it loses nothing that we ask for, except the type, which its model turns into a
/// variant), and what it could not read comes as it was sent.
pub(super) fn written_back(interaction: &Interaction) -> Option<Value> {
    let mut raw = serde_json::to_value(interaction).ok()?;
    raw.as_object_mut()?.insert("type".into(), u8::from(interaction.kind()).into());
    Some(raw)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::app::inbound::Act;

    fn user() -> Value {
        json!({ "id": "42", "username": "ana", "discriminator": "0", "global_name": "Ana", "avatar": null })
    }

    fn interaction(kind: u8, data: &Value) -> Value {
        json!({
            "id": "900", "application_id": "77", "type": kind, "token": "tok", "version": 1,
            "guild_id": "5", "channel_id": "6", "locale": "en-GB", "entitlements": [],
            "app_permissions": "0", "attachment_size_limit": 1000,
            "member": {
                "user": user(), "nick": "Ana B", "roles": [], "joined_at": "2024-01-01T00:00:00Z", "deaf": false,
                "mute": false, "flags": 0, "permissions": "0",
            },
            "data": data,
        })
    }

    fn through_serenity(raw: Value) -> Value {
        let interaction: Interaction = serde_json::from_value(raw).expect("serenity reads it");
        written_back(&interaction).expect("and writes it back")
    }

    #[test]
    fn what_serenity_read_is_read_the_same() {
        let command = interaction(
            2,
            &json!({ "id": "1", "name": "inc", "type": 1, "options": [
            { "name": "vote", "type": 2, "options": [{ "name": "approve", "type": 1, "options": [
                { "name": "who", "type": 6, "value": "42" },
                { "name": "minutes", "type": 4, "value": 15 },
                { "name": "urgent", "type": 5, "value": false },
            ] }] },
        ] }),
        );
        let mut message = json!({
            "id": "8", "channel_id": "6", "author": user(), "content": "", "timestamp": "2024-01-01T00:00:00Z",
            "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": [], "mention_roles": [],
            "attachments": [], "embeds": [], "pinned": false, "type": 0, "flags": 64,
        });
        message["components"] = json!([{ "type": 1, "components": [
            { "type": 2, "style": 1, "label": "Continue", "custom_id": "n|frm" },
        ] }]);
        let mut select = interaction(3, &json!({ "custom_id": "s|frm|sev", "component_type": 3, "values": ["sev1"] }));
        select["message"] = message.clone();
        let mut modal = interaction(
            5,
            &json!({ "custom_id": "f|frm", "components": [
            { "type": 1, "components": [{ "type": 4, "custom_id": "title", "value": "Checkout" }] },
        ] }),
        );
        modal["message"] = message;
        for raw in [command, select, modal] {
            let (direct, around) = (read(&raw).unwrap(), read(&through_serenity(raw)).unwrap());
            assert!(direct.inbound.is_some());
            assert_eq!(around.inbound, direct.inbound);
            assert_eq!((around.kind, around.in_form), (direct.kind, direct.in_form));
        }
    }

    #[test]
    fn what_serenity_can_not_read_is_read_all_the_same() {
        let mut raw = interaction(3, &json!({ "custom_id": "b1.approve", "component_type": 2 }));
        raw.as_object_mut().unwrap().remove("locale");
        assert!(serde_json::from_value::<Interaction>(raw.clone()).is_err());
        let act = read(&raw).unwrap().inbound.unwrap().act;
        assert_eq!(act, Act::Presses { button: "b1.approve".into() });
    }

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
