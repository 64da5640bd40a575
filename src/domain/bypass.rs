//! What went past the regular way of changes, or went wrong on it, for those who answer for it: what it was, and what is
//! still missing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::exception::LookBack;
use super::rules::ExceptionSubject;
use super::{ChangeStatus, PersonId, Pir, PirReason};

/// One time that something went past it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bypass {
    /// Number of the change.
    pub change: i64,
    pub title: String,
    pub service: String,
    /// What it touched besides.
    pub also: Vec<String>,
    /// As the change stands now.
    pub status: ChangeStatus,
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
    /// It failed, was taken back or caused an incident; or what it was let through is too long ago to be told, and its
    /// review is still to be.
    Failure { review: Pir },
    /// What was done without a change, and recorded after it.
    Record {
        late: bool,
        /// When the vote on it ends; without a vote nothing does.
        decide_by: Option<DateTime<Utc>>,
        /// Somebody else found it, and whoever made it was to claim it by then.
        unclaimed: Option<DateTime<Utc>>,
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
        /// Of the change, once that ended.
        review: Option<Pir>,
    },
    /// An exception from a procedure set a rule aside for it.
    Procedure {
        /// Number of the exception.
        exception: i64,
        rule: ExceptionSubject,
        /// Until when it holds; `None` once it is over.
        until: Option<DateTime<Utc>>,
        /// What is asked for after its end.
        look_back: Option<LookBack>,
    },
    /// It did not keep to the window that was approved.
    Window {
        /// The window closed while it ran.
        overran: bool,
        /// How often a vote made the window longer.
        longer: u32,
        /// It is stopped, and waits for more time or for its rollback.
        stopped: bool,
        /// Of the change, once that ended.
        review: Option<Pir>,
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
    /// Overrides of freezes.
    pub exceptions: usize,
    /// Uses of exceptions from a procedure.
    pub procedures: usize,
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
    /// All that the change touched, the main service first.
    pub fn services(&self) -> Vec<String> {
        std::iter::once(&self.service).chain(&self.also).cloned().collect()
    }

    /// Its review, while that is due.
    pub fn due_review(&self) -> Option<&Pir> {
        match &self.way {
            Way::Emergency { review } | Way::Failure { review } => Some(review),
            Way::Record { review, .. } | Way::Exception { review, .. } | Way::Window { review, .. } => review.as_ref(),
            Way::Procedure { .. } => None,
        }
        .filter(|review| review.is_due())
    }

    /// What nobody has looked back on yet of the exception by which it went.
    fn due_look_back(&self) -> Option<&LookBack> {
        match &self.way {
            Way::Procedure { look_back, .. } => look_back.as_ref().filter(|one| one.done.is_none()),
            Way::Emergency { .. }
            | Way::Failure { .. }
            | Way::Record { .. }
            | Way::Exception { .. }
            | Way::Window { .. } => None,
        }
    }

    fn is_unclaimed_since(&self, now: DateTime<Utc>) -> bool {
        matches!(&self.way, Way::Record { unclaimed: Some(due), .. } if *due <= now)
    }

    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        let is_late = self.due_review().is_some_and(|review| review.is_late(now));
        let look_back = self.due_look_back();
        if is_late || self.is_unclaimed_since(now) || look_back.is_some_and(|one| one.due_at <= now) {
            Standing::Overdue
        } else if self.due_review().is_some() || look_back.is_some() || self.is_unfinished(now) {
            Standing::Open
        } else {
            Standing::Settled
        }
    }

    /// Whether something besides its review is still to come.
    fn is_unfinished(&self, now: DateTime<Utc>) -> bool {
        match &self.way {
            Way::Emergency { .. } | Way::Failure { .. } | Way::Procedure { .. } => false,
            Way::Exception { open_until: Some(until), .. } => now < *until,
            // Their validation and their review come with their end.
            Way::Record { .. } | Way::Exception { open_until: None, .. } | Way::Window { overran: true, .. } => {
                self.status.is_open()
            }
            Way::Window { overran: false, stopped, .. } => *stopped,
        }
    }
}

