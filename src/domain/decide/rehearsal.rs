//! Rehearsals of a change's way back (rule 4.9): whoever carries it out tries it away from production, somebody else watches
//! and says how it went.

use chrono::{DateTime, TimeDelta, Utc};

use super::freeze::moment;
use super::rehearsed::{Waiver, is_owed, planning, shown, waiver};
use super::standing::person;
use super::{change_decision, change_of, stands};
use crate::domain::rehearsal::{Environment, Rehearsal, RehearsalCommand, RehearsalState};
use crate::domain::rules::{Action, RehearsalNeed};
use crate::domain::{
    Answer, Asked, Change, ChangeStatus, DeadlineKind, Decision, Event, PersonId, Refusal, RehearsalEvent, Role,
    Target, World,
};

const RULE: &str = "4.9";
/// Rehearsals of one change; more than that is not rehearsing.
const REHEARSALS_MAX: usize = 20;

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: RehearsalCommand) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    check_waits(change)?;
    match command {
        RehearsalCommand::Plan { environment, observer, minutes } => {
            plan(world, asked, change, (environment, observer, minutes))
        }
        RehearsalCommand::Begin => begin(world, asked, change),
        RehearsalCommand::Proven { took, note } => result(world, asked, change, true, (took, note)),
        RehearsalCommand::Failed { took, note } => result(world, asked, change, false, (took, note)),
        RehearsalCommand::Unavailable { why } => unavailable(world, asked, change, why),
        RehearsalCommand::Waive { why } => waive(world, asked, change, why),
    }
}

/// What is over is not taken back any more; of what was rolled back, the review asks whether that can be relied on.
fn waits(change: &Change) -> bool {
    change.is_open() || change.status == ChangeStatus::RolledBack
}

fn check_waits(change: &Change) -> Result<(), Refusal> {
    if waits(change) {
        return Ok(());
    }
    let sentence =
        format!("{} is {}: its way back is not rehearsed any more.", change.subject(), change.state_phrase());
    Err(Refusal::slip(sentence, "Rehearse it with the next change that goes back in the same way."))
}

fn plan(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    (environment, observer, minutes): (Option<Environment>, Option<PersonId>, Option<i32>),
) -> Result<Decision, Refusal> {
    check_plans(world, asked, change)?;
    own_key(world, change)?;
    let open = change.open_rehearsal();
    let environment = environment.or_else(|| open?.environment.clone());
    let observer = observer.or_else(|| open?.observer.clone());
    let minutes = minutes.or_else(|| open?.minutes);
    let (Some(environment), Some(observer), Some(minutes)) = (environment, observer, minutes) else {
        let sentence = "A rehearsal needs an environment, somebody who watches, and how long it should take.";
        return Err(Refusal::slip(sentence, format!("{} says all three.", planning(change))));
    };
    check_environment(&environment)?;
    check_observer(world, change, &observer)?;
    let opened = open.map(|one| one.opened);
    let due = open.map_or_else(|| asked.at + due_in(world), |one| one.due_at);
    let planned = Rehearsal {
        opened: opened.unwrap_or(0),
        state: RehearsalState::Planned,
        plan: None,
        environment: Some(environment.clone()),
        observer: Some(observer.clone()),
        minutes: Some(minutes),
        due_at: due,
        moved: open.is_some_and(|one| one.moved),
        began_at: None,
        took: None,
        decided_at: None,
    };
    if open == Some(&planned) {
        return Ok(stands(asked, change.subject(), "It is planned like that already."));
    }
    let mut next = change.clone();
    put(&mut next, planned)?;
    let answer = Answer::default().also(format!(
        "`/change plan rehearse {} do:begin` begins it, until {}.",
        change.subject(),
        moment(due)
    ));
    let event = RehearsalEvent::Planned { opened, environment, observer, minutes, due };
    Ok(change_decision(world, asked, next, vec![Event::Rehearsal(event)], answer))
}

