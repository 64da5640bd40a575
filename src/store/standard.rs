//! How the entries of the catalogue of standard changes did.

use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::rules::{Band, CatalogueState, PatternUse};
use crate::domain::{Change, EntryRecord, EntryUses};

/// Ratings of one version that are counted, the latest.
const RATINGS_MAX: i64 = 500;

impl Tx {
    /// How one version of an entry did. `since`: when the policy that holds it came into force; `last`: so many uses count.
    pub async fn entry_record(
        &mut self,
        entry: &str,
        version: u32,
        since: DateTime<Utc>,
        last: u32,
    ) -> Result<EntryRecord, StoreError> {
        let marks = self.catalogue_marks(entry, version).await?;
        let anew = marks.iter().rfind(|mark| mark.state == CatalogueState::Resumed && mark.by_failures);
        let board = self.board_words(entry, version).await?;
        let uses = self.entry_uses((entry, version), anew.map(|mark| mark.at), last).await?;
        Ok(EntryRecord {
            uses,
            since,
            ratings: self.entry_ratings(entry, version).await?,
            marks,
            board,
            sha256: String::new(),
        })
    }

    /// How the latest uses of an entry's version went, of those that have ended.
    pub async fn last_uses(&mut self, entry: &str, version: u32, last: u32) -> Result<EntryUses, StoreError> {
        self.entry_uses((entry, version), None, last).await
    }

    /// How the latest uses of one version of an entry went, of those that have ended; `since`: when it was let in again in
    /// spite of those before.
    async fn entry_uses(
        &mut self,
        (entry, version): (&str, u32),
        since: Option<DateTime<Utc>>,
        last: u32,
    ) -> Result<EntryUses, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "uses!", count(*) filter (where went_wrong) as "failures!",
                      coalesce(bool_or(broke_much), false) as "caused_major!"
               from (select went_wrong, exists (
                       select from incident_change_link link join incident on incident.number = link.incident
                       where link.change = ended_change.number and link.kind = 'caused' and link.state = 'confirmed'
                         and (incident.priority = 1 or incident.major_at is not null)
                     ) as broke_much
                     from ended_change
                     where standard is not null and standard ->> 'entry' = $1 and standard ->> 'version' = $2
                       and ended_at > coalesce($4::timestamptz, '-infinity')
                     order by ended_at desc limit $3) latest"#,
            entry,
            version.to_string(),
            i64::from(last),
            since
        )
        .fetch_one(self.conn())
        .await
        .doing("counting the uses of an entry")?;
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(EntryUses { uses: count(row.uses), failures: count(row.failures), caused_major: row.caused_major })
    }

    /// What those who used a version of an entry say of it, in the order of saying.
    async fn entry_ratings(&mut self, entry: &str, version: u32) -> Result<Vec<(DateTime<Utc>, u8)>, StoreError> {
        let rows = sqlx::query!(
            r#"select (standard #>> '{rating,at}')::timestamptz as "at!", (standard #>> '{rating,helpful}')::int as "helpful!"
               from change where standard ->> 'entry' = $1 and standard ->> 'version' = $2
                 and standard #>> '{rating,helpful}' is not null
               order by 1 desc limit $3"#,
            entry,
            version.to_string(),
            RATINGS_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading the ratings of an entry")?;
        let rated = rows.into_iter().rev().map(|row| (row.at, u8::try_from(row.helpful).unwrap_or(u8::MAX)));
        Ok(rated.collect())
    }

    /// How changes of the regular way went that did the same to the same service, without this one: of the latest thousand,
    /// so that it costs the same however many there were.
    pub async fn changes_alike(&mut self, change: &Change) -> Result<PatternUse, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "uses!",
                      count(*) filter (where status <> 'completed' or coalesce((validation ->> 'failures')::int > 0, false)
                        or exists (select from incident_change_link link where link.change = change.number
                                   and link.kind = 'caused' and link.state = 'confirmed')) as "failures!",
                      coalesce(array_remove(array_agg(distinct risk ->> 'band'), null), '{}') as "bands!"
               from (select number, title, rollback, status, validation, risk from change
                     where kind = 'normal' and service = $1 and ended_at is not null
                     order by ended_at desc limit 1000) change
               where lower(trim(title)) = lower(trim($2)) and rollback = $3 and number <> $4
                 and status in ('completed', 'rolled_back', 'failed')"#,
            change.service,
            change.title,
            change.rollback_plan,
            change.number
        )
        .fetch_one(self.conn())
        .await
        .doing("counting changes that are alike")?;
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        let band = row.bands.iter().filter_map(|band| Band::parse(band)).max();
        Ok(PatternUse { uses: count(row.uses), failures: count(row.failures), band: band.unwrap_or(Band::Low) })
    }

    /// Since when a policy is in force.
    pub async fn policy_since(&mut self, version: i32) -> Result<DateTime<Utc>, StoreError> {
        sqlx::query_scalar!("select loaded_at from policy where version = $1", version)
            .fetch_one(self.conn())
            .await
            .doing("reading since when a policy is in force")
    }
}
