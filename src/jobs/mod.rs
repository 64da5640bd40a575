//! What happens after the commit, and when time passes. Every job is idempotent: it acts, then records, and looks up an
//! unclear attempt before it repeats it. The same function runs in tests and in service.

mod deliver;
mod due;
mod notary;
mod room;
pub mod schedule;
mod worker;

pub use notary::{Notary, NotaryError};
pub use worker::{Worker, WorkerError};

use crate::app::{App, HandleError};
use crate::platform::{Adapters, SendError};
use crate::store::{Job, StoreError};

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
    pub async fn run(&self, job: Job) -> Result<(), JobError> {
        match job {
            Job::Say { tenant, place } => self.say(tenant, &place).await,
            Job::Show { tenant, subject, kind, place } => self.show(tenant, subject, &kind, &place).await,
            Job::OpenRoom { tenant, incident, platform, workspace } => {
                self.open_room(tenant, incident, platform, &workspace).await
            }
            Job::Invite { tenant, incident, place } => self.invite(tenant, incident, &place).await,
            Job::Due { tenant, subject, kind } => self.due(tenant, subject, kind).await,
            Job::Forget { tenant } => self.forget(tenant).await,
        }
    }
}
