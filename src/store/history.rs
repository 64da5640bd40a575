//! How changes on a service went before.

use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::rules::ChangeKind;
use crate::domain::{History, Subject};

impl Tx {
    /// How changes of this kind on this service went since then, the latest thousand (rule 4.7, history: their share is
    /// what counts, and it costs the same however many there were).
    pub async fn change_history(
        &mut self,
        kind: ChangeKind,
        service: &str,
        since: DateTime<Utc>,
    ) -> Result<History, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "changes!",
                      count(*) filter (where status in ('rolled_back', 'failed') or failed_before or broke_something)
                        as "failures!"
               from (select status, coalesce((validation ->> 'failures')::int > 0, false) as failed_before, exists (
                       select from incident_change_link link
                       where link.change = latest.number and link.kind = 'caused' and link.state = 'confirmed'
                     ) as broke_something
                     from (
                       (select number, status, validation from change
                        where kind = $1 and service = $2 and ended_at >= $3
                          and status in ('completed', 'rolled_back', 'validating', 'failed')
                        order by ended_at desc limit 1000)
                       union all
                       (select number, status, validation from change
                        where kind = $1 and also <> '{}' and also @> array[$2::text] and ended_at >= $3
                          and status in ('completed', 'rolled_back', 'validating', 'failed')
                        order by ended_at desc limit 1000)
                     ) latest) counted"#,
            kind.as_str(),
            service,
            since
        )
        .fetch_one(self.conn())
        .await
        .doing("counting earlier changes")?;
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(History { changes: count(row.changes), failures: count(row.failures), ran_then: None })
    }

    /// The latest changes on one of these services since then that were rolled back or failed, with why.
    pub async fn failed_before(
        &mut self,
        services: &[String],
        since: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query!(
            r#"select number, left(outcome, 100) as "outcome!" from change
               where (service = any ($1) or also <> '{}' and also && $1) and ended_at >= $2 and status in ('rolled_back', 'failed') and outcome <> ''
               order by ended_at desc, number desc limit 3"#,
            services,
            since
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for changes that failed")?;
        Ok(rows.into_iter().map(|row| format!("{}: {}", Subject::Change(row.number), row.outcome)).collect())
    }
}
