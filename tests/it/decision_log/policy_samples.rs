//! Samples of what happens to policies.

use wardroom::domain::ProposalEvent;
use wardroom::domain::proposal::Origin;

use super::events::{at, somebody, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<ProposalEvent> {
    let hash = || "0a1b2c".to_owned();
    vec![
        ProposalEvent::Proposed {
            hash: hash(),
            signatories: vec![somebody()],
            effective_at: Some(at(9)),
            origin: Origin::parse("audit finding 12"),
        },
        ProposalEvent::Signed { proposed: 1, hash: hash(), missing: 0, from: Some(at(9)) },
        ProposalEvent::Read { policy: 1, hash: hash() },
        ProposalEvent::ReviewDue { policy: 1, since: at(9) },
        ProposalEvent::Overdue { proposed: 1, hash: hash() },
        ProposalEvent::Objected { proposed: 1, hash: hash(), why: text("why") },
    ]
}

pub fn kind_of(event: &ProposalEvent) -> &'static str {
    match event {
        ProposalEvent::Proposed { .. } => "policy.proposed",
        ProposalEvent::Signed { .. } => "policy.signed",
        ProposalEvent::Read { .. } => "policy.read",
        ProposalEvent::ReviewDue { .. } => "policy.review_due",
        ProposalEvent::Overdue { .. } => "policy.overdue",
        ProposalEvent::Objected { .. } => "policy.objected",
    }
}
