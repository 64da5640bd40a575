//! The bots of one database, each of which tells the others that it runs.

use sqlx::{Connection, PgConnection};

use super::StoreError;
use super::error::Doing;
use super::job::free_all;

/// The lock that every bot of a database shares for as long as it runs.
const PRESENCE: i64 = 0x0057_4152_4452_4f4f;

/// Tells the other bots of this database, for as long as it is kept, that this one runs.
#[derive(Debug)]
pub struct Presence {
    connection: PgConnection,
}

impl super::Store {
    /// Joins the bots of this database. Where there is no other, whatever is still marked as being worked on was left
    /// behind by one that died: it is free again at once, and counted here. Beside others, who may be at work on it,
    /// it is free once the dead one's heartbeat is missed.
    pub async fn be_present(&self) -> Result<(Presence, i32), StoreError> {
        let mut connection = self.own_connection().await?;
        let alone: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
            .bind(PRESENCE)
            .fetch_one(&mut connection)
            .await
            .doing("looking for other bots")?;
        let freed = if alone { free_all(&mut connection).await? } else { 0 };
        share_presence(&mut connection).await?;
        if alone {
            // Only now, so that nobody else is alone in between.
            let share = "select pg_advisory_unlock($1)";
            sqlx::query(share).bind(PRESENCE).execute(&mut connection).await.doing("letting other bots in")?;
        }
        Ok((Presence { connection }, freed))
    }

    /// Keeps every bot of this database from starting for as long as it is kept; `None` where one runs.
    pub async fn stand_alone(&self) -> Result<Option<Presence>, StoreError> {
        let mut connection = self.own_connection().await?;
        let alone: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
            .bind(PRESENCE)
            .fetch_one(&mut connection)
            .await
            .doing("looking for bots")?;
        Ok(alone.then_some(Presence { connection }))
    }

    /// A connection outside the pool: a lock of a session must not go back there.
    async fn own_connection(&self) -> Result<PgConnection, StoreError> {
        PgConnection::connect_with(&self.pool.connect_options()).await.doing("joining the other bots")
    }
}

impl Presence {
    /// Lets others in again after [`super::Store::stand_alone`], at once: a connection that is only dropped keeps its locks
    /// for a moment longer.
    pub async fn stand_back(mut self) -> Result<(), StoreError> {
        let unlock = "select pg_advisory_unlock($1)";
        sqlx::query(unlock).bind(PRESENCE).execute(&mut self.connection).await.doing("letting bots in").map(drop)
    }

    /// Joins the other bots again where the connection that told them of this one is gone.
    pub async fn keep(&mut self, store: &super::Store) -> Result<(), StoreError> {
        if self.connection.ping().await.is_err() {
            self.connection = store.own_connection().await?;
            share_presence(&mut self.connection).await?;
        }
        Ok(())
    }
}

async fn share_presence(connection: &mut PgConnection) -> Result<(), StoreError> {
    let keep = "select pg_advisory_lock_shared($1)";
    sqlx::query(keep).bind(PRESENCE).execute(connection).await.doing("joining the other bots").map(drop)
}
