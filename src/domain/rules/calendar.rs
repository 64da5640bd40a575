//! Business time: minutes and days that only pass while the office is open.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;

/// When the office is open, in the tenant's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessHours {
    pub days: Vec<Weekday>,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
    /// Days on which the office stays closed.
    #[serde(default)]
    pub holidays: Vec<NaiveDate>,
}

/// A stretch of time: by the clock on the wall, or counted inside business hours only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Span {
    Minutes(u32),
    BusinessMinutes(u32),
    BusinessDays(u32),
}

impl Span {
    /// True where both are counted alike and this one is longer. What is counted differently cannot be compared
    /// without a calendar.
    pub fn is_longer_of_its_kind(self, other: Span) -> bool {
        match (self, other) {
            (Span::Minutes(mine), Span::Minutes(its))
            | (Span::BusinessMinutes(mine), Span::BusinessMinutes(its))
            | (Span::BusinessDays(mine), Span::BusinessDays(its)) => mine > its,
            (Span::Minutes(_) | Span::BusinessMinutes(_) | Span::BusinessDays(_), _) => false,
        }
    }

    pub fn is_zero(self) -> bool {
        match self {
            Span::Minutes(count) | Span::BusinessMinutes(count) | Span::BusinessDays(count) => count == 0,
        }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, unit) = match *self {
            Span::Minutes(count) if count >= 60 && count % 60 == 0 => (count / 60, "hour"),
            Span::Minutes(count) => (count, "minute"),
            Span::BusinessMinutes(count) if count >= 60 && count % 60 == 0 => (count / 60, "business hour"),
            Span::BusinessMinutes(count) => (count, "business minute"),
            Span::BusinessDays(count) => (count, "business day"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// Business hours in the zone of one tenant.
#[derive(Debug, Clone, Copy)]
pub struct Calendar<'a> {
    pub hours: &'a BusinessHours,
    pub zone: Tz,
}

/// Ten years: a search that goes further meets a calendar that never opens, and must end.
const DAYS_MAX: u32 = 3_660;

impl Calendar<'_> {
    /// The moment `times` spans after `from`.
    pub fn after(&self, from: DateTime<Utc>, span: Span, times: u32) -> DateTime<Utc> {
        match span {
            Span::Minutes(count) => from + minutes(i64::from(count) * i64::from(times)),
            Span::BusinessMinutes(_) | Span::BusinessDays(_) => {
                self.add(from, self.length(span) * i32::try_from(times).unwrap_or(i32::MAX))
            }
        }
    }

    /// So many open days before a moment, at the same time of day; on the wall's days where the calendar never opens.
    pub fn days_before(&self, moment: DateTime<Utc>, days: u32) -> DateTime<Utc> {
        let local = moment.with_timezone(&self.zone);
        let mut earlier = (1..DAYS_MAX)
            .filter_map(|back| local.date_naive().checked_sub_days(Days::new(back.into())))
            .filter(|day| self.opening(*day).is_some());
        match days.checked_sub(1).map(|skipped| earlier.nth(skipped as usize)) {
            None => moment,
            Some(Some(day)) => self.moment(day.and_time(local.time())),
            Some(None) => moment - TimeDelta::days(days.into()),
        }
    }

    /// The last day of this day's month on which the office opens; the very last where the calendar never opens.
    pub(super) fn last_open_day(&self, day: NaiveDate) -> NaiveDate {
        use chrono::Datelike;
        let last = day.with_day(day.num_days_in_month().into()).unwrap_or(day);
        let of_month = last.iter_days().rev().take_while(|earlier| earlier.month() == last.month());
        of_month.into_iter().find(|day| self.opening(*day).is_some()).unwrap_or(last)
    }

    /// How many whole spans lie between two moments.
    pub(super) fn spans_between(&self, from: DateTime<Utc>, to: DateTime<Utc>, span: Span) -> u32 {
        let passed = match span {
            Span::Minutes(_) => (to - from).max(TimeDelta::zero()),
            Span::BusinessMinutes(_) | Span::BusinessDays(_) => self.open_between(from, to),
        };
        let length = self.length(span).num_seconds().max(1);
        u32::try_from(passed.num_seconds() / length).unwrap_or(u32::MAX)
    }

    /// A span of open time. A business day is as long as one opening.
    fn length(&self, span: Span) -> TimeDelta {
        match span {
            Span::Minutes(count) | Span::BusinessMinutes(count) => minutes(count.into()),
            Span::BusinessDays(count) => {
                (self.hours.closes - self.hours.opens) * i32::try_from(count).unwrap_or(i32::MAX)
            }
        }
    }

    /// Where the calendar never opens, time passes by the wall: late is better than never.
    fn add(&self, from: DateTime<Utc>, open: TimeDelta) -> DateTime<Utc> {
        let mut left = open;
        for (opens, closes) in self.openings(from) {
            let start = opens.max(from);
            let available = (closes - start).max(TimeDelta::zero());
            if left <= available && start < closes {
                return start + left;
            }
            left -= available;
        }
        from + open
    }

    fn open_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        self.openings(from)
            .take_while(|(opens, _)| *opens < to)
            .map(|(opens, closes)| (closes.min(to) - opens.max(from)).max(TimeDelta::zero()))
            .fold(TimeDelta::zero(), |sum, open| sum + open)
    }

    /// The openings from the day of `from` on.
    fn openings(&self, from: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let first = from.with_timezone(&self.zone).date_naive();
        (0..DAYS_MAX).filter_map(move |day| self.opening(first.checked_add_days(Days::new(day.into()))?))
    }

