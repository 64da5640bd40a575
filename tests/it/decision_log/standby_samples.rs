//! Samples of what happens to the people on standby.

use wardroom::domain::rules::StandbyRole;
use wardroom::domain::{Event, StandbyEvent};

use super::events::{at, somebody, text};

const ROLE: StandbyRole = StandbyRole::RollbackOwner;

/// One of each, with everything that it may hold.
pub fn samples() -> impl Iterator<Item = Event> {
    let starts = Some(at(18));
    let all = vec![
        StandbyEvent::Booked { role: ROLE, person: somebody(), on_call: true, starts, asked: true },
        StandbyEvent::Taken { role: ROLE, person: somebody(), starts, again: true },
        StandbyEvent::Asked { booked: 3, role: ROLE, person: somebody(), again: true },
        StandbyEvent::Confirmed { booked: 3, role: ROLE, again: true },
        StandbyEvent::Declined { booked: 3, role: ROLE, why: Some(text("why")), proposed: Some(somebody()) },
        StandbyEvent::Missed { booked: 3, role: ROLE, person: somebody() },
        StandbyEvent::Exhausted { role: ROLE },
        StandbyEvent::Alerted { role: ROLE, person: Some(somebody()), last: true, proposed: Some(somebody()) },
        StandbyEvent::Moved { booked: 3, role: ROLE, person: somebody(), starts },
        StandbyEvent::Released { booked: 3, role: ROLE, person: somebody() },
    ];
    all.into_iter().map(Event::Standby)
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> impl Iterator<Item = Event> {
    let all = vec![
        StandbyEvent::Booked { role: ROLE, person: somebody(), on_call: false, starts: None, asked: false },
        StandbyEvent::Taken { role: ROLE, person: somebody(), starts: None, again: false },
        StandbyEvent::Asked { booked: 3, role: ROLE, person: somebody(), again: false },
        StandbyEvent::Confirmed { booked: 3, role: ROLE, again: false },
        StandbyEvent::Declined { booked: 3, role: ROLE, why: None, proposed: None },
        StandbyEvent::Alerted { role: ROLE, person: None, last: false, proposed: None },
        StandbyEvent::Moved { booked: 3, role: ROLE, person: somebody(), starts: None },
    ];
    all.into_iter().map(Event::Standby)
}

pub fn kind_of(event: &StandbyEvent) -> &'static str {
    match event {
        StandbyEvent::Booked { .. } => "standby.booked",
        StandbyEvent::Taken { .. } => "standby.taken",
        StandbyEvent::Asked { .. } => "standby.asked",
        StandbyEvent::Confirmed { .. } => "standby.confirmed",
        StandbyEvent::Declined { .. } => "standby.declined",
        StandbyEvent::Missed { .. } => "standby.missed",
        StandbyEvent::Exhausted { .. } => "standby.exhausted",
        StandbyEvent::Alerted { .. } => "standby.alerted",
        StandbyEvent::Moved { .. } => "standby.moved",
        StandbyEvent::Released { .. } => "standby.released",
    }
}
