//! Charters of teams: as the organisation file says them, and their rows.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::error::{Doing, expect_rows};
use super::organisation_file::OrganisationFile;
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::event::CharterEvent;
use crate::domain::{Charter, Organisation, PersonId};
use crate::ledger::hex;

/// A week: who can be reached later than that is not on any list.
const MINUTES_MAX: i32 = 7 * 24 * 60;
/// What fits one message of Discord, with what stands around it.
const RESPONSIBILITIES_CHARS_MAX: usize = 1_500;
/// Successors that are paged one after the other.
const SUCCESSORS_MAX: usize = 10;

/// A charter as people write it, below its team.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct CharterEntry {
    pub responsibilities: String,
    pub availability_minutes: i32,
    /// Who takes over, the first one first.
    pub succession: Vec<String>,
}

impl OrganisationFile {
    /// What is wrong with the charters.
    pub(super) fn charter_problems(&self, problems: &mut Vec<String>) {
        let people: BTreeSet<&str> = self.person.iter().map(|person| person.key.as_str()).collect();
        for (team, charter) in self.team.iter().filter_map(|team| Some((&team.key, team.charter.as_ref()?))) {
            let mut wrong = |sentence: String| problems.push(format!("the charter of team {team} {sentence}"));
            if !(1..=MINUTES_MAX).contains(&charter.availability_minutes) {
                wrong(format!("says {} minutes; write 1 to {MINUTES_MAX}.", charter.availability_minutes));
            }
            let length = charter.responsibilities.trim().chars().count();
            if !(1..=RESPONSIBILITIES_CHARS_MAX).contains(&length) {
                wrong(format!("has responsibilities of {length} characters; write 1 to {RESPONSIBILITIES_CHARS_MAX}."));
            }
            let mut seen = BTreeSet::new();
            for person in &charter.succession {
                if !people.contains(person.as_str()) {
                    wrong(format!(
                        "has “{person}” in its succession, who is not in the file: whoever left takes over nothing."
                    ));
                }
                if !seen.insert(person) {
                    wrong(format!("has {person} in its succession twice."));
                }
            }
            if !(1..=SUCCESSORS_MAX).contains(&charter.succession.len()) {
                wrong(format!("names {} successors; write 1 to {SUCCESSORS_MAX}.", charter.succession.len()));
            }
        }
    }

    /// The new editions that the file makes of what is written: `organisation` knows its people already.
    pub fn new_charters(&self, organisation: &Organisation) -> Vec<CharterEvent> {
        let id =
            |key: &String| organisation.people.values().find(|person| &person.key == key).map(|one| one.id.clone());
        let published = self.team.iter().filter_map(|team| {
            let entry = team.charter.as_ref()?;
            let succession: Vec<PersonId> = entry.succession.iter().filter_map(id).collect();
            let before = organisation.charter(&team.key);
            let is_same = before.is_some_and(|before| {
                before.responsibilities == entry.responsibilities
                    && before.availability_minutes == entry.availability_minutes
                    && before.succession == succession
            });
            (!is_same).then(|| CharterEvent::Published {
                team: team.key.clone(),
                edition: 0,
                hash: hash_of(&entry.responsibilities),
                minutes: entry.availability_minutes,
                succession,
                responsibilities: entry.responsibilities.clone(),
            })
        });
        published.collect()
    }
}

fn hash_of(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(text.as_bytes()))
}

impl Tx {
    /// The editions that hold, with who has acknowledged each.
    pub(super) async fn charters(&mut self) -> Result<Vec<Charter>, StoreError> {
        let rows = sqlx::query!(
            r#"select c.version, c.team, c.edition, c.responsibilities, c.availability_minutes, c.succession, c.published_at,
                      array(select person from charter_acknowledgement a where a.charter = c.version order by a.version)
                        as "acknowledged!",
                      said.reviewed_at as "reviewed_at?", said.asked_at as "asked_at?", said.late_at as "late_at?"
               from charter c join team t on t.tenant_id = c.tenant_id and t.key = c.team and t.charter = c.version
               left join lateral (select max(said_at) filter (where said = 'reviewed') as reviewed_at,
                                         max(said_at) filter (where said = 'asked') as asked_at,
                                         max(said_at) filter (where said = 'late') as late_at
                                  from charter_review r where r.charter = c.version) said on true
               order by c.team"#
        )
        .fetch_all(self.conn())
        .await
        .doing("reading charters")?;
        let ids = |people: Vec<String>| people.into_iter().map(PersonId).collect();
        let charter = rows.into_iter().map(|row| Charter {
            entry: row.version,
            team: row.team,
            edition: row.edition,
            responsibilities: row.responsibilities,
            availability_minutes: row.availability_minutes,
            succession: ids(row.succession),
            published_at: row.published_at,
            acknowledged: ids(row.acknowledged),
            reviewed_at: row.reviewed_at,
            review_asked_at: row.asked_at,
            review_late_at: row.late_at,
        });
        Ok(charter.collect())
    }

