//! What ran lately, for whoever asks what an incident may come from.

use chrono::{DateTime, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::earlier_change::EarlierChange;
use crate::domain::rules::ChangeKind;
use crate::domain::suspect::Ran;
use crate::domain::{ChangeStatus, PersonId};

/// Changes that are looked at: more than run on a few services in a few days.
const RAN_MAX: i64 = 200;

impl Tx {
    /// The changes of a service that were done and stayed, the latest first.
    pub async fn finished_on(&mut self, service: &str, limit: i64) -> Result<Vec<EarlierChange>, StoreError> {
        let rows = sqlx::query!(
            "select number, title, rollback, risk_input from change
             where service = $1 and status = 'completed' and ended_at is not null and kind <> 'retroactive'
             order by ended_at desc, number desc limit $2",
            service,
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what was changed before")?;
        let earlier = rows.into_iter().map(|row| {
            let odd = |_| StoreError::impossible(format!("CHG-{} with an unreadable risk", row.number));
            Ok(EarlierChange {
                number: row.number,
                title: row.title,
                rollback_plan: row.rollback,
                factors: serde_json::from_value(row.risk_input).map_err(odd)?,
            })
        });
        earlier.collect()
    }

    /// The changes that ran on these services after `since`, or run, without those of this incident; the latest first.
    pub async fn ran_lately(
        &mut self,
        services: &[String],
        since: DateTime<Utc>,
        but_for: i64,
    ) -> Result<Vec<Ran>, StoreError> {
        let kinds: Vec<String> = ChangeKind::ALL.into_iter().map(|kind| kind.as_str().to_owned()).collect();
        let rows = sqlx::query!(
            r#"select number as "number!", title as "title!", service as "service!", also as "also!", kind as "kind!",
                      status as "status!", implementer as "implementer!", started_at as "started_at!", ended_at,
                      rollback as "rollback!", standard ->> 'entry' as entry,
                      (standard ->> 'version')::bigint as entry_version,
                      array(select distinct item ->> 'category' from jsonb_array_elements(checklist) as listed (item)
                            where item ? 'category') as "categories!: Vec<String>",
                      exists (select from incident_change_link link
                              where link.change = ran.number and link.incident <> $3
                                and link.kind <> 'resolves' and link.state <> 'rejected') as "elsewhere!"
               from (
                 select number, title, service, also, kind, status, implementer, started_at, ended_at, rollback, standard, checklist
                 from change
                 where ended_at > $2 and service = any ($1) and kind = any ($5) and started_at is not null
                   and incident is distinct from $3
                 union all
                 select number, title, service, also, kind, status, implementer, started_at, ended_at, rollback, standard, checklist
                 from change
                 where ended_at is null and service = any ($1) and started_at is not null
                   and status in ('implementing', 'halted', 'window_expired') and incident is distinct from $3
                 union all
                 select number, title, service, also, kind, status, implementer, started_at, ended_at, rollback, standard, checklist
                 from change
                 where also <> '{}' and also && $1 and not service = any ($1) and started_at is not null
                   and (ended_at > $2
                        or ended_at is null and status in ('implementing', 'halted', 'window_expired'))
                   and incident is distinct from $3
               ) ran
               order by started_at desc, number desc limit $4"#,
            services,
            since,
            but_for,
            RAN_MAX,
            &kinds
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what ran lately")?;
        let ran = rows.into_iter().map(|row| {
            let odd = |what: &str| StoreError::impossible(format!("CHG-{} with an unknown {what}", row.number));
            Ok(Ran {
                number: row.number,
                kind: ChangeKind::parse(&row.kind).ok_or_else(|| odd("kind"))?,
                status: ChangeStatus::parse(&row.status).ok_or_else(|| odd("status"))?,
                title: row.title,
                service: row.service,
                also: row.also,
                implementer: PersonId(row.implementer),
                started_at: row.started_at,
                ended_at: row.ended_at,
                rollback_plan: row.rollback,
                elsewhere: row.elsewhere,
                entry: row.entry.zip(row.entry_version.and_then(|version| u32::try_from(version).ok())),
                clean_template: false,
                categories: row.categories,
            })
        });
        ran.collect()
    }
}
