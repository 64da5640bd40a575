//! What went past the regular way of changes, found by what the log says happened: its index by kind and time costs the
//! same among a thousand changes as among a million.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::error::Doing;
use super::exception::look_back;
use super::pir::reason_of;
use super::{StoreError, Tx};
use crate::domain::rules::{ChangeKind, ExceptionSubject};
use crate::domain::{Bypass, ChangeStatus, PersonId, Pir, PirVerdict, Retro, Subject, Way};

/// Entries of each kind that are looked at, the newest: more than a year of a busy tenant's.
pub const BYPASSES_MAX: u16 = 1_000;

/// The columns of a review that may not be there.
struct Review {
    reason: Option<String>,
    opened_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    overdue: Option<bool>,
    verdict: Option<String>,
    reviewer: Option<String>,
    closed_at: Option<DateTime<Utc>>,
}

struct Row {
    number: i64,
    kind: String,
    status: String,
    title: String,
    service: String,
    also: Vec<String>,
    implementer: String,
    retro: Option<Value>,
    reapprovals: i32,
    decide_by: Option<DateTime<Utc>>,
    requested_at: DateTime<Utc>,
    overran: bool,
    /// When its window was overrun, or made longer, the last time.
    window_at: Option<DateTime<Utc>>,
    reason: Option<String>,
    opened_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    overdue: Option<bool>,
    verdict: Option<String>,
    reviewer: Option<String>,
    closed_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// Since then; and however old they are, those whose review is still owed.
    pub async fn bypasses(&mut self, since: DateTime<Utc>) -> Result<Vec<Bypass>, StoreError> {
        // As the log writes moments: compared as words.
        let since = since.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut bypasses = Vec::new();
        for row in self.changes_past(&since).await? {
            bypasses.extend(row.bypasses()?);
        }
        bypasses.extend(self.overrides_since(&since).await?);
        // The review of an override or of a window is told with it; alone, where that was longer ago.
        let is_told = |one: &Bypass| matches!(one.way, Way::Exception { .. } | Way::Window { .. });
        let told: BTreeSet<i64> = bypasses.iter().filter(|one| is_told(one)).map(|one| one.change).collect();
        let is_alone = |review: &Pir, change| review.reason.is_a_failure() || !told.contains(&change);
        bypasses.retain(|one| match &one.way {
            Way::Failure { review } => is_alone(review, one.change),
            _ => true,
        });
        bypasses.extend(self.exceptions_since(&since).await?);
        Ok(bypasses)
    }

    async fn changes_past(&mut self, since: &str) -> Result<Vec<Row>, StoreError> {
        let tenant = self.tenant;
        sqlx::query_as!(
            Row,
            r#"select change.number, change.kind, status, title, service, also, implementer, retro, reapprovals, decide_by,
                      requested_at, past.overran as "overran!", past.window_at::timestamptz as window_at,
                      review.reason as "reason?", review.opened_at as "opened_at?", review.due_at as "due_at?", review.overdue as "overdue?",
                      review.verdict, review.reviewer, review.closed_at
               from (
                 select subject, bool_or(kind = 'window.expired') as overran,
                        max(at) filter (where kind in ('window.expired', 'window.extended')) as window_at
                 from (
                   select newest.subject, newest.kind, newest.at
                   from unnest('{pir.opened,change.recorded,change.found,window.expired,window.extended}'::text[]) as of (kind)
                   cross join lateral (
                     select subject, entry.kind, at from dlog.entry
                     where tenant_id = $1 and entry.kind = of.kind and at >= $2
                     order by at desc, id desc limit $3
                   ) newest
                   union all
                   select * from (
                     select subject, 'owed', null from emergency_review
                     where tenant_id = $1 and verdict is null order by due_at limit $3
                   ) owed
                 ) happened group by subject
               ) past
               join change on change.tenant_id = $1 and change.subject = past.subject
               left join emergency_review review on review.tenant_id = $1 and review.subject = past.subject"#,
            tenant,
            since,
            i64::from(BYPASSES_MAX)
        )
        .fetch_all(self.conn())
        .await
        .doing("listing changes that went past the regular way")
    }

