//! What happened to an entry of the catalogue of standard changes: suspended, let in use again, or about to expire.

use chrono::{DateTime, Utc};

use super::PersonId;
use super::rules::CatalogueState;

/// One time that something happened to one version of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatalogueMark {
    pub state: CatalogueState,
    /// Suspended because uses failed, or resumed in spite of that: from then on they count anew.
    pub by_failures: bool,
    pub at: DateTime<Utc>,
}

impl CatalogueMark {
    /// Whether it takes an entry out of use, or lets it in again.
    pub fn is_about_use(&self) -> bool {
        matches!(self.state, CatalogueState::Suspended | CatalogueState::Resumed)
    }
}

/// What is done to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogueCommand {
    Suspend {
        entry: String,
        why: String,
    },
    Resume {
        entry: String,
        why: String,
    },
    /// Puts it to the board.
    Submit {
        entry: String,
    },
    /// Is one about to expire, or has it, or did it fail too often? Asked by the housekeeping, once a day.
    LookAfter,
}

impl CatalogueCommand {
    pub fn name(&self) -> &'static str {
        match self {
            CatalogueCommand::Suspend { .. } => "cab standard suspend",
            CatalogueCommand::Resume { .. } => "cab standard resume",
            CatalogueCommand::Submit { .. } => "cab standard submit",
            CatalogueCommand::LookAfter => "a look at the catalogue",
        }
    }

    /// The key of the entry that it names.
    pub fn entry(&self) -> Option<&str> {
        match self {
            CatalogueCommand::Suspend { entry, .. }
            | CatalogueCommand::Resume { entry, .. }
            | CatalogueCommand::Submit { entry } => Some(entry),
            CatalogueCommand::LookAfter => None,
        }
    }
}

/// An entry as it is put to the board, by a change that is about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub entry: String,
    pub version: u32,
    /// Of its content, in hex: what the board agrees to is this, and nothing that came later.
    pub sha256: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardWord {
    pub sha256: String,
    /// The change that put it to the board.
    pub change: i64,
    pub approved: bool,
    /// Whether the board has yet to decide.
    pub open: bool,
}

/// Which version of an entry, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueStep {
    pub entry: String,
    pub version: u32,
    /// Who is told.
    pub owner: Option<PersonId>,
}
