//! The review of a change: opened with its end, or when it is found to be a cause, reminded of, closed by somebody else
//! (rules 4.15, 4.49).

use chrono::{DateTime, TimeDelta, Utc};

use super::approval::relations;
use super::candidates::sources;
use super::standing::{on_change, person, roles};
use super::update::calendar;
use super::{change_decision, change_of, checklist, contingency, exempt, halt, rehearsed, stands};
use crate::domain::rules::{
    Action, ChangeEnd, ChangeKind, ClaimTie, Duty, ExceptionSubject, Gate, Priority, Relation, ReviewClock, ReviewFact,
    ReviewSubject, Seat, SeatClaim, duties_ok, eligible, review_required,
};
use crate::domain::{
    Answer, Asked, Change, ChangeStatus, Decision, Event, Organisation, OwedPir, Person, PersonId, Pir, PirAnswers,
    PirEvent, PirReason, ProcedureException, Refusal, Role, World,
};

/// Opens the review of a change that has just ended, where it needs one: the one that is due first, of all reasons that
/// there are.
pub(super) fn open(world: &World<'_>, asked: Asked<'_>, change: &mut Change, end: ChangeEnd, events: &mut Vec<Event>) {
    // What was mended forward and done again is looked back on once, from its first end.
    if change.pir.is_some() {
        return;
    }
    let ended = of_end(change.kind, end);
    let reasons = ended.into_iter().chain(world.look_back.iter().copied());
    let due = reasons.filter_map(|reason| Some((reason, due_at(world, asked, change, reason)?)));
    if let Some((reason, due)) = due.min_by_key(|(_, due)| *due) {
        begin(world, asked, change, (reason, due), events);
    }
}

