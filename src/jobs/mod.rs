//! What happens after the commit, and when time passes. Every job is idempotent: it acts, then records, and looks up an
//! unclear attempt before it repeats it. The same function runs in tests and in service.

mod deliver;
mod due;
mod people;
mod room;
pub mod schedule;
mod worker;

pub use worker::{Worker, WorkerError};

use crate::app::{App, HandleError};
use crate::platform::{Adapters, SendError};
use crate::store::{Job, Later, StoreError};

/// Far enough not to come by itself: `Tx::resume_jobs` makes due what is more than a year away.
const SET_ASIDE_FOR: chrono::TimeDelta = chrono::TimeDelta::days(3_650);

/// Everything that a job needs.
#[derive(Debug, Clone)]
pub struct Jobs {
    pub app: App,
    pub adapters: Adapters,
}

#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Handle(#[from] HandleError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Send(#[from] SendError),
    /// Comes back by itself: the queue tries again.
    #[error("a card's message was gone; it is posted anew")]
    CardGone,
}

impl Jobs {
    /// Runs one job. An error means: try again later.
    ///
    /// What would go to a workspace that the bot has lost waits there until it is back: a dead token is not tried again.
    pub async fn run(&self, job: Job) -> Result<(), JobError> {
        let Some((platform, workspace)) = job.reaches() else { return self.perform(job).await };
        if self.app.store.is_lost(platform, workspace).await? {
            return self.set_aside(job).await;
        }
        match self.perform(job.clone()).await {
            Err(JobError::Send(error)) if error.dead_token().is_some() => {
                self.app.lose(platform, Some(workspace), error.dead_token().unwrap_or_default()).await?;
                // A workspace that the organisation does not have can't be lost; its job fails as others do.
                if self.app.store.is_lost(platform, workspace).await? {
                    self.set_aside(job).await
                } else {
                    Err(JobError::Send(error))
                }
            }
            other => other,
        }
    }

    /// Puts a job off until the bot is back.
    async fn set_aside(&self, job: Job) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(job.tenant()).await?;
        let never = self.app.clock.now() - self.app.clock.ahead() + SET_ASIDE_FOR;
        tx.enqueue([Later { job, run_at: Some(never) }]);
        Ok(tx.commit().await?)
    }

    async fn perform(&self, job: Job) -> Result<(), JobError> {
        match job {
            Job::Say { tenant, place } => self.say(tenant, &place).await,
            Job::Show { tenant, subject, kind, place } => self.show(tenant, subject, &kind, &place).await,
            Job::OpenRoom { tenant, incident, platform, workspace } => {
                self.open_room(tenant, incident, platform, &workspace).await
            }
            Job::Invite { tenant, incident, place } => self.invite(tenant, incident, &place).await,
            Job::Due { tenant, subject, kind } => self.due(tenant, subject, kind).await,
            Job::LookUp { tenant, account, place } => self.look_up(tenant, &account, &place).await,
            Job::Homes { tenant } => self.homes(tenant).await,
            Job::Home { tenant, account } => self.home(tenant, &account).await,
            Job::Forget { tenant } => self.forget(tenant).await,
        }
    }
}
