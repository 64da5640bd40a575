//! `kill -9`, again and again, at random moments while people write through the real bot: nothing that was acknowledged
//! is lost, nothing has a gap, nothing forks, and what hurts was in the file before anybody heard of it.
//!
//! `WARDROOM_KILLS=200 cargo test --test it kills -- --nocapture` kills it so often; `WARDROOM_KILLS_SEED` throws the same
//! dice again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use wardroom::clock::Clock;
use wardroom::ledger::LogName;
use wardroom::ledger::anchors::Anchors;
use wardroom::store::Against;

use crate::harness::{Here, Process, World};

const ROOM: &str = "inc-1-checkout-returns-502";

/// Enough for a plain run of all tests.
const KILLS: u64 = 20;

/// How long a bot may live once it listens.
const LIFE_MILLIS: std::ops::Range<u64> = 20..900;

/// Longer than any takeover; what takes longer never comes.
const PATIENCE: Duration = Duration::from_mins(2);

/// What everybody shares.
struct Siege {
    folder: PathBuf,
    /// Every receipt that anybody was given, and whether its checkpoint was said to be pending.
    receipts: Mutex<BTreeMap<String, bool>>,
    /// What was said in notes, and whether it was acknowledged.
    notes: Mutex<Vec<(String, bool)>>,
    goes_on: AtomicBool,
    marks: AtomicU32,
}

impl Siege {
    /// Keeps the receipts of an answer; whether it had one.
    fn hears(&self, answer: &str) -> bool {
        let is_pending = answer.contains("checkpoint outside the database is pending");
        let quoted = answer.split('`').skip(1).step_by(2);
        let receipts: Vec<String> =
            quoted.filter(|code| code.starts_with("L ") && code.contains('#')).map(str::to_owned).collect();
        let is_acknowledged = !receipts.is_empty();
        let receipts = receipts.into_iter().map(|receipt| (receipt, is_pending));
        self.receipts.lock().expect("not poisoned").extend(receipts);
        is_acknowledged
    }
}

