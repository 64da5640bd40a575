//! Says something to one person in private.

use super::{JobError, Jobs};
use crate::domain::Account;
use crate::platform::{Outbound, SendError, Sending};
use crate::render::Message;

impl Jobs {
    /// By the first of the accounts that takes the message; false where none does. Repeated with the same key, it finds
    /// what was sent.
    pub(super) async fn tell_in_private<'a>(
        &self,
        accounts: impl IntoIterator<Item = &'a Account>,
        message: &Message,
        key: &str,
    ) -> Result<bool, JobError> {
        for account in accounts {
            let Some(adapter) = self.adapters.of(account.platform) else { continue };
            let told = async {
                let direct = adapter.direct(account).await?;
                adapter.post(&direct, message, &Sending::new(key, true)).await
            };
            match told.await {
                Ok(_) => return Ok(true),
                Err(error @ SendError::Refused { .. }) => {
                    tracing::info!(account = account.id, %error, "could not be told in private this way");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}
