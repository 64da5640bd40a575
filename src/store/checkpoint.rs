//! Signed checkpoints beside the tree that they are of.

use super::error::Doing;
use super::{Store, StoreError, Tx};
use crate::ledger::note::Checkpoint;

impl Store {
    /// Keeps a signed checkpoint for readers of the database; whoever doubts the database reads the file outside.
    pub async fn keep_checkpoint(&self, tenant: i64, checkpoint: &Checkpoint, note: &str) -> Result<(), StoreError> {
        let mut tx = self.begin_as_sequencer(tenant).await?;
        let size = i64::try_from(checkpoint.size).map_err(|_| StoreError::impossible("a tree too large to count"))?;
        sqlx::query!(
            "insert into dlog.checkpoint (tenant_id, size, note) values ($1, $2, $3) on conflict do nothing",
            tenant,
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
        sqlx::query_scalar!("select note from dlog.checkpoint where tenant_id = $1 order by size", tenant)
            .fetch_all(self.conn())
            .await
            .doing("reading checkpoints")
    }
}
