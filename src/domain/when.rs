//! A moment as people write it: `+2h`, `18:00`, `2030-01-31 18:00` with a `T`, or in full with its zone.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So long from now on.
    In(TimeDelta),
    /// The next time that the tenant's clocks show this.
    Clock(NaiveTime),
    /// In the tenant's zone.
    Local(NaiveDateTime),
    At(DateTime<Utc>),
}

impl When {
    /// Reads a word; `None` where it is no moment.
    pub fn parse(word: &str) -> Option<When> {
        if let Some(span) = word.strip_prefix('+') {
            return span_of(span).map(When::In);
        }
        if let Ok(time) = NaiveTime::parse_from_str(word, "%H:%M") {
            return Some(When::Clock(time));
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(word) {
            return Some(When::At(at.with_timezone(&Utc)));
        }
        if let Some(local) = word.strip_suffix('Z').and_then(local) {
            return Some(When::At(local.and_utc()));
        }
        local(word).map(When::Local)
    }

    /// The moment that is meant, said now, by people in this zone.
    pub fn resolve(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self {
            When::In(span) => now.checked_add_signed(span).unwrap_or(now),
            When::At(at) => at,
            When::Local(local) => moment(local, zone),
            When::Clock(time) => {
                let today = now.with_timezone(&zone).date_naive();
                let days = [Some(today), today.succ_opt()];
                let at = days.into_iter().flatten().map(|day| moment(day.and_time(time), zone)).find(|at| *at > now);
                at.unwrap_or(now)
            }
        }
    }
}

fn local(word: &str) -> Option<NaiveDateTime> {
    let whole = NaiveDateTime::parse_from_str(word, "%Y-%m-%dT%H:%M").ok();
    whole
        .or_else(|| NaiveDateTime::parse_from_str(word, "%Y-%m-%dT%H:%M:%S").ok())
        .or_else(|| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0)))
}

/// `30m`, `2h`, `3d`: a year at most.
fn span_of(word: &str) -> Option<TimeDelta> {
    let unit = word.chars().last()?;
    let count: i64 = word.strip_suffix(unit)?.parse().ok().filter(|count| *count > 0)?;
    let span = match unit {
        'm' => TimeDelta::try_minutes(count),
        'h' => TimeDelta::try_hours(count),
        'd' => TimeDelta::try_days(count),
        _ => None,
    };
    span.filter(|span| *span <= TimeDelta::days(366))
}

/// A local time that occurs twice means the first; one that is skipped means an hour later.
fn moment(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
        LocalResult::None => {
            let later = zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest();
            later.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Helsinki;

    #[test]
    fn what_people_write_is_the_moment_that_they_mean() {
        let now: DateTime<Utc> = "2030-01-07T14:00:00Z".parse().expect("a moment");
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
            let at = When::parse(word).map(|when| when.resolve(now, Helsinki).to_rfc3339());
            assert_eq!(at.as_deref(), Some(meant.replace('Z', "+00:00").as_str()), "{word}");
        }
        for word in ["", "+", "+m", "+0m", "+5y", "+400d", "25:00", "tomorrow", "2030-13-01", "18"] {
            assert_eq!(When::parse(word), None, "{word}");
        }
    }
}
