//! How a change manager judges a risk otherwise than its score.

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rules::Band;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RiskEvent {
    /// `asked_by`: the change manager who asked for a lower band first. The revision that follows says what it changes.
    Adjusted { from: Band, to: Band, asked_by: Option<PersonId>, why: String },
    /// A lower band waits for a second change manager.
    LoweringAsked { from: Band, to: Band, why: String },
}

impl RiskEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let moved = |draft: Draft, from: Band, to: Band| {
            draft.word("from", from.as_str()).word("to", to.as_str()).word("rule", "4.7")
        };
        match self {
            RiskEvent::Adjusted { from, to, asked_by, why } => moved(Draft::new("risk.adjusted"), *from, *to)
                .maybe(asked_by.clone(), |draft, person| draft.fact("asked_by", Fact::Person(person)))
                .text("why", why),
            RiskEvent::LoweringAsked { from, to, why } => {
                moved(Draft::new("risk.lowering_asked"), *from, *to).text("why", why)
            }
        }
    }
}
