//! The data pack of the board's monthly meeting: what happened to changes in the month before, in figures that its decisions
//! name. Its text is the same for the same figures, so that its hash proves it. Once a quarter it sets the quarter against the
//! one before, and lists what reviews found and nobody has handled.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::meeting::Pattern;
use super::pir::PirVerdict;
use super::rules::ChangeKind;
use super::trend::Trend;
use super::{Organisation, Subject};

/// A meeting that is the first of its month falls on one of these days.
const FIRST_DAYS: u32 = 7;
/// Months.
const QUARTER: u32 = 3;

/// The month that a pack is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackPeriod {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// "December 2029"
    pub name: String,
}

/// Changes that ended, and those of them that failed, were taken back or caused an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended<T> {
    pub of: T,
    pub changes: i64,
    pub failed: i64,
}

/// What is counted for a pack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackFigures {
    /// Without those that were recorded after the fact.
    pub ended: Vec<Ended<ChangeKind>>,
    /// The services with the most failures; none without.
    pub worst: Vec<Ended<String>>,
    pub rejected: i64,
    pub undecided: i64,
    pub incidents: i64,
    /// Incidents that a change caused, as their commander confirmed.
    pub caused: i64,
    /// Exceptions from freezes and from procedures that were used.
    pub exceptions: i64,
    pub overrun: i64,
    pub recorded: i64,
    pub reviews_closed: i64,
    pub reviews_late: i64,
    /// Not closed, and due before the end of the month.
    pub reviews_owed: i64,
    pub trend: Trend,
    /// Of the first meeting of a quarter.
    pub quarter: Option<Box<Quarter>>,
}

/// A quarter, and the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarter {
    pub name: String,
    pub before_name: String,
    pub now: PackFigures,
    pub before: PackFigures,
    /// What reviews found until its end, for which nobody has asked for another rule.
    pub findings: Vec<Finding>,
}

/// What the review of a change found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub change: i64,
    pub verdict: PirVerdict,
}

/// The pack of a meeting, as its row keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    pub month: String,
    pub items: Vec<PackItem>,
    /// Of its text, in hex.
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackItem {
    /// What a decision names: `P3`.
    pub key: String,
    pub says: String,
    /// The change whose review found it, where the board adopts, rejects or defers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<i64>,
}

impl PackPeriod {
    /// The month before a meeting that is the first of its month; `None` of any other.
    pub fn before(starts_at: DateTime<Utc>, zone: Tz) -> Option<PackPeriod> {
        let day = starts_at.with_timezone(&zone).date_naive();
        if day.day() > FIRST_DAYS {
            return None;
        }
        let last = day.with_day(1)?.checked_sub_months(Months::new(1))?;
        PackPeriod::from(last, 1, last.format("%B %Y").to_string(), zone)
    }

    /// The quarter before a meeting that is the first of its quarter, and the one before that.
    pub fn quarters_before(starts_at: DateTime<Utc>, zone: Tz) -> Option<(PackPeriod, PackPeriod)> {
        let day = starts_at.with_timezone(&zone).date_naive();
        if day.day() > FIRST_DAYS || !day.month0().is_multiple_of(QUARTER) {
            return None;
        }
        let quarter = |back: u32| {
            let first = day.with_day(1)?.checked_sub_months(Months::new(back * QUARTER))?;
            let name = format!("{}-Q{}", first.year(), first.month0() / QUARTER + 1);
            PackPeriod::from(first, QUARTER, name, zone)
        };
        Some((quarter(1)?, quarter(2)?))
    }

    /// So many months, this one being the last.
    pub fn months_until(&self, count: u32, zone: Tz) -> Vec<PackPeriod> {
        let this = self.from.with_timezone(&zone).date_naive();
        let month = |back: u32| {
            let first = this.checked_sub_months(Months::new(back))?;
            PackPeriod::from(first, 1, first.format("%B %Y").to_string(), zone)
        };
        (0..count).rev().filter_map(month).collect()
    }

