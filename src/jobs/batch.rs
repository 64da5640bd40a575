//! Brings a batch of changes further, step by step, each in a transaction of its own.

use chrono::TimeDelta;

use super::{JobError, Jobs};
use crate::app::BatchMoved;
use crate::store::Job;

/// What holds a batch up may end without an event of one of its changes: it is looked at again after this.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);

impl Jobs {
    /// Killed in the middle, it goes on where it was: what a step did is committed with it.
    pub(super) async fn run_batch(&self, tenant: i64, batch: i64) -> Result<(), JobError> {
        loop {
            match self.app.move_batch(tenant, batch).await? {
                BatchMoved::Further => {}
                BatchMoved::Held => return self.later(Job::Batch { tenant, batch }, LOOK_AGAIN).await,
                BatchMoved::No => return Ok(()),
            }
        }
    }
}
