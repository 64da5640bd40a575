//! What is decided about a change that runs while something else is broken.

use super::{Draft, Fact};
use crate::domain::HaltTrigger;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HaltEvent {
    /// `incident`: whose commander decided it.
    LetFinish {
        incident: Option<i64>,
    },
    /// `back`: it is not only to stop, but to be taken back.
    Halted {
        incident: Option<i64>,
        back: bool,
        /// An incident is declared for it.
        declares: bool,
        /// What the incident became that halts it by rule 4.24; `None` where a person decided it.
        trigger: Option<HaltTrigger>,
        why: Option<String>,
    },
    /// The first of the two whom it takes to go on.
    ResumeAsked {
        why: String,
    },
    Resumed {
        why: Option<String>,
    },
}

impl HaltEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            HaltEvent::LetFinish { incident } => for_incident(Draft::new("change.let_finish"), *incident),
            HaltEvent::Halted { incident, back, declares, trigger, why } => {
                let by_rule = |draft: Draft, of: HaltTrigger| draft.word("rule", "4.24").word("trigger", of.as_str());
                for_incident(Draft::new("change.halted"), *incident)
                    .fact("back", Fact::Yes(*back))
                    .maybe(*trigger, by_rule)
                    .maybe(declares.then_some(true), |draft, yes| draft.fact("declares", Fact::Yes(yes)))
                    .maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            HaltEvent::ResumeAsked { why } => Draft::new("change.resume_asked").text("why", why),
            HaltEvent::Resumed { why } => {
                Draft::new("change.resumed").maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
        }
    }
}

fn for_incident(draft: Draft, incident: Option<i64>) -> Draft {
    draft.maybe(incident, |draft, number| draft.word("incident", format!("INC-{number}")))
}
