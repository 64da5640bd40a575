//! Rule 4.33.

use super::column::{Actual, number, one, yes_no};
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{Complexity, CoordinationMode, complexity_tenths, coordination_mode};

pub(super) const TABLES: &[Table] = &[Table {
    name: "coordination",
    rule: "4.33",
    about: "who should coordinate incidents here?",
    given: &[number("teams"), number("regions"), yes_no("desk_around_the_clock"), number("tooling")],
    expected: &[number("score_tenths"), one::<CoordinationMode>("mode")],
    ask: coordination,
}];

fn coordination(_: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let of = Complexity {
        teams: given.number("teams")?,
        regions: given.number("regions")?,
        desk_around_the_clock: given.yes("desk_around_the_clock")?,
        tooling: given.number("tooling")?,
    };
    let (tenths, mode) = (complexity_tenths(of), coordination_mode(of));
    let said = vec![("score_tenths", Actual::number(tenths)), ("mode", Actual::word(mode))];
    Ok(Verdict { rule: "4.33", sentence: format!("{tenths} tenths, which says {mode}."), said })
}
