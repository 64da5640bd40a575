//! What becomes of a change that runs while something else is broken: it may finish, or it is halted, and goes on only
//! when two agree.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Change, PersonId};

/// What was decided about a change that runs. Why is in the log, where it can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    pub ruling: HaltRuling,
    pub by: PersonId,
    pub at: DateTime<Utc>,
    /// The incident for whose sake it was decided.
    pub incident: Option<i64>,
    /// Who asks to go on: the first of the two whom that takes.
    pub resume_by: Option<PersonId>,
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
