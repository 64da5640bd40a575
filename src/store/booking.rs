//! What is booked: the windows of changes that are not over, and the incidents that are open beside them.

use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::PersonId;
use crate::domain::rules::{ChangeKind, OpenFor, Planned, Priority, Trouble};

/// Windows that a change is held against, the earliest first.
const BOOKED_MAX: i64 = 1_000;

impl Tx {
    /// The windows that end after `since`, given or asked for, by their beginning.
    pub async fn booked(&mut self, since: DateTime<Utc>) -> Result<Vec<Planned>, StoreError> {
        let rows = sqlx::query!(
            r#"select number, kind, service, also, implementer, incident, opens_at is not null as "fixed!",
                      coalesce(opens_at, planned_from) as "from!", coalesce(closes_at, planned_until) as "until!"
               from change
               where ended_at is null and status <> 'window_expired' and coalesce(closes_at, planned_until) > $1
               order by coalesce(opens_at, planned_from), number limit $2"#,
            since,
            BOOKED_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what is booked")?;
        let planned = rows.into_iter().map(|row| {
            let kind = ChangeKind::parse(&row.kind)
                .ok_or_else(|| StoreError::impossible(format!("CHG-{} of an unknown kind", row.number)))?;
            Ok(Planned {
                number: row.number,
                services: std::iter::once(row.service).chain(row.also).collect(),
                from: row.from,
                until: row.until,
                implementer: PersonId(row.implementer),
                incident: row.incident,
                urgent: kind == ChangeKind::Emergency,
                fixed: row.fixed,
            })
        });
        planned.collect()
    }

    /// The incidents of this priority or a higher one that are open, or were after `since`.
    pub async fn open_since(&mut self, lowest: Priority, since: DateTime<Utc>) -> Result<Vec<OpenFor>, StoreError> {
        let rows = sqlx::query!(
            "select priority, declared_at, ended_at from incident
             where priority <= $1 and (ended_at is null or ended_at > $2) order by number limit $3",
            i16::from(lowest.number()),
            since,
            BOOKED_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what is open")?;
        let open = rows.into_iter().map(|row| {
            let priority = u8::try_from(row.priority).ok().and_then(Priority::of_number);
            let priority = priority.ok_or_else(|| StoreError::impossible("an incident without a priority"))?;
            Ok(OpenFor { priority, from: row.declared_at, until: row.ended_at })
        });
        open.collect()
    }

    /// The open incidents, and what they are on, without those that this change helps to end: by the word of somebody
    /// who does not carry it out; and without those whose commander lets this revision of it start beside them.
    pub async fn troubles(&mut self, change: i64) -> Result<Vec<Trouble>, StoreError> {
        let rows = sqlx::query!(
            "select number, priority, services from incident
             where ended_at is null and not exists (
               select from incident_change_link link
               join change on change.tenant_id = link.tenant_id and change.number = link.change
               where link.incident = incident.number and link.change = $1 and link.kind = 'resolves'
                 and link.state = 'confirmed' and link.decided_by <> change.implementer)
               and not exists (
                 select from change_claim claim
                 join change on change.tenant_id = claim.tenant_id and change.subject = claim.subject
                 where claim.incident = incident.number and change.number = $1 and claim.kind = 'clearance'
                   and claim.state = 'confirmed' and claim.revision = change.revision)
             order by number",
            change
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what is in trouble")?;
        let troubles = rows.into_iter().map(|row| {
            let priority = u8::try_from(row.priority)
                .ok()
                .and_then(Priority::of_number)
                .ok_or_else(|| StoreError::impossible(format!("INC-{} with an unknown priority", row.number)))?;
            Ok(Trouble { incident: row.number, priority, services: row.services })
        });
        troubles.collect()
    }
}
