//! Reads the cases of a file: TOML with a section for each rule, or CSV with a header for each.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::case_table::read_csv;
use super::spot::Lines;
use crate::domain::cases::{CaseProblem, Cell, Row};

/// How a file of cases is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `[[risk]]`, and a line for each column.
    Toml,
    /// A header that begins with the table's name, and a line for each case; an empty line, and the next table begins.
    Csv,
}

impl Format {
    /// CSV by its ending, else TOML.
    pub fn of(path: &Path) -> Format {
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
            Format::Csv
        } else {
            Format::Toml
        }
    }
}

/// The cases of a file, in its order; or everything that keeps it from being read.
pub fn read_cases(source: &str, format: Format) -> Result<Vec<Row>, Vec<CaseProblem>> {
    let (mut rows, mut problems) = match format {
        Format::Toml => read_toml(source),
        Format::Csv => read_csv(source),
    };
    rows.sort_by_key(|row| row.line);
    problems.sort_by_key(|problem| problem.line);
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

fn read_toml(source: &str) -> (Vec<Row>, Vec<CaseProblem>) {
    let lines = Lines::of(source);
    let (document, errors) = DeTable::parse_recoverable(source);
    let mut problems: Vec<CaseProblem> = errors
        .iter()
        .map(|error| CaseProblem {
            line: lines.of_error(error),
            sentence: format!("this is no TOML: {}", error.message()),
        })
        .collect();
    let mut rows = Vec::new();
    if !problems.is_empty() {
        return (rows, problems);
    }
    for (table, value) in document.get_ref() {
        let line = lines.at(table.span().start);
        let DeValue::Array(cases) = value.get_ref() else {
            let sentence = format!("a case begins with [[{}]]", table.get_ref());
            problems.push(CaseProblem { line, sentence });
            continue;
        };
        for case in cases {
            match case.get_ref() {
                DeValue::Table(cells) => {
                    let line = lines.at(case.span().start);
                    match toml_row(&lines, table.get_ref(), line, cells) {
                        Ok(row) => rows.push(row),
                        Err(problem) => problems.push(problem),
                    }
                }
                other => problems.push(CaseProblem {
                    line: lines.at(case.span().start),
                    sentence: format!("a case is a table of columns, not a {}", other.type_str()),
                }),
            }
        }
    }
    (rows, problems)
}

fn toml_row(lines: &Lines, table: &str, line: usize, cells: &DeTable) -> Result<Row, CaseProblem> {
    let mut row = Row { table: table.to_owned(), line, name: None, cells: Vec::new() };
    let mut columns: Vec<_> = cells.iter().collect();
    columns.sort_by_key(|(column, _)| column.span().start);
    for (column, value) in columns {
        let line = lines.at(column.span().start);
        let text = text_of(value).ok_or_else(|| CaseProblem {
            line,
            sentence: format!("{}: a value is a word, a number, yes, no, or a list of words", column.get_ref()),
        })?;
        if column.get_ref() == "name" {
            row.name = Some(text);
        } else {
            row.cells.push(Cell { column: column.get_ref().to_string(), text, line });
        }
    }
    Ok(row)
}

/// A value as it would stand in a spreadsheet.
fn text_of(value: &Spanned<DeValue>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        DeValue::Datetime(at) => Some(at.to_string()),
        DeValue::Array(words) => {
            words.iter().map(text_of).collect::<Option<Vec<String>>>().map(|words| words.join(" "))
        }
        DeValue::Table(_) => None,
    }
}
