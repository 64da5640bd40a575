//! The stream: batch after batch, until everything was taken; then it waits for more.

use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::record::Record;
use super::sink::{Sink, SinkError, SinkSettings};
use crate::store::{Store, StoreError};

/// What one batch holds at most.
const BATCH_ENTRIES: usize = 500;
const BATCH_BYTES: usize = 512 << 10;
/// A bot that died holds the sink no longer than this; longer than a receiver may take to answer.
const LEASE: Duration = Duration::from_mins(2);
/// A receiver that has taken nothing for this long is an error, said again as often.
const ALARM: Duration = Duration::from_mins(15);

/// How long it waits.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two looks for new entries.
    pub poll: Duration,
    /// After a first failure; doubled by each further one, up to `most`.
    pub first: Duration,
    pub most: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { poll: Duration::from_secs(1), first: Duration::from_secs(1), most: Duration::from_mins(5) }
    }
}

#[derive(Debug, thiserror::Error)]
enum StreamError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Sends every log of a deployment to one sink.
#[derive(Debug)]
pub struct Streamer {
    store: Store,
    sink: Sink,
    name: String,
    with_texts: bool,
    pace: Pace,
    lease: Uuid,
    /// Smaller for a receiver that finds more too large.
    batch: usize,
}

impl Streamer {
    pub fn new(store: Store, settings: SinkSettings, pace: Pace) -> Result<Streamer, SinkError> {
        Ok(Streamer {
            store,
            sink: Sink::new(settings.way)?,
            name: settings.name,
            with_texts: settings.with_texts,
            pace,
            lease: Uuid::new_v4(),
            batch: BATCH_ENTRIES,
        })
    }

    /// Begins anew at a place in the tree, in every log.
    pub async fn rewind(&self, from: u64) -> Result<(), StoreError> {
        for tenant in self.store.tenants().await? {
            self.store.rewind_sink(tenant, &self.name, from).await?;
        }
        Ok(())
    }

    /// Streams until shutdown. Neither a receiver nor a database that is away ends it.
    pub async fn run(mut self, shutdown: CancellationToken) {
        self.drive(&shutdown, false).await;
        self.release().await;
    }

    /// Streams what there is, and ends when the receiver has all of it; the number of entries.
    pub async fn run_once(mut self, shutdown: &CancellationToken) -> u64 {
        let sent = self.drive(shutdown, true).await;
        self.release().await;
        sent
    }

    async fn drive(&mut self, shutdown: &CancellationToken, once: bool) -> u64 {
        let (mut sent, mut failures, mut failing_since) = (0, 0_u32, None);
        while !shutdown.is_cancelled() {
            let pause = match shutdown.run_until_cancelled(self.round()).await {
                None => break,
                Some(Ok(0)) if once => break,
                Some(Ok(taken)) => {
                    (failures, failing_since) = (0, None);
                    sent += taken;
                    if taken == 0 { self.pace.poll } else { Duration::ZERO }
                }
                Some(Err(StreamError::Sink(SinkError::TooLarge))) => {
                    self.batch = (self.batch / 2).max(1);
                    Duration::ZERO
                }
                Some(Err(error)) => {
                    failures += 1;
                    metrics::counter!("wardroom_siem_failures_total").increment(1);
                    tell(&error, failures, &mut failing_since);
                    self.pause(failures, &error)
                }
            };
            let _ = shutdown.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
        sent
    }

    /// One batch of each log; how many entries were taken.
    async fn round(&self) -> Result<u64, StreamError> {
        let (mut sent, mut lag) = (0, 0);
        for tenant in self.store.tenants().await? {
            let (taken, left) = self.send_batch(tenant).await?;
            sent += taken;
            lag += left;
        }
        metrics::gauge!("wardroom_siem_lag_entries").set(f64::from(u32::try_from(lag).unwrap_or(u32::MAX)));
        metrics::counter!("wardroom_siem_sent_total").increment(sent);
        Ok(sent)
    }

    /// How many were taken, and how many are left. Nothing while another bot sends.
    async fn send_batch(&self, tenant: i64) -> Result<(u64, u64), StreamError> {
        self.store.sequence(tenant).await?;
        let Some(next) = self.store.lease_sink(tenant, &self.name, self.lease, LEASE).await? else { return Ok((0, 0)) };
        let mut tx = self.store.begin(tenant).await?;
        let log = tx.tenant_row().await?.log();
        let size = tx.tree_head().await?.size;
        let rows = tx.stream_rows(next, self.batch, self.with_texts).await?;
        // No transaction is open while a receiver takes its time.
        tx.rollback().await?;
        let (mut records, mut bytes) = (Vec::new(), 0);
        for row in rows {
            bytes += row.body.len() + row.disclosures.iter().map(Vec::len).sum::<usize>();
            if bytes > BATCH_BYTES && !records.is_empty() {
                break;
            }
            records.push(Record::read(&log, row, self.with_texts));
        }
        if records.is_empty() {
            return Ok((0, size.saturating_sub(next)));
        }
        let left = size.saturating_sub(next);
        metrics::gauge!("wardroom_siem_lag_entries").set(f64::from(u32::try_from(left).unwrap_or(u32::MAX)));
        self.sink.send(&records).await?;
        let taken = records.len() as u64;
        // Where another bot has taken over meanwhile it goes on from before: a repetition, and no gap.
        self.store.advance_sink(tenant, &self.name, self.lease, next + taken).await?;
        Ok((taken, left.saturating_sub(taken)))
    }

    /// Doubled by each failure, and not the same for two bots; a receiver's own wish comes first.
    fn pause(&self, failures: u32, error: &StreamError) -> Duration {
        if let StreamError::Sink(SinkError::Failed { after: Some(after), .. }) = error {
            return *after;
        }
        let doubled = self.pace.first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(self.pace.most);
        doubled.mul_f64(rand::rng().random_range(0.5..1.0))
    }

    /// So that the next bot need not wait for the lease to end.
    async fn release(&self) {
        for tenant in self.store.tenants().await.unwrap_or_default() {
            if let Err(error) = self.store.release_sink(tenant, &self.name, self.lease).await {
                tracing::debug!(error = &error as &dyn std::error::Error, "the sink is free when its lease is over");
            }
        }
    }
}

/// The first failure, and then an alarm every quarter of an hour.
fn tell(error: &StreamError, failures: u32, since: &mut Option<Instant>) {
    let began = *since.get_or_insert_with(Instant::now);
    if failures == 1 {
        tracing::warn!(error = error as &dyn std::error::Error, "the SIEM did not take the log; it is tried again");
    } else if began.elapsed() >= ALARM {
        *since = Some(Instant::now());
        tracing::error!(error = error as &dyn std::error::Error, failures, "the SIEM has taken nothing for 15 minutes");
    }
}
