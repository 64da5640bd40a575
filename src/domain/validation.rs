//! Whether what a change did works: as the checks of its service find it, or where there are none, in the words of a
//! second person.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Change, ChangeStatus, Doubt, PersonId};

/// What is known of whether a change works. What the checks found in words is in the log, where it can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// Those that its service declared when it was done. None: a second person says it.
    pub checks: Vec<CheckStanding>,
    /// Who is asked first, where a person says it.
    pub asked: Option<PersonId>,
    /// When the checks run next, or when whoever was asked is reminded.
    pub next_at: Option<DateTime<Utc>>,
    /// Until then it is watched: the checks run once more.
    pub watched_until: DateTime<Utc>,
    /// Runs of the checks in a row that failed.
    pub failed_runs: u32,
    pub reminders: u32,
    /// How often it was found not to work, whatever was made of it after that.
    pub failures: u32,
    /// Incidents that began while it ran or is watched, each once. As many as there were: a few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// A check, and what it found last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStanding {
    pub key: String,
    /// `None`: it has not run yet, or waits for what has not ended.
    pub passed: Option<bool>,
}

/// How one of a service's parts is looked at from outside. Where to look is said by the organisation file alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCheck {
    pub key: String,
    #[serde(flatten)]
    pub probe: Probe,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Probe {
    /// `text`: what has to stand in the answer; `sha256`: of the whole answer, in hexadecimal.
    Http {
        url: String,
        status: u16,
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// `host:port`, which takes a connection.
    Tcp { address: String },
    /// The first value that a query finds in a database that the bot knows under this name.
    Sql { query: String, database: String, expect: String },
    /// The newest run of a pipeline.
    Pipeline(Pipeline),
}

/// A pipeline as its service tells of it, in JSON. `result` and `began` point into that (RFC 6901), at what its newest run
/// came to and at when it began; it waits while there is none, or none since the change began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    pub url: String,
    pub result: String,
    pub began: String,
    pub expect: String,
}

impl Probe {
    pub fn as_str(&self) -> &'static str {
        match self {
            Probe::Http { .. } => "http",
            Probe::Tcp { .. } => "tcp",
            Probe::Sql { .. } => "sql",
            Probe::Pipeline(_) => "pipeline",
        }
    }
}

/// What a run of one check found. Whatever kept it from running did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    pub key: String,
    /// `http`, `tcp`, `sql`, `pipeline`; `None` where it is not declared any more.
    pub kind: Option<&'static str>,
    /// `None`: what it looks at has not ended.
    pub passed: Option<bool>,
    /// In words: "answered 503, not 200".
    pub found: String,
}

/// What is said of whether a change works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidationCommand {
    Works {
        why: Option<String>,
    },
    DoesNotWork {
        why: String,
    },
    /// The checks run anew, or somebody is asked anew.
    Again,
    /// What a run of the checks found that was planned for this moment. Said by wardroom itself.
    Found {
        planned: DateTime<Utc>,
        results: Vec<CheckResult>,
    },
    /// An incident near it has begun or ended, or it was said what the change is to one. `critical`: the one that just
    /// became a P1 or a major one, which halts what still runs. Said by wardroom itself.
    Incidents {
        critical: Option<i64>,
    },
}

impl ValidationCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        match self {
            ValidationCommand::Works { .. } | ValidationCommand::DoesNotWork { .. } | ValidationCommand::Again => {
                "change after validate"
            }
            ValidationCommand::Found { .. } => "a run of the checks",
            ValidationCommand::Incidents { .. } => "a look at the incidents around it",
        }
    }
}

impl Validation {
    /// Whether a person says whether it works.
    pub fn is_attested(&self) -> bool {
        self.checks.is_empty()
    }

    pub fn keys(&self) -> Vec<String> {
        self.checks.iter().map(|check| check.key.clone()).collect()
    }
}

impl Change {
    /// What is known of whether it works, while that is still open.
    pub fn open_validation(&self) -> Option<&Validation> {
        self.validation.as_ref().filter(|_| self.status == ChangeStatus::Validating)
    }

    /// How often it was found not to work.
    pub fn failures(&self) -> u32 {
        self.validation.as_ref().map_or(0, |validation| validation.failures)
    }
}
