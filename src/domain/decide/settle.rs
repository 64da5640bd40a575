//! Conflicts on record: opened where two changes want the same, settled by their owners, then by a change manager, then by
//! the decision authority. Until then neither starts.

use super::conflict::on_record;
use super::slot::{freed, offers};
use super::standing::person;
use super::{change_decision, change_of, escalation, exempt, stands};
use crate::domain::rules::{Action, ConflictLevel, ConflictState, Dispute, ExceptionSubject, Planned, conflicts};
use crate::domain::{
    Answer, Asked, Change, ChangeStatus, ConflictCommand, ConflictEvent, ConflictRecord, Decision, Event, PersonId,
    ProcedureException, Refusal, Role, Subject, World,
};

const RULE: &str = "change-conflict";

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: ConflictCommand) -> Result<Decision, Refusal> {
    match command {
        ConflictCommand::Yield { why } => step_back(world, asked, why),
        ConflictCommand::Coexist { why } => coexist(world, asked, why),
        ConflictCommand::Check => check(world, asked),
    }
}

/// Puts on record that a change is in the way of another, or near it. What is on record already is left as it is, but for
/// two that were only near each other and are on one service now.
fn open(world: &World<'_>, asked: Asked<'_>, change: &mut Change, (other, blocks): (i64, bool)) -> Vec<Event> {
    let known = |one: &&ConflictRecord| one.rival_of(change.number) == other;
    if change.conflicts.iter().filter(known).any(|one| one.blocks || !blocks) {
        return Vec::new();
    }
    let is_own = |one: &&ConflictRecord| one.rival_of(change.number) == other && one.holder == change.number;
    let replaced = change.conflicts.iter().find(is_own).map(|one| one.opened);
    let mut events = Vec::new();
    if let Some(opened) = replaced {
        change.conflicts.retain(|one| one.holder != change.number || one.opened != opened);
        let state = ConflictState::Moved;
        events.push(Event::Conflict(ConflictEvent::Resolved { opened, other, state, near: true, why: None }));
    }
    // As long as a ruling may take. What holds nothing up waits for nobody.
    let due_at = escalation::due(world, asked);
    change.conflicts.push(ConflictRecord {
        holder: change.number,
        other,
        opened: 0,
        blocks,
        level: ConflictLevel::Owners,
        asked_side: None,
        due_at,
        rival_lost: false,
    });
    events.push(Event::Conflict(ConflictEvent::Opened { other, until: blocks.then_some(due_at) }));
    events
}

/// Everything that a change which asks for a window is in the way of, or near.
pub(super) fn open_all(world: &World<'_>, asked: Asked<'_>, change: &mut Change) -> Vec<Event> {
    on_record(world, change).into_iter().flat_map(|with| open(world, asked, change, with)).collect()
}

/// What keeps a change from starting: a conflict that nobody has settled, unless an exception sets that aside: that one.
pub(super) fn check_start<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &Change,
) -> Result<Option<&'a ProcedureException>, Refusal> {
    let Some(rival) = change.conflicts.iter().find_map(|one| holds(world, change, one)) else { return Ok(None) };
    if let Some(exception) = exempt::by(world, ExceptionSubject::ConflictBlock, change, asked.at) {
        return Ok(Some(exception));
    }
    let id = change.subject();
    Err(Refusal::by_rule(
        RULE,
        format!("{id} and {rival} are in each other's way: neither starts before that is settled."),
        format!(
            "`/change plan yield {id}` and why steps back, `/change plan conflicts {id}` shows the next free windows, \
             `/cab escalate {id}` and why asks the decision authority."
        ),
    ))
}

/// The change that a conflict on record holds this one up for, as long as both want the same.
fn holds(world: &World<'_>, change: &Change, one: &ConflictRecord) -> Option<Subject> {
    if !one.blocks || one.rival_lost || change.ruled_past(Dispute::Conflict).is_some() {
        return None;
    }
    let rival = one.rival_of(change.number);
    super::conflict::meets(world, change, rival).then_some(Subject::Change(rival))
}

fn step_back(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    check_side(world, asked, change)?;
    if change.conflicts.is_empty() {
        return Ok(stands(asked, change.subject(), nobodys_way(change)));
    }
    let planned = [ChangeStatus::AwaitingApproval, ChangeStatus::Approved, ChangeStatus::Queued, ChangeStatus::OnHold];
    if !planned.contains(&change.status) {
        let sentence = format!("{} is {}: it cannot step back.", change.subject(), change.state_phrase());
        return Err(Refusal::slip(sentence, "`/change rollback` takes back what runs."));
    }
    let mut next = change.clone();
    next.planned = None;
    next.window = None;
    next.hold = None;
    if change.status != ChangeStatus::AwaitingApproval {
        next.status = ChangeStatus::Approved;
    }
    next.slot = freed(change);
    let with = offers(world, asked, &next);
    let to = change.conflicts.iter().map(|one| Subject::Change(one.rival_of(change.number))).collect();
    let event = Event::Conflict(ConflictEvent::Yielded { to, why });
    let answer = Answer::default().also(format!("`/change sched {}` says another time.", change.subject()));
    Ok(Decision { with, ..change_decision(world, asked, next, vec![event], answer) })
}

