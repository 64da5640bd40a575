//! The facts of one case, read by the columns of its table.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Column, Table};
use crate::domain::rules::Word;

/// One case as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub table: String,
    pub line: usize,
    /// What the organisation calls it.
    pub name: Option<String>,
    pub cells: Vec<Cell>,
}

/// One value of a case. A list is written with spaces between its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub column: String,
    pub text: String,
    pub line: usize,
}

/// Why a case cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseProblem {
    pub line: usize,
    pub sentence: String,
}

impl std::fmt::Display for CaseProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.sentence)
    }
}

impl Row {
    /// Its name, or the facts by which one recognises it.
    pub(super) fn describe(&self, table: &Table) -> String {
        self.name.clone().unwrap_or_else(|| {
            let facts: Vec<String> = self
                .cells
                .iter()
                .filter(|cell| table.given.iter().any(|column| column.name == cell.column))
                .map(|cell| match cell.text.as_str() {
                    "yes" | "true" => cell.column.clone(),
                    "" => format!("no {}", cell.column),
                    text => format!("{} {text}", cell.column),
                })
                .collect();
            facts.join(", ")
        })
    }
}

impl Cell {
    fn problem(&self, sentence: impl std::fmt::Display) -> CaseProblem {
        CaseProblem { line: self.line, sentence: format!("{}: {sentence}", self.column) }
    }

    /// The words of a list; `none` alone is an empty one.
    pub(super) fn words(&self) -> Vec<&str> {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        if words == ["none"] { Vec::new() } else { words }
    }

