//! Events of the archive.

use wardroom::domain::archive::{ArchiveBundle, ArchiveKind};
use wardroom::domain::event::ArchiveEvent;

pub fn kind_of(event: &ArchiveEvent) -> &'static str {
    match event {
        ArchiveEvent::Asked => "archive.asked",
        ArchiveEvent::Sealed { .. } => "archive.sealed",
        ArchiveEvent::Removed { .. } => "archive.removed",
    }
}

pub fn samples() -> Vec<ArchiveEvent> {
    let (kind, manifest) = (ArchiveKind::Sealed, "0a1b2c".to_owned());
    let bundle = ArchiveBundle { kind, manifest: manifest.clone(), entries: 12, bytes: 40_960, covers: 47 };
    vec![
        ArchiveEvent::Asked,
        ArchiveEvent::Sealed { bundle, replaces: Some("0a1b2d".to_owned()) },
        ArchiveEvent::Removed { kind, manifest },
    ]
}
