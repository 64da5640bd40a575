//! What is found out about whether a change works.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::validation::CheckResult;
use crate::domain::{PersonId, Subject};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidationEvent {
    /// `checks`: what runs, watched until then; without any, `asked` is the first of those who can say it.
    Opened {
        checks: Vec<String>,
        until: DateTime<Utc>,
        asked: Option<PersonId>,
    },
    /// `attempt`: the how manieth run since one passed.
    Checked {
        result: CheckResult,
        attempt: u32,
    },
    /// Nobody has said it yet.
    Reminded {
        person: Option<PersonId>,
    },
    Again,
    /// `attested`: a person says so.
    Passed {
        attested: bool,
        why: Option<String>,
    },
    /// `failures`: how often it was found not to work now.
    Failed {
        attested: bool,
        failures: u32,
        why: String,
    },
    /// An incident may come from it (rule 4.14), and holds up whether it counts as working. `confidence`: of 100.
    Doubted {
        incident: i64,
        confidence: Option<i32>,
    },
    /// It holds it up no more: `person` said that it does not come from it; without one it is over.
    Cleared {
        incident: i64,
        person: Option<PersonId>,
    },
}

impl ValidationEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let person = |draft: Draft, person: &Option<PersonId>| {
            draft.maybe(person.clone(), |draft, person| draft.fact("person", Fact::Person(person)))
        };
        match self {
            ValidationEvent::Opened { checks, until, asked } => {
                let draft = Draft::new("validation.opened").fact("checks", Fact::Words(checks.clone()));
                person(draft.fact("until", Fact::At(*until)), asked)
            }
            ValidationEvent::Checked { result, attempt } => Draft::new("validation.checked")
                .word("check", &result.key)
                .maybe(result.kind, |draft, kind| draft.word("of", kind))
                .int("attempt", count(*attempt))
                .fact("passed", Fact::Yes(result.passed == Some(true)))
                .maybe(result.passed.is_none().then_some(true), |draft, waits| draft.fact("waits", Fact::Yes(waits)))
                .text("text", &result.found),
            ValidationEvent::Reminded { person: of } => person(Draft::new("validation.reminded"), of),
            ValidationEvent::Again => Draft::new("validation.again"),
            ValidationEvent::Passed { attested, why } => Draft::new("validation.passed")
                .fact("attested", Fact::Yes(*attested))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            ValidationEvent::Failed { attested, failures, why } => Draft::new("validation.failed")
                .fact("attested", Fact::Yes(*attested))
                .int("failures", count(*failures))
                .text("why", why),
            ValidationEvent::Doubted { incident, confidence } => Draft::new("validation.doubted")
                .word("incident", Subject::Incident(*incident).to_string())
                .word("rule", "4.14")
                .maybe(*confidence, |draft, confidence| draft.int("confidence", confidence)),
            ValidationEvent::Cleared { incident, person: by } => {
                let incident = Subject::Incident(*incident).to_string();
                person(Draft::new("validation.cleared").word("incident", incident), by)
            }
        }
    }
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
