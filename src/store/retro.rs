//! What changes recorded after the fact are held against.

use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{StoreError, Tx};

impl Tx {
    /// A change that was asked for and ran on one of these services at that time: what was done may have been part of it.
    pub async fn change_that_ran(
        &mut self,
        services: &[String],
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar!(
            "select number from change
             where (service = any ($1) or also <> '{}' and also && $1) and kind <> 'retroactive' and started_at <= $3 and coalesce(ended_at, $3) >= $2
             order by number desc limit 1",
            services,
            from,
            until
        )
        .fetch_optional(self.conn())
        .await
        .doing("looking for a change that ran at a time")
    }
}