fn begin(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let key = own_key(world, change)?;
    let (one, observer) = planned(change)?;
    if !change.is_own(me) {
        let implementer = world.organisation.name_of(&change.implementer);
        let sentence = format!("{implementer} carries {} out, and tries its way back.", change.subject());
        return Err(Refusal::by_rule(RULE, sentence, format!("{implementer} can begin it.")));
    }
    check_watches_only(world, change, me, observer)?;
    if one.state == RehearsalState::Running && one.plan.as_ref() == Some(&key) {
        return Ok(stands(asked, change.subject(), "It has begun already."));
    }
    let opened = one.opened;
    let name = world.organisation.name_of(observer);
    let begun =
        Rehearsal { state: RehearsalState::Running, plan: Some(key.clone()), began_at: Some(asked.at), ..one.clone() };
    let mut next = change.clone();
    put(&mut next, begun)?;
    let answer = Answer::default().also(format!("{name} says how it went."));
    let event = RehearsalEvent::Begun { opened, plan: key };
    Ok(change_decision(world, asked, next, vec![Event::Rehearsal(event)], answer))
}

fn result(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    is_proven: bool,
    (took, note): (Option<i32>, Option<String>),
) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let key = own_key(world, change)?;
    let (one, observer) = planned(change)?;
    if observer != me {
        let name = world.organisation.name_of(observer);
        let sentence = format!("{name} watches the rehearsal of {}, and says how it went.", change.subject());
        let next = format!("{name} can; `/change plan rehearse {} observer:@…` names somebody else.", change.subject());
        return Err(Refusal::by_rule(RULE, sentence, next));
    }
    check_watches_only(world, change, &change.implementer, observer)?;
    if one.plan.as_ref().is_some_and(|begun| begun != &key) {
        let sentence =
            format!("The plan of {} has changed since this began: what was shown is of other steps.", change.subject());
        let next = format!("`/change plan rehearse {} do:begin` begins it anew.", change.subject());
        return Err(Refusal::by_rule(RULE, sentence, next));
    }
    let elapsed = one.began_at.map(|began| i32::try_from((asked.at - began).num_minutes()).unwrap_or(i32::MAX).max(1));
    let took = took.or(elapsed);
    if is_proven && took.is_none() {
        let next = format!("`/change plan rehearse {} do:proven minutes:12` says it.", change.subject());
        return Err(Refusal::slip("How long did it take?", next));
    }
    let (opened, expected) = (one.opened, one.minutes.unwrap_or(0));
    let state = if is_proven { RehearsalState::Proven } else { RehearsalState::Failed };
    let done = Rehearsal { state, plan: Some(key.clone()), took, decided_at: Some(asked.at), ..one.clone() };
    let mut next = change.clone();
    put(&mut next, done)?;
    let valid = world.policy.risk.modifiers.rehearsal_valid_days;
    let services = world.organisation.services_of(change);
    let (event, told) = match took {
        Some(took) if is_proven => (
            RehearsalEvent::Proven { opened, plan: key, took, minutes: expected, note },
            format!("It counts for each change on {services} with these steps, for {valid} days."),
        ),
        _ => (
            RehearsalEvent::Failed { opened, plan: key, took, note },
            format!("Each change on {services} with these steps is riskier by it, until they are proven."),
        ),
    };
    Ok(change_decision(world, asked, next, vec![Event::Rehearsal(event)], Answer::default().also(told)))
}

fn unavailable(world: &World<'_>, asked: Asked<'_>, change: &Change, why: Option<String>) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let (one, observer) = planned(change)?;
    if observer != me {
        check_plans(world, asked, change)?;
    }
    if one.moved {
        let sentence = format!("The rehearsal of {} has moved once, to {}.", change.subject(), moment(one.due_at));
        let next = format!("`/change plan rehearse {} env:…` names another environment.", change.subject());
        return Err(Refusal::by_rule(RULE, sentence, next));
    }
    let (opened, due) = (one.opened, one.due_at.max(asked.at) + due_in(world));
    let state = RehearsalState::Planned;
    let moved = Rehearsal { state, plan: None, began_at: None, due_at: due, moved: true, ..one.clone() };
    let mut next = change.clone();
    put(&mut next, moved)?;
    let event = RehearsalEvent::Moved { opened, due, why };
    let answer = Answer::default().also("It moves no second time.");
    Ok(change_decision(world, asked, next, vec![Event::Rehearsal(event)], answer))
}

