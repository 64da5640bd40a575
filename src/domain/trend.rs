//! How the number of emergency changes goes over the months, by service and by what made them necessary, as far as the log
//! and the records say. A rise that goes on is an alarm: planning or capacity is behind.

use super::Organisation;

/// A rise is an alarm once so many months in a row had more than the one before.
const RISES: usize = 3;
/// Services that are named: those with the most emergencies in the last month.
const SERVICES_MAX: usize = 3;
/// Eighths of a block: what a line of figures is drawn with.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What made an emergency necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseTag {
    /// A date or a missed plan, as whoever asked for it said: it is made on the regular way then, and counts all the same.
    Planning,
    /// Another change had caused its incident.
    Defect,
    /// An exploit, as whoever asked for it claimed.
    External,
    /// Nothing on record says.
    Unsaid,
}

/// Emergencies of a month, the oldest 0, on one service and for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub month: usize,
    pub service: String,
    pub tag: CauseTag,
    pub changes: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trend {
    counted: Vec<Counted>,
    /// How many months were looked at; none for a pack without a trend.
    months: usize,
}

/// A rise that goes on: of all emergencies, or of those on one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rise {
    pub service: Option<String>,
    pub changes: i64,
    pub before: i64,
    /// The leading one, where one is on record, and how many of the last month had it.
    pub cause: Option<CauseTag>,
    pub for_cause: i64,
}

impl CauseTag {
    pub const ALL: [CauseTag; 4] = [CauseTag::Planning, CauseTag::Defect, CauseTag::External, CauseTag::Unsaid];

    pub fn as_str(self) -> &'static str {
        match self {
            CauseTag::Planning => "planning",
            CauseTag::Defect => "defect",
            CauseTag::External => "external",
            CauseTag::Unsaid => "unsaid",
        }
    }

    pub fn parse(word: &str) -> Option<CauseTag> {
        CauseTag::ALL.into_iter().find(|tag| tag.as_str() == word)
    }

    /// For people.
    fn phrase(self) -> &'static str {
        match self {
            CauseTag::Planning => "planning",
            CauseTag::Defect => "a defect of another change",
            CauseTag::External => "an exploit from outside",
            CauseTag::Unsaid => "not on record",
        }
    }
}

impl Trend {
    pub fn of(counted: Vec<Counted>, months: usize) -> Trend {
        Trend { counted, months }
    }

    /// What has risen for months: all emergencies first, then services.
    pub fn rises(&self) -> Vec<Rise> {
        let all = self.rise(None);
        let services = self.services();
        all.into_iter().chain(services.iter().filter_map(|service| self.rise(Some(service)))).collect()
    }

    /// The items of a pack, in the same words for the same figures.
    pub fn says(&self, organisation: &Organisation) -> Vec<String> {
        if self.months == 0 {
            return Vec::new();
        }
        let series = self.series(None, None);
        let numbers: Vec<String> = series.iter().map(ToString::to_string).collect();
        let mut says = vec![format!(
            "emergencies by month, with what only planning made urgent: {} ({}), {}",
            numbers.join(", "),
            sparkline(&series),
            against(&series)
        )];
        let last = |of: &[i64]| (of.last().copied().unwrap_or(0), of.iter().rev().nth(1).copied().unwrap_or(0));
        let tags = CauseTag::ALL.into_iter().filter_map(|tag| {
            let (now, before) = last(&self.series(None, Some(tag)));
            (now + before > 0).then(|| format!("{} {now} ({before} the month before)", tag.phrase()))
        });
        let tags: Vec<String> = tags.collect();
        if !tags.is_empty() {
            says.push(format!("emergencies by cause: {}", tags.join(", ")));
        }
        let services = self.services().into_iter().take(SERVICES_MAX).map(|service| {
            let (now, before) = last(&self.series(Some(&service), None));
            format!("{} {now} ({before} the month before)", organisation.service_name(&service))
        });
        let services: Vec<String> = services.collect();
        if !services.is_empty() {
            says.push(format!("emergencies by service: {}", services.join(", ")));
        }
        says.extend(self.rises().iter().map(|rise| rise.says(organisation)));
        says
    }

    fn rise(&self, service: Option<&str>) -> Option<Rise> {
        let series = self.series(service, None);
        let newest = &series[series.len().checked_sub(RISES + 1)?..];
        if !newest.windows(2).all(|pair| pair[0] < pair[1]) {
            return None;
        }
        let (changes, before) = (*newest.last()?, *newest.get(RISES - 1)?);
        let of = |tag: CauseTag| self.series(service, Some(tag)).last().copied().unwrap_or(0);
        // Of the same number the first leads.
        let known = CauseTag::ALL.into_iter().filter(|tag| *tag != CauseTag::Unsaid && of(*tag) > 0);
        let cause = known.max_by_key(|tag| (of(*tag), std::cmp::Reverse(*tag)));
        let for_cause = cause.map_or(0, of);
        Some(Rise { service: service.map(str::to_owned), changes, before, cause, for_cause })
    }

