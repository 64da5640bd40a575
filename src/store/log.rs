//! Reading the decision log: for people a page at a time, for verification as a stream.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Map, Value};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::{Platform, Subject};
use crate::ledger::{Chain, Disclosure, Stored, Verdict};

/// An entry as people read it: the facts of its body and the texts that are still disclosed, together.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEntry {
    pub subject: String,
    pub seq: i32,
    pub kind: String,
    /// `None` where the body is no entry any more: somebody wrote over it.
    pub at: Option<DateTime<Utc>>,
    pub leaf_hash: Vec<u8>,
    pub data: Map<String, Value>,
    /// Where it was said; `None` for timers.
    pub platform: Option<Platform>,
    /// It is of an incident, or of a change for one. Known where it was searched for.
    pub of_incident: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LogPage {
    pub entries: Vec<LogEntry>,
    pub total: i64,
}

impl Tx {
    /// Entries of these subjects, oldest first, `limit` of them after skipping `offset`.
    pub async fn log_page(&mut self, subjects: &[Subject], offset: i64, limit: i64) -> Result<LogPage, StoreError> {
        let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let total = sqlx::query_scalar!(
            r#"select count(*) as "total!" from dlog.entry where tenant_id = $1 and subject = any ($2)"#,
            self.tenant,
            &names
        )
        .fetch_one(self.conn())
        .await
        .doing("counting log entries")?;
        let rows = sqlx::query!(
            r#"select entry.subject, entry.seq, entry.kind, entry.body, entry.leaf_hash,
                      array(select disclosure from dlog.disclosure d where d.entry_id = entry.id) as "disclosures!"
               from dlog.entry entry where tenant_id = $1 and subject = any ($2)
               order by entry.id offset $3 limit $4"#,
            self.tenant,
            &names,
            offset,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("reading log entries")?;
        let entries = rows
            .into_iter()
            .map(|row| LogEntry::read(row.subject, row.seq, row.kind, row.leaf_hash, &row.body, &row.disclosures))
            .collect();
        Ok(LogPage { entries, total })
    }

    /// Walks every entry of the tenant, or of one subject, in constant memory.
    pub async fn verify_log(&mut self, subject: Option<Subject>) -> Result<Verdict, StoreError> {
        let subject = subject.map(|subject| subject.to_string());
        let tenant = self.tenant;
        let mut chain = Chain::default();
        let mut rows = sqlx::query!(
            r#"select entry.subject, entry.seq, entry.kind, entry.body, entry.leaf_hash,
                      array(select disclosure from dlog.disclosure d where d.entry_id = entry.id) as "disclosures!"
               from dlog.entry entry where tenant_id = $1 and ($2::text is null or subject = $2)
               order by subject, seq"#,
            tenant,
            subject
        )
        .fetch(self.conn());
        while let Some(row) = rows.try_next().await.doing("reading the log")? {
            chain.push(&Stored {
                subject: row.subject,
                seq: row.seq,
                kind: row.kind,
                body: row.body,
                leaf_hash: row.leaf_hash,
                disclosures: row.disclosures,
            });
        }
        drop(rows);
        Ok(chain.finish())
    }

    /// Every entry's exact bytes, in the order of the tree, for an export.
    pub async fn export_log(
        &mut self,
        mut line: impl FnMut(&[u8], &[Vec<u8>]) -> std::io::Result<()>,
    ) -> Result<u64, StoreError> {
        let tenant = self.tenant;
        let mut rows = sqlx::query!(
            r#"select entry.body, array(select disclosure from dlog.disclosure d where d.entry_id = entry.id)
                      as "disclosures!"
               from dlog.leaf join dlog.entry entry on entry.id = leaf.entry_id
               where leaf.tenant_id = $1 order by leaf.idx"#,
            tenant
        )
        .fetch(self.conn());
        let mut count = 0;
        while let Some(row) = rows.try_next().await.doing("reading the log")? {
            line(&row.body, &row.disclosures).map_err(|error| StoreError::Database {
                doing: "writing the export",
                source: sqlx::Error::Io(error),
            })?;
            count += 1;
        }
        Ok(count)
    }
}

impl LogEntry {
    /// Whatever can't be read is left out, so that one bad entry hides no other.
    pub(super) fn read(
        subject: String,
        seq: i32,
        kind: String,
        leaf_hash: Vec<u8>,
        body: &[u8],
        disclosures: &[Vec<u8>],
    ) -> LogEntry {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut data = body["data"].as_object().cloned().unwrap_or_default();
        data.insert("by".to_owned(), body["actor"].clone());
        for (name, value) in disclosures.iter().filter_map(|bytes| Disclosure::read(bytes)) {
            let name = if name == "actor_name" { "by_name".to_owned() } else { name };
            data.insert(name, Value::String(value));
        }
        let at = body["at"].as_str().and_then(|at| at.parse().ok());
        let platform = body["src"]["platform"].as_str().and_then(Platform::parse);
        LogEntry { subject, seq, kind, at, leaf_hash, data, platform, of_incident: false }
    }
}
