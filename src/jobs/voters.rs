//! Voters are asked in private.

use super::direct::Reached;
use super::{JobError, Jobs};
use crate::app::{BallotWanted, voter_message};

impl Jobs {
    /// Rendered when it is sent: whoever has voted meanwhile is not bothered.
    pub(super) async fn ask_voter(&self, tenant: i64, wanted: &BallotWanted) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let told = voter_message(&self.app, &mut tx, wanted).await?;
        let tenant = self.app.tenant(&mut tx).await?;
        tx.rollback().await?;
        let Some((message, key)) = told else { return Ok(()) };
        let Some(person) = tenant.organisation.person(&wanted.person).filter(|person| person.active) else {
            return Ok(());
        };
        if let Reached::Nowhere(_) = self.reach(person.accounts(), &key, &message).await? {
            tracing::warn!(
                person = person.key,
                change = wanted.change,
                "could not be asked to vote in private; the card in the room stands"
            );
        }
        Ok(())
    }
}
