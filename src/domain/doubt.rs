//! An incident begins where a change is still watched: the change does not count as working before it is said whether
//! the incident comes from it. That is said of their link, by whoever commands the incident (rule 4.14).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Change, PersonId, Validation};

/// An incident that a change was, or is, held up by. One for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub incident: i64,
    pub since: DateTime<Utc>,
    pub state: DoubtState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoubtState {
    /// Nobody has said yet whether it comes from the change.
    Open,
    /// It does not, or is over without anybody having said that it does.
    Cleared,
    /// The change has failed by it, or it was known as the change was watched anew: it counts once.
    Counted,
}

/// What an incident says of a change that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub incident: i64,
    pub is: Suspicion,
    /// How sure rule 4.14 is, of 100; `None` where a person came upon it alone.
    pub confidence: Option<i32>,
    /// Who decided it; `None` while nobody has, and where nobody answered.
    pub by: Option<PersonId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    Asked,
    Unrelated,
    Cause,
}

impl Validation {
    /// The incidents of which nobody has said yet whether they come from the change, the first one first.
    pub fn open_doubts(&self) -> impl Iterator<Item = i64> {
        self.doubts.iter().filter(|doubt| doubt.state == DoubtState::Open).map(|doubt| doubt.incident)
    }

    pub fn is_doubted(&self) -> bool {
        self.open_doubts().next().is_some()
    }

    pub fn doubt_of(&self, incident: i64) -> Option<DoubtState> {
        self.doubts.iter().find(|doubt| doubt.incident == incident).map(|doubt| doubt.state)
    }

    pub fn set_doubt(&mut self, incident: i64, state: DoubtState, at: DateTime<Utc>) {
        match self.doubts.iter_mut().find(|doubt| doubt.incident == incident) {
            Some(known) => known.state = state,
            None => self.doubts.push(Doubt { incident, since: at, state }),
        }
    }
}

impl Change {
    /// The incidents that hold up whether it counts as working.
    pub fn doubts(&self) -> Vec<i64> {
        self.open_validation().map(|open| open.open_doubts().collect()).unwrap_or_default()
    }
}
