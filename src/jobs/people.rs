//! What is done for one person: whose account it is, and the app's home.

use super::show::hash;
use super::{JobError, Jobs};
use crate::app::{home_message, linked_message};
use crate::domain::{Account, Command, Place, Subject};
use crate::platform::Outbound;
use crate::store::Job;

impl Jobs {
    /// Asks the platform about an account that is nobody's, links it where one person has its e-mail address, and tells
    /// them. Repeated, it finds the link and only tells.
    pub(super) async fn look_up(&self, tenant: i64, account: &Account, place: &Place) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(account.platform) else { return Ok(()) };
        let mut tx = self.app.store.begin(tenant).await?;
        let is_known = self.app.tenant(&mut tx).await?.organisation.owner_of(account).is_some();
        tx.rollback().await?;
        if !is_known {
            let Some(profile) = adapter.profile(account).await? else { return Ok(()) };
            let command = Command::LinkByEmail { account: account.clone(), profile };
            let id = format!("lookup:{}:{}", account.platform.as_str(), account.id);
            self.app.perform(tenant, Subject::Organisation, command, &id).await?;
        }
        let mut tx = self.app.store.begin(tenant).await?;
        let message = linked_message(&self.app, &mut tx, account).await?;
        tx.rollback().await?;
        if let Some(message) = message {
            let key = format!("linked:{}", account.id);
            adapter.whisper(account, place, &message, &key).await?;
        }
        Ok(())
    }

    /// Finds the homes that something has changed in: a change concerns whoever sees it there.
    pub(super) async fn homes(&self, tenant: i64) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let organisation = self.app.tenant(&mut tx).await?;
        let open = self.app.open_records(&mut tx).await?;
        let mut changed = Vec::new();
        for home in tx.homes().await? {
            let message = self.app.home_of(&organisation, &open, &home.account)?;
            if home.shown.as_deref() != Some(hash(&message).as_slice()) {
                changed.push(Job::Home { tenant, account: home.account }.now());
            }
        }
        tx.enqueue(changed);
        Ok(tx.commit().await?)
    }

    pub(super) async fn home(&self, tenant: i64, account: &Account) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(account.platform) else { return Ok(()) };
        let mut tx = self.app.store.begin(tenant).await?;
        let message = home_message(&self.app, &mut tx, account).await?;
        tx.rollback().await?;
        adapter.show_home(account, &message).await?;
        let mut tx = self.app.store.begin(tenant).await?;
        tx.home_shown(account, &hash(&message)).await?;
        Ok(tx.commit().await?)
    }
}
