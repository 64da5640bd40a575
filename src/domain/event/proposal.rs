//! What happens to a policy that has to be signed.

use super::{Draft, Fact};
use crate::domain::PersonId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProposalEvent {
    Proposed {
        /// sha256 of the file, hex.
        hash: String,
        signatories: Vec<PersonId>,
    },
    /// `proposed`: the entry that proposes it. `missing`: how many have yet to sign.
    Signed {
        proposed: i32,
        hash: String,
        missing: i32,
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
            ProposalEvent::Proposed { hash, signatories } => Draft::new("policy.proposed")
                .word("hash", hash)
                .fact("people", Fact::Words(signatories.iter().map(|person| person.0.clone()).collect())),
            ProposalEvent::Signed { proposed, hash, missing } => {
                Draft::new("policy.signed").int("proposed", *proposed).word("hash", hash).int("missing", *missing)
            }
            ProposalEvent::Objected { proposed, hash, why } => {
                Draft::new("policy.objected").int("proposed", *proposed).word("hash", hash).text("why", why)
            }
        }
    }
}
