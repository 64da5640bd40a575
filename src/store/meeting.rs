//! Rows of the board's meetings.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::PersonId;
use crate::domain::meeting::{Meeting, MeetingStatus, Pattern};

struct Row {
    number: i64,
    version: i32,
    status: String,
    starts_at: Option<DateTime<Utc>>,
    called: bool,
    places: Value,
    roster: Vec<String>,
    chair: Option<String>,
    agenda: Value,
    patterns: Value,
    reviews: Value,
    pack: Option<Value>,
    decisions: Value,
    attendance: Value,
    current: Option<i64>,
    opened_at: Option<DateTime<Utc>>,
    opened_by: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    ended_by: Option<String>,
    minutes_hash: Option<String>,
}

impl Tx {
    /// The meeting, locked until the transaction ends.
    pub async fn lock_meeting(&mut self, number: i64) -> Result<Option<Meeting>, StoreError> {
        let locked = sqlx::query_scalar!("select number from cab_meeting where number = $1 for update", number)
            .fetch_optional(self.conn())
            .await
            .doing("locking a meeting")?;
        // Read after the lock is held: what another transaction has just committed is seen.
        if locked.is_some() { self.meeting(number).await } else { Ok(None) }
    }

    pub async fn meeting(&mut self, number: i64) -> Result<Option<Meeting>, StoreError> {
        Ok(self.meetings_where(Some(number), false, None, 1).await?.pop())
    }

    /// Those that are announced or open, the oldest first.
    pub async fn standing_meetings(&mut self) -> Result<Vec<Meeting>, StoreError> {
        let mut standing = self.meetings_where(None, true, None, i64::from(i16::MAX)).await?;
        standing.sort_by_key(|meeting| meeting.number);
        Ok(standing)
    }

    /// The same, locked in the order of their numbers until the transaction ends.
    pub async fn lock_standing_meetings(&mut self) -> Result<Vec<Meeting>, StoreError> {
        let locked =
            sqlx::query_scalar!("select number from cab_meeting where ended_at is null order by number for update")
                .fetch_all(self.conn())
                .await
                .doing("locking the standing meetings")?;
        if locked.is_empty() { Ok(Vec::new()) } else { self.standing_meetings().await }
    }

    /// The meetings, the newest first.
    pub async fn newest_meetings(&mut self, limit: i64) -> Result<Vec<Meeting>, StoreError> {
        self.meetings_where(None, false, None, limit).await
    }

    /// The standing meetings that have a change, or its review, on their agenda.
    pub async fn meetings_about(&mut self, change: i64) -> Result<Vec<Meeting>, StoreError> {
        self.meetings_where(None, true, Some(json!([{ "change": change }])), i64::from(i16::MAX)).await
    }

