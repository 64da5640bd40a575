//! What is sealed into the folder outside the database.

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::archive::{ArchiveBundle, ArchiveKind};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveEvent {
    /// Somebody wants it sealed at once.
    Asked,
    /// A bundle is kept, in the place of the one that it replaces.
    Sealed {
        bundle: ArchiveBundle,
        replaces: Option<String>,
    },
    /// A bundle that was replaced is gone from the folder.
    Removed {
        kind: ArchiveKind,
        manifest: String,
    },
    /// Somebody asks for a redacted copy of this text, with these words marked.
    RedactionAsked {
        sha256: String,
        marks: Vec<String>,
    },
    RedactionApproved {
        asked: i32,
        asked_by: PersonId,
    },
    RedactionDeclined {
        asked: i32,
        asked_by: PersonId,
    },
    /// Something of the record was erased or written since.
    RedactionVoid {
        asked: i32,
        asked_by: PersonId,
    },
}

impl ArchiveEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            ArchiveEvent::Asked => Draft::new("archive.asked"),
            ArchiveEvent::Sealed { bundle, replaces } => {
                let draft = match bundle.kind {
                    ArchiveKind::Sealed => Draft::new("archive.sealed"),
                    ArchiveKind::Redacted => Draft::new("archive.redacted"),
                };
                draft
                    .word("manifest", &bundle.manifest)
                    .int("entries", bundle.entries)
                    .word("bytes", bundle.bytes.to_string())
                    .word("covers", bundle.covers.to_string())
                    .maybe(replaces.as_ref(), |draft, replaces| draft.word("replaces", replaces))
            }
            ArchiveEvent::Removed { kind, manifest } => {
                Draft::new("archive.removed").word("kind", kind.as_str()).word("manifest", manifest)
            }
            ArchiveEvent::RedactionAsked { sha256, marks } => Draft::new("redaction.asked")
                .word("sha256", sha256)
                .maybe((!marks.is_empty()).then(|| marks.join("; ")), |draft, marks| draft.text("marks", marks)),
            ArchiveEvent::RedactionApproved { asked, asked_by } => {
                answered(Draft::new("redaction.approved"), *asked, asked_by)
            }
            ArchiveEvent::RedactionDeclined { asked, asked_by } => {
                answered(Draft::new("redaction.declined"), *asked, asked_by)
            }
            ArchiveEvent::RedactionVoid { asked, asked_by } => answered(Draft::new("redaction.void"), *asked, asked_by),
        }
    }
}

fn answered(draft: Draft, asked: i32, asked_by: &PersonId) -> Draft {
    draft.int("asked", asked).fact("asked_by", Fact::Person(asked_by.clone()))
}
