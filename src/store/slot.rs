//! Rows of slots: which changes run, soak or wait for their turn.

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::{Change, Slot, SlotState};

impl Tx {
    /// The one lock of the line and of the windows, held until the transaction ends. It comes before every other lock, and
    /// whoever changes more than one change holds it.
    pub async fn hold_line(&mut self) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended('line of changes', $1))", tenant)
            .fetch_one(self.conn())
            .await
            .doing("holding the line of changes")
            .map(drop)
    }

    /// The changes that run, soak or wait, by number.
    pub async fn changes_in_line(&mut self) -> Result<Vec<i64>, StoreError> {
        sqlx::query_scalar!("select change from change_slot where state <> 'free' order by change")
            .fetch_all(self.conn())
            .await
            .doing("reading the line of changes")
    }

    pub(super) async fn slot(&mut self, change: &Change) -> Result<Option<Slot>, StoreError> {
        let subject = change.subject().to_string();
        let row =
            sqlx::query!("select state, asked_at, until, ahead, beside from change_slot where subject = $1", subject)
                .fetch_optional(self.conn())
                .await
                .doing("loading a slot")?;
        row.map(|row| {
            let state = SlotState::parse(&row.state)
                .ok_or_else(|| StoreError::impossible(format!("{subject} with an unknown slot")))?;
            Ok(Slot { state, asked_at: row.asked_at, until: row.until, ahead: row.ahead, beside: row.beside })
        })
        .transpose()
    }

    pub(super) async fn save_slot(&mut self, change: &Change, slot: &Slot, version: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into change_slot (tenant_id, subject, version, change, state, asked_at, until, ahead, beside)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (tenant_id, subject) do update set
                version = excluded.version, state = excluded.state, asked_at = excluded.asked_at,
                until = excluded.until, ahead = excluded.ahead, beside = excluded.beside",
            tenant,
            change.subject().to_string(),
            version,
            change.number,
            slot.state.as_str(),
            slot.asked_at,
            slot.until,
            slot.ahead,
            slot.beside,
        )
        .execute(self.conn())
        .await
        .doing("saving a slot")?;
        expect_rows("saving a slot", 1, &result)
    }
}
