//! Samples of what happens to a dispute that the decision authority rules on.

use wardroom::domain::RulingEvent;
use wardroom::domain::rules::{Dispute, RulingVerdict};

use super::events::{at, somebody, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<RulingEvent> {
    vec![
        RulingEvent::Asked {
            dispute: Dispute::Freeze,
            revision: 2,
            raised_by: somebody(),
            of: somebody(),
            until: at(18),
            why: text("why"),
        },
        RulingEvent::PassedOn { asked: 3, to: somebody(), until: at(18) },
        given(Some(text("conditions"))),
        RulingEvent::Appointed { asked: 3, person: somebody() },
        RulingEvent::Unanswered { asked: 3, dispute: Dispute::Veto },
        RulingEvent::Lapsed { asked: 3, dispute: Dispute::Decision },
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<RulingEvent> {
    vec![given(None)]
}

fn given(conditions: Option<String>) -> RulingEvent {
    let (dispute, verdict) = (Dispute::Veto, RulingVerdict::Allow);
    RulingEvent::Given { asked: 3, dispute, verdict, reopens: true, conditions, why: text("why") }
}

pub fn kind_of(event: &RulingEvent) -> &'static str {
    match event {
        RulingEvent::Asked { .. } => "ruling.asked",
        RulingEvent::PassedOn { .. } => "ruling.passed_on",
        RulingEvent::Given { .. } => "ruling.given",
        RulingEvent::Appointed { .. } => "ruling.appointed",
        RulingEvent::Unanswered { .. } => "ruling.unanswered",
        RulingEvent::Lapsed { .. } => "ruling.lapsed",
    }
}
