//! Samples of what happens to changes that are in each other's way.

use wardroom::domain::rules::{ConflictLevel, ConflictState};
use wardroom::domain::{ConflictEvent, Event, Subject};

use super::events::{at, text};
use super::{catalogue_samples, claim_samples, notice_samples, ruling_samples};

/// Those of objections too, and of rulings: they end what nobody settles. And what is said of entries of the catalogue.
pub fn of_disputes() -> impl Iterator<Item = Event> {
    let rulings = ruling_samples::samples().into_iter().map(Event::Ruling);
    let objections = notice_samples::samples().into_iter().map(Event::Notice);
    let objections = objections.chain(claim_samples::samples().into_iter().map(Event::Claim));
    let entries = catalogue_samples::samples().into_iter().map(Event::Catalogue);
    samples().into_iter().map(Event::Conflict).chain(rulings).chain(objections).chain(entries)
}

pub fn sparse_of_disputes() -> impl Iterator<Item = Event> {
    let rulings = ruling_samples::sparse().into_iter().map(Event::Ruling);
    let objections = notice_samples::sparse().into_iter().map(Event::Notice);
    let objections = objections.chain(claim_samples::sparse().into_iter().map(Event::Claim));
    let entries = catalogue_samples::sparse().into_iter().map(Event::Catalogue);
    sparse().into_iter().map(Event::Conflict).chain(rulings).chain(objections).chain(entries)
}

/// One of each, with everything that it may hold.
fn samples() -> Vec<ConflictEvent> {
    vec![
        ConflictEvent::Opened { other: 87, until: Some(at(18)) },
        ConflictEvent::Opened { other: 87, until: None },
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
    ConflictEvent::Resolved { opened: 3, other: 87, state: ConflictState::Moved, near: why.is_some(), why }
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
