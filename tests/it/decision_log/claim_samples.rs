//! Samples of what changes claim, and of what was said to it.

use wardroom::domain::ClaimEvent;
use wardroom::domain::rules::{ClaimKind, ClaimState};

use super::events::text;

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<ClaimEvent> {
    let of = |kind, incident| {
        let decided = |state| ClaimEvent::Decided { kind, claimed: 2, incident, state, why: Some(text("why")) };
        let made = ClaimEvent::Made { kind, incident, revision: 1, why: text("why") };
        [made, decided(ClaimState::Confirmed), decided(ClaimState::Denied)]
    };
    [of(ClaimKind::Exploit, None), of(ClaimKind::Clearance, Some(7))].concat()
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<ClaimEvent> {
    let (kind, incident) = (ClaimKind::Exploit, None);
    vec![
        ClaimEvent::Made { kind, incident, revision: 1, why: text("why") },
        ClaimEvent::Decided { kind, claimed: 2, incident, state: ClaimState::Confirmed, why: None },
    ]
}

pub fn kind_of(event: &ClaimEvent) -> &'static str {
    match event {
        ClaimEvent::Made { kind: ClaimKind::Exploit, .. } => "exploit.claimed",
        ClaimEvent::Made { kind: ClaimKind::Clearance, .. } => "clearance.asked",
        ClaimEvent::Decided { kind: ClaimKind::Exploit, state: ClaimState::Confirmed, .. } => "exploit.confirmed",
        ClaimEvent::Decided { kind: ClaimKind::Exploit, .. } => "exploit.denied",
        ClaimEvent::Decided { kind: ClaimKind::Clearance, state: ClaimState::Confirmed, .. } => "clearance.given",
        ClaimEvent::Decided { kind: ClaimKind::Clearance, .. } => "clearance.denied",
    }
}
