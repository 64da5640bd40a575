//! What is on the change calendar, and under which addresses it is fetched.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::{Store, StoreError, Tx};
use crate::domain::event::FeedEvent;
use crate::domain::rules::{Band, ChangeKind};
use crate::domain::{ChangeStatus, PersonId, Scheduled, Subject};

/// Changes that a calendar has, the latest to begin first: a year of a busy tenant's.
const CALENDAR_MAX: i64 = 2_000;

/// Which changes a calendar is to have: those that end after `since` and begin before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// None that are over.
    pub only_open: bool,
}

/// Whose an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedOwner {
    pub tenant: i64,
    pub person: PersonId,
}

impl Tx {
    /// The changes with a window in a stretch of time, and those that run past theirs, by their beginning. What was
    /// approved without the window that it asked for has none.
    pub async fn scheduled(&mut self, stretch: Stretch) -> Result<Vec<Scheduled>, StoreError> {
        let rows = sqlx::query!(
            r#"select number as "number!", version as "version!", kind as "kind!", status as "status!", title as "title!",
                      service as "service!", also as "also!", band as "band!", opens as "from!", closes as "until!"
               from (
                 select number, version, kind, status, title, service, also, risk ->> 'band' as band,
                        coalesce(opens_at, planned_from) as opens, coalesce(closes_at, planned_until) as closes
                 from change
                 where case when closes_at is null then planned_until else closes_at end > $1
                   and coalesce(opens_at, planned_from) < $2 and (ended_at is null or not $3)
                   and (opens_at is not null or status <> 'approved')
                 union all
                 select number, version, kind, status, title, service, also, risk ->> 'band',
                        coalesce(opens_at, planned_from), coalesce(closes_at, planned_until)
                 from change
                 where ended_at is null and status in ('implementing', 'halted', 'window_expired')
                   and coalesce(closes_at, planned_until) <= $1
               ) on_calendar
               order by opens desc, number desc limit $4"#,
            stretch.since,
            stretch.until,
            stretch.only_open,
            CALENDAR_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading the calendar")?;
        let scheduled = rows.into_iter().rev().map(|row| {
            let odd = |what: &str| StoreError::impossible(format!("CHG-{} with an unknown {what}", row.number));
            Ok(Scheduled {
                number: row.number,
                version: row.version,
                kind: ChangeKind::parse(&row.kind).ok_or_else(|| odd("kind"))?,
                status: ChangeStatus::parse(&row.status).ok_or_else(|| odd("status"))?,
                band: Band::parse(&row.band).ok_or_else(|| odd("band"))?,
                title: row.title,
                service: row.service,
                also: row.also,
                from: row.from,
                until: row.until,
            })
        });
        scheduled.collect()
    }

    /// Approved changes on these services, or on any, that nobody has said the time of; the oldest first.
    pub async fn unscheduled(&mut self, services: Option<&[String]>, limit: i64) -> Result<Vec<Subject>, StoreError> {
        let numbers = sqlx::query_scalar!(
            "select number from change
             where ended_at is null and status = 'approved' and opens_at is null
               and ($1::text[] is null or service = any ($1) or also && $1)
             order by number limit $2",
            services as Option<&[String]>,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what has no window")?;
        Ok(numbers.into_iter().map(Subject::Change).collect())
    }

    /// When the entries were written that made these records what they are, in their order.
    pub async fn revised_at(&mut self, records: &[(Subject, i32)]) -> Result<Vec<DateTime<Utc>>, StoreError> {
        let tenant = self.tenant;
        let subjects: Vec<String> = records.iter().map(|(subject, _)| subject.to_string()).collect();
        let versions: Vec<i32> = records.iter().map(|(_, version)| *version).collect();
        let revised = sqlx::query_scalar!(
            r#"select coalesce(e.at::timestamptz, e.recorded_at) as "at!"
               from unnest($2::text[], $3::int[]) with ordinality as of (subject, seq, place)
               join dlog.entry e on e.tenant_id = $1 and e.subject = of.subject and e.seq = of.seq
               order by of.place"#,
            tenant,
            &subjects,
            &versions
        )
        .fetch_all(self.conn())
        .await
        .doing("asking when records were revised")?;
        if revised.len() == records.len() {
            Ok(revised)
        } else {
            Err(StoreError::impossible("a record without the entry that made it what it is"))
        }
    }

    /// The hash of a person's address, in hexadecimal digits.
    pub async fn feed_hash(&mut self, person: &PersonId) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar!(
            r#"select encode(hash, 'hex') as "hash!" from calendar_feed where person = $1"#,
            person.as_str()
        )
        .fetch_optional(self.conn())
        .await
        .doing("looking up a calendar's address")
    }

    /// Writes what happened to an address, under the entry `seq` of ORG.
    pub(super) async fn write_feed(&mut self, event: &FeedEvent, seq: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = match event {
            FeedEvent::Opened { person, hash, .. } => {
                sqlx::query!(
                    "insert into calendar_feed (tenant_id, person, hash, version) values ($1, $2, decode($3, 'hex'), $4)
                     on conflict (tenant_id, person) do update set hash = excluded.hash, version = excluded.version",
                    tenant,
                    person.as_str(),
                    hash,
                    seq
                )
                .execute(self.conn())
                .await
            }
            FeedEvent::Closed { person } => {
                sqlx::query!("delete from calendar_feed where tenant_id = $1 and person = $2", tenant, person.as_str())
                    .execute(self.conn())
                    .await
            }
        };
        expect_rows("writing a calendar's address", 1, &result.doing("writing a calendar's address")?)
    }
}

impl Store {
    /// Whose an address is, by the hash of its secret. It is found by an index: how long that takes speaks of hashes only,
    /// of which nobody can choose one.
    pub async fn feed_owner(&self, hash: &[u8; 32]) -> Result<Option<FeedOwner>, StoreError> {
        let row =
            sqlx::query!(r#"select tenant_id as "tenant!", person as "person!" from feed_of($1)"#, hash.as_slice())
                .fetch_optional(&self.pool)
                .await
                .doing("looking up whose a calendar's address is")?;
        Ok(row.map(|row| FeedOwner { tenant: row.tenant, person: PersonId(row.person) }))
    }
}
