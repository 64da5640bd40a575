//! Settings of the whole deployment.

use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{Store, StoreError, Tx};

const CLOCK_OFFSET: &str = "clock_offset_seconds";

impl Store {
    /// How far the sandbox moved the clock, in seconds; 0 in production.
    pub async fn clock_offset(&self) -> Result<i64, StoreError> {
        let value = sqlx::query_scalar!("select value from setting where key = $1", CLOCK_OFFSET)
            .fetch_optional(&self.pool)
            .await
            .doing("reading the clock's offset")?;
        match value {
            Some(value) => value.parse().map_err(|_| StoreError::impossible(format!("clock offset {value}"))),
            None => Ok(0),
        }
    }
}

impl Store {
    /// The nearest promised moment of any tenant.
    pub async fn next_deadline(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        sqlx::query_scalar!("select next_deadline()").fetch_one(&self.pool).await.doing("looking for the next deadline")
    }
}

impl Tx {
    pub(super) async fn save_clock_offset(&mut self, seconds: i64) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
            CLOCK_OFFSET,
            seconds.to_string()
        )
        .execute(self.conn())
        .await
        .doing("keeping the clock's offset")?;
        Ok(())
    }
}
