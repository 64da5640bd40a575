//! A change that is recorded after it was made: it never counts as authorised, and others have to attest it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::change_services::services_near;
use super::{Change, ChangeStatus, Incident, PersonId, RiskFactors, When};

/// How long after a change was found its record is in time (timer `retro.record`).
pub const IN_TIME: TimeDelta = TimeDelta::hours(24);

/// What is known only of a change that was recorded after the fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retro {
    /// Whether it works as it was meant to, as far as the evidence shows.
    pub works: bool,
    /// Who said yes at the time, by word of mouth.
    pub allowed_by: Option<PersonId>,
    /// It was recorded later than [`IN_TIME`] after it was found.
    pub late: bool,
    /// When somebody else came upon it; whoever made it knew of it from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_at: Option<DateTime<Utc>>,
    /// Nobody has said yet that it was them; all that is known is what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unclaimed: Option<Unclaimed>,
}

/// A change that somebody came upon, and that nobody has claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unclaimed {
    /// When the owners of its services are asked, [`IN_TIME`] after it was found.
    pub due_at: DateTime<Utc>,
    /// They were asked.
    pub escalated: bool,
}

/// What is said of changes that were made without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingCommand {
    /// By somebody who knows who made it.
    Record(Box<RetroForm>),
    /// By somebody who came upon it, and does not.
    Report(Box<FindingForm>),
    /// What whoever made it says of it; its title and its services stand as they were found.
    Claim(Box<RetroForm>),
}

impl FindingCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        match self {
            FindingCommand::Record(_) => "change after retro",
            FindingCommand::Report(_) => "report found",
            FindingCommand::Claim(_) => "report claim",
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingForm {
    pub title: String,
    /// The main service, and those that were named after it.
    pub service: Option<String>,
    pub also: Vec<String>,
    /// What shows that something was changed.
    pub evidence: String,
    /// When it was made, as far as that can be seen.
    pub at: Option<When>,
    /// When it was found; without it, now.
    pub found: Option<When>,
}

impl FindingForm {
    /// The services that were named, otherwise all of the incident that it belongs to, the main one first.
    pub fn services_near(&self, incident: Option<&Incident>) -> Vec<String> {
        services_near(self.service.as_ref(), &self.also, incident)
    }
}

impl Change {
    /// What waits for whoever made it to say so.
    pub fn unclaimed(&self) -> Option<Unclaimed> {
        self.retro.as_ref()?.unclaimed.filter(|_| self.status == ChangeStatus::AwaitingApproval)
    }

    /// When the owners are asked who made it, where they have not been.
    pub(in crate::domain) fn claim_due(&self) -> Option<DateTime<Utc>> {
        self.unclaimed().filter(|unclaimed| !unclaimed.escalated).map(|unclaimed| unclaimed.due_at)
    }
}

/// What is said of such a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetroForm {
    pub title: String,
    /// The main service, and those that were named after it.
    pub service: Option<String>,
    pub also: Vec<String>,
    pub impact: Option<String>,
    /// Why it was not asked for.
    pub why: String,
    pub evidence: String,
    pub works: bool,
    pub factors: RiskFactors,
    /// When it was begun; without it, when it was made.
    pub from: Option<When>,
    /// When it was made.
    pub at: When,
    /// When it was found, where somebody else came upon it.
    pub found: Option<When>,
    /// Who made it; without it, whoever records it.
    pub by: Option<PersonId>,
    pub allowed_by: Option<PersonId>,
}

impl RetroForm {
    /// The services that were named, otherwise all of the incident that it belongs to, the main one first.
    pub fn services_near(&self, incident: Option<&Incident>) -> Vec<String> {
        services_near(self.service.as_ref(), &self.also, incident)
    }

    /// From when to when it was made; an hour is the latest that the tenant's clocks have shown.
    pub fn times(&self, now: DateTime<Utc>, zone: chrono_tz::Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let made = self.at.since(now, zone);
        let from = match self.from {
            // The last one before it was made.
            Some(hour @ When::Hour(_)) => hour.since(made, zone),
            Some(from) => from.since(now, zone),
            None => made,
        };
        (from, made)
    }

    /// When it was found; an hour is the latest that the tenant's clocks have shown.
    pub fn found(&self, now: DateTime<Utc>, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
        self.found.map(|found| found.since(now, zone))
    }
}

/// Whether a record comes late. `known`: when it was found, or made by whoever records it.
pub fn is_late(known: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - known > IN_TIME
}
