//! Whose turn it is to run (rule 4.18). Everything here happens under the one lock of the line, so no two changes take
//! the last slot.

use chrono::{DateTime, TimeDelta, Utc};

use super::ruling::BY_RULING;
use super::{change_decision, change_of, hold, stands};
use crate::domain::rules::{
    Action, Dispute, Ruling, Running, Throttle, ThrottleFact, ThrottleReason, throttle_verdict,
};
use crate::domain::slot::{InLine, LineCommand, line};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Event, Incident, Refusal, Role, Slot, SlotEvent,
    SlotState, Target, World,
};

/// How long an offered slot is kept (timer `slot.offer`).
const OFFER: TimeDelta = TimeDelta::minutes(5);

/// Whether a change that may start has its turn.
pub(super) enum Turn {
    Now(Slot),
    /// It waits, and is told when its turn comes.
    Later(Box<Decision>),
}

pub(super) fn turn(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Turn {
    let me = in_line(world, change);
    let (ruling, taken) = verdict(world, &world.in_line, &me, asked.at);
    let slot = change.slot.unwrap_or(Slot::waiting(asked.at));
    if ruling.verdict.start || change.ruled_past(Dispute::Turn).is_some() {
        let lease = TimeDelta::minutes(world.policy.throttle.lease_minutes.into());
        return Turn::Now(slot.to(SlotState::Leased, Some(asked.at + lease)));
    }
    let mut next = change.clone();
    let mut events: Vec<Event> = hold::release(asked, &mut next).into_iter().collect();
    // Whoever was in the line and asks again keeps the place.
    let waits = change.status == ChangeStatus::Queued;
    next.slot = Some(if waits { slot } else { Slot::waiting(asked.at) });
    next.status = ChangeStatus::Queued;
    let position = place(world, &next);
    let behind = taken.iter().map(|one| one.change.subject().to_string()).collect::<Vec<_>>();
    if waits {
        let sentence = format!("{} waits already, in place {position}. {}", change.subject(), ruling.sentence);
        return Turn::Later(Box::new(stands(asked, change.subject(), sentence)));
    }
    let answer = Answer::undo("`/change withdraw` and why takes it out of the line")
        .also("You are told here and in private when its turn comes; `/change queue` shows the line.");
    events.push(of(SlotEvent::Queued { position, because: ruling.verdict.because, behind }));
    Turn::Later(Box::new(change_decision(world, asked, next, events, answer)))
}

/// The slot of a halted change that goes on: its own, or where it has lost that, the one that is free. It does not wait in
/// the line, half done.
pub(super) fn resumed(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<Slot, Refusal> {
    let (ruling, taken) = verdict(world, &world.in_line, &in_line(world, change), asked.at);
    if ruling.verdict.start {
        let until = ruling.verdict.lease.map(|lease| asked.at + lease);
        return Ok(change.slot.unwrap_or(Slot::waiting(asked.at)).to(SlotState::Leased, until));
    }
    let others: Vec<String> = taken.iter().map(|one| one.change.subject().to_string()).collect();
    let (id, others, because) = (change.subject(), others.join(", "), ruling.verdict.because);
    Err(Refusal::by_rule(
        ruling.rule,
        format!("{id} has lost its slot, and goes on only after {others}: {because}."),
        "Say it again when that is over; `/change queue` shows the line. `/change rollback` never waits.",
    ))
}

/// The slot of a change that is in: for a while it stays taken, so that a bad end is seen before the next begins.
pub(super) fn soaking(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Option<Slot> {
    let soak = TimeDelta::minutes(world.policy.throttle.soak_minutes.into());
    Some(change.slot?.to(SlotState::Soaking, Some(asked.at + soak)))
}

/// The slot of a change that is out of the line.
pub(super) fn freed(change: &Change) -> Option<Slot> {
    Some(change.slot?.to(SlotState::Free, None))
}

/// Whom it is offered to now that this change is as it is: each whose way is free, the next first.
pub(super) fn offers(world: &World<'_>, asked: Asked<'_>, after: &Change) -> Vec<Decision> {
    let had_one = |change: &Change| change.slot.is_some_and(|slot| slot.state != SlotState::Waiting);
    if !change_of(world).is_ok_and(had_one) {
        return Vec::new();
    }
    let mut all = standing(world, after);
    let next_in_line: Vec<InLine> =
        line(&all).into_iter().filter(|one| one.change.number != after.number).cloned().collect();
    let mut decisions = Vec::new();
    for one in next_in_line {
        let is_open = one.change.window.is_some_and(|window| asked.at < window.closes);
        if !is_open || !verdict(world, &all, &one, asked.at).0.verdict.start {
            continue;
        }
        let next = offered(&one.change, asked.at);
        let event = of(SlotEvent::Offered { until: asked.at + OFFER });
        if let Some(known) = all.iter_mut().find(|known| known.change.number == next.number) {
            known.change = next.clone();
        }
        decisions.push(change_decision(world, asked, next, vec![event], Answer::default()));
    }
    decisions
}

/// An offer lapses, a lease is over, a soak is over.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let Some(slot) = change.slot.filter(|slot| slot.until.is_some_and(|until| until <= asked.at)) else {
        return Ok(stands(asked, change.subject(), "Its turn was moved in the meantime."));
    };
    let mut next = change.clone();
    let event = match slot.state {
        SlotState::Offered => {
            // To the end of the line: who is there goes before who is not.
            next.slot = Some(Slot { ahead: false, ..Slot::waiting(asked.at) });
            SlotEvent::Missed
        }
        SlotState::Leased if runs_in_window(change, asked.at) => {
            let until = asked.at + TimeDelta::minutes(world.policy.throttle.lease_minutes.into());
            next.slot = Some(slot.to(SlotState::Leased, Some(until)));
            let waiting = i32::try_from(line(&world.in_line).len()).unwrap_or(i32::MAX);
            let event = of(SlotEvent::Renewed { until, waiting });
            return Ok(change_decision(world, asked, next, vec![event], Answer::default()));
        }
        SlotState::Leased | SlotState::Soaking | SlotState::Waiting | SlotState::Free => {
            next.slot = Some(slot.to(SlotState::Free, None));
            SlotEvent::Released { why: None }
        }
    };
    let with = offers(world, asked, &next);
    Ok(Decision { with, ..change_decision(world, asked, next, vec![of(event)], Answer::default()) })
}

/// The commander puts a change first, lets it run beside another, or takes its slot back.
pub(super) fn command(world: &World<'_>, asked: Asked<'_>, command: LineCommand) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    may_order(world, asked, change)?;
    match command {
        LineCommand::First { why } => put_first(world, asked, change, why),
        LineCommand::Beside { why } => allow_both(world, asked, change, why),
        LineCommand::Release { why } => release(world, asked, change, why),
    }
}

