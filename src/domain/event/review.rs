//! What a peer reviewer says without filling a seat.

use super::{Draft, Fact};
use crate::domain::ReviewAnswers;

/// On the chain of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewEvent {
    /// What must change first: until then nobody's yes approves this revision.
    ChangesWanted { revision: i32, answers: ReviewAnswers, why: String },
    /// Whoever wanted changes agrees to this revision as it is, whose seat somebody else fills.
    Agreed { revision: i32, answers: ReviewAnswers },
}

impl ReviewEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            ReviewEvent::ChangesWanted { revision, answers, why } => {
                with_answers(Draft::new("review.changes_wanted").int("revision", *revision), *answers).text("why", why)
            }
            ReviewEvent::Agreed { revision, answers } => {
                with_answers(Draft::new("review.agreed").int("revision", *revision), *answers)
            }
        }
    }
}

pub(super) fn with_answers(draft: Draft, answers: ReviewAnswers) -> Draft {
    answers.all().into_iter().fold(draft, |draft, (question, answer)| draft.fact(question, Fact::Yes(answer)))
}
