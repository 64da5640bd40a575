//! A draft: a step of an incident that looks like a change, until somebody asks for that change or says that it is none.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Incident, PersonId, Subject};

/// Whoever wrote the step is reminded of it after this long, once.
const REMIND_AFTER: TimeDelta = TimeDelta::minutes(30);
/// The source of what somebody typed into a form, or typed over what it was filled in with.
pub const MANUAL: &str = "manual";
/// The source of what is known of a service whoever asks.
pub const ORGANISATION: &str = "the organisation file";
/// Drafts of one incident; who writes more steps than this is not helped by another.
pub const DRAFTS_MAX: usize = 20;

/// One for a step at most. What was written is in the log alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeDraft {
    /// From 1, within its incident.
    pub number: i32,
    /// Who wrote the step.
    pub by: PersonId,
    pub at: DateTime<Utc>,
    /// The service that the step names, where it names one that is known.
    pub service: Option<String>,
    pub state: DraftState,
    /// The change that it became or is part of; while it is offered, the open one that covers its service.
    pub change: Option<i64>,
    pub reminded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    /// It waits for whoever wrote the step.
    Offered,
    /// It became a change.
    Submitted,
    /// It is part of a change that was open.
    Joined,
    /// It is no change.
    Dismissed,
    /// Nobody answered before the incident was over.
    Left,
}

/// What somebody says of a draft. To ask for the change is a command of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftCommand {
    pub draft: i32,
    pub answer: DraftAnswer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftAnswer {
    /// It is part of the change that is open for its service.
    Part,
    /// It changes nothing.
    NoChange,
}

impl ChangeDraft {
    pub fn is_open(&self) -> bool {
        self.state == DraftState::Offered
    }

    /// When its author is to be reminded.
    pub fn reminder(&self) -> Option<DateTime<Utc>> {
        (self.is_open() && !self.reminded).then(|| self.at + REMIND_AFTER)
    }

    /// What became of it, for a late click.
    pub fn fate(&self) -> String {
        let change = self.change.map(|change| Subject::Change(change).to_string()).unwrap_or_default();
        match self.state {
            DraftState::Offered => "still waits".to_owned(),
            DraftState::Submitted => format!("became {change}"),
            DraftState::Joined => format!("is part of {change}"),
            DraftState::Dismissed => "is no change".to_owned(),
            DraftState::Left => "was left when the incident was over".to_owned(),
        }
    }
}

impl Incident {
    pub fn draft(&self, number: i32) -> Option<&ChangeDraft> {
        self.drafts.iter().find(|draft| draft.number == number)
    }

    pub fn open_drafts(&self) -> impl Iterator<Item = &ChangeDraft> {
        self.drafts.iter().filter(|draft| draft.is_open())
    }
}
