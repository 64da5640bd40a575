//! What can be asked for about freezes.

use super::When;
use super::rules::{ChangeKind, Every};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreezeCommand {
    On(NewFreeze),
    Off {
        why: String,
    },
    Extend {
        until: Option<When>,
        why: String,
    },
    /// To a planned one, by the business owners of what it freezes.
    Agree,
    Object {
        why: String,
    },
    /// Asks for an override for one change.
    Except {
        why: String,
    },
    Allow {
        why: String,
    },
    Deny {
        why: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFreeze {
    /// Empty: everything. `None`: those of the incident whose room this is, everything elsewhere.
    pub services: Option<Vec<String>>,
    /// `None`: from now on.
    pub from: Option<When>,
    pub until: When,
    pub every: Option<Every>,
    pub why: String,
    pub hard: bool,
    /// The types of changes that it holds up; empty: every type.
    pub blocks: Vec<ChangeKind>,
}

impl FreezeCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        match self {
            FreezeCommand::On(_) => "freeze on",
            FreezeCommand::Off { .. } => "freeze off",
            FreezeCommand::Extend { .. } => "freeze extend",
            FreezeCommand::Agree => "freeze agree",
            FreezeCommand::Object { .. } => "freeze object",
            FreezeCommand::Except { .. } => "freeze except",
            FreezeCommand::Allow { .. } => "freeze allow",
            FreezeCommand::Deny { .. } => "freeze deny",
        }
    }
}
