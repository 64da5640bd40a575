//! What goes out: sentences that were fixed when they were decided, and cards that always show the newest state.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::{Place, Platform, Subject, Urgency};
use crate::render::Message;

/// A sentence, fixed now, to be said once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSay {
    pub subject: Subject,
    pub place: Place,
    pub urgency: Urgency,
    pub message: Message,
    pub at: DateTime<Utc>,
}

/// A sentence on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SayRow {
    pub id: i64,
    pub subject: Subject,
    pub urgency: Urgency,
    pub message: Message,
    /// How often it was tried; from the second time on it is looked up before it is sent.
    pub attempts: i32,
    pub stored_at: DateTime<Utc>,
    /// What it had to wait for, where it had to.
    pub held: Option<String>,
}

/// A card in a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardKey {
    pub subject: Subject,
    /// `incident`, `announcement`, `change`, `freeze`, `override`, `ask`.
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
    /// `wanted`, `done`, `refused`.
    pub pin: String,
    /// Since when the platform refuses to show it.
    pub refused_since: Option<DateTime<Utc>>,
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
        let urgencies: Vec<i16> = says.iter().map(|say| say.urgency.rank()).collect();
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into say (tenant_id, subject, platform, workspace, channel, body, stored_at, urgency)
             select $1, subject, platform, workspace, channel, body, stored_at, urgency
             from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[], $8::smallint[])
                  with ordinality as new (subject, platform, workspace, channel, body, stored_at, urgency, place)
             order by place",
            tenant,
            &column(|say| say.subject.to_string()),
            &column(|say| say.place.platform.as_str().to_owned()),
            &column(|say| say.place.workspace.clone()),
            &column(|say| say.place.channel.clone()),
            &bodies,
            &stored_at,
            &urgencies
        )
        .execute(self.conn())
        .await
        .doing("keeping sentences")?;
        expect_rows("keeping sentences", says.len() as u64, &result)
    }

    /// The next sentence to be said in a place, counted as tried once more; not one of those `tried` already. They come
    /// in the order in which they were stored. Where one has waited since before `late`, the most urgent come first, and
    /// those that are less urgent than `urgency` are left for later.
    pub async fn try_say(
        &mut self,
        place: &Place,
        urgency: Urgency,
        tried: &[i64],
        late: DateTime<Utc>,
    ) -> Result<Option<SayRow>, StoreError> {
        let row = sqlx::query!(
            "with waiting as (
                 select id, urgency, min(stored_at) over () < $5 as late from say
                 where platform = $1 and workspace = $2 and channel = $3 and message is null and given_up_at is null)
             update say set attempts = attempts + 1 where id = (
                 select id from waiting where id <> all($4) and (urgency <= $6 or not late)
                 order by case when late then urgency else 0 end, id limit 1)
             returning id, subject, urgency, body, attempts, stored_at, held",
            place.platform.as_str(),
            place.workspace,
            place.channel,
            tried,
            late,
            urgency.rank()
        )
        .fetch_optional(self.conn())
        .await
        .doing("taking a sentence")?;
        let Some(row) = row else { return Ok(None) };
        let message = serde_json::from_value(row.body).map_err(|_| StoreError::impossible("an unreadable sentence"))?;
        Ok(Some(SayRow {
            id: row.id,
            subject: Subject::parse(&row.subject).ok_or_else(|| StoreError::impossible("a sentence about nothing"))?,
            urgency: Urgency::of_rank(row.urgency).ok_or_else(|| StoreError::impossible("an unknown urgency"))?,
            message,
            attempts: row.attempts,
            stored_at: row.stored_at,
            held: row.held,
        }))
    }

    /// Keeps why all that waits in a place has to wait: the first reason is the one to tell.
    pub async fn hold_says(&mut self, place: &Place, held: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "update say set held = $4
             where platform = $1 and workspace = $2 and channel = $3 and message is null and held is null",
            place.platform.as_str(),
            place.workspace,
            place.channel,
            held
        )
        .execute(self.conn())
        .await
        .doing("keeping why sentences wait")?;
        Ok(())
    }

    /// Gives up what was stored in a place before `old`: `only` that sentence, or all. Returns how many.
    pub async fn give_up(
        &mut self,
        place: &Place,
        only: Option<i64>,
        old: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let result = sqlx::query!(
            "update say set given_up_at = $6
             where platform = $1 and workspace = $2 and channel = $3 and message is null and given_up_at is null
               and stored_at <= $4 and ($5::bigint is null or id = $5)",
            place.platform.as_str(),
            place.workspace,
            place.channel,
            old,
            only,
            at
        )
        .execute(self.conn())
        .await
        .doing("giving sentences up")?;
        Ok(result.rows_affected())
    }

    /// The places where something waits to be said.
    pub async fn places_waiting(&mut self) -> Result<Vec<Place>, StoreError> {
        let rows = sqlx::query!(
            "select distinct platform, workspace, channel from say where message is null and given_up_at is null"
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for what waits")?;
        rows.into_iter()
            .map(|row| {
                let platform =
                    Platform::parse(&row.platform).ok_or_else(|| StoreError::impossible("a sentence's platform"))?;
                Ok(Place { platform, workspace: row.workspace, channel: row.channel })
            })
            .collect()
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
             returning id, attempts, message, shown, pin, refused_since",
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

    /// Where cards of a kind are shown of a record.
    pub async fn card_places(&mut self, subject: Subject, kind: &str) -> Result<Vec<Place>, StoreError> {
        let rows = sqlx::query!(
            "select platform, workspace, channel from card where subject = $1 and kind = $2 and message is not null
             order by id",
            subject.to_string(),
            kind
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for cards")?;
        rows.into_iter().map(|row| place(&row.platform, row.workspace, row.channel)).collect()
    }

    /// Which cards are shown of changes that wait for a decision, and where; of one incident's, where it is named.
    pub async fn cards_undecided(
        &mut self,
        incident: Option<i64>,
    ) -> Result<Vec<(Subject, String, Place)>, StoreError> {
        let rows = sqlx::query!(
            "select change.number, kind.kind, card.platform, card.workspace, card.channel
             from change
             cross join (values ('change'), ('ask')) kind (kind)
             join card on card.subject = change.subject and card.kind = kind.kind and card.message is not null
             where change.ended_at is null and change.status = 'awaiting_approval'
               and ($1::bigint is null or change.incident = $1)
             order by card.id",
            incident
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for the cards of what waits for a decision")?;
        rows.into_iter()
            .map(|row| {
                let kind = row.kind.ok_or_else(|| StoreError::impossible("a card's kind"))?;
                Ok((Subject::Change(row.number), kind, place(&row.platform, row.workspace, row.channel)?))
            })
            .collect()
    }

    /// The cards of incidents that are not over, which say who is on call.
    pub async fn cards_of_open_incidents(&mut self) -> Result<Vec<(Subject, Place)>, StoreError> {
        let rows = sqlx::query!(
            "select incident.number, card.platform, card.workspace, card.channel
             from incident join card on card.subject = incident.subject and card.kind = 'incident'
             where incident.ended_at is null and card.message is not null order by card.id"
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for the cards of open incidents")?;
        rows.into_iter()
            .map(|row| Ok((Subject::Incident(row.number), place(&row.platform, row.workspace, row.channel)?)))
            .collect()
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
        let result = sqlx::query!(
            "update card set message = $2, shown = $3, refused_since = null where id = $1",
            id,
            message,
            shown
        )
        .execute(self.conn())
        .await
        .doing("marking a card as shown")?;
        expect_rows("marking a card as shown", 1, &result)
    }

    /// A card whose message is gone is posted anew.
    pub async fn card_lost(&mut self, id: i64) -> Result<(), StoreError> {
        sqlx::query!("update card set message = null, shown = null, attempts = 0, pin = 'wanted' where id = $1", id)
            .execute(self.conn())
            .await
            .doing("marking a card as gone")?;
        Ok(())
    }

    /// How a card's pin stands: `done`, `refused`.
    pub async fn card_pinned(&mut self, id: i64, pin: &str) -> Result<(), StoreError> {
        let result = sqlx::query!("update card set pin = $2 where id = $1", id, pin)
            .execute(self.conn())
            .await
            .doing("marking a card as pinned")?;
        expect_rows("marking a card as pinned", 1, &result)
    }

    /// Keeps since when a card is refused.
    pub async fn card_refused(&mut self, id: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
        let result = sqlx::query!("update card set refused_since = coalesce(refused_since, $2) where id = $1", id, at)
            .execute(self.conn())
            .await
            .doing("marking a card as refused")?;
        expect_rows("marking a card as refused", 1, &result)
    }
}

impl super::Store {
    /// How many sentences wait to be said, everywhere.
    pub async fn says_waiting(&self) -> Result<i64, StoreError> {
        sqlx::query_scalar!(r#"select says_waiting() as "waiting!""#)
            .fetch_one(&self.pool)
            .await
            .doing("counting what waits")
    }
}

fn place(platform: &str, workspace: String, channel: String) -> Result<Place, StoreError> {
    let platform = Platform::parse(platform).ok_or_else(|| StoreError::impossible("a card's platform"))?;
    Ok(Place { platform, workspace, channel })
}
