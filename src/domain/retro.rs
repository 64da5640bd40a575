//! A change that is recorded after it was made: it never counts as authorised, and others have to attest it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Incident, PersonId, RiskFactors, When};

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
        match &self.service {
            Some(service) => std::iter::once(service).chain(&self.also).cloned().collect(),
            None => incident.map(|incident| incident.services.clone()).unwrap_or_default(),
        }
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