    /// So many months from the first of one on.
    fn from(first: NaiveDate, months: u32, name: String, zone: Tz) -> Option<PackPeriod> {
        let midnight = |day: NaiveDate| {
            let at = zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest()?;
            Some(at.with_timezone(&Utc))
        };
        let until = midnight(first.checked_add_months(Months::new(months))?)?;
        Some(PackPeriod { from: midnight(first)?, until, name })
    }
}

impl Pack {
    /// `digest`: sha256 in hex.
    pub fn new(
        meeting: Subject,
        period: &PackPeriod,
        figures: &PackFigures,
        patterns: &[Pattern],
        organisation: &Organisation,
        digest: fn(&str) -> String,
    ) -> Pack {
        let numbers = figures.says(patterns, organisation).into_iter().map(|says| (says, None));
        let quarter = figures.quarter.as_ref();
        let compared = quarter.map(|quarter| (quarter.says(), None));
        let found = quarter.into_iter().flat_map(|quarter| &quarter.findings);
        let found = found.map(|finding| (finding.says(), Some(finding.change)));
        let items = (1..)
            .zip(numbers.chain(compared).chain(found))
            .map(|(number, (says, finding)): (u32, _)| PackItem { key: format!("P{number}"), says, finding });
        let mut pack = Pack { month: period.name.clone(), items: items.collect(), sha256: String::new() };
        pack.sha256 = digest(&pack.text(meeting));
        pack
    }

    /// As it is posted and hashed, an item a line.
    pub fn text(&self, meeting: Subject) -> String {
        let head = format!("Data pack of {meeting}: {}", self.month);
        let items = self.items.iter().map(|item| format!("- {}: {}", item.key, item.says));
        std::iter::once(head).chain(items).collect::<Vec<_>>().join("\n")
    }

    /// The item that somebody names: `P3`, `p3` or `3`.
    pub fn item(&self, named: &str) -> Option<&PackItem> {
        let number = named.trim().trim_start_matches(['P', 'p']);
        self.items.iter().find(|item| item.key[1..] == *number)
    }
}

impl PackFigures {
    fn says(&self, patterns: &[Pattern], organisation: &Organisation) -> Vec<String> {
        let all: i64 = self.ended.iter().map(|of| of.changes).sum();
        let failed: i64 = self.ended.iter().map(|of| of.failed).sum();
        let emergencies = self.ended.iter().find(|of| of.of == ChangeKind::Emergency);
        let (hasty, bad) = emergencies.map_or((0, 0), |of| (of.changes, of.failed));
        let kinds = self.ended.iter().map(|of| format!("{} {}", of.changes, of.of.as_str()));
        let worst = self.worst.iter().map(|of| {
            let service = organisation.service_name(&of.of);
            format!("{service} {} of {}", of.failed, of.changes)
        });
        let mut says = vec![
            format!("{} ended{}", counted(all, "change", "changes"), listed(": ", kinds)),
            format!("{failed} of {all} failed, were taken back or caused an incident ({})", share(failed, all)),
            format!("{hasty} of {all} were emergencies ({}), of which {bad} failed", share(hasty, all)),
            if self.worst.is_empty() {
                "no service had a change that failed".to_owned()
            } else {
                format!("services with the most failures{}", listed(": ", worst))
            },
            format!("{} of {} caused by a change", self.caused, counted(self.incidents, "incident", "incidents")),
            format!("{} rejected, {} not decided in time", counted(self.rejected, "change", "changes"), self.undecided),
            format!(
                "{} used, {} overrun, {} recorded after the fact",
                counted(self.exceptions, "exception", "exceptions"),
                counted(self.overrun, "window", "windows"),
                counted(self.recorded, "change", "changes")
            ),
            format!(
                "{} closed, {} of them late; {} overdue at the end of the month",
                counted(self.reviews_closed, "review", "reviews"),
                self.reviews_late,
                self.reviews_owed
            ),
        ];
        says.extend(patterns.iter().map(|of| {
            format!("recurring: {} changes for incidents of {}", of.changes, organisation.service_name(&of.service))
        }));
        says.extend(self.trend.says(organisation));
        says
    }

