//! Rows of changes, their approvals and ballots.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::rules::{ChangeKind, Seat};
use crate::domain::{
    Approval, Ballot, BallotChoice, Change, ChangeStatus, DeadlineKind, PersonId, Platform, Subject, Window,
};

struct Row {
    number: i64,
    version: i32,
    revision: i32,
    kind: String,
    status: String,
    title: String,
    incident: Option<i64>,
    service: String,
    also: Vec<String>,
    requester: String,
    implementer: String,
    impact: String,
    why_now: String,
    rollback: String,
    tested: bool,
    risk_input: Value,
    risk: Value,
    required: Value,
    policy: i32,
    vote: Option<Value>,
    round: i32,
    decide_by: Option<DateTime<Utc>>,
    opens_at: Option<DateTime<Utc>>,
    closes_at: Option<DateTime<Utc>>,
    reapprovals: i32,
    standard: Option<Value>,
    retro: Option<Value>,
    planned_from: Option<DateTime<Utc>>,
    planned_until: Option<DateTime<Utc>>,
    requested_at: DateTime<Utc>,
    approved_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    asks: Value,
    halt: Option<Value>,
    hold: Option<Value>,
    checklist: Value,
    fields: Value,
    escalations: Value,
    validation: Option<Value>,
    walk: Option<Value>,
    conflicts: Value,
    standby: Value,
    rehearsals: Value,
    reviews: Value,
}

impl Tx {
    /// Which incident a change belongs to. `None`: there is no such change.
    pub async fn incident_of_change(&mut self, number: i64) -> Result<Option<Option<i64>>, StoreError> {
        sqlx::query_scalar!("select incident from change where number = $1", number)
            .fetch_optional(self.conn())
            .await
            .doing("looking up the incident of a change")
    }

    /// The change with its approvals and ballots, locked until the transaction ends.
    pub async fn lock_change(&mut self, number: i64) -> Result<Option<Change>, StoreError> {
        let locked = sqlx::query_scalar!("select number from change where number = $1 for update", number)
            .fetch_optional(self.conn())
            .await
            .doing("locking a change")?;
        // Read after the lock is held: what another transaction has just committed is seen.
        if locked.is_some() { self.change(number).await } else { Ok(None) }
    }

