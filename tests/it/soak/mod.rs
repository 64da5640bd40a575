//! A busy day with everything going wrong: the real bot as a process of its own, in real time, with people on both
//! platforms, while sockets drop, platforms refuse, Postgres crashes and the bot is killed, at random from a printed
//! seed. Then the faults end, and the world must be as it should be.
//!
//! `WARDROOM_SOAK_SECONDS=1800 cargo test --test it soak -- --nocapture` runs half an hour of it;
//! `WARDROOM_SOAK_SEED` throws the same dice again.
//!
//! * `crowd`: who acts, and what they are told.
//! * `weather`: what goes wrong, and when.
//! * `reckoning`: what must be true at the end.
//! * `figures`: what is printed.

mod crowd;
mod figures;
mod reckoning;
mod weather;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use wardroom::clock::Clock;

use crate::harness::{Database, World};

/// Enough for a kill, a crash and some storms, where nobody asked for more.
const SECONDS: u64 = 20;

/// How long what is left to do may take once nothing goes wrong any more.
const DRAIN: Duration = Duration::from_mins(4);

/// Longer than Slack lets a connection linger that it has replaced.
const GATHERING: Duration = Duration::from_secs(45);

/// What everybody in a soak shares.
struct Town {
    began: Instant,
    length: Duration,
    seed: u64,
    /// Whether faults strike at this moment.
    stormy: AtomicBool,
    /// From when to when there was no bot, or no Postgres: who acts then may hear nothing.
    outages: Mutex<Vec<(Instant, Instant)>>,
    rooms: Mutex<Vec<Room>>,
    marks: AtomicU32,
}

/// The war room of an incident in which people act.
#[derive(Debug, Clone)]
struct Room {
    incident: i64,
    channel: String,
    since: Instant,
    /// The change that is being decided on or carried out here.
    change: Option<String>,
}

impl Town {
    fn from_environment() -> Town {
        let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
        Town {
            began: Instant::now(),
            length: Duration::from_secs(number("WARDROOM_SOAK_SECONDS").unwrap_or(SECONDS)),
            seed: number("WARDROOM_SOAK_SEED").unwrap_or_else(|| rand::random::<u64>() >> 32),
            stormy: AtomicBool::new(false),
            outages: Mutex::default(),
            rooms: Mutex::default(),
            marks: AtomicU32::new(0),
        }
    }

    fn goes_on(&self) -> bool {
        self.began.elapsed() < self.length
    }

    /// Dice of one's own, the same in every run of this seed.
    fn dice(&self, whose: u64) -> StdRng {
        StdRng::seed_from_u64(self.seed.wrapping_mul(1_000).wrapping_add(whose))
    }

    /// A word that nobody else says.
    fn mark(&self) -> String {
        format!("m{:06}q", self.marks.fetch_add(1, Ordering::SeqCst))
    }

    fn rooms(&self) -> Vec<Room> {
        self.rooms.lock().expect("not poisoned").clone()
    }

    fn had_an_outage(&self, from: Instant, to: Instant) -> bool {
        self.outages.lock().expect("not poisoned").iter().any(|(began, ended)| *began <= to && from <= *ended)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn soak() {
    let world = World::start_over(Database::create_to_crash().await, Clock::new(0)).await;
    let bot = world.run_bot().await;
    let town = Town::from_environment();
    eprintln!("soak: {} s, seed {}", town.length.as_secs(), town.seed);
    let (acts, mut weather) =
        tokio::join!(Box::pin(crowd::live(&world, &town)), Box::pin(weather::rage(&world, &town, bot)));
    let drained = settled(&world).await;
    gathered(&world).await;
    // Promises fall due at every moment: what is counted stands still meanwhile.
    weather.bot.hold(true);
    while !world.unfinished().await.is_empty() {
        weather.bot.hold(false);
        tokio::time::sleep(Duration::from_millis(200)).await;
        weather.bot.hold(true);
    }
    let wrong = reckoning::wrongs(&world, &town, &acts, &weather, drained).await;
    weather.bot.hold(false);
    figures::print(&world, &town, &acts, &weather, drained).await;
    let said = weather.bot.said();
    weather.all_said.push(said);
    let log = weather.log_tail();
    weather.bot.stop().await;
    if !wrong.is_empty() {
        let seed = town.seed;
        panic!("{} things are not as they should be (seed {seed}):\n{}\n\n{log}", wrong.len(), wrong.join("\n"));
    }
    world.finish().await;
}

/// Waits until the connections that were replaced are closed: the reckoning counts what is open then.
async fn gathered(world: &World) {
    let began = Instant::now();
    while (world.slack.connections(), world.discord.connections()) != (2, 1) && began.elapsed() < GATHERING {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until nothing is left to do; how long it took, or nothing if it never ended.
async fn settled(world: &World) -> Option<Duration> {
    let began = Instant::now();
    let mut quiet = 0;
    while began.elapsed() < DRAIN {
        let due = world.app.store.jobs_due().await.unwrap_or(1) + world.app.store.jobs_failed().await.unwrap_or(1);
        quiet = if due == 0 { quiet + 1 } else { 0 };
        // Twice in a row: a job that just ran may have made another.
        if quiet == 2 {
            return Some(began.elapsed());
        }
        world.hurry().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    None
}
