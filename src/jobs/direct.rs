//! What one person is told in private, by whichever of their accounts takes the message.

use super::{JobError, Jobs};
use crate::domain::{Account, PersonId, Place};
use crate::platform::{Outbound, SendError, Sending};
use crate::render::Message;

/// Whether one of somebody's accounts took a message.
pub(super) enum Reached {
    /// Their direct messages there.
    At(Place),
    /// The last refusal, and in which workspace; `None` where they have no account that is served.
    Nowhere(Option<(Place, SendError)>),
}

impl Jobs {
    /// Repeated, it finds what an earlier attempt has sent.
    pub(super) async fn direct(
        &self,
        tenant: i64,
        person: &PersonId,
        key: &str,
        message: &Message,
    ) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let tenant = self.app.tenant(&mut tx).await?;
        tx.rollback().await?;
        let Some(person) = tenant.organisation.person(person).filter(|person| person.active) else { return Ok(()) };
        if let Reached::Nowhere(_) = self.reach(person.accounts(), key, message).await? {
            tracing::error!(person = person.key, "could not be told: {}", message.plain());
        }
        Ok(())
    }

    /// Tries one account after the other.
    pub(super) async fn reach<'a>(
        &self,
        accounts: impl IntoIterator<Item = &'a Account>,
        key: &str,
        message: &Message,
    ) -> Result<Reached, JobError> {
        let mut refusal = None;
        for account in accounts {
            let Some(adapter) = self.adapters.of(account.platform) else { continue };
            let told = async {
                let direct = adapter.direct(account).await?;
                adapter.post(&direct, message, &Sending::new(key, true)).await?;
                Ok::<Place, SendError>(direct)
            };
            match told.await {
                Ok(direct) => return Ok(Reached::At(direct)),
                Err(error @ SendError::Refused { .. }) => {
                    tracing::info!(account = account.id, %error, "could not be told this way");
                    let (platform, workspace) = (account.platform, account.workspace.clone());
                    refusal = Some((Place { platform, workspace, channel: String::new() }, error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Reached::Nowhere(refusal))
    }
}
