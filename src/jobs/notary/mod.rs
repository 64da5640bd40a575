//! The notary: makes leaves of what was committed, and signs what the tree is, for a file outside the database.
//!
//! Woken by each commit of this process, and by the clock for those of others. What hurts is signed at once: whoever
//! waits for it is answered when it is in the file, and one signature serves all who wait.
//!
//! * `chat`: what chat keeps of it, compared.
//! * `erased`: what a restored backup has again.
//! * `recover`: what becomes of a log that does not fit what was signed of it.
//! * `rotate`: another key takes the place of the one that signs.
//! * `witness`: others cosign what was signed.

mod chat;
mod erased;
mod recover;
mod rotate;
mod witness;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use chat::{ChatNotes, KeptInChat};
pub use erased::BackAgain;
pub use recover::{Declaration, Misfit};
pub use rotate::Rotated;
pub use witness::Heard;

use crate::app::{App, HandleError, SetupError};
use crate::clock;
use crate::ledger::LogName;
use crate::ledger::anchors::{AnchorError, Anchors, Published};
use crate::ledger::keyring::Held;
use crate::ledger::merkle::{Hash, is_consistent};
use crate::ledger::note::{Checkpoint, NoteKey};
use crate::ledger::recovery::TreeAt;
use crate::ledger::witness::Witness;
use crate::store::{Job, Later, StoreError, Tx};

/// How long what other processes committed may wait to be seen, and between two tries of what failed.
const POLL: Duration = Duration::from_millis(500);

/// What is committed within this time becomes leaves together: under load a transaction of the sequencer's own for each
/// entry costs more than the entry.
const GATHER: Duration = Duration::from_millis(25);

/// A tree that grew is signed this often: what nobody outside could tell from another log is at most so long.
const EVERY: Duration = Duration::from_mins(1);

/// A trouble that lasts is told of this often.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// Another process that signs at the same moment is seldom; so often in a row it is not another process.
const TRIES: usize = 8;

/// Signs for every log of this deployment. Without anchors it only grows the trees.
#[derive(Debug, Clone)]
pub struct Notary {
    app: App,
    anchors: Option<Arc<Anchors>>,
    witnesses: Arc<Vec<Witness>>,
}

#[derive(Debug, thiserror::Error)]
pub enum NotaryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    #[error(transparent)]
    Handle(#[from] HandleError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(
        "the decision log {log} does not continue what was signed: {signed} entries were signed outside the database, \
         which has {there}{} ({found}). Nothing is written until this is settled: `wardroom log recover` says what does not \
         fit and what can be done",
        if there >= signed { ", but others" } else { "" }
    )]
    Fork { log: String, found: String, signed: u64, there: u64 },
    #[error("a bot of this database is running; stop it first")]
    BotRuns,
    #[error("another process signs {log} all the time")]
    Busy { log: String },
    #[error("--ledger, the folder of the key and of signed checkpoints, is missing")]
    NoAnchors,
}

/// A log as it stands, beside what was signed of it.
struct Ground {
    name: LogName,
    /// What the newest note says; `None` where nothing was ever signed.
    newest: Option<TreeAt>,
    there: TreeAt,
    /// That what is there continues it.
    proof: Vec<Hash>,
}

impl Ground {
    fn signed_size(&self) -> u64 {
        self.newest.map_or(0, |newest| newest.size)
    }
}

impl Notary {
    pub fn new(app: App, anchors: Option<Anchors>) -> Notary {
        Notary { app, anchors: anchors.map(Arc::new), witnesses: Arc::default() }
    }

    /// Whether every log continues what was signed outside. Called before anything is written.
    pub async fn check(&self) -> Result<(), NotaryError> {
        for tenant in self.app.store.tenants().await? {
            if self.anchors.is_some() {
                self.ground(tenant).await?;
            }
        }
        Ok(())
    }

