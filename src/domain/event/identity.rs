//! What happens to accounts, and to the bot's own membership of a workspace.

use super::{Draft, Fact};
use crate::domain::{Account, LinkSource, PersonId, Platform};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityEvent {
    Linked { person: PersonId, account: Account, source: LinkSource },
    Unlinked { person: PersonId, account: Account },
    Deactivated { person: PersonId, account: Account },
    Reactivated { person: PersonId, account: Account },
    WorkspaceLost { platform: Platform, workspace: String, why: String },
    WorkspaceRegained { platform: Platform, workspace: String },
}

impl IdentityEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            IdentityEvent::Linked { person, account, source } => {
                of_account(Draft::new("identity.linked"), person, account).word("means", source.as_str())
            }
            IdentityEvent::Unlinked { person, account } => of_account(Draft::new("identity.unlinked"), person, account),
            IdentityEvent::Deactivated { person, account } => {
                of_account(Draft::new("identity.deactivated"), person, account)
            }
            IdentityEvent::Reactivated { person, account } => {
                of_account(Draft::new("identity.reactivated"), person, account)
            }
            IdentityEvent::WorkspaceLost { platform, workspace, why } => Draft::new("workspace.lost")
                .word("platform", platform.as_str())
                .word("workspace", workspace)
                .word("reason", why),
            IdentityEvent::WorkspaceRegained { platform, workspace } => {
                Draft::new("workspace.regained").word("platform", platform.as_str()).word("workspace", workspace)
            }
        }
    }
}

fn of_account(draft: Draft, person: &PersonId, account: &Account) -> Draft {
    draft
        .fact("person", Fact::Person(person.clone()))
        .word("platform", account.platform.as_str())
        .word("workspace", &account.workspace)
        .word("account", &account.id)
}
