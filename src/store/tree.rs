//! The tree over the log: what was committed becomes leaves, a batch at a time, and no command waits for it.
//!
//! One transaction takes a batch from the pending entries, appends it and advances the right edge, so that a kill at any
//! point leaves nothing half done. Entries are drawn under their subject's lock, so a batch sorted by their ids keeps the
//! order of cause and effect; one that saw another's commit is never in an earlier batch.

use super::error::{Doing, expect_rows};
use super::{Store, StoreError, Tx};
use crate::ledger::merkle::{Frontier, Hash, Node, Part, consistency_parts, fold, inclusion_parts};

/// Leaves that one transaction appends: more would keep others waiting for the tree, fewer cost a commit each.
const BATCH_MAX: i64 = 2_000;

/// Subtrees of every eighth level are kept.
const TILE_LEVELS: u32 = 8;

/// A tree at one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    pub size: u64,
    pub root: Hash,
}

/// Where an entry stands in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    pub index: u64,
    pub leaf: Hash,
    pub proof: Vec<Hash>,
}

impl Store {
    /// Appends what was committed since; the number of entries that became leaves. Any number of bots may call it: the
    /// tree's row lets one at a time through.
    pub async fn sequence(&self, tenant: i64) -> Result<u64, StoreError> {
        let mut appended = 0;
        while self.is_pending(tenant).await? {
            appended += self.sequence_batch(tenant).await?;
        }
        Ok(appended)
    }

    async fn is_pending(&self, tenant: i64) -> Result<bool, StoreError> {
        let mut tx = self.begin(tenant).await?;
        sqlx::query_scalar!(r#"select exists (select from dlog.pending where tenant_id = $1) as "is!""#, tenant)
            .fetch_one(tx.conn())
            .await
            .doing("looking for entries that are not in the tree")
    }

    async fn sequence_batch(&self, tenant: i64) -> Result<u64, StoreError> {
        let mut tx = self.begin_as_sequencer(tenant).await?;
        let mut frontier = tx.lock_tree().await?;
        let first = frontier.size();
        let batch = tx.take_pending().await?;
        let mut tiles = Vec::new();
        for (_, leaf) in &batch {
            frontier.push(*leaf, |node, hash| {
                if node.level.is_multiple_of(TILE_LEVELS) {
                    tiles.push((node, *hash));
                }
            });
        }
        tx.insert_leaves(first, &batch).await?;
        tx.insert_tiles(&tiles).await?;
        if !batch.is_empty() {
            tx.save_tree(&frontier).await?;
        }
        tx.commit().await?;
        Ok(frontier.size() - first)
    }
}

impl Tx {
    async fn lock_tree(&mut self) -> Result<Frontier, StoreError> {
        let (tenant, root) = (self.tenant, Frontier::default().root());
        sqlx::query!(
            "insert into dlog.tree (tenant_id, size, root, frontier) values ($1, 0, $2, '') on conflict do nothing",
            tenant,
            root.as_slice()
        )
        .execute(self.conn())
        .await
        .doing("planting the tree")?;
        let row = sqlx::query!("select size, frontier from dlog.tree where tenant_id = $1 for update", tenant)
            .fetch_one(self.conn())
            .await
            .doing("locking the tree")?;
        let size = u64::try_from(row.size).ok();
        let frontier = size.and_then(|size| Frontier::from_bytes(size, &row.frontier));
        frontier.ok_or_else(|| StoreError::impossible("the right edge of the tree does not fit its size"))
    }

    /// The next entries, in the order in which they were drawn.
    async fn take_pending(&mut self) -> Result<Vec<(i64, Hash)>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query!(
            "with taken as (
               delete from dlog.pending where entry_id in
                 (select entry_id from dlog.pending where tenant_id = $1 order by entry_id limit $2)
               returning entry_id
             )
             select id, leaf_hash from taken join dlog.entry on id = entry_id order by id",
            tenant,
            BATCH_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("taking pending entries")?;
        rows.into_iter().map(|row| Ok((row.id, hash(&row.leaf_hash)?))).collect()
    }

