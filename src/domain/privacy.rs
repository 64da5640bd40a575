//! What is to be forgotten, and what must not be: requests of erasure and legal holds.

use chrono::{DateTime, Utc};

use super::archive::{ArchiveCommand, ArchiveTarget};
use super::{Incident, PersonId, Subject};

/// Digests that one log entry names: with the rest of an entry they stay far below the 64 KiB that a body may have.
pub const DIGESTS_MAX: usize = 1_000;

/// What stands in the place of a text that was erased.
pub const ERASED: &str = "[erased]";

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErasureOf {
    /// What people wrote in one entry.
    Entry(i32),
    /// A person's name wherever it stands beside the log; with `whole` also what they wrote.
    Person { person: PersonId, whole: bool },
}

/// Something that one person asked to have erased, and that waits for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    pub subject: Subject,
    /// The `seq` of the entry that asked.
    pub asked: i32,
    pub of: ErasureOf,
    /// The law, or the rule of the house, that asks for it.
    pub basis: String,
    pub asked_by: PersonId,
    pub asked_at: DateTime<Utc>,
    pub approved_by: Option<PersonId>,
}

/// Keeps everything of a record as it is, whatever its age and whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The record that was put on hold: a change is held with its incident.
    pub subject: Subject,
    pub placed: i32,
    pub why: String,
    pub by: PersonId,
    pub at: DateTime<Utc>,
}

/// Which of a record's texts and names are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// Those older than this.
    Before(DateTime<Utc>),
    /// A person's, under every name that the log has for them: their pseudonym, and their accounts' before those were
    /// linked.
    Person { names: Vec<String>, whole: bool },
    /// These alone.
    Digests(Vec<String>),
}

/// Why texts go without anybody pressing a button at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// Rule 4.34: they are old enough.
    Age { class: &'static str },
    /// Two people agreed on it.
    Request { asked_by: PersonId, approved_by: PersonId, basis: String },
    /// They were erased before, and a restored backup had them again.
    Again { before: String },
}

/// The texts of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryTexts {
    pub kind: String,
    /// How the log names whoever wrote them.
    pub author: String,
    /// base64, as the body has them.
    pub digests: Vec<String>,
}

/// What a decision about erasure looks at, loaded under the record's lock.
#[derive(Debug, Clone)]
pub struct PrivacyTarget {
    pub subject: Subject,
    /// The incident that the record is or belongs to: its cards show what is left.
    pub incident: Option<Incident>,
    pub hold: Option<Hold>,
    /// The request that is meant, where one waits.
    pub request: Option<Erasure>,
    /// The texts of the entry that is meant.
    pub entry: Option<EntryTexts>,
    /// Digests in the scope that is meant; for a person, how many there are anywhere.
    pub digests: Vec<String>,
    /// The profile of retention that is in force, and whether it is confirmed.
    pub profile: Option<(String, bool)>,
    /// What is sealed of it; empty where the command is not about the archive.
    pub archive: ArchiveTarget,
}

impl PrivacyTarget {
    /// With nothing known yet but what it is about.
    pub fn of(subject: Subject) -> PrivacyTarget {
        let (incident, hold, request, entry, profile) = (None, None, None, None, None);
        let archive = ArchiveTarget::default();
        PrivacyTarget { subject, incident, hold, request, entry, digests: Vec::new(), profile, archive }
    }
}

/// What can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrivacyCommand {
    Erase {
        of: ErasureOf,
        basis: String,
    },
    /// Without one the only request that waits is meant.
    Approve {
        of: Option<ErasureOf>,
    },
    Decline {
        of: Option<ErasureOf>,
    },
    Hold {
        why: String,
    },
    Release {
        why: String,
    },
    ConfirmRetention,
    Archive(ArchiveCommand),
    /// Texts whose time has come, of one record. Said by wardroom itself.
    EraseDue {
        scope: Scope,
        because: Because,
    },
    /// Every record was seen to. Said by wardroom itself.
    FinishPerson {
        asked: i32,
    },
    /// What a new profile of retention would erase. Said by wardroom itself.
    PreviewRetention {
        records: i32,
    },
}

impl PrivacyCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        match self {
            PrivacyCommand::Erase { .. } => "log erase",
            PrivacyCommand::Approve { .. } => "log approve",
            PrivacyCommand::Decline { .. } => "log decline",
            PrivacyCommand::Hold { .. } => "log hold",
            PrivacyCommand::Release { .. } => "log release",
            PrivacyCommand::ConfirmRetention => "admin retention",
            PrivacyCommand::Archive(command) => command.name(),
            PrivacyCommand::EraseDue { .. } | PrivacyCommand::FinishPerson { .. } => "an erasure",
            PrivacyCommand::PreviewRetention { .. } => "a preview of retention",
        }
    }
}
