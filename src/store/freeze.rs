//! Rows of freezes and of the overrides that are asked of them.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::privacy::ERASED;
use crate::domain::rules::{ChangeKind, Every, FreezeKind};
use crate::domain::{Freeze, FreezeEvent, FreezeOverride, FreezeStatus, OverrideState, PersonId, Subject};

struct Row {
    number: i64,
    version: i32,
    kind: String,
    hard: bool,
    wide: bool,
    status: String,
    services: Vec<String>,
    blocks: Vec<String>,
    why: String,
    incident: Option<i64>,
    created_by: Option<String>,
    created_at: DateTime<Utc>,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    every: Option<String>,
    agreed: Vec<String>,
    settling_from: Option<DateTime<Utc>>,
    warned: bool,
    notices: Vec<DateTime<Utc>>,
    review_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// The freeze with its overrides, locked until the transaction ends.
    pub async fn lock_freeze(&mut self, number: i64) -> Result<Option<Freeze>, StoreError> {
        let locked = sqlx::query_scalar!("select number from change_freeze where number = $1 for update", number)
            .fetch_optional(self.conn())
            .await
            .doing("locking a freeze")?;
        // Read after the lock is held: what another transaction has just committed is seen.
        if locked.is_some() { self.freeze(number).await } else { Ok(None) }
    }

    /// All that are not over, locked in the order of their numbers until the transaction ends.
    pub async fn lock_open_freezes(&mut self) -> Result<Vec<Freeze>, StoreError> {
        let locked =
            sqlx::query_scalar!("select number from change_freeze where ended_at is null order by number for update")
                .fetch_all(self.conn())
                .await
                .doing("locking the open freezes")?;
        if locked.is_empty() { Ok(Vec::new()) } else { self.open_freezes().await }
    }

    /// The incident that a freeze protects, read without a lock; `None` where there is no such freeze.
    pub async fn incident_of_freeze(&mut self, number: i64) -> Result<Option<Option<i64>>, StoreError> {
        sqlx::query_scalar!("select incident from change_freeze where number = $1", number)
            .fetch_optional(self.conn())
            .await
            .doing("looking up the incident of a freeze")
    }

    pub async fn freeze(&mut self, number: i64) -> Result<Option<Freeze>, StoreError> {
        Ok(self.freezes_where(Some(number), false, 1).await?.pop())
    }

    /// All that are not over, the oldest first.
    pub async fn open_freezes(&mut self) -> Result<Vec<Freeze>, StoreError> {
        let mut open = self.freezes_where(None, true, i64::from(i16::MAX)).await?;
        open.sort_by_key(|freeze| freeze.number);
        Ok(open)
    }

    /// Those that are not over first, then the latest.
    pub async fn freezes(&mut self, limit: i64) -> Result<Vec<Freeze>, StoreError> {
        self.freezes_where(None, false, limit).await
    }

