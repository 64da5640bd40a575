//! What comes again: a freeze for each closing of the books, for each weekly run (`freeze-calendar`).

use chrono::{DateTime, Datelike, Days, Months, NaiveTime, Utc};

use super::Calendar;

words! {
    /// How often something comes again.
    Every {
        Week = "week", "every week";
        MonthEnd = "month-end", "from the last business day of every month";
        QuarterEnd = "quarter-end", "from the last business day of every quarter";
        YearEnd = "year-end", "from the last business day of every year";
    }
}

/// The last month of a quarter, of a year: every third, the twelfth.
const MONTHS_A_QUARTER: u32 = 3;
const MONTHS_A_YEAR: u32 = 12;

impl Every {
    /// The first beginning after a moment, at this time of day in the calendar's zone.
    pub fn next(self, calendar: &Calendar<'_>, time: NaiveTime, after: DateTime<Utc>) -> DateTime<Utc> {
        let today = after.with_timezone(&calendar.zone).date_naive();
        let months = match self {
            Every::Week => return calendar.moment((today + Days::new(7)).and_time(time)),
            Every::MonthEnd => 1,
            Every::QuarterEnd => MONTHS_A_QUARTER,
            Every::YearEnd => MONTHS_A_YEAR,
        };
        let ends = (0..=months).filter_map(|ahead| today.checked_add_months(Months::new(ahead)));
        let ends = ends.filter(|day| day.month() % months == 0);
        let begins = ends.map(|day| calendar.moment(calendar.last_open_day(day).and_time(time)));
        begins.filter(|begins| *begins > after).min().unwrap_or(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::BusinessHours;

    fn office() -> BusinessHours {
        use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
        let days = vec![Mon, Tue, Wed, Thu, Fri];
        BusinessHours { days, opens: at(9), closes: at(17), holidays: vec!["2030-12-31".parse().expect("a day")] }
    }

    fn next(every: Every, after: &str) -> String {
        let hours = office();
        let calendar = Calendar { hours: &hours, zone: chrono_tz::Europe::Berlin };
        let time = NaiveTime::from_hms_opt(18, 0, 0).expect("an hour");
        let begins = every.next(&calendar, time, after.parse().expect("a moment"));
        begins.with_timezone(&calendar.zone).format("%a %F %T").to_string()
    }

    #[test]
    fn the_end_of_a_month_is_its_last_business_day() {
        // The 31st of March 2030 is a Sunday, on which summer time begins.
        assert_eq!(next(Every::MonthEnd, "2030-03-01T00:00:00Z"), "Fri 2030-03-29 18:00:00");
        assert_eq!(next(Every::MonthEnd, "2030-03-29T17:00:00Z"), "Tue 2030-04-30 18:00:00");
        // The 31st of January has no like in February, and the last day of the year is a holiday.
        assert_eq!(next(Every::MonthEnd, "2030-01-31T17:00:00Z"), "Thu 2030-02-28 18:00:00");
        assert_eq!(next(Every::MonthEnd, "2030-12-01T00:00:00Z"), "Mon 2030-12-30 18:00:00");
        assert_eq!(next(Every::MonthEnd, "2030-12-30T17:00:00Z"), "Fri 2031-01-31 18:00:00");
    }

    #[test]
    fn quarters_and_years_end_with_their_last_month() {
        assert_eq!(next(Every::QuarterEnd, "2030-01-07T09:00:00Z"), "Fri 2030-03-29 18:00:00");
        assert_eq!(next(Every::QuarterEnd, "2030-03-29T17:00:00Z"), "Fri 2030-06-28 18:00:00");
        assert_eq!(next(Every::YearEnd, "2030-01-07T09:00:00Z"), "Mon 2030-12-30 18:00:00");
        assert_eq!(next(Every::YearEnd, "2030-12-30T17:00:00Z"), "Wed 2031-12-31 18:00:00");
    }

    #[test]
    fn a_week_later_it_is_the_same_hour_on_the_wall() {
        assert_eq!(next(Every::Week, "2030-03-27T17:00:00Z"), "Wed 2030-04-03 18:00:00");
    }
}
