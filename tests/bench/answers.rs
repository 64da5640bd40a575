//! How fast Wardroom answers, how small it is and what its log costs: `cargo bench --bench answers`; with `-- log` only
//! the log.
//!
//! One run measures everything side by side, because only figures of one run on one machine can be compared: the bot as
//! a child process over both platforms' wire protocols, the same commands in process, and what the database itself does
//! with a transaction of the same shape. Postgres is private and keeps what it acknowledges (fsync on).

mod chat;
mod direct;
mod figures;
mod log;
mod pgbench;
mod process;
mod stage;
mod statements;
mod votes;

use std::time::Duration;

use figures::{Figures, Table, milliseconds};
use stage::Stage;

fn main() {
    // Only `cargo bench` says `--bench`: as a test there is nothing to check but that it compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    rustls::crypto::ring::default_provider().install_default().expect("nothing has chosen a TLS provider before");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads can be started");
    runtime.block_on(measure());
}

async fn measure() {
    if !std::env::args().any(|argument| argument == "log") {
        let stage = Stage::start().await;
        cold_starts(&stage).await;
        answers(&stage).await;
        Box::pin(database(&stage)).await;
        Box::pin(votes::measure(&stage)).await;
        growth(&stage).await;
        stage.stop().await;
    }
    // On a database of its own: it is verified, and what `growth` fills the other one with is no entry.
    let stage = Stage::start().await;
    Box::pin(log::measure(&stage)).await;
    stage.stop().await;
}

async fn cold_starts(stage: &Stage) {
    let mut ready = Vec::new();
    for _ in 0..5 {
        let bot = stage.spawn_bot().await;
        ready.push(bot.ready_after);
        bot.stop().await;
    }
    let figures = Figures::of(ready, Duration::ZERO);
    let mut table = Table::new("Cold start, on a prepared database", &["", "median", "slowest"]);
    table.row("spawn to /readyz", &[milliseconds(figures.median), milliseconds(figures.slowest)]);
    table.print();
}

/// The bot as a child process: times, memory, processor.
async fn answers(stage: &Stage) {
    let bot = stage.spawn_bot().await;
    stage.wait_until_connected().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = process::memory(bot.id());
    let place = chat::open_rooms(stage).await;
    // What is set up once (connections, statements, caches) is not what a command costs.
    chat::notes_on_slack(stage, &place.rooms, 50, 8).await;
    chat::notes_on_discord(stage, &place.rooms, 50, 8).await;

    let titles = ["", "count", "median", "p99", "slowest", "per second", "CPU: bot", "Postgres", "sandbox"];
    let mut table = Table::new("From a person's command to the answer, over the wire", &titles);
    for (name, round) in chat::ROUNDS {
        let postgres = stage.postmaster();
        let cpu = || [process::cpu(bot.id()), process::cpu_of_family(postgres), process::cpu(std::process::id())];
        let before = cpu();
        let figures = round.run(stage, &place).await;
        let used = cpu().into_iter().zip(before).map(|(after, before)| figures.each(after.saturating_sub(before)));
        table.row(name, &figures.cells().into_iter().chain(used).collect::<Vec<_>>());
    }
    table.print();

    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = process::memory(bot.id());
    let mut table = Table::new("Memory of the bot alone, both platforms connected", &["", "RSS", "PSS", "own pages"]);
    table.row("idle, after start", &idle.cells());
    table.row("after the load", &after.cells());
    table.print();
    bot.stop().await;
}

/// What the database does by itself, and how much of it a whole command reaches.
async fn database(stage: &Stage) {
    let titles = ["transactions per second", "1 at once", "8 at once", "32 at once"];
    let mut table = Table::new("The database, and App::handle in process", &titles);
    let desk = direct::Desk::open(stage, 32).await;
    let (mut by_hand, mut commands, mut hot) = (Vec::new(), Vec::new(), Vec::new());
    for at_once in [1, 8, 32] {
        by_hand.push(pgbench::per_second(stage, pgbench::COMMAND, at_once).await);
        commands.push(desk.notes(at_once, 32, direct::ROUND).await);
        hot.push(desk.notes(at_once, 1, direct::ROUND).await);
    }
    let rates = |figures: &[Figures]| figures.iter().map(|f| format!("{:.0}", f.per_second())).collect::<Vec<_>>();
    let shares = |figures: &[Figures]| {
        let share = |(f, by_hand): (&Figures, &Option<f64>)| {
            by_hand.map_or_else(|| "-".to_owned(), |by_hand| format!("{:.2}", f.per_second() / by_hand))
        };
        figures.iter().zip(&by_hand).map(share).collect::<Vec<_>>()
    };
    let by_hand_cells: Vec<String> =
        by_hand.iter().map(|rate| rate.map_or_else(|| "no pgbench".to_owned(), |rate| format!("{rate:.0}"))).collect();
    table.row("pgbench: 2 inserts, 1 update", &by_hand_cells);
    table.row("commands, 32 incidents", &rates(&commands));
    table.row("  share of pgbench", &shares(&commands));
    table.row("  median", &commands.iter().map(|f| milliseconds(f.median)).collect::<Vec<_>>());
    table.row("  p99", &commands.iter().map(|f| milliseconds(f.p99)).collect::<Vec<_>>());
    table.row("commands, one incident", &rates(&hot));
    table.row("  share of pgbench", &shares(&hot));
    table.print();
    Box::pin(desk.print_statements()).await;
}

/// A long log must not make a command slower.
async fn growth(stage: &Stage) {
    let desk = direct::Desk::open(stage, 4).await;
    let titles = ["entries", "count", "median", "p99", "slowest", "per second"];
    let mut table = Table::new("App::handle as the log grows, one after the other", &titles);
    for entries in [1_000, 100_000] {
        stage.fill_log_to(entries).await;
        desk.notes(1, 1, Duration::from_millis(500)).await;
        let figures = desk.notes(1, 1, Duration::from_secs(2)).await;
        table.row(&format!("{entries}"), &figures.cells());
    }
    table.print();
}
