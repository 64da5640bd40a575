//! A private Postgres, started from the installed binaries: no port, no password, no settings to make.
//!
//! It listens on a Unix socket only, and lets in only the user of the operating system that started it (peer
//! authentication). It ends with us, also when we are killed with `kill -9`, and what it acknowledged is there at the
//! next start. As root it runs as the user `postgres`, or `nobody`, because Postgres refuses to run as root.
//!
//! ```text
//! <data folder>/wardroom.lock    held while a process uses the folder
//!               postgres/        Postgres's own data directory; its settings are written at every start
//!               postgres.log     the server's log, cut at a few megabytes
//!               socket/          or a short folder elsewhere, where this path is too long for a socket
//! ```

mod account;
mod binaries;
mod error;
mod folder;
mod hint;
mod initialise;
mod lingering;
mod log;
mod options;
mod os;
mod postmaster;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub use self::error::ClusterError;
use self::folder::PORT;
use self::initialise::Ready;
pub use self::options::{ClusterOptions, SUPERUSER};
use self::postmaster::{Event, Owner};

/// Replaying the log after a kill takes seconds; this is for slow disks.
const READY_WAIT: Duration = Duration::from_mins(2);

/// A connection over a socket is tried often, because it costs little.
const TRY_EVERY: Duration = Duration::from_millis(5);

/// After this long, whoever waits is told that we still do.
const SAY_WAITING_AFTER: Duration = Duration::from_secs(3);

/// A running private Postgres; dropping it stops it.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    fsync: bool,
    events: Mutex<UnboundedReceiver<Event>>,
    owner: Owner,
}

/// Where a postmaster serves.
#[derive(Debug, Clone)]
struct Place {
    data: PathBuf,
    socket: PathBuf,
    psql: PathBuf,
    log: PathBuf,
    /// Where the log of this run begins.
    log_since: u64,
}

impl Place {
    fn new(ready: &Ready, log_since: u64) -> Self {
        Self {
            data: ready.folder.root.clone(),
            socket: ready.socket.clone(),
            psql: ready.binaries.program("psql"),
            log: ready.folder.log(),
            log_since,
        }
    }

    fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        // Everything that PGHOST, PGPORT, PGSSLMODE and their like could bend is said here.
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket)
            .port(PORT)
            .username(role)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
            .application_name("wardroom")
    }
}

impl Cluster {
    /// Starts Postgres, after setting up its data folder the first time, and waits until it accepts connections.
    ///
    /// `progress` gets a line for each step that a person may wonder about.
    pub async fn start(options: ClusterOptions, progress: &(dyn Fn(&str) + Sync)) -> Result<Self, ClusterError> {
        let (sender, mut events) = unbounded_channel();
        let owner = Owner::start(options, sender)?;
        let began = Instant::now();
        let mut place: Option<Place> = None;
        let mut said_waiting = false;
        loop {
            // Nothing to connect to before the postmaster is spawned, which ends by itself or by an error.
            let event = match &place {
                None => Some(events.recv().await.unwrap_or(Event::Ended(ClusterError::OwnerGone))),
                Some(_) => events.try_recv().ok(),
            };
            match event {
                Some(Event::Progress(line)) => progress(&line),
                Some(Event::Spawned(spawned)) => place = Some(spawned),
                Some(Event::Ended(error)) => return Err(error),
                None => {}
            }
            let Some(serving) = &place else { continue };
            let refusal = match ask_for_fsync(serving).await {
                Ok(fsync) => {
                    owner.serving();
                    return Ok(Self { place: serving.clone(), fsync, events: Mutex::new(events), owner });
                }
                Err(refusal) => refusal,
            };
            if began.elapsed() > READY_WAIT {
                let log = log::tail(&serving.log, serving.log_since);
                return Err(ClusterError::NotReady { waited_secs: READY_WAIT.as_secs(), log, source: refusal });
            }
            if !said_waiting && began.elapsed() > SAY_WAITING_AFTER {
                said_waiting = true;
                progress("waiting for PostgreSQL to accept connections");
            }
            tokio::time::sleep(TRY_EVERY).await;
        }
    }

    /// Returns how to connect as a role: over the socket, without a password.
    pub fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        self.place.options(role, database)
    }

    /// Returns the same as a URL, for `DATABASE_URL` of another process.
    pub fn url(&self, role: &str, database: &str) -> String {
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let socket = self.place.socket.to_string_lossy();
        format!("postgres://{}@{}:{PORT}/{}", encode(role), encode(&socket), encode(database))
    }

    /// Returns the shell line by which a person opens psql as the superuser.
    pub fn psql_hint(&self, database: &str) -> String {
        // Peer authentication knows our own user only; who became root by sudo has another one in a new shell.
        let by_sudo = os::effective_uid() == 0 && std::env::var_os("SUDO_USER").is_some_and(|user| user != "root");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).any(|folder| folder.join("psql").is_file());
        let psql = if on_path { "psql".to_owned() } else { shell_word(&self.place.psql.to_string_lossy()) };
        let sudo = if by_sudo { "sudo " } else { "" };
        let socket = shell_word(&self.place.socket.to_string_lossy());
        format!("{sudo}{psql} -h {socket} -p {PORT} -U {SUPERUSER} -d {}", shell_word(database))
    }

    /// Whether the running server forces commits to the disk, as asked from itself after the start.
    pub fn fsync_is_on(&self) -> bool {
        self.fsync
    }

    /// Returns the data folder, which is another than the one asked for where that was out of reach.
    pub fn data(&self) -> &Path {
        &self.place.data
    }

    /// Returns the file that holds the server's log.
    pub fn log(&self) -> &Path {
        &self.place.log
    }

    /// Waits until Postgres ends without being asked to, and returns why.
    pub async fn ended(&self) -> ClusterError {
        let mut events = self.events.lock().await;
        loop {
            match events.recv().await {
                Some(Event::Ended(error)) => return error,
                Some(Event::Progress(_) | Event::Spawned(_)) => {}
                None => return ClusterError::OwnerGone,
            }
        }
    }

    /// Stops Postgres: open sessions end, everything is on the disk. A throwaway data folder is removed.
    pub async fn stop(self) -> Result<(), ClusterError> {
        let mut owner = self.owner;
        tokio::task::spawn_blocking(move || owner.stop()).await.map_err(|_| ClusterError::OwnerGone)?
    }
}

/// Connects as the superuser and asks whether fsync is on.
async fn ask_for_fsync(place: &Place) -> Result<bool, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&place.options(SUPERUSER, "postgres")).await?;
    let fsync: String = sqlx::query_scalar("show fsync").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(fsync == "on")
}

/// Quotes a word for the shell where it needs that.
fn shell_word(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+:@%".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
