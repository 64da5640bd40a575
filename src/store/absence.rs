//! Rows of absences.

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::{Absence, AbsenceEvent, PersonId};

impl Tx {
    /// Those that are not over, oldest first.
    pub(super) async fn absences(&mut self) -> Result<Vec<Absence>, StoreError> {
        let rows = sqlx::query!(
            "select noted, person, starts_at, ends_at, begun from absence where ended_at is null order by noted"
        )
        .fetch_all(self.conn())
        .await
        .doing("reading absences")?;
        let absence = rows.into_iter().map(|row| Absence {
            noted: row.noted,
            person: PersonId(row.person),
            starts: row.starts_at,
            ends: row.ends_at,
            begun: row.begun,
        });
        Ok(absence.collect())
    }

    /// Writes what happened to an absence, under the entry `seq` of ORG.
    pub(super) async fn write_absence(
        &mut self,
        recorded: &Recorded<'_>,
        event: &AbsenceEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = match event {
            AbsenceEvent::Noted { person, starts, ends, .. } => {
                sqlx::query!(
                    "insert into absence (tenant_id, noted, version, person, starts_at, ends_at, begun)
                     values ($1, $2, $2, $3, $4, $5, $6)",
                    tenant,
                    seq,
                    person.as_str(),
                    starts,
                    ends,
                    *starts <= recorded.at
                )
                .execute(self.conn())
                .await
            }
            AbsenceEvent::Began { noted, .. } => {
                sqlx::query!("update absence set version = $2, begun = true where noted = $1", noted, seq)
                    .execute(self.conn())
                    .await
            }
            AbsenceEvent::Ended { noted, .. } => {
                sqlx::query!("update absence set version = $2, ended_at = $3 where noted = $1", noted, seq, recorded.at)
                    .execute(self.conn())
                    .await
            }
        };
        expect_rows("writing an absence", 1, &result.doing("writing an absence")?)?;
        self.mark_organisation(seq).await
    }
}
