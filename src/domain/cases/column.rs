//! A column of a table: its name, and the values that it takes.

use chrono::{DateTime, Utc};

use super::given::{CaseProblem, Cell};
use crate::domain::rules::Word;

/// A column of a table of cases.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    pub values: Values,
}

/// What may stand in a column.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    /// One of these.
    One(fn() -> Vec<&'static str>),
    /// Any number of these, in any order.
    Several(fn() -> Vec<&'static str>),
    /// Any number of these, in the order of the answer.
    Ordered(fn() -> Vec<&'static str>),
    Number,
    Numbers,
    /// Hours, also `0.5`.
    Hours,
    YesNo,
    /// `2026-11-24T10:00:00Z`.
    Moment,
    /// One word of one's own.
    Text,
    /// Several words of one's own, in the order of the answer.
    Texts,
}

impl Values {
    /// For people: which values there are.
    pub fn describe(self) -> String {
        match self {
            Values::One(words) => words().join(" | "),
            Values::Several(words) => format!("any of: {}", words().join(" ")),
            Values::Ordered(words) => format!("in order: {}", words().join(" ")),
            Values::Number => "a number".to_owned(),
            Values::Numbers => "numbers".to_owned(),
            Values::Hours => "hours, also 0.5".to_owned(),
            Values::YesNo => "yes | no".to_owned(),
            Values::Moment => "a moment, 2026-11-24T10:00:00Z".to_owned(),
            Values::Text => "a word".to_owned(),
            Values::Texts => "words".to_owned(),
        }
    }
}

pub(super) const fn one<T: Word>(name: &'static str) -> Column {
    Column { name, values: Values::One(T::words) }
}

pub(super) const fn several<T: Word>(name: &'static str) -> Column {
    Column { name, values: Values::Several(T::words) }
}

pub(super) const fn ordered<T: Word>(name: &'static str) -> Column {
    Column { name, values: Values::Ordered(T::words) }
}

/// One of these words, which are no enum of the rules.
pub(super) const fn of(name: &'static str, words: fn() -> Vec<&'static str>) -> Column {
    Column { name, values: Values::One(words) }
}

pub(super) const fn number(name: &'static str) -> Column {
    Column { name, values: Values::Number }
}

pub(super) const fn numbers(name: &'static str) -> Column {
    Column { name, values: Values::Numbers }
}

pub(super) const fn hours(name: &'static str) -> Column {
    Column { name, values: Values::Hours }
}

pub(super) const fn yes_no(name: &'static str) -> Column {
    Column { name, values: Values::YesNo }
}

pub(super) const fn moment(name: &'static str) -> Column {
    Column { name, values: Values::Moment }
}

pub(super) const fn text(name: &'static str) -> Column {
    Column { name, values: Values::Text }
}

pub(super) const fn texts(name: &'static str) -> Column {
    Column { name, values: Values::Texts }
}

impl Column {
    /// An expectation in the one way in which answers are written, so that both can be compared.
    pub(super) fn canonical(self, cell: &Cell) -> Result<String, CaseProblem> {
        if cell.text.trim() == "none" {
            return Ok("none".to_owned());
        }
        let actual = match self.values {
            Values::One(words) => Actual::Word(cell.known(words)?.to_owned()),
            Values::Several(words) => Actual::set(cell.all_known(words)?),
            Values::Ordered(words) => Actual::List(owned(cell.all_known(words)?)),
            Values::Number => Actual::number(cell.number()?),
            Values::Numbers | Values::Texts => Actual::List(owned(cell.words())),
            Values::Hours | Values::Text => Actual::Word(cell.text.trim().to_owned()),
            Values::YesNo => Actual::yes(cell.yes()?),
            Values::Moment => Actual::Moment(cell.moment()?),
        };
        Ok(actual.to_string())
    }
}

fn owned(words: Vec<&str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

/// What a rule put into a column.
pub(super) enum Actual {
    Word(String),
    Set(Vec<String>),
    List(Vec<String>),
    Moment(DateTime<Utc>),
}

impl Actual {
    pub(super) fn word(word: impl Word) -> Actual {
        Actual::Word(word.word().to_owned())
    }

    /// `none` where there is no such word.
    pub(super) fn word_or_none(word: Option<impl Word>) -> Actual {
        Actual::Word(word.map_or("none", Word::word).to_owned())
    }

    pub(super) fn words(words: impl IntoIterator<Item = impl Word>) -> Actual {
        Actual::set(words.into_iter().map(Word::word).collect())
    }

    pub(super) fn ordered(words: impl IntoIterator<Item = impl Word>) -> Actual {
        Actual::List(words.into_iter().map(|word| word.word().to_owned()).collect())
    }

    fn set(words: Vec<&str>) -> Actual {
        let mut words = owned(words);
        words.sort_unstable();
        Actual::Set(words)
    }

    pub(super) fn number(number: impl Into<i64>) -> Actual {
        Actual::Word(number.into().to_string())
    }

    pub(super) fn yes(yes: bool) -> Actual {
        Actual::Word(if yes { "yes" } else { "no" }.to_owned())
    }
}

impl std::fmt::Display for Actual {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actual::Word(word) => f.write_str(word),
            Actual::Set(words) | Actual::List(words) if words.is_empty() => f.write_str("none"),
            Actual::Set(words) | Actual::List(words) => f.write_str(&words.join(" ")),
            Actual::Moment(at) => write!(f, "{}", at.format("%Y-%m-%dT%H:%M:%SZ")),
        }
    }
}
