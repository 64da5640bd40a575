//! What a soak prints: how much happened, how much went wrong, how quickly people were answered, and what it cost.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Town;
use super::crowd::Act;
use super::reckoning::{Outcome, outcomes};
use super::weather::Weather;
use crate::harness::World;

/// A process that is so young still fills its pools and caches.
const WARM: Duration = Duration::from_secs(30);
/// Fewer samples say nothing about a trend.
const SAMPLES_MIN: usize = 80;

/// The median of what the last bot held in the first and in the last quarter of its warm life.
pub fn quarters(weather: &Weather) -> Option<(u64, u64)> {
    let last = weather.lives() - 1;
    let warm: Vec<u64> = weather
        .memory
        .iter()
        .filter(|(life, age, _)| *life == last && *age > WARM)
        .map(|(_, _, bytes)| *bytes)
        .collect();
    if warm.len() < SAMPLES_MIN {
        return None;
    }
    let quarter = warm.len() / 4;
    Some((median(&warm[..quarter]), median(&warm[warm.len() - quarter..])))
}

fn median(samples: &[u64]) -> u64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

pub async fn print(world: &World, town: &Town, acts: &[Act], weather: &Weather, drained: Option<Duration>) {
    let outcomes = outcomes(world, acts);
    let mut told: BTreeMap<&str, u32> = BTreeMap::new();
    for outcome in &outcomes {
        let name = match outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::NothingChanged => "told that nothing was changed",
            Outcome::Told => "told something else",
            Outcome::GivenUp => "given up by the platform",
            Outcome::Silent => "not answered while the bot or Postgres was gone",
        };
        *told.entry(name).or_default() += 1;
    }
    let mut did: BTreeMap<String, u32> = BTreeMap::new();
    for act in acts {
        *did.entry(format!("{:?}", act.what)).or_default() += 1;
    }
    eprintln!("soak: seed {}, {} acts in {} s: {did:?}", town.seed, acts.len(), town.length.as_secs());
    eprintln!("  answers: {told:?}");
    eprintln!("  faults: {:?}", weather.struck);
    eprintln!("  bots: {} lives, ended by themselves {} times", weather.lives(), weather.ended_by_itself);
    for (name, calm) in [("without faults", true), ("with faults", false)] {
        let mut took: Vec<Duration> = acts.iter().filter(|act| act.calm == calm).filter_map(|act| act.took).collect();
        took.sort_unstable();
        if took.is_empty() {
            continue;
        }
        let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_millis();
        eprintln!("  answered {name}: {} acts, p50 {} ms, p99 {} ms", took.len(), at(50), at(99));
    }
    let (says, cards, retries) = deliveries(world).await;
    eprintln!("  sent: {says} sentences, {cards} cards; tried again {retries} times");
    eprintln!("  log: {} entries", world.database.count("select count(*) from dlog.entry").await);
    match drained {
        Some(drained) => eprintln!("  all done {} ms after the last fault", drained.as_millis()),
        None => eprintln!("  not all was done in time"),
    }
    match quarters(weather) {
        Some((first, last)) => {
            eprintln!("  memory: {} KB in the first quarter, {} KB in the last", first >> 10, last >> 10);
        }
        None => eprintln!("  memory: too short a life to judge"),
    }
}

async fn deliveries(world: &World) -> (i64, i64, i64) {
    let says = world.database.count("select count(*) from say where message is not null").await;
    let cards = world.database.count("select count(*) from card where message is not null").await;
    let retries = "select coalesce(sum(greatest(attempts - 1, 0)), 0)::bigint from
                   (select attempts from say union all select attempts from card) as sent";
    (says, cards, world.database.count(retries).await)
}
