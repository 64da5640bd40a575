//! An organisation's own tests of its policy: rows of facts, and what the rules are expected to say to them.
//!
//! A row belongs to a [`Table`]; a table names its columns, and hands the facts to one rule. Where the rows come from
//! (a TOML or a CSV file) is not known here.

mod approvals;
mod change;
mod clocks;
mod column;
mod control;
mod coordination;
mod freeze;
mod given;
mod people;
mod priority;
mod retention;
mod risk;
mod running;
mod votes;

pub use column::{Column, Values};
pub use given::{CaseProblem, Cell, Row};

use column::Actual;
use given::Given;

use super::policy::Policy;

/// The cases of one rule: what is given, and what is expected.
#[derive(Debug)]
pub struct Table {
    /// As the sections of a file are called.
    pub name: &'static str,
    /// The rule that it asks.
    pub rule: &'static str,
    /// The question that it answers.
    pub about: &'static str,
    pub given: &'static [Column],
    pub expected: &'static [Column],
    ask: fn(&Policy, &Given) -> Result<Verdict, CaseProblem>,
}

/// What a rule said.
struct Verdict {
    rule: &'static str,
    sentence: String,
    said: Vec<(&'static str, Actual)>,
}

/// Every table there is, in the order of the rules.
pub fn tables() -> Vec<&'static Table> {
    let all: [&[Table]; 12] = [
        priority::TABLES,
        risk::TABLES,
        change::TABLES,
        approvals::TABLES,
        freeze::TABLES,
        votes::TABLES,
        people::TABLES,
        clocks::TABLES,
        running::TABLES,
        coordination::TABLES,
        retention::TABLES,
        control::TABLES,
    ];
    all.into_iter().flatten().collect()
}

/// One case, asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub line: usize,
    pub table: &'static str,
    /// The name of the row, or its facts.
    pub case: String,
    pub rule: &'static str,
    /// `band = high, score = 15`.
    pub expected: String,
    /// The same columns, as the rule filled them.
    pub actual: String,
    /// What the rule says about it in words.
    pub sentence: String,
}

impl Outcome {
    pub fn holds(&self) -> bool {
        self.expected == self.actual
    }
}

/// Asks the rule of a row. A row that cannot be read says why, and where.
pub fn ask(policy: &Policy, row: &Row) -> Result<Outcome, CaseProblem> {
    let known = tables();
    let Some(table) = known.iter().find(|table| table.name == row.table) else {
        let names: Vec<&str> = known.iter().map(|table| table.name).collect();
        return Err(CaseProblem {
            line: row.line,
            sentence: format!("there is no table {:?}; there are {}", row.table, names.join(", ")),
        });
    };
    let given = Given::of(row, table)?;
    let verdict = (table.ask)(policy, &given)?;
    let (mut expected, mut actual) = (Vec::new(), Vec::new());
    for (column, cell) in given.expected(table) {
        let said = verdict.said.iter().find(|(name, _)| *name == column.name).map(|(_, said)| said);
        expected.push(format!("{} = {}", column.name, column.canonical(cell)?));
        actual.push(format!("{} = {}", column.name, said.map_or_else(|| "-".to_owned(), Actual::to_string)));
    }
    if expected.is_empty() {
        let names: Vec<&str> = table.expected.iter().map(|column| column.name).collect();
        return Err(CaseProblem {
            line: row.line,
            sentence: format!("{} expects nothing; name one of {}", table.name, names.join(", ")),
        });
    }
    Ok(Outcome {
        line: row.line,
        table: table.name,
        case: row.describe(table),
        rule: verdict.rule,
        expected: expected.join(", "),
        actual: actual.join(", "),
        sentence: verdict.sentence,
    })
}
