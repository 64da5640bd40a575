//! What freezes do to a change that was agreed to.

use super::{Draft, Fact};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldEvent {
    /// `freezes`: numbers of those that hold it up.
    Held { freezes: Vec<i64> },
    /// Nothing holds it up any more. `passed`: its window has closed meanwhile, so it needs another.
    Released { held_minutes: i32, passed: bool },
}

impl HoldEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            HoldEvent::Held { freezes } => {
                let freezes = freezes.iter().map(|number| format!("FRZ-{number}")).collect();
                Draft::new("change.held").word("rule", "4.11").fact("freezes", Fact::Words(freezes))
            }
            HoldEvent::Released { held_minutes, passed } => {
                Draft::new("change.released").int("held_minutes", *held_minutes).fact("passed", Fact::Yes(*passed))
            }
        }
    }
}
