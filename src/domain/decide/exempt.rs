//! Where a rule would hold a change up that an exception sets aside (rule 4.35): which exception that is, and that it was
//! used.

use chrono::{DateTime, Utc};

use super::conflict;
use super::freeze::moment;
use crate::domain::exception::{ExceptionUse, ProcedureException};
use crate::domain::rules::{ExceptionSubject, Seat};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Event, ExceptionEvent, Freeze, PersonId, State, World,
};

/// The exception that sets a rule aside for a change now.
pub(super) fn by<'a>(
    world: &'a World<'_>,
    rule: ExceptionSubject,
    change: &Change,
    now: DateTime<Utc>,
) -> Option<&'a ProcedureException> {
    world.exceptions.iter().find(|one| one.sets_aside(world.organisation, rule, change, now))
}

/// The exception that lets a change through a freeze. Of a freeze that is not hard, its own exceptions decide.
pub(super) fn from_freeze<'a>(
    world: &'a World<'_>,
    freeze: &Freeze,
    change: &Change,
    now: DateTime<Utc>,
) -> Option<&'a ProcedureException> {
    by(world, ExceptionSubject::HardFreeze, change, now).filter(|_| freeze.hard)
}

/// The seats that keep a change from being approved: not the executive's, where an exception sets the acceptance aside, nor
/// those that a ruling of the decision authority stands in for.
pub(super) fn missing_seats(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> Vec<Seat> {
    let mut seats = change.open_seats();
    seats.retain(|seat| !change.is_ruled_away(*seat));
    if by(world, ExceptionSubject::ExecutiveAcceptance, change, now).is_some() {
        seats.retain(|seat| *seat != Seat::Executive);
    }
    seats
}

/// Whether items of a checklist, or empty fields, keep a change from being approved.
pub(super) fn waits_to_be_complete(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> bool {
    let holds = |waits, rule| waits && by(world, rule, change, now).is_none();
    holds(change.waits_for_checklist(now), ExceptionSubject::ChecklistItem)
        || holds(change.waits_for_fields(), ExceptionSubject::OptionalFields)
}

/// Whether an exception may let a change be approved, or completed, that waits for it.
pub(super) fn may_go_on(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> bool {
    let rules =
        [ExceptionSubject::ExecutiveAcceptance, ExceptionSubject::ChecklistItem, ExceptionSubject::OptionalFields];
    rules.into_iter().any(|rule| by(world, rule, change, now).is_some())
}

/// What is written of the exceptions without which a change would not have been approved, or a record not been over.
pub(super) fn of_approval(world: &World<'_>, asked: Asked<'_>, change: &Change, events: &[Event]) -> Vec<Decision> {
    let is_attested = |event: &Event| matches!(event, Event::Change(ChangeEvent::Attested { works: true }));
    if events.iter().any(is_attested) && change.status == ChangeStatus::Completed {
        let unsaid = by(world, ExceptionSubject::Validation, change, asked.at);
        return unsaid.into_iter().map(|one| used(asked, one, change)).collect();
    }
    let is_approved = |event: &Event| matches!(event, Event::Change(ChangeEvent::Approved { .. }));
    if world.exceptions.is_empty() || !events.iter().any(is_approved) {
        return Vec::new();
    }
    let needed = [
        (ExceptionSubject::ExecutiveAcceptance, change.needs_acceptance()),
        (ExceptionSubject::ChecklistItem, change.waits_for_checklist(asked.at)),
        (ExceptionSubject::OptionalFields, change.waits_for_fields()),
        (ExceptionSubject::ConflictBlock, conflict::would_be_taken(world, change)),
    ];
    let needed = needed.into_iter().filter(|(_, is_needed)| *is_needed);
    needed.filter_map(|(rule, _)| by(world, rule, change, asked.at)).map(|one| used(asked, one, change)).collect()
}

/// What is written where a change goes past a rule by an exception.
pub(super) fn used(asked: Asked<'_>, exception: &ProcedureException, change: &Change) -> Decision {
    let mut next = exception.clone();
    let (number, revision) = (change.number, change.revision);
    next.uses.push(ExceptionUse { change: number, revision, at: asked.at });
    let event = ExceptionEvent::Used { of: exception.rule, change: number, revision };
    exception_decision(asked, next, event, Answer::default())
}

/// The same of a change that is about to be told of: where nothing is written yet.
pub(super) fn passed(exception: &ProcedureException) -> String {
    format!("passed by {}, until {}", exception.subject(), moment(exception.until))
}

pub(super) fn exception_decision(
    asked: Asked<'_>,
    exception: ProcedureException,
    event: ExceptionEvent,
    answer: Answer,
) -> Decision {
    Decision {
        subject: exception.subject(),
        promises: exception.promises(),
        events: vec![Event::Exception(event)],
        state: State::Exception(Box::new(exception)),
        answer,
        at: asked.at,
        with: Vec::new(),
    }
}

/// Names in a sentence: "Zoë Lang or Kim Novak".
pub(super) fn any_of(world: &World<'_>, people: &[PersonId]) -> String {
    let names: Vec<String> = people.iter().take(NAMED).map(|id| world.organisation.name_of(id)).collect();
    names.join(" or ")
}

/// People that a sentence names.
const NAMED: usize = 3;
