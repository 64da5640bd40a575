//! Rows of delegations.

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::{Delegation, DelegationEvent, PersonId};

impl Tx {
    /// The numbers of the undecided changes that ask one of these people for a yes.
    pub async fn changes_asking(&mut self, people: &[String]) -> Result<Vec<i64>, StoreError> {
        sqlx::query_scalar!(
            "select number from change
             where ended_at is null and status = 'awaiting_approval'
               and exists (select from jsonb_array_elements(asks) ask where ask ->> 'person' = any ($1))
             order by number",
            people
        )
        .fetch_all(self.conn())
        .await
        .doing("listing the changes that ask somebody")
    }

    /// Those that are not over, oldest first.
    pub(super) async fn delegations(&mut self) -> Result<Vec<Delegation>, StoreError> {
        let rows = sqlx::query!(
            "select granted, from_person, to_person, starts_at, ends_at, begun from delegation
             where ended_at is null order by granted"
        )
        .fetch_all(self.conn())
        .await
        .doing("reading delegations")?;
        let delegation = rows.into_iter().map(|row| Delegation {
            granted: row.granted,
            from: PersonId(row.from_person),
            to: PersonId(row.to_person),
            starts: row.starts_at,
            ends: row.ends_at,
            begun: row.begun,
        });
        Ok(delegation.collect())
    }

    /// Writes what happened to a delegation, under the entry `seq` of ORG.
    pub(super) async fn write_delegation(
        &mut self,
        recorded: &Recorded<'_>,
        event: &DelegationEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = match event {
            DelegationEvent::Granted { from, to, starts, ends, .. } => {
                sqlx::query!(
                    "insert into delegation (tenant_id, granted, version, from_person, to_person, starts_at, ends_at,
                                             begun)
                     values ($1, $2, $2, $3, $4, $5, $6, $7)",
                    tenant,
                    seq,
                    from.as_str(),
                    to.as_str(),
                    starts,
                    ends,
                    *starts <= recorded.at
                )
                .execute(self.conn())
                .await
            }
            DelegationEvent::Began { granted, .. } => {
                sqlx::query!("update delegation set version = $2, begun = true where granted = $1", granted, seq)
                    .execute(self.conn())
                    .await
            }
            DelegationEvent::Ended { granted, .. } => {
                sqlx::query!(
                    "update delegation set version = $2, ended_at = $3 where granted = $1",
                    granted,
                    seq,
                    recorded.at
                )
                .execute(self.conn())
                .await
            }
        };
        expect_rows("writing a delegation", 1, &result.doing("writing a delegation")?)?;
        self.mark_organisation(seq).await
    }
}
