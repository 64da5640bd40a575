//! Rows of policies that wait for signatures.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::PersonId;
use crate::domain::proposal::{Origin, Proposal, ProposalState, Terms};

struct Row {
    version: i32,
    proposed: i32,
    hash: String,
    source: String,
    signatories: Value,
    signed: Value,
    state: String,
    proposed_at: DateTime<Utc>,
    effective_at: Option<DateTime<Utc>>,
    origin: Option<String>,
}

/// A proposal that is written for the first time.
#[derive(Debug)]
pub struct NewProposal<'a> {
    pub hash: &'a str,
    pub source: &'a str,
    pub signatories: &'a [PersonId],
    pub terms: &'a Terms,
}

/// Policies that can wait for their day at once: more are a slip.
const WAITING_MAX: i64 = 20;

impl Tx {
    /// The newest proposal, whatever became of it.
    pub async fn proposal(&mut self) -> Result<Option<Proposal>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            "select version, proposed, hash, source, signatories, signed, state, proposed_at, effective_at, origin
             from policy_proposal order by proposed desc limit 1"
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading the policy that is proposed")?;
        row.map(Row::proposal).transpose()
    }

    /// Those of which something is still to become, newest first: an older one that was never signed is none.
    pub async fn waiting_proposals(&mut self) -> Result<Vec<Proposal>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select version, proposed, hash, source, signatories, signed, state, proposed_at, effective_at, origin
             from policy_proposal
             where state = 'signed'
                or state = 'open' and proposed = (select max(proposed) from policy_proposal)
             order by proposed desc limit $1",
            WAITING_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading the policies that wait")?;
        rows.into_iter().map(Row::proposal).collect()
    }

    /// Those that became the policies of these versions.
    pub(super) async fn effective_proposals(
        &mut self,
        versions: &[i32],
    ) -> Result<BTreeMap<i32, Proposal>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select version, proposed, hash, source, signatories, signed, state, proposed_at, effective_at, origin
             from policy_proposal where state = 'effective' and version = any ($1)",
            versions
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what became of proposals")?;
        rows.into_iter().map(|row| Ok((row.version, row.proposal()?))).collect()
    }

    /// What nobody has to sign waits for its day alone.
    pub(super) async fn insert_proposal(
        &mut self,
        new: &NewProposal<'_>,
        version: i32,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let state = if new.signatories.is_empty() { ProposalState::Signed } else { ProposalState::Open };
        let result = sqlx::query!(
            "insert into policy_proposal (tenant_id, proposed, version, hash, source, signatories, state, proposed_at,
                                          effective_at, origin)
             values ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9)",
            self.tenant,
            version,
            new.hash,
            new.source,
            ids(new.signatories),
            state.as_str(),
            at,
            new.terms.effective_at,
            new.terms.origin.as_ref().map(Origin::as_str)
        )
        .execute(self.conn())
        .await
        .doing("proposing a policy")?;
        expect_rows("proposing a policy", 1, &result)
    }

    /// Once nothing more is waited for, the policy is in force with the entry `version`.
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
            ProposalState::Open | ProposalState::Signed | ProposalState::Rejected => Ok(()),
        }
    }
}

impl Row {
    fn proposal(self) -> Result<Proposal, StoreError> {
        let odd = |what: &str| StoreError::impossible(format!("POLICY#{} with {what}", self.proposed));
        let people = |value: Value| -> Result<Vec<PersonId>, StoreError> {
            let ids: Vec<String> = serde_json::from_value(value).map_err(|_| odd("an unreadable list of people"))?;
            Ok(ids.into_iter().map(PersonId).collect())
        };
        let origin = self.origin.as_deref().map(|words| Origin::parse(words).ok_or_else(|| odd("an unknown origin")));
        Ok(Proposal {
            entry: self.proposed,
            signatories: people(self.signatories.clone())?,
            signed: people(self.signed.clone())?,
            state: ProposalState::parse(&self.state).ok_or_else(|| odd("an unknown state"))?,
            origin: origin.transpose()?,
            effective_at: self.effective_at,
            hash: self.hash,
            source: self.source,
            proposed_at: self.proposed_at,
        })
    }
}

fn ids(people: &[PersonId]) -> Value {
    people.iter().map(|person| person.0.clone()).collect()
}