fn put_first(world: &World<'_>, asked: Asked<'_>, change: &Change, why: String) -> Result<Decision, Refusal> {
    let slot = waiting(change)?;
    if slot.ahead {
        return Ok(stands(asked, change.subject(), format!("{} was put first already.", change.subject())));
    }
    let mut next = change.clone();
    next.slot = Some(Slot { ahead: true, ..slot });
    Ok(change_decision(world, asked, next, vec![of(SlotEvent::PutFirst { why })], Answer::default()))
}

fn allow_both(world: &World<'_>, asked: Asked<'_>, change: &Change, why: String) -> Result<Decision, Refusal> {
    let slot = waiting(change)?;
    let mut next = change.clone();
    next.slot = Some(Slot { beside: true, ..slot });
    let mut events = vec![of(SlotEvent::AllowedBoth { why })];
    let me = in_line(world, &next);
    let (ruling, _) = verdict(world, &world.in_line, &me, asked.at);
    let mut answer = Answer::default();
    if ruling.verdict.start {
        next = offered(&next, asked.at);
        events.push(of(SlotEvent::Offered { until: asked.at + OFFER }));
    } else {
        answer = answer.also(ruling.sentence);
    }
    Ok(change_decision(world, asked, next, events, answer))
}

/// A change that the decision authority lets run beside others is offered its turn.
pub(super) fn by_ruling(asked: Asked<'_>, change: &Change, events: &mut Vec<Event>) -> Change {
    events.push(of(SlotEvent::AllowedBoth { why: BY_RULING.to_owned() }));
    events.push(of(SlotEvent::Offered { until: asked.at + OFFER }));
    let slot = change.slot.unwrap_or(Slot::waiting(asked.at));
    offered(&Change { slot: Some(Slot { beside: true, ..slot }), ..change.clone() }, asked.at)
}

fn release(world: &World<'_>, asked: Asked<'_>, change: &Change, why: String) -> Result<Decision, Refusal> {
    let holds = |slot: &Slot| matches!(slot.state, SlotState::Leased | SlotState::Soaking);
    let Some(slot) = change.slot.filter(holds) else {
        return Err(Refusal::slip(format!("{} holds no slot.", change.subject()), "`/change queue` shows who does."));
    };
    let mut next = change.clone();
    next.slot = Some(slot.to(SlotState::Free, None));
    let with = offers(world, asked, &next);
    let answer = Answer::default().also("It is not stopped by this; `/change rollback` takes it back.");
    let event = of(SlotEvent::Released { why: Some(why) });
    Ok(Decision { with, ..change_decision(world, asked, next, vec![event], answer) })
}

fn waiting(change: &Change) -> Result<Slot, Refusal> {
    change.slot.filter(|slot| slot.state == SlotState::Waiting).ok_or_else(|| {
        let sentence = format!("{} does not wait for its turn; it is {}.", change.subject(), change.status.phrase());
        Refusal::slip(sentence, "`/change queue` shows the line.")
    })
}