    /// Those with emergencies in the last month, the most first.
    fn services(&self) -> Vec<String> {
        let mut services: Vec<(i64, String)> = Vec::new();
        for one in self.counted.iter().filter(|one| one.month + 1 == self.months) {
            match services.iter_mut().find(|(_, service)| *service == one.service) {
                Some((changes, _)) => *changes += one.changes,
                None => services.push((one.changes, one.service.clone())),
            }
        }
        services.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        services.into_iter().map(|(_, service)| service).collect()
    }

    fn series(&self, service: Option<&str>, tag: Option<CauseTag>) -> Vec<i64> {
        let mut series = vec![0; self.months];
        let is_meant = |one: &&Counted| {
            service.is_none_or(|service| one.service == service) && tag.is_none_or(|tag| one.tag == tag)
        };
        for one in self.counted.iter().filter(is_meant) {
            if let Some(month) = series.get_mut(one.month) {
                *month += one.changes;
            }
        }
        series
    }
}

impl Rise {
    fn says(&self, organisation: &Organisation) -> String {
        let of = self.service.as_ref().map(|service| format!(" of {}", organisation.service_name(service)));
        let cause = self.cause.map_or_else(
            || "no cause is on record".to_owned(),
            |cause| format!("the leading cause is {}, {} of {}", cause.phrase(), self.for_cause, self.changes),
        );
        format!("ALARM: emergencies{} rise for three months in a row; {cause}", of.unwrap_or_default())
    }
}

/// "3 more than the month before"
fn against(series: &[i64]) -> String {
    let (Some(last), Some(before)) = (series.last(), series.iter().rev().nth(1)) else { return String::new() };
    match last - before {
        0 => "as many as the month before".to_owned(),
        more if more > 0 => format!("{more} more than the month before"),
        fewer => format!("{} fewer than the month before", -fewer),
    }
}

/// A bar for each number, the highest as high as there is.
fn sparkline(series: &[i64]) -> String {
    let most = series.iter().copied().max().unwrap_or(0).max(1);
    let height = |number: &i64| usize::try_from((number * 7 + most / 2) / most).unwrap_or(0).min(7);
    series.iter().map(|number| BARS[height(number)]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::decide::test_world::organisation;
    use super::*;

    const MONTHS: usize = 6;

    fn trend(series: &[i64], tag: CauseTag) -> Vec<Counted> {
        let of =
            |(month, changes): (usize, &i64)| Counted { month, service: "cards".to_owned(), tag, changes: *changes };
        series.iter().enumerate().map(of).collect()
    }

    #[test]
    fn three_rises_in_a_row_are_an_alarm_and_two_are_not() {
        for (series, alarm) in [
            ([0, 0, 1, 2, 3, 4], true),
            ([9, 9, 0, 1, 2, 3], true),
            ([0, 1, 2, 3, 3, 4], false),
            ([0, 0, 0, 0, 1, 2], false),
            ([0, 5, 4, 3, 2, 1], false),
            ([0, 0, 0, 0, 0, 0], false),
        ] {
            let rises = Trend::of(trend(&series, CauseTag::Unsaid), MONTHS).rises();
            assert_eq!(!rises.is_empty(), alarm, "{series:?}");
        }
        assert!(Trend::of(trend(&[1, 2, 3], CauseTag::Unsaid), 3).rises().is_empty(), "too few months");
    }

    #[test]
    fn the_leading_cause_is_one_that_is_on_record() {
        let mut counted = trend(&[0, 0, 0, 1, 2, 4], CauseTag::Unsaid);
        counted.extend(trend(&[0, 0, 0, 0, 0, 2], CauseTag::Planning));
        counted.extend(trend(&[0, 0, 0, 0, 0, 1], CauseTag::Defect));
        let trend = Trend::of(counted, MONTHS);
        let rises = trend.rises();
        assert_eq!(rises.len(), 2, "all, and the one service");
        assert_eq!(
            (rises[0].cause, rises[0].for_cause, rises[0].changes, rises[0].before),
            (Some(CauseTag::Planning), 2, 7, 2)
        );
        assert_eq!(
            trend.says(&organisation()),
            [
                "emergencies by month, with what only planning made urgent: 0, 0, 0, 1, 2, 7 (▁▁▁▂▃█), 5 more than the month before",
                "emergencies by cause: planning 2 (0 the month before), a defect of another change 1 (0 the month before), \
                 not on record 4 (2 the month before)",
                "emergencies by service: Cards 7 (2 the month before)",
                "ALARM: emergencies rise for three months in a row; the leading cause is planning, 2 of 7",
                "ALARM: emergencies of Cards rise for three months in a row; the leading cause is planning, 2 of 7",
            ]
        );
        assert!(Trend::default().says(&organisation()).is_empty());
    }

    #[test]
    fn every_cause_reads_its_own_word() {
        for tag in CauseTag::ALL {
            assert_eq!(CauseTag::parse(tag.as_str()), Some(tag));
        }
    }
}
