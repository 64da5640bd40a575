//! What a private Postgres is asked for.

use std::path::PathBuf;

/// The superuser of every private Postgres.
pub const SUPERUSER: &str = "postgres";

/// The roles that our own user may connect as, unless the options say otherwise.
const ROLES: [&str; 3] = ["wardroom_app", "wardroom_migrator", "wardroom_auditor"];

/// Enough for the bot's pool, its workers and a few people with psql.
const CONNECTIONS_MAX: u16 = 60;

/// Which private Postgres to start, and how.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// The data folder; none for a temporary one.
    pub(super) data: Option<PathBuf>,
    pub(super) explicit: bool,
    pub(super) durable: bool,
    pub(super) roles: Vec<String>,
    pub(super) connections_max: u16,
}

impl ClusterOptions {
    /// Keeps the data in this folder, which is made if missing.
    ///
    /// Where Postgres's user cannot reach it (we are root, and the folder lies under /root), a folder under
    /// /var/lib/wardroom takes its place, and the progress says so.
    pub fn at(data: impl Into<PathBuf>) -> Self {
        Self {
            data: Some(data.into()),
            explicit: false,
            durable: true,
            roles: ROLES.map(str::to_owned).to_vec(),
            connections_max: CONNECTIONS_MAX,
        }
    }

    /// Keeps the data in a new temporary folder that is removed at the end.
    pub fn throwaway() -> Self {
        Self { data: None, ..Self::at("") }
    }

    /// Treats the folder as a person's choice: where it is out of reach, starting fails instead of moving elsewhere.
    #[must_use]
    pub fn explicit(mut self) -> Self {
        self.explicit = true;
        self
    }

    /// Replaces the roles, besides the superuser, that our own user may connect as. The roles need not exist yet.
    #[must_use]
    pub fn roles<R: Into<String>>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how many connections may be open at once.
    #[must_use]
    pub fn connections_max(mut self, connections_max: u16) -> Self {
        self.connections_max = connections_max;
        self
    }

    /// Sets whether commits survive a loss of power. Only a throwaway cluster can be made less than durable: tests want
    /// speed, and their data is thrown away anyway.
    #[must_use]
    pub fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    pub(super) fn is_durable(&self) -> bool {
        self.durable || self.data.is_some()
    }
}
