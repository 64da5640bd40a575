//! Samples of what happens to whoever stands in for somebody.

use wardroom::domain::PersonId;
use wardroom::domain::event::DelegationEvent;

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> impl Iterator<Item = DelegationEvent> {
    let people = || (PersonId("p_1".to_owned()), PersonId("p_2".to_owned()));
    let (starts, ends) = (at(9), at(17));
    let ((from, to), (began_from, began_to), (ended_from, ended_to)) = (people(), people(), people());
    [
        DelegationEvent::Granted { from, to, starts, ends, why: Some(text("why")) },
        DelegationEvent::Began { granted: 3, from: began_from, to: began_to, ends },
        DelegationEvent::Ended { granted: 3, from: ended_from, to: ended_to, by_hand: true },
    ]
    .into_iter()
}

pub fn kind_of(event: &DelegationEvent) -> &'static str {
    match event {
        DelegationEvent::Granted { .. } => "delegation.granted",
        DelegationEvent::Began { .. } => "delegation.began",
        DelegationEvent::Ended { .. } => "delegation.ended",
    }
}