    fn ended(&self) -> (i64, i64) {
        self.ended.iter().fold((0, 0), |(changes, failed), of| (changes + of.changes, failed + of.failed))
    }

    fn emergencies(&self) -> i64 {
        self.ended.iter().filter(|of| of.of == ChangeKind::Emergency).map(|of| of.changes).sum()
    }
}

impl Quarter {
    /// "2029-Q4 against 2029-Q3: 30 changes ended (25 before), ..."
    fn says(&self) -> String {
        let ((changes, failed), (changes_before, failed_before)) = (self.now.ended(), self.before.ended());
        format!(
            "{} against {}: {} ended ({changes_before} before), {} failed ({}), {} emergencies ({}), {} ({}), {} of them \
             caused by a change ({})",
            self.name,
            self.before_name,
            counted(changes, "change", "changes"),
            share(failed, changes),
            share(failed_before, changes_before),
            self.now.emergencies(),
            self.before.emergencies(),
            counted(self.now.incidents, "incident", "incidents"),
            self.before.incidents,
            self.now.caused,
            self.before.caused,
        )
    }
}

impl Finding {
    fn says(&self) -> String {
        let subject = Subject::Change(self.change);
        format!(
            "finding: the review of {subject} says {}, and nobody has asked for another rule",
            self.verdict.as_str()
        )
    }
}

fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// "25 %"; of nothing there is no share.
fn share(part: i64, of: i64) -> String {
    if of == 0 { "no share".to_owned() } else { format!("{} %", (200 * part + of) / (2 * of)) }
}

