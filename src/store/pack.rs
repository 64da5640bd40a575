//! What is counted for the data pack of the board's monthly meeting.

use chrono::SecondsFormat;

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::PirVerdict;
use crate::domain::pack::{Ended, Finding, PackFigures, PackPeriod, Quarter};
use crate::domain::rules::ChangeKind;
use crate::domain::trend::{CauseTag, Counted, Trend};

/// Services that are named: the worst, not all.
const WORST_MAX: i64 = 3;
/// Findings of a pack, the oldest first: more than a meeting has time for come with the next.
const FINDINGS_MAX: i64 = 10;

impl Tx {
    /// What happened in a month.
    pub async fn pack_figures(&mut self, period: &PackPeriod) -> Result<PackFigures, StoreError> {
        let mut figures = PackFigures { ended: self.ended_in(period).await?, ..PackFigures::default() };
        figures.worst = self.worst_in(period).await?;
        self.count_records(period, &mut figures).await?;
        self.count_kinds(period, &mut figures).await?;
        Ok(figures)
    }

    /// How many emergencies ended in each of these months, by service and by what made them necessary.
    pub async fn emergency_trend(&mut self, months: &[PackPeriod]) -> Result<Trend, StoreError> {
        let (begins, ends): (Vec<_>, Vec<_>) = months.iter().map(|month| (month.from, month.until)).unzip();
        let tenant = self.tenant;
        let rows = sqlx::query!(
            r#"select month.place as "place!", emergency.service as "service!", emergency.tag as "tag!", count(*) as "changes!"
               from unnest($2::timestamptz[], $3::timestamptz[]) with ordinality as month (begins, ends, place)
               join lateral (
                 select service,
                        case when asked.planning then 'planning'
                             when exists (select from change_claim claim
                                          where claim.subject = change.subject and claim.kind = 'exploit')
                               then 'external'
                             when exists (select from incident_change_link link
                                          where link.incident = change.incident and link.change <> change.number
                                            and link.kind = 'caused' and link.state = 'confirmed')
                               then 'defect'
                             else 'unsaid' end as tag
                 from change, lateral (
                   select exists (select from dlog.entry where tenant_id = $1 and subject = change.subject
                                    and kind = 'change.requested'
                                    and convert_from(body, 'UTF8')::jsonb #>> '{data,cause}' = 'planning') as planning
                 ) asked
                 where ended_at >= begins and ended_at < ends and (change.kind = 'emergency' or asked.planning)
                   and status in ('completed', 'rolled_back', 'validating', 'failed')
               ) emergency on true
               group by 1, 2, 3 order by 1, 2, 3"#,
            tenant,
            &begins,
            &ends
        )
        .fetch_all(self.conn())
        .await
        .doing("counting emergencies by month")?;
        let counted = rows.into_iter().map(|row| {
            let tag = CauseTag::parse(&row.tag).ok_or_else(|| StoreError::impossible("an unknown cause"))?;
            let month = usize::try_from(row.place - 1).unwrap_or(0);
            Ok(Counted { month, service: row.service, tag, changes: row.changes })
        });
        Ok(Trend::of(counted.collect::<Result<_, StoreError>>()?, months.len()))
    }

    /// A quarter and the one before it, and what reviews found until its end for which nobody has asked for another rule,
    /// and which no board has rejected.
    pub async fn quarter_figures(&mut self, now: &PackPeriod, before: &PackPeriod) -> Result<Quarter, StoreError> {
        let rows = sqlx::query!(
            r#"select change.number as "change!", review.verdict as "verdict!"
               from emergency_review review
               join change on change.tenant_id = review.tenant_id and change.subject = review.subject
               where review.closed_at >= $1::timestamptz - interval '1 year' and review.closed_at < $1
                 and review.verdict <> 'compliant'
                 and not exists (select from policy_amendment where origin = 'finding ' || change.subject)
                 and not exists (
                   select from cab_meeting met, jsonb_array_elements(met.decisions) decided,
                               jsonb_array_elements(met.pack -> 'items') item
                   where item ->> 'key' = decided ->> 'cites' and (item ->> 'finding')::bigint = change.number
                     and decided ->> 'verdict' = 'reject')
               order by review.closed_at, change.number limit $2"#,
            now.until,
            FINDINGS_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for findings that nobody has handled")?;
        let findings = rows.into_iter().map(|row| {
            let verdict = PirVerdict::parse(&row.verdict);
            let verdict = verdict.ok_or_else(|| StoreError::impossible("a review with an odd verdict"))?;
            Ok(Finding { change: row.change, verdict })
        });
        Ok(Quarter {
            findings: findings.collect::<Result<_, StoreError>>()?,
            name: now.name.clone(),
            before_name: before.name.clone(),
            now: self.pack_figures(now).await?,
            before: self.pack_figures(before).await?,
        })
    }

    async fn ended_in(&mut self, period: &PackPeriod) -> Result<Vec<Ended<ChangeKind>>, StoreError> {
        let rows = sqlx::query!(
            r#"select kind as "kind!", count(*) as "changes!", count(*) filter (where went_wrong) as "failed!"
               from ended_change where ended_at >= $1 and ended_at < $2 and kind <> 'retroactive'
               group by kind"#,
            period.from,
            period.until
        )
        .fetch_all(self.conn())
        .await
        .doing("counting the changes of a month")?;
        let mut ended = Vec::new();
        for row in rows {
            let of = ChangeKind::parse(&row.kind)
                .ok_or_else(|| StoreError::impossible(format!("changes of an unknown kind “{}”", row.kind)))?;
            ended.push(Ended { of, changes: row.changes, failed: row.failed });
        }
        ended.sort_by_key(|ended| ended.of as usize);
        Ok(ended)
    }

    async fn worst_in(&mut self, period: &PackPeriod) -> Result<Vec<Ended<String>>, StoreError> {
        let rows = sqlx::query!(
            r#"select service as "service!", count(*) as "changes!", count(*) filter (where went_wrong) as "failed!"
               from ended_change where ended_at >= $1 and ended_at < $2 and kind <> 'retroactive'
               group by service having count(*) filter (where went_wrong) > 0
               order by 3 desc, 2, service limit $3"#,
            period.from,
            period.until,
            WORST_MAX
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for the services whose changes failed most")?;
        let ended = rows.into_iter().map(|row| Ended { of: row.service, changes: row.changes, failed: row.failed });
        Ok(ended.collect())
    }

    async fn count_records(&mut self, period: &PackPeriod, figures: &mut PackFigures) -> Result<(), StoreError> {
        let row = sqlx::query!(
            r#"select (select count(*) from incident where declared_at >= $1 and declared_at < $2) as "incidents!",
                      (select count(*) from incident where declared_at >= $1 and declared_at < $2
                         and exists (select from incident_change_link link where link.incident = incident.number
                                       and link.kind = 'caused' and link.state = 'confirmed')) as "caused!",
                      (select count(*) from emergency_review where closed_at >= $1 and closed_at < $2) as "closed!",
                      (select count(*) from emergency_review
                         where closed_at >= $1 and closed_at < $2 and closed_at > due_at) as "late!",
                      (select count(*) from emergency_review
                         where due_at < $2 and (closed_at is null or closed_at >= $2)) as "owed!""#,
            period.from,
            period.until
        )
        .fetch_one(self.conn())
        .await
        .doing("counting the incidents and reviews of a month")?;
        (figures.incidents, figures.caused) = (row.incidents, row.caused);
        (figures.reviews_closed, figures.reviews_late, figures.reviews_owed) = (row.closed, row.late, row.owed);
        Ok(())
    }

    /// What only the log knows, by its index of kinds and times.
    async fn count_kinds(&mut self, period: &PackPeriod, figures: &mut PackFigures) -> Result<(), StoreError> {
        // As the log writes moments: compared as words.
        let words = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let tenant = self.tenant;
        let rows = sqlx::query!(
            r#"select kind, count(*) as "times!" from dlog.entry
               where tenant_id = $1 and at >= $2 and at < $3
                 and kind in ('change.rejected', 'change.approval_expired', 'override.used', 'exception.used',
                              'window.expired', 'change.recorded', 'change.claimed')
               group by kind"#,
            tenant,
            words(period.from),
            words(period.until)
        )
        .fetch_all(self.conn())
        .await
        .doing("counting the entries of a month")?;
        for row in rows {
            match row.kind.as_str() {
                "change.rejected" => figures.rejected += row.times,
                "change.approval_expired" => figures.undecided += row.times,
                "window.expired" => figures.overrun += row.times,
                "change.recorded" | "change.claimed" => figures.recorded += row.times,
                _ => figures.exceptions += row.times,
            }
        }
        Ok(())
    }
}
