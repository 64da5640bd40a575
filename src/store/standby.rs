//! Rows of the people on standby for a change; and what else keeps them busy.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::record::{Recorded, Writes};
use super::{StoreError, Tx};
use crate::domain::event::StandbyEvent;
use crate::domain::rules::StandbyRole;
use crate::domain::standby::{BatchBooking, Engagement, StandbyBooking, StandbyState};
use crate::domain::standby_pool::PoolBooking;
use crate::domain::{Change, PersonId, State, Subject};

/// Engagements that are read at once; an organisation has fewer people on standby.
const ENGAGED_MAX: i64 = 500;

impl Tx {
    /// Who is booked, and not released, for changes that are not over and run in this time, or at a time that nobody knows.
    pub async fn standby_bookings(
        &mut self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<PoolBooking>, StoreError> {
        let rows = sqlx::query!(
            r#"select change.number, one.role, one.person, one.state,
                      coalesce(change.opens_at, change.planned_from) as opens,
                      coalesce(change.closes_at, change.planned_until) as closes
               from standby_booking one
               join change on change.tenant_id = one.tenant_id and change.subject = one.subject
               where one.state in ('requested', 'confirmed', 'confirmed_again') and change.ended_at is null
                 and coalesce(change.opens_at, change.planned_from, $1) < $2
                 and (change.status in ('implementing', 'halted')
                      or coalesce(change.closes_at, change.planned_until, $1) >= $1)
               order by coalesce(change.opens_at, change.planned_from) nulls first, change.number, one.booked limit $3"#,
            from,
            until,
            ENGAGED_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading who is booked to stand by")?;
        let bookings = rows.into_iter().map(|row| {
            let odd = || StoreError::impossible(format!("CHG-{} with an odd booking", row.number));
            Ok(PoolBooking {
                change: row.number,
                role: StandbyRole::parse(&row.role).ok_or_else(odd)?,
                state: StandbyState::parse(&row.state).ok_or_else(odd)?,
                person: PersonId(row.person),
                from: row.opens,
                until: row.closes,
            })
        });
        bookings.collect()
    }

    /// What people do beside a change: the other changes that they stand by for, and the open incidents that they
    /// command, without the change's own. The changes of a batch run one after the other, so that somebody may stand by
    /// for all of them.
    pub async fn engagements(
        &mut self,
        change: i64,
        incident: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Engagement>, StoreError> {
        let rows = sqlx::query!(
            r#"select person as "person!", subject as "subject!", opens as "opens?", closes as "closes?" from (
                 select one.person, one.subject, coalesce(other.opens_at, other.planned_from) as opens,
                        coalesce(other.closes_at, other.planned_until) as closes
                 from standby_booking one
                 join change other on other.tenant_id = one.tenant_id and other.subject = one.subject
                 where one.state in ('requested', 'confirmed', 'confirmed_again') and other.ended_at is null
                   and other.number <> $1
                   and not exists (select from change_batch
                                   where change_batch.ended_at is null and changes @> array[$1::bigint, other.number])
                   and (other.status in ('implementing', 'halted')
                        or coalesce(other.closes_at, other.planned_until, $3) >= $3)
                 union
                 select commander, subject, null, null from incident
                 where ended_at is null and commander is not null and number is distinct from $2
               ) engaged (person, subject, opens, closes) order by subject limit $4"#,
            change,
            incident,
            now,
            ENGAGED_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading who is busy")?;
        let engagement = |subject: String, person, from, until| {
            let with =
                Subject::parse(&subject).ok_or_else(|| StoreError::impossible(format!("{subject} is no record")))?;
            Ok(Engagement { person: PersonId(person), with, from, until })
        };
        rows.into_iter().map(|row| engagement(row.subject, row.person, row.opens, row.closes)).collect()
    }

    /// Somebody's newest booking for a role, for each of these changes that has not begun, by number.
    pub async fn standby_in(
        &mut self,
        changes: &[i64],
        role: StandbyRole,
        person: &PersonId,
    ) -> Result<Vec<BatchBooking>, StoreError> {
        let rows = sqlx::query!(
            r#"select number, title, service, also, state as "state!", starts_at, asked_at from change
               join lateral (select state, starts_at, asked_at from standby_booking one
                             where one.tenant_id = change.tenant_id and one.subject = change.subject and role = $2
                               and person = $3
                             order by booked desc limit 1) booking on true
               where number = any ($1) and started_at is null and ended_at is null order by number"#,
            changes,
            role.as_str(),
            person.as_str()
        )
        .fetch_all(self.conn())
        .await
        .doing("reading who stands by for a batch")?;
        let booking = |state: &str, change: i64| {
            StandbyState::parse(state)
                .ok_or_else(|| StoreError::impossible(format!("CHG-{change} with an unknown booking")))
        };
        rows.into_iter()
            .map(|row| {
                Ok(BatchBooking {
                    change: row.number,
                    state: booking(&row.state, row.number)?,
                    title: row.title,
                    services: std::iter::once(row.service).chain(row.also).collect(),
                    starts_at: row.starts_at,
                    asked_at: row.asked_at,
                })
            })
            .collect()
    }

    /// Writes the row by the entry `seq`, which says what happened to it.
    pub(super) async fn write_standby(
        &mut self,
        recorded: &Recorded<'_>,
        event: &StandbyEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let Writes::State { state: State::Change(change), .. } = &recorded.writes else {
            return Ok(());
        };
        let booked = match event {
            StandbyEvent::Booked { role, person, .. } | StandbyEvent::Taken { role, person, .. } => {
                let is_new = |one: &&StandbyBooking| one.booked == 0 && one.role == *role && &one.person == person;
                let new = change.standby.iter().find(is_new);
                let new = new.ok_or_else(|| StoreError::impossible("somebody on standby who is not there"))?;
                return self.insert_standby(change, new, seq).await;
            }
            StandbyEvent::Exhausted { .. } | StandbyEvent::Alerted { .. } => return Ok(()),
            StandbyEvent::Asked { booked, .. }
            | StandbyEvent::Confirmed { booked, .. }
            | StandbyEvent::Declined { booked, .. }
            | StandbyEvent::Missed { booked, .. }
            | StandbyEvent::Moved { booked, .. }
            | StandbyEvent::Released { booked, .. } => *booked,
        };
        let one = change.standby.iter().find(|one| one.booked == booked);
        let one = one.ok_or_else(|| StoreError::impossible("a booking that is not there"))?;
        let result = sqlx::query!(
            "update standby_booking set version = $3, state = $4, starts_at = $5, asked_at = $6
             where subject = $1 and booked = $2",
            change.subject().to_string(),
            booked,
            seq,
            one.state.as_str(),
            one.starts_at,
            one.asked_at
        )
        .execute(self.conn())
        .await
        .doing("saving who is on standby")?;
        expect_rows("saving who is on standby", 1, &result)
    }

    async fn insert_standby(&mut self, change: &Change, new: &StandbyBooking, seq: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into standby_booking (tenant_id, subject, booked, version, role, person, state, starts_at, asked_at)
             values ($1, $2, $3, $3, $4, $5, $6, $7, $8)",
            tenant,
            change.subject().to_string(),
            seq,
            new.role.as_str(),
            new.person.as_str(),
            new.state.as_str(),
            new.starts_at,
            new.asked_at
        )
        .execute(self.conn())
        .await
        .doing("keeping who is on standby")?;
        expect_rows("keeping who is on standby", 1, &result)
    }
}
