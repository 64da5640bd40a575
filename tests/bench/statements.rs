//! What a command asks of the database, as the server itself has heard it.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};
use wardroom::cluster::SUPERUSER;

use super::figures::{Table, milliseconds};
use super::stage::{DATABASE, Stage};

/// Prints what one of `count` acts asks of the database, in order.
pub async fn print(stage: &Stage, what: &str, count: usize, acts: impl Future<Output = ()>) {
    let heard = Box::pin(heard_during(stage, acts)).await;
    let runs: usize = heard.iter().map(|heard| heard.runs).sum();
    let title = format!("{what}: {} statements, and the server's time for each", runs / count);
    let mut table = Table::new(&title, &["statement", "runs", "time"]);
    for heard in heard {
        let time = Duration::from_secs_f64(heard.took_ms / 1_000.0) / u32::try_from(count).unwrap_or(1);
        table.row(&heard.statement, &[(heard.runs / count).to_string(), milliseconds(time)]);
    }
    table.print();
}

/// One statement, how often it was run, and the server's time for all of its runs.
struct Heard {
    statement: String,
    runs: usize,
    took_ms: f64,
}

/// The statements that the server hears while something is done, in the order of their first run.
async fn heard_during(stage: &Stage, act: impl Future<Output = ()>) -> Vec<Heard> {
    let options = stage.cluster.options(SUPERUSER, DATABASE);
    let mut connection = PgConnection::connect_with(&options).await.expect("Postgres answers");
    connection.execute("alter system set log_min_duration_statement = 0").await.expect("the superuser may");
    connection.execute("select pg_reload_conf()").await.expect("the superuser may");
    // Sessions hear of a new setting between two statements: they are given a moment.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = std::fs::metadata(stage.cluster.log()).map_or(0, |file| file.len());
    act.await;
    connection.execute("alter system reset log_min_duration_statement").await.expect("the superuser may");
    connection.execute("select pg_reload_conf()").await.expect("the superuser may");
    let log = std::fs::read(stage.cluster.log()).expect("Postgres keeps a log");
    let mut heard: Vec<Heard> = Vec::new();
    for line in String::from_utf8_lossy(&log[usize::try_from(before).expect("a small file")..]).lines() {
        let Some((took_ms, ran, statement)) = read(line) else { continue };
        let runs = usize::from(ran);
        match heard.iter_mut().find(|known| known.statement == statement) {
            Some(known) => (known.runs, known.took_ms) = (known.runs + runs, known.took_ms + took_ms),
            None => heard.push(Heard { statement, runs, took_ms }),
        }
    }
    heard.retain(|heard| !heard.statement.contains("alter system") && !heard.statement.contains("pg_reload_conf"));
    heard
}

/// `LOG:  duration: 0.123 ms  execute sqlx_s_1: select …`, where parse and bind have lines of their own.
fn read(line: &str) -> Option<(f64, bool, String)> {
    let (_, rest) = line.split_once("LOG:  duration: ")?;
    let (took_ms, rest) = rest.split_once(" ms  ")?;
    let (what, statement) = rest.split_once(": ")?;
    let ran = what.starts_with("execute") || what == "statement";
    Some((took_ms.parse().ok()?, ran, statement.chars().take(90).collect()))
}
