//! What stands outside the database, for tests: a folder of anchors, and `wardroom log` over it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wardroom::jobs::{Notary, NotaryError};
use wardroom::ledger::LogName;
use wardroom::ledger::anchors::{Anchors, Signed};
use wardroom::sandbox::cast;

use crate::harness::{Bot, World};

/// The log of the sample organisation.
pub const LOG: &str = "wardroom/harbour";

/// A folder of the test's own, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("wardroom-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        Folder(folder)
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn notary(bot: &Bot, folder: &Folder) -> Notary {
    Notary::new(bot.app.clone(), Some(Anchors::at(folder.at("ledger"))))
}

/// `wardroom log …`, as an auditor runs it: whether it succeeded, and what it printed.
pub fn audit(world: &World, folder: &Folder, arguments: &[&str]) -> (bool, String) {
    told_by(wardroom_log(world, folder, arguments))
}

/// Another command of an operator, who has the folder of signed checkpoints set.
pub fn operate(world: &World, folder: &Folder, arguments: &[&str]) -> (bool, String) {
    told_by(wardroom(world, folder, arguments))
}

/// `wardroom log …`, where the platforms' tokens are set.
pub fn audit_with_chat(world: &World, folder: &Folder, arguments: &[&str]) -> (bool, String) {
    let mut command = wardroom_log(world, folder, arguments);
    command
        .env("SLACK_API_URL", world.sandbox().slack_api_url())
        .env("SLACK_BOT_TOKEN", cast::SLACK_BOT_TOKEN)
        .env("SLACK_APP_TOKEN", cast::SLACK_APP_TOKEN)
        .env("DISCORD_API_URL", world.sandbox().discord_api_url())
        .env("DISCORD_TOKEN", cast::DISCORD_TOKEN);
    told_by(command)
}

fn wardroom_log(world: &World, folder: &Folder, arguments: &[&str]) -> Command {
    wardroom(world, folder, &[&["log"], arguments].concat())
}

fn wardroom(world: &World, folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardroom"));
    for variable in
        ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "DISCORD_TOKEN", "DISCORD_PUBLIC_KEY"]
    {
        command.env_remove(variable);
    }
    command.args(arguments).env("DATABASE_URL", world.database.url());
    command.env("WARDROOM_LEDGER", folder.at("ledger"));
    command
}

fn told_by(mut command: Command) -> (bool, String) {
    let ran = command.output().expect("the binary can be started");
    let told = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (ran.status.success(), told)
}

/// The check that uses none of our code; `None` where Python lacks what it needs.
pub fn check_export(export: &Path) -> Option<(bool, String)> {
    checked("deploy/verify_log.py", export)
}

/// The same by a script of ours that uses none of our code.
pub fn checked(script: &str, export: &Path) -> Option<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(target).join("clients/python/bin/python");
    for python in [own, PathBuf::from("python3")] {
        let able = Command::new(&python).args(["-c", "import cryptography"]).output();
        if able.is_ok_and(|able| able.status.success()) {
            let ran = Command::new(&python).arg(&script).arg(export).output().expect("Python runs");
            let told = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
            return Some((ran.status.success(), told));
        }
    }
    eprintln!("NOT TESTED: {}, because no Python here has the package cryptography", script.display());
    None
}

pub fn anchors(folder: &Folder) -> Anchors {
    Anchors::at(folder.at("ledger"))
}

/// All that the file has under a name of the log.
pub fn signed(folder: &Folder, origin: &str) -> Vec<Signed> {
    anchors(folder).signed(origin).expect("it can be read")
}

/// The log under its first name.
pub fn first_name() -> LogName {
    LogName { base: LOG.to_owned(), epoch: 1 }
}

/// A notary at work, as in a bot.
pub struct AtWork {
    shutdown: CancellationToken,
    running: JoinHandle<Result<(), NotaryError>>,
}

impl AtWork {
    pub fn start(bot: &Bot, folder: &Folder) -> AtWork {
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(notary(bot, folder).run(shutdown.clone()));
        AtWork { shutdown, running }
    }

    pub async fn stop(self) -> Result<(), NotaryError> {
        self.shutdown.cancel();
        self.ended().await
    }

    /// How it ends, where it ends by itself.
    pub async fn ended(self) -> Result<(), NotaryError> {
        self.running.await.expect("the notary does not panic")
    }
}

/// A database as it was, to be put back over what it became: as a restored backup does.
pub async fn back_up(bot: &Bot) {
    bot.app.store.sequence(1).await.expect("it is sequenced");
    bot.as_superuser("drop table if exists backup; create table backup as select * from dlog.tree").await;
}

pub async fn restore(world: &World) {
    let tables = ["leaf", "tree", "entry", "disclosure", "checkpoint", "recovery"];
    let each = |act: &str| tables.map(|table| format!("alter table dlog.{table} {act} trigger all; ")).concat();
    let (off, on) = (each("disable"), each("enable"));
    let lost = "select id from dlog.entry where not exists (select from dlog.leaf where entry_id = entry.id)";
    world
        .as_superuser(&format!(
            "{off} alter table public.tenant disable trigger must_recover;
             delete from dlog.pending; delete from dlog.leaf where idx >= (select size from backup);
             delete from dlog.disclosure where entry_id in ({lost}); delete from dlog.entry where id in ({lost});
             delete from dlog.checkpoint where size > (select size from backup) or epoch > 1;
             delete from dlog.recovery; update tenant set epoch = 1;
             update dlog.tree set (size, root, frontier) = (select size, root, frontier from backup);
             {on} alter table public.tenant enable always trigger must_recover;
             alter table incident disable trigger must_log;
             delete from incident where not exists (
               select from dlog.entry e where e.subject = incident.subject and e.seq = incident.version);
             alter table incident enable always trigger must_log;
             do $$ declare guard record; begin
               for guard in select tgrelid::regclass as place, tgname from pg_trigger
                 where not tgisinternal and tgrelid::regclass::text like 'dlog.%'
               loop execute format('alter table %s enable always trigger %I', guard.place, guard.tgname); end loop;
             end $$"
        ))
        .await;
}
