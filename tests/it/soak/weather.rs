//! What goes wrong: storms of faults with calm between them, a bot that is killed, a Postgres that crashes.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rand::Rng;
use rand::rngs::StdRng;
use wardroom::sandbox::DeliveryFault;
use wardroom::sandbox::discord::DiscordFault;
use wardroom::sandbox::slack::SlackFault;

use super::Town;
use crate::harness::{Process, World};

/// A storm and the calm after it; shorter ones where the whole soak is short.
const CYCLE: Duration = Duration::from_secs(18);
/// The rest of a cycle is calm.
const STORM_SHARE: u32 = 3;
const CYCLE_SHARES: u32 = 4;
/// After a kill or a crash people may hear nothing for a little longer than the thing itself takes.
const AFTERMATH: Duration = Duration::from_secs(4);
/// How many new sessions at Discord's gateway one bot is made to begin: a budget that it guards (20 an hour).
const SESSIONS_ENDED_MAX: u32 = 8;

const SLACK_CALLS: [&str; 7] = [
    "chat.postMessage",
    "chat.update",
    "response_url",
    "views.open",
    "chat.postEphemeral",
    "conversations.create",
    "apps.connections.open",
];
const DISCORD_ROUTES: [&str; 6] = [
    "POST /channels/{id}/messages",
    "PATCH /channels/{id}/messages/{id}",
    "POST /interactions/{id}/{token}/callback",
    "PATCH /webhooks/{id}/{token}/messages/@original",
    "POST /guilds/{id}/channels",
    "GET /gateway/bot",
];

/// What happened, and the bot that lives at the end.
pub struct Weather {
    pub bot: Process,
    pub struck: BTreeMap<&'static str, u32>,
    /// Which life of the bot, how long it had lived, and the bytes that it held.
    pub memory: Vec<(u32, Duration, u64)>,
    pub ended_by_itself: u32,
    /// What bots that are gone wrote to their logs.
    pub all_said: Vec<String>,
    life: u32,
    born: Instant,
    sessions_ended: u32,
}

impl Weather {
    fn new(bot: Process) -> Weather {
        Weather {
            bot,
            struck: BTreeMap::new(),
            memory: Vec::new(),
            ended_by_itself: 0,
            all_said: Vec::new(),
            life: 0,
            born: Instant::now(),
            sessions_ended: 0,
        }
    }

    pub fn lives(&self) -> u32 {
        self.life + 1
    }

    /// The newest lines of the bot's log, for whoever looks for the cause.
    pub fn log_tail(&self) -> String {
        let all = self.all_said.join("---- the next bot\n");
        let lines: Vec<&str> = all.lines().collect();
        lines[lines.len().saturating_sub(150)..].join("\n")
    }

    fn count(&mut self, what: &'static str) {
        *self.struck.entry(what).or_default() += 1;
    }

    /// Ends this bot, if it has not ended by itself, and starts another.
    async fn reborn(&mut self, world: &World, town: &Town, is_killed: bool) {
        let began = Instant::now();
        // A bot that starts while the platforms refuse is not what is looked at here.
        world.slack.mend();
        world.discord.mend();
        self.all_said.push(self.bot.said());
        if is_killed {
            self.bot.kill_now().await;
        }
        self.bot = world.run_bot().await;
        self.life += 1;
        self.born = Instant::now();
        self.sessions_ended = 0;
        remember(town, began);
    }
}

fn remember(town: &Town, began: Instant) {
    town.outages.lock().expect("not poisoned").push((began, Instant::now() + AFTERMATH));
}

/// Rages until the soak is over, then mends everything.
pub async fn rage(world: &World, town: &Town, bot: Process) -> Weather {
    let mut weather = Weather::new(bot);
    let mut dice = town.dice(2);
    let cycle = CYCLE.min(town.length / 3);
    let mut next_kill = town.length / 5;
    let mut next_crash = town.length * 2 / 5;
    while town.goes_on() {
        let now = town.began.elapsed();
        let in_cycle = Duration::from_nanos(u64::try_from(now.as_nanos() % cycle.as_nanos()).unwrap_or_default());
        let is_stormy = in_cycle * CYCLE_SHARES < cycle * STORM_SHARE;
        if !is_stormy && town.stormy.swap(false, Ordering::SeqCst) {
            world.slack.mend();
            world.discord.mend();
        }
        town.stormy.store(is_stormy, Ordering::SeqCst);
        if !weather.bot.runs() {
            weather.ended_by_itself += 1;
            weather.reborn(world, town, false).await;
        }
        if let Some(bytes) = weather.bot.resident_bytes() {
            weather.memory.push((weather.life, weather.born.elapsed(), bytes));
        }
        // Killed in the first part only: afterwards one bot must live long enough for its memory to be judged.
        if is_stormy && now >= next_kill && now < town.length / 2 {
            next_kill = now + (town.length / 10).max(Duration::from_secs(8));
            weather.count("bot killed");
            weather.reborn(world, town, true).await;
        } else if is_stormy && now >= next_crash {
            next_crash = now + (town.length / 15).max(Duration::from_secs(12));
            weather.count("Postgres crashed");
            let began = Instant::now();
            world.database.crash_server().await;
            remember(town, began);
        } else if is_stormy {
            strike(world, &mut weather, &mut dice).await;
        }
        tokio::time::sleep(Duration::from_millis(dice.random_range(80..700))).await;
    }
    town.stormy.store(false, Ordering::SeqCst);
    world.slack.mend();
    world.discord.mend();
    weather
}

