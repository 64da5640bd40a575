//! A dispute about a change that the decision authority is asked to rule on: the people of a chain, one after the other.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::rules::{Dispute, EscalationState, RulingVerdict};
use super::{Change, Organisation, Person, PersonId, Roster};

/// The roster whose members rule, one after the other, where a service has no chain of its own: `authority-payments`.
pub const AUTHORITY: &str = "authority";

/// Of one revision of a change. One of an earlier revision, or of a change that is over, waits for nobody.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Escalation {
    /// The entry that asks; 0 until it is written.
    pub asked: i32,
    pub revision: i32,
    pub dispute: Dispute,
    pub raised_by: PersonId,
    /// `None`: erased.
    pub why: Option<String>,
    /// Who holds the other position.
    pub opposed: Vec<PersonId>,
    /// Who was asked, in order; the last one is waited for.
    pub chain: Vec<PersonId>,
    /// When the next in the chain is asked.
    pub due_at: DateTime<Utc>,
    pub state: EscalationState,
    pub ruled_by: Option<PersonId>,
    pub ruled_at: Option<DateTime<Utc>>,
    /// Why it was ruled so.
    pub ruling: Option<String>,
    pub conditions: Option<String>,
}

impl Escalation {
    pub fn is_open(&self) -> bool {
        self.state == EscalationState::Open
    }

    /// Whom it waits for.
    pub fn waits_for(&self) -> Option<&PersonId> {
        self.chain.last().filter(|_| self.is_open())
    }

    /// Whether this person asked for it, or holds the other position.
    pub fn is_party(&self, person: &PersonId) -> bool {
        &self.raised_by == person || self.opposed.contains(person)
    }
}

/// What is said to, or by, the decision authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulingCommand {
    Escalate {
        why: String,
    },
    /// `appoint`: who votes too, where too few may.
    Rule {
        verdict: RulingVerdict,
        why: String,
        conditions: Option<String>,
        appoint: Option<PersonId>,
    },
}

impl RulingCommand {
    pub fn name(&self) -> &'static str {
        match self {
            RulingCommand::Escalate { .. } => "cab escalate",
            RulingCommand::Rule { .. } => "cab rule",
        }
    }
}

impl Change {
    /// The escalation that waits for a ruling.
    pub fn open_escalation(&self) -> Option<&Escalation> {
        self.escalations.iter().rev().find(|one| one.is_open())
    }

    /// The ruling that lets this revision past what stands in its way.
    pub fn ruled_past(&self, dispute: Dispute) -> Option<&Escalation> {
        self.escalations.iter().find(|one| one.dispute == dispute && one.state == EscalationState::Allowed)
    }
}

impl Organisation {
    /// Who rules on disputes about a service, the first one first: its own chain, else that of the unit. The chair of the
    /// roster begins.
    pub fn authorities(&self, service: &str) -> Vec<PersonId> {
        let Some(roster) = self.own_chain(service).or_else(|| self.rosters.get(AUTHORITY)) else { return Vec::new() };
        let members = roster.members.iter().filter(|member| **member != roster.chair);
        let is_reachable = |id: &&PersonId| self.person(id).is_some_and(Person::is_reachable);
        std::iter::once(&roster.chair).chain(members).filter(is_reachable).cloned().collect()
    }

    pub fn own_chain(&self, service: &str) -> Option<&Roster> {
        self.rosters.get(&format!("{AUTHORITY}-{service}"))
    }

    /// Whether somebody sits on a board that votes: who rules alone is on none by it.
    pub fn is_on_board(&self, person: &PersonId) -> bool {
        let boards = self.rosters.values().filter(|roster| !is_chain(&roster.key));
        boards.into_iter().any(|roster| roster.members.contains(person))
    }

    /// Whether somebody rules on disputes, of whichever service.
    pub fn is_authority(&self, person: &PersonId) -> bool {
        let mut chains = self.rosters.values().filter(|roster| is_chain(&roster.key));
        chains.any(|roster| &roster.chair == person || roster.members.contains(person))
    }
}

fn is_chain(key: &str) -> bool {
    key.strip_prefix(AUTHORITY).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
