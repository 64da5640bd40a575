//! The review of a change after it (rule 4.49): somebody who neither asked for it nor carried it out looks back, on an
//! emergency within a day. It stands on the change's own chain.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};

use super::{Change, PersonId};

/// When whoever is asked is reminded, in hours after the change's end (timer `emergency.pir`).
const REMINDED_AFTER_HOURS: [i64; 3] = [4, 12, 20];

/// Why a change is looked back on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PirReason {
    Emergency,
    /// It was made without being asked for, and recorded after the fact.
    Record,
    Failed,
    RolledBack,
    /// It caused an incident: whoever commands that said so, or nobody answered before its end.
    Cause,
    /// A freeze made an exception for it.
    Override,
    /// Its window closed while it ran.
    Overrun,
}

/// The review of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pir {
    pub reason: PirReason,
    /// The change's end, or when it was found to be a cause; its times count from there.
    pub opened_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// The change managers were told that it is late.
    pub overdue: bool,
    /// `None` while it is due.
    pub verdict: Option<PirVerdict>,
    pub reviewer: Option<PersonId>,
    pub closed_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PirVerdict {
    Compliant,
    NonCompliant,
    /// It was no emergency.
    Misclassified,
}

/// What a reviewer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PirCheck {
    /// Did it do what it was for?
    Effective,
    PolicyFollowed,
    Evidence,
    RollbackProven,
}

/// What the reviewer found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PirAnswers {
    pub verdict: PirVerdict,
    /// What was answered with a yes; everything else was answered with a no.
    pub passed: Vec<PirCheck>,
    pub notes: Option<String>,
}

/// A review that is not closed yet, and whose team owes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedPir {
    pub change: i64,
    pub requester: PersonId,
    pub reason: PirReason,
    pub due_at: DateTime<Utc>,
    /// Who of the decision authority ruled that it holds up no emergency for a time, and when.
    pub allowed: Option<(PersonId, DateTime<Utc>)>,
}

impl PirAnswers {
    /// Whether there is more to say than that all was well.
    pub fn finds_something(&self) -> bool {
        self.verdict != PirVerdict::Compliant || self.passed.len() < PirCheck::ALL.len() || self.notes.is_some()
    }
}

impl PirVerdict {
    pub const ALL: [PirVerdict; 3] = [PirVerdict::Compliant, PirVerdict::NonCompliant, PirVerdict::Misclassified];

    pub fn as_str(self) -> &'static str {
        match self {
            PirVerdict::Compliant => "compliant",
            PirVerdict::NonCompliant => "non-compliant",
            PirVerdict::Misclassified => "misclassified",
        }
    }

    pub fn parse(word: &str) -> Option<PirVerdict> {
        PirVerdict::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }
}

impl PirCheck {
    pub const ALL: [PirCheck; 4] =
        [PirCheck::Effective, PirCheck::PolicyFollowed, PirCheck::Evidence, PirCheck::RollbackProven];

    /// The words of the form.
    pub fn label(self) -> &'static str {
        match self {
            PirCheck::Effective => "Effective",
            PirCheck::PolicyFollowed => "Policy followed",
            PirCheck::Evidence => "Evidence",
            PirCheck::RollbackProven => "Rollback proven",
        }
    }

    /// The name of its fact in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            PirCheck::Effective => "effective",
            PirCheck::PolicyFollowed => "policy_followed",
            PirCheck::Evidence => "evidence",
            PirCheck::RollbackProven => "rollback_proven",
        }
    }
}

impl PirReason {
    pub const ALL: [PirReason; 7] = [
        PirReason::Emergency,
        PirReason::Record,
        PirReason::Failed,
        PirReason::RolledBack,
        PirReason::Cause,
        PirReason::Override,
        PirReason::Overrun,
    ];

    /// The word of the log and of the row.
    pub fn as_str(self) -> &'static str {
        match self {
            PirReason::Emergency => "emergency",
            PirReason::Record => "record",
            PirReason::Failed => "failed",
            PirReason::RolledBack => "rolled_back",
            PirReason::Cause => "cause",
            PirReason::Override => "override",
            PirReason::Overrun => "overrun",
        }
    }

    pub fn parse(word: &str) -> Option<PirReason> {
        PirReason::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// For people, after "because".
    pub fn phrase(self) -> &'static str {
        match self {
            PirReason::Emergency => "it was an emergency",
            PirReason::Record => "it was recorded after the fact",
            PirReason::Failed => "it failed",
            PirReason::RolledBack => "it was taken back",
            PirReason::Cause => "it caused an incident",
            PirReason::Override => "a freeze made an exception for it",
            PirReason::Overrun => "its window closed before it was done",
        }
    }

    /// Whether the change went past the regular way, which is looked back on within a day; the others have business days.
    pub fn is_urgent(self) -> bool {
        match self {
            PirReason::Emergency | PirReason::Record | PirReason::Override | PirReason::Overrun => true,
            PirReason::Failed | PirReason::RolledBack | PirReason::Cause => false,
        }
    }

    /// Whether it went wrong on the regular way.
    pub fn is_a_failure(self) -> bool {
        !self.is_urgent()
    }

    /// Whether the next emergency of the same team waits for it once it is long overdue.
    pub fn holds_up_emergencies(self) -> bool {
        matches!(self, PirReason::Emergency | PirReason::Record)
    }
}

