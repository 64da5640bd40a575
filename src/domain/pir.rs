//! The review of an emergency change after it: somebody who neither asked for it nor carried it out looks back, within a
//! day (rule 4.49). It stands on the change's own chain.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Change, PersonId};

/// When whoever is asked is reminded, in hours after the change's end (timer `emergency.pir`).
const REMINDED_AFTER_HOURS: [i64; 3] = [4, 12, 20];

/// The review of one emergency change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pir {
    /// The change's end, from which its times count.
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
    pub due_at: DateTime<Utc>,
    /// Who of the decision authority ruled that it holds up no emergency for a time, and when.
    pub allowed: Option<(PersonId, DateTime<Utc>)>,
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

impl Pir {
    pub fn is_due(&self) -> bool {
        self.verdict.is_none()
    }

    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.is_due() && self.due_at <= now
    }

    /// The next reminder after this moment, before the review is due.
    pub fn next_reminder(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let marks = REMINDED_AFTER_HOURS.into_iter().map(|hours| self.opened_at + TimeDelta::hours(hours));
        marks.filter(|at| *at > now && *at < self.due_at).min()
    }
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
        let pir =
            Pir { opened_at: at(0), due_at: at(24), overdue: false, verdict: None, reviewer: None, closed_at: None };
        for (now, next) in [(0, Some(4)), (3, Some(4)), (4, Some(12)), (12, Some(20)), (20, None), (30, None)] {
            assert_eq!(pir.next_reminder(at(now)), next.map(at), "at {now}");
        }
        let short = Pir { due_at: at(10), ..pir };
        assert_eq!(short.next_reminder(at(5)), None);
    }

    #[test]
    fn every_verdict_reads_its_own_word() {
        for verdict in PirVerdict::ALL {
            assert_eq!(PirVerdict::parse(verdict.as_str()), Some(verdict));
        }
    }
}
