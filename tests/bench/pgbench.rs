//! What the database itself does with a transaction of the same shape, as its own tool drives it.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;
use wardroom::cluster::SUPERUSER;

use super::stage::{DATABASE, Stage};

/// An entry with its body, an answer, a row of state: the least that a command must write.
const TABLES: &str = "
    create schema if not exists bench;
    create table if not exists bench.entry (
      id bigint generated always as identity primary key, subject text not null, body bytea not null,
      recorded_at timestamptz not null default clock_timestamp());
    create index if not exists entry_subject on bench.entry (subject, id);
    create table if not exists bench.delivery (id uuid primary key default gen_random_uuid(), reply jsonb not null);
    create table if not exists bench.incident (number int primary key, version int not null, title text not null);
    insert into bench.incident select n, 0, 'checkout returns 502' from generate_series(1, 32) n on conflict do nothing;
";

/// What a command must write at least: an entry, an answer, a row of state.
pub const COMMAND: &str = r"
\set n random(1, 32)
begin;
insert into bench.entry (subject, body) values ('INC-' || :n, decode(repeat('5a', 450), 'hex'));
insert into bench.delivery (reply) values (jsonb_build_object('reply', 'tell', 'text', repeat('x', 300)));
update bench.incident set version = version + 1 where number = :n;
commit;
";

/// The same without the answer: a change of state and its entry.
pub const STATE_AND_ENTRY: &str = r"
\set n random(1, 32)
begin;
insert into bench.entry (subject, body) values ('INC-' || :n, decode(repeat('5a', 450), 'hex'));
update bench.incident set version = version + 1 where number = :n;
commit;
";

/// How long it drives.
pub const SECONDS: f64 = 3.0;

/// Transactions per second; nothing where pgbench is not installed.
pub async fn per_second(stage: &Stage, transaction: &str, at_once: usize) -> Option<f64> {
    let program = program()?;
    stage.as_superuser(TABLES).await;
    let script = std::env::temp_dir().join(format!("wardroom-pgbench-{}.sql", std::process::id()));
    std::fs::write(&script, transaction).expect("the folder for temporary files can be written");
    let options = stage.cluster.options(SUPERUSER, DATABASE);
    let output = Command::new(program)
        .args(["-n", "-M", "prepared", "-T", &SECONDS.to_string(), "-j", "2"])
        .args(["-c", &at_once.to_string()])
        .arg("-f")
        .arg(&script)
        .arg("-h")
        .arg(options.get_socket().expect("a private Postgres listens on a socket"))
        .args(["-p", &options.get_port().to_string(), "-U", SUPERUSER, DATABASE])
        .stdin(Stdio::null())
        .output()
        .await
        .expect("pgbench runs");
    let _ = std::fs::remove_file(&script);
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = line.and_then(|line| line.split_whitespace().next()).and_then(|rate| rate.parse().ok());
    assert!(rate.is_some(), "pgbench counts: {text}{}", String::from_utf8_lossy(&output.stderr));
    rate
}

/// On PATH, or beside the server's programs.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packages = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = std::env::split_paths(&path).chain(packages.map(|version| version.path().join("bin")));
    folders.map(|folder| folder.join("pgbench")).find(|program| program.is_file())
}