impl Pir {
    /// One that begins now.
    pub fn new(reason: PirReason, opened_at: DateTime<Utc>, due_at: DateTime<Utc>) -> Pir {
        Pir { reason, opened_at, due_at, overdue: false, verdict: None, reviewer: None, closed_at: None }
    }

    pub fn is_due(&self) -> bool {
        self.verdict.is_none()
    }

    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.is_due() && self.due_at <= now
    }

    /// The next reminder after this moment, before the review is due.
    pub fn next_reminder(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let hours = REMINDED_AFTER_HOURS.into_iter().filter(|_| self.reason.is_urgent());
        let marks = hours.map(|hours| self.opened_at + TimeDelta::hours(hours));
        let last = (!self.reason.is_urgent()).then(|| working_day_before(self.due_at));
        marks.chain(last).filter(|at| *at > now && *at > self.opened_at && *at < self.due_at).min()
    }
}

/// The same time on the day before, or on the Friday before a weekend.
fn working_day_before(at: DateTime<Utc>) -> DateTime<Utc> {
    let days = match at.weekday() {
        Weekday::Mon => 3,
        Weekday::Sun => 2,
        Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri | Weekday::Sat => 1,
    };
    at - TimeDelta::days(days)
}

impl Change {
    /// Its review, while that is due.
    pub fn due_pir(&self) -> Option<&Pir> {
        self.pir.as_ref().filter(|pir| pir.is_due())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn reminders_come_after_four_twelve_and_twenty_hours_and_not_after_the_end() {
        let at = |hour: u32| {
            Utc.with_ymd_and_hms(2030, 1, 7, 0, 0, 0).single().expect("a day") + TimeDelta::hours(hour.into())
        };
        let pir = Pir::new(PirReason::Emergency, at(0), at(24));
        for (now, next) in [(0, Some(4)), (3, Some(4)), (4, Some(12)), (12, Some(20)), (20, None), (30, None)] {
            assert_eq!(pir.next_reminder(at(now)), next.map(at), "at {now}");
        }
        let short = Pir { due_at: at(10), ..pir };
        assert_eq!(short.next_reminder(at(5)), None);
    }

    #[test]
    fn what_has_business_days_is_reminded_of_once_on_the_working_day_before() {
        let day = |day: u32| Utc.with_ymd_and_hms(2030, 1, day, 14, 0, 0).single().expect("a day");
        // A Monday, and the Monday after it.
        let pir = Pir::new(PirReason::Failed, day(7), day(14));
        assert_eq!(pir.next_reminder(day(7)), Some(day(11)), "the Friday");
        assert_eq!(pir.next_reminder(day(11)), None);
        let next = Pir::new(PirReason::Cause, day(7), day(10));
        assert_eq!(next.next_reminder(day(7)), Some(day(9)));
        let at_once = Pir::new(PirReason::Failed, day(7), day(8));
        assert_eq!(at_once.next_reminder(day(7)), None, "not as it begins");
    }

    #[test]
    fn only_what_went_past_the_regular_way_is_urgent_and_only_emergencies_and_records_hold_up_the_next() {
        let urgent: Vec<&str> = PirReason::ALL.iter().filter(|one| one.is_urgent()).map(|one| one.as_str()).collect();
        assert_eq!(urgent, ["emergency", "record", "override", "overrun"]);
        let holds: Vec<&str> =
            PirReason::ALL.iter().filter(|one| one.holds_up_emergencies()).map(|one| one.as_str()).collect();
        assert_eq!(holds, ["emergency", "record"]);
    }

    #[test]
    fn every_verdict_and_every_reason_reads_its_own_word() {
        for reason in PirReason::ALL {
            assert_eq!(PirReason::parse(reason.as_str()), Some(reason));
        }
        for verdict in PirVerdict::ALL {
            assert_eq!(PirVerdict::parse(verdict.as_str()), Some(verdict));
        }
    }
}
