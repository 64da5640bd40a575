//! What happens while a change is taken back step by step.

use super::{Draft, Fact};
use crate::domain::PersonId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackEvent {
    /// `planned`: how many minutes its plan says.
    Begun { steps: i32, planned: Option<i32>, why: String },
    /// `minutes`: since the step before.
    StepDone { step: i32, of: i32, minutes: i32 },
    /// `person`: whose step it is.
    StepFailed { step: i32, of: i32, person: Option<PersonId>, why: String },
}

impl RollbackEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            RollbackEvent::Begun { steps, planned, why } => Draft::new("rollback.begun")
                .int("steps", *steps)
                .maybe(*planned, |draft, planned| draft.int("planned", planned))
                .text("why", why),
            RollbackEvent::StepDone { step, of, minutes } => {
                Draft::new("rollback.step_done").int("step", *step).int("steps", *of).int("minutes", *minutes)
            }
            RollbackEvent::StepFailed { step, of, person, why } => Draft::new("rollback.step_failed")
                .int("step", *step)
                .int("steps", *of)
                .maybe(person.clone(), |draft, person| draft.fact("person", Fact::Person(person)))
                .text("why", why),
        }
    }
}