    /// The editions that teams have had, so that the next one of each is known.
    pub async fn last_edition(&mut self, team: &str) -> Result<i32, StoreError> {
        let last = sqlx::query_scalar!("select max(edition) from charter where team = $1", team);
        Ok(last.fetch_one(self.conn()).await.doing("counting editions of a charter")?.unwrap_or(0))
    }

    /// Writes what happened to a charter, under the entry `seq` of ORG.
    pub(super) async fn write_charter(
        &mut self,
        recorded: &Recorded<'_>,
        event: &CharterEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        match event {
            CharterEvent::Published { team, .. } => {
                self.insert_charter(recorded, event, seq).await?;
                let result = sqlx::query!("update team set charter = $2, version = $2 where key = $1", team, seq)
                    .execute(self.conn())
                    .await
                    .doing("giving a team its charter")?;
                expect_rows("giving a team its charter", 1, &result)?;
            }
            CharterEvent::Acknowledged { charter, .. } => {
                let person = recorded.by.person().map(PersonId::as_str).unwrap_or_default();
                let tenant = self.tenant;
                let result = sqlx::query!(
                    "insert into charter_acknowledgement (tenant_id, version, charter, person, acknowledged_at)
                     values ($1, $2, $3, $4, $5)",
                    tenant,
                    seq,
                    charter,
                    person,
                    recorded.at
                )
                .execute(self.conn())
                .await
                .doing("acknowledging a charter")?;
                expect_rows("acknowledging a charter", 1, &result)?;
            }
            CharterEvent::ReviewDue { charter, .. } => {
                self.insert_charter_review(recorded, (*charter, "asked", None), seq).await?;
            }
            CharterEvent::ReviewLate { charter, .. } => {
                self.insert_charter_review(recorded, (*charter, "late", None), seq).await?;
            }
            CharterEvent::Reviewed { charter, .. } => {
                self.insert_charter_review(recorded, (*charter, "reviewed", recorded.by.person()), seq).await?;
            }
        }
        self.mark_organisation(seq).await
    }

    async fn insert_charter_review(
        &mut self,
        recorded: &Recorded<'_>,
        (charter, said, person): (i32, &str, Option<&PersonId>),
        seq: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into charter_review (tenant_id, version, charter, said, person, said_at)
             values ($1, $2, $3, $4, $5, $6)",
            tenant,
            seq,
            charter,
            said,
            person.map(PersonId::as_str),
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("looking at a charter again")?;
        expect_rows("looking at a charter again", 1, &result)
    }

    async fn insert_charter(
        &mut self,
        recorded: &Recorded<'_>,
        event: &CharterEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let CharterEvent::Published { team, edition, hash, minutes, succession, responsibilities } = event else {
            return Ok(());
        };
        let people: Vec<String> = succession.iter().map(|person| person.0.clone()).collect();
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into charter (tenant_id, version, team, edition, hash, responsibilities, availability_minutes,
                                  succession, published_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            tenant,
            seq,
            team,
            edition,
            hash,
            responsibilities,
            minutes,
            &people,
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("publishing a charter")?;
        expect_rows("publishing a charter", 1, &result)
    }

    /// When somebody last did something, or tried to, on any of these records.
    pub async fn last_heard(
        &mut self,
        person: &PersonId,
        subjects: &[String],
    ) -> Result<Option<chrono::DateTime<chrono::Utc>>, StoreError> {
        let tenant = self.tenant;
        let last = sqlx::query_scalar!(
            r#"select max(at)::timestamptz as "at" from dlog.entry where tenant_id = $1 and subject = any ($2) and actor = $3"#,
            tenant,
            subjects,
            person.as_str()
        );
        last.fetch_one(self.conn()).await.doing("looking when somebody was last heard")
    }
}