    /// Overrides of freezes that were used, or are still good: the entry that says so is the newest of each.
    async fn overrides_since(&mut self, since: &str) -> Result<Vec<Bypass>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query!(
            r#"select override.subject, override.state, override.authority, override.second, override.valid_until,
                      newest.at::timestamptz as "at!", change.number, change.title, change.service, change.also,
                      change.implementer, change.status, review.reason as "reason?",
                      review.opened_at as "opened_at?", review.due_at as "due_at?", review.overdue as "overdue?",
                      review.verdict, review.reviewer, review.closed_at
               from unnest('{override.granted,override.used}'::text[]) as of (kind)
               cross join lateral (
                 select subject, seq, at from dlog.entry
                 where tenant_id = $1 and entry.kind = of.kind and at >= $2
                 order by at desc, id desc limit $3
               ) newest
               join freeze_override override on override.tenant_id = $1 and override.subject = newest.subject
                 and override.version = newest.seq
               join change on change.tenant_id = $1 and change.number = override.change
               left join emergency_review review on review.tenant_id = $1 and review.subject = change.subject"#,
            tenant,
            since,
            i64::from(BYPASSES_MAX)
        )
        .fetch_all(self.conn())
        .await
        .doing("listing exceptions from freezes")?;
        let overrides = rows.into_iter().map(|row| {
            let Some(Subject::Freeze(freeze)) = Subject::parse(&row.subject) else {
                return Err(StoreError::impossible(format!("an override of {}", row.subject)));
            };
            let review = Review {
                reason: row.reason,
                opened_at: row.opened_at,
                due_at: row.due_at,
                overdue: row.overdue,
                verdict: row.verdict,
                reviewer: row.reviewer,
                closed_at: row.closed_at,
            };
            let way = Way::Exception {
                freeze,
                authority: row.authority.map(PersonId),
                second: row.second.map(PersonId),
                open_until: row.valid_until.filter(|_| row.state != "used"),
                review: review.pir(row.number)?,
            };
            Ok(Bypass {
                change: row.number,
                title: row.title,
                service: row.service,
                also: row.also,
                status: status_of(row.number, &row.status)?,
                at: row.at,
                by: PersonId(row.implementer),
                way,
            })
        });
        overrides.collect()
    }

    /// Uses of exceptions from a procedure; however old they are, of those that nobody has looked back on yet.
    async fn exceptions_since(&mut self, since: &str) -> Result<Vec<Bypass>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query!(
            r#"select exception.number as exception, exception.rule, exception.ends_at, exception.ended_at,
                      review_due, review_overdue, reviewed_by, reviewed_at, control_kept,
                      used.used_at, change.number, change.title, change.service, change.also, change.implementer,
                      change.status
               from (
                 select * from (
                   select subject, seq from dlog.entry
                   where tenant_id = $1 and kind = 'exception.used' and at >= $2
                   order by at desc, id desc limit $3
                 ) newest
                 union
                 select * from (
                   select used.subject, used.version from procedure_exception due
                   join exception_use used on used.tenant_id = $1 and used.subject = due.subject
                   where due.tenant_id = $1 and due.review_due is not null and due.reviewed_at is null
                   order by due.review_due, used.version desc limit $3
                 ) owed
               ) newest
               join exception_use used on used.tenant_id = $1 and used.subject = newest.subject
                 and used.version = newest.seq
               join procedure_exception exception on exception.tenant_id = $1 and exception.subject = used.subject
               join change on change.tenant_id = $1 and change.number = used.change"#,
            tenant,
            since,
            i64::from(BYPASSES_MAX)
        )
        .fetch_all(self.conn())
        .await
        .doing("listing uses of exceptions")?;
        let used = rows.into_iter().map(|row| {
            let rule = ExceptionSubject::parse(&row.rule)
                .ok_or_else(|| StoreError::impossible(format!("EXC-{} of an unknown rule", row.exception)))?;
            let until = row.ended_at.is_none().then_some(row.ends_at);
            let review = (row.review_due, row.review_overdue, row.reviewed_by, row.reviewed_at, row.control_kept);
            let way = Way::Procedure { exception: row.exception, rule, until, look_back: look_back(review) };
            Ok(Bypass {
                change: row.number,
                title: row.title,
                service: row.service,
                also: row.also,
                status: status_of(row.number, &row.status)?,
                at: row.used_at,
                by: PersonId(row.implementer),
                way,
            })
        });
        used.collect()
    }
}

