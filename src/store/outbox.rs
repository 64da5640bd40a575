//! What goes out: sentences that were fixed when they were decided, and cards that always show the newest state.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::{Place, Subject};
use crate::render::Message;

/// A sentence that was tried this often in vain, and that is old, is given up.
const SAY_ATTEMPTS_MAX: i32 = 20;

/// A sentence, fixed now, to be said once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSay {
    pub subject: Subject,
    pub place: Place,
    pub message: Message,
    pub at: DateTime<Utc>,
}

/// A sentence on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SayRow {
    pub id: i64,
    pub message: Message,
    /// How often it was tried; from the second time on it is looked up before it is sent.
    pub attempts: i32,
}

/// A card in a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardKey {
    pub subject: Subject,
    /// `incident`, `announcement`, `change`.
    pub kind: &'static str,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    pub id: i64,
    pub attempts: i32,
    pub message: Option<String>,
    /// Hash of what is shown.
    pub shown: Option<Vec<u8>>,
}

impl Tx {
    /// Keeps a sentence, with the commit, until it is said.
    pub fn say(&mut self, say: NewSay) {
        self.leaving.says.push(say);
    }

    /// Keeps all sentences in one statement, in the order in which they were said.
    pub(super) async fn insert_says(&mut self, says: &[NewSay]) -> Result<(), StoreError> {
        if says.is_empty() {
            return Ok(());
        }
        let column = |of: fn(&NewSay) -> String| says.iter().map(of).collect::<Vec<_>>();
        let bodies: Vec<Value> = says.iter().map(|s| serde_json::to_value(&s.message).expect("plain data")).collect();
        let stored_at: Vec<DateTime<Utc>> = says.iter().map(|say| say.at).collect();
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into say (tenant_id, subject, platform, workspace, channel, body, stored_at)
             select $1, subject, platform, workspace, channel, body, stored_at
             from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[])
                  with ordinality as new (subject, platform, workspace, channel, body, stored_at, place)
             order by place",
            tenant,
            &column(|say| say.subject.to_string()),
            &column(|say| say.place.platform.as_str().to_owned()),
            &column(|say| say.place.workspace.clone()),
            &column(|say| say.place.channel.clone()),
            &bodies,
            &stored_at
        )
        .execute(self.conn())
        .await
        .doing("keeping sentences")?;
        expect_rows("keeping sentences", says.len() as u64, &result)
    }

    /// The first sentence beyond `after` that is still to be said in a place, counted as tried once more. What was
    /// stored before `old` and tried for too long is left out.
    pub async fn try_say(
        &mut self,
        place: &Place,
        after: i64,
        old: DateTime<Utc>,
    ) -> Result<Option<SayRow>, StoreError> {
        let row = sqlx::query!(
            "update say set attempts = attempts + 1 where id = (
                 select id from say
                 where platform = $1 and workspace = $2 and channel = $3 and message is null and id > $4
                   and (attempts < $5 or stored_at > $6)
                 order by id limit 1)
             returning id, body, attempts",
            place.platform.as_str(),
            place.workspace,
            place.channel,
            after,
            SAY_ATTEMPTS_MAX,
            old
        )
        .fetch_optional(self.conn())
        .await
        .doing("taking a sentence")?;
        let Some(row) = row else { return Ok(None) };
        let message = serde_json::from_value(row.body).map_err(|_| StoreError::impossible("an unreadable sentence"))?;
        Ok(Some(SayRow { id: row.id, message, attempts: row.attempts }))
    }

    pub async fn said(&mut self, id: i64, message: &str) -> Result<(), StoreError> {
        let result = sqlx::query!("update say set message = $2 where id = $1", id, message)
            .execute(self.conn())
            .await
            .doing("marking a sentence as said")?;
        expect_rows("marking a sentence as said", 1, &result)
    }

    /// The card's row, made where it is missing.
    pub async fn card(&mut self, key: &CardKey) -> Result<CardRow, StoreError> {
        let tenant = self.tenant;
        sqlx::query_as!(
            CardRow,
            "insert into card (tenant_id, subject, kind, platform, workspace, channel) values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, subject, kind, platform, workspace, channel) do update set kind = excluded.kind
             returning id, attempts, message, shown",
            tenant,
            key.subject.to_string(),
            key.kind,
            key.place.platform.as_str(),
            key.place.workspace,
            key.place.channel
        )
        .fetch_one(self.conn())
        .await
        .doing("taking a card")
    }

    /// Counts a first posting before it is tried.
    pub async fn try_card(&mut self, id: i64) -> Result<(), StoreError> {
        let result = sqlx::query!("update card set attempts = attempts + 1 where id = $1", id)
            .execute(self.conn())
            .await
            .doing("counting a card's posting")?;
        expect_rows("counting a card's posting", 1, &result)
    }

    pub async fn card_shown(&mut self, id: i64, message: &str, shown: &[u8]) -> Result<(), StoreError> {
        let result = sqlx::query!("update card set message = $2, shown = $3 where id = $1", id, message, shown)
            .execute(self.conn())
            .await
            .doing("marking a card as shown")?;
        expect_rows("marking a card as shown", 1, &result)
    }

    /// A card whose message is gone is posted anew.
    pub async fn card_lost(&mut self, id: i64) -> Result<(), StoreError> {
        sqlx::query!("update card set message = null, shown = null, attempts = 0 where id = $1", id)
            .execute(self.conn())
            .await
            .doing("marking a card as gone")?;
        Ok(())
    }
}
