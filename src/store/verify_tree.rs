//! The tree and everything that was signed of it, grown anew from the entries.

use std::collections::BTreeMap;

use super::error::Doing;
use super::verify::Against;
use super::{StoreError, Tx};
use crate::ledger::growth::{Growth, Head, Leaf, LeafEntry, Tiles};
use crate::ledger::merkle::{Frontier, Hash, Node};
use crate::ledger::note::{Checkpoint, NoteError, NoteVerifier};
use crate::ledger::outside::Trust;
use crate::ledger::{Findings, Layer, Report};

/// Leaves that are read at once.
const PAGE: i64 = 4_000;

/// What the database keeps as signed, and who is trusted to have signed it.
struct Notary {
    trust: Trust,
    /// By size, as it is kept outside: another root for the same size proves a fork.
    outside: BTreeMap<u64, Hash>,
    /// The size of the last note that was read.
    read: i64,
    /// How many were signed by a key that is lost.
    keyless: u64,
}

impl Tx {
    pub(super) async fn compare_tree(
        &mut self,
        against: Against,
        report: &mut Report,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let head = self.kept_tree().await?;
        let tiles = self.kept_tiles().await?;
        let outside = against.outside.unwrap_or_default();
        say_what_is_left_out(&against.trust.keys, &outside, head.size, report);
        let roots = outside.iter().map(|checkpoint| (checkpoint.size, checkpoint.root)).collect();
        let mut notary = Notary { trust: against.trust, outside: roots, read: -1, keyless: 0 };
        let mut growth = Growth::against(outside);
        let mut next = 0;
        loop {
            let page = self.leaves_from(next).await?;
            let is_last = page.indexes.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            let end = if is_last { i64::MAX } else { growth.size().try_into().unwrap_or(i64::MAX) + PAGE };
            self.expect_stored(&mut growth, &mut notary, end, findings).await?;
            for (at, (idx, leaf_hash)) in page.indexes.iter().zip(&page.leaf_hashes).enumerate() {
                let index = u64::try_from(*idx).unwrap_or(u64::MAX);
                growth.push(Leaf { index, leaf_hash, entry: page.entry(at) });
                next = idx.saturating_add(1);
            }
            if is_last {
                break;
            }
        }
        for (subject, seq) in self.unsequenced().await? {
            growth.miss(&subject, seq);
        }
        if notary.keyless > 0 {
            let clause =
                format!("{} checkpoints that the database keeps (the key that signed them is lost)", notary.keyless);
            report.left_out.push(clause);
        }
        report.pending = self.count_pending().await?;
        if report.pending > 0 {
            report.left_out.push(match report.pending {
                1 => "an entry with the tree (it is on its way into it)".to_owned(),
                n => format!("{n} entries with the tree (they are on their way into it)"),
            });
        }
        let grown = growth.finish(&head, &tiles);
        (report.leaves, report.outside, report.stored) = (grown.leaves, grown.outside, grown.stored);
        findings.append(grown.findings);
        Ok(())
    }

    /// The notes that the database keeps of sizes up to `end`.
    async fn expect_stored(
        &mut self,
        growth: &mut Growth,
        notary: &mut Notary,
        end: i64,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        if notary.trust.keys.is_empty() {
            return Ok(());
        }
        let tenant = self.tenant;
        let notes = sqlx::query!(
            "select size, note from dlog.checkpoint where tenant_id = $1 and size > $2 and size <= $3 order by size",
            tenant,
            notary.read,
            end
        )
        .fetch_all(self.conn())
        .await
        .doing("reading signed checkpoints")?;
        for row in notes {
            notary.read = row.size;
            let size = u64::try_from(row.size).unwrap_or_default();
            match notary.open(&row.note, size) {
                // What a recovery has declared lost binds nobody.
                Ok(checkpoint) if !notary.trust.counts(&checkpoint) => {}
                Ok(checkpoint) => {
                    if notary.outside.get(&size).is_some_and(|root| *root != checkpoint.root) {
                        let what =
                            "two roots are signed for this size, here and outside: proof that the log was forked";
                        findings.find(Layer::Outside, "TREE", i32::try_from(size).unwrap_or(i32::MAX), what);
                    }
                    growth.expect_stored(checkpoint);
                }
                // A key that was declared lost may have signed it: nobody can tell any more.
                Err(NoteError::Unsigned) if notary.is_keyless(&row.note) => notary.keyless += 1,
                Err(error) => growth.doubt_stored(size, &error.to_string()),
            }
        }
        Ok(())
    }

