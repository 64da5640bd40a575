//! Rows of the archive: what was sealed of a record, and what is to be.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::archive::{ArchiveBundle, ArchiveKind, Archived, Redaction, RedactionState};
use crate::domain::event::ArchiveEvent;
use crate::domain::{PersonId, Subject};
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
                   and entry.kind not like 'archive.%' and entry.kind not like 'redaction.%'
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
               from dlog.entry sealed where tenant_id = $1 and kind in ('archive.sealed', 'archive.redacted')
                 and not exists (
                   select from dlog.entry removed
                   where removed.tenant_id = $1 and removed.subject = sealed.subject and removed.kind = 'archive.removed'
                     and convert_from(removed.body, 'UTF8')::jsonb #>> '{data,manifest}'
                       = convert_from(sealed.body, 'UTF8')::jsonb #>> '{data,manifest}')
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
            ArchiveEvent::Sealed { bundle, .. } => {
                if bundle.kind == ArchiveKind::Redacted {
                    self.set_redaction(recorded, RedactionState::Kept, seq).await?;
                }
                self.save_bundle(recorded, bundle, seq).await
            }
            ArchiveEvent::RedactionAsked { sha256, marks } => self.save_redaction(recorded, sha256, marks, seq).await,
            ArchiveEvent::RedactionApproved { .. } => self.set_redaction(recorded, RedactionState::Approved, seq).await,
            ArchiveEvent::RedactionDeclined { .. } => self.set_redaction(recorded, RedactionState::Declined, seq).await,
            ArchiveEvent::RedactionVoid { .. } => self.set_redaction(recorded, RedactionState::Void, seq).await,
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
        let gone = sqlx::query!(
            "delete from archive where subject = $1 and kind = $2 and manifest = $3",
            subject.to_string(),
            kind.as_str(),
            manifest
        )
        .execute(self.conn())
        .await
        .doing("keeping that a bundle is gone")?;
        if gone.rows_affected() > 0 {
            return Ok(());
        }
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

    /// The redacted copy of a record that was asked for last.
    pub async fn redaction(&mut self, subject: Subject) -> Result<Option<Redaction>, StoreError> {
        let row = sqlx::query!(
            "select asked, asked_by, state, sha256, marks from redaction where subject = $1",
            subject.to_string()
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading a redacted copy")?;
        let odd = || StoreError::impossible(format!("the redacted copy of {subject}"));
        row.map(|row| {
            Ok(Redaction {
                asked: row.asked,
                asked_by: PersonId(row.asked_by),
                state: RedactionState::parse(&row.state).ok_or_else(odd)?,
                sha256: row.sha256,
                marks: serde_json::from_value(row.marks).map_err(|_| odd())?,
            })
        })
        .transpose()
    }

    /// Whether something of these records was erased after an entry of one of them.
    pub async fn is_erased_after(&mut self, subjects: &[Subject], of: Subject, seq: i32) -> Result<bool, StoreError> {
        let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let tenant = self.tenant;
        sqlx::query_scalar!(
            r#"select exists (
                 select from dlog.entry where tenant_id = $1 and subject = any ($2) and kind = 'payload.erased'
                   and id > (select id from dlog.entry where tenant_id = $1 and subject = $3 and seq = $4)) as "is_erased!""#,
            tenant,
            &names,
            of.to_string(),
            seq
        )
        .fetch_one(self.conn())
        .await
        .doing("looking for erasures after an entry")
    }

    async fn save_redaction(
        &mut self,
        recorded: &Recorded<'_>,
        sha256: &str,
        marks: &[String],
        seq: i32,
    ) -> Result<(), StoreError> {
        let by = recorded.by.person().map(|person| person.0.clone()).unwrap_or_default();
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into redaction (tenant_id, subject, asked, version, state, sha256, marks, asked_by)
             values ($1, $2, $3, $3, 'waiting', $4, $5, $6)
             on conflict (tenant_id, subject) do update set asked = excluded.asked, version = excluded.version,
                state = excluded.state, sha256 = excluded.sha256, marks = excluded.marks,
                asked_by = excluded.asked_by, approved_by = null",
            tenant,
            recorded.subject.to_string(),
            seq,
            sha256,
            json!(marks),
            by
        )
        .execute(self.conn())
        .await
        .doing("keeping a redacted copy that is asked for")?;
        expect_rows("keeping a redacted copy that is asked for", 1, &result)
    }

    /// What was marked goes once nobody needs it: it is what should not be read.
    async fn set_redaction(
        &mut self,
        recorded: &Recorded<'_>,
        state: RedactionState,
        seq: i32,
    ) -> Result<(), StoreError> {
        let approved_by = recorded.by.person().filter(|_| state == RedactionState::Approved).map(PersonId::as_str);
        let result = sqlx::query!(
            "update redaction set state = $2, version = $3, approved_by = coalesce($4, approved_by),
                marks = case when $2 = 'approved' then marks else '[]' end
             where subject = $1",
            recorded.subject.to_string(),
            state.as_str(),
            seq,
            approved_by
        )
        .execute(self.conn())
        .await
        .doing("keeping what became of a redacted copy")?;
        expect_rows("keeping what became of a redacted copy", 1, &result)
    }
}
