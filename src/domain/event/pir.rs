//! What happens to the review of a change.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::pir::{PirAnswers, PirCheck, PirReason};
use crate::domain::rules::ContingencyItem;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PirEvent {
    /// `asked`: who is asked first; `None` where nobody can be. `owes`: what its contingency plan lacked.
    /// `skipped`: what of the regular way was left out, each with what the review is to say of it.
    Opened {
        reason: PirReason,
        due: DateTime<Utc>,
        asked: Option<PersonId>,
        owes: Vec<ContingencyItem>,
        skipped: Vec<String>,
    },
    Reminded {
        due: DateTime<Utc>,
    },
    Overdue {
        due: DateTime<Utc>,
    },
    Closed {
        answers: PirAnswers,
    },
}

impl PirEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            PirEvent::Opened { reason, due, asked, owes, skipped } => {
                let owes: Vec<String> = owes.iter().map(|item| item.as_str().to_owned()).collect();
                Draft::new("pir.opened")
                    .fact("due", Fact::At(*due))
                    .word("rule", "4.49")
                    .word("reason", reason.as_str())
                    .maybe(asked.clone(), |draft, asked| draft.fact("person", Fact::Person(asked)))
                    .words_if_any("owes", owes)
                    .words_if_any("skipped", skipped.clone())
            }
            PirEvent::Reminded { due } => Draft::new("pir.reminded").fact("due", Fact::At(*due)),
            PirEvent::Overdue { due } => Draft::new("pir.overdue").fact("due", Fact::At(*due)),
            PirEvent::Closed { answers } => {
                let verdict = Draft::new("pir.closed").word("verdict", answers.verdict.as_str());
                let told = |draft: Draft, check: PirCheck| {
                    draft.fact(check.as_str(), Fact::Yes(answers.passed.contains(&check)))
                };
                PirCheck::ALL
                    .into_iter()
                    .fold(verdict, told)
                    .maybe(answers.notes.as_ref(), |draft, notes| draft.text("text", notes))
            }
        }
    }
}
