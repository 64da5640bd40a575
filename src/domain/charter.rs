//! The charter of a team: what it answers for, within how many minutes its members can be reached, and who takes over from
//! whom. Written in the organisation file; each change is a new edition, which every member acknowledges.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Incident, IncidentStatus, Organisation, Person, PersonId};

/// A charter is looked at again after a year (timer `charter.review`).
const REVIEW_AFTER: TimeDelta = TimeDelta::days(365);

/// The edition that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charter {
    /// The entry on ORG that published it.
    pub entry: i32,
    pub team: String,
    /// From 1, of its team.
    pub edition: i32,
    pub responsibilities: String,
    /// Within so many minutes a member can be reached.
    pub availability_minutes: i32,
    /// Who takes over from a commander who is silent, the first one first.
    pub succession: Vec<PersonId>,
    pub published_at: DateTime<Utc>,
    pub acknowledged: Vec<PersonId>,
    /// When somebody last looked at it, and it stayed; was last asked to; and when it was last told that nobody has.
    pub reviewed_at: Option<DateTime<Utc>>,
    pub review_asked_at: Option<DateTime<Utc>>,
    pub review_late_at: Option<DateTime<Utc>>,
}

/// What is said of a charter: of the team that is named, or of the edition that a button was shown with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CharterCommand {
    /// The caller keeps to the charter of their team.
    Acknowledge { team: Option<String> },
    /// It was looked at, and stays.
    Review { team: Option<String> },
    /// Is one to be looked at again? Asked by the housekeeping, once a day.
    LookAfter,
}

impl Charter {
    pub fn review_due_at(&self) -> DateTime<Utc> {
        self.reviewed_at.unwrap_or(self.published_at) + REVIEW_AFTER
    }

    /// Since when somebody is asked to look at it, and has not.
    pub fn review_waits_since(&self) -> Option<DateTime<Utc>> {
        self.review_asked_at.filter(|at| *at >= self.review_due_at())
    }

    /// Whether it is to be looked at, and nobody was asked.
    pub fn is_review_due(&self, now: DateTime<Utc>) -> bool {
        now >= self.review_due_at() && self.review_waits_since().is_none()
    }

    /// Whether nobody has looked at it so long after that was asked, and that was not told.
    pub fn is_review_late(&self, now: DateTime<Utc>, after_days: u32) -> bool {
        let late = |asked: DateTime<Utc>| {
            now >= asked + TimeDelta::days(after_days.into()) && self.review_late_at.is_none_or(|told| told < asked)
        };
        self.review_waits_since().is_some_and(late)
    }
}

/// When the silence of an incident's commander is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// Of the charter that held when the lead was given.
    pub minutes: i32,
    pub due_at: DateTime<Utc>,
    /// Who was paged in their place since they were last heard.
    pub paged: Vec<PersonId>,
}

impl Watch {
    pub fn from(minutes: i32, heard_at: DateTime<Utc>) -> Watch {
        Watch { minutes, due_at: heard_at + TimeDelta::minutes(minutes.into()), paged: Vec::new() }
    }
}

impl Incident {
    /// When the commander's silence is looked at. Once the impact has stopped nobody is woken for it.
    pub fn silence_due(&self) -> Option<DateTime<Utc>> {
        let is_urgent = match self.status {
            IncidentStatus::Declared | IncidentStatus::Investigating | IncidentStatus::Identified => true,
            IncidentStatus::Mitigated
            | IncidentStatus::Monitoring
            | IncidentStatus::Resolved
            | IncidentStatus::Cancelled => false,
        };
        self.watch.as_ref().map(|watch| watch.due_at).filter(|_| is_urgent)
    }
}

impl Organisation {
    pub fn charter(&self, team: &str) -> Option<&Charter> {
        self.charters.iter().find(|charter| charter.team == team)
    }

    /// The charter that says how soon a commander can be reached: of their own team, else of a team that keeps one of the
    /// services.
    pub fn charter_for(&self, commander: &PersonId, services: &[String]) -> Option<&Charter> {
        let own = self.person(commander).and_then(|person| self.charter(person.team.as_deref()?));
        let of_services = || services.iter().find_map(|service| self.charter(&self.team_of(service)?.key));
        own.or_else(of_services)
    }

    /// Everybody in a team: who belongs to it, leads it, approves for it or is on call for it.
    pub fn members_of(&self, team: &str) -> Vec<&PersonId> {
        let named = |id: &PersonId| {
            self.teams.get(team).is_some_and(|team| {
                team.lead.as_ref() == Some(id) || team.approvers.contains(id) || team.on_call.contains(id)
            })
        };
        let is_member = |person: &&Person| person.active && (person.team.as_deref() == Some(team) || named(&person.id));
        self.people.values().filter(is_member).map(|person| &person.id).collect()
    }

    /// The members who have not acknowledged the edition that holds.
    pub fn unacknowledged(&self, charter: &Charter) -> Vec<&PersonId> {
        let mut members = self.members_of(&charter.team);
        members.retain(|member| !charter.acknowledged.contains(member));
        members
    }

    /// The charters that wait for this person's word.
    pub fn charters_to_acknowledge(&self, person: &PersonId) -> Vec<&Charter> {
        self.charters.iter().filter(|charter| self.unacknowledged(charter).contains(&person)).collect()
    }
}
