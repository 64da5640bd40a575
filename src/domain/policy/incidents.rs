//! Numbers of the states of an incident.

use chrono::TimeDelta;
use serde::Deserialize;

/// `[incidents]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentPolicy {
    /// A resolved incident is reopened for so long, in minutes; what comes back later is a new one. 72 hours, as the timer
    /// `incident.reopen` of the requirements has it.
    pub reopen_within_minutes: u32,
}

impl IncidentPolicy {
    pub fn reopened_within(&self) -> TimeDelta {
        TimeDelta::minutes(self.reopen_within_minutes.into())
    }
}

impl Default for IncidentPolicy {
    fn default() -> IncidentPolicy {
        IncidentPolicy { reopen_within_minutes: 72 * 60 }
    }
}
