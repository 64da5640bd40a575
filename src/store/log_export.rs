//! Entries on their way out: for whoever takes a part of the log away.

use chrono::{DateTime, SecondsFormat, Utc};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::Subject;

/// A part of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPart {
    /// What it is called after; `None`: the whole log.
    pub of: Option<Subject>,
    /// Its subjects, and whether names and texts go with each. Empty: every subject, with `texts`.
    pub parts: Vec<(Subject, bool)>,
    pub texts: bool,
    /// Nothing newer than this entry.
    pub newest: Option<i64>,
    pub since: Option<DateTime<Utc>>,
}

/// An entry as it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// Its place in the tree.
    pub index: u64,
    pub body: Vec<u8>,
    pub disclosures: Vec<Vec<u8>>,
}

impl ExportPart {
    /// Whether the tree can be grown from it alone.
    pub fn is_whole(&self) -> bool {
        self.parts.is_empty() && self.since.is_none()
    }

    /// What was left out, for a reader of the export.
    pub fn sentence(&self) -> String {
        let texts = if self.parts.is_empty() { self.texts } else { self.parts.iter().all(|(_, texts)| *texts) };
        let texts = if texts { "" } else { "Names and texts are not open to whoever asked, and left out. " };
        let since = self.since.map(|at| format!("Since {}.", at.to_rfc3339_opts(SecondsFormat::Secs, true)));
        format!("{texts}{}", since.unwrap_or_default()).trim_end().to_owned()
    }

    fn names(&self, with_texts: bool) -> Vec<String> {
        let wanted = self.parts.iter().filter(|(_, texts)| *texts || !with_texts);
        wanted.map(|(subject, _)| subject.to_string()).collect()
    }
}

impl Tx {
    /// The newest entry, and how many there are: of these subjects, or of all.
    pub async fn export_size(&mut self, subjects: Option<&[String]>) -> Result<(i64, i64), StoreError> {
        let tenant = self.tenant;
        let row = sqlx::query!(
            r#"select coalesce((select max(id) from dlog.entry where tenant_id = $1), 0) as "newest!",
                      case when $2::text[] is null
                        then coalesce((select size from dlog.tree where tenant_id = $1), 0)
                             + (select count(*) from dlog.pending where tenant_id = $1)
                        else (select count(*) from dlog.entry where tenant_id = $1 and subject = any ($2))
                      end as "entries!""#,
            tenant,
            subjects
        )
        .fetch_one(self.conn())
        .await
        .doing("counting what is to be exported")?;
        Ok((row.newest, row.entries))
    }

    /// How many bytes of entries and disclosures.
    pub async fn export_bytes(&mut self, subjects: Option<&[String]>) -> Result<i64, StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!(
            r#"select coalesce(sum(octet_length(body) + coalesce((
                 select sum(octet_length(disclosure)) from dlog.disclosure d where d.entry_id = entry.id), 0)), 0)::bigint
                 as "bytes!"
               from dlog.entry where tenant_id = $1 and ($2::text[] is null or subject = any ($2))"#,
            tenant,
            subjects
        )
        .fetch_one(self.conn())
        .await
        .doing("weighing what is to be exported")
    }

    /// The entries of a part, one after the other in the order of the tree, in constant memory.
    pub async fn export_rows(
        &mut self,
        part: &ExportPart,
        mut take: impl FnMut(ExportRow) -> std::io::Result<()>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let (names, with_texts) = (part.names(false), part.names(true));
        let since = part.since.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true)).unwrap_or_default();
        let mut rows = sqlx::query!(
            r#"select leaf.idx, entry.body,
                      array(select disclosure from dlog.disclosure d
                            where d.entry_id = entry.id and ($3::bool or entry.subject = any ($4))) as "disclosures!"
               from dlog.entry join dlog.leaf on leaf.entry_id = entry.id
               where entry.tenant_id = $1 and ($2::text[] = '{}' or entry.subject = any ($2))
                 and ($5::bigint is null or entry.id <= $5) and entry.at >= $6
               order by leaf.idx"#,
            tenant,
            &names,
            part.parts.is_empty() && part.texts,
            &with_texts,
            part.newest,
            since
        )
        .fetch(self.conn());
        while let Some(row) = rows.try_next().await.doing("reading what is to be exported")? {
            let index = u64::try_from(row.idx).map_err(|_| StoreError::impossible("a negative place in the tree"))?;
            take(ExportRow { index, body: row.body, disclosures: row.disclosures }).map_err(unwritten)?;
        }
        Ok(())
    }
}

/// A file of an export that can't be written.
pub(crate) fn unwritten(error: std::io::Error) -> StoreError {
    StoreError::Database { doing: "writing the export", source: sqlx::Error::Io(error) }
}
