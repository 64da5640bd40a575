//! Erasing: the disclosures that an entry names, and wherever else the same words stand, in the same transaction.

use super::error::{Doing, expect_rows};
use super::privacy::{ACTOR_NAME, digest_bytes};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::event::{PayloadErased, PrivacyEvent};
use crate::domain::privacy::{ERASED, ErasureOf};
use crate::domain::{PersonId, Subject};
use crate::ledger::Disclosure;
use crate::render::{Block, Inline, Message};

impl Tx {
    /// The rows that an event of erasure, hold or retention writes, under the entry `seq` of its subject.
    pub(super) async fn write_privacy(
        &mut self,
        recorded: &Recorded<'_>,
        event: &PrivacyEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let subject = recorded.subject;
        match event {
            PrivacyEvent::ErasureRequested { of, basis } => self.insert_erasure(recorded, of, basis, seq).await,
            PrivacyEvent::ErasureDeclined { asked, .. } => {
                self.set_erasure(subject, *asked, "declined", None, seq).await
            }
            PrivacyEvent::ErasureApproved { asked, .. } => {
                self.set_erasure(subject, *asked, "approved", recorded.by.person(), seq).await
            }
            PrivacyEvent::PayloadErased(erased) => self.erase(subject, erased, seq).await,
            PrivacyEvent::PersonErased { person, asked, .. } => {
                // An account that was nobody's has no row.
                if !person.is_account() {
                    self.erase_person(person, seq).await?;
                }
                self.set_erasure(subject, *asked, "done", None, seq).await
            }
            PrivacyEvent::HoldPlaced { why } => self.insert_hold(recorded, why, seq).await,
            PrivacyEvent::HoldReleased { placed, .. } => self.release_hold(recorded, *placed, seq).await,
            PrivacyEvent::RetentionPreviewed { profile, .. } => self.save_profile(profile, false, seq).await,
            PrivacyEvent::RetentionConfirmed { profile } => self.save_profile(profile, true, seq).await,
            PrivacyEvent::Archive(event) => self.write_archive(recorded, event, seq).await,
        }
    }

    /// Deletes what the entry names, all of it or nothing, and takes the same words out of the rows.
    async fn erase(&mut self, subject: Subject, erased: &PayloadErased, seq: i32) -> Result<(), StoreError> {
        let digests = erased.digests.iter().map(|digest| digest_bytes(digest)).collect::<Result<Vec<_>, _>>()?;
        let tenant = self.tenant;
        let gone = sqlx::query_scalar!(
            "delete from dlog.disclosure d using dlog.entry entry
             where entry.id = d.entry_id and entry.tenant_id = $1 and entry.subject = $2 and d.digest = any ($3)
             returning d.disclosure",
            tenant,
            subject.to_string(),
            &digests
        )
        .fetch_all(self.conn())
        .await
        .doing("erasing names and texts")?;
        if gone.len() != digests.len() {
            return Err(StoreError::impossible(format!("{} of {} texts could be erased", gone.len(), digests.len())));
        }
        let read = gone.iter().filter_map(|bytes| Disclosure::read(bytes));
        let texts: Vec<String> = read.filter(|(name, _)| name != ACTOR_NAME).map(|(_, text)| text).collect();
        self.redact(subject, &texts, seq).await?;
        self.blank_views(subject).await?;
        match erased.asked {
            Some(asked) => self.set_erasure(subject, asked, "done", erased.approved_by.as_ref(), seq).await,
            None => Ok(()),
        }
    }

