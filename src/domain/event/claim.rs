//! What a change claims, and what was said to it.

use super::Draft;
use crate::domain::Subject;
use crate::domain::rules::{ClaimKind, ClaimState};

/// On the chain of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimEvent {
    /// `why`: of an exploit the evidence.
    Made { kind: ClaimKind, incident: Option<i64>, revision: i32, why: String },
    /// `claimed`: the entry that made it. `state` is what it is from now on.
    Decided { kind: ClaimKind, claimed: i32, incident: Option<i64>, state: ClaimState, why: Option<String> },
}

impl ClaimEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let beside = |draft: Draft, incident: i64| draft.word("incident", Subject::Incident(incident).to_string());
        match self {
            ClaimEvent::Made { kind, incident, revision, why } => match kind {
                ClaimKind::Exploit => Draft::new("exploit.claimed"),
                ClaimKind::Clearance => Draft::new("clearance.asked"),
            }
            .int("revision", *revision)
            .maybe(*incident, beside)
            .text("why", why),
            ClaimEvent::Decided { kind, claimed, incident, state, why } => match (kind, state) {
                (ClaimKind::Exploit, ClaimState::Confirmed) => Draft::new("exploit.confirmed"),
                (ClaimKind::Exploit, _) => Draft::new("exploit.denied"),
                (ClaimKind::Clearance, ClaimState::Confirmed) => Draft::new("clearance.given"),
                (ClaimKind::Clearance, _) => Draft::new("clearance.denied"),
            }
            .int("claimed", *claimed)
            .maybe(*incident, beside)
            .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
        }
    }
}
