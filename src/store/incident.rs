//! Rows of incidents.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::rules::{Exposure, Priority, TechnicalImpact, Urgency};
use crate::domain::{Incident, IncidentStatus, PersonId, Place, UpdateSchedule};

struct Row {
    number: i64,
    version: i32,
    title: String,
    status: String,
    priority: i16,
    computed: Option<i16>,
    services: Vec<String>,
    impact: Option<String>,
    urgency: Option<String>,
    commander: Option<String>,
    declared_by: Option<String>,
    pending: Option<Value>,
    declared_at: DateTime<Utc>,
    acknowledged_at: Option<DateTime<Utc>>,
    mitigated_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    updates_anchor: DateTime<Utc>,
    updates_next: Option<DateTime<Utc>>,
    major_at: Option<DateTime<Utc>>,
    stood_down_at: Option<DateTime<Utc>>,
    fields: Value,
    drafts: Value,
    watch: Option<Value>,
    checklist: Value,
    exposure: String,
}

impl Tx {
    pub(super) async fn insert_update(
        &mut self,
        recorded: &Recorded<'_>,
        slot: Option<DateTime<Utc>>,
        late: bool,
        seq: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into stakeholder_update (tenant_id, subject, version, slot_at, sent_at, late)
             values ($1, $2, $3, $4, $5, $6)",
            tenant,
            recorded.subject.to_string(),
            seq,
            slot,
            recorded.at,
            late
        )
        .execute(self.conn())
        .await
        .doing("keeping an update")?;
        expect_rows("keeping an update", 1, &result)
    }

    /// The incident, locked until the transaction ends: of two commands on it, one waits and then sees the other's.
    pub async fn lock_incident(&mut self, number: i64) -> Result<Option<Incident>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            "select number, version, title, status, priority, computed, services, impact, urgency, commander,
                    declared_by, pending, declared_at, acknowledged_at, mitigated_at, ended_at, outcome,
                    updates_anchor, updates_next, major_at, stood_down_at, fields, drafts, watch, checklist,
                    exposure
             from incident where number = $1 for update",
            number
        )
        .fetch_optional(self.conn())
        .await
        .doing("loading an incident under lock")?;
        row.map(Row::incident).transpose()
    }

    /// The same, of the incident whose war room this is.
    pub async fn lock_incident_of_room(&mut self, room: &Place) -> Result<Option<Incident>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            "select number, version, title, status, priority, computed, services, impact, urgency, commander,
                    declared_by, pending, declared_at, acknowledged_at, mitigated_at, ended_at, outcome,
                    updates_anchor, updates_next, major_at, stood_down_at, fields, drafts, watch, checklist,
                    exposure
             from incident
             where subject = (select subject from room where platform = $1 and workspace = $2 and channel = $3)
             for update",
            room.platform.as_str(),
            room.workspace,
            room.channel
        )
        .fetch_optional(self.conn())
        .await
        .doing("loading a room's incident under lock")?;
        row.map(Row::incident).transpose()
    }

    pub async fn incident(&mut self, number: i64) -> Result<Option<Incident>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            "select number, version, title, status, priority, computed, services, impact, urgency, commander,
                    declared_by, pending, declared_at, acknowledged_at, mitigated_at, ended_at, outcome,
                    updates_anchor, updates_next, major_at, stood_down_at, fields, drafts, watch, checklist,
                    exposure
             from incident where number = $1",
            number
        )
        .fetch_optional(self.conn())
        .await
        .doing("loading an incident")?;
        row.map(Row::incident).transpose()
    }

    /// Open incidents first, then the latest, newest first.
    pub async fn incidents(&mut self, limit: i64) -> Result<Vec<Incident>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select number, version, title, status, priority, computed, services, impact, urgency, commander,
                    declared_by, pending, declared_at, acknowledged_at, mitigated_at, ended_at, outcome,
                    updates_anchor, updates_next, major_at, stood_down_at, fields, drafts, watch, checklist,
                    exposure
             from incident order by (ended_at is null) desc, number desc limit $1",
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("listing incidents")?;
        rows.into_iter().map(Row::incident).collect()
    }

    /// The incidents that were declared since then, newest first, before the number `before`.
    pub async fn incidents_since(
        &mut self,
        since: DateTime<Utc>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Incident>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select number, version, title, status, priority, computed, services, impact, urgency, commander,
                    declared_by, pending, declared_at, acknowledged_at, mitigated_at, ended_at, outcome,
                    updates_anchor, updates_next, major_at, stood_down_at, fields, drafts, watch, checklist,
                    exposure
             from incident where declared_at >= $1 and number < $2 order by number desc limit $3",
            since,
            before,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("loading the incidents since a moment")?;
        rows.into_iter().map(Row::incident).collect()
    }

    /// Writes the row as it stands now; `version` is the entry that says so. What a declaration fixes (who, when) is
    /// written once.
    pub(super) async fn save_incident(&mut self, incident: &Incident, version: i32) -> Result<(), StoreError> {
        if incident.version == 0 {
            self.insert_incident(incident, version).await?;
            return self.use_up_incident_number(incident.number).await;
        }
        let columns = Columns::of(incident);
        let result = sqlx::query!(
            "update incident set
                version = $2, title = $3, status = $4, priority = $5, computed = $6, services = $7, impact = $8,
                urgency = $9, commander = $10, pending = $11, acknowledged_at = $12, mitigated_at = $13, ended_at = $14,
                outcome = $15, updates_anchor = $16, updates_next = $17, major_at = $18, stood_down_at = $19,
                fields = $20, drafts = $21, watch = $22, checklist = $23, exposure = $24
             where number = $1 and version = $25",
            incident.number,
            version,
            incident.title,
            columns.status,
            columns.priority,
            columns.computed,
            &incident.services,
            columns.impact,
            columns.urgency,
            columns.commander,
            columns.pending,
            incident.acknowledged_at,
            incident.mitigated_at,
            incident.ended_at,
            incident.outcome,
            incident.updates.anchor,
            incident.updates.next,
            incident.major_at,
            incident.stood_down_at,
            columns.fields,
            columns.drafts,
            columns.watch,
            columns.checklist,
            incident.exposure.as_str(),
            incident.version,
        )
        .execute(self.conn())
        .await
        .doing("saving an incident")?;
        expect_rows("saving an incident", 1, &result)
    }

    async fn insert_incident(&mut self, incident: &Incident, version: i32) -> Result<(), StoreError> {
        let columns = Columns::of(incident);
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into incident (tenant_id, number, version, title, status, priority, computed, services, impact,
                                   urgency, commander, declared_by, pending, declared_at, acknowledged_at,
                                   mitigated_at, ended_at, outcome, updates_anchor, updates_next, major_at,
                                   stood_down_at, fields, drafts, watch, checklist, exposure)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                     $22, $23, $24, $25, $26, $27)",
            tenant,
            incident.number,
            version,
            incident.title,
            columns.status,
            columns.priority,
            columns.computed,
            &incident.services,
            columns.impact,
            columns.urgency,
            columns.commander,
            incident.declared_by.as_ref().map(PersonId::as_str),
            columns.pending,
            incident.declared_at,
            incident.acknowledged_at,
            incident.mitigated_at,
            incident.ended_at,
            incident.outcome,
            incident.updates.anchor,
            incident.updates.next,
            incident.major_at,
            incident.stood_down_at,
            columns.fields,
            columns.drafts,
            columns.watch,
            columns.checklist,
            incident.exposure.as_str(),
        )
        .execute(self.conn())
        .await
        .doing("saving a new incident")?;
        expect_rows("saving a new incident", 1, &result)
    }
}

