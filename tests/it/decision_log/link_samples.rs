//! Samples of what is said of a change and an incident.

use wardroom::domain::rules::{LinkFact, LinkKind, LinkOrigin, LinkRelation, LinkState};
use wardroom::domain::{LinkEvent, LinkGuess};

use super::events::{somebody, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<LinkEvent> {
    LinkState::ALL.map(|state| LinkEvent { why: Some(text("why")), guess: Some(guess()), ..of(state) }).to_vec()
}

/// With as little as they may hold, and where nobody answered.
pub fn sparse() -> Vec<LinkEvent> {
    let unanswered = LinkState::ALL.map(|state| LinkEvent { unanswered: true, ..of(state) });
    LinkState::ALL.map(of).into_iter().chain(unanswered).collect()
}

fn of(state: LinkState) -> LinkEvent {
    LinkEvent {
        change: 88,
        kind: LinkKind::Caused,
        origin: LinkOrigin::Auto,
        state,
        guess: None,
        unanswered: false,
        implementer: somebody(),
        why: None,
    }
}

fn guess() -> LinkGuess {
    LinkGuess { relation: LinkRelation::SameCi, confidence: 95, facts: LinkFact::ALL.to_vec() }
}

pub fn kind_of(event: &LinkEvent) -> &'static str {
    match event.state {
        LinkState::Proposed => "link.proposed",
        LinkState::Confirmed => "link.confirmed",
        LinkState::Rejected => "link.rejected",
    }
}
