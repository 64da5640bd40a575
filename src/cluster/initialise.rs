//! A new data directory, and the settings that are written at every start.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::account::Accounts;
use super::binaries::Binaries;
use super::error::ClusterError;
use super::folder::{DataFolder, PORT, make_private, replace};
use super::options::{ClusterOptions, SUPERUSER};

/// Half-made data directories are called so; they are never used, only removed.
const UNFINISHED: &str = "unfinished-";

/// Everything that is known before the postmaster is spawned.
#[derive(Debug)]
pub(super) struct Ready {
    pub folder: DataFolder,
    pub socket: PathBuf,
    pub binaries: Binaries,
    pub accounts: Accounts,
}

/// Gets a data directory ready to be served.
pub(super) fn prepare(options: &ClusterOptions, progress: &dyn Fn(String)) -> Result<Ready, ClusterError> {
    // Before anything is made on disk, so that a machine without PostgreSQL stays as it was.
    let any = Binaries::find(None, Path::new(""))?;
    let accounts = Accounts::find()?;
    let folder = DataFolder::open(options, &accounts, progress)?;
    let pgdata = folder.pgdata();
    let made_by = fs::read_to_string(pgdata.join("PG_VERSION")).ok().map(|text| text.trim().to_owned());
    let binaries = match &made_by {
        Some(made_by) if *made_by != any.major => Binaries::find(Some(made_by), &folder.root)?,
        _ => any,
    };
    let socket = folder.socket_folder(&accounts.server)?;
    if made_by.is_none() {
        progress(format!("setting up a new PostgreSQL {} in {}", binaries.major, folder.root.display()));
        initialise(&folder, &binaries, &accounts, options.is_durable())?;
    }
    super::lingering::clear(&pgdata, &socket, &accounts.server, progress)?;
    write_settings(&pgdata, &socket, options, &accounts)?;
    Ok(Ready { folder, socket, binaries, accounts })
}

/// Fills a new directory under another name and renames it when complete, so that a crash leaves nothing half-made.
fn initialise(
    folder: &DataFolder,
    binaries: &Binaries,
    accounts: &Accounts,
    durable: bool,
) -> Result<(), ClusterError> {
    for entry in fs::read_dir(&folder.root).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let unfinished = folder.root.join(format!("{UNFINISHED}{}", std::process::id()));
    let doing = || format!("make the data directory {}", unfinished.display());
    make_private(&unfinished, &accounts.server).map_err(ClusterError::io(doing()))?;
    // Small systems know no C.UTF-8; C sorts and compares the same way.
    let mut said = String::new();
    for locale in ["C.UTF-8", "C"] {
        match run_initdb(&unfinished, locale, binaries, accounts, durable)? {
            None => {
                return fs::rename(&unfinished, folder.pgdata())
                    .and_then(|()| File::open(&folder.root)?.sync_all())
                    .map_err(ClusterError::io(doing()));
            }
            Some(complaint) => said = complaint,
        }
    }
    let _ = fs::remove_dir_all(&unfinished);
    Err(ClusterError::Initdb { said })
}

/// Runs initdb and returns what it complained about, if it failed.
fn run_initdb(
    directory: &Path,
    locale: &str,
    binaries: &Binaries,
    accounts: &Accounts,
    durable: bool,
) -> Result<Option<String>, ClusterError> {
    let program = binaries.program("initdb");
    let mut command = accounts.command(&program);
    command.arg("-D").arg(directory);
    command.args(["-U", SUPERUSER, "-A", "peer", "-E", "UTF8", "-T", "pg_catalog.english", "-k"]);
    command.arg(format!("--locale={locale}"));
    if !durable {
        command.arg("--no-sync");
    }
    let output = command.output().map_err(ClusterError::io(format!("run {}", program.display())))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok((!output.status.success()).then_some(said))
}

fn write_settings(
    pgdata: &Path,
    socket: &Path,
    options: &ClusterOptions,
    accounts: &Accounts,
) -> Result<(), ClusterError> {
    let files = [
        ("postgresql.conf", settings(socket, options)),
        (
            "pg_hba.conf",
            "# Only over the socket, only who pg_ident.conf names.\nlocal all all peer map=wardroom\n".to_owned(),
        ),
        ("pg_ident.conf", identities(options, accounts)),
    ];
    for (name, content) in files {
        let path = pgdata.join(name);
        if fs::read_to_string(&path).is_ok_and(|now| now == content) {
            continue;
        }
        replace(&path, &content, &accounts.server).map_err(ClusterError::io(format!("write {}", path.display())))?;
    }
    Ok(())
}

fn settings(socket: &Path, options: &ClusterOptions) -> String {
    let socket = socket.to_string_lossy().replace('\'', "''");
    let on_or_off = if options.is_durable() { "on" } else { "off" };
    let connections_max = options.connections_max;
    format!(
        "# Written at every start; changes made here are lost.
listen_addresses = ''
port = {PORT}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700

# What was acknowledged survives a loss of power.
fsync = {on_or_off}
full_page_writes = {on_or_off}
synchronous_commit = {on_or_off}

# A small server: one bot, short transactions, nothing to replicate.
max_connections = {connections_max}
shared_buffers = 16MB
jit = off
max_worker_processes = 2
max_parallel_workers = 0
max_parallel_workers_per_gather = 0
max_logical_replication_workers = 0
autovacuum_max_workers = 2
wal_level = minimal
max_wal_senders = 0
min_wal_size = 32MB
max_wal_size = 256MB

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
"
    )
}

/// Maps our own user to every role, and Postgres's user too where that is another.
fn identities(options: &ClusterOptions, accounts: &Accounts) -> String {
    let mut users = vec![&accounts.ours.name];
    if accounts.differ() {
        users.push(&accounts.server.name);
    }
    let roles: Vec<&str> = std::iter::once(SUPERUSER).chain(options.roles.iter().map(String::as_str)).collect();
    let mut lines = vec!["# map  user of the operating system  role".to_owned()];
    for user in users {
        lines.extend(roles.iter().map(|role| format!("wardroom {} {}", quoted(user), quoted(role))));
    }
    lines.join("\n") + "\n"
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}