/// Opens the review of a change that was found to have caused an incident. What still runs gets it with its end; what was
/// looked back on for another reason is looked back on anew.
pub(super) fn of_cause(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Option<Decision> {
    let is_over = match change.status {
        ChangeStatus::Validating | ChangeStatus::Failed | ChangeStatus::Completed | ChangeStatus::RolledBack => true,
        // A record that was not attested says all the same what was done.
        ChangeStatus::AwaitingApproval | ChangeStatus::Rejected => change.kind == ChangeKind::Retroactive,
        ChangeStatus::Approved
        | ChangeStatus::Queued
        | ChangeStatus::OnHold
        | ChangeStatus::Implementing
        | ChangeStatus::Halted
        | ChangeStatus::WindowExpired
        | ChangeStatus::ApprovalExpired
        | ChangeStatus::Cancelled => false,
    };
    // That it failed was looked at then.
    let is_known = |pir: &Pir| pir.is_due() || matches!(pir.reason, PirReason::Failed | PirReason::RolledBack);
    if !is_over || change.pir.as_ref().is_some_and(is_known) {
        return None;
    }
    let due = due_at(world, asked, change, PirReason::Cause)?;
    let (mut next, mut events) = (change.clone(), Vec::new());
    begin(world, asked, &mut next, (PirReason::Cause, due), &mut events);
    Some(change_decision(world, asked, next, events, Answer::default()))
}

fn begin(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    (reason, due): (PirReason, DateTime<Utc>),
    events: &mut Vec<Event>,
) {
    change.pir = Some(Pir::new(reason, asked.at, due));
    let first = reviewers(world.organisation, change, asked.at).into_iter().next();
    let owes = contingency::owed_to_review(world, asked, change);
    let skipped = contingency::skipped_with(world, change, owes.clone());
    events.push(Event::Pir(PirEvent::Opened { reason, due, asked: first, owes, skipped }));
}

/// What rule 4.49 makes of its end; `None`: nothing.
fn of_end(kind: ChangeKind, end: ChangeEnd) -> Option<PirReason> {
    match (kind, end) {
        (ChangeKind::Emergency, _) => Some(PirReason::Emergency),
        (ChangeKind::Retroactive, ChangeEnd::Implemented) => Some(PirReason::Record),
        (_, ChangeEnd::RolledBack) => Some(PirReason::RolledBack),
        (_, ChangeEnd::Failed) => Some(PirReason::Failed),
        (ChangeKind::Standard | ChangeKind::Normal | ChangeKind::Expedited, ChangeEnd::Implemented) => None,
    }
}

/// By when it is looked back on. Business days pass while the office is open; hours do not wait for that.
fn due_at(world: &World<'_>, asked: Asked<'_>, change: &Change, reason: PirReason) -> Option<DateTime<Utc>> {
    let of_change = |end| review_required(world.policy, ReviewSubject::Change { kind: change.kind, end });
    let clock: ReviewClock = match reason {
        PirReason::Emergency | PirReason::Record => of_change(ChangeEnd::Implemented).verdict?.clock,
        PirReason::Failed => of_change(ChangeEnd::Failed).verdict?.clock,
        PirReason::RolledBack => of_change(ChangeEnd::RolledBack).verdict?.clock,
        // Of a change, whatever the priority of the incident: the review of that is another one.
        PirReason::Cause => {
            let facts = &[ReviewFact::ChangeRelated];
            review_required(world.policy, ReviewSubject::Incident { priority: Priority::P4, facts }).verdict?.clock
        }
        // What went past the regular way is looked back on as an emergency is.
        PirReason::Override | PirReason::Overrun => world.policy.reviews.emergency_change,
    };
    let span = clock.hold.or(clock.publish)?;
    Some(calendar(world).after(asked.at, span, 1))
}

/// The people who may review this change, who should be asked first in front.
pub fn reviewers(organisation: &Organisation, change: &Change, now: DateTime<Utc>) -> Vec<PersonId> {
    let mut people: Vec<PersonId> = Vec::new();
    for (id, _) in sources(organisation, change, now) {
        let reachable = organisation.person(&id).is_some_and(Person::is_reachable);
        if reachable && may_review(organisation, change, &id).is_ok() && !people.contains(&id) {
            people.push(id);
        }
    }
    people
}

/// Rule 4.15, and who knows enough: a peer reviewer for its service, or a change manager. Who can instead is left to
/// the caller.
fn may_review(organisation: &Organisation, change: &Change, me: &PersonId) -> Result<(), Refusal> {
    let ties: Vec<Relation> = relations(change, me);
    duties_ok(Duty::EmergencyReview, &ties)?;
    let roles = roles(organisation, me, on_change(change, None));
    let ties: &[ClaimTie] = if organisation.shares_discipline(me, change) { &[ClaimTie::SameDiscipline] } else { &[] };
    let peer = eligible(Seat::PeerReviewer, SeatClaim { roles: &roles, ties, other_seat: None }).is_ok();
    if peer || roles.contains(&Role::ChangeManager) {
        return Ok(());
    }
    Err(Refusal::by_rule(
        "4.49",
        format!("The review of {} is for a change manager or a peer reviewer of its service.", change.subject()),
        "",
    ))
}

pub(super) fn close(world: &World<'_>, asked: Asked<'_>, answers: PirAnswers) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let Some(pir) = &change.pir else {
        return Err(not_due(change));
    };
    if let (Some(verdict), Some(at)) = (pir.verdict, pir.closed_at) {
        let by = pir.reviewer.as_ref().map(|by| world.organisation.name_of(by)).unwrap_or_default();
        let sentence = format!(
            "The review of {} is closed: {}, by {by} at {}.",
            change.subject(),
            verdict.as_str(),
            at.format("%-d %b %H:%M UTC")
        );
        return Ok(stands(asked, change.subject(), sentence));
    }
    check_over(change)?;
    check_attested(change)?;
    let items = closed_by_it(world, asked, change)?;
    let unrehearsed = rehearsed::check_review(world, asked, change)?;
    may_review(world.organisation, change, me)
        .map_err(|refusal| Refusal { next: asked_phrase(world.organisation, change, asked.at), ..refusal })?;
    let mut next = change.clone();
    next.pir = Some(Pir {
        verdict: Some(answers.verdict),
        reviewer: Some(me.clone()),
        closed_at: Some(asked.at),
        ..pir.clone()
    });
    let event = Event::Pir(PirEvent::Closed { answers });
    let with = items.into_iter().chain(unrehearsed).map(|exception| exempt::used(asked, exception, change)).collect();
    Ok(Decision { with, ..change_decision(world, asked, next, vec![event], Answer::default()) })
}

