//! Rows of exceptions from a procedure, and of their uses.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::exception::{
    ExceptionScope, ExceptionStatus, ExceptionUse, LookBack, LookedBack, ProcedureException,
};
use crate::domain::rules::{ExceptionClass, ExceptionSubject, Role};
use crate::domain::{ExceptionEvent, PersonId, Subject};

struct Row {
    number: i64,
    version: i32,
    rule: String,
    class: String,
    scope: String,
    status: String,
    why: String,
    control: String,
    requester: String,
    asked_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    signed_as: Vec<String>,
    signed_by: Vec<String>,
    notices: Vec<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    review_due: Option<DateTime<Utc>>,
    review_overdue: bool,
    reviewed_by: Option<String>,
    reviewed_at: Option<DateTime<Utc>>,
    control_kept: Option<bool>,
}

/// Which exceptions are read.
#[derive(Debug, Clone, Copy, Default)]
struct Which {
    number: Option<i64>,
    only_open: bool,
    used_by: Option<i64>,
    /// Over, and not looked back on.
    to_review: bool,
}

impl Tx {
    /// The exception with its uses, locked until the transaction ends.
    pub async fn lock_exception(&mut self, number: i64) -> Result<Option<ProcedureException>, StoreError> {
        let locked = sqlx::query_scalar!("select number from procedure_exception where number = $1 for update", number)
            .fetch_optional(self.conn())
            .await
            .doing("locking an exception")?;
        // Read after the lock is held: what another transaction has just committed is seen.
        if locked.is_some() { self.exception(number).await } else { Ok(None) }
    }

    /// All that are not over, locked in the order of their numbers until the transaction ends.
    pub async fn lock_open_exceptions(&mut self) -> Result<Vec<ProcedureException>, StoreError> {
        let locked = sqlx::query_scalar!(
            "select number from procedure_exception where ended_at is null order by number for update"
        )
        .fetch_all(self.conn())
        .await
        .doing("locking the open exceptions")?;
        if locked.is_empty() { Ok(Vec::new()) } else { self.open_exceptions().await }
    }

    pub async fn exception(&mut self, number: i64) -> Result<Option<ProcedureException>, StoreError> {
        Ok(self.exceptions_where(Which { number: Some(number), ..Which::default() }, 1).await?.pop())
    }

    /// All that are not over, the oldest first.
    pub async fn open_exceptions(&mut self) -> Result<Vec<ProcedureException>, StoreError> {
        let which = Which { only_open: true, ..Which::default() };
        let mut open = self.exceptions_where(which, i64::from(i16::MAX)).await?;
        open.sort_by_key(|exception| exception.number);
        Ok(open)
    }

    /// Those that are over and that nobody has looked back on yet, the latest first.
    pub async fn exceptions_to_review(&mut self) -> Result<Vec<ProcedureException>, StoreError> {
        self.exceptions_where(Which { to_review: true, ..Which::default() }, i64::from(i16::MAX)).await
    }

    /// Those by which a change went past a rule.
    pub async fn exceptions_used_by(&mut self, change: i64) -> Result<Vec<ProcedureException>, StoreError> {
        self.exceptions_where(Which { used_by: Some(change), ..Which::default() }, i64::from(i16::MAX)).await
    }

    /// Those that are not over first, then the latest.
    pub async fn exceptions(&mut self, limit: i64) -> Result<Vec<ProcedureException>, StoreError> {
        self.exceptions_where(Which::default(), limit).await
    }

