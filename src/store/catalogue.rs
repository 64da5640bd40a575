//! Rows of what happened to the entries of the catalogue.

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::rules::CatalogueState;
use crate::domain::{BoardWord, CatalogueMark, EntryEvent, Subject, Submission};

/// Of one version of an entry, the newest.
const MARKS_MAX: i64 = 200;

impl Tx {
    /// What happened to a version of an entry, in the order of happening.
    pub(super) async fn catalogue_marks(
        &mut self,
        entry: &str,
        version: u32,
    ) -> Result<Vec<CatalogueMark>, StoreError> {
        let rows = sqlx::query!(
            "select state, by_failures, marked_at from catalogue_mark
             where entry = $1 and entry_version = $2 and sha256 is null order by marked_at desc, version desc limit $3",
            entry,
            i32::try_from(version).unwrap_or(i32::MAX),
            MARKS_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what happened to an entry of the catalogue")?;
        let marks = rows.into_iter().rev().map(|row| {
            let state = CatalogueState::parse(&row.state);
            Ok(CatalogueMark {
                state: state.ok_or_else(|| StoreError::impossible("an odd mark of the catalogue"))?,
                by_failures: row.by_failures,
                at: row.marked_at,
            })
        });
        marks.collect()
    }

    /// What the board said of a version of an entry, the newest first.
    pub(super) async fn board_words(&mut self, entry: &str, version: u32) -> Result<Vec<BoardWord>, StoreError> {
        let rows = sqlx::query!(
            r#"select mark.state, mark.sha256 as "sha256!", change.number,
                      mark.state = 'submitted' and change.status = 'awaiting_approval' as "open!"
               from catalogue_mark mark join change on change.subject = mark.subject
               where mark.entry = $1 and mark.entry_version = $2 and mark.sha256 is not null
               order by mark.marked_at desc, mark.version desc limit $3"#,
            entry,
            i32::try_from(version).unwrap_or(i32::MAX),
            MARKS_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what the board said of an entry of the catalogue")?;
        let words = rows.into_iter().map(|row| {
            let state = CatalogueState::parse(&row.state);
            let approved = state == Some(CatalogueState::Approved);
            BoardWord { sha256: row.sha256, change: row.number, approved, open: row.open }
        });
        Ok(words.collect())
    }

    /// The entry that a change puts to the board.
    pub(super) async fn submission(&mut self, change: Subject) -> Result<Option<Submission>, StoreError> {
        let row = sqlx::query!(
            r#"select entry, entry_version, sha256 as "sha256!" from catalogue_mark
               where subject = $1 and state = 'submitted' order by version limit 1"#,
            change.to_string()
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading which entry a change puts to the board")?;
        Ok(row.map(|row| Submission {
            entry: row.entry,
            version: u32::try_from(row.entry_version).unwrap_or_default(),
            sha256: row.sha256,
        }))
    }

    /// What an event of a change says of an entry and the board.
    pub(super) async fn write_board_word(
        &mut self,
        recorded: &Recorded<'_>,
        event: &EntryEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let (of, state) = match event {
            EntryEvent::Submitted(of) => (of, CatalogueState::Submitted),
            EntryEvent::Approved { of, .. } => (of, CatalogueState::Approved),
            EntryEvent::Rated { .. } | EntryEvent::ToRevise { .. } | EntryEvent::Suggested { .. } => return Ok(()),
        };
        let mark = CatalogueMark { state, by_failures: false, at: recorded.at };
        self.insert_mark(recorded, (&of.entry, of.version, Some(&of.sha256)), mark, seq).await
    }

    pub(super) async fn insert_catalogue_mark(
        &mut self,
        recorded: &Recorded<'_>,
        (entry, version): (&str, u32),
        mark: CatalogueMark,
        seq: i32,
    ) -> Result<(), StoreError> {
        self.insert_mark(recorded, (entry, version, None), mark, seq).await
    }

    async fn insert_mark(
        &mut self,
        recorded: &Recorded<'_>,
        (entry, version, sha256): (&str, u32, Option<&str>),
        mark: CatalogueMark,
        seq: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into catalogue_mark (tenant_id, subject, version, entry, entry_version, state, by_failures, marked_at,
                                         sha256)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            tenant,
            recorded.subject.to_string(),
            seq,
            entry,
            i32::try_from(version).unwrap_or(i32::MAX),
            mark.state.as_str(),
            mark.by_failures,
            mark.at,
            sha256
        )
        .execute(self.conn())
        .await
        .doing("keeping what happened to an entry of the catalogue")?;
        expect_rows("keeping what happened to an entry of the catalogue", 1, &result)
    }
}
