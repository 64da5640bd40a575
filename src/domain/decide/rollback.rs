//! A change is taken back step by step: whoever carries it out, or whose step it is, says how each went. With the last
//! one it is rolled back. A typed `/change rollback` says at once that all of it is done.

use super::{change_decision, change_of, extension, run, stands};
use crate::domain::event::RollbackEvent;
use crate::domain::rollback::{RollbackCommand, RollbackWalk, StepDone};
use crate::domain::rules::Action;
use crate::domain::{Answer, Asked, Change, ChangeEvent, ContingencyPlan, Decision, Event, PersonId, Refusal, World};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: RollbackCommand) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    match command {
        RollbackCommand::Begin { why } => begin(world, asked, change, why),
        RollbackCommand::StepDone => step_done(world, asked, change),
        RollbackCommand::StepFailed { why } => step_failed(world, asked, change, why),
    }
}

/// What is taken back is neither finished nor gone on with meanwhile.
pub(super) fn check_none(change: &Change) -> Result<(), Refusal> {
    let Some(walk) = change.open_walk() else { return Ok(()) };
    let (id, next, of) = (change.subject(), walk.next(), walk.of);
    Err(Refusal::slip(
        format!("{id} is being taken back: step {next} of {of} is next."),
        format!("`/change after step {id} done` says that it is done, `/change rollback {id}` and why that all are."),
    ))
}

fn begin(world: &World<'_>, asked: Asked<'_>, change: &Change, why: String) -> Result<Decision, Refusal> {
    run::check_goes_back(world, asked, change)?;
    if let Some(walk) = change.open_walk() {
        let sentence =
            format!("{} is being taken back: step {} of {} is next.", change.subject(), walk.next(), walk.of);
        return Ok(stands(asked, change.subject(), sentence));
    }
    let plan = ContingencyPlan::read(&change.rollback_plan);
    if plan.steps.len() < 2 {
        return run::roll_back(world, asked, why);
    }
    let (mut next, mut events) = (change.clone(), Vec::new());
    extension::drop_vote(asked, &mut next, "The change is taken back.", &mut events);
    let (of, minutes) = (plan.steps.len(), plan.minutes());
    next.walk = Some(RollbackWalk { began_at: asked.at, of, minutes, steps: Vec::new() });
    // Why it is taken back is how it went, until somebody knows better.
    next.outcome = next.outcome.filter(|outcome| !outcome.is_empty()).or_else(|| Some(why.clone()));
    // Whether it works is not looked at any more.
    if let Some(validation) = &mut next.validation {
        validation.next_at = None;
    }
    events.push(of_walk(RollbackEvent::Begun { steps: count(of), planned: minutes.map(small), why }));
    let answer = Answer::default().also(told(&next));
    Ok(change_decision(world, asked, next, events, answer))
}

fn step_done(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<Decision, Refusal> {
    let me = check_step(world, asked, change)?;
    let walk = open(change)?;
    let (step, of) = (count(walk.next()), count(walk.of));
    let minutes = i32::try_from((asked.at - walk.since()).num_minutes()).unwrap_or(i32::MAX);
    let mut next = change.clone();
    if let Some(walk) = &mut next.walk {
        walk.steps.push(StepDone { at: asked.at, by: me });
    }
    let mut events = vec![of_walk(RollbackEvent::StepDone { step, of, minutes })];
    match next.walk.as_ref().filter(|walk| walk.is_over()) {
        None => {
            let answer = Answer::default().also(told(&next));
            Ok(change_decision(world, asked, next, events, answer))
        }
        Some(walk) => {
            let why = change.outcome.clone().unwrap_or_default();
            let why = format!("{why} · all {of} steps in {}", walk.took());
            Ok(run::taken_back(world, asked, change, next, why, &mut events))
        }
    }
}

fn step_failed(world: &World<'_>, asked: Asked<'_>, change: &Change, why: String) -> Result<Decision, Refusal> {
    check_step(world, asked, change)?;
    let walk = open(change)?;
    let person = change.next_step().and_then(|step| step.person(world.organisation));
    let event = RollbackEvent::StepFailed { step: count(walk.next()), of: count(walk.of), person, why };
    let answer = Answer::default().also("It stays open; whoever commands is told.");
    Ok(change_decision(world, asked, change.clone(), vec![of_walk(event)], answer))
}

/// Whoever carries it out, or whose step it is.
fn check_step(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<PersonId, Refusal> {
    let me = super::standing::person(asked, Action::RunChange)?;
    let owner = change.next_step().and_then(|step| step.person(world.organisation));
    if owner.as_ref() != Some(me) {
        run::implementer(world, asked, change)?;
    }
    Ok(me.clone())
}

fn open(change: &Change) -> Result<&RollbackWalk, Refusal> {
    change.open_walk().ok_or_else(|| {
        Refusal::slip(
            format!("{} is not being taken back.", change.subject()),
            "`/change rollback` and why says that it was.",
        )
    })
}

fn told(change: &Change) -> String {
    match (change.open_walk(), change.next_step()) {
        (Some(walk), Some(step)) => format!("Step {} of {} is next: {}.", walk.next(), walk.of, step.text),
        _ => String::new(),
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn of_walk(event: RollbackEvent) -> Event {
    Event::Change(ChangeEvent::Rollback(event))
}
