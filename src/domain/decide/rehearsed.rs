//! What the rehearsals of a way back show (rules 4.7 and 4.9): for the risk of a change, before its start, and in the review
//! of one that was rolled back.

use chrono::{DateTime, Utc};

use super::contingency;
use super::exempt;
use super::freeze::moment;
use crate::domain::rehearsal::{Rehearsal, RehearsalState, rehearsal_key};
use crate::domain::rules::{self, ChangeKind, ExceptionSubject, RehearsalHold, RehearsalNeed};
use crate::domain::{Asked, Change, ChangeStatus, ProcedureException, Refusal, Target, World};

const RULE: &str = "4.9";

/// What is known last of a way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    pub state: RehearsalState,
    pub at: DateTime<Utc>,
    /// The change with which it was rehearsed.
    pub change: i64,
}

/// What is known last of the way back of a change: from its own rehearsals, and from those of others with the same steps.
pub(super) fn shown(world: &World<'_>, change: &Change) -> Option<Shown> {
    latest(world, (change.number, &change.rehearsals), &change.rehearsal_key(world.digest)?, |_| true)
}

/// Rule 4.7: what the last rehearsal of a plan makes of its risk. What was waived shows nothing.
pub(super) fn for_risk(
    world: &World<'_>,
    asked: Asked<'_>,
    services: &[String],
    plan: Option<&str>,
) -> rules::Rehearsal {
    let own: (i64, &[Rehearsal]) = match &world.target {
        Target::Change { change, .. } => (change.number, &change.rehearsals),
        _ => (0, &[]),
    };
    let is_result = |state| matches!(state, RehearsalState::Proven | RehearsalState::Failed);
    let key = rehearsal_key(services, plan.unwrap_or_default(), world.digest);
    match key.and_then(|key| latest(world, own, &key, is_result)) {
        Some(Shown { state: RehearsalState::Proven, at, .. }) => {
            rules::Rehearsal::Proven.aged(world.policy, days_since(at, asked.at))
        }
        Some(_) => rules::Rehearsal::Failed,
        None => rules::Rehearsal::NotDone,
    }
}

fn latest(
    world: &World<'_>,
    (number, own): (i64, &[Rehearsal]),
    key: &str,
    counts: impl Fn(RehearsalState) -> bool,
) -> Option<Shown> {
    let own = own.iter().filter(|one| one.plan.as_deref() == Some(key) && !one.state.is_open());
    let own = own.filter_map(|one| Some(Shown { state: one.state, at: one.decided_at?, change: number }));
    let earlier = world.rehearsals.iter().filter(|one| one.plan == key).map(|one| Shown {
        state: if one.proven { RehearsalState::Proven } else { RehearsalState::Failed },
        at: one.decided_at,
        change: one.change,
    });
    earlier.chain(own).filter(|one| counts(one.state)).max_by_key(|one| one.at)
}

pub(super) fn days_since(at: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    u32::try_from((now - at).num_days()).unwrap_or(0)
}

/// What whoever asks for a change is told of its rehearsal. `is_missing`: rule 4.9 asks for one.
pub(super) fn told(world: &World<'_>, asked: Asked<'_>, change: &Change, is_missing: bool) -> Vec<String> {
    let mut told = Vec::new();
    let shown = shown(world, change).filter(|shown| shown.change != change.number);
    if let Some(Shown { state, at, change: with }) = shown {
        let is_good = days_since(at, asked.at) <= world.policy.risk.modifiers.rehearsal_valid_days;
        let day = at.format("%-d %b");
        match state {
            RehearsalState::Proven if is_good => {
                told.push(format!("This way back was proven on {day} with CHG-{with}: it counts as that much easier."));
            }
            RehearsalState::Failed => told.push(format!(
                "This way back failed its rehearsal on {day} with CHG-{with}: it counts as that much harder."
            )),
            _ => {}
        }
    }
    if is_missing {
        told.push(asked_for(world, change));
    }
    told
}

fn asked_for(world: &World<'_>, change: &Change) -> String {
    let plan = planning(change);
    if world.policy.rehearsals.holds(RehearsalHold::Start) {
        format!("Rule 4.9 also asks for a rehearsal of the rollback, and it does not start without: {plan} plans it.")
    } else {
        format!("Rule 4.9 also asks for a rehearsal of the rollback: {plan} plans it. Nothing waits for it.")
    }
}

/// How a rehearsal is planned, to be typed.
pub(super) fn planning(change: &Change) -> String {
    format!("`/change plan rehearse {} env:staging observer:@… minutes:15`", change.subject())
}

