//! Samples of what is said of entries of the catalogue.

use wardroom::domain::{EntryEvent, Submission};

use super::events::{at, somebody, text};

/// One of each, with everything that it may hold.
pub fn samples() -> [EntryEvent; 5] {
    let (entry, version, owner) = ("log-rotation".to_owned(), 1, Some(somebody()));
    let of = Submission { entry: entry.clone(), version, sha256: "0a1b2c".to_owned() };
    [
        EntryEvent::Rated { entry: entry.clone(), version, helpful: 2, wrong: true, why: Some(text("why")) },
        EntryEvent::ToRevise { entry, version, ratings: 3, owner: owner.clone(), until: at(16) },
        EntryEvent::Suggested { uses: 20, service: "payments".to_owned(), owner: owner.clone() },
        EntryEvent::Submitted(of.clone()),
        EntryEvent::Approved { of, owner },
    ]
}

pub fn kind_of(event: &EntryEvent) -> &'static str {
    match event {
        EntryEvent::Rated { .. } => "entry.rated",
        EntryEvent::ToRevise { .. } => "entry.revision_due",
        EntryEvent::Suggested { .. } => "entry.suggested",
        EntryEvent::Submitted(_) => "entry.submitted",
        EntryEvent::Approved { .. } => "entry.approved",
    }
}
