//! A moment as people name it: so long ago or from now on, at this hour, on that day.

use std::fmt;

use chrono::{DateTime, Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// How far back "ago" reaches: ten years.
const AGO_DAYS_MAX: i64 = 3_650;
/// How far ahead "from now on" reaches: a year, and the day that some have more.
const AHEAD_DAYS_MAX: i64 = 366;

/// A moment that has been or is to come, before it is known what time it is and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// `-2h`
    Ago(TimeDelta),
    /// `+2h`
    In(TimeDelta),
    /// `14:30`, in the tenant's zone
    Hour(NaiveTime),
    /// `2030-01-07`, in the tenant's zone
    Day(NaiveDate),
    /// `2030-01-07T14:30`, in the tenant's zone
    Local(NaiveDateTime),
    /// `2030-01-07T14:30Z`, `2030-01-07T14:30:00+01:00`
    At(DateTime<Utc>),
}

impl When {
    pub fn parse(word: &str) -> Option<When> {
        // What people's keyboards make of a minus sign.
        if let Some(ago) = word.strip_prefix(['-', '−', '–', '—']) {
            return span_of(ago, AGO_DAYS_MAX).map(When::Ago);
        }
        if let Some(ahead) = word.strip_prefix('+') {
            return span_of(ahead, AHEAD_DAYS_MAX).map(When::In);
        }
        if let Ok(hour) = NaiveTime::parse_from_str(word, "%H:%M") {
            return Some(When::Hour(hour));
        }
        if let Ok(day) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
            return Some(When::Day(day));
        }
        let whole = word.to_ascii_uppercase();
        if let Ok(at) = DateTime::parse_from_rfc3339(&whole) {
            return Some(When::At(at.to_utc()));
        }
        let (local, is_utc) = match whole.strip_suffix('Z') {
            Some(local) => (local, true),
            None => (whole.as_str(), false),
        };
        let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
        let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(local, format).ok())?;
        Some(if is_utc { When::At(local.and_utc()) } else { When::Local(local) })
    }

    /// The moment from which something is looked for: an hour that is still to come was yesterday's.
    pub fn since(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self {
            When::Ago(ago) => now - ago,
            When::In(span) => now.checked_add_signed(span).unwrap_or(now),
            When::Hour(hour) => latest(hour, now, zone),
            When::Day(day) => first_of(day.and_time(NaiveTime::MIN), zone),
            When::Local(local) => first_of(local, zone),
            When::At(at) => at,
        }
    }

    /// The moment before which something is looked for. An hour is the first one after `since`; a day ends with itself.
    pub fn until(self, now: DateTime<Utc>, zone: Tz, since: Option<DateTime<Utc>>) -> DateTime<Utc> {
        match (self, since) {
            (When::Hour(hour), Some(since)) => {
                let day = since.with_timezone(&zone).date_naive();
                let at = last_of(day.and_time(hour), zone);
                if at > since { at } else { last_of(next(day).and_time(hour), zone) }
            }
            (When::Day(day), _) => first_of(next(day).and_time(NaiveTime::MIN), zone),
            (When::Local(local), _) => last_of(local, zone),
            (When::Hour(_) | When::Ago(_) | When::In(_) | When::At(_), _) => self.since(now, zone),
        }
    }

    /// The moment that is meant of something to come: an hour is the next that the tenant's clocks show.
    pub fn ahead(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self {
            When::Hour(hour) => {
                let today = now.with_timezone(&zone).date_naive();
                let days = [today, next(today)];
                days.into_iter().map(|day| first_of(day.and_time(hour), zone)).find(|at| *at > now).unwrap_or(now)
            }
            When::Ago(_) | When::In(_) | When::Day(_) | When::Local(_) | When::At(_) => self.since(now, zone),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            When::Ago(span) => write!(f, "-{}", written(*span)),
            When::In(span) => write!(f, "+{}", written(*span)),
            When::Hour(hour) => write!(f, "{}", hour.format("%H:%M")),
            When::Day(day) => write!(f, "{day}"),
            When::Local(local) => write!(f, "{}", local.format("%Y-%m-%dT%H:%M:%S")),
            When::At(at) => write!(f, "{}", at.format("%Y-%m-%dT%H:%M:%SZ")),
        }
    }
}

/// `90m`, `2h`, `3d`
fn span_of(word: &str, days_max: i64) -> Option<TimeDelta> {
    let unit = word.chars().last()?;
    let number: i64 = word[..word.len() - unit.len_utf8()].parse().ok().filter(|number| *number > 0)?;
    let minutes = match unit.to_ascii_lowercase() {
        'm' => number,
        'h' => number.checked_mul(60)?,
        'd' => number.checked_mul(24 * 60)?,
        _ => return None,
    };
    (minutes <= days_max * 24 * 60).then(|| TimeDelta::minutes(minutes))
}

fn written(span: TimeDelta) -> String {
    match span.num_minutes() {
        minutes if minutes % (24 * 60) == 0 => format!("{}d", span.num_days()),
        minutes if minutes % 60 == 0 => format!("{}h", span.num_hours()),
        minutes => format!("{minutes}m"),
    }
}

