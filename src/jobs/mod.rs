//! What happens after the commit, and when time passes. Every job is idempotent: it acts, then records, and looks up an
//! unclear attempt before it repeats it. The same function runs in tests and in service.

mod archive;
mod ask;
mod batch;
mod checkpoint;
mod direct;
mod due;
mod hand;
mod late;
mod meetings;
mod notary;
mod people;
mod pipeline;
mod probe;
mod room;
mod say;
pub mod schedule;
mod show;
mod trouble;
mod turn;
mod validate;
mod voters;
mod worker;

pub use notary::{BackAgain, ChatNotes, Declaration, Heard, KeptInChat, Misfit, Notary, NotaryError, Rotated};
use trouble::{Reach, Trouble};
pub use worker::{Slots, Worker, WorkerError};

use chrono::TimeDelta;

use crate::app::{App, BallotWanted, HandleError, SealError};
use crate::domain::{Command, ConflictCommand, DeadlineKind, Place, Platform, Subject, ValidationCommand};
use crate::platform::{Adapters, Outbound, SendError};
use crate::store::{Job, Later, StoreError};

/// Far enough not to come by itself: `Tx::resume_jobs` makes due what is more than a year away.
const SET_ASIDE_FOR: TimeDelta = TimeDelta::days(3_650);

/// Between two tries of what a person has to mend first: soon enough for them to see that it is mended.
const PERSON_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// Everything that a job needs.
#[derive(Debug, Clone)]
pub struct Jobs {
    pub app: App,
    pub adapters: Adapters,
}

/// A platform's wish to be left alone is granted for an hour at most.
const MAX_WAIT_SECS: i64 = 3_600;

#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Handle(#[from] HandleError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Send(#[from] SendError),
    /// Comes back by itself: the queue tries again.
    #[error("sealing a record")]
    Seal(#[source] Box<SealError>),
    #[error("a card's message was gone; it is posted anew")]
    CardGone,
}

impl Jobs {
    /// Runs one job. An error means: try again later, at the queue's own pace. A platform that asks to wait names the
    /// moment itself, and what a person has to mend first is looked at every few minutes: those are planned, not failed.
    ///
    /// What would go to a workspace that the bot has lost waits there until it is back: a dead token is not tried again.
    pub async fn run(&self, job: Job) -> Result<(), JobError> {
        if let Some((platform, workspace)) = job.reaches()
            && self.app.store.is_lost(platform, workspace).await?
            && self.set_aside(&job, platform, workspace).await?
        {
            return Ok(());
        }
        match self.perform(job.clone()).await {
            Err(JobError::Send(SendError::RateLimited { after_secs, .. })) => {
                let after = i64::try_from(after_secs).unwrap_or(i64::MAX).min(MAX_WAIT_SECS);
                self.later(job, TimeDelta::seconds(after)).await
            }
            Err(JobError::Send(error)) if error.dead_token().is_some() => self.lose(job, error).await,
            outcome => outcome,
        }
    }

    /// Loses the workspace whose token turned out to be dead, and puts the job off until the bot is back there.
    async fn lose(&self, job: Job, error: SendError) -> Result<(), JobError> {
        if let Some((platform, workspace)) = job.reaches() {
            // Asked again, since nobody comes back from this by themselves: a platform's slip is no reason to leave.
            if let Some(adapter) = self.adapters.of(platform)
                && adapter.is_let_in().await.is_ok()
            {
                return Err(JobError::Send(error));
            }
            self.app.lose(platform, Some(workspace), error.dead_token().unwrap_or_default()).await?;
            if self.set_aside(&job, platform, workspace).await? {
                let place = Place { platform, workspace: workspace.to_owned(), channel: String::new() };
                let (subject, deed) = (Subject::Organisation, "speak".to_owned());
                let trouble =
                    Trouble { subject, place: &place, deed, kind: "lost", reach: Reach::Fixers, again: false };
                return self.report(job.tenant(), &trouble, &error).await;
            }
        }
        // A workspace that the organisation does not have can't be lost; its job fails as others do.
        Err(JobError::Send(error))
    }

