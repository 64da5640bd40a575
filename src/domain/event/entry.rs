//! What is said of an entry of the catalogue by the changes that use it, or that might.

use chrono::{DateTime, Utc};

use super::change::small;
use super::{Draft, Fact};
use crate::domain::{PersonId, Submission};

/// An entry on the chain of the change that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryEvent {
    /// Whoever carried out a use of it says how much it helped, from 1 to 5.
    Rated { entry: String, version: u32, helpful: u8, wrong: bool, why: Option<String> },
    /// It is rated too low (rule 4.41): its owner is to revise it.
    ToRevise { entry: String, version: u32, ratings: u32, owner: Option<PersonId>, until: DateTime<Utc> },
    /// Changes like this one went well so often that they could become an entry.
    Suggested { uses: u32, service: String, owner: Option<PersonId> },
    /// It is put to the board, by this change.
    Submitted(Submission),
    /// The board approved it, so this change is over.
    Approved { of: Submission, owner: Option<PersonId> },
}

/// Among its last uses an entry of the catalogue failed too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspended {
    pub entry: String,
    pub version: u32,
    pub failures: u32,
    pub uses: u32,
    /// Who is told.
    pub owner: Option<PersonId>,
}

impl EntryEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let told = |draft: Draft, owner: PersonId| draft.fact("owner", Fact::Person(owner));
        match self {
            EntryEvent::Rated { entry, version, helpful, wrong, why } => of(Draft::new("entry.rated"), entry, *version)
                .int("helpful", (*helpful).into())
                .fact("wrong", Fact::Yes(*wrong))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            EntryEvent::ToRevise { entry, version, ratings, owner, until } => {
                of(Draft::new("entry.revision_due"), entry, *version)
                    .int("ratings", small(*ratings))
                    .fact("until", Fact::At(*until))
                    .word("rule", "4.41")
                    .maybe(owner.clone(), told)
            }
            EntryEvent::Suggested { uses, service, owner } => Draft::new("entry.suggested")
                .int("uses", small(*uses))
                .word("service", service)
                .word("rule", "4.41")
                .maybe(owner.clone(), told),
            EntryEvent::Submitted(submission) => submitted(Draft::new("entry.submitted"), submission),
            EntryEvent::Approved { of, owner } => {
                submitted(Draft::new("entry.approved"), of).maybe(owner.clone(), told)
            }
        }
    }

    /// Who is told, where it asks something of somebody.
    pub fn owner(&self) -> Option<&PersonId> {
        match self {
            EntryEvent::Rated { .. } | EntryEvent::Submitted(_) => None,
            EntryEvent::ToRevise { owner, .. }
            | EntryEvent::Suggested { owner, .. }
            | EntryEvent::Approved { owner, .. } => owner.as_ref(),
        }
    }
}

fn submitted(draft: Draft, submission: &Submission) -> Draft {
    of(draft, &submission.entry, submission.version).word("sha256", &submission.sha256).word("rule", "4.41")
}

fn of(draft: Draft, entry: &str, version: u32) -> Draft {
    draft.word("entry", entry).int("entry_version", small(version))
}

impl Suspended {
    pub(super) fn draft(&self) -> Draft {
        Draft::new("entry.suspended")
            .word("entry", &self.entry)
            .int("entry_version", small(self.version))
            .int("failures", small(self.failures))
            .int("uses", small(self.uses))
            .word("rule", "4.41")
            .maybe(self.owner.clone(), |draft, owner| draft.fact("owner", Fact::Person(owner)))
    }
}