    async fn meetings_where(
        &mut self,
        number: Option<i64>,
        only_standing: bool,
        about: Option<Value>,
        limit: i64,
    ) -> Result<Vec<Meeting>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select number, version, status, starts_at, called, places, roster, chair, agenda, patterns, reviews, pack,
                    decisions, attendance, current, opened_at, opened_by, ended_at, ended_by, minutes_hash
             from cab_meeting where ($1::bigint is null or number = $1) and (ended_at is null or not $2)
               and ($3::jsonb is null or agenda @> $3 or reviews @> $3)
             order by number desc limit $4",
            number,
            only_standing,
            about,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("loading meetings")?;
        rows.into_iter().map(Row::meeting).collect()
    }

    /// The services whose incidents needed at least so many changes since a moment, the most first.
    pub async fn change_patterns(&mut self, since: DateTime<Utc>, least: i64) -> Result<Vec<Pattern>, StoreError> {
        sqlx::query_as!(
            Pattern,
            r#"select touched as "service!", count(*) as "changes!"
               from change cross join unnest(array_prepend(service, also)) as touched
               where incident is not null and requested_at >= $1
               group by touched having count(*) >= $2 order by 2 desc, 1 limit 5"#,
            since,
            least
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for patterns")
    }

    /// Writes the row as it stands now.
    pub(super) async fn save_meeting(&mut self, meeting: &Meeting, version: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let roster: Vec<String> = meeting.roster.iter().map(|person| person.0.clone()).collect();
        let result = sqlx::query!(
            "insert into cab_meeting (tenant_id, number, version, status, starts_at, called, places, roster, chair,
                                      agenda, patterns, attendance, current, opened_at, opened_by, ended_at, ended_by,
                                      minutes_hash, reviews, pack, decisions)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $20, $21, $22)
             on conflict (tenant_id, number) do update set
                version = excluded.version, status = excluded.status, called = excluded.called,
                places = excluded.places, roster = excluded.roster, chair = excluded.chair, agenda = excluded.agenda,
                patterns = excluded.patterns, attendance = excluded.attendance, current = excluded.current,
                opened_at = excluded.opened_at, opened_by = excluded.opened_by, ended_at = excluded.ended_at,
                ended_by = excluded.ended_by, minutes_hash = excluded.minutes_hash, reviews = excluded.reviews,
                pack = excluded.pack, decisions = excluded.decisions
             where cab_meeting.version = $19",
            tenant,
            meeting.number,
            version,
            meeting.status.as_str(),
            meeting.starts_at,
            meeting.called,
            plain(&meeting.places),
            &roster,
            meeting.chair.as_ref().map(PersonId::as_str),
            plain(&meeting.agenda),
            plain(&meeting.patterns),
            plain(&meeting.attendance),
            meeting.current,
            meeting.opened_at,
            meeting.opened_by.as_ref().map(PersonId::as_str),
            meeting.ended_at,
            meeting.ended_by.as_ref().map(PersonId::as_str),
            meeting.minutes_hash,
            meeting.version,
            plain(&meeting.reviews),
            meeting.pack.as_ref().map(plain),
            plain(&meeting.decisions),
        )
        .execute(self.conn())
        .await
        .doing("saving a meeting")?;
        expect_rows("saving a meeting", 1, &result)?;
        if meeting.version == 0 {
            self.use_up_meeting_number(meeting.number).await?;
        }
        Ok(())
    }

    /// Takes reasons out of the agenda, and decisions out of their list, by what they say.
    pub(super) async fn redact_meeting(
        &mut self,
        number: i64,
        texts: &[String],
        instead: &str,
        seq: i32,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update cab_meeting set version = $3,
                 agenda = (select coalesce(jsonb_agg(
                             case when normalize(item #>> '{deferred,why}') = any ($2)
                                  then jsonb_set(item, '{deferred,why}', to_jsonb($4::text)) else item end
                             order by place), '[]')
                           from jsonb_array_elements(agenda) with ordinality as of (item, place)),
                 decisions = (select coalesce(jsonb_agg(
                                case when normalize(decision ->> 'what') = any ($2)
                                     then jsonb_set(decision, '{what}', to_jsonb($4::text)) else decision end
                                order by place), '[]')
                              from jsonb_array_elements(decisions) with ordinality as of (decision, place))
               where number = $1"#,
            number,
            texts,
            seq,
            instead
        )
        .execute(self.conn())
        .await
        .doing("redacting a meeting")?;
        Ok(())
    }
}

/// Plain data to JSON.
fn plain(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("plain data")
}

fn odd(number: i64, what: &str) -> StoreError {
    StoreError::impossible(format!("CAB-{number} with {what}"))
}

fn read<T: DeserializeOwned>(number: i64, what: &str, value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| odd(number, &format!("an unreadable {what}: {error}")))
}

impl Row {
    fn meeting(self) -> Result<Meeting, StoreError> {
        let number = self.number;
        Ok(Meeting {
            number,
            version: self.version,
            status: MeetingStatus::parse(&self.status).ok_or_else(|| odd(number, "an unknown status"))?,
            starts_at: self.starts_at,
            called: self.called,
            places: read(number, "place", self.places)?,
            roster: self.roster.into_iter().map(PersonId).collect(),
            chair: self.chair.map(PersonId),
            agenda: read(number, "agenda", self.agenda)?,
            patterns: read(number, "pattern", self.patterns)?,
            reviews: read(number, "overdue review", self.reviews)?,
            pack: self.pack.map(|pack| read(number, "data pack", pack)).transpose()?,
            decisions: read(number, "decision", self.decisions)?,
            attendance: read(number, "attendance", self.attendance)?,
            current: self.current,
            opened_at: self.opened_at,
            opened_by: self.opened_by.map(PersonId),
            ended_at: self.ended_at,
            ended_by: self.ended_by.map(PersonId),
            minutes_hash: self.minutes_hash,
        })
    }
}
