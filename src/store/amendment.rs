//! Rows of amendments of the policy. What somebody said stands in the log alone.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::PersonId;
use crate::domain::amendment::{Amendment, AmendmentState, SETTLED_MAX, name};
use crate::domain::event::AmendmentEvent;
use crate::domain::proposal::Origin;

struct Row {
    asked: i32,
    number: i32,
    origin: String,
    proposed_by: String,
    proposed_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    state: String,
    answered_by: Option<i32>,
    reminded: bool,
    overdue: bool,
    settled_by: Option<String>,
    settled_at: Option<DateTime<Utc>>,
}

/// What an event makes of a row.
#[derive(Default)]
struct Next<'a> {
    state: Option<AmendmentState>,
    answered_by: Option<i32>,
    reminded: bool,
    overdue: bool,
    settled_by: Option<&'a PersonId>,
}

impl Tx {
    /// Those that wait, what is due first in front, then the newest of those that are over.
    pub async fn amendments(&mut self) -> Result<Vec<Amendment>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select asked as "asked!", number as "number!", origin as "origin!", proposed_by as "proposed_by!",
                      proposed_at as "proposed_at!", due_at as "due_at!", state as "state!", answered_by,
                      reminded as "reminded!", overdue as "overdue!", settled_by, settled_at
               from (select *, 0 as place from policy_amendment where state in ('open', 'answered')
                     union all
                     (select *, 1 from policy_amendment where state in ('adopted', 'declined')
                      order by number desc limit $1)) known
               order by place, case when place = 0 then due_at end, number desc"#,
            SETTLED_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading amendments of the policy")?;
        rows.into_iter().map(Row::amendment).collect()
    }

    /// The number of the next one.
    pub async fn next_amendment_number(&mut self) -> Result<i32, StoreError> {
        let last = sqlx::query_scalar!("select max(number) from policy_amendment")
            .fetch_one(self.conn())
            .await
            .doing("counting amendments of the policy")?;
        Ok(last.unwrap_or(0) + 1)
    }

    /// Writes what happened to an amendment, under the entry `seq` of POLICY.
    pub(super) async fn write_amendment(
        &mut self,
        recorded: &Recorded<'_>,
        event: &AmendmentEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        match event {
            AmendmentEvent::Proposed { number, origin, due, .. } => {
                let by = recorded.by.person().map(PersonId::as_str).unwrap_or_default();
                let result = sqlx::query!(
                    "insert into policy_amendment (tenant_id, asked, version, number, origin, proposed_by, proposed_at, due_at)
                     values ($1, $2, $2, $3, $4, $5, $6, $7)",
                    self.tenant,
                    seq,
                    number,
                    origin.as_str(),
                    by,
                    recorded.at,
                    due
                )
                .execute(self.conn())
                .await
                .doing("asking for an amendment of the policy")?;
                expect_rows("asking for an amendment of the policy", 1, &result)
            }
            AmendmentEvent::Answered { asked, proposed, .. } => {
                let state = Some(AmendmentState::Answered);
                let next = Next { state, answered_by: Some(*proposed), ..Next::default() };
                self.update_amendment(recorded, *asked, &next, seq).await
            }
            AmendmentEvent::Adopted { asked, .. } => {
                let next = Next { state: Some(AmendmentState::Adopted), ..Next::default() };
                self.update_amendment(recorded, *asked, &next, seq).await
            }
            AmendmentEvent::Reopened { asked, .. } => {
                let next = Next { state: Some(AmendmentState::Open), ..Next::default() };
                self.update_amendment(recorded, *asked, &next, seq).await
            }
            AmendmentEvent::Declined { asked, .. } => {
                let state = Some(AmendmentState::Declined);
                let next = Next { state, settled_by: recorded.by.person(), ..Next::default() };
                self.update_amendment(recorded, *asked, &next, seq).await
            }
            AmendmentEvent::Reminded { asked, .. } => {
                let next = Next { reminded: true, ..Next::default() };
                self.update_amendment(recorded, *asked, &next, seq).await
            }
            AmendmentEvent::Overdue { asked, .. } => {
                let next = Next { overdue: true, ..Next::default() };
                self.update_amendment(recorded, *asked, &next, seq).await
            }
        }
    }

    async fn update_amendment(
        &mut self,
        recorded: &Recorded<'_>,
        asked: i32,
        next: &Next<'_>,
        seq: i32,
    ) -> Result<(), StoreError> {
        let is_over = matches!(next.state, Some(AmendmentState::Adopted | AmendmentState::Declined));
        let result = sqlx::query!(
            "update policy_amendment set version = $2, state = coalesce($3, state),
                    answered_by = case when $4 then null else coalesce($5, answered_by) end,
                    reminded = reminded or $6, overdue = overdue or $7, settled_by = coalesce($8, settled_by),
                    settled_at = coalesce($9, settled_at)
             where asked = $1 and state in ('open', 'answered')",
            asked,
            seq,
            next.state.map(AmendmentState::as_str),
            next.state == Some(AmendmentState::Open),
            next.answered_by,
            next.reminded,
            next.overdue,
            next.settled_by.map(PersonId::as_str),
            is_over.then_some(recorded.at)
        )
        .execute(self.conn())
        .await
        .doing("saving an amendment of the policy")?;
        expect_rows("saving an amendment of the policy", 1, &result)
    }
}

impl Row {
    fn amendment(self) -> Result<Amendment, StoreError> {
        let odd = |what: &str| StoreError::impossible(format!("{} with {what}", name(self.number)));
        Ok(Amendment {
            origin: Origin::parse(&self.origin).ok_or_else(|| odd("an unknown origin"))?,
            state: AmendmentState::parse(&self.state).ok_or_else(|| odd("an unknown state"))?,
            entry: self.asked,
            number: self.number,
            by: PersonId(self.proposed_by),
            proposed_at: self.proposed_at,
            due_at: self.due_at,
            answered_by: self.answered_by,
            reminded: self.reminded,
            overdue: self.overdue,
            settled_by: self.settled_by.map(PersonId),
            settled_at: self.settled_at,
        })
    }
}
