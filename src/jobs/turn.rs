//! Tells somebody in private that it is their change's turn.

use super::{JobError, Jobs};

impl Jobs {
    /// The room was told besides. Too late, nothing is said.
    pub(super) async fn turn(&self, tenant: i64, change: i64) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let told = self.app.turn_told(&mut tx, change).await?;
        tx.rollback().await?;
        if let Some((accounts, message, key)) = told {
            self.reach(&accounts, &key, &message).await?;
        }
        Ok(())
    }
}
