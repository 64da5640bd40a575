//! Rows of what people say to the notices of a change. Why somebody objects is in the log alone.

use super::error::{Doing, expect_rows};
use super::record::{Recorded, Writes};
use super::{StoreError, Tx};
use crate::domain::event::NoticeEvent;
use crate::domain::rules::AnswerState;
use crate::domain::{Actor, Change, NoticeAnswer, PersonId, State};

impl Tx {
    /// Those to the notice of this revision, and objections to an earlier one that nobody has settled, in the order of saying.
    pub(super) async fn notice_answers(&mut self, change: &Change) -> Result<Vec<NoticeAnswer>, StoreError> {
        let rows = sqlx::query!(
            "select answered, revision, person, said, said_at, due_at from notice_answer
             where subject = $1 and (revision = $2 or said = 'objects') order by answered",
            change.subject().to_string(),
            change.revision
        )
        .fetch_all(self.conn())
        .await
        .doing("loading the answers to a notice")?;
        let answers = rows.into_iter().map(|row| {
            let state = AnswerState::parse(&row.said);
            Ok(NoticeAnswer {
                answered: row.answered,
                revision: row.revision,
                person: PersonId(row.person),
                state: state.ok_or_else(|| StoreError::impossible("an odd answer to a notice"))?,
                at: row.said_at,
                due_at: row.due_at,
            })
        });
        answers.collect()
    }

    /// Writes the row by the entry `seq`, which says what happened to it.
    pub(super) async fn write_notice_answer(
        &mut self,
        recorded: &Recorded<'_>,
        event: &NoticeEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        // What changes the change itself is written with its row.
        let is_of_change = matches!(recorded.writes, Writes::State { state: State::Change(_), .. });
        let (revision, state, due_at) = match event {
            NoticeEvent::Acknowledged { revision } => (*revision, AnswerState::Acknowledged, None),
            NoticeEvent::Objected { revision, until, .. } if is_of_change => (*revision, AnswerState::Objects, *until),
            NoticeEvent::Settled { objected, how, .. } if is_of_change => {
                return self.settle(recorded, *objected, *how, seq).await;
            }
            NoticeEvent::Objected { .. }
            | NoticeEvent::Settled { .. }
            | NoticeEvent::Reminded { .. }
            | NoticeEvent::Unsettled { .. }
            | NoticeEvent::Previewed { .. }
            | NoticeEvent::Sent { .. } => return Ok(()),
        };
        let Actor::Person { id, .. } = recorded.by else { return Ok(()) };
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into notice_answer (tenant_id, subject, answered, version, revision, person, said, said_at, due_at)
             values ($1, $2, $3, $3, $4, $5, $6, $7, $8)",
            tenant,
            recorded.subject.to_string(),
            seq,
            revision,
            id.as_str(),
            state.as_str(),
            recorded.at,
            due_at
        )
        .execute(self.conn())
        .await
        .doing("keeping an answer to a notice")?;
        expect_rows("keeping an answer to a notice", 1, &result)
    }

    async fn settle(
        &mut self,
        recorded: &Recorded<'_>,
        objected: i32,
        how: AnswerState,
        seq: i32,
    ) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "update notice_answer set version = $3, said = $4 where subject = $1 and answered = $2",
            recorded.subject.to_string(),
            objected,
            seq,
            how.as_str()
        )
        .execute(self.conn())
        .await
        .doing("settling an objection")?;
        expect_rows("settling an objection", 1, &result)
    }
}
