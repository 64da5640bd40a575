//! Rows of the archive: what was sealed of a record, and what is to be.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::Subject;
use crate::domain::archive::{ArchiveBundle, ArchiveKind, Archived};
use crate::domain::event::ArchiveEvent;
use crate::render::Message;

/// A bundle as the log speaks of it: the newest of its kind and record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedBundle {
    pub subject: String,
    pub seq: i32,
    pub kind: ArchiveKind,
    pub manifest: String,
}

impl Tx {
    /// The newest bundle of a record.
    pub async fn archived(&mut self, subject: Subject, kind: ArchiveKind) -> Result<Option<Archived>, StoreError> {
        let row = sqlx::query!(
            "select version, manifest, entries, bytes, covers, sealed_at, older from archive
             where subject = $1 and kind = $2",
            subject.to_string(),
            kind.as_str()
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading what was sealed")?;
        row.map(|row| {
            let count =
                |n: i64| u64::try_from(n).map_err(|_| StoreError::impossible(format!("{subject} sealed with {n}")));
            let (bytes, covers) = (count(row.bytes)?, count(row.covers)?);
            let bundle = ArchiveBundle { kind, manifest: row.manifest, entries: row.entries, bytes, covers };
            Ok(Archived { subject, version: row.version, bundle, at: row.sealed_at, older: row.older })
        })
        .transpose()
    }

    /// Whether these records have an entry that the signed tree of this size does not hold, other than those that speak
    /// of the archive.
    pub async fn is_beyond(&mut self, subjects: &[Subject], covers: u64) -> Result<bool, StoreError> {
        let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let tenant = self.tenant;
        sqlx::query_scalar!(
            r#"select exists (
                 select from dlog.entry left join dlog.leaf on leaf.entry_id = entry.id
                 where entry.tenant_id = $1 and entry.subject = any ($2)
                   and entry.kind not in ('archive.asked', 'archive.sealed', 'archive.removed')
                   and coalesce(leaf.idx >= $3, true)) as "is_beyond!""#,
            tenant,
            &names,
            i64::try_from(covers).unwrap_or(i64::MAX)
        )
        .fetch_one(self.conn())
        .await
        .doing("looking for what is younger than a bundle")
    }

