//! Samples of what happens to policies.

use wardroom::domain::proposal::Origin;
use wardroom::domain::{AmendmentEvent, ProposalEvent};

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
        ProposalEvent::ReviewLate { policy: 1, since: at(9) },
        ProposalEvent::Reviewed { policy: 1, hash: hash(), note: Some(text("text")) },
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
        ProposalEvent::ReviewLate { .. } => "policy.review_late",
        ProposalEvent::Reviewed { .. } => "policy.reviewed",
        ProposalEvent::Overdue { .. } => "policy.overdue",
        ProposalEvent::Objected { .. } => "policy.objected",
    }
}

/// Of what is asked of the policy.
pub fn amendments() -> Vec<AmendmentEvent> {
    let hash = || "0a1b2c".to_owned();
    let origin = || Origin::parse("audit finding 12").expect("an origin");
    vec![
        AmendmentEvent::Proposed { number: 3, origin: origin(), due: at(9), what: text("what"), why: text("why") },
        AmendmentEvent::Answered { asked: 1, number: 3, proposed: 2, hash: hash() },
        AmendmentEvent::Adopted { asked: 1, number: 3, hash: hash() },
        AmendmentEvent::Reopened { asked: 1, number: 3 },
        AmendmentEvent::Declined { asked: 1, number: 3, why: text("why") },
        AmendmentEvent::Reminded { asked: 1, number: 3, origin: origin(), due: at(9) },
        AmendmentEvent::Overdue { asked: 1, number: 3, origin: origin(), due: at(9) },
    ]
}

pub fn kind_of_amendment(event: &AmendmentEvent) -> &'static str {
    match event {
        AmendmentEvent::Proposed { .. } => "amendment.proposed",
        AmendmentEvent::Answered { .. } => "amendment.answered",
        AmendmentEvent::Adopted { .. } => "amendment.adopted",
        AmendmentEvent::Reopened { .. } => "amendment.reopened",
        AmendmentEvent::Declined { .. } => "amendment.declined",
        AmendmentEvent::Reminded { .. } => "amendment.reminded",
        AmendmentEvent::Overdue { .. } => "amendment.overdue",
    }
}
