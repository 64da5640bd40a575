//! Seals what has ended into the archive, one record after the other.

use chrono::TimeDelta;

use super::{JobError, Jobs};
use crate::app::{SealError, SealOutcome};
use crate::domain::Subject;
use crate::store::Job;

/// The log is signed once a minute.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);

impl Jobs {
    /// Repeated, it finds what an earlier try has done. A folder that can't be written is told to whoever runs this, and
    /// tried again.
    pub(super) async fn seal(&self, tenant: i64, incident: i64) -> Result<(), JobError> {
        match self.app.seal(tenant, incident).await {
            Ok(SealOutcome::Done) => Ok(()),
            Ok(SealOutcome::Waits) => self.later(Job::Seal { tenant, incident }, LOOK_AGAIN).await,
            Err(SealError::Handle(error)) => Err(error.into()),
            Err(error) => {
                self.app.tell_of_archive(tenant, Subject::Incident(incident), &error).await?;
                match error {
                    // Nobody mends that by waiting.
                    SealError::TooLarge { .. } => Ok(()),
                    SealError::Folder { .. } | SealError::Handle(_) => Err(JobError::Seal(Box::new(error))),
                }
            }
        }
    }
}
