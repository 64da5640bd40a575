//! Rehearsals of the way back (rule 4.9): tried away from production, watched by somebody else, bound to the steps of the
//! plan. What was proven counts for every later change on the same services that goes back in the same way.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Change, ContingencyPlan, PersonId};

/// Characters of an environment's name; longer ones are sentences.
const ENVIRONMENT_MAX: usize = 40;
/// What people call the environment that users feel.
const PRODUCTION: [&str; 5] = ["production", "prod", "prd", "live", "produktion"];
/// What before such a word says that it is another one: `pre-prod`.
const NOT_YET: [&str; 4] = ["pre", "non", "not", "no"];
/// What after such a word says that it is another one: `production-like`.
const ONLY_ALIKE: [&str; 5] = ["like", "copy", "clone", "mirror", "replica"];

/// Where a rehearsal takes place: the name of an environment, `staging-2`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Environment(String);

/// One rehearsal of a change's way back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rehearsal {
    /// The entry that asked for it or planned it; 0 until it is written.
    pub opened: i32,
    pub state: RehearsalState,
    /// The digest of the rollback steps that it is about. `None`: it has not begun.
    pub plan: Option<String>,
    /// These three are absent where a review asks for it and nobody has planned it.
    pub environment: Option<Environment>,
    pub observer: Option<PersonId>,
    /// How long it is expected to take, in minutes.
    pub minutes: Option<i32>,
    pub due_at: DateTime<Utc>,
    /// The environment was not there once; the day moves no second time.
    pub moved: bool,
    pub began_at: Option<DateTime<Utc>>,
    /// How long it took, in minutes.
    pub took: Option<i32>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// ```text
///   planned -> running -> proven | failed
///   any of the first two, or none -> waived (by a change manager) | accepted (by an executive)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RehearsalState {
    Planned,
    Running,
    Proven,
    Failed,
    Waived,
    Accepted,
}

/// A rehearsal of another change on the same services that has a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierRehearsal {
    pub change: i64,
    pub plan: String,
    pub proven: bool,
    pub decided_at: DateTime<Utc>,
}

/// What is said of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RehearsalCommand {
    /// What is left out stays as it was planned.
    Plan {
        environment: Option<Environment>,
        observer: Option<PersonId>,
        minutes: Option<i32>,
    },
    Begin,
    /// `took`: minutes; without it, the time since it began.
    Proven {
        took: Option<i32>,
        note: Option<String>,
    },
    Failed {
        took: Option<i32>,
        note: Option<String>,
    },
    /// The environment is not there.
    Unavailable {
        why: Option<String>,
    },
    /// It is done without.
    Waive {
        why: Option<String>,
    },
}

impl Environment {
    /// A name of letters, digits, `-`, `_` and `.`, in lower case.
    pub fn parse(word: &str) -> Option<Environment> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_name = (1..=ENVIRONMENT_MAX).contains(&word.len()) && word.chars().all(fits);
        is_name.then(|| Environment(word.to_ascii_lowercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is that of the environment which users feel: `prod`, `eu-production`, but not `pre-prod`.
    pub fn is_production(&self) -> bool {
        let words: Vec<&str> = self.0.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect();
        let is_production = |(place, word): (usize, &&str)| {
            let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
            let before = place.checked_sub(1).and_then(|place| words.get(place));
            let is_other = before.is_some_and(|word| NOT_YET.contains(word))
                || words.get(place + 1).is_some_and(|word| ONLY_ALIKE.contains(word));
            PRODUCTION.contains(&bare) && !is_other
        };
        words.iter().enumerate().any(is_production)
    }
}

impl RehearsalState {
    pub fn as_str(self) -> &'static str {
        match self {
            RehearsalState::Planned => "planned",
            RehearsalState::Running => "running",
            RehearsalState::Proven => "proven",
            RehearsalState::Failed => "failed",
            RehearsalState::Waived => "waived",
            RehearsalState::Accepted => "accepted",
        }
    }

    /// Whether it has no result yet.
    pub fn is_open(self) -> bool {
        matches!(self, RehearsalState::Planned | RehearsalState::Running)
    }
}

impl RehearsalCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        "change plan rehearse"
    }
}

impl Change {
    /// The rehearsal that has no result yet.
    pub fn open_rehearsal(&self) -> Option<&Rehearsal> {
        self.rehearsals.iter().find(|one| one.state.is_open())
    }

    /// The steps of its way back, as a rehearsal is bound to them: what is done, in order. Whose step it is may change.
    /// `None`: there is nothing to rehearse.
    pub fn steps_back(&self) -> Option<String> {
        steps_back(&self.rollback_plan)
    }

    /// What a rehearsal of it is bound to; see [`rehearsal_key`].
    pub fn rehearsal_key(&self, digest: fn(&str) -> String) -> Option<String> {
        rehearsal_key(&self.services(), &self.rollback_plan, digest)
    }
}

/// What a rehearsal is bound to: the digest of all services, in whichever order they were named, and of what is done there.
/// `None`: there are no steps.
pub fn rehearsal_key(services: &[String], plan: &str, digest: fn(&str) -> String) -> Option<String> {
    let mut services: Vec<&str> = services.iter().map(String::as_str).collect();
    services.sort_unstable();
    services.dedup();
    steps_back(plan).map(|steps| digest(&format!("{}\n{steps}", services.join(","))))
}

/// The steps of a rollback plan, one a line.
pub fn steps_back(plan: &str) -> Option<String> {
    let steps: Vec<String> = ContingencyPlan::read(plan).steps.into_iter().map(|step| step.text).collect();
    (!steps.is_empty()).then(|| steps.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_known_by_its_names_and_what_only_looks_like_it_is_not() {
        let is_production = |word: &str| Environment::parse(word).expect(word).is_production();
        for word in ["prod", "Production", "eu-prod", "prod2", "live", "prod.eu", "PRD", "test-in-production"] {
            assert!(is_production(word), "{word}");
        }
        for word in
            ["staging", "pre-prod", "preprod", "non_prod", "production-like", "prod-copy", "product", "qa.live-clone"]
        {
            assert!(!is_production(word), "{word}");
        }
        for word in ["", "two words", "a/b", &"x".repeat(41)] {
            assert_eq!(Environment::parse(word), None, "{word}");
        }
    }

    #[test]
    fn a_rehearsal_is_bound_to_what_is_done_and_not_to_who_does_it() {
        let steps = steps_back("stop it @ana 5m; put 4.1 back @ana 10m fails: slow -> wait");
        assert_eq!(steps.as_deref(), Some("stop it\nput 4.1 back"));
        assert_eq!(steps, steps_back("1. stop it @raj\n2. put 4.1 back 7m abort: wrong sums"));
        assert_ne!(steps, steps_back("put 4.1 back; stop it"));
        assert_eq!(steps_back("fails: slow -> wait"), None);
    }
}