    fn opening(&self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        use chrono::Datelike;
        let open = self.hours.days.contains(&day.weekday()) && !self.hours.holidays.contains(&day);
        open.then(|| (self.moment(day.and_time(self.hours.opens)), self.moment(day.and_time(self.hours.closes))))
    }

    /// A local time that occurs twice means the first; one that the change to summer time skips means an hour later.
    pub(super) fn moment(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let there = |local: NaiveDateTime| self.zone.from_local_datetime(&local).earliest();
        there(local)
            .or_else(|| there(local + minutes(60)))
            .map_or_else(|| local.and_utc(), |moment| moment.with_timezone(&Utc))
    }
}

fn minutes(count: i64) -> TimeDelta {
    TimeDelta::try_minutes(count).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
pub(in crate::domain) mod tests {
    use super::*;

    /// Monday to Friday, nine to five, in London.
    pub(in crate::domain) fn hours() -> BusinessHours {
        crate::domain::policy::Policy::sample().calendar
    }

    pub(in crate::domain) fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect(text).with_timezone(&Utc)
    }

    #[test]
    fn business_time_passes_only_while_the_office_is_open() {
        let hours = hours();
        let calendar = Calendar { hours: &hours, zone: chrono_tz::Europe::London };
        #[rustfmt::skip]
        let rows = [
            ("inside the day", "2026-11-24T10:00:00Z", Span::BusinessMinutes(15), "2026-11-24T10:15:00Z"),
            ("over the night", "2026-11-24T16:55:00Z", Span::BusinessMinutes(15), "2026-11-25T09:10:00Z"),
            ("over the weekend", "2026-11-27T16:55:00Z", Span::BusinessMinutes(15), "2026-11-30T09:10:00Z"),
            ("before the opening", "2026-11-24T08:50:00Z", Span::BusinessMinutes(15), "2026-11-24T09:15:00Z"),
            ("on a Saturday", "2026-11-28T03:00:00Z", Span::BusinessMinutes(30), "2026-11-30T09:30:00Z"),
            ("exactly to the close", "2026-11-24T16:00:00Z", Span::BusinessMinutes(60), "2026-11-24T17:00:00Z"),
            ("a business day", "2026-11-24T16:55:00Z", Span::BusinessDays(1), "2026-11-25T16:55:00Z"),
            ("three over a weekend", "2026-11-26T10:00:00Z", Span::BusinessDays(3), "2026-12-01T10:00:00Z"),
            ("by the wall", "2026-11-28T03:00:00Z", Span::Minutes(90), "2026-11-28T04:30:00Z"),
            ("over the end of summer time", "2026-10-23T15:30:00Z", Span::BusinessMinutes(60), "2026-10-26T09:30:00Z"),
            ("into summer time", "2026-03-27T16:30:00Z", Span::BusinessMinutes(60), "2026-03-30T08:30:00Z"),
        ];
        for (name, from, span, expected) in rows {
            assert_eq!(calendar.after(at(from), span, 1), at(expected), "{name}");
        }
    }

    #[test]
    fn a_calendar_that_never_opens_falls_back_to_the_wall() {
        let mut hours = hours();
        hours.days.clear();
        let calendar = Calendar { hours: &hours, zone: chrono_tz::Europe::London };
        let from = at("2026-11-24T10:00:00Z");
        assert_eq!(calendar.after(from, Span::BusinessMinutes(15), 1), at("2026-11-24T10:15:00Z"));
    }

    #[test]
    fn holidays_are_skipped_and_spans_are_counted_back() {
        let mut hours = hours();
        hours.holidays.push(NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day"));
        let calendar = Calendar { hours: &hours, zone: chrono_tz::Europe::London };
        let from = at("2026-11-24T13:00:00Z");
        assert_eq!(calendar.after(from, Span::BusinessMinutes(240), 2), at("2026-11-26T13:00:00Z"));
        assert_eq!(calendar.spans_between(from, at("2026-11-26T12:59:00Z"), Span::BusinessMinutes(240)), 1);
        assert_eq!(calendar.spans_between(from, at("2026-11-26T13:00:00Z"), Span::BusinessMinutes(240)), 2);
        assert_eq!(calendar.spans_between(from, at("2026-11-24T12:00:00Z"), Span::Minutes(30)), 0);
    }

    #[test]
    fn open_days_are_counted_back_over_weekends_and_holidays() {
        let mut hours = hours();
        hours.holidays.push(NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day"));
        let calendar = Calendar { hours: &hours, zone: chrono_tz::Europe::London };
        let friday = at("2026-11-27T18:00:00Z");
        assert_eq!(calendar.days_before(friday, 0), friday);
        assert_eq!(calendar.days_before(friday, 1), at("2026-11-26T18:00:00Z"));
        assert_eq!(calendar.days_before(friday, 2), at("2026-11-24T18:00:00Z"), "over the holiday");
        assert_eq!(calendar.days_before(friday, 4), at("2026-11-20T18:00:00Z"), "over a weekend");
        hours.days.clear();
        let closed = Calendar { hours: &hours, zone: chrono_tz::Europe::London };
        assert_eq!(closed.days_before(friday, 2), at("2026-11-25T18:00:00Z"));
    }

    #[test]
    fn spans_read_as_people_say_them() {
        assert_eq!(Span::Minutes(30).to_string(), "30 minutes");
        assert_eq!(Span::Minutes(60).to_string(), "1 hour");
        assert_eq!(Span::BusinessMinutes(240).to_string(), "4 business hours");
        assert_eq!(Span::BusinessDays(1).to_string(), "1 business day");
    }
}