/// What of an incident is another type in its row.
struct Columns<'a> {
    status: &'a str,
    priority: i16,
    computed: Option<i16>,
    impact: Option<&'a str>,
    urgency: Option<&'a str>,
    commander: Option<&'a str>,
    pending: Option<Value>,
    fields: Value,
    drafts: Value,
    watch: Option<Value>,
    checklist: Value,
}

impl<'a> Columns<'a> {
    fn of(incident: &'a Incident) -> Columns<'a> {
        Columns {
            status: incident.status.as_str(),
            priority: i16::from(incident.priority.number()),
            computed: incident.computed.map(|priority| i16::from(priority.number())),
            impact: incident.impact.map(TechnicalImpact::as_str),
            urgency: incident.urgency.map(Urgency::as_str),
            commander: incident.commander.as_ref().map(PersonId::as_str),
            pending: incident.pending.as_ref().map(json),
            fields: json(&incident.fields),
            drafts: json(&incident.drafts),
            watch: incident.watch.as_ref().map(json),
            checklist: json(&incident.checklist),
        }
    }
}

fn json(plain: &impl serde::Serialize) -> Value {
    serde_json::to_value(plain).expect("plain data")
}

impl Row {
    fn incident(self) -> Result<Incident, StoreError> {
        let odd = |what: &str| StoreError::impossible(format!("INC-{} with {what}", self.number));
        let priority = |number: i16| {
            u8::try_from(number).ok().and_then(Priority::of_number).ok_or_else(|| odd("an unknown priority"))
        };
        Ok(Incident {
            status: IncidentStatus::parse(&self.status).ok_or_else(|| odd("an unknown status"))?,
            priority: priority(self.priority)?,
            computed: self.computed.map(priority).transpose()?,
            impact: self.impact.as_deref().and_then(TechnicalImpact::parse),
            urgency: self.urgency.as_deref().and_then(Urgency::parse),
            exposure: Exposure::parse(&self.exposure).ok_or_else(|| odd("an unknown exposure"))?,
            pending: match &self.pending {
                Some(value) => {
                    Some(serde_json::from_value(value.clone()).map_err(|_| odd("an unreadable pending step"))?)
                }
                None => None,
            },
            checklist: serde_json::from_value(self.checklist.clone()).map_err(|_| odd("an unreadable checklist"))?,
            drafts: serde_json::from_value(self.drafts.clone()).map_err(|_| odd("unreadable drafts"))?,
            watch: self
                .watch
                .clone()
                .map(serde_json::from_value)
                .transpose()
                .map_err(|_| odd("an unreadable watch"))?,
            number: self.number,
            version: self.version,
            title: self.title,
            services: self.services,
            commander: self.commander.map(PersonId),
            declared_by: self.declared_by.map(PersonId),
            declared_at: self.declared_at,
            major_at: self.major_at,
            stood_down_at: self.stood_down_at,
            acknowledged_at: self.acknowledged_at,
            mitigated_at: self.mitigated_at,
            ended_at: self.ended_at,
            outcome: self.outcome,
            updates: UpdateSchedule { anchor: self.updates_anchor, next: self.updates_next },
            fields: serde_json::from_value(self.fields.clone()).map_err(|_| odd("unreadable fields"))?,
        })
    }
}
