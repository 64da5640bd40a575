//! The operating-system user that runs Postgres, which refuses to run as root.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::error::ClusterError;
use super::os;

/// A user of the operating system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

/// Who we are and who runs Postgres.
#[derive(Debug, Clone)]
pub(super) struct Accounts {
    pub ours: Account,
    pub server: Account,
}

impl Accounts {
    /// Finds out who we are; as root, picks the ordinary user that Postgres runs as.
    pub fn find() -> Result<Self, ClusterError> {
        let uid = os::effective_uid();
        let ours = lookup(None).ok_or(ClusterError::NamelessUser { uid })?;
        let server = if uid == 0 {
            lookup(Some("postgres")).or_else(|| lookup(Some("nobody"))).ok_or(ClusterError::NoOrdinaryUser)?
        } else {
            ours.clone()
        };
        Ok(Self { ours, server })
    }

    /// Whether Postgres runs as somebody else than we do.
    pub fn differ(&self) -> bool {
        self.ours.uid != self.server.uid
    }

    /// Prepares a command that runs as Postgres's user, knows nothing of our environment and ends with this thread.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // PGPORT, PGOPTIONS and their like would change what a server or initdb does; messages are read by us.
        command.env_clear().env("LC_ALL", "C");
        for name in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        // Our own folder may be out of reach of the other user.
        command.current_dir("/").stdin(Stdio::null());
        if self.differ() {
            // std clears the supplementary groups too when root sets a user id.
            command.uid(self.server.uid).gid(self.server.gid);
        }
        os::end_with_this_thread(&mut command);
        command
    }
}

/// Asks `id`, which knows every directory service that the system knows.
fn lookup(name: Option<&str>) -> Option<Account> {
    let ask = |what: &str| {
        let output = Command::new("id").arg(what).args(name).stderr(Stdio::null()).output().ok()?;
        let answer = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !answer.is_empty()).then_some(answer)
    };
    let uid = ask("-u")?.parse().ok()?;
    let gid = ask("-g")?.parse().ok()?;
    let name = match name {
        Some(name) => name.to_owned(),
        None => ask("-un")?,
    };
    Some(Account { name, uid, gid })
}
