//! The newest checkpoint, posted where chat keeps them: once in each place, and in few messages however many are signed.

use super::{JobError, Jobs};
use crate::clock;
use crate::domain::{Subject, Urgency};
use crate::store::NewSay;

impl Jobs {
    pub(super) async fn post_checkpoint(&self, tenant: i64) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let organisation = self.app.tenant(&mut tx).await?;
        let Some(newest) = tx.newest_checkpoint().await? else { return Ok(tx.rollback().await?) };
        let message = self.app.checkpoint_message(&organisation, &newest)?;
        for place in self.app.log_places(&organisation) {
            if tx.take_posting(&place, &newest, clock::real()).await? {
                let (subject, urgency, at) = (Subject::Deployment, Urgency::Note, self.app.clock.now());
                tx.say(NewSay { subject, place, urgency, message: message.clone(), at });
            }
        }
        Ok(tx.commit().await?)
    }
}
