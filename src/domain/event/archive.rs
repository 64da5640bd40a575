//! What is sealed into the folder outside the database.

use super::Draft;
use crate::domain::archive::{ArchiveBundle, ArchiveKind};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveEvent {
    /// Somebody wants it sealed at once.
    Asked,
    /// A bundle is kept, in the place of the one that it replaces.
    Sealed { bundle: ArchiveBundle, replaces: Option<String> },
    /// A bundle that was replaced is gone from the folder.
    Removed { kind: ArchiveKind, manifest: String },
}

impl ArchiveEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            ArchiveEvent::Asked => Draft::new("archive.asked"),
            ArchiveEvent::Sealed { bundle, replaces } => Draft::new("archive.sealed")
                .word("manifest", &bundle.manifest)
                .int("entries", bundle.entries)
                .word("bytes", bundle.bytes.to_string())
                .word("covers", bundle.covers.to_string())
                .maybe(replaces.as_ref(), |draft, replaces| draft.word("replaces", replaces)),
            ArchiveEvent::Removed { kind, manifest } => {
                Draft::new("archive.removed").word("kind", kind.as_str()).word("manifest", manifest)
            }
        }
    }
}
