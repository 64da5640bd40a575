//! `/change cal`: what is planned, runs and is frozen in the days ahead, day by day.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::cards::headline;
use super::handle::HandleError;
use super::lists::listed;
use super::{App, Tenant};
use crate::domain::{Freeze, Scheduled, Subject};
use crate::render::Message;
use crate::store::{Stretch, Tx};

/// Approved changes without a window that are named.
const UNSCHEDULED_MAX: i64 = 5;

/// Something that stands on the calendar.
struct Entry {
    from: DateTime<Utc>,
    data: Value,
}

impl App {
    pub(super) async fn change_calendar(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        services: Option<&[String]>,
        days: u32,
        page: u32,
    ) -> Result<Message, HandleError> {
        let now = self.clock.now();
        let until = now + TimeDelta::days(days.into());
        let changes = tx.scheduled(Stretch { since: now, until, only_open: true }).await?;
        let is_meant = |change: &&Scheduled| {
            services.is_none_or(|services| change.services().iter().any(|service| services.contains(service)))
        };
        let mut entries: Vec<Entry> =
            changes.iter().filter(is_meant).map(|change| change_entry(tenant, change)).collect();
        for freeze in tx.open_freezes().await? {
            let is_ahead = freeze.from < until && freeze.until.is_none_or(|until| now < until);
            if is_ahead && reaches_any(tenant, &freeze, services) {
                entries.push(freeze_entry(tenant, &freeze));
            }
        }
        // Of what begins at one moment, the freezes last.
        entries.sort_by_key(|entry| entry.from);
        let (shown, left) = listed(&entries, page, &command(services, days));
        let zone = tenant.organisation.time_zone;
        let unscheduled = tx.unscheduled(services, UNSCHEDULED_MAX).await?;
        let data = json!({
            "days": days.to_string(), "one_day": days == 1, "zone": zone.name(), "left": left,
            "services": services.map(|services| services.join(", ")), "groups": by_day(shown, now, zone),
            "unscheduled": unscheduled.iter().map(Subject::to_string).collect::<Vec<_>>(),
        });
        Ok(self.renderer.message("answer/calendar", &data, &tenant.organisation)?)
    }
}

/// What is on now first, then each day with what begins on it.
fn by_day(entries: &[Entry], now: DateTime<Utc>, zone: Tz) -> Vec<Value> {
    let day_of = |entry: &Entry| (now < entry.from).then(|| entry.from.with_timezone(&zone).date_naive());
    let today = now.with_timezone(&zone).date_naive();
    let groups = entries.chunk_by(|one, next| day_of(one) == day_of(next)).map(|group| {
        let entries: Vec<&Value> = group.iter().map(|entry| &entry.data).collect();
        let day = group.first().and_then(day_of).map_or_else(|| "Now".to_owned(), |day| named(day, today));
        json!({ "day": day, "entries": entries })
    });
    groups.collect()
}

/// `Mon 7 Jan`
fn named(day: NaiveDate, today: NaiveDate) -> String {
    let name = day.format("%a %-d %b");
    if day == today { format!("Today, {name}") } else { name.to_string() }
}

fn change_entry(tenant: &Tenant, change: &Scheduled) -> Entry {
    let data = json!({
        "subject": change.subject(), "title": headline(&change.title), "what": change.kind.as_str(),
        "on": tenant.organisation.named(&change.services()), "state": change.status.phrase(),
        "from": change.from, "until": change.until, "incident": null,
        "ends_that_day": is_one_day(tenant, change.from, Some(change.until)),
    });
    Entry { from: change.from, data }
}

fn freeze_entry(tenant: &Tenant, freeze: &Freeze) -> Entry {
    let names: Vec<String> = freeze.services.iter().map(|key| tenant.organisation.service_name(key)).collect();
    let on = if names.is_empty() { "everything".to_owned() } else { headline(&names.join(", ")) };
    let data = json!({
        "subject": freeze.subject(), "title": headline(&freeze.why),
        "what": freeze.noun(), "on": on, "state": freeze.status.as_str(),
        "from": freeze.from, "until": freeze.until, "incident": freeze.incident.map(Subject::Incident),
        "ends_that_day": is_one_day(tenant, freeze.from, freeze.until),
    });
    Entry { from: freeze.from, data }
}

/// Whether the day need not be said twice.
fn is_one_day(tenant: &Tenant, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> bool {
    let day = |at: DateTime<Utc>| at.with_timezone(&tenant.organisation.time_zone).date_naive();
    until.is_some_and(|until| day(from) == day(until))
}

fn reaches_any(tenant: &Tenant, freeze: &Freeze, services: Option<&[String]>) -> bool {
    let reaches = |service: &String| freeze.reaches(&tenant.organisation, &tenant.policy, service);
    services.is_none_or(|services| services.iter().any(reaches))
}

/// What was asked, for the next page.
fn command(services: Option<&[String]>, days: u32) -> String {
    let services = services.map(|services| format!(" svc:{}", services.join(","))).unwrap_or_default();
    format!("/change cal days:{days}{services}")
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2030, 7, day, hour, 30, 0).single().expect("a moment")
    }

    #[test]
    fn an_entry_stands_on_the_day_on_which_it_begins_where_the_tenant_is() {
        // In Lisbon it is summer time: 23:30 UTC is the next day.
        let entries: Vec<Entry> = [at(7, 9), at(8, 14), at(8, 23), at(9, 1), at(10, 1)]
            .into_iter()
            .map(|from| Entry { from, data: json!(from.to_string()) })
            .collect();
        let groups = by_day(&entries, at(8, 10), chrono_tz::Europe::Lisbon);
        let days: Vec<(&str, usize)> = groups
            .iter()
            .map(|group| (group["day"].as_str().unwrap_or_default(), group["entries"].as_array().map_or(0, Vec::len)))
            .collect();
        assert_eq!(days, [("Now", 1), ("Today, Mon 8 Jul", 1), ("Tue 9 Jul", 2), ("Wed 10 Jul", 1)]);
    }

    #[test]
    fn the_next_page_is_of_the_same_calendar() {
        let services = ["payments".to_owned(), "ledger".to_owned()];
        assert_eq!(command(Some(&services), 14), "/change cal days:14 svc:payments,ledger");
        assert_eq!(command(None, 7), "/change cal days:7");
    }
}
