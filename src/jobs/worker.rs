//! The queue's worker. Tests call [`Worker::run_until_idle`], service calls [`Worker::run`]; both run the same jobs.

use std::time::Duration;

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions, WorkerRecoveryConfig};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::Jobs;
use crate::store::job::TASK;
use crate::store::{Job, Presence, Store};

pub struct Worker {
    queue: graphile_worker::Worker,
    store: Store,
    _presence: Presence,
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
        match jobs.run(self.0.clone()).await {
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
    /// Connects to the queue, for so many jobs at a time. Jobs of a worker that died are taken over: at once by the only
    /// bot that is left, within seconds by one of several.
    pub async fn start(jobs: Jobs, concurrency: usize, shutdown: CancellationToken) -> Result<Worker, WorkerError> {
        let store = jobs.app.store.clone();
        let (presence, freed) = store.be_present().await.map_err(|error| WorkerError(chain(&error)))?;
        if freed > 0 {
            tracing::info!(freed, "took over the jobs of a bot that died");
        }
        let recovery = WorkerRecoveryConfig::default()
            .heartbeat_interval(Duration::from_secs(2))
            .sweep_interval(Duration::from_secs(3))
            .sweep_threshold(Duration::from_secs(10))
            .recovery_delay(Duration::from_secs(0));
        let queue = WorkerOptions::default()
            .pg_pool(store.pool().clone())
            .schema("graphile_worker")
            .concurrency(concurrency)
            .poll_interval(Duration::from_secs(1))
            .listen_os_shutdown_signals(false)
            .shutdown_signal(async move { shutdown.cancelled().await })
            .worker_recovery(recovery)
            .add_extension(jobs)
            .define_job::<Task>()
            .init()
            .await
            .map_err(|error| WorkerError(error.to_string()))?;
        Ok(Worker { queue, store, _presence: presence })
    }

    /// Runs jobs until shutdown.
    pub async fn run(&self) -> Result<(), WorkerError> {
        self.queue.run().await.map_err(|error| WorkerError(error.to_string()))
    }

    /// Runs every job that is due, and those that they make, and returns.
    pub async fn run_until_idle(&self) -> Result<(), WorkerError> {
        while self.store.jobs_due().await.map_err(|error| WorkerError(error.to_string()))? > 0 {
            self.queue.run_once().await.map_err(|error| WorkerError(error.to_string()))?;
        }
        Ok(())
    }
}
