//! A voter's blocking concern: while it is open, the vote cannot pass.

use chrono::{DateTime, Utc};

use super::{Change, PersonId};

/// Raised on one revision of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    /// The entry that raised it; 0 until it is written.
    pub entry: i32,
    pub person: PersonId,
    /// `None`: erased.
    pub why: Option<String>,
    pub at: DateTime<Utc>,
    pub is_open: bool,
}

/// What is said of a concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConcernCommand {
    Raise { why: String },
    Resolve { why: Option<String> },
}

impl ConcernCommand {
    pub fn name(&self) -> &'static str {
        match self {
            ConcernCommand::Raise { .. } => "cab concern",
            ConcernCommand::Resolve { .. } => "cab resolved",
        }
    }
}

impl Change {
    pub fn open_concerns(&self) -> impl Iterator<Item = &Concern> {
        self.concerns.iter().filter(|concern| concern.is_open)
    }
}
