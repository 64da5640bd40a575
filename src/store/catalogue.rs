//! Rows of what happened to the entries of the catalogue.

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::CatalogueMark;
use crate::domain::rules::CatalogueState;

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
             where entry = $1 and entry_version = $2 order by marked_at desc, version desc limit $3",
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

    pub(super) async fn insert_catalogue_mark(
        &mut self,
        recorded: &Recorded<'_>,
        (entry, version): (&str, u32),
        mark: CatalogueMark,
        seq: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into catalogue_mark (tenant_id, subject, version, entry, entry_version, state, by_failures, marked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            tenant,
            recorded.subject.to_string(),
            seq,
            entry,
            i32::try_from(version).unwrap_or(i32::MAX),
            mark.state.as_str(),
            mark.by_failures,
            mark.at
        )
        .execute(self.conn())
        .await
        .doing("keeping what happened to an entry of the catalogue")?;
        expect_rows("keeping what happened to an entry of the catalogue", 1, &result)
    }
}
