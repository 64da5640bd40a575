//! Rows of batches of changes.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::batch::{Batch, BatchStatus};
use crate::domain::rules::BatchStop;
use crate::domain::{Change, PersonId, Subject, Window};

struct Row {
    number: i64,
    version: i32,
    status: String,
    title: String,
    requester: String,
    runner: Option<String>,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
    shared: Value,
    items: Value,
    stop: String,
    stopped: Vec<i16>,
    held: Option<String>,
    asked_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// The batch, locked until the transaction ends. Its changes are locked after it, in the order of their numbers.
    pub async fn lock_batch(&mut self, number: i64) -> Result<Option<Batch>, StoreError> {
        let locked = sqlx::query_scalar!("select number from change_batch where number = $1 for update", number)
            .fetch_optional(self.conn())
            .await
            .doing("locking a batch")?;
        // Read after the lock is held: what another transaction has just committed is seen.
        if locked.is_some() { self.batch(number).await } else { Ok(None) }
    }

    pub async fn batch(&mut self, number: i64) -> Result<Option<Batch>, StoreError> {
        Ok(self.batches_where(Some(number), None, 1).await?.pop())
    }

    /// The batch that a change belongs to, as long as that is not over.
    pub async fn batch_of(&mut self, change: i64) -> Result<Option<Batch>, StoreError> {
        Ok(self.batches_where(None, Some(change), 1).await?.pop())
    }

    /// The number and the changes of that batch, without all else: what every step of a change asks.
    pub async fn one_of(&mut self, change: i64) -> Result<Option<(i64, Vec<i64>)>, StoreError> {
        let row = sqlx::query!(
            "select number, changes from change_batch where ended_at is null and $1 = any (changes) limit 1",
            change
        )
        .fetch_optional(self.conn())
        .await
        .doing("looking whether a change belongs to a batch")?;
        Ok(row.map(|row| (row.number, row.changes)))
    }

    /// Whether one of these changes, of which none has begun, may still run.
    pub async fn may_any_run(&mut self, changes: &[i64]) -> Result<bool, StoreError> {
        let any = sqlx::query_scalar!(
            r#"select exists (select from change where number = any ($1) and ended_at is null) as "any!""#,
            changes
        );
        any.fetch_one(self.conn()).await.doing("looking whether a batch has anything to run")
    }

    /// Whether this is the first of these changes on one of its services.
    pub async fn is_first_on(&mut self, changes: &[i64], change: &Change) -> Result<bool, StoreError> {
        sqlx::query_scalar!(
            r#"select exists (
                 select from unnest($2::text[]) as touched (service)
                 where not exists (
                   select from change where number = any ($1) and number < $3
                     and (change.service = touched.service or touched.service = any (also)))) as "first!""#,
            changes,
            &change.services(),
            change.number
        )
        .fetch_one(self.conn())
        .await
        .doing("looking for the first change on a service")
    }

    /// Those that are not over, the newest first.
    pub async fn open_batches(&mut self, limit: i64) -> Result<Vec<Batch>, StoreError> {
        self.batches_where(None, None, limit).await
    }

    async fn batches_where(
        &mut self,
        number: Option<i64>,
        change: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Batch>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select number, version, status, title, requester, runner, opens_at, closes_at, shared, items, stop, stopped, held,
                    asked_at, ended_at
               from change_batch
               where (number = $1 or ($1::bigint is null and ended_at is null))
                 and ($2::bigint is null or $2 = any (changes))
               order by number desc limit $3",
            number,
            change,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("loading batches")?;
        rows.into_iter().map(Row::batch).collect()
    }

    /// Writes the row as it stands now.
    pub(super) async fn save_batch(&mut self, batch: &Batch, version: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let stopped: Vec<i16> = batch.stopped.iter().copied().map(i16::from).collect();
        let result = sqlx::query!(
            "insert into change_batch (tenant_id, number, version, status, title, requester, runner, opens_at, closes_at,
                                       shared, items, changes, held, asked_at, ended_at, stop, stopped)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             on conflict (tenant_id, number) do update set
                version = excluded.version, status = excluded.status, runner = excluded.runner, shared = excluded.shared, items = excluded.items,
                changes = excluded.changes, held = excluded.held, ended_at = excluded.ended_at, stopped = excluded.stopped
             where change_batch.version = $18",
            tenant,
            batch.number,
            version,
            batch.status.as_str(),
            batch.title,
            batch.requester.as_str(),
            batch.runner.as_ref().map(PersonId::as_str),
            batch.window.opens,
            batch.window.closes,
            serde_json::to_value(&batch.shared).expect("plain data"),
            serde_json::to_value(&batch.items).expect("plain data"),
            &batch.changes(),
            batch.held,
            batch.asked_at,
            batch.ended_at,
            batch.stop.as_str(),
            &stopped,
            batch.version
        )
        .execute(self.conn())
        .await
        .doing("saving a batch")?;
        expect_rows("saving a batch", 1, &result)?;
        if batch.version == 0 {
            self.use_up_batch_number(batch.number).await?;
        }
        Ok(())
    }

    /// What was erased held the items of the batch in one text, so each is looked for in it.
    pub(super) async fn redact_batch(
        &mut self,
        number: i64,
        texts: &[String],
        instead: &str,
        seq: i32,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update change_batch set version = $3,
                 title = case when normalize(title) = any ($2) then $4 else title end,
                 held = case when normalize(held) = any ($2) then $4 else held end,
                 shared = shared || coalesce((select jsonb_object_agg(field, $4::text)
                                              from jsonb_each_text(shared) as of (field, said)
                                              where normalize(said) = any ($2)), '{}'),
                 items = (select coalesce(jsonb_agg(
                            item || jsonb_build_object(
                              'what', case when found.what then $4 else item ->> 'what' end,
                              'why', case when found.why then $4 else item ->> 'why' end) order by place), '[]')
                          from jsonb_array_elements(items) with ordinality as of (item, place),
                            lateral (select coalesce(bool_or(strpos(said, normalize(nullif(item ->> 'what', ''))) > 0), false) as what,
                                            coalesce(bool_or(strpos(said, normalize(nullif(item ->> 'why', ''))) > 0), false) as why
                                     from unnest($2::text[]) as of (said)) found)
               where number = $1"#,
            number,
            texts,
            seq,
            instead
        )
        .execute(self.conn())
        .await
        .doing("redacting a batch")?;
        Ok(())
    }
}

impl Row {
    fn batch(self) -> Result<Batch, StoreError> {
        let subject = Subject::Batch(self.number);
        let status = BatchStatus::parse(&self.status)
            .ok_or_else(|| StoreError::impossible(format!("{subject} with an unknown status")))?;
        let stop = BatchStop::parse(&self.stop)
            .ok_or_else(|| StoreError::impossible(format!("{subject} with an unknown stop")))?;
        Ok(Batch {
            number: self.number,
            version: self.version,
            status,
            title: self.title,
            requester: PersonId(self.requester),
            runner: self.runner.map(PersonId),
            window: Window { opens: self.opens_at, closes: self.closes_at },
            shared: read(subject, self.shared)?,
            items: read(subject, self.items)?,
            stop,
            stopped: self.stopped.into_iter().filter_map(|group| u8::try_from(group).ok()).collect(),
            held: self.held,
            asked_at: self.asked_at,
            ended_at: self.ended_at,
        })
    }
}

fn read<T: DeserializeOwned>(subject: Subject, value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::impossible(format!("{subject} is unreadable: {error}")))
}
