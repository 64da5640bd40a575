//! Rows of the reviews of changes.

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::{Change, OwedPir, PersonId, Pir, PirEvent, PirReason, PirVerdict, Subject};

impl Tx {
    pub(super) async fn pir(&mut self, subject: Subject) -> Result<Option<Pir>, StoreError> {
        let row = sqlx::query!(
            "select reason, opened_at, due_at, overdue, verdict, reviewer, closed_at from emergency_review
             where subject = $1",
            subject.to_string()
        )
        .fetch_optional(self.conn())
        .await
        .doing("loading a review")?;
        let Some(row) = row else { return Ok(None) };
        let verdict = row.verdict.map(|word| {
            PirVerdict::parse(&word).ok_or_else(|| StoreError::impossible(format!("{subject} with an odd verdict")))
        });
        Ok(Some(Pir {
            reason: reason_of(&row.reason, &subject.to_string())?,
            opened_at: row.opened_at,
            due_at: row.due_at,
            overdue: row.overdue,
            verdict: verdict.transpose()?,
            reviewer: row.reviewer.map(PersonId),
            closed_at: row.closed_at,
        }))
    }

    /// The reviews that nobody has closed, the oldest first.
    pub async fn owed_pirs(&mut self) -> Result<Vec<OwedPir>, StoreError> {
        let rows = sqlx::query!(
            r#"select change.number, change.requester, owed.reason, owed.due_at, ruled.ruled_by as "ruled_by?", ruled.ruled_at as "ruled_at?"
             from emergency_review owed join change on change.tenant_id = owed.tenant_id and change.subject = owed.subject
             left join decision_escalation ruled on ruled.tenant_id = owed.tenant_id and ruled.subject = owed.subject
               and ruled.dispute = 'review' and ruled.state = 'allowed'
             where owed.verdict is null order by owed.due_at, change.number"#
        )
        .fetch_all(self.conn())
        .await
        .doing("listing reviews that are owed")?;
        let owed = rows.into_iter().map(|row| {
            Ok(OwedPir {
                change: row.number,
                requester: PersonId(row.requester),
                reason: reason_of(&row.reason, &Subject::Change(row.number).to_string())?,
                due_at: row.due_at,
                allowed: row.ruled_by.map(PersonId).zip(row.ruled_at),
            })
        });
        owed.collect()
    }

    /// What there is to look back on in a change besides how it ends.
    pub async fn look_back(&mut self, change: i64) -> Result<Vec<PirReason>, StoreError> {
        let tenant = self.tenant;
        let row = sqlx::query!(
            r#"select exists (select from incident_change_link
                              where change = $2 and kind = 'caused' and state = 'confirmed') as "is_cause!",
                      exists (select from freeze_override where change = $2 and state = 'used') as "is_excepted!",
                      exists (select from dlog.entry
                              where tenant_id = $1 and subject = $3 and kind = 'window.expired') as "is_overrun!""#,
            tenant,
            change,
            Subject::Change(change).to_string()
        )
        .fetch_one(self.conn())
        .await
        .doing("asking what there is to look back on")?;
        let reasons = [
            (row.is_excepted, PirReason::Override),
            (row.is_overrun, PirReason::Overrun),
            (row.is_cause, PirReason::Cause),
        ];
        Ok(reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect())
    }

    /// Writes the review's row by the entry that says what happened to it.
    pub(super) async fn write_pir(&mut self, change: &Change, event: &PirEvent, seq: i32) -> Result<(), StoreError> {
        let Some(pir) = &change.pir else { return Err(StoreError::impossible("an event of no review".to_owned())) };
        match event {
            PirEvent::Opened { .. } => self.insert_pir(change, pir, seq).await,
            PirEvent::Reminded { .. } | PirEvent::Overdue { .. } | PirEvent::Closed { .. } => {
                self.update_pir(change, pir, seq).await
            }
        }
    }

    /// What was closed already is opened anew in its row; the log keeps what was found then.
    async fn insert_pir(&mut self, change: &Change, pir: &Pir, seq: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into emergency_review (tenant_id, subject, version, opened_at, due_at, reason)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, subject) do update set
                version = excluded.version, opened_at = excluded.opened_at, due_at = excluded.due_at,
                reason = excluded.reason, overdue = false, verdict = null, reviewer = null, closed_at = null
             where emergency_review.verdict is not null",
            tenant,
            change.subject().to_string(),
            seq,
            pir.opened_at,
            pir.due_at,
            pir.reason.as_str(),
        )
        .execute(self.conn())
        .await
        .doing("opening a review")?;
        expect_rows("opening a review", 1, &result)
    }

    async fn update_pir(&mut self, change: &Change, pir: &Pir, seq: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "update emergency_review set version = $3, overdue = $4, verdict = $5, reviewer = $6, closed_at = $7
             where tenant_id = $1 and subject = $2 and verdict is null",
            tenant,
            change.subject().to_string(),
            seq,
            pir.overdue,
            pir.verdict.map(PirVerdict::as_str),
            pir.reviewer.as_ref().map(PersonId::as_str),
            pir.closed_at,
        )
        .execute(self.conn())
        .await
        .doing("saving a review")?;
        expect_rows("saving a review", 1, &result)
    }
}

pub(super) fn reason_of(word: &str, subject: &str) -> Result<PirReason, StoreError> {
    PirReason::parse(word).ok_or_else(|| StoreError::impossible(format!("{subject} with an odd reason for its review")))
}