fn waive(world: &World<'_>, asked: Asked<'_>, change: &Change, why: Option<String>) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let key = own_key(world, change)?;
    let need = world.policy.contingency.of(change.risk.band).rehearsal;
    let owed = is_owed(world, asked, change);
    if need == RehearsalNeed::No && !owed && change.open_rehearsal().is_none() {
        let sentence = format!("Nothing asks for a rehearsal of {}: it is {}.", change.subject(), change.risk.band);
        return Err(Refusal::slip(sentence, "There is nothing to waive."));
    }
    let waiver = waiver(change, need);
    let (role, who) = match waiver {
        Waiver::Manager => (Role::ChangeManager, "A change manager who has no part in it can."),
        Waiver::Acceptance => (Role::Executive, "An executive who has no part in it can."),
    };
    if change.is_own(me) || !world.organisation.has_role(me, role) {
        let sentence = format!("You cannot let {} do without a rehearsal.", change.subject());
        return Err(Refusal::by_rule(RULE, sentence, who));
    }
    let is_waived = |state| matches!(state, RehearsalState::Waived | RehearsalState::Accepted);
    if shown(world, change).is_some_and(|shown| is_waived(shown.state)) {
        return Ok(stands(asked, change.subject(), "It is waived already."));
    }
    let Some(why) = why else {
        let next = format!("`/change plan rehearse {} do:waive why: …` says it.", change.subject());
        return Err(Refusal::slip("Why is it done without?", next));
    };
    let accepted = waiver == Waiver::Acceptance;
    let state = if accepted { RehearsalState::Accepted } else { RehearsalState::Waived };
    let open = change.open_rehearsal();
    let opened = open.map(|one| one.opened);
    let base = open.cloned().unwrap_or_else(|| task(asked.at + due_in(world)));
    let mut next = change.clone();
    put(&mut next, Rehearsal { state, plan: Some(key.clone()), decided_at: Some(asked.at), ..base })?;
    let event = RehearsalEvent::Waived { opened, plan: key, accepted, why };
    Ok(change_decision(world, asked, next, vec![Event::Rehearsal(event)], Answer::default()))
}

/// What every decision on a change brings along: steps that changed void what was shown of others, and the review of an
/// emergency that was rolled back asks for a rehearsal.
pub(super) fn follow(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) {
    let Target::Change { change: before, .. } = &world.target else { return };
    if before.number != change.number {
        return;
    }
    let old = before.rehearsal_key(world.digest);
    if old.is_some() && old != change.rehearsal_key(world.digest) {
        let is_bound = |one: &&Rehearsal| one.plan.is_some() && one.plan == old && one.state != RehearsalState::Failed;
        let voided = change.rehearsals.iter().rev().find(is_bound).map(|one| one.opened);
        events.extend(voided.map(|opened| Event::Rehearsal(RehearsalEvent::Voided { opened })));
    }
    let is_back = before.status != ChangeStatus::RolledBack && change.status == ChangeStatus::RolledBack;
    if is_back && change.due_pir().is_some() && change.open_rehearsal().is_none() && is_owed(world, asked, change) {
        let due = asked.at + due_in(world);
        if put(change, task(due)).is_ok() {
            events.push(Event::Rehearsal(RehearsalEvent::Asked { due }));
        }
    }
}

/// When whoever is to rehearse is reminded: some days before it is due, and when it is.
pub(super) fn promised(
    world: &World<'_>,
    change: &Change,
    now: DateTime<Utc>,
) -> Option<(DeadlineKind, DateTime<Utc>)> {
    let due = change.open_rehearsal().filter(|_| waits(change))?.due_at;
    let before = due - TimeDelta::days(world.policy.rehearsals.remind_days.into());
    let next = [before, due].into_iter().find(|at| *at > now)?;
    Some((DeadlineKind::Rehearsal, next))
}

pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let Some(one) = change.open_rehearsal().filter(|_| waits(change)) else {
        return Ok(stands(asked, change.subject(), "There is nothing to remind of any more."));
    };
    let overdue = one.due_at <= asked.at;
    let event = RehearsalEvent::Reminded { opened: one.opened, due: one.due_at, overdue };
    Ok(change_decision(world, asked, change.clone(), vec![Event::Rehearsal(event)], Answer::default()))
}

fn due_in(world: &World<'_>) -> TimeDelta {
    TimeDelta::days(world.policy.rehearsals.due_days.into())
}

/// Something to be planned.
fn task(due_at: DateTime<Utc>) -> Rehearsal {
    Rehearsal {
        opened: 0,
        state: RehearsalState::Planned,
        plan: None,
        environment: None,
        observer: None,
        minutes: None,
        due_at,
        moved: false,
        began_at: None,
        took: None,
        decided_at: None,
    }
}

/// In place of the one that the same entry opened, or as a new one.
fn put(change: &mut Change, one: Rehearsal) -> Result<(), Refusal> {
    if let Some(known) = change.rehearsals.iter_mut().find(|known| known.opened == one.opened) {
        *known = one;
        return Ok(());
    }
    if change.rehearsals.len() >= REHEARSALS_MAX {
        let sentence = format!("{} was rehearsed {REHEARSALS_MAX} times.", change.subject());
        return Err(Refusal::slip(sentence, "Ask for a change with a way back that can be relied on."));
    }
    change.rehearsals.push(one);
    Ok(())
}

/// The digest of what is to be rehearsed.
fn own_key(world: &World<'_>, change: &Change) -> Result<String, Refusal> {
    change.rehearsal_key(world.digest).ok_or_else(|| {
        let sentence = format!("The plan of {} has no rollback steps to rehearse.", change.subject());
        Refusal::slip(sentence, format!("`/change edit {} plan: …` says them.", change.subject()))
    })
}

/// The open rehearsal, and who watches it.
fn planned(change: &Change) -> Result<(&Rehearsal, &PersonId), Refusal> {
    let open = change.open_rehearsal();
    open.and_then(|one| Some((one, one.observer.as_ref()?))).ok_or_else(|| {
        let sentence = format!("No rehearsal of {} is planned.", change.subject());
        Refusal::slip(sentence, format!("{} plans one.", planning(change)))
    })
}

fn check_environment(environment: &Environment) -> Result<(), Refusal> {
    if !environment.is_production() {
        return Ok(());
    }
    let sentence = format!("{} is production: a way back is rehearsed elsewhere.", environment.as_str());
    Err(Refusal::by_rule(RULE, sentence, "Name another environment, like env:staging."))
}

fn check_observer(world: &World<'_>, change: &Change, observer: &PersonId) -> Result<(), Refusal> {
    if observer != &change.implementer {
        return Ok(());
    }
    let name = world.organisation.name_of(observer);
    let sentence = format!("{name} carries {} out: somebody else watches its rehearsal.", change.subject());
    Err(Refusal::by_rule(RULE, sentence, "Name somebody else, like observer:@tom."))
}

/// Nobody watches what they do themselves; whoever carries it out may have become another person since it was planned.
fn check_watches_only(
    world: &World<'_>,
    change: &Change,
    runner: &PersonId,
    observer: &PersonId,
) -> Result<(), Refusal> {
    if runner != observer {
        return Ok(());
    }
    let name = world.organisation.name_of(observer);
    let sentence = format!("{name} watches the rehearsal of {}, and cannot be who tries it.", change.subject());
    let next = format!("`/change plan rehearse {} observer:@…` names somebody else.", change.subject());
    Err(Refusal::by_rule(RULE, sentence, next))
}

/// Whoever asked for it, carries it out, or manages changes.
fn check_plans(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let me = person(asked, Action::RaiseChange)?;
    if change.is_own(me) || world.organisation.has_role(me, Role::ChangeManager) {
        return Ok(());
    }
    let requester = world.organisation.name_of(&change.requester);
    Err(Refusal::by_rule(
        "4.23",
        format!("{} was asked for by {requester}.", change.subject()),
        format!("{requester} or a change manager can plan its rehearsal."),
    ))
}