/// The exception without which a change may not start before its way back was rehearsed. An emergency never waits.
pub(super) fn check_start<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &Change,
) -> Result<Option<&'a ProcedureException>, Refusal> {
    let waits = matches!(change.kind, ChangeKind::Normal | ChangeKind::Expedited);
    if !waits || !world.policy.rehearsals.holds(RehearsalHold::Start) {
        return Ok(None);
    }
    if !contingency::lacks_rehearsal(world, asked, change) {
        return Ok(None);
    }
    if let Some(exception) = exempt::by(world, ExceptionSubject::Rehearsal, change, asked.at) {
        return Ok(Some(exception));
    }
    let sentence = format!(
        "{} cannot start before its way back was rehearsed: {}.",
        change.subject(),
        lacking(world, asked, change)
    );
    Err(Refusal::by_rule(RULE, sentence, way_out(world, change)))
}

/// The exception without which the review of a change that was rolled back may not close before there is a result.
pub(super) fn check_review<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &Change,
) -> Result<Option<&'a ProcedureException>, Refusal> {
    if !is_owed(world, asked, change) {
        return Ok(None);
    }
    if let Some(exception) = exempt::by(world, ExceptionSubject::Rehearsal, change, asked.at) {
        return Ok(Some(exception));
    }
    let sentence = format!(
        "{} was rolled back: its review closes with the result of a rehearsal, and {}.",
        change.subject(),
        lacking(world, asked, change)
    );
    Err(Refusal::by_rule(RULE, sentence, way_out(world, change)))
}

/// Whether the review of a change that was rolled back waits for the result of a rehearsal; that it failed is one.
pub(super) fn is_owed(world: &World<'_>, asked: Asked<'_>, change: &Change) -> bool {
    let is_rolled_back = change.status == ChangeStatus::RolledBack && change.kind == ChangeKind::Emergency;
    if !is_rolled_back || !world.policy.rehearsals.holds(RehearsalHold::Review) || change.steps_back().is_none() {
        return false;
    }
    let valid = world.policy.risk.modifiers.rehearsal_valid_days;
    shown(world, change).is_none_or(|shown| days_since(shown.at, asked.at) > valid)
}

/// What is missing, after "…: ".
fn lacking(world: &World<'_>, asked: Asked<'_>, change: &Change) -> String {
    let name = |one: &Rehearsal| one.observer.as_ref().map(|id| world.organisation.name_of(id)).unwrap_or_default();
    let is_failed = |shown: &Shown| shown.state == RehearsalState::Failed;
    match (change.open_rehearsal(), shown(world, change)) {
        (Some(one), _) if one.state == RehearsalState::Running => {
            format!("{} has not said how it went", name(one))
        }
        (Some(one), _) if one.observer.is_some() => format!("it is planned until {}", moment(one.due_at)),
        (None, Some(last)) if is_failed(&last) => format!("the last rehearsal failed, on {}", moment(last.at)),
        (None, Some(last)) if last.state == RehearsalState::Proven => format!(
            "it was proven on {}, {} days ago, and that counts for {}",
            last.at.format("%-d %b"),
            days_since(last.at, asked.at),
            world.policy.risk.modifiers.rehearsal_valid_days
        ),
        (None, None) if change.rehearsals.iter().any(|one| one.plan.is_some()) => {
            "what was shown was of other steps: the plan has changed".to_owned()
        }
        (Some(_) | None, _) => "nobody has planned it yet".to_owned(),
    }
}

fn way_out(world: &World<'_>, change: &Change) -> String {
    let id = change.subject();
    let need = world.policy.contingency.of(change.risk.band).rehearsal;
    let who = match waiver(change, need) {
        Waiver::Acceptance => "An executive",
        Waiver::Manager => "A change manager",
    };
    let without = format!("{who} can do without: `/change plan rehearse {id} do:waive` and why.");
    match change.open_rehearsal() {
        Some(one) if one.state == RehearsalState::Running => {
            let observer = one.observer.as_ref().map(|id| world.organisation.name_of(id)).unwrap_or_default();
            format!("{observer} can press Proven or Failed. {without}")
        }
        Some(one) if one.observer.is_some() => {
            format!("`/change plan rehearse {id} do:begin` begins it. {without}")
        }
        _ => format!("{} plans it. {without}", planning(change)),
    }
}

/// Whose word stands in for a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiver {
    /// A change manager waives it.
    Manager,
    /// An executive accepts the risk.
    Acceptance,
}

/// Rule 4.9. Of an emergency, which is never held up before, the review is a change manager's.
pub(super) fn waiver(change: &Change, need: RehearsalNeed) -> Waiver {
    match need {
        RehearsalNeed::ProvenOrAccepted if change.kind != ChangeKind::Emergency => Waiver::Acceptance,
        RehearsalNeed::ProvenOrAccepted | RehearsalNeed::ProvenOrWaived | RehearsalNeed::No => Waiver::Manager,
    }
}
