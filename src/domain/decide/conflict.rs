//! What stands in the way of a planned change: told when it is asked for, settled before it has its window, and once more
//! before it starts.

use chrono::{DateTime, Utc};

use super::barrier::{held, met_by};
use super::exempt;
use super::freeze::moment;
use crate::domain::rules::{Conflict, Dispute, ExceptionSubject, Planned, Trouble, conflicts, free_windows};
use crate::domain::{Asked, Change, ProcedureException, Refusal, Subject, WayOut, Window, World};

/// What a change that asks for a window is told.
pub(super) fn look_ahead(world: &World<'_>, change: &Change) -> Vec<String> {
    let Some(window) = change.planned else { return Vec::new() };
    let found = with_windows(world, change, window);
    let blocked = found.iter().any(|conflict| conflict.block);
    let mut told: Vec<String> = found.into_iter().map(|conflict| conflict.sentence).collect();
    if blocked {
        let subject = change.subject();
        told.push(format!(
            "Neither starts before that is settled: `/change plan conflicts {subject}` shows the next free windows, \
             `/change plan yield {subject}` steps back."
        ));
    }
    told
}

/// The change that has this window already, on the same service.
pub(super) fn taken_by(world: &World<'_>, asked: Asked<'_>, change: &Change, window: Window) -> Option<Subject> {
    if exempt::by(world, ExceptionSubject::ConflictBlock, change, asked.at).is_some() {
        return None;
    }
    with_windows(world, change, window).into_iter().find(|conflict| conflict.block).map(|conflict| conflict.with)
}

/// Whether another change has the window of this one, on the same service.
pub(super) fn would_be_taken(world: &World<'_>, change: &Change) -> bool {
    change.window.is_some_and(|window| with_windows(world, change, window).iter().any(|conflict| conflict.block))
}

/// A window is given to one change on a service, unless an exception sets that aside: that one. Of whatever else is near,
/// the answer tells.
pub(super) fn check_window<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &Change,
    window: Window,
) -> Result<(Vec<String>, Option<&'a ProcedureException>), Refusal> {
    let found = with_windows(world, change, window);
    let Some(first) = found.iter().find(|conflict| conflict.block) else {
        return Ok((found.into_iter().map(|conflict| conflict.sentence).collect(), None));
    };
    if let Some(exception) = exempt::by(world, ExceptionSubject::ConflictBlock, change, asked.at) {
        return Ok((found.into_iter().map(|conflict| conflict.sentence).collect(), Some(exception)));
    }
    let subject = change.subject();
    let next = match next_free(world, asked, change, window) {
        Some((from, until)) => {
            let (typed_from, typed_until) = (from.format("%Y-%m-%dT%H:%MZ"), until.format("%Y-%m-%dT%H:%MZ"));
            format!(
                "Free is {} to {}: `/change sched {subject} from:{typed_from} until:{typed_until}`.",
                moment(from),
                moment(until)
            )
        }
        None => "No window is free until the freeze is lifted.".to_owned(),
    };
    Err(Refusal::by_rule("change-conflict", first.sentence.clone(), next))
}

/// The changes that are put on record beside one that asks for a window, and whether they hold it up: what has that window
/// on the same service does; what is next to it, or carried out by the same person, is only told to both. What an
/// emergency meets, whose turn it is says (rule 4.18); of two that only ask for one service, whoever is approved first
/// has the window.
pub(super) fn on_record(world: &World<'_>, change: &Change) -> Vec<(i64, bool)> {
    let Some(window) = change.planned else { return Vec::new() };
    let own = Planned::of(change, window);
    let counts = |conflict: Conflict| {
        let Subject::Change(number) = conflict.with else { return None };
        let other = world.bookings.windows.iter().find(|other| other.number == number)?;
        let is_near = !own.urgent && !other.urgent && own.services != other.services;
        (conflict.block || is_near).then_some((number, conflict.block))
    };
    with_windows(world, change, window).into_iter().filter_map(counts).collect()
}

/// Whether a change and another one still want the same time.
pub(super) fn meets(world: &World<'_>, change: &Change, rival: i64) -> bool {
    let Some(window) = change.window.or(change.planned) else { return false };
    let own = Planned::of(change, window);
    world.bookings.windows.iter().any(|other| other.number == rival && own.meets(other) && own.shares_a_service(other))
}

/// The incidents beside which a change does not start.
pub(super) fn incidents_beside(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Vec<i64> {
    let window = change.window.unwrap_or(Window { opens: asked.at, closes: asked.at });
    let found = found(world, change, window, &[], &world.bookings.troubles);
    let number = |conflict: Conflict| match conflict.with {
        Subject::Incident(number) => Some(number),
        _ => None,
    };
    found.into_iter().filter(|conflict| conflict.block).filter_map(number).collect()
}

/// While an incident of P1 or P2 is open on its service, nothing is done to it but what helps, and what its commander lets
/// start beside it.
pub(super) fn check_start(world: &World<'_>, change: &Change) -> Result<(), Refusal> {
    let Some(window) = change.window else { return Ok(()) };
    let found = found(world, change, window, &[], &world.bookings.troubles);
    let Some(first) = found.into_iter().find(|conflict| conflict.block) else { return Ok(()) };
    let (incident, implementer) = (first.with, world.organisation.name_of(&change.implementer));
    let next = format!(
        "It can start once {incident} is over. If it helps to end it, somebody else than {implementer} says so first: \
         `/inc link {id} resolves {incident}`. If it harms nobody there, its commander can let it start: `/cab clear {id} \
         ask why: …`.",
        id = change.subject()
    );
    let (change, revision) = (change.number, change.revision);
    let linking = match incident {
        Subject::Incident(incident) => Some(WayOut::Link { incident, change }),
        _ => None,
    };
    let ways = linking.into_iter().chain([WayOut::AskCommander { change, revision }]).collect();
    Err(Refusal { ways, ..Refusal::by_rule("change-conflict", first.sentence, next) })
}

fn with_windows(world: &World<'_>, change: &Change, window: Window) -> Vec<Conflict> {
    // Whoever goes first by a ruling is not held up by those whom it was ruled against.
    let goes_first = change.ruled_past(Dispute::Conflict).is_some();
    let counts = |other: &&Planned| !goes_first || change.conflict_with(other.number).is_none();
    let windows: Vec<Planned> = world.bookings.windows.iter().filter(counts).cloned().collect();
    found(world, change, window, &windows, &[])
}

fn found(
    world: &World<'_>,
    change: &Change,
    window: Window,
    windows: &[Planned],
    troubles: &[Trouble],
) -> Vec<Conflict> {
    conflicts(world.organisation, &Planned::of(change, window), windows, troubles)
}

fn next_free(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    window: Window,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let own = Planned::of(change, window);
    let met = met_by(world, change, (asked.at, DateTime::<Utc>::MAX_UTC));
    free_windows(world.organisation, &own, &world.bookings.windows, &held(&met), asked.at, 1).pop()
}
