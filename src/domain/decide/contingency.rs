//! Rule 4.9 of a request: whether it knows its way back well enough for its risk. A change that can wait waits for that;
//! an emergency does not, and its review asks for what was missing.

use super::rehearsed;
use crate::domain::contingency::ContingencyPlan;
use crate::domain::event::EditedField;
use crate::domain::rehearsal::RehearsalState;
use crate::domain::rules::{
    ChangeKind, Contingency, ContingencyItem, ContingencySection, Seat, Verification, contingency_ok,
};
use crate::domain::skipped::Skipped;
use crate::domain::{Asked, Change, Refusal, World};

/// Rollback complexity from which there is no way back.
pub(super) const IRREVERSIBLE: u8 = 5;

/// What rule 4.9 asks for and no request can show. Nobody is booked for standby yet: that holds up the start (rule 4.48), and
/// so does the rehearsal, which is planned of what is asked for. Who accepts the risk and the data owner are seats that are
/// filled after the request (rule 4.10), and hold up the approval.
const NOT_SHOWN_BY_A_REQUEST: [ContingencyItem; 4] =
    [ContingencyItem::Standby, ContingencyItem::Rehearsal, ContingencyItem::RiskAcceptance, ContingencyItem::DataOwner];

/// What whoever asks should know of the plan. A change that can wait is refused where its plan is too short.
pub(super) fn check(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<Vec<String>, Refusal> {
    let plan = ContingencyPlan::read(&change.rollback_plan);
    let found = found(world, asked, change, &plan);
    let lacks = shown(&found);
    let is_missing = found.missing.contains(&ContingencyItem::Rehearsal) && change.kind != ChangeKind::Emergency;
    let rehearsal = || rehearsed::told(world, asked, change, is_missing);
    match change.kind {
        // An entry of the catalogue is its plan; what was done already has none to be made.
        ChangeKind::Standard | ChangeKind::Retroactive => Ok(Vec::new()),
        _ if lacks.is_empty() => Ok(rehearsal()),
        ChangeKind::Emergency => {
            let words: Vec<String> = lacks.iter().map(|item| item.as_str().replace('_', " ")).collect();
            let rest =
                format!("Nothing waits for the rest of its plan; its review will ask for it: {}.", words.join(", "));
            Ok([rest].into_iter().chain(rehearsal()).collect())
        }
        ChangeKind::Normal | ChangeKind::Expedited => {
            let sentence =
                format!("For {} the rollback plan lacks {}.", change.risk.band, phrases(world, change, &plan, &lacks));
            let next = [typed(world, change, &plan, &lacks), suggested(world, &lacks)].concat();
            Err(Refusal::by_rule("4.9", sentence, next).in_field("plan"))
        }
    }
}

/// The same of an edit. Another time asks nobody for another plan.
pub(super) fn check_edit(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    fields: &[EditedField],
) -> Result<Vec<String>, Refusal> {
    let moved = fields.iter().all(|field| field.name == "window");
    // A change manager who finds it riskier is not held up by the plan of somebody else, who hears what it lacks.
    let is_judged = fields.iter().all(|field| field.name == "band");
    match check(world, asked, change) {
        _ if moved => Ok(Vec::new()),
        Err(refusal) if is_judged => Ok(vec![refusal.sentence]),
        checked => checked,
    }
}

/// What the review of an emergency asks for.
pub(super) fn owed_to_review(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Vec<ContingencyItem> {
    if change.kind != ChangeKind::Emergency {
        return Vec::new();
    }
    let found = found(world, asked, change, &ContingencyPlan::read(&change.rollback_plan));
    let rehearsal = found.rehearsal_in_review.then_some(ContingencyItem::Rehearsal);
    shown(&found).into_iter().chain(rehearsal).collect()
}

/// What of the regular way an emergency leaves out, as the log keeps it.
pub(super) fn skipped(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Vec<String> {
    skipped_with(world, change, owed_to_review(world, asked, change))
}

/// The same, where it is known what its review asks for.
pub(super) fn skipped_with(world: &World<'_>, change: &Change, deferred: Vec<ContingencyItem>) -> Vec<String> {
    change.skipped(world.organisation, world.policy, deferred).iter().map(Skipped::word).collect()
}

/// Whether rule 4.9 asks for a rehearsal that the change does not have, nor any of what stands in for one.
pub(super) fn lacks_rehearsal(world: &World<'_>, asked: Asked<'_>, change: &Change) -> bool {
    let found = found(world, asked, change, &ContingencyPlan::read(&change.rollback_plan));
    found.missing.contains(&ContingencyItem::Rehearsal)
}

fn found(world: &World<'_>, asked: Asked<'_>, change: &Change, plan: &ContingencyPlan) -> Contingency {
    let shown = rehearsed::shown(world, change);
    let is = |state| shown.is_some_and(|shown| shown.state == state);
    let proven = shown.filter(|shown| shown.state == RehearsalState::Proven);
    let has_executive = change.approvals_in(Seat::Executive) > 0;
    let owned = plan.steps.iter().all(|step| step.person(world.organisation).is_some());
    let timed = plan.steps.iter().all(|step| step.minutes.is_some());
    let has: Vec<ContingencyItem> = [
        (ContingencyItem::StepOwners, owned),
        (ContingencyItem::StepMinutes, timed),
        // Where there is no way back, the steps say how it goes forward.
        (ContingencyItem::ForwardRecoveryPlan, !plan.steps.is_empty()),
        (ContingencyItem::AbortCriteria, !plan.abort.is_empty()),
        (ContingencyItem::RehearsalWaived, is(RehearsalState::Waived)),
        (ContingencyItem::ExecutiveAcceptance, is(RehearsalState::Accepted) || has_executive),
    ]
    .into_iter()
    .filter(|(_, there)| *there)
    .map(|(item, _)| item)
    .collect();
    let section = ContingencySection {
        rollback_steps: count(plan.steps.len()),
        failure_modes: count(answered_modes(plan)),
        verification: verification(world, change, plan),
        rehearsed_days_ago: proven.map(|shown| rehearsed::days_since(shown.at, asked.at)),
        has: &has,
    };
    let irreversible = change.risk.rollback >= IRREVERSIBLE;
    contingency_ok(world.policy, change.risk.band, change.kind, irreversible, &section).verdict
}

/// A second person always says whether it works. Automatic is only what runs by itself: a check that the organisation file
/// declares for its services. What a plan says in words, somebody looks at: a test by users.
fn verification(world: &World<'_>, change: &Change, plan: &ContingencyPlan) -> Verification {
    match (runs_by_itself(world, change), plan.checks.is_empty()) {
        (false, _) => Verification::Check,
        (true, true) => Verification::Automatic,
        (true, false) => Verification::AutomaticAndUsers,
    }
}

fn runs_by_itself(world: &World<'_>, change: &Change) -> bool {
    !world.organisation.checks_of(change).is_empty()
}

/// What the verification lacks: the check that runs by itself, the test by users, or both.
fn unverified(world: &World<'_>, change: &Change, plan: &ContingencyPlan) -> Vec<&'static str> {
    let least = world.policy.contingency.of(change.risk.band).verification;
    let lacks = [
        ("a check that runs by itself", least >= Verification::Automatic && !runs_by_itself(world, change)),
        ("a test by users", lacks_users(world, change, plan)),
    ];
    lacks.into_iter().filter(|(_, is_missing)| *is_missing).map(|(what, _)| what).collect()
}

fn lacks_users(world: &World<'_>, change: &Change, plan: &ContingencyPlan) -> bool {
    let least = world.policy.contingency.of(change.risk.band).verification;
    least >= Verification::AutomaticAndUsers && plan.checks.is_empty()
}

fn shown(found: &Contingency) -> Vec<ContingencyItem> {
    found.missing.iter().copied().filter(|item| !NOT_SHOWN_BY_A_REQUEST.contains(item)).collect()
}

/// What is missing, with how much of it.
fn phrases(world: &World<'_>, change: &Change, plan: &ContingencyPlan, lacks: &[ContingencyItem]) -> String {
    let least = world.policy.contingency.of(change.risk.band);
    let of = |item: &ContingencyItem| match item {
        ContingencyItem::RollbackSteps => {
            format!("rollback steps ({} needed, {} given)", least.rollback_steps, plan.steps.len())
        }
        ContingencyItem::FailureModes => {
            format!("failure modes ({} needed, {} given)", least.failure_modes, answered_modes(plan))
        }
        ContingencyItem::Verification => unverified(world, change, plan).join(" and "),
        other => other.phrase().to_owned(),
    };
    lacks.iter().map(of).collect::<Vec<_>>().join("; ")
}

/// How each of it is typed. A check that runs by itself is none of the plan's: where to look is said in one place.
fn typed(world: &World<'_>, change: &Change, plan: &ContingencyPlan, lacks: &[ContingencyItem]) -> String {
    let needs_users = lacks_users(world, change, plan);
    let in_the_plan = |item: &&ContingencyItem| **item != ContingencyItem::Verification || needs_users;
    let how: Vec<&str> = lacks
        .iter()
        .filter(in_the_plan)
        .map(|item| match item {
            ContingencyItem::RollbackSteps => "steps one after the other, with `;` between them",
            ContingencyItem::StepOwners => "`@ana` in each step: who does it",
            ContingencyItem::StepMinutes => "`10m` in each step: how long it takes",
            ContingencyItem::FailureModes => "`fails: what one sees -> what is done; …`",
            ContingencyItem::AbortCriteria => "`abort: when it is given up`",
            ContingencyItem::Verification => "`verify: how one sees that it works`",
            ContingencyItem::ForwardRecoveryPlan => "how it goes forward, as there is no way back",
            other => other.phrase(),
        })
        .collect();
    let added = (!how.is_empty()).then(|| format!("Add to the rollback plan: {}.", how.join(" · ")));
    let is_unwatched = lacks.contains(&ContingencyItem::Verification) && !runs_by_itself(world, change);
    let checks = is_unwatched.then(|| {
        let services = world.organisation.services_of(change);
        format!("An administrator gives {services} `checks` in the organisation file: http, tcp, sha256 or sql.")
    });
    added.into_iter().chain(checks).collect::<Vec<_>>().join(" ")
}

/// What went wrong there before is what may go wrong again.
fn suggested(world: &World<'_>, lacks: &[ContingencyItem]) -> String {
    if !lacks.contains(&ContingencyItem::FailureModes) || world.failed_before.is_empty() {
        return String::new();
    }
    format!(" What failed there before: {}.", world.failed_before.join("; "))
}

/// A mode counts where it says what is done then.
fn answered_modes(plan: &ContingencyPlan) -> usize {
    plan.failure_modes.iter().filter(|mode| mode.response.is_some()).count()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
