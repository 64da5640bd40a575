//! A change runs: started, finished, taken back, inside its window.

use chrono::{DateTime, TimeDelta, Utc};

use super::approval::end;
use super::freeze::moment;
use super::slot::{Turn, freed, offers, soaking, turn};
use super::standing::{on_change, permit, person};
use super::{
    acceptance, barrier, certification, change_decision, change_of, checklist, conflict, exempt, extension, halt, hold,
    objection, pir, rehearsed, retro, rollback, ruling, settle, standard, standby, stands, validation,
};
use crate::domain::rules::{Action, ChangeEnd, ChangeKind, Gate, Tie, window_verdict};
use crate::domain::{Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Event, Halt, Refusal, Role, World};

/// A stop that is noticed two minutes after the window closed was not noticed in time.
const LATE_AFTER: TimeDelta = TimeDelta::minutes(2);
const ENDED_BEFORE_VOTE: &str = "The change ended before its vote on more time.";

pub(super) fn start(world: &World<'_>, asked: Asked<'_>, why: Option<String>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    rollback::check_none(change)?;
    if change.status == ChangeStatus::Halted {
        return halt::go_on(world, asked, change, why);
    }
    implementer(world, asked, change)?;
    if change.status == ChangeStatus::Implementing {
        return Ok(stands(asked, change.subject(), already(change, "runs", change.started_at)));
    }
    if change.status == ChangeStatus::WindowExpired {
        check_running(world, change)?;
    }
    let before = [ChangeStatus::AwaitingApproval, ChangeStatus::Approved, ChangeStatus::Queued, ChangeStatus::OnHold];
    if !before.contains(&change.status) {
        return Err(over(change));
    }
    certification::check(world, person(asked, Action::RunChange)?, &change.implementer, &change.services())?;
    check_window(world, asked, change)?;
    acceptance::check_start(world, asked, change)?;
    let items = checklist::check(world, asked, change, Gate::Start)?;
    conflict::check_start(world, change)?;
    let rival = settle::check_start(world, asked, change)?;
    objection::check_start(world, change)?;
    let mut with = barrier::check_start(world, asked, change)?;
    let (standby, stand_ready, unready) = standby::check_start(world, asked, change)?;
    let unrehearsed = rehearsed::check_start(world, asked, change)?;
    let past = items.into_iter().chain(rival).chain(unready).chain(unrehearsed);
    with.extend(past.map(|exception| exempt::used(asked, exception, change)));
    let slot = match turn(world, asked, change) {
        Turn::Now(slot) => slot,
        Turn::Later(decision) => return Ok(*decision),
    };
    let mut next = change.clone();
    next.slot = Some(slot);
    next.standby = standby;
    next.started_at = Some(asked.at);
    let closes = change.window.map(|window| window.closes.format("%H:%M UTC").to_string()).unwrap_or_default();
    let mut answer = Answer::undo("`/change rollback` and why, if it makes things worse")
        .also(format!("Finish before {closes}; you are warned 30 and 10 minutes before."));
    answer.also.extend(ruling::passed_by(world, change));
    // What held it up is over, or lets it through: its state may not have followed yet.
    let mut events: Vec<Event> = hold::release(asked, &mut next).into_iter().chain(stand_ready).collect();
    next.status = ChangeStatus::Implementing;
    events.push(Event::Change(ChangeEvent::Started));
    Ok(Decision { with, ..change_decision(world, asked, next, events, answer) })
}

pub(super) fn done(world: &World<'_>, asked: Asked<'_>, summary: Option<String>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    implementer(world, asked, change)?;
    if matches!(change.status, ChangeStatus::Completed | ChangeStatus::Validating | ChangeStatus::Failed) {
        return Ok(stands(asked, change.subject(), already(change, "is done", change.ended_at)));
    }
    rollback::check_none(change)?;
    check_running(world, change)?;
    check_window(world, asked, change)?;
    let items = checklist::check(world, asked, change, closing_gate(change))?;
    let mut next = change.clone();
    let mut events = Vec::new();
    extension::drop_vote(asked, &mut next, ENDED_BEFORE_VOTE, &mut events);
    end(&mut next, asked, ChangeStatus::Completed, summary.clone().unwrap_or_default());
    next.slot = soaking(world, asked, change);
    events.push(Event::Change(ChangeEvent::Done { summary }));
    let unsaid = validation::open(world, asked, &mut next, &mut events);
    pir::open(world, asked, &mut next, ChangeEnd::Implemented, &mut events);
    let mut answer = match change.incident {
        Some(_) => Answer::default().also("If the impact has stopped, say `/inc status mitigated`."),
        None => Answer::default(),
    };
    answer.also.extend(validation::asked_phrase(world, &next));
    let with = items.into_iter().chain(unsaid).map(|exception| exempt::used(asked, exception, change)).collect();
    Ok(Decision { with, ..change_decision(world, asked, next, events, answer) })
}