    /// Puts a job off until the bot is back; false where it is back already.
    async fn set_aside(&self, job: &Job, platform: Platform, workspace: &str) -> Result<bool, JobError> {
        let mut tx = self.app.store.begin(job.tenant()).await?;
        let is_lost = tx.is_lost_until_commit(platform, workspace).await?;
        if is_lost {
            let never = self.app.clock.now() - self.app.clock.ahead() + SET_ASIDE_FOR;
            tx.enqueue([Later { job: job.clone(), run_at: Some(never) }]);
        }
        tx.commit().await?;
        Ok(is_lost)
    }

    /// Plans a job, in the place of the one like it that runs.
    async fn later(&self, job: Job, after: TimeDelta) -> Result<(), JobError> {
        let run_at = self.app.clock.now() - self.app.clock.ahead() + after;
        let mut tx = self.app.store.begin(job.tenant()).await?;
        tx.enqueue([Later { job, run_at: Some(run_at).filter(|_| !after.is_zero()) }]);
        Ok(tx.commit().await?)
    }

    async fn perform(&self, job: Job) -> Result<(), JobError> {
        match job {
            Job::Say { tenant, place, urgency } => self.say(tenant, &place, urgency).await,
            Job::Turn { tenant, change } => self.turn(tenant, change).await,
            Job::CheckHold { tenant, change } => {
                let (subject, command) = (Subject::Change(change), format!("hold:CHG-{change}"));
                Ok(self.app.perform(tenant, subject, Command::CheckHold, &command).await?)
            }
            Job::CheckConflict { tenant, change } => {
                let (subject, command) = (Subject::Change(change), format!("conflict:CHG-{change}"));
                Ok(self.app.perform(tenant, subject, Command::Conflict(ConflictCommand::Check), &command).await?)
            }
            Job::CheckAsks { tenant, change } => {
                let (subject, command) = (Subject::Change(change), format!("asks:CHG-{change}"));
                let look = Command::Due { deadline: DeadlineKind::Silence, at: self.app.clock.now() };
                Ok(self.app.perform(tenant, subject, look, &command).await?)
            }
            Job::CheckIncidents { tenant, change, critical } => {
                let (subject, command) = (Subject::Change(change), format!("incidents:CHG-{change}"));
                let look = Command::Validation(ValidationCommand::Incidents { critical });
                Ok(self.app.perform(tenant, subject, look, &command).await?)
            }
            Job::Batch { tenant, batch } => self.run_batch(tenant, batch).await,
            Job::DeclareFailure { tenant, change, asked } => {
                Ok(self.app.declare_failure(tenant, change, asked).await?)
            }
            Job::Tell { tenant, trouble, person } => self.tell(tenant, trouble, &person).await,
            Job::Direct { tenant, person, key, message } => self.direct(tenant, &person, &key, &message).await,
            Job::Ask { tenant, change, person, key, message } => {
                self.ask(tenant, change, &person, &key, &message).await
            }
            Job::Show { tenant, subject, kind, place } => self.show(tenant, subject, &kind, &place).await,
            Job::OpenRoom { tenant, incident, platform, workspace } => {
                self.open_room(tenant, incident, platform, &workspace).await
            }
            Job::Invite { tenant, incident, place } => self.invite(tenant, incident, &place).await,
            Job::Due { tenant, subject, kind } => self.due(tenant, subject, kind).await,
            Job::LookUp { tenant, account, place } => self.look_up(tenant, &account, &place).await,
            Job::Homes { tenant } => self.homes(tenant).await,
            Job::Home { tenant, account } => self.home(tenant, &account).await,
            Job::PostCheckpoint { tenant, .. } => self.post_checkpoint(tenant).await,
            Job::AskVoter { tenant, change, revision, person, percent } => {
                self.ask_voter(tenant, &BallotWanted { change, revision, person, percent }).await
            }
            Job::Hand { tenant, account, place, key, part } => self.hand(tenant, &account, &place, &key, &part).await,
            Job::Forget { tenant } => self.forget(tenant).await,
            Job::Meet { tenant } => self.convene(tenant).await,
            Job::Retain { tenant } => Ok(self.app.retain(tenant).await?),
            Job::Seal { tenant, incident } => self.seal(tenant, incident).await,
        }
    }
}
