//! The pool, and the one kind of transaction.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use super::error::{COMMITTING, Doing};
use super::outbox::NewSay;
use super::written::Written;
use super::{Job, Later, StoreError};

/// A connection that has rested longer than this is asked whether it still lives before it is used; one that was used a
/// moment ago is not, because the question costs a round trip.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Access to one database, as the bot's own role.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) pool: PgPool,
    /// Told of each commit that wrote entries.
    pub(super) written: Arc<Written>,
}

/// A transaction for one tenant: Postgres shows it that tenant's rows only.
#[derive(Debug)]
pub struct Tx {
    pub(super) inner: Transaction<'static, Postgres>,
    pub(super) tenant: i64,
    pub(super) leaving: Leaving,
    written: Arc<Written>,
}

/// What leaves with the commit: gathered on the way, written in one statement each at its end.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    pub says: Vec<NewSay>,
    pub jobs: Vec<Later>,
    /// Waiting jobs that nobody needs any more.
    pub dropped: Vec<Job>,
    /// Whether the log has entries of this transaction.
    pub entries: bool,
    /// Whether some of them are to be signed at once.
    pub urgent: bool,
}

impl Store {
    /// Connects. At most `connections_max` connections; a command that gets none within 2 s fails and says so, inside
    /// the 3 s that the platforms give.
    pub async fn connect(options: PgConnectOptions, connections_max: u32) -> Result<Store, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(connections_max)
            .acquire_timeout(Duration::from_secs(2))
            .test_before_acquire(false)
            .before_acquire(|connection, rest| {
                Box::pin(async move {
                    if rest.idle_for > TRUSTED_FOR {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
            .doing("connecting to Postgres")?;
        Ok(Store::from_pool(pool))
    }

    pub fn from_pool(pool: PgPool) -> Store {
        Store { pool, written: Arc::default() }
    }

    /// For the job queue, which brings its own SQL.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a transaction and sets its tenant, in one round trip.
    pub async fn begin(&self, tenant: i64) -> Result<Tx, StoreError> {
        self.begin_as(tenant, "begin", "").await
    }

    /// Begins a transaction that sees one moment of the database, however long it takes, and can't change anything.
    pub(super) async fn begin_snapshot(&self, tenant: i64) -> Result<Tx, StoreError> {
        self.begin_as(tenant, "begin isolation level repeatable read, read only", "").await
    }

    /// As [`Store::begin`], with the rights of the sequencer, and without those of the bot.
    pub(super) async fn begin_as_sequencer(&self, tenant: i64) -> Result<Tx, StoreError> {
        self.begin_as(tenant, "begin", "; set local role wardroom_sequencer").await
    }

    async fn begin_as(&self, tenant: i64, begin: &'static str, role: &'static str) -> Result<Tx, StoreError> {
        let begin = format!("{begin}; set local wardroom.tenant = '{tenant}'{role}");
        let inner = self.pool.begin_with(AssertSqlSafe(begin)).await.doing("beginning a transaction")?;
        Ok(Tx { inner, tenant, leaving: Leaving::default(), written: Arc::clone(&self.written) })
    }

    /// The tenant that a workspace belongs to.
    pub async fn tenant_of(
        &self,
        platform: crate::domain::Platform,
        workspace: &str,
    ) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar!("select tenant_of($1, $2)", platform.as_str(), workspace)
            .fetch_one(&self.pool)
            .await
            .doing("looking up the tenant of a workspace")
    }

    /// The tenant of this key, or the number of a new one.
    pub async fn tenant_named(&self, key: &str) -> Result<i64, StoreError> {
        sqlx::query_scalar!(r#"select tenant_named($1) as "id!""#, key)
            .fetch_one(&self.pool)
            .await
            .doing("looking up a tenant")
    }

    pub async fn tenants(&self) -> Result<Vec<i64>, StoreError> {
        let tenants =
            sqlx::query_scalar!(r#"select tenants() as "id!""#).fetch_all(&self.pool).await.doing("listing tenants")?;
        Ok(tenants)
    }

    /// Whether the role that we connect as could change the log: it should be able to add to it only.
    pub async fn role_owns_log(&self) -> Result<bool, StoreError> {
        sqlx::query_scalar!(
            r#"select (has_table_privilege('dlog.entry', 'update') or has_table_privilege('dlog.entry', 'delete')
                       or pg_has_role('wardroom_owner', 'member')) as "owns!""#
        )
        .fetch_one(&self.pool)
        .await
        .doing("asking for the rights of the bot's role")
    }

    /// Whether Postgres answers, keeps what it acknowledges, and has our schema.
    pub async fn check(&self) -> Result<(), StoreError> {
        let fsync: String = sqlx::query_scalar("show fsync").fetch_one(&self.pool).await.doing("asking for fsync")?;
        if fsync != "on" {
            return Err(StoreError::impossible(
                "fsync is off: Postgres would lose acknowledged decisions. Set fsync = on and restart it",
            ));
        }
        Ok(())
    }
}

impl Tx {
    pub fn tenant(&self) -> i64 {
        self.tenant
    }

    /// Whether what this transaction wrote is to be signed before anybody hears of it.
    pub fn wants_checkpoint(&self) -> bool {
        self.leaving.urgent
    }

    /// Writes what leaves, and commits.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let (has_entries, is_urgent) = (self.leaving.entries, self.leaving.urgent);
        self.flush().await?;
        self.inner.commit().await.doing(COMMITTING)?;
        if has_entries {
            self.written.tell(self.tenant, is_urgent);
        }
        Ok(())
    }

    /// Gives everything back, and the lock with it.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.inner.rollback().await.doing("rolling back")
    }

    pub(super) fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}
