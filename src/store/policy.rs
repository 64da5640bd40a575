//! Policies: every version stays, the newest is in force.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::PersonId;
use crate::domain::proposal::{InForce, Proposal};

/// A policy as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedPolicy {
    pub version: i32,
    /// sha256 of the file, hex.
    pub hash: String,
    pub source: String,
    pub loaded_at: DateTime<Utc>,
}

impl Tx {
    /// The policy in force; `None` before the first one was loaded.
    pub async fn policy(&mut self) -> Result<Option<LoadedPolicy>, StoreError> {
        sqlx::query_as!(
            LoadedPolicy,
            "select version, hash, source, loaded_at from policy order by version desc limit 1"
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading the policy")
    }

    /// The policy in force, as far as somebody looks after it; `reader`: whoever asks.
    pub async fn policy_in_force(&mut self, reader: Option<&PersonId>) -> Result<Option<InForce>, StoreError> {
        let row = sqlx::query!(
            r#"select version as "version!", hash as "hash!", loaded_at as "loaded_at!",
                      exists (select from policy_reading where policy = policy.version and person = $2) as "has_read!",
                      reviewed.at as "reviewed_at?", asked.times as "reviews_asked!", asked.at as "review_asked_at?",
                      exists (select from dlog.entry where tenant_id = $1 and subject = 'POLICY'
                         and kind = 'policy.review_late' and seq > asked.newest) as "review_late_told!",
                      exists (select from dlog.entry where tenant_id = $1 and subject = 'POLICY'
                         and kind = 'policy.overdue'
                         and seq > (select coalesce(max(proposed), 0) from policy_proposal)) as "overdue_told!"
               from (select version, hash, loaded_at from policy order by version desc limit 1) policy,
                 lateral (select max(at)::timestamptz as at, coalesce(max(seq), policy.version) as newest from dlog.entry
                          where tenant_id = $1 and subject = 'POLICY' and kind = 'policy.reviewed'
                            and seq > policy.version) reviewed,
                 lateral (select count(*) as times, max(at)::timestamptz as at, max(seq) as newest from dlog.entry
                          where tenant_id = $1 and subject = 'POLICY' and kind = 'policy.review_due'
                            and seq > reviewed.newest) asked"#,
            self.tenant,
            reader.map_or("", |reader| reader.0.as_str())
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading the policy in force")?;
        Ok(row.map(|row| InForce {
            version: row.version,
            hash: row.hash,
            since: row.loaded_at,
            has_read: row.has_read,
            reviewed_at: row.reviewed_at,
            review_asked_at: row.review_asked_at,
            review_late_told: row.review_late_told,
            reviews_asked: u32::try_from(row.reviews_asked).unwrap_or(u32::MAX),
            overdue_told: row.overdue_told,
        }))
    }

    /// Who has read a policy.
    pub async fn policy_readers(&mut self, policy: i32) -> Result<Vec<PersonId>, StoreError> {
        let people =
            sqlx::query_scalar!("select person from policy_reading where policy = $1 order by read_at", policy)
                .fetch_all(self.conn())
                .await
                .doing("reading who has read a policy")?;
        Ok(people.into_iter().map(PersonId).collect())
    }

    /// The row of somebody who has read a policy, under the entry `seq`.
    pub(super) async fn insert_reading(
        &mut self,
        recorded: &Recorded<'_>,
        policy: i32,
        seq: i32,
    ) -> Result<(), StoreError> {
        let Some(person) = recorded.by.person() else { return Ok(()) };
        let result = sqlx::query!(
            "insert into policy_reading (tenant_id, version, policy, person, read_at) values ($1, $2, $3, $4, $5)",
            self.tenant,
            seq,
            policy,
            person.0,
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("keeping who has read a policy")?;
        expect_rows("keeping who has read a policy", 1, &result)
    }

    /// The policies that were in force, newest first, each with what it was proposed for and who signed it.
    pub async fn policies(&mut self, limit: i64) -> Result<Vec<(LoadedPolicy, Option<Proposal>)>, StoreError> {
        let loaded = sqlx::query_as!(
            LoadedPolicy,
            "select version, hash, source, loaded_at from policy order by version desc limit $1",
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("reading the policies that were in force")?;
        let versions: Vec<i32> = loaded.iter().map(|policy| policy.version).collect();
        let mut proposals = self.effective_proposals(&versions).await?;
        let pair = |policy: LoadedPolicy| {
            let proposal = proposals.remove(&policy.version);
            (policy, proposal)
        };
        Ok(loaded.into_iter().map(pair).collect())
    }

    pub(super) async fn write_policy(
        &mut self,
        hash: &str,
        source: &str,
        version: i32,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into policy (tenant_id, hash, source, version, loaded_at) values ($1, $2, $3, $4, $5)",
            tenant,
            hash,
            source,
            version,
            at
        )
        .execute(self.conn())
        .await
        .doing("writing a policy")?;
        expect_rows("writing a policy", 1, &result)?;
        sqlx::query!("update tenant set policy = $2 where id = $1", tenant, version)
            .execute(self.conn())
            .await
            .doing("marking the policy's version")?;
        Ok(())
    }
}
