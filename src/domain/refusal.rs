//! A refusal is for people, and is data: which rule, in one sentence, and who can.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The rule that refuses, for example `4.15`.
    pub rule: String,
    /// What stands in the way, for the person who asked.
    pub sentence: String,
    /// Who can, or what to do next.
    pub next: String,
    /// An attempt against a rule is an entry in the log; a slip (a wrong number, a stale click) is only answered.
    pub logged: bool,
    /// The argument that holds what has to be said otherwise: the form that asked for it is opened again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What the answer offers as buttons.
    #[serde(default, skip_serializing_if = "<[WayOut]>::is_empty")]
    pub ways: Box<[WayOut]>,
}

/// A way out of a refusal that is one click.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WayOut {
    /// The change is linked to the incident as what resolves it.
    Link { incident: i64, change: i64 },
    /// The commander of the incident is asked to let the change start beside it.
    AskCommander { change: i64, revision: i32 },
    /// Whoever decides on exceptions from the freezes that hold it up is asked for one.
    AskException { change: i64, revision: i32 },
}

impl Refusal {
    /// A rule says no: answered and logged.
    pub fn by_rule(rule: impl Into<String>, sentence: impl Into<String>, next: impl Into<String>) -> Refusal {
        Refusal {
            rule: rule.into(),
            sentence: sentence.into(),
            next: next.into(),
            logged: true,
            field: None,
            ways: Box::default(),
        }
    }

    /// Nothing was decided: there is no such record, or it is past this step.
    pub fn slip(sentence: impl Into<String>, next: impl Into<String>) -> Refusal {
        Refusal {
            rule: String::new(),
            sentence: sentence.into(),
            next: next.into(),
            logged: false,
            field: None,
            ways: Box::default(),
        }
    }

    #[must_use]
    pub fn in_field(self, field: &str) -> Refusal {
        Refusal { field: Some(field.to_owned()), ..self }
    }
}