impl BypassCounts {
    pub fn of(bypasses: &[Bypass], now: DateTime<Utc>) -> BypassCounts {
        let mut counts = BypassCounts::default();
        // A change that went past in two ways has one review.
        let (mut open, mut overdue) = (BTreeSet::new(), BTreeSet::new());
        for bypass in bypasses {
            match &bypass.way {
                Way::Emergency { .. } => counts.emergencies += 1,
                Way::Failure { review } => match review.reason {
                    PirReason::Override => counts.exceptions += 1,
                    PirReason::Overrun => counts.overrun += 1,
                    PirReason::Failed
                    | PirReason::RolledBack
                    | PirReason::Cause
                    | PirReason::Emergency
                    | PirReason::Record => counts.failures += 1,
                },
                Way::Record { .. } => counts.records += 1,
                Way::Exception { .. } => counts.exceptions += 1,
                Way::Procedure { .. } => counts.procedures += 1,
                Way::Window { overran: true, .. } => counts.overrun += 1,
                Way::Window { overran: false, .. } => counts.longer += 1,
            }
            open.extend(bypass.due_review().map(|_| bypass.change));
            let late = bypass.due_review().filter(|review| review.is_late(now));
            overdue.extend(late.map(|_| bypass.change));
        }
        BypassCounts { reviews_open: open.len(), reviews_overdue: overdue.len(), ..counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PirVerdict;
    use crate::domain::exception::LookedBack;
    use chrono::{TimeDelta, TimeZone};

    fn at(hour: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2030, 1, 7, 0, 0, 0).single().expect("a day") + TimeDelta::hours(hour)
    }

    fn of(change: i64, way: Way) -> Bypass {
        at_status(change, ChangeStatus::Completed, way)
    }

    fn at_status(change: i64, status: ChangeStatus, way: Way) -> Bypass {
        let by = PersonId("p_ana".to_owned());
        Bypass {
            change,
            title: "t".to_owned(),
            service: "payments".to_owned(),
            also: Vec::new(),
            status,
            at: at(change),
            by,
            way,
        }
    }

    fn review(due: i64) -> Pir {
        Pir::new(PirReason::Emergency, at(due - 24), at(due))
    }

    fn record() -> Way {
        Way::Record { late: false, decide_by: None, unclaimed: None, review: None }
    }

    fn exception(open_until: Option<DateTime<Utc>>) -> Way {
        Way::Exception { freeze: 1, authority: None, second: None, open_until, review: None }
    }

    fn window(overran: bool, longer: u32) -> Way {
        Way::Window { overran, longer, stopped: false, review: None }
    }

    #[test]
    fn what_is_overdue_comes_first_then_what_is_open_the_newest_of_each_first() {
        let stopped = Way::Window { overran: true, longer: 0, stopped: true, review: None };
        let mut all = vec![
            of(1, exception(None)),
            of(2, Way::Emergency { review: review(30) }),
            at_status(3, ChangeStatus::WindowExpired, stopped),
            of(4, window(true, 0)),
            of(5, Way::Emergency { review: review(20) }),
            at_status(6, ChangeStatus::AwaitingApproval, record()),
            at_status(7, ChangeStatus::Rejected, record()),
            of(8, exception(Some(at(26)))),
            of(9, exception(Some(at(25)))),
        ];
        put_in_order(&mut all, at(25));
        let order: Vec<i64> = all.iter().map(|bypass| bypass.change).collect();
        assert_eq!(order, [5, 8, 6, 3, 2, 9, 7, 4, 1]);
    }

    #[test]
    fn what_a_freeze_let_through_or_ran_over_its_window_is_open_until_it_works_and_was_reviewed() {
        let closed = || Pir { verdict: Some(PirVerdict::Compliant), ..review(24) };
        let ways = [
            |review| Way::Exception { freeze: 1, authority: None, second: None, open_until: None, review },
            |review| Way::Window { overran: true, longer: 0, stopped: false, review },
        ];
        for way in ways {
            for (status, review, expected) in [
                (ChangeStatus::Implementing, None, Standing::Open),
                (ChangeStatus::Validating, Some(closed()), Standing::Open),
                (ChangeStatus::Completed, Some(review(30)), Standing::Open),
                (ChangeStatus::Completed, Some(review(20)), Standing::Overdue),
                (ChangeStatus::Completed, Some(closed()), Standing::Settled),
                // Of before there were reviews of these.
                (ChangeStatus::RolledBack, None, Standing::Settled),
            ] {
                let bypass = at_status(1, status, way(review));
                assert_eq!(bypass.standing(at(25)), expected, "{bypass:?}");
            }
        }
        let longer = at_status(1, ChangeStatus::Implementing, window(false, 1));
        assert_eq!(longer.standing(at(25)), Standing::Settled, "a vote made it longer");
    }

    #[test]
    fn what_nobody_claims_is_open_and_after_a_day_overdue() {
        let found = |due| Way::Record { late: false, decide_by: None, unclaimed: Some(at(due)), review: None };
        let standing = |due| at_status(1, ChangeStatus::AwaitingApproval, found(due)).standing(at(25));
        assert_eq!((standing(26), standing(25)), (Standing::Open, Standing::Overdue));
    }

    #[test]
    fn a_rule_that_was_set_aside_is_open_until_somebody_looked_back_on_the_exception() {
        let due = LookBack { due_at: at(30), overdue: false, done: None };
        let done = LookedBack { by: PersonId("p_ines".to_owned()), at: at(24), kept: true };
        for (look_back, now, expected) in [
            (None, 25, Standing::Settled),
            (Some(due.clone()), 25, Standing::Open),
            (Some(due.clone()), 30, Standing::Overdue),
            (Some(LookBack { done: Some(done), ..due }), 30, Standing::Settled),
        ] {
            let rule = ExceptionSubject::Standby;
            let bypass = of(1, Way::Procedure { exception: 3, rule, until: None, look_back });
            assert_eq!(bypass.standing(at(now)), expected, "{bypass:?}");
        }
    }

    #[test]
    fn one_review_of_a_change_that_went_past_in_two_ways_counts_once() {
        let overran = Way::Window { overran: true, longer: 0, stopped: false, review: Some(review(24)) };
        let rule = ExceptionSubject::Standby;
        let excepted = Way::Procedure { exception: 3, rule, until: None, look_back: None };
        let all = [of(1, overran), of(1, Way::Emergency { review: review(24) }), of(1, excepted)];
        let counts = BypassCounts::of(&all, at(25));
        assert_eq!((counts.reviews_open, counts.reviews_overdue), (1, 1));
        assert_eq!((counts.overrun, counts.emergencies, counts.procedures), (1, 1, 1));
    }

    #[test]
    fn a_review_is_overdue_from_its_moment_on_and_counts_as_open_too() {
        let failed = Pir { reason: PirReason::Failed, verdict: Some(PirVerdict::Compliant), ..review(24) };
        let failed = Way::Failure { review: failed };
        let all = [of(1, Way::Emergency { review: review(24) }), of(2, record()), of(3, failed)];
        for (hour, overdue) in [(23, 0), (24, 1), (25, 1)] {
            let counts = BypassCounts::of(&all, at(hour));
            assert_eq!((counts.reviews_open, counts.reviews_overdue), (1, overdue), "at {hour}");
            assert_eq!((counts.emergencies, counts.records, counts.failures), (1, 1, 1));
        }
    }

    #[test]
    fn a_window_that_closed_on_the_work_was_overrun_also_where_a_vote_made_it_longer() {
        let all = [of(1, window(true, 1)), of(2, window(false, 2)), of(3, window(true, 0))];
        let counts = BypassCounts::of(&all, at(1));
        assert_eq!((counts.overrun, counts.longer), (2, 1));
    }
}
