//! Rule 4.49: what has to be looked back on, in which form, and by when.

use serde::Deserialize;

use super::{ChangeKind, Priority, Ruling, Span};
use crate::domain::policy::Policy;

words! {
    /// The form of a review.
    ReviewKind {
        Major = "major", "a review of a major incident";
        ChangeRelated = "change_related", "a review of an incident that a change caused, or of a change that failed";
        EmergencyChange = "emergency_change", "a review of an emergency change";
        Breach = "breach", "a review of a data breach";
        Drill = "drill", "a review of a drill";
    }
}

words! {
    /// What else is known of an incident that was resolved.
    ReviewFact {
        Major = "major", "it was declared major";
        /// Confirmed by the commander.
        ChangeRelated = "change_related", "a change caused it";
        Recurrence = "recurrence", "it came back";
        SlaBreached = "sla_breached", "it missed its service level";
    }
}

words! {
    /// How a change ended.
    ChangeEnd {
        Implemented = "implemented", "it was implemented";
        RolledBack = "rolled_back", "it was taken back";
        Failed = "failed", "it failed";
    }
}

/// What came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewSubject<'a> {
    Incident {
        priority: Priority,
        facts: &'a [ReviewFact],
    },
    Change {
        kind: ChangeKind,
        end: ChangeEnd,
    },
    /// The clock of a breach was opened.
    Breach,
    Drill,
}

/// By when a review is held, and by when it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewClock {
    #[serde(default)]
    pub hold: Option<Span>,
    #[serde(default)]
    pub publish: Option<Span>,
}

/// A review that has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewDue {
    pub kind: ReviewKind,
    pub clock: ReviewClock,
}

/// Rule 4.49: which review has to be? `None`: it is optional. Rows top-down, the first that holds decides.
pub fn review_required(policy: &Policy, subject: ReviewSubject) -> Ruling<Option<ReviewDue>> {
    let numbers = &policy.reviews;
    let due = match subject {
        ReviewSubject::Incident { priority, facts } => {
            let has = |fact: ReviewFact| facts.contains(&fact);
            if has(ReviewFact::Major) || priority == Priority::P1 {
                Some((ReviewKind::Major, numbers.major))
            } else if has(ReviewFact::ChangeRelated) {
                Some((ReviewKind::ChangeRelated, numbers.change_related))
            } else if priority == Priority::P2 && (has(ReviewFact::Recurrence) || has(ReviewFact::SlaBreached)) {
                Some((ReviewKind::Major, numbers.recurrence))
            } else {
                None
            }
        }
        ReviewSubject::Change { kind, end } => match (kind, end) {
            (ChangeKind::Emergency | ChangeKind::Retroactive, ChangeEnd::Implemented)
            | (ChangeKind::Emergency, ChangeEnd::RolledBack | ChangeEnd::Failed) => {
                Some((ReviewKind::EmergencyChange, numbers.emergency_change))
            }
            (
                ChangeKind::Standard | ChangeKind::Normal | ChangeKind::Expedited | ChangeKind::Retroactive,
                ChangeEnd::RolledBack | ChangeEnd::Failed,
            ) => Some((ReviewKind::ChangeRelated, numbers.failed_change)),
            (ChangeKind::Standard | ChangeKind::Normal | ChangeKind::Expedited, ChangeEnd::Implemented) => None,
        },
        ReviewSubject::Breach => Some((ReviewKind::Breach, numbers.breach)),
        ReviewSubject::Drill => Some((ReviewKind::Drill, numbers.drill)),
    };
    let due = due.map(|(kind, clock)| ReviewDue { kind, clock });
    Ruling::new("4.49", due, due.map_or_else(|| "A review is optional.".to_owned(), sentence))
}

fn sentence(due: ReviewDue) -> String {
    let within = |what: &str, span: Option<Span>| span.map(|span| format!(", {what} within {span}"));
    let hold = within("held", due.clock.hold).unwrap_or_default();
    let publish = within("published", due.clock.publish).unwrap_or_default();
    format!("There has to be {}{hold}{publish}.", due.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_says_by_when() {
        let policy = Policy::sample();
        let major = review_required(&policy, ReviewSubject::Incident { priority: Priority::P1, facts: &[] });
        assert_eq!(
            major.sentence,
            "There has to be a review of a major incident, held within 72 hours, published within 5 business days."
        );
        let calm = review_required(&policy, ReviewSubject::Incident { priority: Priority::P4, facts: &[] });
        assert_eq!((calm.verdict, calm.sentence.as_str()), (None, "A review is optional."));
    }
}
