//! Events of the archive.

use wardroom::domain::PersonId;
use wardroom::domain::archive::{ArchiveBundle, ArchiveKind};
use wardroom::domain::event::ArchiveEvent;

pub fn kind_of(event: &ArchiveEvent) -> &'static str {
    match event {
        ArchiveEvent::Asked => "archive.asked",
        ArchiveEvent::Sealed { bundle: ArchiveBundle { kind: ArchiveKind::Sealed, .. }, .. } => "archive.sealed",
        ArchiveEvent::Sealed { .. } => "archive.redacted",
        ArchiveEvent::Removed { .. } => "archive.removed",
        ArchiveEvent::RedactionAsked { .. } => "redaction.asked",
        ArchiveEvent::RedactionApproved { .. } => "redaction.approved",
        ArchiveEvent::RedactionDeclined { .. } => "redaction.declined",
        ArchiveEvent::RedactionVoid { .. } => "redaction.void",
    }
}

pub fn samples() -> Vec<ArchiveEvent> {
    let (kind, manifest) = (ArchiveKind::Sealed, "0a1b2c".to_owned());
    let bundle = ArchiveBundle { kind, manifest: manifest.clone(), entries: 12, bytes: 40_960, covers: 47 };
    let redacted = ArchiveBundle { kind: ArchiveKind::Redacted, manifest: "0a1b2e".to_owned(), ..bundle.clone() };
    let asked_by = PersonId("p_another".to_owned());
    vec![
        ArchiveEvent::Asked,
        ArchiveEvent::Sealed { bundle, replaces: Some("0a1b2d".to_owned()) },
        ArchiveEvent::RedactionAsked { sha256: manifest.clone(), marks: vec!["marks".to_owned()] },
        ArchiveEvent::RedactionApproved { asked: 4, asked_by: asked_by.clone() },
        ArchiveEvent::Sealed { bundle: redacted, replaces: None },
        ArchiveEvent::RedactionDeclined { asked: 4, asked_by: asked_by.clone() },
        ArchiveEvent::RedactionVoid { asked: 4, asked_by },
        ArchiveEvent::Removed { kind, manifest },
    ]
}