pub(super) fn roll_back(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    implementer(world, asked, change)?;
    if change.status == ChangeStatus::RolledBack {
        return Ok(stands(asked, change.subject(), already(change, "was rolled back", change.ended_at)));
    }
    check_goes_back(world, asked, change)?;
    let mut next = change.clone();
    let mut events = Vec::new();
    extension::drop_vote(asked, &mut next, ENDED_BEFORE_VOTE, &mut events);
    Ok(taken_back(world, asked, change, next, why, &mut events))
}

/// Going back is never held up, by a window or a halt: it makes things safe.
pub(super) fn check_goes_back(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    implementer(world, asked, change)?;
    if may_go_back(change.status) { Ok(()) } else { check_running(world, change) }
}

/// All of it is done: the change is as if it had not been made.
pub(super) fn taken_back(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    mut next: Change,
    why: String,
    events: &mut Vec<Event>,
) -> Decision {
    end(&mut next, asked, ChangeStatus::RolledBack, why.clone());
    // What it repaired is still broken: the next fix waits for no soak.
    next.slot = freed(change);
    events.push(Event::Change(ChangeEvent::RolledBack { why }));
    // What was found not to work has been counted.
    if change.status != ChangeStatus::Failed {
        standard::after_failure(world, &next, events);
    }
    pir::open(world, asked, &mut next, ChangeEnd::RolledBack, events);
    let with = offers(world, asked, &next);
    Decision { with, ..change_decision(world, asked, next, std::mem::take(events), Answer::default()) }
}

pub(super) fn withdraw(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    if change.unclaimed().is_none() {
        retro::check_is_none(change)?;
    }
    if &change.requester != me && !world.organisation.has_role(me, Role::ChangeManager) {
        let requester = world.organisation.name_of(&change.requester);
        return Err(Refusal::by_rule(
            "4.23",
            format!("{} was asked for by {requester}.", change.subject()),
            format!("{requester} or a change manager can withdraw it."),
        ));
    }
    match change.status {
        ChangeStatus::AwaitingApproval | ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold => {}
        ChangeStatus::Cancelled => {
            return Ok(stands(asked, change.subject(), already(change, "was withdrawn", change.ended_at)));
        }
        ChangeStatus::Implementing | ChangeStatus::Halted | ChangeStatus::WindowExpired => {
            return Err(Refusal::slip(
                format!("{} has started; it can be finished or rolled back.", change.subject()),
                halt::way_out(change),
            ));
        }
        ChangeStatus::Validating | ChangeStatus::Failed => {
            return Err(Refusal::slip(format!("{} is done.", change.subject()), halt::way_out(change)));
        }
        ChangeStatus::Completed | ChangeStatus::RolledBack | ChangeStatus::Rejected | ChangeStatus::ApprovalExpired => {
            return Err(over(change));
        }
    }
    let mut next = change.clone();
    end(&mut next, asked, ChangeStatus::Cancelled, why.clone());
    next.slot = freed(change);
    let with = offers(world, asked, &next);
    let event = Event::Change(ChangeEvent::Withdrawn { why });
    Ok(Decision { with, ..change_decision(world, asked, next, vec![event], Answer::default()) })
}

pub(super) fn window_warning(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let Some(window) = change.window.filter(|window| window.closes > asked.at) else {
        return Ok(stands(asked, change.subject(), "The window is over."));
    };
    let left = (window.closes - asked.at + TimeDelta::seconds(59)).num_minutes();
    let minutes_left = i32::try_from(left).unwrap_or(i32::MAX);
    let event = Event::Change(ChangeEvent::WindowWarned { minutes_left, closes: window.closes });
    Ok(change_decision(world, asked, change.clone(), vec![event], Answer::default()))
}

/// At exactly the closing moment the window is over (rule 4.17). What runs stops; what was not started is planned again,
/// except an emergency, whose moment has passed.
pub(super) fn window_ends(world: &World<'_>, asked: Asked<'_>, closed: DateTime<Utc>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let over = change.window.is_some_and(|window| window.closes <= asked.at);
    let stopped = matches!(change.status, ChangeStatus::Implementing | ChangeStatus::Halted);
    let missed = change.ends_with_window() && !stopped;
    if !over || !(stopped || missed) {
        return Ok(stands(asked, change.subject(), "It ended or was moved in the meantime."));
    }
    let mut next = change.clone();
    let event = if stopped {
        // What was halted stays stopped: it goes on with more time, to which a technical authority agrees too. What is to
        // be taken back gets none.
        next.status = ChangeStatus::WindowExpired;
        next.halt = next.halt.map(|halt| Halt { resume_by: None, ..halt });
        let extendable = next.is_extending() || next.may_be_extended(world.policy);
        ChangeEvent::WindowExpired { closed, late: asked.at - closed > LATE_AFTER, extendable }
    } else {
        let over = change.kind == ChangeKind::Emergency;
        if over {
            let sentence = "It was not started inside its window.".to_owned();
            end(&mut next, asked, ChangeStatus::ApprovalExpired, sentence);
        } else {
            // Planned anew, it asks anew for its turn.
            next.status = ChangeStatus::Approved;
            next.window = None;
        }
        next.slot = freed(change);
        ChangeEvent::WindowMissed { closed, over }
    };
    let with = if next.status.is_running() { Vec::new() } else { offers(world, asked, &next) };
    let events = vec![Event::Change(event)];
    Ok(Decision { with, ..change_decision(world, asked, next, events, Answer::default()) })
}

