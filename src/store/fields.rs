//! What records are asked for besides, over many of them: what is still empty, and how long it takes.

use chrono::{DateTime, TimeDelta, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::{CustomFields, Subject};

/// Records of each kind that are looked at, the newest.
pub const FIELD_RECORDS_MAX: u16 = 1_000;
/// How long it is known how a form fared.
const USE_KEPT: TimeDelta = TimeDelta::days(365);
/// Forms that are told of, the most used.
const FORMS_MAX: i64 = 10;

/// A record that was asked for fields.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldRecord {
    pub subject: Subject,
    pub title: String,
    pub services: Vec<String>,
    /// When it was asked for, or declared.
    pub since: DateTime<Utc>,
    pub is_over: bool,
    pub fields: CustomFields,
}

/// How the forms of a verb fared.
#[derive(Debug, Clone, PartialEq)]
pub struct FormUse {
    /// `change emergency`
    pub verb: String,
    /// Forms that were sent, or given up: not those that are open.
    pub opened: i64,
    pub sent: i64,
    /// Seconds from the opening to the sending.
    pub median_seconds: Option<f64>,
}

struct Row {
    subject: String,
    title: String,
    services: Vec<String>,
    since: DateTime<Utc>,
    is_over: bool,
    fields: serde_json::Value,
}

impl Row {
    fn record(self) -> Result<FieldRecord, StoreError> {
        let odd = || StoreError::impossible(format!("unreadable fields of {}", self.subject));
        let fields = serde_json::from_value(self.fields.clone()).map_err(|_| odd())?;
        let subject = Subject::parse(&self.subject).ok_or_else(odd)?;
        let Row { title, services, since, is_over, .. } = self;
        Ok(FieldRecord { subject, title, services, since, is_over, fields })
    }
}

impl Tx {
    /// Records since then that were asked for fields of an organisation's own, without those that came to nothing: nobody
    /// fills them in any more.
    pub async fn records_with_fields(&mut self, since: DateTime<Utc>) -> Result<Vec<FieldRecord>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"(select subject as "subject!", title as "title!", array_prepend(service, also) as "services!",
                       requested_at as "since!", status in ('completed', 'rolled_back') as "is_over!",
                       fields as "fields!"
                from change where fields <> '[]' and requested_at >= $1
                  and status not in ('rejected', 'approval_expired', 'cancelled')
                order by requested_at desc limit $2)
               union all
               (select subject, title, services, declared_at, ended_at is not null, fields
                from incident where fields <> '[]' and declared_at >= $1 and status <> 'cancelled'
                order by declared_at desc limit $2)"#,
            since,
            i64::from(FIELD_RECORDS_MAX)
        )
        .fetch_all(self.conn())
        .await
        .doing("reading records with fields")?;
        rows.into_iter().map(Row::record).collect()
    }

    /// How forms opened since then fared, the most used first.
    pub async fn form_uses(&mut self, since: DateTime<Utc>) -> Result<Vec<FormUse>, StoreError> {
        sqlx::query_as!(
            FormUse,
            r#"select verb, count(*) as "opened!", count(sent_at) as "sent!",
                      percentile_cont(0.5) within group (order by extract(epoch from sent_at - opened_at)::float8)
                        as median_seconds
               from form_use where opened_at >= $1 group by verb order by count(*) desc, verb limit $2"#,
            since,
            FORMS_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("reading how forms fared")
    }

    /// Forgets forms that nobody sent, and remembers that.
    pub(super) async fn give_up_forms(&mut self, opened_before: DateTime<Utc>) -> Result<u64, StoreError> {
        let tenant = self.tenant;
        let given_up = sqlx::query!(
            "with gone as (delete from form where opened_at < $1 returning call, opened_at)
             insert into form_use (tenant_id, verb, opened_at)
             select $2, (call ->> 'command') || ' ' || (call ->> 'verb'), opened_at from gone",
            opened_before,
            tenant
        )
        .execute(self.conn())
        .await
        .doing("forgetting old forms")?;
        sqlx::query!("delete from form_use where opened_at < $1", opened_before - USE_KEPT)
            .execute(self.conn())
            .await
            .doing("forgetting how old forms fared")?;
        Ok(given_up.rows_affected())
    }
}