    async fn insert_leaves(&mut self, first: u64, batch: &[(i64, Hash)]) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let ids: Vec<i64> = batch.iter().map(|(id, _)| *id).collect();
        let hashes: Vec<Vec<u8>> = batch.iter().map(|(_, leaf)| leaf.to_vec()).collect();
        let result = sqlx::query!(
            "insert into dlog.leaf (tenant_id, idx, entry_id, leaf_hash)
             select $1, $2 + place - 1, entry_id, leaf_hash
             from unnest($3::bigint[], $4::bytea[]) with ordinality as new (entry_id, leaf_hash, place)",
            tenant,
            index(first)?,
            &ids,
            &hashes
        )
        .execute(self.conn())
        .await
        .doing("appending leaves")?;
        expect_rows("appending leaves", batch.len() as u64, &result)
    }

    async fn insert_tiles(&mut self, tiles: &[(Node, Hash)]) -> Result<(), StoreError> {
        let tenant = self.tenant;
        for (node, hash) in tiles {
            sqlx::query!(
                "insert into dlog.tile (tenant_id, level, idx, hash) values ($1, $2, $3, $4)",
                tenant,
                level(node.level)?,
                index(node.index)?,
                hash.as_slice()
            )
            .execute(self.conn())
            .await
            .doing("keeping a tile")?;
        }
        Ok(())
    }

    async fn save_tree(&mut self, frontier: &Frontier) -> Result<(), StoreError> {
        let (tenant, root, edge) = (self.tenant, frontier.root(), frontier.to_bytes());
        let result = sqlx::query!(
            "update dlog.tree set size = $2, root = $3, frontier = $4 where tenant_id = $1",
            tenant,
            index(frontier.size())?,
            root.as_slice(),
            edge
        )
        .execute(self.conn())
        .await
        .doing("growing the tree")?;
        expect_rows("growing the tree", 1, &result)
    }

    /// The tree as it stands.
    pub async fn tree_head(&mut self) -> Result<TreeHead, StoreError> {
        let tenant = self.tenant;
        let row = sqlx::query!("select size, root from dlog.tree where tenant_id = $1", tenant)
            .fetch_optional(self.conn())
            .await
            .doing("reading the tree")?;
        match row {
            Some(row) => Ok(TreeHead { size: unsigned(row.size)?, root: hash(&row.root)? }),
            None => Ok(TreeHead { size: 0, root: Frontier::default().root() }),
        }
    }

    /// Whether an entry says that this key signs the log.
    pub async fn is_key_recorded(&mut self, vkey: &str) -> Result<bool, StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!(
            r#"select exists (select from dlog.entry where tenant_id = $1 and subject = 'WARDROOM'
                 and kind = 'log.key_rotated' and position(convert_to($2, 'UTF8') in body) > 0) as "is!""#,
            tenant,
            vkey
        )
        .fetch_one(self.conn())
        .await
        .doing("looking for the entry of a key")
    }

    /// Proves that an entry is in the tree of `size` leaves; `None` where it is not in it.
    pub async fn prove_inclusion(
        &mut self,
        subject: &str,
        seq: i32,
        size: u64,
    ) -> Result<Option<Inclusion>, StoreError> {
        let tenant = self.tenant;
        let row = sqlx::query!(
            "select leaf.idx, leaf.leaf_hash from dlog.leaf join dlog.entry on entry.id = leaf.entry_id
             where leaf.tenant_id = $1 and entry.subject = $2 and entry.seq = $3",
            tenant,
            subject,
            seq
        )
        .fetch_optional(self.conn())
        .await
        .doing("looking up a leaf")?;
        let Some(row) = row else { return Ok(None) };
        let index = unsigned(row.idx)?;
        if index >= size {
            return Ok(None);
        }
        let proof = self.prove_leaf(index, size).await?;
        Ok(Some(Inclusion { index, leaf: hash(&row.leaf_hash)?, proof }))
    }

    /// Proves that the leaf at a place is in the tree of `size` leaves, which must be larger.
    pub async fn prove_leaf(&mut self, index: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
        self.proof(&inclusion_parts(index, size)).await
    }

    /// Proves that the tree of `old` leaves is the beginning of the tree of `new` leaves.
    pub async fn prove_consistency(&mut self, old: u64, new: u64) -> Result<Vec<Hash>, StoreError> {
        self.proof(&consistency_parts(old, new)).await
    }

    async fn proof(&mut self, parts: &[Part]) -> Result<Vec<Hash>, StoreError> {
        let mut proof = Vec::new();
        for part in parts {
            let mut hashes = Vec::new();
            for node in part {
                hashes.push(self.subtree(*node).await?);
            }
            proof.push(fold(&hashes).ok_or_else(|| StoreError::impossible("a proof of nothing"))?);
        }
        Ok(proof)
    }

    /// The hash of a perfect subtree, from those that are kept: at most 128 of them.
    async fn subtree(&mut self, node: Node) -> Result<Hash, StoreError> {
        let below = node.level % TILE_LEVELS;
        let (tenant, first, count) = (self.tenant, node.index << below, 1_u64 << below);
        let (first, end) = (index(first)?, index(first + count)?);
        let hashes = if node.level == below {
            sqlx::query_scalar!(
                "select leaf_hash from dlog.leaf where tenant_id = $1 and idx >= $2 and idx < $3 order by idx",
                tenant,
                first,
                end
            )
            .fetch_all(self.conn())
            .await
        } else {
            sqlx::query_scalar!(
                "select hash from dlog.tile where tenant_id = $1 and level = $2 and idx >= $3 and idx < $4 order by idx",
                tenant,
                level(node.level - below)?,
                first,
                end
            )
            .fetch_all(self.conn())
            .await
        };
        let hashes = hashes.doing("reading the tree's hashes")?;
        if hashes.len() as u64 != count {
            return Err(StoreError::impossible("hashes of the tree are missing"));
        }
        let mut frontier = Frontier::default();
        for kept in &hashes {
            frontier.push(hash(kept)?, |_, _| {});
        }
        Ok(frontier.root())
    }
}

fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::impossible("a hash that is not one of SHA-256"))
}

fn index(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::impossible("a tree larger than Postgres can count"))
}

fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::impossible("a negative place in the tree"))
}

fn level(level: u32) -> Result<i16, StoreError> {
    i16::try_from(level).map_err(|_| StoreError::impossible("a tree higher than any"))
}
