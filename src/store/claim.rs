//! Rows of what changes claim, and of what was said to it. Why is in the log alone.

use super::error::{Doing, expect_rows};
use super::record::{Recorded, Writes};
use super::{StoreError, Tx};
use crate::domain::event::ClaimEvent;
use crate::domain::rules::{ClaimKind, ClaimState};
use crate::domain::{Claim, PersonId, State, Subject};

impl Tx {
    /// What a change claims, in the order of claiming.
    pub async fn claims(&mut self, change: i64) -> Result<Vec<Claim>, StoreError> {
        let subject = Subject::Change(change);
        let rows = sqlx::query!(
            "select claimed, kind, incident, revision, state, claimed_by, decided_by, decided_at from change_claim
             where subject = $1 order by claimed",
            subject.to_string()
        )
        .fetch_all(self.conn())
        .await
        .doing("loading the claims of a change")?;
        let odd = || StoreError::impossible(format!("an odd claim of {subject}"));
        let claims = rows.into_iter().map(|row| {
            Ok(Claim {
                claimed: row.claimed,
                kind: ClaimKind::parse(&row.kind).ok_or_else(odd)?,
                incident: row.incident,
                revision: row.revision,
                by: PersonId(row.claimed_by),
                state: ClaimState::parse(&row.state).ok_or_else(odd)?,
                decided_by: row.decided_by.map(PersonId),
                decided_at: row.decided_at,
            })
        });
        claims.collect()
    }

    /// Writes the row by the entry `seq`, which makes the claim or decides on it.
    pub(super) async fn write_claim(
        &mut self,
        recorded: &Recorded<'_>,
        event: &ClaimEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        // A claim is written with the row of its change.
        if !matches!(recorded.writes, Writes::State { state: State::Change(_), .. }) {
            return Ok(());
        }
        let (tenant, subject) = (self.tenant, recorded.subject.to_string());
        let Some(person) = recorded.by.person() else {
            return Err(StoreError::impossible(format!("a claim of {subject} by nobody")));
        };
        let result = match event {
            ClaimEvent::Made { kind, incident, revision, .. } => {
                sqlx::query!(
                    "insert into change_claim (tenant_id, subject, claimed, version, kind, incident, revision, state,
                                               claimed_by)
                     values ($1, $2, $3, $3, $4, $5, $6, 'open', $7)",
                    tenant,
                    subject,
                    seq,
                    kind.as_str(),
                    *incident,
                    *revision,
                    person.as_str()
                )
                .execute(self.conn())
                .await
            }
            ClaimEvent::Decided { claimed, state, .. } => {
                sqlx::query!(
                    "update change_claim set version = $3, state = $4, decided_by = $5, decided_at = $6
                     where subject = $1 and claimed = $2 and state = 'open'",
                    subject,
                    *claimed,
                    seq,
                    state.as_str(),
                    person.as_str(),
                    recorded.at
                )
                .execute(self.conn())
                .await
            }
        };
        expect_rows("writing a claim", 1, &result.doing("writing a claim")?)
    }
}