async fn strike(world: &World, weather: &mut Weather, dice: &mut StdRng) {
    match dice.random_range(0..100) {
        0..30 => deliveries(world, weather, dice),
        30..55 => slack_calls(world, weather, dice),
        55..80 => discord_routes(world, weather, dice),
        80..90 => slack_sockets(world, weather, dice).await,
        _ => discord_sockets(world, weather, dice).await,
    }
}

fn deliveries(world: &World, weather: &mut Weather, dice: &mut StdRng) {
    let fault = match dice.random_range(0..3) {
        0 => DeliveryFault::Twice,
        1 => DeliveryFault::Again,
        _ => DeliveryFault::Late { millis: dice.random_range(100..2_000) },
    };
    weather.count(match fault {
        DeliveryFault::Twice => "delivered twice",
        DeliveryFault::Again => "delivered again",
        DeliveryFault::Late { .. } => "delivered late",
    });
    if dice.random_bool(0.5) { world.slack.trouble(fault) } else { world.discord.trouble(fault) }
}

fn slack_calls(world: &World, weather: &mut Weather, dice: &mut StdRng) {
    let method = SLACK_CALLS[dice.random_range(0..SLACK_CALLS.len())].to_owned();
    let times = dice.random_range(1..5);
    let (name, fault) = match dice.random_range(0..4) {
        0 => ("Slack: 429", SlackFault::RateLimit { method, times, retry_after_secs: dice.random_range(1..3) }),
        1 => ("Slack: 5xx", SlackFault::ServerError { method, times }),
        2 => ("Slack: answer lost", SlackFault::LoseAnswer { method, times: 1 }),
        _ => ("Slack: slow", SlackFault::Slow { method, times, millis: dice.random_range(100..2_500) }),
    };
    weather.count(name);
    world.slack.fault(fault);
}

fn discord_routes(world: &World, weather: &mut Weather, dice: &mut StdRng) {
    let route = DISCORD_ROUTES[dice.random_range(0..DISCORD_ROUTES.len())].to_owned();
    let times = dice.random_range(1..5);
    let (name, fault) = match dice.random_range(0..4) {
        0 => {
            let retry_after_millis = dice.random_range(200..2_000);
            ("Discord: 429", DiscordFault::RateLimit { route, times, retry_after_millis })
        }
        1 => ("Discord: 5xx", DiscordFault::ServerError { route, times }),
        2 => ("Discord: answer lost", DiscordFault::LoseAnswer { route, times: 1 }),
        _ => ("Discord: slow", DiscordFault::Slow { route, times, millis: dice.random_range(100..2_500) }),
    };
    weather.count(name);
    world.discord.fault(fault);
}

async fn slack_sockets(world: &World, weather: &mut Weather, dice: &mut StdRng) {
    if dice.random_bool(0.5) {
        weather.count("Slack: sockets dropped");
        world.slack.drop_connections().await;
    } else {
        weather.count("Slack: disconnect asked");
        world.slack.send_disconnect(["warning", "refresh_requested"][dice.random_range(0..2)]);
    }
}

async fn discord_sockets(world: &World, weather: &mut Weather, dice: &mut StdRng) {
    match dice.random_range(0..5) {
        0 => {
            weather.count("Discord: socket dropped");
            world.discord.drop_connections().await;
        }
        1 => {
            weather.count("Discord: reconnect asked (op 7)");
            world.discord.ask_to_reconnect().await;
        }
        2 => {
            weather.count("Discord: closed with 4000");
            world.discord.close_connections(4_000).await;
        }
        3 => {
            weather.count("Discord: session invalid, to be resumed");
            world.discord.invalidate_sessions(true).await;
        }
        _ if weather.sessions_ended < SESSIONS_ENDED_MAX => {
            weather.sessions_ended += 1;
            weather.count("Discord: session invalid, gone");
            world.discord.invalidate_sessions(false).await;
        }
        _ => {}
    }
}
