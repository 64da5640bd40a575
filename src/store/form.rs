//! Forms that are open: what was already given, until the rest comes.

use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::{Account, Place};
use crate::language::presses::Press;
use crate::language::{Call, Filled};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredForm {
    pub id: String,
    /// Only this account may send it.
    pub account: Account,
    /// Where it was opened: that is what the command is about.
    pub place: Place,
    pub call: Call,
    /// The button that opened it: what is sent is about what its card showed.
    pub button: Option<Press>,
    /// What was filled in before anybody typed.
    pub filled: Filled,
}

impl Tx {
    pub async fn form(&mut self, id: &str) -> Result<Option<StoredForm>, StoreError> {
        let row = sqlx::query!("select id, account, place, call, button, filled from form where id = $1", id)
            .fetch_optional(self.conn())
            .await
            .doing("loading a form")?;
        let Some(row) = row else { return Ok(None) };
        let odd = |_| StoreError::impossible("an unreadable form");
        let button = match &row.button {
            // A button that is no more: the form is as old.
            Some(id) => match Press::parse(id) {
                Some(press) => Some(press),
                None => return Ok(None),
            },
            None => None,
        };
        Ok(Some(StoredForm {
            id: row.id,
            account: serde_json::from_value(row.account).map_err(odd)?,
            place: serde_json::from_value(row.place).map_err(odd)?,
            call: serde_json::from_value(row.call).map_err(odd)?,
            button,
            filled: serde_json::from_value(row.filled).map_err(odd)?,
        }))
    }

    pub async fn save_form(&mut self, form: &StoredForm, at: DateTime<Utc>) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let json = |value: serde_json::Result<serde_json::Value>| value.expect("plain data");
        sqlx::query!(
            "insert into form (tenant_id, id, account, place, call, opened_at, button, filled)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (id) do update set call = excluded.call",
            tenant,
            form.id,
            json(serde_json::to_value(&form.account)),
            json(serde_json::to_value(&form.place)),
            json(serde_json::to_value(&form.call)),
            at,
            form.button.map(|button| button.id()),
            json(serde_json::to_value(&form.filled))
        )
        .execute(self.conn())
        .await
        .doing("keeping a form")?;
        Ok(())
    }

    /// Closes a form that was sent, and remembers how long that took.
    pub async fn close_form(&mut self, id: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "with sent as (delete from form where id = $1 returning call, opened_at)
             insert into form_use (tenant_id, verb, opened_at, sent_at)
             select $2, (call ->> 'command') || ' ' || (call ->> 'verb'), opened_at, $3 from sent",
            id,
            tenant,
            at
        )
        .execute(self.conn())
        .await
        .doing("closing a form")?;
        Ok(())
    }
}
