//! The way back as people read it: the steps of a rollback plan, with who does each and how long it takes.

use serde_json::{Value, json};

use crate::domain::{ContingencyPlan, FailureMode, Organisation, RollbackStep};

/// The steps in one line; a single one without its number.
pub(super) fn steps_phrase(organisation: &Organisation, plan: &ContingencyPlan) -> String {
    let steps: Vec<String> = plan.steps.iter().map(|step| step_phrase(organisation, step)).collect();
    match steps.as_slice() {
        [only] => only.clone(),
        several => several.iter().zip(1..).map(|(step, n)| format!("{n}. {step}")).collect::<Vec<_>>().join(" · "),
    }
}

/// `deploy 4.1 (Ana Ruiz, 10 min)`, with when it is taken and what shows that it worked, where that is said.
pub(super) fn step_phrase(organisation: &Organisation, step: &RollbackStep) -> String {
    let owner = step.person(organisation).map(|person| organisation.name_of(&person));
    let minutes = step.minutes.map(|minutes| format!("{minutes} min"));
    let known: Vec<String> = owner.into_iter().chain(minutes).collect();
    let known = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
    let trigger = step.trigger.as_ref().map(|trigger| format!(", when {trigger}")).unwrap_or_default();
    let shows = step.verification.as_ref().map(|shows| format!(", until {shows}")).unwrap_or_default();
    format!("{}{known}{trigger}{shows}", step.text)
}

/// What a plan says beside its steps.
pub(super) fn plan_data(plan: &ContingencyPlan) -> Value {
    let mode = |mode: &FailureMode| match &mode.response {
        Some(response) => format!("{} → {response}", mode.signal),
        None => mode.signal.clone(),
    };
    let modes: Vec<String> = plan.failure_modes.iter().map(mode).collect();
    json!({
        "fails": modes.join("; "), "abort": plan.abort.join("; "), "checks": plan.checks.join("; "),
        "downtime": plan.downtime.join("; "),
    })
}