/// What a checklist asks for before the end. What takes the regular way was asked for it when it was done.
fn closed_by_it<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &Change,
) -> Result<Vec<&'a ProcedureException>, Refusal> {
    match change.kind {
        ChangeKind::Emergency | ChangeKind::Retroactive => checklist::check(world, asked, change, Gate::Close),
        ChangeKind::Standard | ChangeKind::Normal | ChangeKind::Expedited => Ok(Vec::new()),
    }
}

/// What was mended forward runs once more: it is looked back on when that is over.
fn check_over(change: &Change) -> Result<(), Refusal> {
    if change.status.is_running() { Err(still_runs(change)) } else { Ok(()) }
}

/// What was recorded after the fact is attested, or not, and known to work, or not, before it is looked back on.
fn check_attested(change: &Change) -> Result<(), Refusal> {
    match (change.kind, change.status) {
        (ChangeKind::Retroactive, ChangeStatus::AwaitingApproval) => {}
        (ChangeKind::Retroactive, ChangeStatus::Validating) => {
            return Err(Refusal::by_rule(
                "retroactive-record",
                format!("Whether {} works is not known yet; the review comes after that.", change.subject()),
                halt::way_out(change),
            ));
        }
        _ => return Ok(()),
    }
    let open: Vec<&str> = change.open_seats().iter().map(|seat| seat.phrase()).collect();
    let missing = if open.is_empty() { "the vote".to_owned() } else { open.join(", ") };
    Err(Refusal::by_rule(
        "retroactive-record",
        format!("{} is not attested yet; the review comes after that.", change.subject()),
        format!("Still missing: {missing}. `/change approve {}` attests it.", change.subject()),
    ))
}

/// A reminder's moment has come.
pub(super) fn remind(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let Some(due) = change.due_pir().map(|pir| pir.due_at).filter(|due| *due > asked.at) else {
        return Ok(stands(asked, change.subject(), "There is nothing to remind of any more."));
    };
    let event = Event::Pir(PirEvent::Reminded { due });
    Ok(change_decision(world, asked, change.clone(), vec![event], Answer::default()))
}

/// The review was due, and nobody closed it.
pub(super) fn overdue(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let Some(pir) = change.due_pir().filter(|pir| pir.due_at <= asked.at && !pir.overdue) else {
        return Ok(stands(asked, change.subject(), "It was closed in the meantime."));
    };
    let mut next = change.clone();
    next.pir = Some(Pir { overdue: true, ..pir.clone() });
    let event = Event::Pir(PirEvent::Overdue { due: pir.due_at });
    Ok(change_decision(world, asked, next, vec![event], Answer::default()))
}

/// The review that is overdue for longest among those that the team of a person owes, and since when.
pub(super) fn owed_by_team_of<'a>(
    world: &'a World<'_>,
    me: &PersonId,
    services: &[String],
    now: DateTime<Utc>,
) -> Option<(&'a OwedPir, u32)> {
    let ours = |owed: &&OwedPir| is_ours(world, me, owed);
    let holds = |owed: &&OwedPir| allowed_now(owed, now).is_none() && excepted(world, owed, services, now).is_none();
    let oldest = world.owed_pirs.iter().filter(ours).filter(holds).min_by_key(|owed| owed.due_at)?;
    let minutes = u32::try_from((now - oldest.due_at).num_minutes()).ok()?;
    Some((oldest, minutes))
}

