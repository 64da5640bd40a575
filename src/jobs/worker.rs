//! The queue's worker. Tests call [`Worker::run_until_idle`], service calls [`Worker::run`]; both run the same jobs.

use std::time::{Duration, Instant};

use graphile_worker::{
    IntoTaskHandlerResult, JobComplete, JobFail, TaskHandler, WorkerContext, WorkerOptions, WorkerRecoveryConfig,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::Jobs;
use crate::store::job::TASK;
use crate::store::{Job, Presence, Store};

/// Between the end of a queue whose Postgres went away and the next attempt, doubled from the first to the last.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How often it is looked whether other bots see this one.
const PRESENT_EVERY: Duration = Duration::from_secs(5);

/// How a worker takes jobs: so many at a time, woken by each commit that has some, and by itself for those whose moment
/// has come.
#[derive(Debug, Clone, Copy)]
pub struct Slots {
    pub at_a_time: usize,
    pub poll: Duration,
}

pub struct Worker {
    queue: graphile_worker::Worker,
    jobs: Jobs,
    slots: Slots,
    shutdown: CancellationToken,
    presence: Mutex<Presence>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the job queue: {0}")]
pub struct WorkerError(String);

/// The queue's view of a [`Job`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Task(Job);

impl TaskHandler for Task {
    const IDENTIFIER: &'static str = TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(jobs) = context.get_ext::<Jobs>() else { return Err("the worker has no jobs".to_owned()) };
        let attempt = *context.job().attempts();
        match Box::pin(jobs.run(self.0.clone())).await {
            Ok(()) => Ok(()),
            Err(error) => {
                let causes = chain(&error);
                // The first failure is ordinary (a platform asks to wait); a repeated one is for the operator.
                if attempt > 1 {
                    tracing::warn!(job = ?self.0, attempt, error = %causes, "a job failed and is tried again");
                } else {
                    tracing::info!(job = ?self.0, attempt, error = %causes, "a job failed and is tried again");
                }
                Err(causes)
            }
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

impl Worker {
    /// Connects to the queue. Jobs of a worker that died are taken over: at once by the only
    /// bot that is left, within seconds by one of several.
    pub async fn start(jobs: Jobs, slots: Slots, shutdown: CancellationToken) -> Result<Worker, WorkerError> {
        let store = jobs.app.store.clone();
        let (presence, freed) = store.be_present().await.map_err(|error| WorkerError(chain(&error)))?;
        if freed > 0 {
            tracing::info!(freed, "took over the jobs of a bot that died");
        }
        let queue = queue(jobs.clone(), slots, shutdown.clone()).await?;
        Ok(Worker { queue, jobs, slots, shutdown, presence: Mutex::new(presence) })
    }

    /// Runs jobs until shutdown. Where Postgres goes away, all that is under way ends, and goes on once it is back.
    pub async fn run(&self) -> Result<(), WorkerError> {
        tokio::select! {
            ended = self.run_again_and_again() => ended,
            () = self.stay_present() => Ok(()),
        }
    }

    async fn run_again_and_again(&self) -> Result<(), WorkerError> {
        let mut next = None;
        let mut pause = PAUSE_MIN;
        loop {
            let queue = next.as_ref().unwrap_or(&self.queue);
            let began = Instant::now();
            let ended = queue.run().await.map_err(|error| WorkerError(error.to_string()));
            if self.shutdown.is_cancelled() || ended.is_ok() {
                return ended;
            }
            if began.elapsed() > PAUSE_MAX {
                pause = PAUSE_MIN;
            }
            let worker = queue.worker_id().clone();
            let mut lost = ended;
            next = loop {
                if let Err(error) = lost {
                    tracing::warn!(error = %error, pause_ms = pause.as_millis(), "the job queue goes on after a pause");
                }
                if self.shutdown.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    return Ok(());
                }
                pause = (pause * 2).min(PAUSE_MAX);
                match self.take_up_again(&worker).await {
                    Ok(queue) => break Some(queue),
                    Err(error) => lost = Err(error),
                }
            };
        }
    }

    /// The queue anew. Nothing of the one that ended is under way any more, so what it held is free.
    async fn take_up_again(&self, ended_worker: &str) -> Result<graphile_worker::Worker, WorkerError> {
        let store = &self.jobs.app.store;
        let freed = store.free_jobs_of(ended_worker).await.map_err(|error| WorkerError(chain(&error)))?;
        tracing::info!(freed, "the job queue goes on");
        queue(self.jobs.clone(), self.slots, self.shutdown.clone()).await
    }

    /// Never ends. Whoever starts while the other bots are not seen takes their jobs for those of the dead.
    async fn stay_present(&self) {
        loop {
            tokio::time::sleep(PRESENT_EVERY).await;
            if let Err(error) = self.presence.lock().await.keep(&self.jobs.app.store).await {
                tracing::warn!(error = %chain(&error), "other bots may not see this one");
            }
        }
    }

    /// Runs every job that is due, and those that they make, and returns.
    pub async fn run_until_idle(&self) -> Result<(), WorkerError> {
        let store = &self.jobs.app.store;
        while store.jobs_due().await.map_err(|error| WorkerError(error.to_string()))? > 0 {
            self.queue.run_once().await.map_err(|error| WorkerError(error.to_string()))?;
        }
        Ok(())
    }
}

async fn queue(jobs: Jobs, slots: Slots, shutdown: CancellationToken) -> Result<graphile_worker::Worker, WorkerError> {
    let recovery = WorkerRecoveryConfig::default()
        .heartbeat_interval(Duration::from_secs(2))
        .sweep_interval(Duration::from_secs(3))
        .sweep_threshold(Duration::from_secs(10))
        .recovery_delay(Duration::from_secs(0));
    WorkerOptions::default()
        .pg_pool(jobs.app.store.pool().clone())
        .schema("graphile_worker")
        .concurrency(slots.at_a_time)
        .poll_interval(slots.poll)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(async move { shutdown.cancelled().await })
        .worker_recovery(recovery)
        .on(JobComplete, {
            let store = jobs.app.store.clone();
            move |_| look_again(store.clone())
        })
        .on(JobFail, {
            let store = jobs.app.store.clone();
            move |_| look_again(store.clone())
        })
        .add_extension(jobs)
        .define_job::<Task>()
        .init()
        .await
        .map_err(|error| WorkerError(error.to_string()))
}

/// A slot looks for a job when it is woken, once; those that look at the same moment hold every channel that is free, so that
/// only one of them finds a job for a channel. What then waits would wait for the clock: whoever has ended a job sees to it.
async fn look_again(store: Store) {
    if let Err(error) = store.wake_for_waiting_jobs().await {
        tracing::debug!(error = %chain(&error), "jobs may wait for a moment");
    }
}