    async fn freezes_where(
        &mut self,
        number: Option<i64>,
        only_open: bool,
        limit: i64,
    ) -> Result<Vec<Freeze>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select number, version, kind, hard, wide, status, services, blocks, why, incident, created_by, created_at,
                    starts_at, ends_at, every, agreed, settling_from, warned, notices, review_at, ended_at
             from change_freeze where ($1::bigint is null or number = $1) and (ended_at is null or not $2)
             order by (ended_at is null) desc, number desc limit $3",
            number,
            only_open,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("loading freezes")?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut freezes: Vec<Freeze> = rows.into_iter().map(Row::freeze).collect::<Result<_, StoreError>>()?;
        self.fill_overrides(&mut freezes).await?;
        Ok(freezes)
    }

    async fn fill_overrides(&mut self, freezes: &mut [Freeze]) -> Result<(), StoreError> {
        let subjects: Vec<String> = freezes.iter().map(|freeze| freeze.subject().to_string()).collect();
        let rows = sqlx::query!(
            "select subject, change, revision, state, asked_by, why, asked_at, authority, second, valid_until
             from freeze_override where subject = any ($1) order by subject, asked",
            &subjects
        )
        .fetch_all(self.conn())
        .await
        .doing("loading overrides")?;
        for row in rows {
            let state = OverrideState::parse(&row.state).ok_or_else(|| odd(&row.subject, "an unknown override"))?;
            let one = FreezeOverride {
                change: row.change,
                revision: row.revision,
                state,
                by: PersonId(row.asked_by),
                why: row.why.unwrap_or_else(|| ERASED.to_owned()),
                asked_at: row.asked_at,
                authority: row.authority.map(PersonId),
                second: row.second.map(PersonId),
                valid_until: row.valid_until,
            };
            let of = freezes.iter_mut().find(|freeze| Subject::parse(&row.subject) == Some(freeze.subject()));
            of.ok_or_else(|| odd(&row.subject, "an override of nothing"))?.overrides.push(one);
        }
        Ok(())
    }

    /// Lets no freeze begin until the transaction ends: what starts meanwhile has met every one.
    pub async fn hold_new_freezes(&mut self) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!("select id from tenant where id = $1 for share", tenant)
            .fetch_one(self.conn())
            .await
            .doing("holding new freezes")
            .map(drop)
    }

    /// The freezes that an incident had, the oldest first.
    pub async fn freezes_of_incident(&mut self, incident: i64) -> Result<Vec<Subject>, StoreError> {
        let numbers =
            sqlx::query_scalar!("select number from change_freeze where incident = $1 order by number", incident)
                .fetch_all(self.conn())
                .await
                .doing("looking up the freezes of an incident")?;
        Ok(numbers.into_iter().map(Subject::Freeze).collect())
    }

    /// Writes the row as it stands now; its overrides are written with their events.
    pub(super) async fn save_freeze(&mut self, freeze: &Freeze, version: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into change_freeze (tenant_id, number, version, kind, hard, wide, status, services, why, incident,
                                        created_by, created_at, starts_at, ends_at, settling_from, warned, notices,
                                        review_at, ended_at, every, agreed, blocks)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $21, $22, $23)
             on conflict (tenant_id, number) do update set
                version = excluded.version, kind = excluded.kind, wide = excluded.wide, status = excluded.status,
                ends_at = excluded.ends_at, settling_from = excluded.settling_from, warned = excluded.warned,
                notices = excluded.notices, review_at = excluded.review_at, ended_at = excluded.ended_at,
                agreed = excluded.agreed
             where change_freeze.version = $20",
            tenant,
            freeze.number,
            version,
            freeze.kind.as_str(),
            freeze.hard,
            freeze.wide,
            freeze.status.as_str(),
            &freeze.services,
            freeze.why,
            freeze.incident,
            freeze.by.as_ref().map(PersonId::as_str),
            freeze.created_at,
            freeze.from,
            freeze.until,
            freeze.settling_from,
            freeze.warned,
            &freeze.notices,
            freeze.review_at,
            freeze.ended_at,
            freeze.version,
            freeze.every.map(Every::as_str),
            &freeze.agreed.iter().map(|person| person.0.clone()).collect::<Vec<_>>(),
            &freeze.blocks.iter().map(|kind| kind.as_str().to_owned()).collect::<Vec<_>>(),
        )
        .execute(self.conn())
        .await
        .doing("saving a freeze")?;
        expect_rows("saving a freeze", 1, &result)?;
        if freeze.version == 0 {
            self.use_up_freeze_number(freeze.number).await?;
        }
        Ok(())
    }

    /// The override that an event is about, as the freeze has it now.
    pub(super) async fn write_override(
        &mut self,
        freeze: &Freeze,
        event: &FreezeEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let (change, revision) = match event {
            FreezeEvent::OverrideRequested { change, revision, .. } => {
                let asked = last_of(freeze, *change, *revision)?;
                return self.insert_override(freeze, asked, seq).await;
            }
            FreezeEvent::OverrideSigned { change, revision, .. }
            | FreezeEvent::OverrideGranted { change, revision, .. }
            | FreezeEvent::OverrideDenied { change, revision, .. }
            | FreezeEvent::OverrideUsed { change, revision }
            | FreezeEvent::OverrideExpired { change, revision }
            | FreezeEvent::OverrideVoid { change, revision } => (*change, *revision),
            FreezeEvent::Created(_)
            | FreezeEvent::Agreed { .. }
            | FreezeEvent::Objected { .. }
            | FreezeEvent::Awaited { .. }
            | FreezeEvent::NotAgreed { .. }
            | FreezeEvent::Announced { .. }
            | FreezeEvent::Begun { .. }
            | FreezeEvent::Stabilising { .. }
            | FreezeEvent::Restored { .. }
            | FreezeEvent::Extended { .. }
            | FreezeEvent::Ending { .. }
            | FreezeEvent::ReviewDue { .. }
            | FreezeEvent::Lifted { .. }
            | FreezeEvent::Cancelled { .. }
            | FreezeEvent::Passed { .. } => return Ok(()),
        };
        let now = last_of(freeze, change, revision)?;
        let tenant = self.tenant;
        let result = sqlx::query!(
            "update freeze_override set version = $5, state = $6, authority = $7, second = $8, valid_until = $9
             where tenant_id = $1 and subject = $2 and asked = (
               select max(asked) from freeze_override newest
               where newest.tenant_id = $1 and newest.subject = $2 and newest.change = $3 and newest.revision = $4)",
            tenant,
            freeze.subject().to_string(),
            change,
            revision,
            seq,
            now.state.as_str(),
            now.authority.as_ref().map(PersonId::as_str),
            now.second.as_ref().map(PersonId::as_str),
            now.valid_until,
        )
        .execute(self.conn())
        .await
        .doing("saving an override")?;
        expect_rows("saving an override", 1, &result)
    }

    async fn insert_override(&mut self, freeze: &Freeze, asked: &FreezeOverride, seq: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into freeze_override (tenant_id, subject, asked, version, change, revision, state, asked_by, why,
                                          asked_at)
             values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9)",
            tenant,
            freeze.subject().to_string(),
            seq,
            asked.change,
            asked.revision,
            asked.state.as_str(),
            asked.by.as_str(),
            asked.why,
            asked.asked_at,
        )
        .execute(self.conn())
        .await
        .doing("asking for an override")?;
        expect_rows("asking for an override", 1, &result)
    }
}

