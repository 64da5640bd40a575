//! Requests of erasure, legal holds and profiles of retention: what is known of them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::privacy::{EntryTexts, Erasure, ErasureOf, Hold, Scope};
use crate::domain::{PersonId, Subject};

/// The disclosure that holds the name of whoever acted.
pub(super) const ACTOR_NAME: &str = "actor_name";

/// How a text came to be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedNote {
    pub at: DateTime<Utc>,
    /// The pseudonym of whoever erased it.
    pub by: String,
    pub asked_by: Option<String>,
    pub class: Option<String>,
    pub basis: Option<String>,
}

/// A record whose end was long ago, and of which there is something still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldRecord {
    pub subject: Subject,
    pub services: Vec<String>,
    pub ended_at: DateTime<Utc>,
}

impl Tx {
    /// The texts of one entry that are still there, without the name of whoever wrote them.
    pub async fn entry_texts(&mut self, subject: Subject, seq: i32) -> Result<Option<EntryTexts>, StoreError> {
        let tenant = self.tenant;
        let row = sqlx::query!(
            r#"select entry.kind, convert_from(entry.body, 'UTF8')::jsonb ->> 'actor' as author,
                      array(select encode(d.digest, 'base64') from dlog.disclosure d
                            where d.entry_id = entry.id and convert_from(d.disclosure, 'UTF8')::jsonb ->> 1 <> $4
                            order by d.digest) as "digests!"
               from dlog.entry entry where tenant_id = $1 and subject = $2 and seq = $3"#,
            tenant,
            subject.to_string(),
            seq,
            ACTOR_NAME
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading an entry's texts")?;
        Ok(row.map(|row| EntryTexts { kind: row.kind, author: row.author.unwrap_or_default(), digests: row.digests }))
    }

    /// The digests of a record's names and texts that are in a scope. What says why something was erased stays.
    pub async fn digests_of(&mut self, subject: Subject, scope: &Scope) -> Result<Vec<String>, StoreError> {
        if let Scope::Digests(digests) = scope {
            return self.digests_there(&subject.to_string(), digests).await;
        }
        let (before, names, whole) = scope_parts(scope);
        let tenant = self.tenant;
        sqlx::query_scalar!(
            r#"select encode(d.digest, 'base64') as "digest!"
               from dlog.entry entry join dlog.disclosure d on d.entry_id = entry.id
               where entry.tenant_id = $1 and entry.subject = $2 and entry.kind <> 'payload.erased'
                 and ($3::timestamptz is null or (convert_from(entry.body, 'UTF8')::jsonb ->> 'at')::timestamptz < $3)
                 and ($4::text[] is null or (d.person = any ($4)
                      and ($5 or convert_from(d.disclosure, 'UTF8')::jsonb ->> 1 = $6)))
               order by entry.seq, d.digest"#,
            tenant,
            subject.to_string(),
            before,
            names.as_deref(),
            whole,
            ACTOR_NAME
        )
        .fetch_all(self.conn())
        .await
        .doing("listing what is to be erased")
    }

    /// The records that hold something of a person, in the order in which records are locked. Reads the whole log once:
    /// such a request is rare, and an index would cost every command.
    pub async fn subjects_of_person(&mut self, names: &[String], whole: bool) -> Result<Vec<Subject>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query_scalar!(
            "select distinct entry.subject from dlog.disclosure d join dlog.entry entry on entry.id = d.entry_id
             where d.tenant_id = $1 and d.person = any ($2) and entry.kind <> 'payload.erased'
               and ($3 or convert_from(d.disclosure, 'UTF8')::jsonb ->> 1 = $4)",
            tenant,
            names,
            whole,
            ACTOR_NAME
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for what there is of a person")?;
        let mut subjects: Vec<Subject> = rows.iter().filter_map(|subject| Subject::parse(subject)).collect();
        subjects.sort_unstable();
        Ok(subjects)
    }

    /// Requests that wait for a second person, or that were approved and are not done; the oldest first.
    pub async fn open_erasures(&mut self) -> Result<Vec<Erasure>, StoreError> {
        let rows = sqlx::query!(
            "select subject, asked, entry, person, whole, basis, asked_by, asked_at, approved_by from erasure
             where state in ('waiting', 'approved') order by asked_at, subject, asked"
        )
        .fetch_all(self.conn())
        .await
        .doing("reading requests of erasure")?;
        rows.into_iter()
            .map(|row| {
                let odd = || StoreError::impossible(format!("the request of erasure {}#{}", row.subject, row.asked));
                let of = match (row.entry, &row.person) {
                    (Some(seq), None) => ErasureOf::Entry(seq),
                    (None, Some(person)) => ErasureOf::Person { person: PersonId(person.clone()), whole: row.whole },
                    _ => return Err(odd()),
                };
                Ok(Erasure {
                    subject: Subject::parse(&row.subject).ok_or_else(odd)?,
                    asked: row.asked,
                    of,
                    basis: row.basis,
                    asked_by: PersonId(row.asked_by),
                    asked_at: row.asked_at,
                    approved_by: row.approved_by.map(PersonId),
                })
            })
            .collect()
    }

    /// Every hold that stands.
    pub async fn holds(&mut self) -> Result<Vec<Hold>, StoreError> {
        let rows = sqlx::query!(
            "select subject, placed, why, placed_by, placed_at from legal_hold
             where released_at is null order by placed_at, subject"
        )
        .fetch_all(self.conn())
        .await
        .doing("reading legal holds")?;
        rows.into_iter()
            .map(|row| {
                Ok(Hold {
                    subject: Subject::parse(&row.subject)
                        .ok_or_else(|| StoreError::impossible(format!("a hold on {}", row.subject)))?,
                    placed: row.placed,
                    why: row.why,
                    by: PersonId(row.placed_by),
                    at: row.placed_at,
                })
            })
            .collect()
    }

    /// The hold that a record is under; a change and a freeze are held with their incident.
    pub async fn hold_on(&mut self, subject: Subject) -> Result<Option<Hold>, StoreError> {
        let incident = match subject {
            Subject::Change(number) => self.incident_of_change(number).await?.flatten().map(Subject::Incident),
            Subject::Freeze(number) => self.incident_of_freeze(number).await?.flatten().map(Subject::Incident),
            Subject::Incident(_)
            | Subject::Meeting(_)
            | Subject::Exception(_)
            | Subject::Batch(_)
            | Subject::Organisation
            | Subject::Policy
            | Subject::Deployment => None,
        };
        let holds = self.holds().await?;
        Ok(holds.into_iter().find(|hold| hold.subject == subject || Some(hold.subject) == incident))
    }

    /// Whether a profile of retention was seen (`Some(false)`) or confirmed (`Some(true)`).
    pub async fn retention_profile(&mut self, profile: &str) -> Result<Option<bool>, StoreError> {
        sqlx::query_scalar!("select confirmed from retention_profile where profile = $1", profile)
            .fetch_optional(self.conn())
            .await
            .doing("reading the profile of retention")
    }

    /// Incidents, or changes, that ended before a moment and still have names or texts; the oldest first.
    pub async fn old_incidents(&mut self, before: DateTime<Utc>) -> Result<Vec<OldRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"select number, services, ended_at as "ended_at!" from incident
               where ended_at < $1 and exists (
                 select from dlog.entry entry join dlog.disclosure d on d.entry_id = entry.id
                 where entry.tenant_id = incident.tenant_id and entry.subject = incident.subject
                   and entry.kind <> 'payload.erased')
               order by ended_at, number"#,
            before
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for old incidents")?;
        let record =
            |(number, services, ended_at)| OldRecord { subject: Subject::Incident(number), services, ended_at };
        Ok(rows.into_iter().map(|row| record((row.number, row.services, row.ended_at))).collect())
    }

