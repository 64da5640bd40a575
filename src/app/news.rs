//! What a platform tells of accounts and of the bot itself. Nobody waits for an answer; a decision is made only where
//! something is new.

use super::App;
use super::handle::HandleError;
use super::inbound::{Act, Inbound, Reply};
use crate::domain::{Command, Platform, Subject};

impl App {
    /// Handles what is no person's wish; `None` for what is.
    pub(super) async fn hear(&self, tenant: i64, inbound: &Inbound) -> Result<Option<Reply>, HandleError> {
        let (platform, workspace) = (inbound.place.platform, inbound.place.workspace.clone());
        let command = match &inbound.act {
            Act::Says { .. }
            | Act::Chooses { .. }
            | Act::Presses { .. }
            | Act::Selects { .. }
            | Act::Continues { .. }
            | Act::Submits { .. }
            | Act::Writes { .. } => return Ok(None),
            Act::OpensHome => return self.open_home(tenant, inbound).await.map(Some),
            Act::Types { command, verb, option, text } => {
                return self.offer(tenant, inbound, command, verb, option, text).await.map(Some);
            }
            Act::WasDeactivated => Command::SetAccountActive { account: inbound.account.clone(), active: false },
            Act::IsActive => Command::SetAccountActive { account: inbound.account.clone(), active: true },
            Act::BotWasRemoved { why } => Command::LoseWorkspace { platform, workspace, why: why.clone() },
            Act::BotIsMember => Command::RegainWorkspace { platform, workspace },
        };
        if self.is_news(tenant, &command).await? {
            self.perform(tenant, Subject::Organisation, command, &inbound.delivery).await?;
        }
        Ok(Some(Reply::Quiet))
    }

    /// A platform tells much that is known: a person who changed a picture is active still. That takes no lock.
    async fn is_news(&self, tenant: i64, command: &Command) -> Result<bool, HandleError> {
        let mut tx = self.store.begin(tenant).await?;
        let tenant = self.tenant(&mut tx).await?;
        let lost = |platform: Platform, id: &str| {
            let mut workspaces = tenant.organisation.workspaces.iter();
            workspaces.find(|own| own.platform == platform && own.id == id).is_some_and(|own| own.lost.is_some())
        };
        Ok(match command {
            Command::SetAccountActive { account, active } => {
                tenant.organisation.identity(account).is_some_and(|identity| identity.active != *active)
            }
            Command::LoseWorkspace { platform, workspace, .. } => !lost(*platform, workspace),
            Command::RegainWorkspace { platform, workspace } => lost(*platform, workspace),
            _ => true,
        })
    }

    /// The bot has found out by itself that it is no member of a platform any more: in each of its workspaces, or in the
    /// one named.
    pub async fn lose(&self, platform: Platform, workspace: Option<&str>, why: &str) -> Result<(), HandleError> {
        for (tenant, id) in self.workspaces_of(platform).await? {
            if workspace.is_none_or(|named| named == id) {
                let command = Command::LoseWorkspace { platform, workspace: id, why: why.to_owned() };
                self.perform_news(tenant, command, "lost").await?;
            }
        }
        Ok(())
    }

    /// The bot has found out by itself that it is a member of a workspace: what has waited goes out.
    pub async fn regain(&self, platform: Platform, workspace: &str) -> Result<(), HandleError> {
        for (tenant, _) in self.workspaces_of(platform).await?.into_iter().filter(|(_, id)| id == workspace) {
            let command = Command::RegainWorkspace { platform, workspace: workspace.to_owned() };
            self.perform_news(tenant, command, "regained").await?;
        }
        Ok(())
    }

    async fn perform_news(&self, tenant: i64, command: Command, id: &str) -> Result<(), HandleError> {
        if self.is_news(tenant, &command).await? {
            self.perform(tenant, Subject::Organisation, command, id).await?;
        }
        Ok(())
    }
}
