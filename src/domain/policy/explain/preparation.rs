//! What a change needs before it goes on, in words: its way back, its fields, its checklist, people on standby, and whether
//! it works.

use std::collections::BTreeMap;

use super::{count, minutes};
use crate::domain::policy::{FieldRule, Policy, StandbyDuty};
use crate::domain::rules::{Band, ChecklistItem, Gate, StandbyRole};

pub(super) fn contingency(policy: &Policy) -> Vec<String> {
    let line = |band: Band| {
        let least = policy.contingency.of(band);
        let modes = (least.failure_modes > 0).then(|| count(least.failure_modes, "failure mode"));
        let asks = least.asks.iter().map(|item| item.phrase().to_owned());
        let all: Vec<String> =
            [count(least.rollback_steps, "rollback step")].into_iter().chain(modes).chain(asks).collect();
        let rest = [least.verification.phrase(), least.rehearsal.phrase()].join(", ");
        format!("{band}: {}, {rest}", all.join(", "))
    };
    let mut lines: Vec<String> = Band::ALL.into_iter().map(line).collect();
    lines.push("A change that can wait waits for it; of an emergency the review asks for it.".to_owned());
    lines.push(rehearsals(policy));
    lines
}

fn rehearsals(policy: &Policy) -> String {
    let numbers = &policy.rehearsals;
    let waits: Vec<&str> = numbers.holds.iter().map(|hold| hold.phrase()).collect();
    let waits =
        if waits.is_empty() { "nothing waits for it".to_owned() } else { format!("{} waits", waits.join(" and ")) };
    let (due, counts) = (numbers.due_days, policy.risk.modifiers.rehearsal_valid_days);
    format!("A rehearsal is due after {}, counts for {}, and {waits}.", count(due, "day"), count(counts, "day"))
}

pub(super) fn custom_fields(policy: &Policy) -> Vec<String> {
    let of = |word: &'static str, rules: &BTreeMap<String, FieldRule>| {
        let line = |(key, rule): (&String, &FieldRule)| {
            let condition = rule.condition().map(|condition| format!(", where {condition}")).unwrap_or_default();
            format!("{word}: {key}, {} before {}{condition}", rule.what, rule.before)
        };
        rules.iter().map(line).collect::<Vec<_>>()
    };
    let lines =
        [of("a change", &policy.custom_fields.change), of("an incident", &policy.custom_fields.incident)].concat();
    if lines.is_empty() { vec!["This policy asks for no fields of your own.".to_owned()] } else { lines }
}

pub(super) fn checklists(policy: &Policy) -> Vec<String> {
    let line = |(category, items): (&String, &Vec<ChecklistItem>)| {
        let gate = |gate: Gate| items.iter().filter(|item| item.before == gate).count();
        let gates = Gate::ALL.into_iter().filter(|of| gate(*of) > 0);
        let gates: Vec<String> = gates.map(|of| format!("{} before {}", gate(of), of.phrase())).collect();
        let aged = items.iter().filter_map(|item| Some(format!("{} counts for {}", item.key, item.counts_for()?)));
        let aged: Vec<String> = aged.collect();
        let aged = if aged.is_empty() { String::new() } else { format!("; what shows {}", aged.join(", ")) };
        format!("{category}: {}{aged}", gates.join(", "))
    };
    let mut lines: Vec<String> = policy.checklists.iter().map(line).collect();
    lines.push("The items of one change are shown by /change plan checklist.".to_owned());
    lines
}

pub(super) fn standby(policy: &Policy) -> Vec<String> {
    let of = &policy.standby;
    let (first, last) = (minutes(of.first_confirmation_minutes), minutes(of.last_confirmation_minutes));
    let silence = minutes(of.emergency_silence_minutes);
    let role = |(role, duty): (&StandbyRole, &StandbyDuty)| {
        format!("{role}: for {}, of the team {}", duty.services.join(", "), duty.team)
    };
    let who =
        format!("From {} on, and where tier 1 goes down as a whole: the owner of the rollback.", of.required_from);
    let asked =
        format!("Asked {first} and {last} before the start; in an emergency once, and after {silence} the next.");
    [who, asked].into_iter().chain(of.roles.iter().map(role)).collect()
}

pub(super) fn validation(policy: &Policy) -> Vec<String> {
    let numbers = &policy.validation;
    vec![
        format!(
            "From {} risk on somebody who did not carry it out says whether it works, where the service has no checks.",
            numbers.attest_from.as_str()
        ),
        format!("Whoever is asked is reminded after {}.", minutes(numbers.remind_minutes)),
        format!(
            "Checks fail after {} in a row, {} seconds apart, {} seconds each.",
            count(numbers.runs, "run"),
            numbers.retry_seconds,
            numbers.answer_within_seconds
        ),
        format!(
            "A pipeline that still runs is waited for until {} after the watch.",
            minutes(numbers.pipeline_minutes)
        ),
        "An incident that may come from it (4.14) holds that up, until its commander has said whether it does."
            .to_owned(),
    ]
}