/// The commander of its incident orders the line; outside of incidents a change manager.
fn may_order(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let me = super::standing::person(asked, Action::RunChange)?;
    let incident = incident_of(world);
    let commander = incident.and_then(|incident| incident.commander.as_ref());
    if commander == Some(me) || world.organisation.has_role(me, Role::ChangeManager) {
        return Ok(());
    }
    let who = match commander {
        Some(commander) => {
            format!("{}, who commands its incident, or a change manager can.", world.organisation.name_of(commander))
        }
        None => "A change manager can; or take the lead of its incident: `/inc lead`.".to_owned(),
    };
    Err(Refusal::by_rule("4.18", format!("You do not order the line that {} stands in.", change.subject()), who))
}

fn incident_of<'a>(world: &'a World<'_>) -> Option<&'a Incident> {
    match &world.target {
        Target::Change { incident, .. } => incident.as_ref().filter(|incident| incident.is_open()),
        _ => None,
    }
}

/// The change as it stands in the line.
fn in_line(world: &World<'_>, change: &Change) -> InLine {
    InLine { change: change.clone(), priority: incident_of(world).map(|incident| incident.priority) }
}

/// Everybody in the line, with this change as it is now.
fn standing(world: &World<'_>, change: &Change) -> Vec<InLine> {
    let others = world.in_line.iter().filter(|one| one.change.number != change.number);
    others.cloned().chain([in_line(world, change)]).collect()
}

/// From 1.
fn place(world: &World<'_>, change: &Change) -> i32 {
    let all = standing(world, change);
    let before = line(&all).iter().position(|one| one.change.number == change.number).unwrap_or_default();
    i32::try_from(before + 1).unwrap_or(i32::MAX)
}

fn offered(change: &Change, now: DateTime<Utc>) -> Change {
    let slot = change.slot.unwrap_or(Slot::waiting(now)).to(SlotState::Offered, Some(now + OFFER));
    Change { slot: Some(slot), ..change.clone() }
}

/// Halted, it stands there half done: nothing begins beside it.
fn runs_in_window(change: &Change, now: DateTime<Utc>) -> bool {
    let runs = matches!(change.status, ChangeStatus::Implementing | ChangeStatus::Halted);
    runs && change.window.is_some_and(|window| now < window.closes)
}

/// As `verdict`, of a change beside those that are loaded.
pub(super) fn verdict_of<'a>(
    world: &'a World<'_>,
    change: &Change,
    now: DateTime<Utc>,
) -> (Ruling<Throttle>, Vec<&'a InLine>) {
    verdict(world, &world.in_line, &in_line(world, change), now)
}

/// May it run, beside all that have a slot; and which of those are in its way. A change names services and nothing
/// smaller, so what runs on the same part is counted as what runs on the service.
pub fn verdict<'a>(
    world: &World<'_>,
    all: &'a [InLine],
    one: &InLine,
    now: DateTime<Utc>,
) -> (Ruling<Throttle>, Vec<&'a InLine>) {
    let change = &one.change;
    let taken: Vec<&InLine> =
        all.iter().filter(|other| other.change.number != change.number && other.takes_slot(now)).collect();
    let same_incident = |other: &&&InLine| change.incident.is_some() && other.change.incident == change.incident;
    let same_service = |other: &&&InLine| other.change.shared_with(change).is_some();
    let services = change.services();
    let distance = |other: &&&InLine| world.organisation.nearest(&services, &other.change.services());
    // What soaks next to it has ended there: only what runs is in the way of a neighbour.
    let runs = |other: &&&InLine| other.change.slot.is_some_and(|slot| slot.state != SlotState::Soaking);
    let adjacent: Vec<&InLine> =
        taken.iter().filter(|other| runs(other) && distance(other) == Some(1)).copied().collect();
    let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    let running = Running {
        incident: count(taken.iter().filter(same_incident).count()),
        service: count(taken.iter().filter(same_service).count()),
        tenant: count(taken.len()),
    };
    let slot = change.slot;
    let mut facts = Vec::new();
    if slot.is_some_and(|slot| matches!(slot.state, SlotState::Offered | SlotState::Leased)) {
        facts.push(ThrottleFact::HoldsSlot);
    }
    if !adjacent.is_empty() {
        facts.push(ThrottleFact::AdjacentCi);
    }
    if slot.is_some_and(|slot| slot.beside) {
        facts.push(ThrottleFact::CommanderAllows);
    }
    if world.surge {
        facts.push(ThrottleFact::Surge);
    }
    let ruling = throttle_verdict(world.policy, running, &facts);
    if ruling.verdict.because == ThrottleReason::SurgeFull {
        // Whatever runs, wherever it is, is in its way.
        return (ruling, taken);
    }
    let mut in_the_way: Vec<&InLine> =
        taken.iter().filter(|other| same_incident(other) || same_service(other)).copied().collect();
    in_the_way.extend(adjacent.iter().filter(|other| !same_incident(other) && !same_service(other)));
    in_the_way.sort_by_key(|other| other.change.number);
    (ruling, in_the_way)
}

fn of(event: SlotEvent) -> Event {
    Event::Change(ChangeEvent::Slot(event))
}
