//! Policies: every version stays, the newest is in force.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::proposal::Proposal;

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