    pub async fn change(&mut self, number: i64) -> Result<Option<Change>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            r#"select number, version, revision, kind, status, title, incident, service, also, requester, implementer,
                    impact, why_now, rollback, tested, risk_input, risk, required, policy, vote, round, decide_by, opens_at,
                    closes_at, reapprovals, standard, retro, planned_from, planned_until, requested_at, approved_at,
                    started_at, ended_at, outcome, asks, checklist, fields, halt, hold, validation, walk,
                    coalesce((select jsonb_agg(to_jsonb(one) order by asked) from decision_escalation one
                              where one.tenant_id = change.tenant_id and one.subject = change.subject
                                and one.revision = change.revision), '[]') as "escalations!",
                    coalesce((select jsonb_agg(jsonb_build_object(
                                'holder', substring(one.subject from 5)::bigint, 'other', one.other, 'opened', one.opened,
                                'blocks', one.blocks, 'level', one.level, 'asked_side', one.asked_side, 'due_at', one.due_at,
                                'rival_lost', exists (
                                  select from decision_escalation lost
                                  where lost.tenant_id = one.tenant_id and lost.dispute = 'conflict'
                                    and lost.state in ('denied', 'unanswered')
                                    and lost.subject = case when one.other = number then one.subject
                                                            else 'CHG-' || one.other end)) order by one.opened)
                              from change_conflict one
                              where one.tenant_id = change.tenant_id and one.state = 'open'
                                and (one.subject = change.subject or one.other = number)), '[]') as "conflicts!",
                    coalesce((select jsonb_agg(to_jsonb(one) order by booked) from standby_booking one
                              where one.tenant_id = change.tenant_id and one.subject = change.subject), '[]') as "standby!",
                    coalesce((select jsonb_agg(to_jsonb(one) order by opened) from rehearsal one
                              where one.tenant_id = change.tenant_id and one.subject = change.subject), '[]') as "rehearsals!",
                    coalesce((select jsonb_agg(to_jsonb(one) order by version) from peer_review one
                              where one.tenant_id = change.tenant_id and one.subject = change.subject
                                and one.revision = change.revision), '[]') as "reviews!"
             from change where number = $1"#,
            number
        )
        .fetch_optional(self.conn())
        .await
        .doing("loading a change")?;
        let Some(row) = row else { return Ok(None) };
        let mut change = row.change()?;
        change.approvals = self.approvals(&change).await?;
        change.ballots = self.ballots(&change).await?;
        if change.ended_at.is_some() || change.validation.is_some() {
            change.pir = self.pir(change.subject()).await?;
        }
        change.concerns = self.concerns(&change).await?;
        // Nothing else that waits for votes is an entry.
        if change.kind == ChangeKind::Normal && change.planned.is_none() && change.incident.is_none() {
            change.submits = self.submission(change.subject()).await?;
        }
        // Nobody was told of it yet, and its votes are not to pay for what nobody said.
        if change.revision > 1 || change.status != ChangeStatus::AwaitingApproval {
            change.answers = self.notice_answers(&change).await?;
        }
        if change.kind == ChangeKind::Emergency && change.approved_at.is_some() && change.ended_at.is_none() {
            change.preview = self.armed_deadline(change.subject(), DeadlineKind::NoticePreview).await?;
        }
        // Nobody has a turn before wanting to start, and votes are not to pay for it.
        if !matches!(change.status, ChangeStatus::AwaitingApproval | ChangeStatus::Approved) {
            change.slot = self.slot(&change).await?;
        }
        Ok(Some(change))
    }

    /// The changes of an incident, oldest first, without what is kept beside them.
    pub async fn changes_of_incident(&mut self, incident: i64) -> Result<Vec<Change>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select number, version, revision, kind, status, title, incident, service, also, requester, implementer,
                    impact, why_now, rollback, tested, risk_input, risk, required, policy, vote, round, decide_by, opens_at,
                    closes_at, reapprovals, standard, retro, planned_from, planned_until, requested_at, approved_at,
                    started_at, ended_at, outcome, asks, checklist, fields, halt, hold, validation, walk,
                    '[]'::jsonb as "escalations!", '[]'::jsonb as "conflicts!", '[]'::jsonb as "standby!",
                    '[]'::jsonb as "rehearsals!", '[]'::jsonb as "reviews!"
             from change where incident = $1 order by number"#,
            incident
        )
        .fetch_all(self.conn())
        .await
        .doing("loading the changes of an incident")?;
        rows.into_iter().map(Row::change).collect()
    }

    /// Open changes first, then the latest, newest first, without what is kept beside them.
    pub async fn changes(&mut self, limit: i64) -> Result<Vec<Change>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select number, version, revision, kind, status, title, incident, service, also, requester, implementer,
                    impact, why_now, rollback, tested, risk_input, risk, required, policy, vote, round, decide_by, opens_at,
                    closes_at, reapprovals, standard, retro, planned_from, planned_until, requested_at, approved_at,
                    started_at, ended_at, outcome, asks, checklist, fields, halt, hold, validation, walk,
                    '[]'::jsonb as "escalations!", '[]'::jsonb as "conflicts!", '[]'::jsonb as "standby!",
                    '[]'::jsonb as "rehearsals!", '[]'::jsonb as "reviews!"
             from change order by (ended_at is null or status in ('validating', 'failed')) desc, number desc limit $1"#,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("listing changes")?;
        rows.into_iter().map(Row::change).collect()
    }

    /// The changes that were asked for since then, newest first, before the number `before`.
    pub async fn changes_since(
        &mut self,
        since: DateTime<Utc>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Change>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select number, version, revision, kind, status, title, incident, service, also, requester, implementer,
                    impact, why_now, rollback, tested, risk_input, risk, required, policy, vote, round, decide_by, opens_at,
                    closes_at, reapprovals, standard, retro, planned_from, planned_until, requested_at, approved_at,
                    started_at, ended_at, outcome, asks, checklist, fields, halt, hold, validation, walk,
                    '[]'::jsonb as "escalations!", '[]'::jsonb as "conflicts!", '[]'::jsonb as "standby!",
                    '[]'::jsonb as "rehearsals!", '[]'::jsonb as "reviews!"
             from change where requested_at >= $1 and number < $2 order by number desc limit $3"#,
            since,
            before,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("loading the changes since a moment")?;
        rows.into_iter().map(Row::change).collect()
    }

    /// The numbers of all changes that were agreed to and have not begun, whether freezes hold them up or not.
    pub async fn changes_agreed(&mut self) -> Result<Vec<i64>, StoreError> {
        sqlx::query_scalar!(
            "select number from change where ended_at is null and status in ('approved', 'queued', 'on_hold')
             order by number"
        )
        .fetch_all(self.conn())
        .await
        .doing("listing the changes that were agreed to")
    }

    /// True where another change runs on one of these services.
    pub async fn change_runs_on(&mut self, services: &[String]) -> Result<bool, StoreError> {
        sqlx::query_scalar!(
            r#"select exists (select from change
                              where status = 'implementing' and (service = any ($1) or also && $1)) as "runs!""#,
            services
        )
        .fetch_one(self.conn())
        .await
        .doing("looking for a running change")
    }

    async fn approvals(&mut self, change: &Change) -> Result<Vec<Approval>, StoreError> {
        let rows = sqlx::query!(
            "select seat, person, on_behalf, platform, granted_at, owns from approval
             where subject = $1 and revision = $2 order by version",
            change.subject().to_string(),
            change.revision
        )
        .fetch_all(self.conn())
        .await
        .doing("loading approvals")?;
        rows.into_iter()
            .map(|row| {
                Ok(Approval {
                    seat: Seat::parse(&row.seat).ok_or_else(|| odd(change.number, "an unknown seat"))?,
                    person: PersonId(row.person),
                    on_behalf: row.on_behalf.map(PersonId),
                    platform: Platform::parse(&row.platform).ok_or_else(|| odd(change.number, "an odd platform"))?,
                    at: row.granted_at,
                    owns: row.owns,
                })
            })
            .collect()
    }

    async fn ballots(&mut self, change: &Change) -> Result<Vec<Ballot>, StoreError> {
        let rows = sqlx::query!(
            "select person, on_behalf, choice, why, platform, cast_at, owns from ballot
             where subject = $1 and revision = $2 and round = $3 order by version",
            change.subject().to_string(),
            change.revision,
            change.round
        )
        .fetch_all(self.conn())
        .await
        .doing("loading ballots")?;
        rows.into_iter()
            .map(|row| {
                Ok(Ballot {
                    person: PersonId(row.person),
                    on_behalf: row.on_behalf.map(PersonId),
                    choice: BallotChoice::parse(&row.choice).ok_or_else(|| odd(change.number, "an odd ballot"))?,
                    why: row.why,
                    platform: Platform::parse(&row.platform).ok_or_else(|| odd(change.number, "an odd platform"))?,
                    at: row.cast_at,
                    owns: row.owns,
                })
            })
            .collect()
    }

    pub(super) async fn insert_ballot(
        &mut self,
        subject: Subject,
        version: i32,
        (revision, round): (i32, i32),
        ballot: &Ballot,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into ballot (tenant_id, subject, version, revision, round, person, on_behalf, choice, why, platform,
                                 cast_at, owns)
             values ($1, $2, $3, $4, $10, $5, $11, $6, $7, $8, $9, $12)",
            tenant,
            subject.to_string(),
            version,
            revision,
            ballot.person.as_str(),
            ballot.choice.as_str(),
            ballot.why,
            ballot.platform.as_str(),
            ballot.at,
            round,
            ballot.on_behalf.as_ref().map(PersonId::as_str),
            &ballot.owns
        )
        .execute(self.conn())
        .await
        .doing("casting a ballot")?;
        expect_rows("casting a ballot", 1, &result)
    }

    pub(super) async fn insert_approval(
        &mut self,
        subject: Subject,
        version: i32,
        revision: i32,
        approval: &Approval,
        why: Option<&str>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into approval (tenant_id, subject, version, revision, seat, person, why, platform, granted_at,
                                   on_behalf, owns)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            tenant,
            subject.to_string(),
            version,
            revision,
            approval.seat.as_str(),
            approval.person.as_str(),
            why,
            approval.platform.as_str(),
            approval.at,
            approval.on_behalf.as_ref().map(PersonId::as_str),
            &approval.owns
        )
        .execute(self.conn())
        .await
        .doing("granting a seat")?;
        expect_rows("granting a seat", 1, &result)
    }

    /// Writes the row as it stands now, and what is kept beside it: its turn to run; and of a new one, that its number is
    /// used up. `version` is the entry that says so.
    pub(super) async fn save_change(&mut self, change: &Change, version: i32) -> Result<(), StoreError> {
        self.save_change_row(change, version).await?;
        if let Some(slot) = &change.slot {
            self.save_slot(change, slot, version).await?;
        }
        if change.version == 0 { self.use_up_change_number(change.number).await } else { Ok(()) }
    }

    async fn save_change_row(&mut self, change: &Change, version: i32) -> Result<(), StoreError> {
        let query = sqlx::query!(
            "insert into change (tenant_id, number, version, revision, kind, status, title, incident, service,
                                 requester, implementer, impact, why_now, rollback, tested, risk_input, risk, band,
                                 required, policy, vote, opens_at, closes_at, requested_at, approved_at, started_at,
                                 ended_at, outcome, decide_by, planned_from, planned_until, round, reapprovals, asks,
                                 standard, retro, checklist, halt, hold, validation, fields, walk, also)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                     $22, $23, $24, $25, $26, $27, $28, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44)
             on conflict (tenant_id, number) do update set
                version = excluded.version, revision = excluded.revision, kind = excluded.kind,
                status = excluded.status, title = excluded.title, service = excluded.service,
                implementer = excluded.implementer, impact = excluded.impact, why_now = excluded.why_now,
                rollback = excluded.rollback, tested = excluded.tested, risk_input = excluded.risk_input,
                risk = excluded.risk, band = excluded.band, policy = excluded.policy, required = excluded.required,
                vote = excluded.vote, opens_at = excluded.opens_at, closes_at = excluded.closes_at,
                approved_at = excluded.approved_at, started_at = excluded.started_at, ended_at = excluded.ended_at,
                outcome = excluded.outcome, decide_by = excluded.decide_by, planned_from = excluded.planned_from,
                planned_until = excluded.planned_until, round = excluded.round, reapprovals = excluded.reapprovals,
                asks = excluded.asks, standard = excluded.standard, retro = excluded.retro, halt = excluded.halt,
                checklist = excluded.checklist, hold = excluded.hold, validation = excluded.validation,
                fields = excluded.fields, walk = excluded.walk, also = excluded.also where change.version = $29",
            self.tenant,
            change.number,
            version,
            change.revision,
            change.kind.as_str(),
            change.status.as_str(),
            change.title,
            change.incident,
            change.service,
            change.requester.as_str(),
            change.implementer.as_str(),
            change.impact,
            change.why_now,
            change.rollback_plan,
            change.tested,
            json(&change.factors),
            json(&change.risk),
            change.risk.band.as_str(),
            json(&change.required),
            change.policy,
            change.vote.as_ref().map(json),
            change.window.map(|window| window.opens),
            change.window.map(|window| window.closes),
            change.requested_at,
            change.approved_at,
            change.started_at,
            change.ended_at,
            change.outcome,
            change.version,
            change.decide_by,
            change.planned.map(|planned| planned.opens),
            change.planned.map(|planned| planned.closes),
            change.round,
            i32::try_from(change.reapprovals).unwrap_or(i32::MAX),
            json(&change.asks),
            change.standard.as_ref().map(json),
            change.retro.as_ref().map(json),
            json(&change.checklist),
            change.halt.as_ref().map(json),
            change.hold.as_ref().map(json),
            change.validation.as_ref().map(json),
            json(&change.fields),
            change.walk.as_ref().map(json),
            &change.also,
        );
        let result = query.execute(self.conn()).await.doing("saving a change")?;
        expect_rows("saving a change", 1, &result)
    }
}