    /// The record's own row, and the reasons beside it: by what they say, since a text stands in a row as it was given.
    /// The row takes the entry for its own also where it held none of them.
    async fn redact(&mut self, subject: Subject, texts: &[String], seq: i32) -> Result<(), StoreError> {
        match subject {
            Subject::Incident(number) => self.redact_incident(number, texts, seq).await,
            Subject::Change(number) => {
                self.redact_change(number, texts, seq).await?;
                self.redact_reasons(subject, texts).await
            }
            Subject::Freeze(number) => {
                self.redact_freeze(number, texts, seq).await?;
                self.redact_reasons(subject, texts).await
            }
            Subject::Exception(number) => self.redact_exception(number, texts, seq).await,
            Subject::Batch(number) => self.redact_batch(number, texts, ERASED, seq).await,
            Subject::Meeting(number) => self.redact_meeting(number, texts, ERASED, seq).await,
            Subject::Organisation | Subject::Policy | Subject::Deployment => Ok(()),
        }
    }

    async fn redact_incident(&mut self, number: i64, texts: &[String], seq: i32) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update incident set version = $3,
                 title = case when normalize(title) = any ($2) then $4 else title end,
                 outcome = case when normalize(outcome) = any ($2) then $4 else outcome end,
                 pending = case when normalize(pending ->> 'why') = any ($2)
                                then jsonb_set(pending, '{why}', to_jsonb($4::text)) else pending end,
                 checklist = coalesce((select jsonb_agg(case when normalize(item ->> 'said') = any ($2)
                                                             then jsonb_set(item, '{said}', 'null') else item end order by place)
                                       from jsonb_array_elements(checklist) with ordinality as listed (item, place)), '[]'),
                 fields = coalesce((select jsonb_agg(case when normalize(field ->> 'value') = any ($2)
                                                             then jsonb_set(field, '{value}', 'null') else field end order by place)
                                       from jsonb_array_elements(fields) with ordinality as listed (field, place)), '[]')
               where number = $1"#,
            number,
            texts,
            seq,
            ERASED
        )
        .execute(self.conn())
        .await
        .doing("redacting an incident")?;
        Ok(())
    }

    async fn redact_change(&mut self, number: i64, texts: &[String], seq: i32) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update change set version = $3,
                 title = case when normalize(title) = any ($2) then $4 else title end,
                 impact = case when normalize(impact) = any ($2) then $4 else impact end,
                 why_now = case when normalize(why_now) = any ($2) then $4 else why_now end,
                 rollback = case when normalize(rollback) = any ($2) then $4 else rollback end,
                 outcome = case when normalize(outcome) = any ($2) then $4 else outcome end,
                 risk = case when normalize(risk #>> '{accepted,alternatives}') = any ($2)
                             then jsonb_set(risk, '{accepted,alternatives}', to_jsonb($4::text)) else risk end,
                 vote = case when normalize(vote #>> '{outcome,sentence}') = any ($2)
                             then jsonb_set(vote, '{outcome,sentence}', to_jsonb($4::text)) else vote end,
                 checklist = coalesce((select jsonb_agg(case when normalize(item ->> 'said') = any ($2)
                                                             then jsonb_set(item, '{said}', 'null') else item end order by place)
                                       from jsonb_array_elements(checklist) with ordinality as listed (item, place)), '[]'),
                 fields = coalesce((select jsonb_agg(case when normalize(field ->> 'value') = any ($2)
                                                             then jsonb_set(field, '{value}', 'null') else field end order by place)
                                       from jsonb_array_elements(fields) with ordinality as listed (field, place)), '[]')
               where number = $1"#,
            number,
            texts,
            seq,
            ERASED
        )
        .execute(self.conn())
        .await
        .doing("redacting a change")?;
        Ok(())
    }

    async fn redact_freeze(&mut self, number: i64, texts: &[String], seq: i32) -> Result<(), StoreError> {
        sqlx::query!(
            "update change_freeze set version = $3, why = case when normalize(why) = any ($2) then $4 else why end
             where number = $1",
            number,
            texts,
            seq,
            ERASED
        )
        .execute(self.conn())
        .await
        .doing("redacting a freeze")?;
        Ok(())
    }

    async fn redact_exception(&mut self, number: i64, texts: &[String], seq: i32) -> Result<(), StoreError> {
        sqlx::query!(
            "update procedure_exception set version = $3,
               why = case when normalize(why) = any ($2) then $4 else why end,
               control = case when normalize(control) = any ($2) then $4 else control end
             where number = $1",
            number,
            texts,
            seq,
            ERASED
        )
        .execute(self.conn())
        .await
        .doing("redacting an exception")?;
        Ok(())
    }

    /// The row of a ballot, an approval or an override keeps its version, which says which is the newest; Postgres allows just this.
    async fn redact_reasons(&mut self, subject: Subject, texts: &[String]) -> Result<(), StoreError> {
        let subject = subject.to_string();
        sqlx::query!("update ballot set why = null where subject = $1 and normalize(why) = any ($2)", subject, texts)
            .execute(self.conn())
            .await
            .doing("redacting a ballot")?;
        sqlx::query!("update approval set why = null where subject = $1 and normalize(why) = any ($2)", subject, texts)
            .execute(self.conn())
            .await
            .doing("redacting an approval")?;
        sqlx::query!("update concern set why = null where subject = $1 and normalize(why) = any ($2)", subject, texts)
            .execute(self.conn())
            .await
            .doing("redacting a concern")?;
        sqlx::query!(
            "update decision_escalation set why = case when normalize(why) = any ($2) then null else why end,
                    ruling = case when normalize(ruling) = any ($2) then null else ruling end,
                    conditions = case when normalize(conditions) = any ($2) then null else conditions end
             where subject = $1 and (normalize(why) = any ($2) or normalize(ruling) = any ($2)
                                     or normalize(conditions) = any ($2))",
            subject,
            texts
        )
        .execute(self.conn())
        .await
        .doing("redacting an escalation")?;
        sqlx::query!(
            "update freeze_override set why = null where subject = $1 and normalize(why) = any ($2)",
            subject,
            texts
        )
        .execute(self.conn())
        .await
        .doing("redacting an override")?;
        Ok(())
    }

    /// What was said of the record, what was answered, and what was begun in forms: views, which may hold the words in
    /// any shape, so all of them go. What was not said yet is replaced by a sentence that says so.
    async fn blank_views(&mut self, subject: Subject) -> Result<(), StoreError> {
        let (doing, name) = ("erasing what was said", subject.to_string());
        let instead = withdrawn(&format!("A message about {subject} is not sent: its text was erased."));
        let answer = withdrawn(&format!("This answer spoke of {subject}, and was erased."));
        let reply = serde_json::json!({ "reply": "tell", "message": answer });
        sqlx::query!("update say set body = $2 where subject = $1", name, instead)
            .execute(self.conn())
            .await
            .doing(doing)?;
        sqlx::query!("update trouble set body = $2 where subject = $1", name, instead)
            .execute(self.conn())
            .await
            .doing(doing)?;
        let whole_word = format!(r"\m{name}\M");
        sqlx::query!("update delivery set reply = $2 where reply::text ~ $1", whole_word, reply)
            .execute(self.conn())
            .await
            .doing(doing)?;
        sqlx::query!(
            "delete from form where call::text ~ $1 or exists (
               select from room where room.subject = $2 and room.platform = place ->> 'platform'
                 and room.workspace = place ->> 'workspace' and room.channel = place ->> 'channel')",
            whole_word,
            name
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        Ok(())
    }

    /// The person's own row: only the pseudonym is left. Accounts are nobody's again, and answers that name them go.
    async fn erase_person(&mut self, person: &PersonId, seq: i32) -> Result<(), StoreError> {
        let doing = "erasing a person";
        let answer = withdrawn("This answer named somebody whose name was erased.");
        let reply = serde_json::json!({ "reply": "tell", "message": answer });
        sqlx::query!(
            "update delivery set reply = $2 where position((select name from person where id = $1) in reply::text) > 0",
            person.as_str(),
            reply
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        sqlx::query!(
            "update say set body = $2 where position((select name from person where id = $1) in body::text) > 0",
            person.as_str(),
            answer
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        sqlx::query!(
            "update trouble set body = $2 where position((select name from person where id = $1) in body::text) > 0",
            person.as_str(),
            answer
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        sqlx::query!("delete from identity where person = $1", person.as_str())
            .execute(self.conn())
            .await
            .doing(doing)?;
        let result = sqlx::query!(
            "update person set key = id, name = $2, email = null, team = null, roles = '{}', certified = '{}', version = $3 where id = $1",
            person.as_str(),
            ERASED,
            seq
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        expect_rows(doing, 1, &result)?;
        self.mark_organisation(seq).await
    }

    async fn insert_erasure(
        &mut self,
        recorded: &Recorded<'_>,
        of: &ErasureOf,
        basis: &str,
        seq: i32,
    ) -> Result<(), StoreError> {
        let (entry, person, whole) = match of {
            ErasureOf::Entry(entry) => (Some(*entry), None, true),
            ErasureOf::Person { person, whole } => (None, Some(person.0.clone()), *whole),
        };
        let by = recorded.by.person().map(|person| person.0.clone()).unwrap_or_default();
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into erasure (tenant_id, subject, asked, version, entry, person, whole, basis, asked_by, asked_at, state)
             values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, 'waiting')",
            tenant,
            recorded.subject.to_string(),
            seq,
            entry,
            person,
            whole,
            basis,
            by,
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("keeping a request of erasure")?;
        expect_rows("keeping a request of erasure", 1, &result)
    }

    async fn set_erasure(
        &mut self,
        subject: Subject,
        asked: i32,
        state: &str,
        approved_by: Option<&PersonId>,
        seq: i32,
    ) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "update erasure set state = $3, version = $4, approved_by = coalesce($5, approved_by)
             where subject = $1 and asked = $2",
            subject.to_string(),
            asked,
            state,
            seq,
            approved_by.map(PersonId::as_str)
        )
        .execute(self.conn())
        .await
        .doing("keeping what became of a request of erasure")?;
        expect_rows("keeping what became of a request of erasure", 1, &result)
    }

    async fn insert_hold(&mut self, recorded: &Recorded<'_>, why: &str, seq: i32) -> Result<(), StoreError> {
        let by = recorded.by.person().map(|person| person.0.clone()).unwrap_or_default();
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into legal_hold (tenant_id, subject, placed, version, why, placed_by, placed_at)
             values ($1, $2, $3, $3, $4, $5, $6)",
            tenant,
            recorded.subject.to_string(),
            seq,
            why,
            by,
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("placing a hold")?;
        expect_rows("placing a hold", 1, &result)
    }

    async fn release_hold(&mut self, recorded: &Recorded<'_>, placed: i32, seq: i32) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "update legal_hold set released_at = $3, version = $4
             where subject = $1 and placed = $2 and released_at is null",
            recorded.subject.to_string(),
            placed,
            recorded.at,
            seq
        )
        .execute(self.conn())
        .await
        .doing("releasing a hold")?;
        expect_rows("releasing a hold", 1, &result)
    }

    async fn save_profile(&mut self, profile: &str, confirmed: bool, seq: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into retention_profile (tenant_id, profile, version, confirmed) values ($1, $2, $3, $4)
             on conflict (tenant_id, profile) do update set confirmed = excluded.confirmed, version = excluded.version",
            tenant,
            profile,
            seq,
            confirmed
        )
        .execute(self.conn())
        .await
        .doing("keeping a profile of retention")?;
        expect_rows("keeping a profile of retention", 1, &result)
    }
}

fn withdrawn(sentence: &str) -> serde_json::Value {
    let text = vec![Inline::Plain { text: sentence.to_owned() }];
    let message = Message { blocks: vec![Block::Paragraph { text }], ..Message::default() };
    serde_json::to_value(message).expect("plain data")
}
