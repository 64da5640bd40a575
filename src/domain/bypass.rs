//! What went past the regular way of changes, or went wrong on it, for those who answer for it: what it was, and what is
//! still missing.

use chrono::{DateTime, Utc};

use super::{ChangeStatus, PersonId, Pir};

/// One time that something went past it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bypass {
    /// Number of the change.
    pub change: i64,
    pub title: String,
    pub service: String,
    pub at: DateTime<Utc>,
    /// Who carried the change out.
    pub by: PersonId,
    pub way: Way,
}

/// How it went past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// An emergency, which is looked at afterwards.
    Emergency { review: Pir },
    /// It failed, was taken back or caused an incident.
    Failure { review: Pir },
    /// What was done without a change, and recorded after it.
    Record {
        status: ChangeStatus,
        late: bool,
        /// When the vote on it ends; without a vote nothing does.
        decide_by: Option<DateTime<Utc>>,
        review: Option<Pir>,
    },
    /// A freeze let it through.
    Exception {
        /// Number of the freeze.
        freeze: i64,
        authority: Option<PersonId>,
        /// Whose yes was needed besides.
        second: Option<PersonId>,
        /// Until when it may be used; `None` once it was.
        open_until: Option<DateTime<Utc>>,
    },
    /// It did not keep to the window that was approved.
    Window {
        /// The window closed while it ran.
        overran: bool,
        /// How often a vote made the window longer.
        longer: u32,
        /// It is stopped, and waits for more time or for its rollback.
        stopped: bool,
    },
}

/// What it waits for; in this order it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Overdue,
    Open,
    Settled,
}

/// How many there are of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BypassCounts {
    pub reviews_open: usize,
    /// Of those that are open.
    pub reviews_overdue: usize,
    pub emergencies: usize,
    /// Changes that failed, were taken back or caused an incident.
    pub failures: usize,
    pub records: usize,
    pub exceptions: usize,
    pub overrun: usize,
    pub longer: usize,
}

/// What is overdue first, then what is open, the newest of each first.
pub fn put_in_order(bypasses: &mut [Bypass], now: DateTime<Utc>) {
    bypasses.sort_by(|one, next| {
        let by_standing = one.standing(now).cmp(&next.standing(now));
        by_standing.then(next.at.cmp(&one.at)).then(next.change.cmp(&one.change))
    });
}

impl Bypass {
    /// Its review, while that is due.
    pub fn due_review(&self) -> Option<&Pir> {
        match &self.way {
            Way::Emergency { review } | Way::Failure { review } => Some(review),
            Way::Record { review, .. } => review.as_ref(),
            Way::Exception { .. } | Way::Window { .. } => None,
        }
        .filter(|review| review.is_due())
    }

    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        if self.due_review().is_some_and(|review| review.is_late(now)) {
            Standing::Overdue
        } else if self.due_review().is_some() || self.is_unfinished(now) {
            Standing::Open
        } else {
            Standing::Settled
        }
    }

    /// Whether something besides its review is still to come.
    fn is_unfinished(&self, now: DateTime<Utc>) -> bool {
        match &self.way {
            Way::Emergency { .. } | Way::Failure { .. } => false,
            Way::Record { status, .. } => *status == ChangeStatus::AwaitingApproval,
            Way::Exception { open_until, .. } => open_until.is_some_and(|until| now < until),
            Way::Window { stopped, .. } => *stopped,
        }
    }
}

impl BypassCounts {
    pub fn of(bypasses: &[Bypass], now: DateTime<Utc>) -> BypassCounts {
        let mut counts = BypassCounts::default();
        for bypass in bypasses {
            match &bypass.way {
                Way::Emergency { .. } => counts.emergencies += 1,
                Way::Failure { .. } => counts.failures += 1,
                Way::Record { .. } => counts.records += 1,
                Way::Exception { .. } => counts.exceptions += 1,
                Way::Window { overran: true, .. } => counts.overrun += 1,
                Way::Window { overran: false, .. } => counts.longer += 1,
            }
            counts.reviews_open += usize::from(bypass.due_review().is_some());
            counts.reviews_overdue += usize::from(bypass.standing(now) == Standing::Overdue);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PirReason, PirVerdict};
    use chrono::{TimeDelta, TimeZone};

    fn at(hour: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2030, 1, 7, 0, 0, 0).single().expect("a day") + TimeDelta::hours(hour)
    }

    fn of(change: i64, way: Way) -> Bypass {
        let by = PersonId("p_ana".to_owned());
        Bypass { change, title: "t".to_owned(), service: "payments".to_owned(), at: at(change), by, way }
    }

    fn review(due: i64) -> Pir {
        let opened_at = at(due - 24);
        Pir::new(PirReason::Emergency, opened_at, at(due))
    }

    fn record(status: ChangeStatus) -> Way {
        Way::Record { status, late: false, decide_by: None, review: None }
    }

    fn exception(open_until: Option<DateTime<Utc>>) -> Way {
        Way::Exception { freeze: 1, authority: None, second: None, open_until }
    }

    #[test]
    fn what_is_overdue_comes_first_then_what_is_open_the_newest_of_each_first() {
        let window = |stopped| Way::Window { overran: true, longer: 0, stopped };
        let mut all = vec![
            of(1, exception(None)),
            of(2, Way::Emergency { review: review(30) }),
            of(3, window(true)),
            of(4, window(false)),
            of(5, Way::Emergency { review: review(20) }),
            of(6, record(ChangeStatus::AwaitingApproval)),
            of(7, record(ChangeStatus::Rejected)),
            of(8, exception(Some(at(26)))),
            of(9, exception(Some(at(25)))),
        ];
        put_in_order(&mut all, at(25));
        let order: Vec<i64> = all.iter().map(|bypass| bypass.change).collect();
        assert_eq!(order, [5, 8, 6, 3, 2, 9, 7, 4, 1]);
    }

    #[test]
    fn a_review_is_overdue_from_its_moment_on_and_counts_as_open_too() {
        let failed = Way::Failure { review: Pir { verdict: Some(PirVerdict::Compliant), ..review(24) } };
        let all = [of(1, Way::Emergency { review: review(24) }), of(2, record(ChangeStatus::Completed)), of(3, failed)];
        for (hour, overdue) in [(23, 0), (24, 1), (25, 1)] {
            let counts = BypassCounts::of(&all, at(hour));
            assert_eq!((counts.reviews_open, counts.reviews_overdue), (1, overdue), "at {hour}");
            assert_eq!((counts.emergencies, counts.records, counts.failures), (1, 1, 1));
        }
    }

    #[test]
    fn a_window_that_closed_on_the_work_was_overrun_also_where_a_vote_made_it_longer() {
        let window = |overran, longer| Way::Window { overran, longer, stopped: false };
        let all = [of(1, window(true, 1)), of(2, window(false, 2)), of(3, window(true, 0))];
        let counts = BypassCounts::of(&all, at(1));
        assert_eq!((counts.overrun, counts.longer), (2, 1));
    }
}
