//! Rows of changes that are in each other's way. The open ones are read with either change.

use super::error::{Doing, expect_rows};
use super::record::{Recorded, Writes};
use super::{StoreError, Tx};
use crate::domain::event::ConflictEvent;
use crate::domain::{Change, State};

impl Tx {
    /// Writes the row by the entry `seq`, which says what happened to it.
    pub(super) async fn write_conflict(
        &mut self,
        recorded: &Recorded<'_>,
        event: &ConflictEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let Writes::State { state: State::Change(change), .. } = &recorded.writes else {
            return Ok(());
        };
        let (opened, state) = match event {
            ConflictEvent::Opened { other, .. } => return self.insert_conflict(change, *other, seq).await,
            ConflictEvent::Yielded { .. } => return Ok(()),
            ConflictEvent::CoexistAsked { opened, .. } | ConflictEvent::Escalated { opened, .. } => (*opened, "open"),
            ConflictEvent::Resolved { opened, state, .. } => (*opened, state.as_str()),
        };
        let one = change.conflicts.iter().find(|one| one.opened == opened && one.holder == change.number);
        let subject = change.subject().to_string();
        let result = sqlx::query!(
            "update change_conflict set version = $3, state = $4, level = coalesce($5, level),
                    asked_side = coalesce($6, asked_side), due_at = coalesce($7, due_at)
             where subject = $1 and opened = $2",
            subject,
            opened,
            seq,
            state,
            one.map(|one| one.level.as_str()),
            one.and_then(|one| one.asked_side),
            one.map(|one| one.due_at)
        )
        .execute(self.conn())
        .await
        .doing("saving a conflict")?;
        expect_rows("saving a conflict", 1, &result)
    }

    async fn insert_conflict(&mut self, change: &Change, other: i64, seq: i32) -> Result<(), StoreError> {
        let new = change.conflicts.iter().find(|one| one.opened == 0 && one.other == other);
        let new = new.ok_or_else(|| StoreError::impossible("a conflict that is not there"))?;
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into change_conflict (tenant_id, subject, opened, version, other, state, level, due_at, blocks)
             values ($1, $2, $3, $3, $4, 'open', $5, $6, $7)",
            tenant,
            change.subject().to_string(),
            seq,
            new.other,
            new.level.as_str(),
            new.due_at,
            new.blocks
        )
        .execute(self.conn())
        .await
        .doing("keeping a conflict")?;
        expect_rows("keeping a conflict", 1, &result)
    }
}
