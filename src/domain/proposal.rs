//! A policy that waits for the signatures of those who have to sign it.

use chrono::{DateTime, Utc};

use super::{Organisation, PersonId};

/// The roster whose members sign policies. Without it a policy is in force when it is loaded.
pub const SIGNATORIES: &str = "signatories";

/// How much of a hash names a file, in hexadecimal digits.
const HASH_DIGITS: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The entry that proposes it.
    pub entry: i32,
    /// sha256 of the file, hex.
    pub hash: String,
    pub source: String,
    /// Who was asked to sign it when it was proposed.
    pub signatories: Vec<PersonId>,
    pub signed: Vec<PersonId>,
    pub state: ProposalState,
    pub proposed_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalState {
    Open,
    Effective,
    Rejected,
}

impl ProposalState {
    pub const ALL: [ProposalState; 3] = [ProposalState::Open, ProposalState::Effective, ProposalState::Rejected];

    pub fn as_str(self) -> &'static str {
        match self {
            ProposalState::Open => "open",
            ProposalState::Effective => "effective",
            ProposalState::Rejected => "rejected",
        }
    }

    pub fn parse(word: &str) -> Option<ProposalState> {
        ProposalState::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What is said of a proposal. `hash`: the beginning of the file's, unless a button says which is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyCommand {
    Sign { hash: Option<String> },
    Object { hash: Option<String>, why: String },
}

impl PolicyCommand {
    pub fn name(&self) -> &'static str {
        match self {
            PolicyCommand::Sign { .. } => "admin policy sign",
            PolicyCommand::Object { .. } => "admin policy object",
        }
    }

    pub fn hash(&self) -> Option<&str> {
        match self {
            PolicyCommand::Sign { hash } | PolicyCommand::Object { hash, .. } => hash.as_deref(),
        }
    }
}

impl Proposal {
    /// What people call it by.
    pub fn short(&self) -> &str {
        short(&self.hash)
    }

    /// Whose signature is still missing: of those whom the organisation names now. Whoever has left signs nothing.
    pub fn missing(&self, organisation: &Organisation) -> Vec<PersonId> {
        let listed = organisation.signatories().unwrap_or_default();
        listed.into_iter().filter(|person| !self.signed.contains(person)).collect()
    }
}

/// The beginning of a file's hash.
pub fn short(hash: &str) -> &str {
    hash.get(..HASH_DIGITS).unwrap_or(hash)
}

impl Organisation {
    /// Who has to sign a policy, of those who are here; `None` where the organisation names no such roster.
    pub fn signatories(&self) -> Option<Vec<PersonId>> {
        let members = &self.rosters.get(SIGNATORIES)?.members;
        let is_here = |id: &&PersonId| self.person(id).is_some_and(|person| person.active);
        Some(members.iter().filter(is_here).cloned().collect())
    }
}
