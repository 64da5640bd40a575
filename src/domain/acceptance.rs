//! A risk that an executive took upon them: for one revision, until a day.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rules::Seat;
use super::{Approval, Change, PersonId, When};

/// What an executive says who accepts a risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    pub why: String,
    /// What else could be done, and why it is not.
    pub alternatives: String,
    /// How long it is good for; without it as long as policy says.
    pub until: Option<When>,
}

/// An acceptance as the change keeps it, with the risk that was assessed: another revision has another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedRisk {
    pub by: PersonId,
    pub at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// What else was weighed; erased where it says so.
    pub alternatives: String,
    /// Its end came before the change started: it counts no more.
    pub expired: bool,
}

impl AcceptedRisk {
    /// Whether it counts no more, also where nobody was told so yet.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.expired || self.until <= now
    }
}

impl Change {
    /// Whether it may still start: only until then does an acceptance run out.
    pub fn has_not_begun(&self) -> bool {
        self.status.is_before_start() && self.retro.is_none()
    }

    /// The acceptance of its risk, where that is over and it has not begun.
    pub fn lapsed_acceptance(&self, now: DateTime<Utc>) -> Option<&AcceptedRisk> {
        self.risk.accepted.as_ref().filter(|accepted| accepted.is_over(now) && self.has_not_begun())
    }

    /// When the acceptance of its risk runs out.
    pub(super) fn acceptance_ends(&self) -> Option<DateTime<Utc>> {
        let accepted = self.risk.accepted.as_ref().filter(|accepted| !accepted.expired && self.has_not_begun());
        accepted.map(|accepted| accepted.until)
    }

    /// Who fills a seat now: not whoever accepted the risk for a time that is over.
    pub(super) fn standing_approvals(&self) -> impl Iterator<Item = &Approval> {
        let over = self.risk.accepted.as_ref().is_some_and(|accepted| accepted.expired);
        self.approvals.iter().filter(move |approval| !(over && approval.seat == Seat::Executive))
    }
}
