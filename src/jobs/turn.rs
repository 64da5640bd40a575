//! Tells somebody in private that it is their change's turn.

use super::{JobError, Jobs};
use crate::platform::{Outbound, SendError, Sending};

impl Jobs {
    /// By whichever of their accounts takes the message; the room was told besides. Too late, nothing is said.
    pub(super) async fn turn(&self, tenant: i64, change: i64) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let told = self.app.turn_told(&mut tx, change).await?;
        tx.rollback().await?;
        let Some((accounts, message, key)) = told else { return Ok(()) };
        for account in &accounts {
            let Some(adapter) = self.adapters.of(account.platform) else { continue };
            let sent = async {
                let direct = adapter.direct(account).await?;
                adapter.post(&direct, &message, &Sending::new(&key, true)).await
            };
            match sent.await {
                Ok(_) => return Ok(()),
                Err(error @ SendError::Refused { .. }) => {
                    tracing::info!(change, %error, "could not be told in private");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