/// Writes notes until the end.
async fn notes(siege: &Siege, here: Here<'_>) {
    while siege.goes_on.load(Ordering::SeqCst) {
        let mark = format!("k{:05}q", siege.marks.fetch_add(1, Ordering::SeqCst));
        let is_acknowledged = siege.hears(&here.says(&format!("/inc note {mark}")).await);
        siege.notes.lock().expect("not poisoned").push((mark, is_acknowledged));
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Raises the incident and lowers it again, which a second person confirms, until the end: each confirmation hurts.
async fn overrides(siege: &Siege, asks: Here<'_>, confirms: Here<'_>) {
    while siege.goes_on.load(Ordering::SeqCst) {
        siege.hears(&asks.says("/inc sev 1 why: all regions").await);
        siege.hears(&asks.says("/inc sev 2 why: one region only").await);
        siege.hears(&confirms.says("/inc confirm").await);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Kills the bot and starts another, so often. How many entries that hurt were found in the file right after a kill.
async fn besieged(siege: &Siege, world: &World, mut bot: Process, kills: u64, dice: &mut StdRng) -> (Process, usize) {
    let mut covered = 0;
    for kill in 1..=kills {
        tokio::time::sleep(Duration::from_millis(dice.random_range(LIFE_MILLIS))).await;
        bot.kill_now().await;
        covered = all_that_hurts_is_in_the_file(siege, world).await;
        bot = world.run_bot().await;
        if kill % 20 == 0 {
            let entries = world.database.count("select count(*) from dlog.entry").await;
            eprintln!("kills: {kill} of {kills}, {entries} entries");
        }
    }
    siege.goes_on.store(false, Ordering::SeqCst);
    (bot, covered)
}

/// Overrides whose author was answered, against the newest checkpoint of the file.
async fn all_that_hurts_is_in_the_file(siege: &Siege, world: &World) -> usize {
    let signed = Anchors::at(&siege.folder).signed("wardroom/harbour").expect("the file can be read");
    let size = signed.last().map_or(0, |signed| signed.checkpoint.size);
    let told = siege.receipts.lock().expect("not poisoned").clone();
    let mut covered = 0;
    for row in world.database.texts(OVERRIDES).await {
        let (receipt, index) = row.rsplit_once('|').expect("as asked for");
        // An answer that says that its checkpoint is pending makes no promise about the file.
        if told.get(receipt) == Some(&false) {
            let index: Option<u64> = index.parse().ok();
            assert!(index.is_some_and(|index| index < size), "{receipt} is leaf {index:?}, {size} were signed");
            covered += 1;
        }
    }
    covered
}

const OVERRIDES: &str =
    "select 'L ' || subject || '#' || seq || ' ' || left(encode(entry.leaf_hash, 'base64'), 8) || '|'
        || coalesce(idx::text, 'none')
    from dlog.entry left join dlog.leaf on entry_id = id
    where kind = 'incident.step_confirmed'
       or kind = 'incident.priority_set' and convert_from(body, 'UTF8') like '%\"raised\":false%'";

const RECEIPTS: &str =
    "select 'L ' || subject || '#' || seq || ' ' || left(encode(leaf_hash, 'base64'), 8) from dlog.entry";

const TEXTS: &str = "select convert_from(disclosure, 'UTF8') from dlog.disclosure";

/// So many that some strike right after an override was acknowledged, however slow the machine.
const MANY: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn kills() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let kills = number("WARDROOM_KILLS").unwrap_or(KILLS);
    let seed = number("WARDROOM_KILLS_SEED").unwrap_or_else(|| rand::random::<u64>() >> 32);
    eprintln!("kills: {kills}, seed {seed}");
    let began = Instant::now();
    let mut world = World::start(Clock::new(0)).await;
    let folder = std::env::temp_dir().join(format!("wardroom-kills-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    world.ledger = Some(folder.clone());
    let bot = world.run_bot().await;
    let siege = Siege {
        folder: folder.clone(),
        receipts: Mutex::default(),
        notes: Mutex::default(),
        goes_on: AtomicBool::new(true),
        marks: AtomicU32::new(0),
    };
    let said = world.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    assert!(siege.hears(&said), "{said}");
    until("both rooms are open", async || {
        [world.slack.transcript(ROOM), world.discord.transcript(ROOM)].iter().all(|room| room.contains("INC-1 ·"))
    })
    .await;
    let (slack, discord) = (|key| world.person(key).slack().at(ROOM), |key| world.person(key).discord().at(ROOM));
    let mut dice = StdRng::seed_from_u64(seed);
    let writers = async {
        tokio::join!(
            notes(&siege, slack("mia")),
            notes(&siege, slack("tom")),
            notes(&siege, discord("mia")),
            overrides(&siege, slack("ana"), discord("tom"))
        )
    };
    let (_, (bot, covered)) = tokio::join!(writers, besieged(&siege, &world, bot, kills, &mut dice));
    bot.stop().await;
    world.app.store.sequence(1).await.expect("it is sequenced");
    nothing_is_lost(&siege, &world).await;
    let (entries, signed) = the_tree_is_one(&siege, &world).await;
    let (told, pending) = {
        let receipts = siege.receipts.lock().expect("not poisoned");
        (receipts.len(), receipts.values().filter(|is_pending| **is_pending).count())
    };
    let took = began.elapsed().as_secs();
    eprintln!(
        "kills: {kills} kills in {took} s, seed {seed}: {entries} entries, {told} receipts ({pending} told as pending), \
         {covered} overrides found in the file right after a kill, {signed} checkpoints; nothing lost, no gap, no fork"
    );
    assert!(covered > 0 || kills < MANY, "overrides were acknowledged");
    // What is still to be said in the rooms is not looked at here: Slack takes a message a second.
    world.leave().await;
    let _ = std::fs::remove_dir_all(&folder);
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every receipt is in the log, every note once at most, and no row of state is without its entry.
async fn nothing_is_lost(siege: &Siege, world: &World) {
    let there: BTreeSet<String> = world.database.texts(RECEIPTS).await.into_iter().collect();
    let told: BTreeSet<String> = siege.receipts.lock().expect("not poisoned").keys().cloned().collect();
    assert_eq!(told.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "acknowledged, and not in the log");
    let texts = world.database.texts(TEXTS).await;
    for (mark, is_acknowledged) in siege.notes.lock().expect("not poisoned").iter() {
        let times = texts.iter().filter(|text| text.contains(mark)).count();
        assert!(times <= 1 && (times == 1 || !is_acknowledged), "{mark} is {times} times in the log");
    }
    let tables = "select tgrelid::regclass::text from pg_trigger where tgname = 'must_log' order by 1";
    for table in world.database.texts(tables).await {
        world
            .as_superuser(&format!(
                "do $$ begin if exists (select from {table} s where not exists (select from dlog.entry e
                   where e.tenant_id = s.tenant_id and e.subject = s.subject and e.seq = s.version))
                 then raise exception '{table}: a row without its entry'; end if; end $$"
            ))
            .await;
    }
}

/// The tree has every entry once, agrees with all that was signed, and the file tells one history.
async fn the_tree_is_one(siege: &Siege, world: &World) -> (u64, usize) {
    let anchors = Anchors::at(&siege.folder);
    let log = LogName { base: "wardroom/harbour".to_owned(), epoch: 1 };
    let outside = anchors.outside(&log).expect("the file can be read");
    let signed = outside.holds.len();
    let against = Against { trust: outside.trust, outside: Some(outside.holds) };
    let report = world.app.store.verify(1, against, |_| {}).await.expect("the log can be read");
    assert_eq!(report.findings, Vec::new());
    assert_eq!(report.outside, signed as u64, "all that was signed agrees");
    let entries = world.database.count("select count(*) from dlog.entry").await;
    assert_eq!(i64::try_from(report.leaves), Ok(entries), "every entry is a leaf");
    let text = std::fs::read_to_string(siege.folder.join("wardroom.harbour.checkpoints")).expect("it was written");
    let mut last = 0;
    for line in text.lines().filter(|line| line.starts_with('#')) {
        let steps: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        assert_eq!(steps[0], last, "{line} does not continue {last}");
        last = steps[1];
    }
    (report.leaves, signed)
}