/// Both may run, once both sides say so; not on the same service.
fn coexist(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    check_side(world, asked, change)?;
    let with_rival = change.conflicts.iter().filter_map(|one| {
        let rival = world.rivals.iter().find(|rival| rival.number == one.rival_of(change.number))?;
        Some((rival, one))
    });
    // What may be agreed to goes first: where the other side has asked, then what nobody has spoken of.
    let Some((rival, one)) = with_rival.min_by_key(|(_, one)| {
        (one.blocks, one.asked_side == Some(change.number), one.asked_side.is_none(), one.opened)
    }) else {
        return Ok(stands(asked, change.subject(), nobodys_way(change)));
    };
    let (id, other) = (change.subject(), rival.subject());
    let shared = change.shared_with(rival);
    if one.blocks || shared.is_some() {
        let service = world.organisation.service_name(shared.as_ref().unwrap_or(&change.service));
        return Err(Refusal::by_rule(
            RULE,
            format!("{id} and {other} are both on {service}: they cannot run side by side."),
            format!(
                "`/change plan yield {id}` and why steps back; `/change plan conflicts {id}` shows the next free windows."
            ),
        ));
    }
    let holder = if one.holder == change.number { change } else { rival };
    let mut next = holder.clone();
    let (opened, of) = (one.opened, one.other);
    let event = match one.asked_side {
        Some(side) if side == change.number => {
            return Ok(stands(asked, id, format!("{id} waits for the word of {other} already.")));
        }
        Some(_) => {
            next.conflicts.retain(|one| one.opened != opened || one.holder != holder.number);
            ConflictEvent::Resolved { opened, other: of, state: ConflictState::Coexist, near: true, why: Some(why) }
        }
        None => {
            next.conflicts
                .iter_mut()
                .filter(|one| one.opened == opened && one.holder == holder.number)
                .for_each(|one| one.asked_side = Some(change.number));
            ConflictEvent::CoexistAsked { opened, other: of, side: change.number, why }
        }
    };
    Ok(change_decision(world, asked, next, vec![Event::Conflict(event)], Answer::default()))
}

/// Closes what is settled: one of the two is over, has no window any more, or has another.
fn check(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let mut next = change.clone();
    let mut events = Vec::new();
    for one in change.conflicts.iter().filter(|one| one.holder == change.number) {
        let Some(rival) = world.rivals.iter().find(|rival| rival.number == one.other) else { continue };
        let Some(state) = settled(world, one, change, rival) else { continue };
        next.conflicts.retain(|other| other.opened != one.opened || other.holder != change.number);
        let (opened, other, near) = (one.opened, one.other, !one.blocks);
        events.push(Event::Conflict(ConflictEvent::Resolved { opened, other, state, near, why: None }));
    }
    if events.is_empty() {
        return Ok(stands(asked, change.subject(), "Nothing has changed between them."));
    }
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

fn settled(world: &World<'_>, one: &ConflictRecord, change: &Change, rival: &Change) -> Option<ConflictState> {
    let window = |change: &Change| change.window.or(change.planned);
    if !change.is_open() || !rival.is_open() {
        return Some(ConflictState::Ended);
    }
    let (Some(own), Some(its)) = (window(change), window(rival)) else { return Some(ConflictState::Yielded) };
    let meets = own.opens < its.closes && its.opens < own.closes;
    let is_still = if one.blocks {
        meets && change.shared_with(rival).is_some()
    } else {
        let beside = [Planned::of(rival, its)];
        let is_known = change.blockers().any(|other| other.rival_of(change.number) == rival.number);
        !is_known && !conflicts(world.organisation, &Planned::of(change, own), &beside, &[]).is_empty()
    };
    (!is_still).then_some(ConflictState::Moved)
}

/// Nobody settled it in time.
pub(super) fn overdue(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let is_due = |one: &&ConflictRecord| {
        one.holder == change.number && one.blocks && one.level != ConflictLevel::Authority && one.due_at <= asked.at
    };
    let Some(one) = change.conflicts.iter().find(is_due).filter(|_| change.is_open()) else {
        return Ok(stands(asked, change.subject(), "It was settled in the meantime."));
    };
    let level = match one.level {
        ConflictLevel::Owners => ConflictLevel::Manager,
        ConflictLevel::Manager | ConflictLevel::Authority => ConflictLevel::Authority,
    };
    let mut next = change.clone();
    let until = escalation::due(world, asked);
    let is_this = |record: &&mut ConflictRecord| record.opened == one.opened && record.holder == change.number;
    for record in next.conflicts.iter_mut().filter(is_this) {
        record.level = level;
        record.due_at = until;
    }
    let mut events = vec![Event::Conflict(ConflictEvent::Escalated { opened: one.opened, other: one.other, level })];
    if level == ConflictLevel::Authority {
        events.extend(escalation::of_conflict(world, asked, &mut next));
    }
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

/// An owner of the change, or a change manager, speaks for its side.
fn check_side(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let me: &PersonId = person(asked, Action::RunChange)?;
    if change.is_own(me) || world.organisation.has_role(me, Role::ChangeManager) {
        return Ok(());
    }
    let requester = world.organisation.name_of(&change.requester);
    Err(Refusal::by_rule(
        "4.23",
        format!("{} was asked for by {requester}.", change.subject()),
        format!("{requester} or a change manager can say that."),
    ))
}

fn nobodys_way(change: &Change) -> String {
    format!("{} is in nobody's way on record.", change.subject())
}
