//! How the entries of the catalogue of standard changes did.

use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::EntryUses;

impl Tx {
    /// How the latest uses of one version of an entry went, of those that have ended.
    pub async fn entry_uses(&mut self, entry: &str, version: u32, last: u32) -> Result<EntryUses, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "uses!",
                      count(*) filter (where status in ('rolled_back', 'failed') or failed_before or broke_something)
                        as "failures!"
               from (select status, coalesce((validation ->> 'failures')::int > 0, false) as failed_before, exists (
                       select from incident_change_link link
                       where link.change = change.number and link.kind = 'caused' and link.state = 'confirmed'
                     ) as broke_something
                     from change
                     where standard is not null and standard ->> 'entry' = $1 and standard ->> 'version' = $2
                       and ended_at is not null and status in ('completed', 'rolled_back', 'validating', 'failed')
                     order by ended_at desc limit $3) latest"#,
            entry,
            version.to_string(),
            i64::from(last)
        )
        .fetch_one(self.conn())
        .await
        .doing("counting the uses of an entry")?;
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(EntryUses { uses: count(row.uses), failures: count(row.failures) })
    }

    /// Since when a policy is in force.
    pub async fn policy_since(&mut self, version: i32) -> Result<DateTime<Utc>, StoreError> {
        sqlx::query_scalar!("select loaded_at from policy where version = $1", version)
            .fetch_one(self.conn())
            .await
            .doing("reading since when a policy is in force")
    }
}
