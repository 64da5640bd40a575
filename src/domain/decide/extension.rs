//! A window that is not long enough: more time is asked for, and the E-CAB votes afresh (rule 4.17). Meanwhile the window
//! holds as it is, and its end stops the work.

use chrono::{DateTime, TimeDelta, Utc};

use super::assessment::{Facts, open_vote};
use super::standing::person;
use super::{approval, barrier, change_decision, change_of, claim, halt, stands};
use crate::domain::policy::Policy;
use crate::domain::rules::{Action, ChangeKind, EmergencyCase, VotePolicyName, window_length};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Event, HaltRuling, Member, PersonId, Refusal, Slot,
    SlotState, Vote, VoteResult, Window, World,
};

pub(super) fn ask(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    check_own(world, asked, change)?;
    if let Some(vote) = change.vote.as_ref().filter(|_| change.is_extending()) {
        let until = vote.closes_at.format("%H:%M UTC");
        return Ok(stands(asked, change.subject(), format!("The E-CAB votes on more time already, until {until}.")));
    }
    check_extendable(world, change)?;
    let ahead = barrier::check_longer(world, change, (asked.at, asked.at + length(world, change)))?;
    let mut next = change.clone();
    let vote = fresh_vote(world, asked, change);
    let until = vote.closes_at;
    next.round += 1;
    next.ballots.clear();
    next.decide_by = Some(until);
    next.vote = Some(vote);
    let closes = closes_ahead(change, asked.at);
    let requested = ChangeEvent::ExtensionRequested { round: next.round, why, until, closes };
    let mut answer = match closes {
        Some(_) => {
            Answer::default().also("Nothing stops before that; without a yes by then, the window ends as it is.")
        }
        None => Answer::default().also("The work stays stopped until they agree."),
    };
    answer.also.extend(ahead);
    let mut events = vec![Event::Change(requested)];
    let next = settle(world, asked, next, &mut events, false);
    Ok(change_decision(world, asked, next, events, answer))
}

/// Closes the vote on a longer window once it is decided, and opens the window.
pub(super) fn settle(
    world: &World<'_>,
    asked: Asked<'_>,
    mut change: Change,
    events: &mut Vec<Event>,
    closed: bool,
) -> Change {
    let Some(result) = approval::vote_result(world.policy, asked, &change, closed) else { return change };
    let (passed, sentence) = (result.passed, result.sentence.clone());
    close(&mut change, result, events);
    if !passed {
        let denied = ChangeEvent::ExtensionDenied { sentence, closes: closes_ahead(&change, asked.at) };
        events.push(Event::Change(denied));
        return change;
    }
    open(world, asked, change, events)
}

/// The decision authority gives more time where policy allows no further vote.
pub(super) fn by_ruling(world: &World<'_>, asked: Asked<'_>, change: Change, events: &mut Vec<Event>) -> Change {
    open(world, asked, change, events)
}

/// Opens the window for as long again, and lets the work go on.
fn open(world: &World<'_>, asked: Asked<'_>, mut change: Change, events: &mut Vec<Event>) -> Change {
    // More time never takes any away.
    let left = change.window.map_or(asked.at, |window| window.closes);
    let window = Window { opens: asked.at, closes: left.max(asked.at + length(world, &change)) };
    change.window = Some(window);
    if change.status == ChangeStatus::WindowExpired {
        change.slot = leased(world, asked, &change);
        // What was halted goes on: a technical authority has agreed to more time.
        change.halt = change.halt.filter(|halt| halt.ruling == HaltRuling::Finish);
    }
    change.status = ChangeStatus::Implementing;
    change.reapprovals += 1;
    events.push(Event::Change(ChangeEvent::WindowExtended { window, times: change.reapprovals }));
    change
}

/// What a late click is told.
pub(super) fn decided(change: &Change, result: &VoteResult) -> Refusal {
    let at = result.at.format("%H:%M UTC");
    let sentence = format!("The vote on more time for {} ended at {at}. {}", change.subject(), result.sentence);
    Refusal::slip(sentence, "Nothing was changed.")
}

/// What ends or is halted needs no more time: an open vote on it ends too, for the reason that is said.
pub(super) fn drop_vote(asked: Asked<'_>, change: &mut Change, sentence: &str, events: &mut Vec<Event>) {
    if change.is_extending() {
        let sentence = sentence.to_owned();
        let outcome = "withdrawn".to_owned();
        close(change, VoteResult { passed: false, outcome, sentence, at: asked.at, by: None }, events);
    }
}