    /// Works until shutdown, and signs once more at the end. Ends by itself only where the log does not continue what was
    /// signed of it: nobody writes on then.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), NotaryError> {
        self.app.store.serve_seals(self.anchors.is_some());
        let ended = tokio::select! {
            ended = self.keep_signing(shutdown) => ended,
            () = self.have_cosigned() => Ok(()),
        };
        self.app.store.serve_seals(false);
        ended
    }

    async fn keep_signing(&self, shutdown: CancellationToken) -> Result<(), NotaryError> {
        let mut tenants: BTreeSet<i64> = self.app.store.tenants().await?.into_iter().collect();
        let mut owed = BTreeSet::new();
        let mut trouble = Trouble::default();
        // Whoever ran before may have been killed between a commit and its signature, or before anybody was told of it.
        let mut sign_at = Instant::now();
        let mut untold = tenants.clone();
        loop {
            let ends = tokio::select! {
                () = shutdown.cancelled() => true,
                () = self.app.store.written(GATHER) => false,
                () = tokio::time::sleep(POLL) => false,
            };
            let mut urgent = self.app.store.take_urgent();
            owed.extend(&urgent.tenants);
            let is_due = ends || Instant::now() >= sign_at;
            // Those for whom somebody waits come first.
            let others: Vec<i64> = tenants.difference(&owed).copied().collect();
            for tenant in owed.clone().into_iter().chain(others) {
                let is_owed = owed.contains(&tenant);
                match self.attend(tenant, is_due || is_owed).await {
                    Ok(is_signed) => {
                        owed.remove(&tenant);
                        urgent.answer(tenant, true);
                        if (untold.remove(&tenant) || is_signed)
                            && let Err(error) = self.tell_of_newest(tenant, is_owed).await
                        {
                            untold.insert(tenant);
                            trouble.tell(&error);
                        }
                    }
                    Err(error @ NotaryError::Fork { .. }) => return Err(error),
                    // Postgres or the disk away is no reason to end: what waits is done when they are back.
                    Err(error) => {
                        urgent.answer(tenant, false);
                        if is_due || is_owed {
                            owed.insert(tenant);
                        }
                        trouble.tell(&error);
                    }
                }
            }
            if is_due {
                sign_at = Instant::now() + EVERY;
                tenants.extend(self.app.store.tenants().await.unwrap_or_default());
            }
            if ends {
                return Ok(());
            }
        }
    }

    /// Signs a log's tree now, if it grew since.
    pub async fn sign(&self, tenant: i64) -> Result<Option<Checkpoint>, NotaryError> {
        self.app.store.sequence(tenant).await?;
        if self.anchors.is_none() {
            return Ok(None);
        }
        let signed = self.publish(tenant, None).await?;
        if signed.is_some() {
            self.tell_of_newest(tenant, false).await?;
        }
        Ok(signed)
    }

    /// Makes leaves, and signs where that is wanted; whether it did.
    async fn attend(&self, tenant: i64, signs: bool) -> Result<bool, NotaryError> {
        self.app.store.sequence(tenant).await?;
        Ok(signs && self.anchors.is_some() && self.publish(tenant, None).await?.is_some())
    }

    /// Signs what is there into the file, where it grew; with a second key also where it did not.
    async fn publish(&self, tenant: i64, second: Option<&Arc<NoteKey>>) -> Result<Option<Checkpoint>, NotaryError> {
        let anchors = self.anchors()?;
        for _ in 0..TRIES {
            let ground = self.ground(tenant).await?;
            if ground.there.size <= ground.signed_size() && second.is_none() {
                return Ok(None);
            }
            self.list_erased(tenant, &ground).await?;
            let (anchors, second) = (Arc::clone(&anchors), second.cloned());
            let signed = on_disk(move || append(&anchors, &ground, second.as_deref())).await?;
            if signed.is_some() {
                metrics::counter!("wardroom_checkpoints_total").increment(1);
                return Ok(signed);
            }
        }
        Err(NotaryError::Busy { log: self.name(tenant).await?.to_string() })
    }

    /// Reads the newest of what was signed and then what is there, and holds the one against the other. The file is read
    /// with no transaction open, and first: what is there only grows.
    async fn ground(&self, tenant: i64) -> Result<Ground, NotaryError> {
        let anchors = self.anchors()?;
        let (name, was_signed) = self.signed_name(tenant).await?;
        let (newest, newest_epoch) = {
            let name = name.clone();
            on_disk(move || Ok((newest(&anchors, &name, was_signed)?, anchors.newest_epoch(&name)))).await?
        };
        let mut tx = self.app.store.begin(tenant).await?;
        let head = tx.tree_head().await?;
        let there = TreeAt { size: head.size, root: head.root };
        let proof = match newest {
            Some(newest) => continuation(&mut tx, newest, there).await?,
            None => Some(Vec::new()),
        };
        tx.rollback().await?;
        match proof.filter(|_| newest_epoch == name.epoch) {
            Some(proof) => Ok(Ground { name, newest, there, proof }),
            None => Err(NotaryError::Fork {
                log: name.to_string(),
                found: "found in the folder of signed checkpoints".to_owned(),
                signed: newest.map_or(0, |newest| newest.size),
                there: there.size,
            }),
        }
    }

    async fn name(&self, tenant: i64) -> Result<LogName, NotaryError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let name = tx.tenant_row().await?.log_name();
        tx.rollback().await?;
        Ok(name)
    }

    /// The log's name, and whether the database knows of anything that was signed of it.
    async fn signed_name(&self, tenant: i64) -> Result<(LogName, bool), NotaryError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let name = tx.tenant_row().await?.log_name();
        let was_signed = tx.newest_checkpoint().await?.is_some();
        tx.rollback().await?;
        Ok((name, was_signed))
    }

    fn anchors(&self) -> Result<Arc<Anchors>, NotaryError> {
        self.anchors.clone().ok_or(NotaryError::NoAnchors)
    }

    /// Keeps the newest checkpoint of the file in the database too, and has it posted where chat keeps them: soon where it
    /// is urgent, otherwise once a minute. After the file: what the database says was signed must be found outside.
    async fn tell_of_newest(&self, tenant: i64, is_urgent: bool) -> Result<(), NotaryError> {
        let Some(anchors) = self.anchors.clone() else { return Ok(()) };
        let name = self.name(tenant).await?;
        let epoch = name.epoch;
        let Some(newest) = on_disk(move || Ok(anchors.hold(&name)?.newest)).await? else { return Ok(()) };
        self.app.store.keep_checkpoint(tenant, epoch, &newest.checkpoint, &newest.note).await?;
        let mut tx = self.app.store.begin(tenant).await?;
        if tx.organisation().await?.log_places().next().is_none() {
            return Ok(tx.rollback().await?);
        }
        let pause = if is_urgent { chat::PAUSE_URGENT } else { chat::PAUSE };
        let run_at = tx.last_posting().await?.map(|last| last + pause).filter(|at| *at > clock::real());
        tx.enqueue([Later { job: Job::PostCheckpoint { tenant, urgent: is_urgent }, run_at }]);
        Ok(tx.commit().await?)
    }
}

