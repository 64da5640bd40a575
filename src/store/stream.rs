//! The log in the order of its tree, and how far each sink outside has got in it.

use std::time::Duration;

use uuid::Uuid;

use super::error::Doing;
use super::{Store, StoreError, Tx};

/// An entry as a stream takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRow {
    /// Its place in the tree.
    pub index: u64,
    pub subject: String,
    pub seq: i32,
    pub kind: String,
    pub body: Vec<u8>,
    pub leaf_hash: Vec<u8>,
    /// Read only where they are wanted.
    pub disclosures: Vec<Vec<u8>>,
}

impl Tx {
    /// The next entries from a place in the tree on.
    pub async fn stream_rows(
        &mut self,
        from: u64,
        limit: usize,
        with_texts: bool,
    ) -> Result<Vec<StreamRow>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query!(
            r#"select leaf.idx, leaf.leaf_hash, entry.subject, entry.seq, entry.kind, entry.body,
                      array(select disclosure from dlog.disclosure d where $4::bool and d.entry_id = entry.id)
                        as "disclosures!"
               from dlog.leaf join dlog.entry on entry.id = leaf.entry_id
               where leaf.tenant_id = $1 and leaf.idx >= $2 order by leaf.idx limit $3"#,
            tenant,
            place(from)?,
            i64::try_from(limit).unwrap_or(i64::MAX),
            with_texts
        )
        .fetch_all(self.conn())
        .await
        .doing("reading the log for a stream")?;
        rows.into_iter()
            .map(|row| {
                Ok(StreamRow {
                    index: unsigned(row.idx)?,
                    subject: row.subject,
                    seq: row.seq,
                    kind: row.kind,
                    body: row.body,
                    leaf_hash: row.leaf_hash,
                    disclosures: row.disclosures,
                })
            })
            .collect()
    }
}

impl Store {
    /// Takes a sink for a while, and says where it goes on; `None` while another bot has it.
    pub async fn lease_sink(
        &self,
        tenant: i64,
        name: &str,
        lease: Uuid,
        lasting: Duration,
    ) -> Result<Option<u64>, StoreError> {
        let mut tx = self.begin(tenant).await?;
        let next = sqlx::query_scalar!(
            "insert into sink (tenant_id, name, next, taken_at, lease, leased_until)
             values ($1, $2, 0, now(), $3, now() + make_interval(secs => $4))
             on conflict (tenant_id, name) do update set lease = excluded.lease, leased_until = excluded.leased_until
             where sink.leased_until < now() or sink.lease = excluded.lease
             returning next",
            tenant,
            name,
            lease,
            lasting.as_secs_f64()
        )
        .fetch_optional(tx.conn())
        .await
        .doing("taking a sink")?;
        tx.commit().await?;
        next.map(unsigned).transpose()
    }

    /// Keeps how far a sink has got; nothing where another bot has it by now.
    pub async fn advance_sink(&self, tenant: i64, name: &str, lease: Uuid, next: u64) -> Result<(), StoreError> {
        let mut tx = self.begin(tenant).await?;
        sqlx::query!(
            "update sink set next = $4, taken_at = now() where tenant_id = $1 and name = $2 and lease = $3",
            tenant,
            name,
            lease,
            place(next)?
        )
        .execute(tx.conn())
        .await
        .doing("keeping how far a sink has got")?;
        tx.commit().await
    }

    /// Lets a sink go.
    pub async fn release_sink(&self, tenant: i64, name: &str, lease: Uuid) -> Result<(), StoreError> {
        let mut tx = self.begin(tenant).await?;
        sqlx::query!(
            "update sink set leased_until = now(), lease = null where tenant_id = $1 and name = $2 and lease = $3",
            tenant,
            name,
            lease
        )
        .execute(tx.conn())
        .await
        .doing("letting a sink go")?;
        tx.commit().await
    }

    /// Has a sink begin anew at a place, whoever has it.
    pub async fn rewind_sink(&self, tenant: i64, name: &str, from: u64) -> Result<(), StoreError> {
        let mut tx = self.begin(tenant).await?;
        sqlx::query!(
            "insert into sink (tenant_id, name, next, taken_at, leased_until) values ($1, $2, $3, now(), now())
             on conflict (tenant_id, name) do update set next = excluded.next, lease = null, leased_until = now()",
            tenant,
            name,
            place(from)?
        )
        .execute(tx.conn())
        .await
        .doing("setting back a sink")?;
        tx.commit().await
    }
}

fn place(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::impossible("a tree larger than Postgres can count"))
}

fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::impossible("a negative place in the tree"))
}
