//! Freezes put what was agreed to on hold, and let it go again.
//!
//! A freeze holds from its own commit on: a start is refused. The state of each change follows at once, in a transaction
//! of its own that the same commit enqueues. One transaction for all would lock the changes after the freeze, where a
//! change that starts locks them the other way round; and a freeze of everything would hold up hundreds in one. What
//! holds a change is always read anew, from all freezes together: where they overlap nothing is counted, and a check that
//! comes twice, or late, changes nothing.

use chrono::{DateTime, Utc};

use super::approval::settle;
use super::barrier::met_by;
use super::slot::{freed, offers};
use super::{change_decision, change_of, exempt, stands, validation};
use crate::domain::event::HoldEvent;
use crate::domain::rules::{ChangeKind, ExceptionSubject};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Event, FreezeStatus, Hold, Refusal, Subject, World,
};

/// Brings the state of a change in line with the freezes and the exceptions that are in force.
pub(super) fn check(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    if let Some(decision) = excepted(world, asked, change) {
        return Ok(decision);
    }
    let freezes = holding(world, change, asked.at);
    let mut next = change.clone();
    match (change.status, freezes.is_empty()) {
        (ChangeStatus::Approved | ChangeStatus::Queued, false) => {
            next.status = ChangeStatus::OnHold;
            next.hold = Some(Hold { since: asked.at, freezes: freezes.clone() });
            // Let go again, it asks anew for its turn.
            next.slot = freed(change);
            let with = offers(world, asked, &next);
            let events = vec![Event::Change(ChangeEvent::Hold(HoldEvent::Held { freezes }))];
            Ok(Decision { with, ..change_decision(world, asked, next, events, Answer::default()) })
        }
        (ChangeStatus::OnHold, true) => {
            let events = release(asked, &mut next).into_iter().collect();
            Ok(change_decision(world, asked, next, events, Answer::default()))
        }
        _ => Ok(stands(asked, change.subject(), "The freezes change nothing for it.")),
    }
}

/// A change goes on that waited for nothing but what an exception sets aside.
fn excepted(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Option<Decision> {
    if change.status == ChangeStatus::AwaitingApproval && exempt::may_go_on(world, change, asked.at) {
        let mut events = Vec::new();
        let next = settle(world, asked, change.clone(), &mut events, false);
        return (!events.is_empty()).then(|| change_decision(world, asked, next, events, Answer::default()));
    }
    let is_unsaid = change.status == ChangeStatus::Validating;
    let exception = exempt::by(world, ExceptionSubject::Validation, change, asked.at).filter(|_| is_unsaid)?;
    let mut next = change.clone();
    let event = validation::complete(&mut next, false, Some(exempt::passed(exception)));
    let with = vec![exempt::used(asked, exception, &next)];
    Some(Decision { with, ..change_decision(world, asked, next, vec![event], Answer::default()) })
}

/// Lets a change go that is on hold. One whose window has passed needs another; that of an emergency ends it.
pub(super) fn release(asked: Asked<'_>, change: &mut Change) -> Option<Event> {
    let hold = change.hold.take()?;
    let over = change.window.is_some_and(|window| window.closes <= asked.at);
    let passed = over && change.kind != ChangeKind::Emergency;
    if passed {
        change.window = None;
    }
    change.status = ChangeStatus::Approved;
    let released = HoldEvent::Released { held_minutes: hold.minutes(asked.at), passed };
    Some(Event::Change(ChangeEvent::Hold(released)))
}

/// What helps somebody who starts outside its window what is on hold. An emergency's window is not planned.
pub(super) fn next_step(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> String {
    let id = change.subject();
    let again = match change.kind {
        ChangeKind::Emergency => "`/change emergency` asks again".to_owned(),
        _ => format!("`/change sched {id}` says another time"),
    };
    let freezes: Vec<String> =
        holding(world, change, now).into_iter().map(|number| Subject::Freeze(number).to_string()).collect();
    let holds = match freezes.as_slice() {
        [] => return format!("{again}."),
        [one] => format!("{one} holds"),
        many => format!("{} hold", many.join(", ")),
    };
    format!("{holds} it up: {again}, `/freeze except {id} why: …` asks for an exception.")
}

/// The freezes in force that a start inside its window would meet, and that hold it up. One that ends before its window
/// opens is none of its business.
fn holding(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> Vec<i64> {
    let ahead = change.window.filter(|window| window.closes > now);
    let stretch = ahead.map_or((now, now), |window| (window.opens.max(now), window.closes));
    let met = met_by(world, change, stretch);
    let holding = met.iter().filter(|met| {
        let freeze = &met.frozen.freeze;
        let is_excepted = freeze.lets_through(change, now) || exempt::from_freeze(world, freeze, change, now).is_some();
        met.holds() && freeze.status == FreezeStatus::Active && !is_excepted
    });
    let mut numbers: Vec<i64> = holding.map(|met| met.frozen.freeze.number).collect();
    numbers.sort_unstable();
    numbers
}