/// The newest override of a revision: an earlier one of the same revision is over.
fn last_of(freeze: &Freeze, change: i64, revision: i32) -> Result<&FreezeOverride, StoreError> {
    let found = freeze.overrides.iter().rev().find(|of| of.change == change && of.revision == revision);
    found.ok_or_else(|| odd(&freeze.subject().to_string(), "an event of no override"))
}

fn odd(subject: &str, what: &str) -> StoreError {
    StoreError::impossible(format!("{subject} with {what}"))
}

impl Row {
    fn freeze(self) -> Result<Freeze, StoreError> {
        let odd = |what: &str| odd(&format!("FRZ-{}", self.number), what);
        Ok(Freeze {
            kind: FreezeKind::parse(&self.kind).ok_or_else(|| odd("an unknown kind"))?,
            status: FreezeStatus::parse(&self.status).ok_or_else(|| odd("an unknown status"))?,
            number: self.number,
            version: self.version,
            hard: self.hard,
            wide: self.wide,
            services: self.services,
            blocks: self
                .blocks
                .iter()
                .map(|kind| ChangeKind::parse(kind).ok_or_else(|| odd("an unknown type of changes")))
                .collect::<Result<_, _>>()?,
            why: self.why,
            incident: self.incident,
            by: self.created_by.map(PersonId),
            created_at: self.created_at,
            from: self.starts_at,
            until: self.ends_at,
            every: self
                .every
                .map(|every| Every::parse(&every).ok_or_else(|| odd("an unknown repetition")))
                .transpose()?,
            agreed: self.agreed.into_iter().map(PersonId).collect(),
            settling_from: self.settling_from,
            warned: self.warned,
            notices: self.notices,
            review_at: self.review_at,
            ended_at: self.ended_at,
            overrides: Vec::new(),
        })
    }
}