/// What helps somebody whose window has closed.
pub(super) fn next_step(policy: &Policy, change: &Change) -> String {
    let id = change.subject();
    if change.is_extending() {
        format!(
            "The E-CAB votes on more time: `/cab status {id}` shows how it stands. `/change rollback` makes it safe."
        )
    } else if change.may_be_extended(policy) {
        format!("`/change extend {id}` and why asks for more time; `/change rollback` makes it safe.")
    } else if change.is_to_go_back() {
        "`/change rollback` makes it safe; a new `/change emergency` asks again.".to_owned()
    } else {
        format!(
            "`/change rollback` makes it safe; `/cab escalate {id}` and why asks the decision authority for more time; a new \
             `/change emergency` asks again."
        )
    }
}

impl Change {
    /// Whether another vote could make its window longer (rule 4.17).
    pub fn may_be_extended(&self, policy: &Policy) -> bool {
        let may_run = self.status.is_running() && self.status != ChangeStatus::Halted && !self.is_to_go_back();
        may_run && self.reapprovals < policy.windows.reapprovals_max && !self.is_extending()
    }
}

fn close(change: &mut Change, result: VoteResult, events: &mut Vec<Event>) {
    events.push(Event::Change(ChangeEvent::VoteClosed { result: result.clone() }));
    if let Some(vote) = &mut change.vote {
        vote.outcome = Some(result);
    }
}

fn check_own(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let me = person(asked, Action::RunChange)?;
    if change.is_own(me) {
        return Ok(());
    }
    let implementer = world.organisation.name_of(&change.implementer);
    Err(Refusal::by_rule(
        "4.17",
        format!("More time is for whoever carries {} out: {implementer}.", change.subject()),
        format!("{implementer} can ask for it."),
    ))
}

fn check_extendable(world: &World<'_>, change: &Change) -> Result<(), Refusal> {
    if change.status == ChangeStatus::Halted {
        return Err(halt::stopped(world, change));
    }
    if !change.status.is_running() {
        return Err(Refusal::slip(
            format!("{} does not run; it is {}.", change.subject(), change.status.phrase()),
            format!("`/change show {}` says what comes next.", change.subject()),
        ));
    }
    if change.is_to_go_back() {
        let next = "`/change rollback` takes it back; a new `/change emergency` asks again.";
        return Err(Refusal::by_rule("4.24", halt::stopped_by(world, change), next));
    }
    if change.may_be_extended(world.policy) {
        return Ok(());
    }
    let times = match change.reapprovals {
        0 => "Windows are not made longer here".to_owned(),
        1 => format!("{} got more time once", change.subject()),
        times => format!("{} got more time {times} times", change.subject()),
    };
    Err(Refusal::by_rule("4.17", format!("{times}; policy allows no more."), next_step(world.policy, change)))
}

/// The roster as it is now, with nobody's ballot yet.
fn fresh_vote(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Vote {
    let incident = approval::incident_of(world);
    let services = change.services();
    let facts = Facts {
        kind: change.kind,
        tested: change.tested,
        services: &services,
        incident,
        risk: &change.risk,
        touches: change.factors.touches.unwrap_or_default(),
        exploit: claim::is_exploit(world),
    };
    let priority = incident.map(|incident| incident.priority);
    let vote = open_vote(world, VotePolicyName::EcabReapproval, facts, priority, asked.at);
    let people = vote.roster.iter().map(|member: &Member| &member.person);
    let approved_before: Vec<PersonId> = people.filter(|person| change.was_approved_by(person)).cloned().collect();
    Vote { approved_before, ..vote }
}

/// As long as the first window might be (rule 4.17).
fn length(world: &World<'_>, change: &Change) -> TimeDelta {
    if let Some(planned) = change.planned.filter(|_| change.kind != ChangeKind::Emergency) {
        return planned.closes - planned.opens;
    }
    let priority = approval::incident_of(world).map(|incident| incident.priority);
    window_length(world.policy, EmergencyCase::of(priority))
}

/// Its turn, which may have lapsed while it was stopped: as it runs again, what would begin beside it has to wait.
pub(super) fn leased(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Option<Slot> {
    let lease = TimeDelta::minutes(world.policy.throttle.lease_minutes.into());
    Some(change.slot?.to(SlotState::Leased, Some(asked.at + lease)))
}

/// When the window closes, where that is still to come.
fn closes_ahead(change: &Change, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    change.window.map(|window| window.closes).filter(|closes| *closes > now)
}
