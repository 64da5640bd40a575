//! What becomes of a change that runs while something else is broken: it may finish, or it is halted, and goes on only
//! when two agree.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Change, PersonId};

/// What was decided about a change that runs. Why is in the log, where it can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    pub ruling: HaltRuling,
    pub by: DecidedBy,
    pub at: DateTime<Utc>,
    /// The incident for whose sake it was decided.
    pub incident: Option<i64>,
    /// Who asks to go on: the first of the two whom that takes.
    pub resume_by: Option<PersonId>,
}

/// Kept as the log names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum DecidedBy {
    Person(PersonId),
    /// Rule 4.24 alone: something critical broke on its service.
    Rule,
}

/// What makes an incident critical for a change that runs on its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HaltTrigger {
    P1,
    Major,
}

/// The milder first: a stricter one may follow, a milder one comes too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltRuling {
    Finish,
    Halt,
    /// Halted, and to be taken back by whoever carries it out.
    RollBack,
}

impl Change {
    /// Whether it is halted to be taken back, also after its window has closed.
    pub fn is_to_go_back(&self) -> bool {
        self.halt.as_ref().is_some_and(|halt| halt.ruling == HaltRuling::RollBack)
    }
}

impl From<String> for DecidedBy {
    fn from(name: String) -> DecidedBy {
        if name == "wardroom" { DecidedBy::Rule } else { DecidedBy::Person(PersonId(name)) }
    }
}

impl From<DecidedBy> for String {
    fn from(by: DecidedBy) -> String {
        match by {
            DecidedBy::Person(person) => person.0,
            DecidedBy::Rule => "wardroom".to_owned(),
        }
    }
}

impl DecidedBy {
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            DecidedBy::Person(person) => Some(person),
            DecidedBy::Rule => None,
        }
    }
}

impl HaltTrigger {
    pub fn as_str(self) -> &'static str {
        match self {
            HaltTrigger::P1 => "P1",
            HaltTrigger::Major => "major",
        }
    }
}

impl HaltRuling {
    pub const ALL: [HaltRuling; 3] = [HaltRuling::Finish, HaltRuling::Halt, HaltRuling::RollBack];

    /// What somebody did who decided so.
    pub fn phrase(self) -> &'static str {
        match self {
            HaltRuling::Finish => "let it finish",
            HaltRuling::Halt => "halted it",
            HaltRuling::RollBack => "asked to take it back",
        }
    }
}
