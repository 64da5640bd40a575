//! Rule 4.34.

use chrono::TimeDelta;

use super::column::{Actual, number, of, one, texts, yes_no};
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{Fate, RecordClass, RetentionAction, Word, retention_action, retention_rule};

pub(super) const TABLES: &[Table] = &[Table {
    name: "retention",
    rule: "4.34",
    about: "how long is it kept? regimes are words of a service's compliance; days pass from the record's end",
    given: &[one::<RecordClass>("class"), texts("regimes"), number("days"), yes_no("held")],
    expected: &[of("action", actions)],
    ask: retention,
}];

fn actions() -> Vec<&'static str> {
    ["hold", "keep", "archive"].into_iter().chain(Fate::words()).collect()
}

fn retention(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let class: RecordClass = given.word("class")?;
    let regimes: Vec<String> = given.texts("regimes").into_iter().map(str::to_owned).collect();
    let age = TimeDelta::days(given.number::<u32>("days")?.into());
    let action = match retention_action(&policy.retention, class, &regimes, age, given.yes("held")?) {
        RetentionAction::Hold => "hold",
        RetentionAction::Keep => "keep",
        RetentionAction::Archive => "archive",
        RetentionAction::End(fate) => fate.word(),
    };
    let sentence = match retention_rule(&policy.retention, class, &regimes) {
        Some(rule) => format!("The rule is {}; a legal hold stops it.", rule.describe()),
        None => format!("No rule says when this ends, so it stays: {class}."),
    };
    Ok(Verdict { rule: "4.34", sentence, said: vec![("action", Actual::Word(action.to_owned()))] })
}
