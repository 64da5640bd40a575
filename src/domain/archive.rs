//! What is sealed of a record into the folder outside the database.

use chrono::{DateTime, Utc};

use super::{PersonId, Subject};

/// What a bundle is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArchiveKind {
    /// Everything, for whoever checks it.
    Sealed,
    /// For whoever learns from it.
    Redacted,
}

impl ArchiveKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ArchiveKind::Sealed => "sealed",
            ArchiveKind::Redacted => "redacted",
        }
    }

    pub fn parse(word: &str) -> Option<ArchiveKind> {
        [ArchiveKind::Sealed, ArchiveKind::Redacted].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A bundle that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveBundle {
    pub kind: ArchiveKind,
    /// SHA-256 of its `MANIFEST.sha256`, in hexadecimal.
    pub manifest: String,
    pub entries: i32,
    pub bytes: u64,
    /// How many entries of the log were signed then: what is younger is not in it.
    pub covers: u64,
}

/// The newest bundle of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub subject: Subject,
    /// The `seq` of the entry that speaks of it last.
    pub version: i32,
    pub bundle: ArchiveBundle,
    pub at: DateTime<Utc>,
    /// The manifests of bundles that it replaced, and that are still there.
    pub older: Vec<String>,
}

/// Why an incident is not sealed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealWaits {
    Open,
    /// These changes, or freezes, have not ended.
    For(Vec<Subject>),
    /// The reviews of these changes are due.
    Reviews(Vec<Subject>),
}

/// What a decision about the archive looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveTarget {
    /// Whether this process knows the folder.
    pub has_folder: bool,
    pub waits: Option<SealWaits>,
    pub newest: Option<Archived>,
    /// Whether something was erased, or written, that a bundle of this size does not cover.
    pub is_behind: bool,
    /// The redacted copy that was asked for last.
    pub redaction: Option<Redaction>,
    /// What a redacted copy would be now.
    pub preview: Option<RedactionPreview>,
    /// The request that a button was shown with.
    pub shown: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveCommand {
    /// Seal it at once.
    Seal,
    /// Ask for a redacted copy; with words that are to go too.
    Redact {
        mark: Option<String>,
    },
    ApproveRedaction,
    DeclineRedaction,
    /// Something of the record is erased. Said by wardroom itself.
    VoidRedaction,
    /// A bundle is on the disk. Said by wardroom itself.
    Keep(ArchiveBundle),
    /// An older bundle is gone from the disk. Said by wardroom itself.
    Drop {
        kind: ArchiveKind,
        manifest: String,
    },
}

impl ArchiveCommand {
    pub fn name(&self) -> &'static str {
        match self {
            ArchiveCommand::Seal => "log archive",
            ArchiveCommand::Redact { .. } | ArchiveCommand::ApproveRedaction | ArchiveCommand::DeclineRedaction => {
                "log redact"
            }
            ArchiveCommand::Keep(_) | ArchiveCommand::Drop { .. } | ArchiveCommand::VoidRedaction => {
                "a bundle of the archive"
            }
        }
    }
}

impl SealWaits {
    /// A sentence for people.
    pub fn sentence(&self, subject: Subject) -> String {
        let listed = |subjects: &[Subject]| subjects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self {
            SealWaits::Open => format!("{subject} is open: it is sealed once it has ended."),
            SealWaits::For(records) => {
                format!("{} of {subject} did not end yet: it is sealed after that.", listed(records))
            }
            SealWaits::Reviews(changes) => {
                format!("The review of {} is due: {subject} is sealed once it is closed.", listed(changes))
            }
        }
    }
}

/// How far a redacted copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedactionState {
    Waiting,
    Approved,
    Kept,
    Declined,
    /// Something of the record was erased.
    Void,
}

impl RedactionState {
    pub const ALL: [RedactionState; 5] = [
        RedactionState::Waiting,
        RedactionState::Approved,
        RedactionState::Kept,
        RedactionState::Declined,
        RedactionState::Void,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            RedactionState::Waiting => "waiting",
            RedactionState::Approved => "approved",
            RedactionState::Kept => "kept",
            RedactionState::Declined => "declined",
            RedactionState::Void => "void",
        }
    }

    pub fn parse(word: &str) -> Option<RedactionState> {
        RedactionState::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether an erasure makes it void.
    pub fn is_open(self) -> bool {
        matches!(self, RedactionState::Waiting | RedactionState::Approved | RedactionState::Kept)
    }
}

/// A redacted copy that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// The `seq` of the entry that asked.
    pub asked: i32,
    pub asked_by: PersonId,
    pub state: RedactionState,
    /// Of the text that was shown, in hexadecimal.
    pub sha256: String,
    pub marks: Vec<String>,
}

/// What a redacted copy would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactionPreview {
    pub sha256: String,
    /// What a person looks at before they approve it.
    pub lines: Vec<String>,
}
