//! Signed checkpoints beside the tree that they are of, where they were posted, and the statements with which a log
//! begins a new epoch.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::{Store, StoreError, Tx};
use crate::domain::Place;
use crate::ledger::note::Checkpoint;
use crate::ledger::recovery::TreeAt;

/// A checkpoint as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheckpoint {
    pub epoch: i32,
    pub size: i64,
    pub note: String,
    pub created_at: DateTime<Utc>,
}

impl Store {
    /// Keeps a signed checkpoint for readers of the database; whoever doubts the database reads the file outside.
    pub async fn keep_checkpoint(
        &self,
        tenant: i64,
        epoch: i32,
        checkpoint: &Checkpoint,
        note: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_as_sequencer(tenant).await?;
        let size = i64::try_from(checkpoint.size).map_err(|_| StoreError::impossible("a tree too large to count"))?;
        sqlx::query!(
            "insert into dlog.checkpoint (tenant_id, epoch, size, note) values ($1, $2, $3, $4) on conflict do nothing",
            tenant,
            epoch,
            size,
            note
        )
        .execute(tx.conn())
        .await
        .doing("keeping a checkpoint")?;
        tx.commit().await
    }
}

impl Tx {
    /// The signed checkpoints that the database keeps, oldest first.
    pub async fn checkpoint_notes(&mut self) -> Result<Vec<String>, StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!("select note from dlog.checkpoint where tenant_id = $1 order by epoch, size", tenant)
            .fetch_all(self.conn())
            .await
            .doing("reading checkpoints")
    }

    /// The newest checkpoint that the database keeps.
    pub async fn newest_checkpoint(&mut self) -> Result<Option<KeptCheckpoint>, StoreError> {
        let tenant = self.tenant;
        sqlx::query_as!(
            KeptCheckpoint,
            "select epoch, size, note, created_at from dlog.checkpoint where tenant_id = $1
             order by epoch desc, size desc limit 1",
            tenant
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading the newest checkpoint")
    }

    /// What the newest checkpoint that the database keeps is of. Nobody's word but the database's: its signature is not
    /// looked at.
    pub async fn newest_signed(&mut self) -> Result<Option<TreeAt>, StoreError> {
        let newest = self.newest_checkpoint().await?;
        Ok(newest.and_then(|kept| Checkpoint::claimed(&kept.note).ok()).map(|claimed| TreeAt::of(&claimed)))
    }

    /// When a place was last given a checkpoint.
    pub async fn last_posting(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!("select max(posted_at) from dlog.checkpoint_post where tenant_id = $1", tenant)
            .fetch_one(self.conn())
            .await
            .doing("looking up the last posting")
    }

    /// Marks a checkpoint as posted in a place; false where it, or a newer one, was posted there already.
    pub async fn take_posting(
        &mut self,
        place: &Place,
        newest: &KeptCheckpoint,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into dlog.checkpoint_post as old (tenant_id, platform, workspace, channel, epoch, size, posted_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (tenant_id, platform, workspace, channel) do update
                set epoch = excluded.epoch, size = excluded.size, posted_at = excluded.posted_at
                where (excluded.epoch, excluded.size) > (old.epoch, old.size)",
            tenant,
            place.platform.as_str(),
            place.workspace,
            place.channel,
            newest.epoch,
            newest.size,
            at
        )
        .execute(self.conn())
        .await
        .doing("marking a checkpoint as posted")?;
        Ok(result.rows_affected() > 0)
    }

    /// Begins a new epoch of the log, whose entry was written before.
    pub(super) async fn begin_epoch(&mut self, epoch: i32, statement: &str) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "insert into dlog.recovery (tenant_id, epoch, statement) values ($1, $2, $3)",
            tenant,
            epoch,
            statement
        )
        .execute(self.conn())
        .await
        .doing("keeping the statement of a recovery")?;
        let result = sqlx::query!("update tenant set epoch = $2 where id = $1", tenant, epoch)
            .execute(self.conn())
            .await
            .doing("beginning an epoch of the log")?;
        expect_rows("beginning an epoch of the log", 1, &result)
    }
}
