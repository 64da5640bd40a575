//! The notary: makes leaves of what was committed, and signs what the tree is, for a file outside the database.
//!
//! Woken by each commit of this process, and by the clock for those of others.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::clock;
use crate::ledger::anchors::{AnchorError, Anchors, Published};
use crate::ledger::merkle::is_consistent;
use crate::ledger::note::{Checkpoint, NoteKey};
use crate::store::StoreError;

/// How long what other processes committed may wait to be seen.
const POLL: Duration = Duration::from_millis(500);

/// What is committed within this time becomes leaves together: under load a transaction of the sequencer's own for each
/// entry costs more than the entry.
const GATHER: Duration = Duration::from_millis(25);

/// A tree that grew is signed this often: what nobody outside could tell from another log is at most so long.
const EVERY: Duration = Duration::from_mins(1);

/// Signs for every log of this deployment. Without anchors it only grows the trees.
#[derive(Debug, Clone)]
pub struct Notary {
    app: App,
    anchors: Option<Arc<Anchors>>,
}

#[derive(Debug, thiserror::Error)]
pub enum NotaryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    #[error(
        "the decision log {log} does not continue what was signed: {signed} entries were signed outside the database, \
         which has {there}{}. Nothing is written until this is settled: restore the newest backup, or ask whoever \
         administers the database",
        if there >= signed { ", but others" } else { "" }
    )]
    Fork { log: String, signed: u64, there: u64 },
}

/// One log, with what it is signed by.
struct Log {
    tenant: i64,
    key: NoteKey,
    /// The size of the newest checkpoint.
    signed: u64,
}

impl Notary {
    pub fn new(app: App, anchors: Option<Anchors>) -> Notary {
        Notary { app, anchors: anchors.map(Arc::new) }
    }

    /// Whether every log continues what was signed outside. Called before anything is written.
    pub async fn check(&self) -> Result<(), NotaryError> {
        for tenant in self.app.store.tenants().await? {
            self.log(tenant).await?;
        }
        Ok(())
    }

    /// Works until shutdown, and signs once more at the end.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), NotaryError> {
        let mut logs = Vec::new();
        for tenant in self.app.store.tenants().await? {
            logs.push((tenant, self.log(tenant).await?));
        }
        let mut sign_at = Instant::now() + EVERY;
        loop {
            let ends = tokio::select! {
                () = shutdown.cancelled() => true,
                () = self.gathered() => false,
                () = tokio::time::sleep(POLL) => false,
            };
            let is_due = ends || Instant::now() >= sign_at;
            for (tenant, log) in &mut logs {
                // Postgres away is no reason to end: what waits is made a leaf when it is back.
                if let Err(error) = self.attend(*tenant, log.as_mut().filter(|_| is_due)).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the log's tree waits");
                }
            }
            if is_due {
                sign_at = Instant::now() + EVERY;
            }
            if ends {
                return Ok(());
            }
        }
    }

    async fn gathered(&self) {
        self.app.store.written().await;
        tokio::time::sleep(GATHER).await;
    }

    /// Signs a log's tree now, if it grew since.
    pub async fn sign(&self, tenant: i64) -> Result<Option<Checkpoint>, NotaryError> {
        self.app.store.sequence(tenant).await?;
        match self.log(tenant).await? {
            Some(mut log) => self.publish(&mut log).await,
            None => Ok(None),
        }
    }

    async fn attend(&self, tenant: i64, log: Option<&mut Log>) -> Result<(), NotaryError> {
        self.app.store.sequence(tenant).await?;
        if let Some(log) = log {
            self.publish(log).await?;
        }
        Ok(())
    }

    /// The file first: what the database says was signed must be found outside.
    async fn publish(&self, log: &mut Log) -> Result<Option<Checkpoint>, NotaryError> {
        let Some(anchors) = self.anchors.clone() else { return Ok(None) };
        let mut tx = self.app.store.begin(log.tenant).await?;
        let head = tx.tree_head().await?;
        if head.size <= log.signed {
            return Ok(None);
        }
        let proof = tx.prove_consistency(log.signed, head.size).await?;
        tx.rollback().await?;
        let origin = log.key.verifier().name().to_owned();
        let checkpoint = Checkpoint { origin, size: head.size, root: head.root };
        let note = checkpoint.signed(&[&log.key]);
        let (from, at) = (log.signed, clock::real());
        let published = Published { from, checkpoint: checkpoint.clone(), proof, at, note: note.clone() };
        on_disk(move || anchors.append(&published)).await?;
        self.app.store.keep_checkpoint(log.tenant, &checkpoint, &note).await?;
        log.signed = head.size;
        metrics::counter!("wardroom_checkpoints_total").increment(1);
        Ok(Some(checkpoint))
    }

    /// A log that continues what was signed of it; `None` without anchors.
    async fn log(&self, tenant: i64) -> Result<Option<Log>, NotaryError> {
        let Some(anchors) = self.anchors.clone() else { return Ok(None) };
        let mut tx = self.app.store.begin(tenant).await?;
        let name = tx.tenant_row().await?.log();
        let key = on_disk({
            let (anchors, name) = (Arc::clone(&anchors), name.clone());
            move || anchors.key(&name)
        })
        .await?;
        let verifier = key.verifier();
        let newest = on_disk(move || anchors.checkpoints(&verifier)).await?.pop();
        let head = tx.tree_head().await?;
        let signed = newest.as_ref().map_or(0, |newest| newest.size);
        if let Some(newest) = newest.filter(|newest| newest.size > 0) {
            let continues = newest.size <= head.size && {
                let proof = tx.prove_consistency(newest.size, head.size).await?;
                is_consistent((newest.size, &newest.root), (head.size, &head.root), &proof)
            };
            if !continues {
                return Err(NotaryError::Fork { log: name, signed, there: head.size });
            }
        }
        tx.rollback().await?;
        Ok(Some(Log { tenant, key, signed }))
    }
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AnchorError> + Send + 'static,
) -> Result<T, AnchorError> {
    tokio::task::spawn_blocking(work).await.expect("files are read and written without panics")
}
