//! What a peer reviewer is asked, and what they said of a revision. Whoever wants changes first holds it up until they agree
//! themselves, or its text is another.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::rules::{ChangeKind, Seat};
use super::{Change, ChangeStatus, PersonId};

/// The answers to the three questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct ReviewAnswers {
    /// It is done to the right thing.
    pub target: bool,
    /// The rollback would work.
    pub rollback: bool,
    /// What it does besides is acceptable.
    pub effects: bool,
}

impl ReviewAnswers {
    pub const YES: ReviewAnswers = ReviewAnswers { target: true, rollback: true, effects: true };

    /// Each question by its name, with its answer.
    pub fn all(self) -> [(&'static str, bool); 3] {
        [("target", self.target), ("rollback", self.rollback), ("effects", self.effects)]
    }

    /// For people: "right target, rollback not usable, side effects acceptable".
    pub fn phrase(self) -> String {
        let said = |answer: bool, yes: &'static str, no: &'static str| if answer { yes } else { no };
        [
            said(self.target, "right target", "wrong target"),
            said(self.rollback, "rollback usable", "rollback not usable"),
            said(self.effects, "side effects acceptable", "side effects not acceptable"),
        ]
        .join(", ")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewWord {
    Ok,
    Changes,
}

impl ReviewWord {
    pub fn as_str(self) -> &'static str {
        match self {
            ReviewWord::Ok => "ok",
            ReviewWord::Changes => "changes",
        }
    }
}

/// One word of a reviewer; the newest of a person counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PeerReview {
    /// The entry that says it; 0 until it is written.
    pub version: i32,
    pub person: PersonId,
    pub verdict: ReviewWord,
    #[serde(flatten)]
    pub answers: ReviewAnswers,
    pub said_at: DateTime<Utc>,
}

impl Change {
    /// What this person said last of this revision.
    pub fn review_of(&self, person: &PersonId) -> Option<&PeerReview> {
        self.reviews.iter().rev().find(|review| &review.person == person)
    }

    /// The reviews that want changes first, and whose authors have not agreed since.
    pub fn changes_wanted(&self) -> impl Iterator<Item = &PeerReview> {
        let is_last = |review: &&PeerReview| self.review_of(&review.person) == Some(*review);
        self.reviews.iter().filter(is_last).filter(|review| review.verdict == ReviewWord::Changes)
    }

    /// Whether a reviewer keeps this revision from being approved. A ruling that stands in for the review stands in for that
    /// too.
    pub fn is_held_by_review(&self) -> bool {
        self.status == ChangeStatus::AwaitingApproval
            && self.kind != ChangeKind::Retroactive
            && self.required.peer_reviews > 0
            && !self.is_ruled_away(Seat::PeerReviewer)
            && self.changes_wanted().next().is_some()
    }
}
