//! Looking for entries by person, kind and time. Each question has its index, so that it costs the same among a thousand
//! entries as among a million.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::error::Doing;
use super::log::LogEntry;
use super::{StoreError, Tx};
use crate::domain::rules::LogTies;
use crate::domain::{PersonId, Subject};

/// What is looked for; everything that is not named is open.
#[derive(Debug, Clone, Default)]
pub struct LogSearch {
    pub by: Option<PersonId>,
    pub kinds: Option<&'static [&'static str]>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Of the entries found, the newest first: so many are passed over, so many are wanted.
    pub offset: i64,
    pub limit: i64,
}

/// Where it is looked for.
#[derive(Debug, Clone, Copy)]
pub enum LogPart<'a> {
    Everything,
    /// Every incident, every change for one, and these.
    Incidents(&'a [String]),
    /// These subjects.
    Subjects(&'a [String]),
}

/// Records whose ties to a person are looked through, the newest ones.
const RECORDS_MAX: i64 = 2_000;
/// A person's own entries that are looked through for the records in which they acted.
const ACTS_MAX: i64 = 1_000;

struct Row {
    subject: String,
    seq: i32,
    kind: String,
    body: Vec<u8>,
    leaf_hash: Vec<u8>,
    disclosures: Vec<Vec<u8>>,
    of_incident: bool,
}

/// Bounds that can be compared with what the log holds, also where there are none.
struct Bounds {
    since: String,
    until: String,
    kinds: Option<Vec<String>>,
    by: Option<String>,
}

impl LogSearch {
    fn bounds(&self) -> Bounds {
        let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
        Bounds {
            since: self.since.map(moment).unwrap_or_default(),
            // After every digit.
            until: self.until.map_or_else(|| "~".to_owned(), moment),
            kinds: self.kinds.map(|kinds| kinds.iter().map(|kind| (*kind).to_owned()).collect()),
            by: self.by.as_ref().map(|by| by.0.clone()),
        }
    }
}

impl Tx {
    /// The newest entries that fit, oldest first.
    pub async fn search_log(&mut self, part: LogPart<'_>, search: &LogSearch) -> Result<Vec<LogEntry>, StoreError> {
        let bounds = search.bounds();
        let rows = match (part, &bounds) {
            (LogPart::Subjects(subjects), _) => self.search_subjects(subjects, search, &bounds).await?,
            (_, Bounds { by: Some(by), .. }) => self.search_person(by, part, search, &bounds).await?,
            (_, Bounds { kinds: Some(kinds), .. }) => self.search_kinds(kinds, part, search, &bounds).await?,
            (_, Bounds { by: None, kinds: None, .. }) => self.search_all(part, search, &bounds).await?,
        };
        let mut entries: Vec<LogEntry> = rows
            .into_iter()
            .map(|row| LogEntry {
                of_incident: row.of_incident,
                ..LogEntry::read(row.subject, row.seq, row.kind, row.leaf_hash, &row.body, &row.disclosures)
            })
            .collect();
        entries.reverse();
        self.note_erasures(&mut entries).await?;
        Ok(entries)
    }

    /// Whatever the record's length, its chain is read from its end.
    async fn search_subjects(
        &mut self,
        subjects: &[String],
        search: &LogSearch,
        bounds: &Bounds,
    ) -> Result<Vec<Row>, StoreError> {
        let is_bounded = search.since.is_some() || search.until.is_some();
        sqlx::query_as!(
            Row,
            r#"select found.subject as "subject!", found.seq as "seq!", found.kind as "kind!", found.body as "body!",
                      found.leaf_hash as "leaf_hash!",
                      array(select disclosure from dlog.disclosure d where d.entry_id = found.id) as "disclosures!",
                      dlog.of_incident($1, found.subject) as "of_incident!"
               from (
                 select newest.* from unnest($2::text[]) as of (subject) cross join lateral (
                   select id, entry.subject, seq, kind, body, leaf_hash from dlog.entry
                   where tenant_id = $1 and entry.subject = of.subject
                     and ($3::text is null or actor = $3) and ($4::text[] is null or kind = any ($4))
                     and (not $5::bool or (at >= $6 and at < $7))
                   order by seq desc limit $8::bigint + $9::bigint
                 ) newest order by newest.id desc offset $8 limit $9
               ) found order by found.id desc"#,
            self.tenant,
            subjects,
            bounds.by,
            bounds.kinds.as_deref(),
            is_bounded,
            bounds.since,
            bounds.until,
            search.offset,
            search.limit
        )
        .fetch_all(self.conn())
        .await
        .doing("searching records of the log")
    }

    async fn search_all(
        &mut self,
        part: LogPart<'_>,
        search: &LogSearch,
        bounds: &Bounds,
    ) -> Result<Vec<Row>, StoreError> {
        let (everything, own) = part.own();
        sqlx::query_as!(
            Row,
            r#"select found.subject as "subject!", found.seq as "seq!", found.kind as "kind!", found.body as "body!",
                      found.leaf_hash as "leaf_hash!",
                      array(select disclosure from dlog.disclosure d where d.entry_id = found.id) as "disclosures!",
                      dlog.of_incident($1, found.subject) as "of_incident!"
               from (
                 select id, subject, seq, kind, body, leaf_hash, at from dlog.entry
                 where tenant_id = $1 and at >= $2 and at < $3
                   and ($4::bool or subject = any ($5::text[]) or dlog.of_incident($1, subject))
                 order by at desc, id desc offset $6 limit $7
               ) found order by found.at desc, found.id desc"#,
            self.tenant,
            bounds.since,
            bounds.until,
            everything,
            own,
            search.offset,
            search.limit
        )
        .fetch_all(self.conn())
        .await
        .doing("searching the log")
    }

    async fn search_person(
        &mut self,
        by: &str,
        part: LogPart<'_>,
        search: &LogSearch,
        bounds: &Bounds,
    ) -> Result<Vec<Row>, StoreError> {
        let (everything, own) = part.own();
        sqlx::query_as!(
            Row,
            r#"select found.subject as "subject!", found.seq as "seq!", found.kind as "kind!", found.body as "body!",
                      found.leaf_hash as "leaf_hash!",
                      array(select disclosure from dlog.disclosure d where d.entry_id = found.id) as "disclosures!",
                      dlog.of_incident($1, found.subject) as "of_incident!"
               from (
                 select id, subject, seq, kind, body, leaf_hash, at from dlog.entry
                 where tenant_id = $1 and actor = $8 and at >= $2 and at < $3
                   and ($9::text[] is null or kind = any ($9))
                   and ($4::bool or subject = any ($5::text[]) or dlog.of_incident($1, subject))
                 order by at desc, id desc offset $6 limit $7
               ) found order by found.at desc, found.id desc"#,
            self.tenant,
            bounds.since,
            bounds.until,
            everything,
            own,
            search.offset,
            search.limit,
            by,
            bounds.kinds.as_deref()
        )
        .fetch_all(self.conn())
        .await
        .doing("searching a person's entries")
    }

    async fn search_kinds(
        &mut self,
        kinds: &[String],
        part: LogPart<'_>,
        search: &LogSearch,
        bounds: &Bounds,
    ) -> Result<Vec<Row>, StoreError> {
        let (everything, own) = part.own();
        sqlx::query_as!(
            Row,
            r#"select found.subject as "subject!", found.seq as "seq!", found.kind as "kind!", found.body as "body!",
                      found.leaf_hash as "leaf_hash!",
                      array(select disclosure from dlog.disclosure d where d.entry_id = found.id) as "disclosures!",
                      dlog.of_incident($1, found.subject) as "of_incident!"
               from (
                 select newest.* from unnest($8::text[]) as of (kind) cross join lateral (
                   select id, subject, seq, entry.kind, body, leaf_hash, at from dlog.entry
                   where tenant_id = $1 and entry.kind = of.kind and at >= $2 and at < $3
                     and ($4::bool or subject = any ($5::text[]) or dlog.of_incident($1, subject))
                   order by at desc, id desc limit $6::bigint + $7::bigint
                 ) newest order by newest.at desc, newest.id desc offset $6 limit $7
               ) found order by found.at desc, found.id desc"#,
            self.tenant,
            bounds.since,
            bounds.until,
            everything,
            own,
            search.offset,
            search.limit,
            kinds
        )
        .fetch_all(self.conn())
        .await
        .doing("searching entries of some kinds")
    }

    /// What ties a person to each of these subjects, in their order. `services` are those that they own.
    pub async fn log_ties(
        &mut self,
        subjects: &[Subject],
        person: &PersonId,
        services: &[String],
    ) -> Result<Vec<LogTies>, StoreError> {
        let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let rows = sqlx::query!(
            r#"select dlog.of_incident($1, of.subject) as "of_incident!",
                      coalesce($3 in (i.declared_by, i.commander), $3 in (c.requester, c.implementer), $3 = f.created_by, false)
                      or (of.subject ~ '^(INC|CHG|FRZ|CAB)-' and exists (
                            select from dlog.entry e where e.tenant_id = $1 and e.subject = of.subject
                              and e.actor = $3 and e.kind <> 'refused')) as "own!",
                      coalesce(i.services && $4, c.service = any ($4) or c.also && $4, f.services && $4, false) as "owns_service!",
                      coalesce(c.vote->'roster' @> $5, $3 = any (m.roster), false) as "votes!"
               from unnest($2::text[]) with ordinality as of (subject, place)
               left join incident i on i.tenant_id = $1 and i.subject = of.subject
               left join change c on c.tenant_id = $1 and c.subject = of.subject
               left join change_freeze f on f.tenant_id = $1 and f.subject = of.subject
               left join cab_meeting m on m.tenant_id = $1 and m.subject = of.subject
               order by of.place"#,
            self.tenant,
            &names,
            person.0,
            services,
            json!([{"person": person.0}])
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for a person's part in records")?;
        let ties = rows.into_iter().map(|row| LogTies {
            of_incident: row.of_incident,
            own: row.own,
            owns_service: row.owns_service,
            votes: row.votes,
        });
        Ok(ties.collect())
    }

    /// The newest records that a person has a part in: asked for, led, carried out, acted in, on services that they own,
    /// and, where they sit on a board, with a vote of theirs.
    pub async fn own_records(
        &mut self,
        person: &PersonId,
        services: &[String],
        on_board: bool,
    ) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar!(
            r#"select subject as "subject!" from (select * from incident order by number desc limit $5) i
               where $2 in (declared_by, commander) or services && $3
               union
               select subject from (select * from change order by number desc limit $5) c
               where $2 in (requester, implementer) or service = any ($3) or also && $3 or ($4 and vote->'roster' @> $6)
               union
               select subject from (select * from change_freeze order by number desc limit $5) f
               where created_by = $2 or services && $3
               union
               select subject from (select * from cab_meeting order by number desc limit $5) m
               where $4 and $2 = any (roster)
               union
               select subject from (select subject, kind from dlog.entry where tenant_id = $1 and actor = $2
                                    order by at desc limit $7) acts
               where kind <> 'refused' and subject ~ '^(INC|CHG|FRZ|CAB)-'"#,
            self.tenant,
            person.0,
            services,
            on_board,
            RECORDS_MAX,
            json!([{"person": person.0}]),
            ACTS_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("listing a person's records")
    }
}

impl<'a> LogPart<'a> {
    /// Whether there is no bound, and what is open besides every incident.
    fn own(self) -> (bool, &'a [String]) {
        match self {
            LogPart::Everything => (true, &[]),
            LogPart::Incidents(own) | LogPart::Subjects(own) => (false, own),
        }
    }
}
