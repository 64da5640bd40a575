//! What a change claims and somebody else has to say: that it meets an exploit, or that it may start beside an incident.

use chrono::{DateTime, Utc};

use super::rules::{ClaimKind, ClaimState};
use super::{Change, ChangeStatus, Incident, Organisation, PersonId, Role};

/// One claim of one change. Why it is made, and why it is decided so, is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The entry that makes it.
    pub claimed: i32,
    pub kind: ClaimKind,
    /// Of a clearance: the incident beside which the change is to start.
    pub incident: Option<i64>,
    /// The revision of the change that was claimed of. A clearance is of that one alone.
    pub revision: i32,
    pub by: PersonId,
    pub state: ClaimState,
    pub decided_by: Option<PersonId>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Claim {
    pub fn is_open(&self) -> bool {
        self.state == ClaimState::Open
    }
}

/// What is said of claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimCommand {
    /// The security lead's word on whether it is an exploit.
    ConfirmExploit,
    DenyExploit {
        why: String,
    },
    /// Asks the commanders of the incidents that hold the start up.
    AskClearance {
        why: String,
    },
    Clear {
        why: String,
    },
    RefuseClearance {
        why: String,
    },
}

impl ClaimCommand {
    pub fn name(&self) -> &'static str {
        match self {
            ClaimCommand::ConfirmExploit | ClaimCommand::DenyExploit { .. } => "cab exploit",
            ClaimCommand::AskClearance { .. } | ClaimCommand::Clear { .. } | ClaimCommand::RefuseClearance { .. } => {
                "cab clear"
            }
        }
    }
}

impl Organisation {
    /// Who may say that a change meets an exploit: whoever holds the role of the security lead and has no part in it.
    pub fn confirmers(&self, requester: &PersonId, implementer: &PersonId) -> Vec<PersonId> {
        let has_no_part = |person: &&&PersonId| **person != requester && **person != implementer;
        self.with_role(Role::Security).iter().filter(has_no_part).map(|person| (*person).clone()).collect()
    }

    /// Who may let a change start beside an incident: its commander; where nobody commands it, or whose change it is does,
    /// the duty managers (as rule 4.12 has it of a major).
    pub fn clearers(&self, incident: &Incident, change: &Change) -> Vec<PersonId> {
        if let Some(commander) = incident.commander.as_ref().filter(|commander| !change.is_own(commander)) {
            return vec![commander.clone()];
        }
        let managers = self.with_role(Role::DutyManager).into_iter();
        managers.filter(|person| !change.is_own(person)).cloned().collect()
    }
}

impl Change {
    /// Whether it was agreed to, and has not begun.
    pub fn is_agreed(&self) -> bool {
        matches!(self.status, ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold)
    }
}