    async fn exceptions_where(&mut self, which: Which, limit: i64) -> Result<Vec<ProcedureException>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select number, version, rule, class, scope, status, why, control, requester, asked_at, ends_at, signed_as,
                    signed_by, notices, ended_at, review_due, review_overdue, reviewed_by, reviewed_at, control_kept
             from procedure_exception exception
             where ($1::bigint is null or number = $1) and (ended_at is null or not $2)
               and ($3::bigint is null or exists (
                 select from exception_use used where used.subject = exception.subject and used.change = $3))
               and (review_due is not null and reviewed_at is null or not $5)
             order by (ended_at is null) desc, number desc limit $4",
            which.number,
            which.only_open,
            which.used_by,
            limit,
            which.to_review
        )
        .fetch_all(self.conn())
        .await
        .doing("loading exceptions")?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut exceptions: Vec<ProcedureException> =
            rows.into_iter().map(Row::exception).collect::<Result<_, StoreError>>()?;
        self.fill_uses(&mut exceptions).await?;
        Ok(exceptions)
    }

    async fn fill_uses(&mut self, exceptions: &mut [ProcedureException]) -> Result<(), StoreError> {
        let subjects: Vec<String> = exceptions.iter().map(|exception| exception.subject().to_string()).collect();
        let rows = sqlx::query!(
            "select subject, change, revision, used_at from exception_use where subject = any ($1)
             order by subject, version",
            &subjects
        )
        .fetch_all(self.conn())
        .await
        .doing("loading the uses of exceptions")?;
        for row in rows {
            let used = ExceptionUse { change: row.change, revision: row.revision, at: row.used_at };
            let of = exceptions.iter_mut().find(|one| Subject::parse(&row.subject) == Some(one.subject()));
            of.ok_or_else(|| odd(&row.subject, "a use of nothing"))?.uses.push(used);
        }
        Ok(())
    }

    /// Writes the row as it stands now; its uses are written with their events.
    pub(super) async fn save_exception(
        &mut self,
        exception: &ProcedureException,
        version: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let (signed_as, signed_by): (Vec<String>, Vec<String>) =
            exception.signed.iter().map(|(role, person)| (role.as_str().to_owned(), person.0.clone())).unzip();
        let done = exception.look_back.as_ref().and_then(|one| one.done.as_ref());
        let result = sqlx::query!(
            "insert into procedure_exception (tenant_id, number, version, rule, class, scope, status, why, control,
                                              requester, asked_at, ends_at, signed_as, signed_by, notices, ended_at,
                                              review_due, review_overdue, reviewed_by, reviewed_at, control_kept)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $18, $19, $20, $21, $22)
             on conflict (tenant_id, number) do update set
                version = excluded.version, status = excluded.status, signed_as = excluded.signed_as,
                signed_by = excluded.signed_by, notices = excluded.notices, ended_at = excluded.ended_at,
                review_due = excluded.review_due, review_overdue = excluded.review_overdue,
                reviewed_by = excluded.reviewed_by, reviewed_at = excluded.reviewed_at,
                control_kept = excluded.control_kept
             where procedure_exception.version = $17",
            tenant,
            exception.number,
            version,
            exception.rule.as_str(),
            exception.class.as_str(),
            exception.scope.to_string(),
            exception.status.as_str(),
            exception.why,
            exception.control,
            exception.requester.as_str(),
            exception.asked_at,
            exception.until,
            &signed_as,
            &signed_by,
            &exception.notices,
            exception.ended_at,
            exception.version,
            exception.look_back.as_ref().map(|one| one.due_at),
            exception.look_back.as_ref().is_some_and(|one| one.overdue),
            done.map(|one| one.by.as_str()),
            done.map(|one| one.at),
            done.map(|one| one.kept),
        )
        .execute(self.conn())
        .await
        .doing("saving an exception")?;
        expect_rows("saving an exception", 1, &result)?;
        if exception.version == 0 {
            self.use_up_exception_number(exception.number).await?;
        }
        Ok(())
    }

    /// The use that an event tells of.
    pub(super) async fn write_exception(
        &mut self,
        recorded: &Recorded<'_>,
        event: &ExceptionEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let ExceptionEvent::Used { change, revision, .. } = event else { return Ok(()) };
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into exception_use (tenant_id, subject, version, change, revision, used_at)
             values ($1, $2, $3, $4, $5, $6)",
            tenant,
            recorded.subject.to_string(),
            seq,
            change,
            revision,
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("writing the use of an exception")?;
        expect_rows("writing the use of an exception", 1, &result)
    }
}

impl Row {
    fn exception(self) -> Result<ProcedureException, StoreError> {
        let subject = Subject::Exception(self.number).to_string();
        let role = |word: String| Role::parse(&word).ok_or_else(|| odd(&subject, "an unknown role"));
        let review = (self.review_due, self.review_overdue, self.reviewed_by, self.reviewed_at, self.control_kept);
        let roles = self.signed_as.into_iter().map(role).collect::<Result<Vec<_>, _>>()?;
        Ok(ProcedureException {
            number: self.number,
            version: self.version,
            rule: ExceptionSubject::parse(&self.rule).ok_or_else(|| odd(&subject, "an unknown rule"))?,
            class: ExceptionClass::parse(&self.class).ok_or_else(|| odd(&subject, "an unknown class"))?,
            scope: ExceptionScope::parse(&self.scope).ok_or_else(|| odd(&subject, "an unknown scope"))?,
            status: ExceptionStatus::parse(&self.status).ok_or_else(|| odd(&subject, "an unknown status"))?,
            why: self.why,
            control: self.control,
            requester: PersonId(self.requester),
            asked_at: self.asked_at,
            until: self.ends_at,
            signed: roles.into_iter().zip(self.signed_by.into_iter().map(PersonId)).collect(),
            notices: self.notices,
            ended_at: self.ended_at,
            look_back: look_back(review),
            uses: Vec::new(),
        })
    }
}

/// The columns of a look back: when it is due, whether that was told, by whom it was done, when, and what was found.
pub(super) type LookBackColumns = (Option<DateTime<Utc>>, bool, Option<String>, Option<DateTime<Utc>>, Option<bool>);

pub(super) fn look_back((due_at, overdue, by, at, kept): LookBackColumns) -> Option<LookBack> {
    let done = by.zip(at).zip(kept).map(|((by, at), kept)| LookedBack { by: PersonId(by), at, kept });
    due_at.map(|due_at| LookBack { due_at, overdue, done })
}

fn odd(subject: &str, what: &str) -> StoreError {
    StoreError::impossible(format!("{subject} with {what}"))
}
