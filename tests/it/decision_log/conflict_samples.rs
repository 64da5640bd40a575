//! Samples of what happens to changes that are in each other's way.

use wardroom::domain::rules::{ConflictLevel, ConflictState};
use wardroom::domain::{ConflictEvent, Event, Subject};

use super::events::{at, text};
use super::ruling_samples;

/// Those of rulings too: they end what nobody settles.
pub fn with_rulings() -> impl Iterator<Item = Event> {
    samples().into_iter().map(Event::Conflict).chain(ruling_samples::samples().into_iter().map(Event::Ruling))
}

pub fn sparse_with_rulings() -> impl Iterator<Item = Event> {
    sparse().into_iter().map(Event::Conflict).chain(ruling_samples::sparse().into_iter().map(Event::Ruling))
}

/// One of each, with everything that it may hold.
fn samples() -> Vec<ConflictEvent> {
    vec![
        ConflictEvent::Opened { other: 87, until: at(18) },
        ConflictEvent::CoexistAsked { opened: 3, other: 87, side: 88, why: text("why") },
        ConflictEvent::Escalated { opened: 3, other: 87, level: ConflictLevel::Manager },
        resolved(Some(text("why"))),
        ConflictEvent::Yielded { to: vec![Subject::Change(87)], why: text("why") },
    ]
}

/// Those that may hold less, with as little as they may hold.
fn sparse() -> Vec<ConflictEvent> {
    vec![resolved(None), ConflictEvent::Escalated { opened: 3, other: 87, level: ConflictLevel::Authority }]
}

fn resolved(why: Option<String>) -> ConflictEvent {
    ConflictEvent::Resolved { opened: 3, other: 87, state: ConflictState::Moved, why }
}

pub fn kind_of(event: &ConflictEvent) -> &'static str {
    match event {
        ConflictEvent::Opened { .. } => "conflict.opened",
        ConflictEvent::CoexistAsked { .. } => "conflict.coexist_asked",
        ConflictEvent::Escalated { .. } => "conflict.escalated",
        ConflictEvent::Resolved { .. } => "conflict.resolved",
        ConflictEvent::Yielded { .. } => "conflict.yielded",
    }
}
