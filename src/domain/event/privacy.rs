//! What is erased, held and kept.

use super::{ArchiveEvent, Draft, Fact};
use crate::domain::PersonId;
use crate::domain::privacy::ErasureOf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrivacyEvent {
    ErasureRequested {
        of: ErasureOf,
        basis: String,
    },
    ErasureDeclined {
        asked: i32,
        asked_by: PersonId,
    },
    /// Of a person: every record is seen to after this.
    ErasureApproved {
        asked: i32,
        asked_by: PersonId,
    },
    PayloadErased(Box<PayloadErased>),
    PersonErased {
        person: PersonId,
        asked: i32,
        asked_by: PersonId,
        approved_by: PersonId,
    },
    HoldPlaced {
        why: String,
    },
    HoldReleased {
        placed: i32,
        why: String,
    },
    /// A new profile of retention would erase something of so many records.
    RetentionPreviewed {
        profile: String,
        records: i32,
    },
    RetentionConfirmed {
        profile: String,
    },
    Archive(ArchiveEvent),
}

/// Names and texts of the subject's own entries that went with this one. Each is named by its digest, so that whoever
/// verifies the log can tell a lawful gap from any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadErased {
    pub digests: Vec<String>,
    /// The entry, where the texts of one were meant.
    pub entry: Option<i32>,
    /// The request that this fulfils, where it is one of this subject.
    pub asked: Option<i32>,
    pub asked_by: Option<PersonId>,
    pub approved_by: Option<PersonId>,
    /// The class of rule 4.34, where it is only their age.
    pub class: Option<&'static str>,
    pub basis: Option<String>,
}

impl PrivacyEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            PrivacyEvent::ErasureRequested { of, basis } => {
                let draft = Draft::new("erasure.requested").text("basis", basis);
                match of {
                    ErasureOf::Entry(seq) => draft.int("entry", *seq),
                    ErasureOf::Person { person, whole } => {
                        draft.fact("person", Fact::Person(person.clone())).fact("whole", Fact::Yes(*whole))
                    }
                }
            }
            PrivacyEvent::ErasureDeclined { asked, asked_by } => {
                Draft::new("erasure.declined").int("asked", *asked).fact("asked_by", Fact::Person(asked_by.clone()))
            }
            PrivacyEvent::ErasureApproved { asked, asked_by } => {
                Draft::new("erasure.approved").int("asked", *asked).fact("asked_by", Fact::Person(asked_by.clone()))
            }
            PrivacyEvent::PayloadErased(erased) => erased.draft(),
            PrivacyEvent::PersonErased { person, asked, asked_by, approved_by } => Draft::new("person.erased")
                .fact("person", Fact::Person(person.clone()))
                .int("asked", *asked)
                .fact("asked_by", Fact::Person(asked_by.clone()))
                .fact("approved_by", Fact::Person(approved_by.clone())),
            PrivacyEvent::HoldPlaced { why } => Draft::new("hold.placed").text("why", why),
            PrivacyEvent::HoldReleased { placed, why } => {
                Draft::new("hold.released").int("placed", *placed).text("why", why)
            }
            PrivacyEvent::RetentionPreviewed { profile, records } => {
                Draft::new("archive.previewed").word("profile", profile).int("records", *records)
            }
            PrivacyEvent::RetentionConfirmed { profile } => Draft::new("archive.confirmed").word("profile", profile),
            PrivacyEvent::Archive(event) => event.draft(),
        }
    }
}

impl PayloadErased {
    fn draft(&self) -> Draft {
        let texts = i32::try_from(self.digests.len()).unwrap_or(i32::MAX);
        Draft::new("payload.erased")
            .fact("digests", Fact::Words(self.digests.clone()))
            .int("texts", texts)
            .maybe(self.entry, |draft, entry| draft.int("entry", entry))
            .maybe(self.asked_by.clone(), |draft, person| draft.fact("asked_by", Fact::Person(person)))
            .maybe(self.approved_by.clone(), |draft, person| draft.fact("approved_by", Fact::Person(person)))
            .maybe(self.class, |draft, class| draft.word("class", class))
            .maybe(self.basis.as_ref(), |draft, basis| draft.text("basis", basis))
    }
}
