//! Samples of what happens to the rehearsals of a way back.

use wardroom::domain::rehearsal::Environment;
use wardroom::domain::{Event, RehearsalEvent};

use super::events::{at, somebody, text};

fn staging() -> Environment {
    Environment::parse("staging").expect("a name")
}

/// One of each, with everything that it may hold.
pub fn samples() -> impl Iterator<Item = Event> {
    let (plan, note, due) = (|| "0a1b2c".to_owned(), || Some(text("note")), at(18));
    let (environment, observer) = (staging(), somebody());
    let all = vec![
        RehearsalEvent::Asked { due },
        RehearsalEvent::Planned { opened: Some(3), environment, observer, minutes: 15, due },
        RehearsalEvent::Begun { opened: 3, plan: plan() },
        RehearsalEvent::Proven { opened: 3, plan: plan(), took: 12, minutes: 15, note: note() },
        RehearsalEvent::Failed { opened: 3, plan: plan(), took: Some(12), note: note() },
        RehearsalEvent::Waived { opened: Some(3), plan: plan(), accepted: true, why: text("why") },
        RehearsalEvent::Moved { opened: 3, due, why: Some(text("why")) },
        RehearsalEvent::Reminded { opened: 3, due, overdue: true },
        RehearsalEvent::Voided { opened: 3 },
    ];
    all.into_iter().map(Event::Rehearsal)
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> impl Iterator<Item = Event> {
    let (plan, due) = (|| "0a1b2c".to_owned(), at(18));
    let (environment, observer) = (staging(), somebody());
    let all = vec![
        RehearsalEvent::Planned { opened: None, environment, observer, minutes: 15, due },
        RehearsalEvent::Proven { opened: 3, plan: plan(), took: 12, minutes: 15, note: None },
        RehearsalEvent::Failed { opened: 3, plan: plan(), took: None, note: None },
        RehearsalEvent::Waived { opened: None, plan: plan(), accepted: false, why: text("why") },
        RehearsalEvent::Moved { opened: 3, due, why: None },
        RehearsalEvent::Reminded { opened: 3, due, overdue: false },
    ];
    all.into_iter().map(Event::Rehearsal)
}

pub fn kind_of(event: &RehearsalEvent) -> &'static str {
    match event {
        RehearsalEvent::Asked { .. } => "rehearsal.asked",
        RehearsalEvent::Planned { .. } => "rehearsal.planned",
        RehearsalEvent::Begun { .. } => "rehearsal.begun",
        RehearsalEvent::Proven { .. } => "rehearsal.proven",
        RehearsalEvent::Failed { .. } => "rehearsal.failed",
        RehearsalEvent::Waived { .. } => "rehearsal.waived",
        RehearsalEvent::Moved { .. } => "rehearsal.moved",
        RehearsalEvent::Reminded { .. } => "rehearsal.reminded",
        RehearsalEvent::Voided { .. } => "rehearsal.voided",
    }
}
