//! An incident: what is broken, how bad, who leads, and what was promised to those who wait.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::charter::Watch;
use super::rules::{Exposure, Priority, TechnicalImpact, Urgency};
use super::{ChangeDraft, Checklist, CustomFields, PersonId, Subject};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    pub number: i64,
    pub version: i32,
    pub title: String,
    pub status: IncidentStatus,
    /// As declared or set by a person; stands until a person changes it.
    pub priority: Priority,
    /// As the matrix has it (rule 4.2), where impact and urgency are known.
    pub computed: Option<Priority>,
    pub services: Vec<String>,
    pub impact: Option<TechnicalImpact>,
    pub urgency: Option<Urgency>,
    /// Whether data may have left the house.
    pub exposure: Exposure,
    pub commander: Option<PersonId>,
    /// `None`: declared by an account that is not linked to a person.
    pub declared_by: Option<PersonId>,
    pub pending: Option<Pending>,
    pub declared_at: DateTime<Utc>,
    /// Declared a major incident at, and stood down at.
    pub major_at: Option<DateTime<Utc>>,
    pub stood_down_at: Option<DateTime<Utc>>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub mitigated_at: Option<DateTime<Utc>>,
    /// Resolved or cancelled at.
    pub ended_at: Option<DateTime<Utc>>,
    /// What resolved it, or why it was cancelled.
    pub outcome: Option<String>,
    pub updates: UpdateSchedule,
    /// What the organisation wants to know besides.
    pub fields: CustomFields,
    /// What has to be done, and shown, before it is over.
    pub checklist: Checklist,
    /// Its steps that looked like changes.
    pub drafts: Vec<ChangeDraft>,
    /// When the commander's silence is looked at, where a charter says how soon they can be reached.
    pub watch: Option<Watch>,
}

/// Somebody says whether data left the house. `list`: the list of the policy that is asked for then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureMark {
    pub to: Exposure,
    pub list: Option<String>,
    pub why: String,
}

/// When stakeholders hear next (rule 4.20): slots at anchor + k * cadence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdateSchedule {
    pub anchor: DateTime<Utc>,
    /// `None` once it has ended.
    pub next: Option<DateTime<Utc>>,
}

/// A step that waits for a second person (rule 4.3 and the incident states).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub step: PendingStep,
    pub by: PersonId,
    pub why: String,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step", content = "to")]
pub enum PendingStep {
    Lower(Priority),
    Cancel,
    /// To declare it a major incident (rule 4.5).
    Major,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentStatus {
    Declared,
    Investigating,
    Identified,
    Mitigated,
    Monitoring,
    Resolved,
    Cancelled,
}

impl IncidentStatus {
    pub const ALL: [IncidentStatus; 7] = [
        IncidentStatus::Declared,
        IncidentStatus::Investigating,
        IncidentStatus::Identified,
        IncidentStatus::Mitigated,
        IncidentStatus::Monitoring,
        IncidentStatus::Resolved,
        IncidentStatus::Cancelled,
    ];

    /// What `/inc status` offers; resolving and cancelling ask for more and are verbs of their own.
    pub const SETTABLE: [IncidentStatus; 4] = [
        IncidentStatus::Investigating,
        IncidentStatus::Identified,
        IncidentStatus::Mitigated,
        IncidentStatus::Monitoring,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            IncidentStatus::Declared => "declared",
            IncidentStatus::Investigating => "investigating",
            IncidentStatus::Identified => "identified",
            IncidentStatus::Mitigated => "mitigated",
            IncidentStatus::Monitoring => "monitoring",
            IncidentStatus::Resolved => "resolved",
            IncidentStatus::Cancelled => "cancelled",
        }
    }

    pub fn parse(word: &str) -> Option<IncidentStatus> {
        IncidentStatus::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(word))
    }

    pub fn is_open(self) -> bool {
        match self {
            IncidentStatus::Declared
            | IncidentStatus::Investigating
            | IncidentStatus::Identified
            | IncidentStatus::Mitigated
            | IncidentStatus::Monitoring => true,
            IncidentStatus::Resolved | IncidentStatus::Cancelled => false,
        }
    }

    /// The states that may follow this one (states of the incident, 3.2.1).
    pub fn next(self) -> &'static [IncidentStatus] {
        match self {
            IncidentStatus::Declared => {
                &[IncidentStatus::Investigating, IncidentStatus::Identified, IncidentStatus::Mitigated]
            }
            IncidentStatus::Investigating => &[IncidentStatus::Identified, IncidentStatus::Mitigated],
            IncidentStatus::Identified => {
                &[IncidentStatus::Investigating, IncidentStatus::Mitigated, IncidentStatus::Monitoring]
            }
            IncidentStatus::Mitigated => {
                &[IncidentStatus::Investigating, IncidentStatus::Monitoring, IncidentStatus::Resolved]
            }
            IncidentStatus::Monitoring => &[IncidentStatus::Investigating, IncidentStatus::Resolved],
            IncidentStatus::Resolved | IncidentStatus::Cancelled => &[],
        }
    }
}

impl Incident {
    pub fn subject(&self) -> Subject {
        Subject::Incident(self.number)
    }

    pub fn is_open(&self) -> bool {
        self.status.is_open()
    }

    pub fn is_major(&self) -> bool {
        self.major_at.is_some() && self.stood_down_at.is_none()
    }

    /// Every service, as one phrase.
    pub fn services_phrase(&self) -> String {
        self.services.join(", ")
    }

    /// The name of its war room: `inc-7-checkout-returns-502`, lower case, at most 60 characters.
    pub fn room_name(&self) -> String {
        let mut words = String::new();
        for word in self.title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
            if !word.is_empty() && words.len() + word.len() < 50 {
                words.push('-');
                words.push_str(&word.to_ascii_lowercase());
            }
        }
        format!("inc-{}{words}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_that_ends_an_incident_leads_nowhere() {
        for status in IncidentStatus::ALL {
            assert_eq!(status.is_open(), !status.next().is_empty(), "{status:?}");
            assert_eq!(IncidentStatus::parse(status.as_str()), Some(status));
        }
    }
}