/// A trouble that lasts is not told of at every try.
#[derive(Default)]
struct Trouble {
    told_at: Option<Instant>,
}

impl Trouble {
    fn tell(&mut self, error: &NotaryError) {
        if self.told_at.is_none_or(|at| at.elapsed() > TOLD_EVERY) {
            self.told_at = Some(Instant::now());
            tracing::warn!(error = error as &dyn std::error::Error, "the log's tree, or its signature, waits");
        }
    }
}

/// The newest of what was signed. What the database knows of and the folder does not was lost, or stands elsewhere: a
/// checkpoint is in the file before it is in the database.
fn newest(anchors: &Anchors, name: &LogName, was_signed: bool) -> Result<Option<TreeAt>, AnchorError> {
    if was_signed && !anchors.has_key(&name.to_string()) {
        return Err(anchors.lost_key(name));
    }
    let newest = anchors.newest(name)?;
    if was_signed && newest.is_none() { Err(anchors.lost_key(name)) } else { Ok(newest) }
}

/// Proves that what is there continues what was signed; `None` where it does not.
async fn continuation(tx: &mut Tx, signed: TreeAt, there: TreeAt) -> Result<Option<Vec<Hash>>, StoreError> {
    if signed.size == 0 {
        return Ok(Some(Vec::new()));
    }
    if signed.size > there.size {
        return Ok(None);
    }
    let proof = tx.prove_consistency(signed.size, there.size).await?;
    let continues = is_consistent((signed.size, &signed.root), (there.size, &there.root), &proof);
    Ok(continues.then_some(proof))
}

/// Signs into the file; `None` where another process was a moment faster.
fn append(anchors: &Anchors, ground: &Ground, second: Option<&NoteKey>) -> Result<Option<Checkpoint>, AnchorError> {
    let held: Held = anchors.hold(&ground.name)?;
    let newest = held.newest.as_ref().map(|newest| TreeAt::of(&newest.checkpoint));
    if newest.is_some() && newest != ground.newest {
        return Ok(None);
    }
    let TreeAt { size, root } = ground.there;
    let checkpoint = Checkpoint { origin: ground.name.to_string(), size, root };
    let keys: Vec<&NoteKey> = std::iter::once(&held.key).chain(second).collect();
    let note = checkpoint.signed(&keys);
    let (from, proof, at) = (ground.signed_size(), ground.proof.clone(), clock::real());
    anchors.append(&held, &Published { from, checkpoint: checkpoint.clone(), proof, at, note })?;
    Ok(Some(checkpoint))
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AnchorError> + Send + 'static,
) -> Result<T, AnchorError> {
    tokio::task::spawn_blocking(work).await.expect("files are read and written without panics")
}
