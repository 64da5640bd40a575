//! A call: a verb and what was given with it, still as words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalogue::{self, Verb};
use crate::domain::Subject;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub command: String,
    pub verb: String,
    /// Argument name to what was given for it, trimmed, never empty.
    pub given: BTreeMap<String, String>,
    /// It was refused for something in it: its form is shown again before it is sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

impl Call {
    pub fn new(verb: &Verb) -> Call {
        Call { command: verb.command.to_owned(), verb: verb.name.to_owned(), given: BTreeMap::new(), refused: false }
    }

    /// The verb of the catalogue; `None` where a stored call names one that is gone.
    pub fn verb(&self) -> Option<&'static Verb> {
        catalogue::find(&self.command, &self.verb)
    }

    /// The record that the call names.
    pub fn subject(&self) -> Option<Subject> {
        Subject::parse(self.get(self.verb()?.about()?.name)?)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    /// Keeps a value unless it is blank.
    pub fn give(&mut self, name: &str, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.given.insert(name.to_owned(), value.to_owned());
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Call {
        self.give(name, value);
        self
    }
}

/// Words that make no call: what was wrong, and what would work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misunderstood {
    pub sentence: String,
    pub examples: Vec<String>,
}
