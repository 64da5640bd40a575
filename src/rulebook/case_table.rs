//! Cases as spreadsheets write them (RFC 4180, also with semicolons).
//!
//! The first cell of a header is the table's name, the others are its columns. Each line below is a case, its first cell
//! the case's name. An empty line ends the table. A cell that is left empty is not given.

use crate::domain::cases::{CaseProblem, Cell, Row};

pub(super) fn read_csv(source: &str) -> (Vec<Row>, Vec<CaseProblem>) {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let mut header: Option<Vec<String>> = None;
    let records = match records(source) {
        Ok(records) => records,
        Err(problem) => return (rows, vec![problem]),
    };
    for (line, cells) in records {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            header = None;
            continue;
        }
        let Some(columns) = &header else {
            header = Some(cells.iter().map(|cell| cell.trim().to_owned()).collect());
            continue;
        };
        if cells.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty()) {
            let sentence = format!("the line has {} cells, its header {}", cells.len(), columns.len());
            problems.push(CaseProblem { line, sentence });
            continue;
        }
        rows.push(row(line, columns, &cells));
    }
    (rows, problems)
}

fn row(line: usize, columns: &[String], cells: &[String]) -> Row {
    let given = |text: &&String| !text.trim().is_empty();
    let name = cells.first().filter(given).map(|name| name.trim().to_owned());
    let cells = columns
        .iter()
        .zip(cells)
        .skip(1)
        .filter(|(_, text)| given(text))
        .map(|(column, text)| Cell { column: column.clone(), text: text.trim().to_owned(), line })
        .collect();
    Row { table: columns.first().cloned().unwrap_or_default(), line, name, cells }
}

/// Every record with the line that it begins on.
fn records(source: &str) -> Result<Vec<(usize, Vec<String>)>, CaseProblem> {
    let source = source.trim_start_matches('\u{feff}');
    let first = source.lines().next().unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') { ';' } else { ',' };
    let mut records = Vec::new();
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let (mut line, mut began) = (1, 1);
    let mut letters = source.chars().peekable();
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match (letter, quoted) {
            ('"', true) if letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            ('"', true) => quoted = false,
            ('"', false) if cell.is_empty() => quoted = true,
            ('\r', false) => {}
            ('\n', false) => {
                cells.push(std::mem::take(&mut cell));
                records.push((began, std::mem::take(&mut cells)));
                began = line;
            }
            (letter, false) if letter == separator => cells.push(std::mem::take(&mut cell)),
            (letter, _) => cell.push(letter),
        }
    }
    if quoted {
        return Err(CaseProblem { line: began, sentence: "a quotation mark is opened and never closed".to_owned() });
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        records.push((began, cells));
    }
    Ok(records)
}