    /// The same of erasures alone.
    pub async fn is_erased_since(&mut self, subjects: &[Subject], covers: u64) -> Result<bool, StoreError> {
        let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let tenant = self.tenant;
        sqlx::query_scalar!(
            r#"select exists (
                 select from dlog.entry left join dlog.leaf on leaf.entry_id = entry.id
                 where entry.tenant_id = $1 and entry.subject = any ($2) and entry.kind = 'payload.erased'
                   and coalesce(leaf.idx >= $3, true)) as "is_erased!""#,
            tenant,
            &names,
            i64::try_from(covers).unwrap_or(i64::MAX)
        )
        .fetch_one(self.conn())
        .await
        .doing("looking for erasures after a bundle")
    }

    /// The newest entry by which somebody wants an incident sealed at once.
    pub async fn asked_to_seal(&mut self, subject: Subject) -> Result<Option<i32>, StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!(
            "select max(seq) from dlog.entry where tenant_id = $1 and subject = $2 and kind = 'archive.asked'",
            tenant,
            subject.to_string()
        )
        .fetch_one(self.conn())
        .await
        .doing("looking for whoever wants a record sealed")
    }

    /// Incidents of which a bundle may be due, the oldest first: ended before a moment and never sealed, or sealed with
    /// something to be done about it.
    pub async fn to_seal(&mut self, ended_before: DateTime<Utc>, limit: i64) -> Result<Vec<i64>, StoreError> {
        sqlx::query_scalar!(
            r#"select number from incident
               left join archive on archive.tenant_id = incident.tenant_id and archive.subject = incident.subject
                 and archive.kind = 'sealed'
               where ended_at <= $1 and archive.subject is null
                  or cardinality(archive.older) > 0
                  or exists (
                    select from dlog.entry left join dlog.leaf on leaf.entry_id = entry.id
                    where archive.subject is not null and entry.tenant_id = incident.tenant_id
                      and entry.kind = 'payload.erased' and coalesce(leaf.idx >= archive.covers, true)
                      and (entry.subject = incident.subject
                        or entry.subject in (select subject from change where change.incident = incident.number)
                        or entry.subject in (select subject from change_freeze where change_freeze.incident = incident.number)))
               order by ended_at, number limit $2"#,
            ended_before,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for what is to be sealed")
    }

    /// What Wardroom said about these records and still keeps, a line of JSON each, in the order in which it was said.
    pub async fn said_about(&mut self, subjects: &[Subject]) -> Result<Vec<Value>, StoreError> {
        let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let rows = sqlx::query!(
            "select subject, platform, workspace, channel, body, stored_at, message from say
             where subject = any ($1) and message is not null order by id",
            &names
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what was said")?;
        rows.into_iter()
            .map(|row| {
                let message: Message = serde_json::from_value(row.body)
                    .map_err(|_| StoreError::impossible(format!("an unreadable sentence about {}", row.subject)))?;
                Ok(json!({
                    "at": row.stored_at, "about": row.subject, "platform": row.platform, "workspace": row.workspace,
                    "channel": row.channel, "message": row.message, "text": message.plain(),
                }))
            })
            .collect()
    }

    /// What the log says of the newest bundles, by record.
    pub async fn logged_bundles(&mut self) -> Result<Vec<LoggedBundle>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query!(
            r#"select distinct on (subject, kind) subject, seq, kind,
                      convert_from(body, 'UTF8')::jsonb #>> '{data,manifest}' as "manifest!"
               from dlog.entry where tenant_id = $1 and kind = 'archive.sealed'
               order by subject, kind, seq desc"#,
            tenant
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what the log says was sealed")?;
        let kind_of = |kind: &str| kind.strip_prefix("archive.").and_then(ArchiveKind::parse);
        let bundle = |subject, seq, kind: String, manifest| {
            let kind = kind_of(&kind).ok_or_else(|| StoreError::impossible(format!("a bundle by {kind}")))?;
            Ok(LoggedBundle { subject, seq, kind, manifest })
        };
        rows.into_iter().map(|row| bundle(row.subject, row.seq, row.kind, row.manifest)).collect()
    }

    /// The rows that an event of the archive writes, under the entry `seq` of its subject.
    pub(super) async fn write_archive(
        &mut self,
        recorded: &Recorded<'_>,
        event: &ArchiveEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        match event {
            ArchiveEvent::Asked => Ok(()),
            ArchiveEvent::Sealed { bundle, .. } => self.save_bundle(recorded, bundle, seq).await,
            ArchiveEvent::Removed { kind, manifest } => {
                self.forget_bundle(recorded.subject, *kind, manifest, seq).await
            }
        }
    }

    async fn save_bundle(
        &mut self,
        recorded: &Recorded<'_>,
        bundle: &ArchiveBundle,
        seq: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into archive (tenant_id, subject, kind, version, manifest, entries, bytes, covers, sealed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (tenant_id, subject, kind) do update set version = excluded.version,
                manifest = excluded.manifest, entries = excluded.entries, bytes = excluded.bytes,
                covers = excluded.covers, sealed_at = excluded.sealed_at,
                older = archive.older || archive.manifest",
            tenant,
            recorded.subject.to_string(),
            bundle.kind.as_str(),
            seq,
            bundle.manifest,
            bundle.entries,
            i64::try_from(bundle.bytes).unwrap_or(i64::MAX),
            i64::try_from(bundle.covers).unwrap_or(i64::MAX),
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("keeping what was sealed")?;
        expect_rows("keeping what was sealed", 1, &result)
    }

    async fn forget_bundle(
        &mut self,
        subject: Subject,
        kind: ArchiveKind,
        manifest: &str,
        seq: i32,
    ) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "update archive set version = $4, older = array_remove(older, $3) where subject = $1 and kind = $2",
            subject.to_string(),
            kind.as_str(),
            manifest,
            seq
        )
        .execute(self.conn())
        .await
        .doing("keeping that a bundle is gone")?;
        expect_rows("keeping that a bundle is gone", 1, &result)
    }
}