/// The exception that lets an emergency past an overdue review: one for the change that owes it, or for all services that
/// the emergency is on.
fn excepted<'a>(
    world: &'a World<'_>,
    owed: &OwedPir,
    services: &[String],
    now: DateTime<Utc>,
) -> Option<&'a ProcedureException> {
    let reaches = |one: &&ProcedureException| {
        one.rule == ExceptionSubject::EmergencyReview
            && one.is_in_force(now)
            && one.scope.reaches_all(world.organisation, owed.change, services)
    };
    world.exceptions.iter().find(reaches)
}

/// The exceptions without which an overdue review of their team would hold this person's emergency up.
pub(super) fn exceptions_for<'a>(
    world: &'a World<'_>,
    me: &PersonId,
    services: &[String],
    now: DateTime<Utc>,
) -> Vec<&'a ProcedureException> {
    let over = i64::from(world.policy.emergency.review_overdue_blocks_after_minutes);
    let holds = |owed: &&OwedPir| {
        allowed_now(owed, now).is_none() && (now - owed.due_at).num_minutes() > over && is_ours(world, me, owed)
    };
    let mut past: Vec<&ProcedureException> = Vec::new();
    for owed in world.owed_pirs.iter().filter(holds) {
        let exception = excepted(world, owed, services, now);
        past.extend(exception.filter(|one| !past.iter().any(|known| known.number == one.number)));
    }
    past
}

/// Whether the review is one that a person owes, or their team, and of those for which the next emergency waits.
fn is_ours(world: &World<'_>, me: &PersonId, owed: &OwedPir) -> bool {
    if !owed.reason.holds_up_emergencies() {
        return false;
    }
    let team = |id: &PersonId| world.organisation.person(id).and_then(|person| person.team.clone());
    let mine = team(me);
    &owed.requester == me || (mine.is_some() && team(&owed.requester) == mine)
}

/// How long a ruling lets emergencies past an overdue review.
const RULING_LASTS: TimeDelta = TimeDelta::days(1);

/// Whose ruling lets emergencies past this review, if one does.
fn allowed_now(owed: &OwedPir, now: DateTime<Utc>) -> Option<&PersonId> {
    let (by, at) = owed.allowed.as_ref()?;
    (now < *at + RULING_LASTS).then_some(by)
}

/// What an emergency is told that only a ruling lets past an overdue review of its team.
pub(super) fn passed_by(world: &World<'_>, me: &PersonId, now: DateTime<Utc>) -> Vec<String> {
    let ours = |owed: &&OwedPir| is_ours(world, me, owed);
    let passed = |owed: &OwedPir| {
        let by = world.organisation.name_of(allowed_now(owed, now)?);
        Some(format!("The overdue review of CHG-{}: passed by ruling of {by}.", owed.change))
    };
    world.owed_pirs.iter().filter(ours).filter_map(passed).collect()
}

fn not_due(change: &Change) -> Refusal {
    if change.status.is_running() {
        return still_runs(change);
    }
    Refusal::slip(
        format!("{} needs no review: it was no emergency, did not fail and broke nothing.", change.subject()),
        "`/change list` shows the others.",
    )
}

fn still_runs(change: &Change) -> Refusal {
    Refusal::slip(format!("{} still runs; its review comes after its end.", change.subject()), halt::way_out(change))
}

/// People that a sentence names.
const NAMED: usize = 3;

fn asked_phrase(organisation: &Organisation, change: &Change, now: DateTime<Utc>) -> String {
    let people = reviewers(organisation, change, now);
    let names: Vec<String> = people.iter().take(NAMED).map(|id| organisation.name_of(id)).collect();
    if names.is_empty() { "A change manager can.".to_owned() } else { format!("{} can.", names.join(", ")) }
}
