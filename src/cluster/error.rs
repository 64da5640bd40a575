//! What can go wrong with the private Postgres, in sentences for the person who started it.

use std::io;
use std::path::PathBuf;

use super::hint;

/// Why the private Postgres did not start or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No Postgres server binaries on this machine.
    #[error("{}", hint::not_installed())]
    NotInstalled,
    /// The data folder is in use by another process.
    #[error("already running, {}: the data folder {} serves one process at a time", describe_pid(*.pid), .data.display())]
    AlreadyRunning {
        /// The data folder.
        data: PathBuf,
        /// The process that holds it, where it could be read.
        pid: Option<u32>,
    },
    /// The user that runs Postgres cannot reach the data folder.
    #[error(
        "PostgreSQL does not run as root, and the user {user} cannot pass through {} to the data folder {}; choose a \
         folder that this user can reach, such as /var/lib/wardroom, or set DATABASE_URL",
        .blocked.display(), .data.display()
    )]
    OutOfReach {
        /// The data folder that was asked for.
        data: PathBuf,
        /// The first folder on the way that refuses.
        blocked: PathBuf,
        /// The user that would run Postgres.
        user: String,
    },
    /// We are root and the machine has no ordinary user to run Postgres as.
    #[error("PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody")]
    NoOrdinaryUser,
    /// The user id of this process has no name, which peer authentication needs.
    #[error(
        "the user id {uid} has no name on this machine, which PostgreSQL needs; add it to /etc/passwd or set DATABASE_URL"
    )]
    NamelessUser {
        /// The user id of this process.
        uid: u32,
    },
    /// The data folder was made by another major version.
    #[error(
        "the data folder {} was made by PostgreSQL {made_by}, but this machine has PostgreSQL {found}; install version \
         {made_by} again, or move the folder away to start afresh", .data.display()
    )]
    OtherVersion {
        /// The data folder.
        data: PathBuf,
        /// The major version that made it.
        made_by: String,
        /// The major versions that are installed.
        found: String,
    },
    /// The folder for the socket belongs to somebody else.
    #[error("the socket folder {} is not a private folder of the user {user}; remove it", .folder.display())]
    ForeignSocketFolder {
        /// The folder for the socket.
        folder: PathBuf,
        /// The user that runs Postgres.
        user: String,
    },
    /// A file, folder or process could not be handled.
    #[error("could not {doing}")]
    Io {
        /// What we were doing.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The new data folder could not be filled.
    #[error("PostgreSQL could not set up a new data folder; initdb said:\n{said}")]
    Initdb {
        /// What initdb printed.
        said: String,
    },
    /// A postmaster of a former run would not leave.
    #[error(
        "a PostgreSQL of a former run (pid {pid}) still works on this data folder and does not end; end it, then start again"
    )]
    Lingering {
        /// The process.
        pid: u32,
    },
    /// The postmaster ended before or while it served.
    #[error("PostgreSQL ended ({status}); the last lines of its log:\n{log}")]
    Ended {
        /// How it ended.
        status: String,
        /// The last lines of its log.
        log: String,
    },
    /// The postmaster runs but accepted no connection in time.
    #[error("PostgreSQL accepted no connection within {waited_secs} s; the last lines of its log:\n{log}")]
    NotReady {
        /// How long we waited.
        waited_secs: u64,
        /// The last lines of its log.
        log: String,
        /// The last refusal.
        source: sqlx::Error,
    },
    /// The postmaster had to be ended the hard way.
    #[error(
        "PostgreSQL did not end within {waited_secs} s and was stopped the hard way; the next start recovers from its log"
    )]
    Forced {
        /// How long we waited.
        waited_secs: u64,
    },
    /// The thread that owns the postmaster is gone.
    #[error("the thread that owns PostgreSQL ended unexpectedly")]
    OwnerGone,
}

impl ClusterError {
    /// Names what we were doing when the system refused.
    pub(super) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}

fn describe_pid(pid: Option<u32>) -> String {
    pid.map_or_else(|| "pid unknown".to_owned(), |pid| format!("pid {pid}"))
}
