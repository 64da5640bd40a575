//! Voters are asked in private, by whichever of their accounts takes the message.

use super::{JobError, Jobs};
use crate::app::{BallotWanted, voter_message};
use crate::domain::Account;
use crate::platform::{Outbound, SendError, Sending};

impl Jobs {
    /// Rendered when it is sent: whoever has voted meanwhile is not bothered. Repeated, it finds what was sent.
    pub(super) async fn ask_voter(&self, tenant: i64, wanted: &BallotWanted) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let message = voter_message(&self.app, &mut tx, wanted).await?;
        let tenant = self.app.tenant(&mut tx).await?;
        tx.rollback().await?;
        let Some(message) = message else { return Ok(()) };
        let Some(person) = tenant.organisation.person(&wanted.person).filter(|person| person.active) else {
            return Ok(());
        };
        let accounts: Vec<&Account> = person.accounts().collect();
        for account in accounts {
            let Some(adapter) = self.adapters.of(account.platform) else { continue };
            let key = wanted.key();
            let told = async {
                let direct = adapter.direct(account).await?;
                adapter.post(&direct, &message, &Sending::new(&key, true)).await
            };
            match told.await {
                Ok(_) => return Ok(()),
                Err(error @ SendError::Refused { .. }) => {
                    tracing::info!(person = person.key, %error, "could not be asked to vote this way");
                }
                Err(error) => return Err(error.into()),
            }
        }
        tracing::warn!(
            person = person.key,
            change = wanted.change,
            "could not be asked to vote in private; the card in the room stands"
        );
        Ok(())
    }
}