    pub(super) fn known(&self, words: fn() -> Vec<&'static str>) -> Result<&'static str, CaseProblem> {
        self.one_of(self.text.trim(), words)
    }

    pub(super) fn all_known(&self, words: fn() -> Vec<&'static str>) -> Result<Vec<&'static str>, CaseProblem> {
        self.words().into_iter().map(|word| self.one_of(word, words)).collect()
    }

    fn one_of(&self, given: &str, words: fn() -> Vec<&'static str>) -> Result<&'static str, CaseProblem> {
        let known = words();
        known
            .iter()
            .find(|word| word.eq_ignore_ascii_case(given))
            .copied()
            .ok_or_else(|| self.problem(format!("{given:?} is none of {}", known.join(", "))))
    }

    fn word<T: Word>(&self, given: &str) -> Result<T, CaseProblem> {
        T::of_word(given).ok_or_else(|| self.problem(format!("{given:?} is none of {}", T::words().join(", "))))
    }

    pub(super) fn number(&self) -> Result<i64, CaseProblem> {
        self.text.trim().parse().map_err(|_| self.problem(format!("{:?} is no whole number", self.text)))
    }

    pub(super) fn yes(&self) -> Result<bool, CaseProblem> {
        match self.text.trim() {
            "yes" | "true" => Ok(true),
            "no" | "false" => Ok(false),
            other => Err(self.problem(format!("{other:?} is neither yes nor no"))),
        }
    }

    pub(super) fn moment(&self) -> Result<DateTime<Utc>, CaseProblem> {
        DateTime::parse_from_rfc3339(self.text.trim())
            .map(|at| at.with_timezone(&Utc))
            .map_err(|_| self.problem(format!("{:?} is no moment like 2026-11-24T10:00:00Z", self.text)))
    }

    /// `24.1` hours are exactly 86,760 seconds; finer than a second is not asked.
    fn hours(&self) -> Result<TimeDelta, CaseProblem> {
        let wrong = || self.problem(format!("{:?} is no number of hours", self.text));
        let (whole, part) = self.text.trim().split_once('.').unwrap_or((self.text.trim(), "0"));
        let digits = u32::try_from(part.len()).ok().filter(|digits| (1..=4).contains(digits)).ok_or_else(wrong)?;
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let part: i64 = part.parse::<u32>().map_err(|_| wrong())?.into();
        TimeDelta::try_hours(whole)
            .map(|hours| hours + TimeDelta::seconds(part * 3_600 / 10_i64.pow(digits)))
            .ok_or_else(wrong)
    }
}

/// The facts of a case, by column.
pub(super) struct Given<'a> {
    row: &'a Row,
}

impl<'a> Given<'a> {
    /// Refuses a column that the table does not have, and one that stands twice.
    pub(super) fn of(row: &'a Row, table: &Table) -> Result<Given<'a>, CaseProblem> {
        for (place, cell) in row.cells.iter().enumerate() {
            let known = |columns: &[Column]| columns.iter().any(|column| column.name == cell.column);
            if !known(table.given) && !known(table.expected) {
                let all = table.given.iter().chain(table.expected);
                let names: Vec<&str> = all.map(|column| column.name).collect();
                let sentence = format!("{} has no column {:?}; it has {}", table.name, cell.column, names.join(", "));
                return Err(CaseProblem { line: cell.line, sentence });
            }
            if row.cells[..place].iter().any(|earlier| earlier.column == cell.column) {
                return Err(cell.problem("stands twice"));
            }
        }
        Ok(Given { row })
    }

    /// What is expected, in the order of the table.
    pub(super) fn expected(&self, table: &Table) -> impl Iterator<Item = (&'static Column, &'a Cell)> {
        let row = self.row;
        table.expected.iter().filter_map(move |column| Some((column, cell_of(row, column.name)?)))
    }

    fn cell(&self, name: &str) -> Option<&'a Cell> {
        cell_of(self.row, name)
    }

    fn needed(&self, name: &str) -> Result<&'a Cell, CaseProblem> {
        self.cell(name).ok_or_else(|| CaseProblem { line: self.row.line, sentence: format!("{name} is missing") })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.cell(name).is_some()
    }

    pub(super) fn problem(&self, sentence: impl Into<String>) -> CaseProblem {
        CaseProblem { line: self.row.line, sentence: sentence.into() }
    }

    pub(super) fn word<T: Word>(&self, name: &str) -> Result<T, CaseProblem> {
        let cell = self.needed(name)?;
        cell.word(cell.text.trim())
    }

    /// `None` where the cell is missing, or says `none`.
    pub(super) fn maybe_word<T: Word>(&self, name: &str) -> Result<Option<T>, CaseProblem> {
        match self.cell(name) {
            Some(cell) if cell.text.trim() != "none" => cell.word(cell.text.trim()).map(Some),
            Some(_) | None => Ok(None),
        }
    }

    pub(super) fn word_or<T: Word>(&self, name: &str, otherwise: T) -> Result<T, CaseProblem> {
        self.cell(name).map_or(Ok(otherwise), |cell| cell.word(cell.text.trim()))
    }

    pub(super) fn several<T: Word>(&self, name: &str) -> Result<Vec<T>, CaseProblem> {
        let Some(cell) = self.cell(name) else { return Ok(Vec::new()) };
        cell.words().into_iter().map(|word| cell.word(word)).collect()
    }

    pub(super) fn texts(&self, name: &str) -> Vec<&'a str> {
        self.cell(name).map(Cell::words).unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, CaseProblem> {
        Ok(self.needed(name)?.text.trim())
    }

    /// A number that fits its type. `None` where the cell is missing, or says `none` or `unknown`.
    pub(super) fn maybe_number<T: TryFrom<i64>>(&self, name: &str) -> Result<Option<T>, CaseProblem> {
        let Some(cell) = self.cell(name) else { return Ok(None) };
        if ["none", "unknown"].contains(&cell.text.trim()) {
            return Ok(None);
        }
        let number = cell.number()?;
        T::try_from(number).map(Some).map_err(|_| cell.problem(format!("{number} is out of range")))
    }

    pub(super) fn number<T: TryFrom<i64>>(&self, name: &str) -> Result<T, CaseProblem> {
        self.maybe_number(name)?.ok_or_else(|| self.problem(format!("{name} is missing")))
    }

    pub(super) fn number_or<T: TryFrom<i64>>(&self, name: &str, otherwise: T) -> Result<T, CaseProblem> {
        Ok(self.maybe_number(name)?.unwrap_or(otherwise))
    }

    pub(super) fn numbers<T: std::str::FromStr>(&self, name: &str) -> Result<Vec<T>, CaseProblem> {
        let Some(cell) = self.cell(name) else { return Ok(Vec::new()) };
        cell.words()
            .into_iter()
            .map(|word| word.parse().map_err(|_| cell.problem(format!("{word:?} is no number that fits"))))
            .collect()
    }

    pub(super) fn hours(&self, name: &str) -> Result<TimeDelta, CaseProblem> {
        self.needed(name)?.hours()
    }

    /// No where the cell is missing.
    pub(super) fn yes(&self, name: &str) -> Result<bool, CaseProblem> {
        self.yes_or(name, false)
    }

    pub(super) fn yes_or(&self, name: &str, otherwise: bool) -> Result<bool, CaseProblem> {
        self.cell(name).map_or(Ok(otherwise), Cell::yes)
    }

    pub(super) fn moment(&self, name: &str) -> Result<DateTime<Utc>, CaseProblem> {
        self.needed(name)?.moment()
    }

    pub(super) fn maybe_moment(&self, name: &str) -> Result<Option<DateTime<Utc>>, CaseProblem> {
        match self.cell(name) {
            Some(cell) if cell.text.trim() != "none" => cell.moment().map(Some),
            Some(_) | None => Ok(None),
        }
    }
}

fn cell_of<'a>(row: &'a Row, name: &str) -> Option<&'a Cell> {
    row.cells.iter().find(|cell| cell.column == name)
}