fn listed(before: &str, parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("{before}{}", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::super::decide::test_world::organisation;
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn the_first_meeting_of_a_month_looks_back_on_the_month_before_in_the_tenants_zone() {
        let zone = chrono_tz::Europe::Lisbon;
        let period = PackPeriod::before(at("2030-08-07T13:00:00Z"), zone).expect("it is the first Wednesday");
        assert_eq!((period.from, period.until), (at("2030-06-30T23:00:00Z"), at("2030-07-31T23:00:00Z")));
        assert_eq!(period.name, "July 2030");
        let turn = PackPeriod::before(at("2030-01-02T14:00:00Z"), zone).expect("it is the first Wednesday");
        assert_eq!((turn.from, turn.name.as_str()), (at("2029-12-01T00:00:00Z"), "December 2029"));
        assert_eq!(PackPeriod::before(at("2030-01-09T14:00:00Z"), zone), None, "the second Wednesday");
    }

    #[test]
    fn the_first_meeting_of_a_quarter_looks_back_on_two_quarters_and_every_pack_on_months() {
        let zone = chrono_tz::Europe::Lisbon;
        let (now, before) =
            PackPeriod::quarters_before(at("2030-01-02T14:00:00Z"), zone).expect("it is a quarter's first");
        assert_eq!((now.name.as_str(), before.name.as_str()), ("2029-Q4", "2029-Q3"));
        assert_eq!(
            (now.from, now.until),
            (at("2029-10-01T00:00:00Z") - chrono::TimeDelta::hours(1), at("2030-01-01T00:00:00Z"))
        );
        assert_eq!((before.until, now.from), (now.from, before.until));
        assert_eq!(PackPeriod::quarters_before(at("2030-02-06T14:00:00Z"), zone), None);
        let period = PackPeriod::before(at("2030-02-06T14:00:00Z"), zone).expect("it is the first Wednesday");
        let months = period.months_until(3, zone);
        let names: Vec<&str> = months.iter().map(|month| month.name.as_str()).collect();
        assert_eq!(names, ["November 2029", "December 2029", "January 2030"]);
        assert!(months.windows(2).all(|pair| pair[0].until == pair[1].from));
    }

    #[test]
    fn the_pack_of_a_quarter_compares_and_lists_findings_that_want_a_decision() {
        let figures = |changes, failed| PackFigures {
            ended: vec![Ended { of: ChangeKind::Emergency, changes, failed }],
            incidents: changes,
            caused: failed,
            ..PackFigures::default()
        };
        let quarter = Quarter {
            name: "2029-Q4".to_owned(),
            before_name: "2029-Q3".to_owned(),
            now: figures(4, 1),
            before: figures(2, 1),
            findings: vec![Finding { change: 3, verdict: PirVerdict::NonCompliant }],
        };
        let month = PackFigures { quarter: Some(Box::new(quarter)), ..PackFigures::default() };
        let period = PackPeriod::before(at("2030-01-02T14:00:00Z"), chrono_tz::UTC).expect("it is the first Wednesday");
        let pack = Pack::new(Subject::Meeting(1), &period, &month, &[], &organisation(), str::to_owned);
        let [.., compared, finding] = pack.items.as_slice() else { panic!("{pack:?}") };
        assert_eq!(
            (compared.key.as_str(), compared.says.as_str()),
            (
                "P9",
                "2029-Q4 against 2029-Q3: 4 changes ended (2 before), 25 % failed (50 %), 4 emergencies (2), 4 incidents (2), \
                 1 of them caused by a change (1)"
            )
        );
        assert_eq!((finding.key.as_str(), finding.finding, compared.finding), ("P10", Some(3), None));
        assert_eq!(
            finding.says,
            "finding: the review of CHG-3 says non-compliant, and nobody has asked for another rule"
        );
    }

    #[test]
    fn a_pack_says_the_same_for_the_same_figures_and_knows_its_items_by_key() {
        let ended = |of, changes, failed| Ended { of, changes, failed };
        let figures = PackFigures {
            ended: vec![ended(ChangeKind::Normal, 9, 1), ended(ChangeKind::Emergency, 3, 2)],
            worst: vec![Ended { of: "cards".to_owned(), changes: 4, failed: 2 }],
            incidents: 5,
            caused: 2,
            reviews_closed: 1,
            ..PackFigures::default()
        };
        let period = PackPeriod::before(at("2030-01-02T14:00:00Z"), chrono_tz::UTC).expect("it is the first Wednesday");
        let patterns = [Pattern { service: "cards".to_owned(), changes: 3 }];
        let pack = Pack::new(Subject::Meeting(1), &period, &figures, &patterns, &organisation(), str::to_owned);
        let text = pack.text(Subject::Meeting(1));
        assert_eq!(pack.sha256, text, "what is hashed is what is posted");
        assert_eq!(
            text,
            "Data pack of CAB-1: December 2029\n- P1: 12 changes ended: 9 normal, 3 emergency\n\
             - P2: 3 of 12 failed, were taken back or caused an incident (25 %)\n\
             - P3: 3 of 12 were emergencies (25 %), of which 2 failed\n\
             - P4: services with the most failures: Cards 2 of 4\n\
             - P5: 2 of 5 incidents caused by a change\n- P6: 0 changes rejected, 0 not decided in time\n\
             - P7: 0 exceptions used, 0 windows overrun, 0 changes recorded after the fact\n\
             - P8: 1 review closed, 0 of them late; 0 overdue at the end of the month\n\
             - P9: recurring: 3 changes for incidents of Cards"
        );
        for named in ["P2", "p2", " 2 "] {
            assert_eq!(pack.item(named).map(|item| item.key.as_str()), Some("P2"), "{named}");
        }
        for none in ["P10", "P0", "", "P", "2 of 12"] {
            assert_eq!(pack.item(none), None, "{none}");
        }
    }
}
