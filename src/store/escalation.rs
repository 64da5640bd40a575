//! Rows of disputes that the decision authority rules on. They are read with their change.

use super::error::{Doing, expect_rows};
use super::record::{Recorded, Writes};
use super::{StoreError, Tx};
use crate::domain::event::RulingEvent;
use crate::domain::rules::RulingVerdict;
use crate::domain::{Change, Escalation, PersonId, State};

impl Tx {
    /// Writes the row by the entry `seq`, which says what happened to it.
    pub(super) async fn write_escalation(
        &mut self,
        recorded: &Recorded<'_>,
        event: &RulingEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let Writes::State { state: State::Change(change), .. } = &recorded.writes else {
            return Ok(());
        };
        match event {
            RulingEvent::Asked { .. } => {
                let new = change.escalations.iter().find(|one| one.asked == 0);
                let new = new.ok_or_else(|| StoreError::impossible("an escalation that is not there"))?;
                self.insert_escalation(change, new, seq).await
            }
            // The roster is the vote's.
            RulingEvent::Appointed { .. } => Ok(()),
            RulingEvent::PassedOn { asked, .. } => self.pass_escalation_on(change, *asked, seq).await,
            RulingEvent::Given { asked, verdict, .. } => {
                self.close_escalation(recorded, change, (*asked, Some(*verdict)), seq).await
            }
            RulingEvent::Unanswered { asked, .. } | RulingEvent::Lapsed { asked, .. } => {
                self.close_escalation(recorded, change, (*asked, None), seq).await
            }
        }
    }

    async fn insert_escalation(&mut self, change: &Change, new: &Escalation, seq: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into decision_escalation (tenant_id, subject, asked, version, revision, dispute, raised_by, why, opposed,
                                              chain, due_at, state)
             values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, 'open')",
            tenant,
            change.subject().to_string(),
            seq,
            new.revision,
            new.dispute.as_str(),
            new.raised_by.as_str(),
            new.why,
            serde_json::json!(new.opposed),
            serde_json::json!(new.chain),
            new.due_at
        )
        .execute(self.conn())
        .await
        .doing("keeping an escalation")?;
        expect_rows("keeping an escalation", 1, &result)
    }

    async fn pass_escalation_on(&mut self, change: &Change, asked: i32, seq: i32) -> Result<(), StoreError> {
        let one = of(change, asked)?;
        let result = sqlx::query!(
            "update decision_escalation set version = $3, chain = $4, due_at = $5 where subject = $1 and asked = $2",
            change.subject().to_string(),
            asked,
            seq,
            serde_json::json!(one.chain),
            one.due_at
        )
        .execute(self.conn())
        .await
        .doing("passing an escalation on")?;
        expect_rows("passing an escalation on", 1, &result)
    }

    async fn close_escalation(
        &mut self,
        recorded: &Recorded<'_>,
        change: &Change,
        (asked, verdict): (i32, Option<RulingVerdict>),
        seq: i32,
    ) -> Result<(), StoreError> {
        let one = of(change, asked)?;
        let by = recorded.by.person().filter(|_| verdict.is_some()).map(PersonId::as_str);
        let result = sqlx::query!(
            "update decision_escalation set version = $3, state = $4, ruled_by = $5, ruled_at = $6, ruling = $7,
                    conditions = $8
             where subject = $1 and asked = $2",
            change.subject().to_string(),
            asked,
            seq,
            one.state.as_str(),
            by,
            recorded.at,
            one.ruling,
            one.conditions
        )
        .execute(self.conn())
        .await
        .doing("closing an escalation")?;
        expect_rows("closing an escalation", 1, &result)
    }
}

fn of(change: &Change, asked: i32) -> Result<&Escalation, StoreError> {
    let one = change.escalations.iter().find(|one| one.asked == asked);
    one.ok_or_else(|| StoreError::impossible(format!("no escalation {asked} of {}", change.subject())))
}
