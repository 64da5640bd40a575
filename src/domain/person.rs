//! People, and what is known of whoever speaks.

use serde::{Deserialize, Serialize};

use super::{Account, Identity, Role};

/// A person's pseudonym: random, kept for ever, the only way in which the log names a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub String);

impl PersonId {
    /// Whether this is the account of somebody who was nobody here: see [`Account::pseudonym`].
    pub fn is_account(&self) -> bool {
        self.0.contains(':')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    /// The short name of the organisation file (`ana`).
    pub key: String,
    pub name: String,
    pub email: Option<String>,
    pub team: Option<String>,
    /// Roles held everywhere in the tenant.
    pub roles: Vec<Role>,
    /// Compliance regimes whose services they may change.
    pub certified: Vec<String>,
    pub identities: Vec<Identity>,
    pub active: bool,
}

impl Person {
    /// Whether there is anybody to ask: not somebody whose every account was deactivated.
    pub fn is_reachable(&self) -> bool {
        self.active && (self.identities.is_empty() || self.accounts().next().is_some())
    }

    /// The accounts through which this person can be reached, and can act.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.identities.iter().filter(|identity| identity.active).map(|identity| &identity.account)
    }
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, through one of their accounts.
    Person { id: PersonId, name: String, account: Account },
    /// An account that is not linked to a person: may declare, note, ask who it is, ask for help and be linked.
    Unlinked { account: Account, name: String },
    /// Timers and schedules: the same rules, the same log.
    Wardroom,
}

impl Actor {
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Actor::Person { id, .. } => Some(id),
            Actor::Unlinked { .. } | Actor::Wardroom => None,
        }
    }

    pub fn account(&self) -> Option<&Account> {
        match self {
            Actor::Person { account, .. } | Actor::Unlinked { account, .. } => Some(account),
            Actor::Wardroom => None,
        }
    }

    /// How the log names whose data an entry holds: a person, or the account of somebody who is nobody here yet.
    pub fn pseudonym(&self) -> Option<String> {
        match self {
            Actor::Person { id, .. } => Some(id.0.clone()),
            Actor::Unlinked { account, .. } => Some(account.pseudonym()),
            Actor::Wardroom => None,
        }
    }

    /// The name to show, never to trust.
    pub fn name(&self) -> &str {
        match self {
            Actor::Person { name, .. } | Actor::Unlinked { name, .. } => name,
            Actor::Wardroom => "wardroom",
        }
    }
}