fn status_of(change: i64, word: &str) -> Result<ChangeStatus, StoreError> {
    ChangeStatus::parse(word).ok_or_else(|| StoreError::impossible(format!("CHG-{change} with an odd status")))
}

impl Row {
    /// Its emergency or record, and its window where that was not kept.
    fn bypasses(self) -> Result<Vec<Bypass>, StoreError> {
        let odd = |what: &str| StoreError::impossible(format!("CHG-{} with an odd {what}", self.number));
        let status = status_of(self.number, &self.status)?;
        let kind = ChangeKind::parse(&self.kind).ok_or_else(|| odd("kind"))?;
        let columns = Review {
            reason: self.reason,
            opened_at: self.opened_at,
            due_at: self.due_at,
            overdue: self.overdue,
            verdict: self.verdict,
            reviewer: self.reviewer,
            closed_at: self.closed_at,
        };
        let review = columns.pir(self.number)?;
        let mut found = Vec::new();
        match (kind, &self.retro, review.clone()) {
            (ChangeKind::Retroactive, Some(retro), review) => {
                let retro: Retro = serde_json::from_value(retro.clone()).map_err(|_| odd("record"))?;
                let unclaimed = retro.unclaimed.map(|unclaimed| unclaimed.due_at);
                // What was withdrawn before anybody claimed it was no change at all.
                if unclaimed.is_none() || status.is_open() {
                    let way = Way::Record { late: retro.late, decide_by: self.decide_by, unclaimed, review };
                    found.push((self.requested_at, way));
                }
            }
            (ChangeKind::Emergency, _, Some(review)) => found.push((review.opened_at, Way::Emergency { review })),
            (_, _, Some(review)) => found.push((review.opened_at, Way::Failure { review })),
            (_, _, None) => {}
        }
        if let Some(at) = self.window_at {
            let longer = u32::try_from(self.reapprovals).map_err(|_| odd("number of longer windows"))?;
            let stopped = status == ChangeStatus::WindowExpired;
            found.push((at, Way::Window { overran: self.overran, longer, stopped, review }));
        }
        let bypass = |(at, way)| Bypass {
            change: self.number,
            title: self.title.clone(),
            service: self.service.clone(),
            also: self.also.clone(),
            status,
            at,
            by: PersonId(self.implementer.clone()),
            way,
        };
        Ok(found.into_iter().map(bypass).collect())
    }
}

impl Review {
    fn pir(self, change: i64) -> Result<Option<Pir>, StoreError> {
        let (Some(reason), Some(opened_at), Some(due_at)) = (&self.reason, self.opened_at, self.due_at) else {
            return Ok(None);
        };
        let verdict = self.verdict.as_deref().map(|word| {
            PirVerdict::parse(word).ok_or_else(|| StoreError::impossible(format!("CHG-{change} with an odd verdict")))
        });
        Ok(Some(Pir {
            reason: reason_of(reason, &Subject::Change(change).to_string())?,
            opened_at,
            due_at,
            overdue: self.overdue.unwrap_or_default(),
            verdict: verdict.transpose()?,
            reviewer: self.reviewer.map(PersonId),
            closed_at: self.closed_at,
        }))
    }
}