fn latest(hour: NaiveTime, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    let at = first_of(today.and_time(hour), zone);
    if at <= now { at } else { first_of(today.pred_opt().unwrap_or(today).and_time(hour), zone) }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// The first moment of a local time that comes twice when clocks are put back; one that is skipped is an hour later.
/// The moment at which these clocks show it first.
pub(super) fn first_of(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
        MappedLocalTime::None => skipped(local, zone),
    }
}

fn last_of(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(_, at) => at.to_utc(),
        MappedLocalTime::None => skipped(local, zone),
    }
}

fn skipped(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let later = zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest();
    later.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = Tz::Europe__Lisbon;

    fn utc(word: &str) -> DateTime<Utc> {
        word.parse().expect("a moment")
    }

    fn since(word: &str, now: &str) -> String {
        let when = When::parse(word).unwrap_or_else(|| panic!("{word} is a moment"));
        assert_eq!(When::parse(&when.to_string()), Some(when), "{word} reads what it writes");
        when.since(utc(now), ZONE).format("%F %R").to_string()
    }

    fn until(word: &str, now: &str, since: Option<&str>) -> String {
        let when = When::parse(word).expect("a moment");
        when.until(utc(now), ZONE, since.map(utc)).format("%F %R").to_string()
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now = "2030-07-08T12:00:00Z"; // 13:00 in Lisbon
        for (word, expected) in [
            ("-2h", "2030-07-08 10:00"),
            ("−90m", "2030-07-08 10:30"),
            ("-3d", "2030-07-05 12:00"),
            ("12:30", "2030-07-08 11:30"),
            ("14:30", "2030-07-07 13:30"),
            ("2030-07-01", "2030-06-30 23:00"),
            ("2030-07-01T09:15", "2030-07-01 08:15"),
            ("2030-07-01t09:15z", "2030-07-01 09:15"),
            ("2030-07-01T09:15:00+02:00", "2030-07-01 07:15"),
        ] {
            assert_eq!(since(word, now), expected, "{word}");
        }
        for word in
            ["", "-", "-h", "-0h", "2h", "-5x", "-99999d", "25:00", "noon", "2030-13-01", "-é", "-9999999999999999d"]
        {
            assert_eq!(When::parse(word), None, "{word}");
        }
    }

    #[test]
    fn what_is_to_come_is_the_next_moment_that_is_meant() {
        let now = utc("2030-01-07T14:00:00Z");
        for (word, meant) in [
            ("+30m", "2030-01-07T14:30:00Z"),
            ("+2h", "2030-01-07T16:00:00Z"),
            ("+3d", "2030-01-10T14:00:00Z"),
            ("18:00", "2030-01-07T16:00:00Z"),
            ("15:00", "2030-01-08T13:00:00Z"),
            ("2030-01-31", "2030-01-30T22:00:00Z"),
            ("2030-01-31T18:00", "2030-01-31T16:00:00Z"),
            ("2030-01-31T18:00Z", "2030-01-31T18:00:00Z"),
            ("2030-01-31T18:00:00+01:00", "2030-01-31T17:00:00Z"),
            // That hour does not exist in Helsinki.
            ("2030-03-31T03:30", "2030-03-31T01:30:00Z"),
        ] {
            let when = When::parse(word).expect("a moment");
            assert_eq!(When::parse(&when.to_string()), Some(when), "{word} reads what it writes");
            assert_eq!(when.ahead(now, Tz::Europe__Helsinki), utc(meant), "{word}");
        }
        for word in ["+", "+m", "+0m", "+5y", "+400d", "tomorrow", "18"] {
            assert_eq!(When::parse(word), None, "{word}");
        }
    }

    #[test]
    fn the_end_comes_after_the_beginning() {
        let now = "2030-01-08T00:30:00Z";
        assert_eq!(until("23:30", now, Some("2030-01-07T22:00:00Z")), "2030-01-07 23:30");
        assert_eq!(until("01:00", now, Some("2030-01-07T23:00:00Z")), "2030-01-08 01:00");
        assert_eq!(until("23:30", now, None), "2030-01-07 23:30", "alone, the latest that has been");
        assert_eq!(until("2030-01-07", now, None), "2030-01-08 00:00", "a day is meant to its end");
        assert_eq!(until("-10m", now, None), "2030-01-08 00:20");
    }

    #[test]
    fn hours_that_come_twice_or_not_at_all_are_not_lost() {
        // Lisbon: 27 October 2030 02:00 becomes 01:00; 31 March 2030 01:00 becomes 02:00.
        assert_eq!(since("2030-10-27T01:30", "2030-11-01T00:00:00Z"), "2030-10-27 00:30");
        assert_eq!(until("2030-10-27T01:30", "2030-11-01T00:00:00Z", None), "2030-10-27 01:30");
        assert_eq!(since("2030-03-31T01:30", "2030-11-01T00:00:00Z"), "2030-03-31 01:30");
    }
}
