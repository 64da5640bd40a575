//! Rows of policies that wait for signatures.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::PersonId;
use crate::domain::proposal::{Proposal, ProposalState};

impl Tx {
    /// The newest proposal, whatever became of it.
    pub async fn proposal(&mut self) -> Result<Option<Proposal>, StoreError> {
        let row = sqlx::query!(
            "select proposed, hash, source, signatories, signed, state, proposed_at from policy_proposal
             order by proposed desc limit 1"
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading the policy that is proposed")?;
        let Some(row) = row else { return Ok(None) };
        let odd = |what: &str| StoreError::impossible(format!("POLICY#{} with {what}", row.proposed));
        let people = |value: Value| -> Result<Vec<PersonId>, StoreError> {
            let ids: Vec<String> = serde_json::from_value(value).map_err(|_| odd("an unreadable list of people"))?;
            Ok(ids.into_iter().map(PersonId).collect())
        };
        Ok(Some(Proposal {
            entry: row.proposed,
            signatories: people(row.signatories)?,
            signed: people(row.signed)?,
            state: ProposalState::parse(&row.state).ok_or_else(|| odd("an unknown state"))?,
            hash: row.hash,
            source: row.source,
            proposed_at: row.proposed_at,
        }))
    }

    pub(super) async fn insert_proposal(
        &mut self,
        hash: &str,
        source: &str,
        signatories: &[PersonId],
        version: i32,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "insert into policy_proposal (tenant_id, proposed, version, hash, source, signatories, state, proposed_at)
             values ($1, $2, $2, $3, $4, $5, 'open', $6)",
            self.tenant,
            version,
            hash,
            source,
            ids(signatories),
            at
        )
        .execute(self.conn())
        .await
        .doing("proposing a policy")?;
        expect_rows("proposing a policy", 1, &result)
    }

    /// Once the last has signed, the policy is in force with the entry `version`.
    pub(super) async fn save_proposal(
        &mut self,
        proposal: &Proposal,
        version: i32,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "update policy_proposal set version = $2, signed = $3, state = $4 where proposed = $1",
            proposal.entry,
            version,
            ids(&proposal.signed),
            proposal.state.as_str()
        )
        .execute(self.conn())
        .await
        .doing("signing a policy")?;
        expect_rows("signing a policy", 1, &result)?;
        match proposal.state {
            ProposalState::Effective => self.write_policy(&proposal.hash, &proposal.source, version, at).await,
            ProposalState::Open | ProposalState::Rejected => Ok(()),
        }
    }
}

fn ids(people: &[PersonId]) -> Value {
    people.iter().map(|person| person.0.clone()).collect()
}