    /// The same of changes.
    pub async fn old_changes(&mut self, before: DateTime<Utc>) -> Result<Vec<OldRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"select number, service, also, ended_at as "ended_at!" from change
               where ended_at < $1 and exists (
                 select from dlog.entry entry join dlog.disclosure d on d.entry_id = entry.id
                 where entry.tenant_id = change.tenant_id and entry.subject = change.subject
                   and entry.kind <> 'payload.erased')
               order by ended_at, number"#,
            before
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for old changes")?;
        let record = |(number, service, also, ended_at)| OldRecord {
            subject: Subject::Change(number),
            services: std::iter::once(service).chain::<Vec<String>>(also).collect(),
            ended_at,
        };
        Ok(rows.into_iter().map(|row| record((row.number, row.service, row.also, row.ended_at))).collect())
    }

    /// The same of freezes. One of everything is of every service.
    pub async fn old_freezes(&mut self, before: DateTime<Utc>) -> Result<Vec<OldRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"select number, ended_at as "ended_at!",
                      case services when '{}' then array(select key from service order by key)
                                    else services end as "services!"
               from change_freeze
               where ended_at < $1 and exists (
                 select from dlog.entry entry join dlog.disclosure d on d.entry_id = entry.id
                 where entry.tenant_id = change_freeze.tenant_id and entry.subject = change_freeze.subject
                   and entry.kind <> 'payload.erased')
               order by ended_at, number"#,
            before
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for old freezes")?;
        let record = |(number, services, ended_at)| OldRecord { subject: Subject::Freeze(number), services, ended_at };
        Ok(rows.into_iter().map(|row| record((row.number, row.services, row.ended_at))).collect())
    }

    /// Deletes sentences that were said, or given up, before a moment; not those of a record that is on hold.
    pub async fn forget_says(&mut self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let result = sqlx::query!(
            "delete from say where stored_at < $1 and (message is not null or given_up_at is not null)
             and not exists (
               select from legal_hold hold where hold.released_at is null and (hold.subject = say.subject or exists (
                 select from change where change.subject = say.subject and 'INC-' || change.incident = hold.subject
               ) or exists (
                 select from change_freeze frozen
                 where frozen.subject = say.subject and 'INC-' || frozen.incident = hold.subject)))",
            before
        )
        .execute(self.conn())
        .await
        .doing("forgetting old sentences")?;
        Ok(result.rows_affected())
    }

    /// How each of these digests came to be gone, as the erasing entries of their records say.
    pub(super) async fn erased_notes(
        &mut self,
        subjects: &[String],
        digests: &[String],
    ) -> Result<BTreeMap<String, ErasedNote>, StoreError> {
        if digests.is_empty() {
            return Ok(BTreeMap::new());
        }
        let tenant = self.tenant;
        let rows = sqlx::query!(
            r#"select body, array(select disclosure from dlog.disclosure d where d.entry_id = entry.id) as "disclosures!"
               from dlog.entry entry
               where tenant_id = $1 and kind = 'payload.erased' and subject = any ($2)
                 and convert_from(body, 'UTF8')::jsonb -> 'data' -> 'digests' ?| $3
               order by id"#,
            tenant,
            subjects,
            digests
        )
        .fetch_all(self.conn())
        .await
        .doing("reading erasures")?;
        let mut notes = BTreeMap::new();
        for row in rows {
            let body = serde_json::from_slice(&row.body).unwrap_or_default();
            let (at, data) = super::log::read_body(&body, &row.disclosures);
            let word = |name: &str| data.get(name).and_then(|value| value.as_str()).map(str::to_owned);
            let Some(at) = at else { continue };
            let note = ErasedNote {
                at,
                by: word("by").unwrap_or_default(),
                asked_by: word("asked_by"),
                class: word("class"),
                basis: word("basis"),
            };
            let named = data.get("digests").and_then(|named| named.as_array()).into_iter().flatten();
            notes.extend(named.filter_map(|digest| Some((digest.as_str()?.to_owned(), note.clone()))));
        }
        Ok(notes)
    }
}

fn scope_parts(scope: &Scope) -> (Option<DateTime<Utc>>, Option<Vec<String>>, bool) {
    match scope {
        // Those that are named are looked up by themselves.
        Scope::All | Scope::Digests(_) => (None, None, true),
        Scope::Before(at) => (Some(*at), None, true),
        Scope::Person { names, whole } => (None, Some(names.clone()), *whole),
    }
}

/// A digest as the log writes it, back to its bytes.
pub(super) fn digest_bytes(digest: &str) -> Result<Vec<u8>, StoreError> {
    STANDARD.decode(digest).map_err(|_| StoreError::impossible(format!("{digest} is no digest")))
}
