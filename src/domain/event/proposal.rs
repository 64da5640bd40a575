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
    /// Somebody has read a policy that is in force: its version.
    Read {
        policy: i32,
        hash: String,
    },
    /// The policy in force is old: those who sign look at it. `since`: when it came into force.
    ReviewDue {
        policy: i32,
        since: DateTime<Utc>,
    },
    /// It was asked for, and nobody has looked at it in time.
    ReviewLate {
        policy: i32,
        since: DateTime<Utc>,
    },
    /// Somebody has looked at the policy in force, and it stays.
    Reviewed {
        policy: i32,
        hash: String,
        note: Option<String>,
    },
    /// What was proposed for an audit is not signed in time.
    Overdue {
        proposed: i32,
        hash: String,
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
            ProposalEvent::Read { policy, hash } => Draft::new("policy.read").int("policy", *policy).word("hash", hash),
            ProposalEvent::ReviewDue { policy, since } => {
                Draft::new("policy.review_due").int("policy", *policy).fact("since", Fact::At(*since))
            }
            ProposalEvent::ReviewLate { policy, since } => {
                Draft::new("policy.review_late").int("policy", *policy).fact("since", Fact::At(*since))
            }
            ProposalEvent::Reviewed { policy, hash, note } => Draft::new("policy.reviewed")
                .int("policy", *policy)
                .word("hash", hash)
                .maybe(note.as_ref(), |draft, note| draft.text("text", note)),
            ProposalEvent::Overdue { proposed, hash } => {
                Draft::new("policy.overdue").int("proposed", *proposed).word("hash", hash)
            }
            ProposalEvent::Objected { proposed, hash, why } => {
                Draft::new("policy.objected").int("proposed", *proposed).word("hash", hash).text("why", why)
            }
        }
    }
}
