//! Rows of what peer reviewers said: each an insert, and the newest of a person counts. What must change is in the log alone.

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::peer_review::{ReviewAnswers, ReviewWord};
use crate::domain::{ChangeEvent, PersonId, ReviewEvent};

impl Tx {
    /// Writes the row by the entry `version`, which says it. An entry that says nothing of a review makes none.
    pub(super) async fn insert_review(
        &mut self,
        recorded: &Recorded<'_>,
        (event, person): (&ChangeEvent, &PersonId),
        version: i32,
    ) -> Result<(), StoreError> {
        let (revision, verdict, answers) = match event {
            ChangeEvent::Review(ReviewEvent::ChangesWanted { revision, answers, .. }) => {
                (*revision, ReviewWord::Changes, *answers)
            }
            ChangeEvent::Review(ReviewEvent::Agreed { revision, answers })
            | ChangeEvent::SeatGranted { revision, answers: Some(answers), .. } => {
                (*revision, ReviewWord::Ok, *answers)
            }
            _ => return Ok(()),
        };
        let ReviewAnswers { target, rollback, effects } = answers;
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into peer_review (tenant_id, subject, version, revision, person, verdict, target, rollback, effects,
                                      said_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            tenant,
            recorded.subject.to_string(),
            version,
            revision,
            person.as_str(),
            verdict.as_str(),
            target,
            rollback,
            effects,
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("keeping a review")?;
        expect_rows("keeping a review", 1, &result)
    }
}
