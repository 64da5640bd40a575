//! Rows of the rehearsals of a change's way back.

use super::error::{Doing, expect_rows};
use super::record::{Recorded, Writes};
use super::{StoreError, Tx};
use crate::domain::event::RehearsalEvent;
use crate::domain::rehearsal::{EarlierRehearsal, Environment, Rehearsal};
use crate::domain::{Change, PersonId, State, Subject};

/// Results that are read at once, the newest: an older one of the same steps is no news.
const RESULTS_MAX: i64 = 200;

impl Tx {
    /// The results of rehearsals of changes whose main service is one of these, newest first, without those of one change.
    pub async fn rehearsals_on(&mut self, services: &[String], but: i64) -> Result<Vec<EarlierRehearsal>, StoreError> {
        let rows = sqlx::query!(
            r#"select subject, plan as "plan!", state = 'proven' as "proven!", decided_at as "decided_at!" from rehearsal
               where service = any ($1) and subject <> $2 and state in ('proven', 'failed') and plan is not null
                 and decided_at is not null
               order by decided_at desc limit $3"#,
            services,
            Subject::Change(but).to_string(),
            RESULTS_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading earlier rehearsals")?;
        let earlier = |subject: String, plan, proven, decided_at| match Subject::parse(&subject) {
            Some(Subject::Change(change)) => Ok(EarlierRehearsal { change, plan, proven, decided_at }),
            _ => Err(StoreError::impossible(format!("a rehearsal of {subject}"))),
        };
        rows.into_iter().map(|row| earlier(row.subject, row.plan, row.proven, row.decided_at)).collect()
    }

    /// Writes the row by the entry `seq`, which says what happened to it.
    pub(super) async fn write_rehearsal(
        &mut self,
        recorded: &Recorded<'_>,
        event: &RehearsalEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let Writes::State { state: State::Change(change), .. } = &recorded.writes else {
            return Ok(());
        };
        let opened = match event {
            RehearsalEvent::Asked { .. } => 0,
            RehearsalEvent::Planned { opened, .. } | RehearsalEvent::Waived { opened, .. } => opened.unwrap_or(0),
            RehearsalEvent::Begun { opened, .. }
            | RehearsalEvent::Proven { opened, .. }
            | RehearsalEvent::Failed { opened, .. }
            | RehearsalEvent::Moved { opened, .. } => *opened,
            RehearsalEvent::Reminded { .. } | RehearsalEvent::Voided { .. } => return Ok(()),
        };
        let one = change.rehearsals.iter().find(|one| one.opened == opened);
        let one = one.ok_or_else(|| StoreError::impossible("a rehearsal that is not there"))?;
        if opened == 0 {
            self.insert_rehearsal(change, one, seq).await
        } else {
            self.update_rehearsal(change, one, seq).await
        }
    }

    async fn update_rehearsal(&mut self, change: &Change, one: &Rehearsal, seq: i32) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "update rehearsal set version = $3, service = $4, state = $5, plan = $6, environment = $7, observer = $8,
                    minutes = $9, due_at = $10, moved = $11, began_at = $12, took = $13, decided_at = $14
             where subject = $1 and opened = $2",
            change.subject().to_string(),
            one.opened,
            seq,
            change.service,
            one.state.as_str(),
            one.plan,
            one.environment.as_ref().map(Environment::as_str),
            one.observer.as_ref().map(PersonId::as_str),
            one.minutes,
            one.due_at,
            one.moved,
            one.began_at,
            one.took,
            one.decided_at
        )
        .execute(self.conn())
        .await
        .doing("saving a rehearsal")?;
        expect_rows("saving a rehearsal", 1, &result)
    }

    async fn insert_rehearsal(&mut self, change: &Change, one: &Rehearsal, seq: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into rehearsal (tenant_id, subject, opened, version, service, state, plan, environment, observer,
                                    minutes, due_at, moved, began_at, took, decided_at)
             values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            tenant,
            change.subject().to_string(),
            seq,
            change.service,
            one.state.as_str(),
            one.plan,
            one.environment.as_ref().map(Environment::as_str),
            one.observer.as_ref().map(PersonId::as_str),
            one.minutes,
            one.due_at,
            one.moved,
            one.began_at,
            one.took,
            one.decided_at
        )
        .execute(self.conn())
        .await
        .doing("keeping a rehearsal")?;
        expect_rows("keeping a rehearsal", 1, &result)
    }
}
