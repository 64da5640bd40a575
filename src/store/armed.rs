//! The deadlines that a subject has armed: what its state promises now, each with the job that keeps the promise.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::job::{Job, Later};
use super::{Recorded, StoreError, Tx};
use crate::domain::{DeadlineKind, Subject};

pub(super) struct Armed {
    pub kind: DeadlineKind,
    pub due_at: DateTime<Utc>,
}

impl Tx {
    /// Makes the armed deadlines of a subject what the state promises now.
    pub(super) async fn sync_deadlines(
        &mut self,
        recorded: &Recorded<'_>,
        armed: &[Armed],
        promises: &[(DeadlineKind, DateTime<Utc>)],
        version: i32,
    ) -> Result<(), StoreError> {
        let subject = recorded.subject.to_string();
        let tenant = self.tenant;
        let job = |kind| Job::Due { tenant, subject: recorded.subject, kind };
        for (kind, due_at) in promises {
            if !armed.iter().any(|armed| armed.kind == *kind && armed.due_at == *due_at) {
                self.set_deadline(&subject, *kind, *due_at, "armed", version).await?;
                self.enqueue([Later { job: job(*kind), run_at: Some(*due_at - recorded.clock_ahead) }]);
            }
        }
        for Armed { kind, due_at } in armed {
            if !promises.iter().any(|(promised, _)| promised == kind) {
                let state = if *due_at <= recorded.at { "met" } else { "cancelled" };
                self.set_deadline(&subject, *kind, *due_at, state, version).await?;
                self.unqueue([job(*kind)]);
            }
        }
        Ok(())
    }

    async fn set_deadline(
        &mut self,
        subject: &str,
        kind: DeadlineKind,
        due_at: DateTime<Utc>,
        state: &str,
        version: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into deadline (tenant_id, subject, version, kind, due_at, state) values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, subject, kind) do update set version = excluded.version,
                due_at = excluded.due_at, state = excluded.state",
            tenant,
            subject,
            version,
            kind.as_str(),
            due_at,
            state
        )
        .execute(self.conn())
        .await
        .doing("setting a deadline")?;
        expect_rows("setting a deadline", 1, &result)
    }

    /// The armed deadline of a kind; `None` where it was met or cancelled in the meantime.
    pub async fn armed_deadline(
        &mut self,
        subject: Subject,
        kind: DeadlineKind,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        sqlx::query_scalar!(
            "select due_at from deadline where subject = $1 and kind = $2 and state = 'armed'",
            subject.to_string(),
            kind.as_str()
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading a deadline")
    }
}
