//! Rule 4.7.

use super::column::{Actual, number, numbers, one, yes_no};
use super::priority::answer;
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Band, CauseAdjustment, Disposition, HistoryCount, Priority, Rehearsal, RiskInput, Tier, cause_points, disposition,
    history_points, risk_score,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "risk",
        rule: "4.7",
        about: "how risky is a change? what is left out counts as the worst",
        given: &[
            number("data"),
            number("availability"),
            number("compliance"),
            number("complexity"),
            number("rollback"),
            one::<Tier>("tier"),
            number("downstream"),
            yes_no("tested"),
            yes_no("privileged"),
            yes_no("concurrent_change"),
            yes_no("expired_fix"),
            one::<Rehearsal>("rehearsal"),
            number("rehearsed_days_ago"),
            number("history_points"),
            number("cause_points"),
        ],
        expected: &[
            number("base"),
            number("modifiers"),
            number("score"),
            one::<Band>("band"),
            number("rollback_counted"),
        ],
        ask: risk,
    },
    Table {
        name: "history",
        rule: "4.7",
        about: "what do earlier changes add to the risk? from the narrowest group to the widest",
        given: &[numbers("changes"), numbers("failures")],
        expected: &[number("points")],
        ask: history,
    },
    Table {
        name: "causes",
        rule: "4.7",
        about: "what do causes found in reviews add to the risk?",
        given: &[numbers("weights"), numbers("months")],
        expected: &[number("points")],
        ask: causes,
    },
    Table {
        name: "disposition",
        rule: "4.7",
        about: "how may a change for an incident run?",
        given: &[one::<Band>("band"), one::<Priority>("priority"), number("rollback")],
        expected: &[one::<Disposition>("disposition")],
        ask: ask_disposition,
    },
];

fn risk(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let input = RiskInput {
        data: given.maybe_number("data")?,
        availability: given.maybe_number("availability")?,
        compliance: given.maybe_number("compliance")?,
        complexity: given.maybe_number("complexity")?,
        rollback: given.maybe_number("rollback")?,
        tier: given.word("tier")?,
        downstream: given.maybe_number("downstream")?,
        tested: if given.has("tested") { Some(given.yes("tested")?) } else { None },
        privileged: given.yes("privileged")?,
        concurrent_change: given.yes("concurrent_change")?,
        expired_fix: given.yes("expired_fix")?,
        rehearsal: given
            .word_or("rehearsal", Rehearsal::NotDone)?
            .aged(policy, given.number_or("rehearsed_days_ago", 0)?),
        history_points: given.number_or("history_points", 0)?,
        cause_points: given.number_or("cause_points", 0)?,
    };
    Ok(answer(risk_score(policy, &input), |risk| {
        vec![
            ("base", Actual::number(risk.base)),
            ("modifiers", Actual::number(risk.modifiers())),
            ("score", Actual::number(risk.score)),
            ("band", Actual::word(risk.band)),
            ("rollback_counted", Actual::number(risk.rollback)),
        ]
    }))
}

fn history(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let (changes, failures) = pairs(given, "changes", "failures")?;
    let counts: Vec<HistoryCount> =
        changes.into_iter().zip(failures).map(|(changes, failures)| HistoryCount { changes, failures }).collect();
    Ok(answer(history_points(policy, &counts), |points| vec![("points", Actual::number(points))]))
}

fn causes(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let (weights, months) = pairs(given, "weights", "months")?;
    let causes: Vec<CauseAdjustment> = weights
        .into_iter()
        .zip(months)
        .map(|(weight, months_since)| CauseAdjustment { weight, months_since })
        .collect();
    let points = cause_points(policy, &causes);
    let sentence = format!("Causes found in reviews add {points}.");
    Ok(Verdict { rule: "4.7", sentence, said: vec![("points", Actual::number(points))] })
}

/// Two columns whose values belong together.
fn pairs<A: std::str::FromStr, B: std::str::FromStr>(
    given: &Given,
    one: &str,
    other: &str,
) -> Result<(Vec<A>, Vec<B>), CaseProblem> {
    let (left, right) = (given.numbers(one)?, given.numbers(other)?);
    if left.len() == right.len() {
        Ok((left, right))
    } else {
        Err(given.problem(format!("{one} and {other} have as many values each")))
    }
}

fn ask_disposition(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let (band, priority) = (given.word("band")?, given.maybe_word("priority")?);
    let ruling = disposition(policy, band, priority, given.number_or("rollback", 1)?);
    Ok(answer(ruling, |disposition| vec![("disposition", Actual::word(disposition))]))
}