/// Plain data to JSON.
fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("plain data")
}

fn odd(number: i64, what: &str) -> StoreError {
    StoreError::impossible(format!("CHG-{number} with {what}"))
}

fn read<T: DeserializeOwned>(number: i64, what: &str, value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| odd(number, &format!("an unreadable {what}: {error}")))
}

impl Row {
    fn change(self) -> Result<Change, StoreError> {
        let number = self.number;
        Ok(Change {
            kind: ChangeKind::parse(&self.kind).ok_or_else(|| odd(number, "an unknown kind"))?,
            status: ChangeStatus::parse(&self.status).ok_or_else(|| odd(number, "an unknown status"))?,
            factors: read(number, "risk input", self.risk_input)?,
            risk: read(number, "risk", self.risk)?,
            required: read(number, "requirement", self.required)?,
            vote: self.vote.map(|vote| read(number, "vote", vote)).transpose()?,
            retro: self.retro.map(|value| read(number, "record after the fact", value)).transpose()?,
            hold: self.hold.map(|value| read(number, "hold", value)).transpose()?,
            halt: self.halt.map(|value| read(number, "halt", value)).transpose()?,
            round: self.round,
            decide_by: self.decide_by,
            slot: None,
            planned: self.planned_from.zip(self.planned_until).map(|(opens, closes)| Window { opens, closes }),
            window: self.opens_at.zip(self.closes_at).map(|(opens, closes)| Window { opens, closes }),
            reapprovals: u32::try_from(self.reapprovals).unwrap_or(0),
            standard: self.standard.map(|value| read(number, "entry of the catalogue", value)).transpose()?,
            number,
            submits: None,
            version: self.version,
            revision: self.revision,
            title: self.title,
            incident: self.incident,
            service: self.service,
            also: self.also,
            requester: PersonId(self.requester),
            implementer: PersonId(self.implementer),
            impact: self.impact,
            why_now: self.why_now,
            rollback_plan: self.rollback,
            tested: self.tested,
            policy: self.policy,
            approvals: Vec::new(),
            asks: read(number, "list of who was asked", self.asks)?,
            ballots: Vec::new(),
            concerns: Vec::new(),
            answers: Vec::new(),
            conflicts: read(number, "list of conflicts", self.conflicts)?,
            standby: read(number, "list of people on standby", self.standby)?,
            rehearsals: read(number, "list of rehearsals", self.rehearsals)?,
            reviews: read(number, "list of reviews", self.reviews)?,
            preview: None,
            escalations: read(number, "list of escalations", self.escalations)?,
            requested_at: self.requested_at,
            approved_at: self.approved_at,
            started_at: self.started_at,
            ended_at: self.ended_at,
            outcome: self.outcome,
            checklist: read(number, "checklist", self.checklist)?,
            fields: read(number, "fields", self.fields)?,
            validation: self.validation.map(|value| read(number, "validation", value)).transpose()?,
            walk: self.walk.map(|value| read(number, "way back", value)).transpose()?,
            pir: None,
        })
    }
}
