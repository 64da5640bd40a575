//! A change is taken back step by step, as its rollback plan says, and each step is timed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Change, ChangeStatus, ContingencyPlan, PersonId, RollbackStep};

/// How far it was taken back. What a step ran into is in the log, where it can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackWalk {
    pub began_at: DateTime<Utc>,
    /// How many steps its plan had as it began.
    pub of: usize,
    /// How long the plan says that it takes.
    pub minutes: Option<u32>,
    /// Those that are done, in order.
    pub steps: Vec<StepDone>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    pub at: DateTime<Utc>,
    pub by: PersonId,
}

/// What is said of taking a change back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackCommand {
    Begin { why: String },
    StepDone,
    StepFailed { why: String },
}

impl RollbackWalk {
    pub fn is_over(&self) -> bool {
        self.steps.len() >= self.of
    }

    /// The number of the step that is next, from 1.
    pub fn next(&self) -> usize {
        self.steps.len() + 1
    }

    /// Since when the next step is under way.
    pub fn since(&self) -> DateTime<Utc> {
        self.steps.last().map_or(self.began_at, |step| step.at)
    }

    /// `14 min, 15 planned`
    pub fn took(&self) -> String {
        let minutes = (self.since() - self.began_at).num_minutes();
        let planned = self.minutes.map(|planned| format!(", {planned} planned")).unwrap_or_default();
        format!("{minutes} min{planned}")
    }
}

impl Change {
    /// The way back that was begun and is not at its end.
    pub fn open_walk(&self) -> Option<&RollbackWalk> {
        let open = self.status.is_running() || matches!(self.status, ChangeStatus::Validating | ChangeStatus::Failed);
        self.walk.as_ref().filter(|walk| open && !walk.is_over())
    }

    /// The step of its plan that is next, while it is taken back.
    pub fn next_step(&self) -> Option<RollbackStep> {
        let walk = self.open_walk()?;
        ContingencyPlan::read(&self.rollback_plan).steps.into_iter().nth(walk.steps.len())
    }

    /// Whether its plan has steps that are walked: a single one is done with a word.
    pub fn has_steps(&self) -> bool {
        ContingencyPlan::read(&self.rollback_plan).steps.len() > 1
    }
}
