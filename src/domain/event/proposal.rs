//! What happens to a policy that has to be signed.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::proposal::Origin;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProposalEvent {
    Proposed {
        /// sha256 of the file, hex.
        hash: String,
        signatories: Vec<PersonId>,
        /// When it is to come into force, where that is not at once.
        effective_at: Option<DateTime<Utc>>,
        origin: Option<Origin>,
    },
    /// `proposed`: the entry that proposes it. `missing`: how many have yet to sign. `from`: when it comes into force,
    /// where nobody has to sign any more and its day is still to come.
    Signed {
        proposed: i32,
        hash: String,
        missing: i32,
        from: Option<DateTime<Utc>>,
    },
    Objected {
        proposed: i32,
        hash: String,
        why: String,
    },
}

impl ProposalEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            ProposalEvent::Proposed { hash, signatories, effective_at, origin } => Draft::new("policy.proposed")
                .word("hash", hash)
                .fact("people", Fact::Words(signatories.iter().map(|person| person.0.clone()).collect()))
                .maybe(*effective_at, |draft, at| draft.fact("effective_at", Fact::At(at)))
                .maybe(origin.as_ref(), |draft, origin| draft.word("origin", origin.as_str())),
            ProposalEvent::Signed { proposed, hash, missing, from } => Draft::new("policy.signed")
                .int("proposed", *proposed)
                .word("hash", hash)
                .int("missing", *missing)
                .maybe(*from, |draft, from| draft.fact("from", Fact::At(from))),
            ProposalEvent::Objected { proposed, hash, why } => {
                Draft::new("policy.objected").int("proposed", *proposed).word("hash", hash).text("why", why)
            }
        }
    }
}
