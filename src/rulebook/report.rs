//! What a run of cases prints.

use crate::domain::cases::{Outcome, tables};

/// A longer cell pushes the others aside rather than all lines apart.
const CELL_MAX: usize = 56;

/// A row for each case, aligned, and the count. What differs says why.
pub fn report(outcomes: &[Outcome]) -> Vec<String> {
    let head = ["", "rule", "table", "case", "expected", "actual"].map(str::to_owned);
    let rows: Vec<[String; 6]> = outcomes.iter().map(cells).collect();
    let mut widths = head.clone().map(|cell| cell.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count().min(CELL_MAX));
        }
    }
    let mut lines = vec![line(&head, &widths)];
    for (outcome, row) in outcomes.iter().zip(&rows) {
        lines.push(line(row, &widths));
        if !outcome.holds() {
            let indent = widths[0] + 2;
            lines.push(format!("{:indent$}line {}: {}", "", outcome.line, outcome.sentence));
        }
    }
    lines.push(String::new());
    lines.push(count(outcomes));
    lines
}

fn cells(outcome: &Outcome) -> [String; 6] {
    [
        if outcome.holds() { "ok" } else { "DIFFERS" }.to_owned(),
        outcome.rule.to_owned(),
        outcome.table.to_owned(),
        outcome.case.clone(),
        outcome.expected.clone(),
        outcome.actual.clone(),
    ]
}

fn line(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
    padded.join("  ").trim_end().to_owned()
}

fn count(outcomes: &[Outcome]) -> String {
    let differ = outcomes.iter().filter(|outcome| !outcome.holds()).count();
    match (outcomes.len(), differ) {
        (0, _) => "There is no case in this file.".to_owned(),
        (1, 0) => "The one case holds.".to_owned(),
        (all, 0) => format!("All {all} cases hold."),
        (all, 1) => format!("1 of {all} cases differs."),
        (all, differ) => format!("{differ} of {all} cases differ."),
    }
}

/// Every table with its columns and their values: the sheet to write cases by.
pub fn sheet() -> Vec<String> {
    let mut lines = Vec::new();
    for table in tables() {
        lines.push(format!("[[{}]]  rule {}: {}", table.name, table.rule, table.about));
        let width = table.given.iter().chain(table.expected).map(|column| column.name.len()).max().unwrap_or(0);
        for (sign, columns) in [(' ', table.given), ('=', table.expected)] {
            for column in columns {
                lines.push(format!("  {sign} {:<width$}  {}", column.name, column.values.describe()));
            }
        }
        lines.push(String::new());
    }
    lines.push(
        "Columns marked = are what is expected; a case names at least one of them, and may have a name.".to_owned(),
    );
    lines
}