    /// A page of leaves, a column at a time: a row for each costs more than what is in it.
    async fn leaves_from(&mut self, next: i64) -> Result<LeafPage, StoreError> {
        let tenant = self.tenant;
        sqlx::query_as!(
            LeafPage,
            r#"select coalesce(array_agg(idx), '{}') as "indexes!",
                      coalesce(array_agg(leaf_hash), '{}') as "leaf_hashes!",
                      coalesce(array_agg(entry_hash), '{}') as "entry_hashes!: Vec<Option<Vec<u8>>>",
                      coalesce(array_agg(subject), '{}') as "subjects!: Vec<Option<String>>",
                      coalesce(array_agg(seq), '{}') as "seqs!: Vec<Option<i32>>"
               from (
                 select leaf.idx, leaf.leaf_hash, entry.leaf_hash as entry_hash, entry.subject, entry.seq
                 from dlog.leaf left join dlog.entry on entry.id = leaf.entry_id
                 where leaf.tenant_id = $1 and leaf.idx >= $2 order by leaf.idx limit $3
               ) page"#,
            tenant,
            next,
            PAGE
        )
        .fetch_one(self.conn())
        .await
        .doing("reading the tree")
    }

    /// What the database takes for the tree, whatever that is.
    async fn kept_tree(&mut self) -> Result<Head, StoreError> {
        let tenant = self.tenant;
        let row = sqlx::query!("select size, root, frontier from dlog.tree where tenant_id = $1", tenant)
            .fetch_optional(self.conn())
            .await
            .doing("reading the tree's head")?;
        let empty = || Head { root: Frontier::default().root().to_vec(), ..Head::default() };
        let head = |size: i64| u64::try_from(size).unwrap_or(u64::MAX);
        Ok(row.map_or_else(empty, |row| Head { size: head(row.size), root: row.root, frontier: row.frontier }))
    }

    async fn kept_tiles(&mut self) -> Result<Tiles, StoreError> {
        use futures::TryStreamExt;
        let tenant = self.tenant;
        let mut tiles = Tiles::default();
        // In the order in which a growing tree completes them.
        let mut rows = sqlx::query!(
            "select level, idx, hash from dlog.tile where tenant_id = $1 order by (idx + 1) << level::int, level",
            tenant
        )
        .fetch(self.conn());
        while let Some(row) = rows.try_next().await.doing("reading the tree's hashes")? {
            let (level, index) = (u32::try_from(row.level).unwrap_or_default(), u64::try_from(row.idx));
            tiles.push(Node { level, index: index.unwrap_or_default() }, &row.hash);
        }
        drop(rows);
        Ok(tiles)
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

    async fn count_pending(&mut self) -> Result<u64, StoreError> {
        let tenant = self.tenant;
        let count =
            sqlx::query_scalar!(r#"select count(*) as "count!" from dlog.pending where tenant_id = $1"#, tenant)
                .fetch_one(self.conn())
                .await
                .doing("counting entries that are not in the tree")?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

/// Leaves in the order of the tree; what belongs to one is at the same place of each column.
struct LeafPage {
    indexes: Vec<i64>,
    leaf_hashes: Vec<Vec<u8>>,
    entry_hashes: Vec<Option<Vec<u8>>>,
    subjects: Vec<Option<String>>,
    seqs: Vec<Option<i32>>,
}

impl LeafPage {
    fn entry(&self, at: usize) -> Option<LeafEntry<'_>> {
        let hash = self.entry_hashes.get(at)?.as_deref()?;
        let subject = self.subjects.get(at)?.as_deref()?;
        Some(LeafEntry { hash, subject, seq: (*self.seqs.get(at)?)? })
    }
}

impl Notary {
    /// Whether this claims to be of a name whose key was declared lost.
    fn is_keyless(&self, note: &str) -> bool {
        Checkpoint::claimed(note).is_ok_and(|claimed| self.trust.is_keyless(&claimed.origin))
    }

    /// A note that a trusted key has signed, of the size that its row says.
    fn open(&self, note: &str, size: u64) -> Result<Checkpoint, NoteError> {
        let mut error = NoteError::Unsigned;
        for key in &self.trust.keys {
            match Checkpoint::open(note, key) {
                Ok(checkpoint) if checkpoint.size == size && checkpoint.origin == key.name() => return Ok(checkpoint),
                Ok(_) => error = NoteError::Checkpoint,
                Err(NoteError::Unsigned) => {}
                Err(other) => error = other,
            }
        }
        Err(error)
    }
}

fn say_what_is_left_out(keys: &[NoteVerifier], outside: &[Checkpoint], size: u64, report: &mut Report) {
    let newest = outside.iter().map(|checkpoint| checkpoint.size).max().unwrap_or_default();
    if keys.is_empty() {
        report.left_out.push("signatures (no key is at hand)".to_owned());
    }
    if newest == 0 {
        report.left_out.push("what is signed outside the database (none is at hand)".to_owned());
    } else if size > newest {
        let younger = match size - newest {
            1 => "the newest entry".to_owned(),
            n => format!("the newest {n} entries"),
        };
        report.left_out.push(format!("{younger} with what was signed outside (younger than that)"));
    }
}
