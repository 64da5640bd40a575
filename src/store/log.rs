//! Reading the decision log: for people a page at a time, for an export as a stream.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::error::Doing;
use super::log_export::unwritten;
use super::{ErasedNote, StoreError, Tx};
use crate::domain::{Platform, Subject};
use crate::ledger::Disclosure;

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
    /// How texts of it came to be gone, where some are.
    pub erased: Option<ErasedNote>,
    /// Where it was said; `None` for timers.
    pub platform: Option<Platform>,
    /// It is of an incident, or of a change for one. Known where it was searched for.
    pub of_incident: bool,
    /// Digests that it names and that nothing stands beside it for any more.
    pub(super) missing: Vec<String>,
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
        let mut entries: Vec<LogEntry> = rows
            .into_iter()
            .map(|row| LogEntry::read(row.subject, row.seq, row.kind, row.leaf_hash, &row.body, &row.disclosures))
            .collect();
        self.note_erasures(&mut entries).await?;
        Ok(LogPage { entries, total })
    }

    /// Says of entries whose texts are gone how that came.
    pub(super) async fn note_erasures(&mut self, entries: &mut [LogEntry]) -> Result<(), StoreError> {
        let missing: Vec<String> = entries.iter().flat_map(|entry| entry.missing.clone()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mut subjects: Vec<String> = entries.iter().map(|entry| entry.subject.clone()).collect();
        subjects.sort();
        subjects.dedup();
        let notes = self.erased_notes(&subjects, &missing).await?;
        for entry in entries {
            entry.erased = entry.missing.iter().find_map(|digest| notes.get(digest).cloned());
        }
        Ok(())
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
            line(&row.body, &row.disclosures).map_err(unwritten)?;
            count += 1;
        }
        Ok(count)
    }
}

/// The digests that a body names and that nothing stands beside it for any more.
fn missing(body: &Value, disclosures: &[Vec<u8>]) -> Vec<String> {
    let there: Vec<String> = disclosures.iter().map(|bytes| STANDARD.encode(Sha256::digest(bytes))).collect();
    let named = body["sd"].as_array().into_iter().flatten().filter_map(|digest| digest.as_str());
    named.filter(|digest| !there.iter().any(|there| there == digest)).map(str::to_owned).collect()
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
        let (at, data) = read_body(&body, disclosures);
        let missing = missing(&body, disclosures);
        let platform = body["src"]["platform"].as_str().and_then(Platform::parse);
        LogEntry { subject, seq, kind, at, leaf_hash, data, erased: None, platform, of_incident: false, missing }
    }
}

/// When it was, and what.
pub(super) fn read_body(body: &Value, disclosures: &[Vec<u8>]) -> (Option<DateTime<Utc>>, Map<String, Value>) {
    let mut data = body["data"].as_object().cloned().unwrap_or_default();
    data.insert("by".to_owned(), body["actor"].clone());
    for (name, value) in disclosures.iter().filter_map(|bytes| Disclosure::read(bytes)) {
        let name = if name == "actor_name" { "by_name".to_owned() } else { name };
        data.insert(name, Value::String(value));
    }
    (body["at"].as_str().and_then(|at| at.parse().ok()), data)
}
