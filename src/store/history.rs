//! How changes went before.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::Subject;
use crate::domain::history::{Alike, HistoryGroup};
use crate::domain::rules::{ChangeKind, HistoryCount};

impl Tx {
    /// How the changes of a group went since then, the latest thousand (rule 4.7, history: their share is what counts, and
    /// it costs the same however many there were).
    pub async fn changes_like(
        &mut self,
        group: &HistoryGroup,
        since: DateTime<Utc>,
    ) -> Result<HistoryCount, StoreError> {
        match (&group.alike, &group.service) {
            (Alike::Kind(kind), Some(service)) => self.changes_of_kind_on(*kind, service, since).await,
            (Alike::Kind(kind), None) => self.changes_of_kind(*kind, since).await,
            (Alike::Category(category), service) => self.changes_of_category(category, service.as_deref(), since).await,
        }
    }

    async fn changes_of_kind_on(
        &mut self,
        kind: ChangeKind,
        service: &str,
        since: DateTime<Utc>,
    ) -> Result<HistoryCount, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "changes!", count(*) filter (where went_wrong) as "failures!"
               from (
                 (select went_wrong from ended_change where kind = $1 and service = $2 and ended_at >= $3
                  order by ended_at desc limit 1000)
                 union all
                 (select went_wrong from ended_change
                  where kind = $1 and also <> '{}' and also @> array[$2::text] and ended_at >= $3
                  order by ended_at desc limit 1000)
               ) latest"#,
            kind.as_str(),
            service,
            since
        )
        .fetch_one(self.conn())
        .await
        .doing("counting earlier changes")?;
        Ok(counted(row.changes, row.failures))
    }

    async fn changes_of_kind(&mut self, kind: ChangeKind, since: DateTime<Utc>) -> Result<HistoryCount, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "changes!", count(*) filter (where went_wrong) as "failures!"
               from (
                 select went_wrong from ended_change where kind = $1 and ended_at >= $2
                 order by ended_at desc limit 1000
               ) latest"#,
            kind.as_str(),
            since
        )
        .fetch_one(self.conn())
        .await
        .doing("counting earlier changes of a kind")?;
        Ok(counted(row.changes, row.failures))
    }

    /// Of changes on which the checklist of a category is, on one service or on any.
    async fn changes_of_category(
        &mut self,
        category: &str,
        service: Option<&str>,
        since: DateTime<Utc>,
    ) -> Result<HistoryCount, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "changes!", count(*) filter (where went_wrong) as "failures!"
               from (
                 select went_wrong from ended_change
                 where checklist <> '[]' and checklist @> $1 and ended_at >= $2
                   and ($3::text is null or service = $3 or also @> array[$3::text])
                 order by ended_at desc limit 1000
               ) latest"#,
            json!([{ "category": category }]),
            since,
            service
        )
        .fetch_one(self.conn())
        .await
        .doing("counting earlier changes of a category")?;
        Ok(counted(row.changes, row.failures))
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

fn counted(changes: i64, failures: i64) -> HistoryCount {
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    HistoryCount { changes: count(changes), failures: count(failures) }
}