/// What has begun goes back, whatever stopped it, or was found out about it since.
fn may_go_back(status: ChangeStatus) -> bool {
    status.is_running() || matches!(status, ChangeStatus::Validating | ChangeStatus::Failed)
}

/// What has a review is closed by it, anything else by being done.
fn closing_gate(change: &Change) -> Gate {
    if change.kind == ChangeKind::Emergency { Gate::Validate } else { Gate::Close }
}

pub(super) fn implementer(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let me = person(asked, Action::RunChange)?;
    retro::check_goes_on(change)?;
    let ties: &[Tie] = if &change.implementer == me { &[Tie::Implementer] } else { &[] };
    let mut record = on_change(change, None);
    record.ties = ties;
    permit(world, asked, Action::RunChange, record).map_err(|refusal| {
        let implementer = world.organisation.name_of(&change.implementer);
        Refusal { next: format!("{implementer}, who carries it out, can."), ..refusal }
    })
}

/// Rule 4.17, with its own sentence.
pub(super) fn check_window(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    if matches!(change.status, ChangeStatus::Approved | ChangeStatus::OnHold) && change.window.is_none() {
        return Err(Refusal::by_rule(
            "4.17",
            format!("{} is approved, and has no window in which it may run.", change.subject()),
            format!("`/change sched {} from:22:00 until:23:30` does.", change.subject()),
        ));
    }
    let window = change.window.map(|window| (window.opens, window.closes));
    let ruling = window_verdict(world.policy, window, asked.at, change.reapprovals);
    if ruling.verdict.is_open() {
        return Ok(());
    }
    let missing: Vec<&str> = change.open_seats().iter().map(|seat| seat.phrase()).collect();
    let next = match (change.status, missing.is_empty()) {
        (ChangeStatus::AwaitingApproval, false) => format!("Still missing: {}.", missing.join(", ")),
        (ChangeStatus::AwaitingApproval, true) if change.waits_for_checklist(asked.at) || change.waits_for_fields() => {
            return checklist::check(world, asked, change, Gate::Approve).map(drop);
        }
        (ChangeStatus::AwaitingApproval, true) => "The vote is still open; `/cab status` shows it.".to_owned(),
        (ChangeStatus::OnHold, _) => hold::next_step(world, change, asked.at),
        _ => match change.window.filter(|window| window.opens > asked.at) {
            Some(window) => {
                format!("It opens {}; `/change sched {}` says another time.", moment(window.opens), change.subject())
            }
            None => extension::next_step(world.policy, change),
        },
    };
    Err(Refusal::by_rule(ruling.rule, format!("{}: {}", change.subject(), ruling.sentence), next))
}

pub(super) fn check_running(world: &World<'_>, change: &Change) -> Result<(), Refusal> {
    match change.status {
        ChangeStatus::Implementing => Ok(()),
        ChangeStatus::AwaitingApproval | ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold => {
            Err(Refusal::slip(
                format!("{} has not started; it is {}.", change.subject(), change.status.phrase()),
                "`/change start` begins it, once it is approved.",
            ))
        }
        ChangeStatus::Halted => Err(halt::stopped(world, change)),
        ChangeStatus::WindowExpired => Err(Refusal::by_rule(
            "4.17",
            format!("The window of {} has closed.", change.subject()),
            extension::next_step(world.policy, change),
        )),
        ChangeStatus::Validating | ChangeStatus::Failed => Err(Refusal::slip(
            format!("{} is done, and {}.", change.subject(), change.status.phrase()),
            halt::way_out(change),
        )),
        ChangeStatus::Completed
        | ChangeStatus::RolledBack
        | ChangeStatus::Rejected
        | ChangeStatus::ApprovalExpired
        | ChangeStatus::Cancelled => Err(over(change)),
    }
}

fn over(change: &Change) -> Refusal {
    let at = change.ended_at.map(|at| format!(" since {}", at.format("%H:%M UTC"))).unwrap_or_default();
    let outcome = change.outcome.clone().filter(|outcome| !outcome.is_empty()).unwrap_or_default();
    Refusal::slip(format!("{} is {}{at}.", change.subject(), change.status.phrase()), outcome)
}

fn already(change: &Change, what: &str, since: Option<DateTime<Utc>>) -> String {
    let since = since.map(|at| format!(" since {}", at.format("%H:%M UTC"))).unwrap_or_default();
    format!("{} {what} already{since}.", change.subject())
}
