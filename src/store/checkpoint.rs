//! Signed checkpoints beside the tree that they are of, and the tree's verification.

use futures::TryStreamExt;

use super::error::Doing;
use super::{Store, StoreError, Tx};
use crate::ledger::growth::{Grown, Growth, Leaf};
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

    /// Grows the tree anew from its leaves, in constant memory, and compares it with its entries, its head and what was
    /// signed.
    pub async fn verify_tree(&mut self, signed: Vec<Checkpoint>) -> Result<Grown, StoreError> {
        let tenant = self.tenant;
        let head = self.tree_head().await?;
        let mut growth = Growth::against(signed);
        let mut rows = sqlx::query!(
            "select leaf.idx, leaf.leaf_hash, entry.leaf_hash as entry_hash, entry.subject, entry.seq
             from dlog.leaf join dlog.entry on entry.id = leaf.entry_id
             where leaf.tenant_id = $1 order by leaf.idx",
            tenant
        )
        .fetch(self.conn());
        while let Some(row) = rows.try_next().await.doing("reading the tree")? {
            growth.push(Leaf {
                index: u64::try_from(row.idx).unwrap_or(u64::MAX),
                leaf_hash: &row.leaf_hash,
                entry_hash: &row.entry_hash,
                subject: &row.subject,
                seq: row.seq,
            });
        }
        drop(rows);
        for (subject, seq) in self.unsequenced().await? {
            growth.miss(&subject, seq);
        }
        Ok(growth.finish((head.size, head.root)))
    }

    /// Entries that are neither in the tree nor on their way there.
    async fn unsequenced(&mut self) -> Result<Vec<(String, i32)>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query!(
            "select subject, seq from dlog.entry where tenant_id = $1
               and not exists (select from dlog.leaf where entry_id = entry.id)
               and not exists (select from dlog.pending where entry_id = entry.id)
             order by subject, seq limit 100",
            tenant
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for entries outside the tree")?;
        Ok(rows.into_iter().map(|row| (row.subject, row.seq)).collect())
    }
}
