//! What becomes of a log that does not fit what was signed of it, or whose key is gone: told first; and, where somebody
//! answers for it, it goes on under a new name, with a signed statement of what was lost.
//!
//! The statement is on the disk before the database knows of the new name. Whoever is killed in between finds it there
//! and ends what was begun.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{ChatNotes, Notary, NotaryError, continuation, newest, on_disk};
use crate::domain::event::{Recovered, RecoveryCause};
use crate::ledger::LogName;
use crate::ledger::anchors::{AnchorError, Anchors};
use crate::ledger::note::{Checkpoint, NoteKey};
use crate::ledger::recovery::{Statement, TreeAt, digest};
use crate::store::{StoreError, Tx};

/// Why a log can't go on as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    pub tenant: i64,
    /// The newest name that the folder of signed checkpoints knows.
    pub log: LogName,
    /// Where the newest checkpoint was found.
    pub found: String,
    pub signed: TreeAt,
    pub there: TreeAt,
    /// Each name, and how far what was signed under it still fits.
    pub keeps: Vec<(String, u64)>,
    /// Whether the key that signs it is gone.
    pub is_key_lost: bool,
    /// A recovery that was begun for exactly this, and not ended.
    begun: Option<String>,
}

/// Who answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    pub reason: String,
    pub by: String,
    pub cause: RecoveryCause,
    /// Which backup was restored, where that is the cause.
    pub backup: Option<String>,
    pub at: DateTime<Utc>,
}

impl Misfit {
    /// How many of the entries that were signed are there unchanged, as far as checkpoints tell.
    pub fn fits(&self) -> u64 {
        self.keeps.iter().map(|(_, size)| *size).max().unwrap_or(0)
    }

    /// Whether a recovery was begun for it and not ended.
    pub fn is_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// The name under which it would go on.
    pub fn next(&self) -> LogName {
        self.log.with_epoch(self.log.epoch + 1)
    }
}

impl Notary {
    /// How a log does not fit what was signed outside; `None` where it does. Only looks.
    pub async fn misfit(&self, tenant: i64, chat: &ChatNotes) -> Result<Option<Misfit>, NotaryError> {
        let anchors = self.anchors()?;
        let (name, was_signed) = self.signed_name(tenant).await?;
        let known = {
            let (anchors, name) = (Arc::clone(&anchors), name.clone());
            on_disk(move || Known::read(&anchors, &name, was_signed)).await?
        };
        let contradiction = self.contradiction(tenant, chat).await?;
        let mut tx = self.app.store.begin(tenant).await?;
        let head = tx.tree_head().await?;
        let there = TreeAt { size: head.size, root: head.root };
        let is_known_name = known.log.epoch == name.epoch;
        let continues = match known.newest {
            Some(newest) => continuation(&mut tx, newest, there).await?.is_some(),
            None => true,
        };
        if continues && is_known_name && contradiction.is_none() && !known.is_key_lost {
            return Ok(None);
        }
        let file = known.newest.map(|newest| ("the folder of signed checkpoints".to_owned(), newest));
        let elsewhere =
            contradiction.map(|(found, signed, _)| (found.trim_start_matches("found in ").to_owned(), signed));
        let newest = file.into_iter().chain(elsewhere).max_by_key(|(_, signed)| signed.size);
        let (found, signed) = match newest {
            Some(newest) => newest,
            None => ("the database".to_owned(), tx.newest_signed().await?.unwrap_or(there)),
        };
        let mut keeps = Vec::new();
        for (origin, checkpoints) in known.signed.iter().filter(|(_, checkpoints)| !checkpoints.is_empty()) {
            keeps.push((origin.clone(), fitting(&mut tx, checkpoints, there).await?));
        }
        tx.rollback().await?;
        let begun = known.begun.filter(|(statement, _)| statement.there == there && !is_known_name);
        let begun = begun.map(|(_, note)| note);
        let is_key_lost = known.is_key_lost;
        Ok(Some(Misfit { tenant, log: known.log, found, signed, there, keeps, is_key_lost, begun }))
    }

    /// Goes on with a log under a new name. Nobody else may write meanwhile.
    pub async fn recover(&self, misfit: &Misfit, declared: &Declaration) -> Result<Statement, NotaryError> {
        let Some(alone) = self.app.store.stand_alone().await? else { return Err(NotaryError::BotRuns) };
        let anchors = self.anchors()?;
        let note = if let Some(begun) = misfit.begun.clone() {
            begun
        } else {
            let (anchors, misfit, declared) = (Arc::clone(&anchors), misfit.clone(), declared.clone());
            on_disk(move || declare(&anchors, &misfit, &declared)).await?
        };
        let epoch = if misfit.is_begun() { misfit.log.epoch } else { misfit.next().epoch };
        let origin = misfit.log.with_epoch(epoch).to_string();
        let statement = on_disk(move || {
            let key = anchors.verifiers(&origin)?.swap_remove(0);
            Statement::open(&note, &key)
                .map(|statement| (statement, note))
                .map_err(|source| AnchorError::Statement { path: anchors.folder().to_owned(), source })
        });
        let (statement, note) = statement.await?;
        let tx = self.app.store.begin(misfit.tenant).await?;
        let recovered = Recovered {
            epoch,
            cause: statement.cause,
            signed: statement.signed.size,
            fits: statement.fits(),
            there: statement.there.size,
            statement: digest(&note),
            why: statement.reason.clone(),
            declared_by: statement.by.clone(),
            backup: statement.backup.clone(),
        };
        self.app.record_recovery(tx, recovered, &note).await?;
        self.sign(misfit.tenant).await?;
        alone.stand_back().await?;
        Ok(statement)
    }
}

/// What the folder knows of a log.
struct Known {
    log: LogName,
    newest: Option<TreeAt>,
    is_key_lost: bool,
    /// Each name with all that was signed under it, the smallest first.
    signed: Vec<(String, Vec<Checkpoint>)>,
    /// The statement of the newest name, where nothing was signed under it yet.
    begun: Option<(Statement, String)>,
}

impl Known {
    fn read(anchors: &Anchors, name: &LogName, was_signed: bool) -> Result<Known, AnchorError> {
        let log = name.with_epoch(anchors.newest_epoch(name));
        let (newest, is_key_lost) = match newest(anchors, &log, was_signed && log == *name) {
            Err(AnchorError::LostKey { .. }) => (None, true),
            newest => (newest?, false),
        };
        let outside = anchors.outside(&log)?;
        let mut signed = Vec::new();
        for name in log.and_before() {
            let origin = name.to_string();
            let of = outside.holds.iter().chain(&outside.lost).filter(|checkpoint| checkpoint.origin == origin);
            let mut of: Vec<Checkpoint> = of.cloned().collect();
            of.sort_by_key(|checkpoint| checkpoint.size);
            signed.push((origin, of));
        }
        let is_unused = signed.last().is_some_and(|(_, of)| of.is_empty());
        let statement = outside.recoveries.last().filter(|statement| statement.origin == log.to_string()).cloned();
        let note = anchors.statement(&log.to_string())?;
        let begun = statement.zip(note).filter(|_| is_unused);
        let newest = match &begun {
            // What was declared by a recovery that never took place is not what was signed last.
            Some((statement, _)) => Some(statement.signed),
            // Without its key a file of checkpoints is read all the same.
            None => newest.or_else(|| signed.last().and_then(|(_, of)| of.last()).map(TreeAt::of)),
        };
        Ok(Known { log, newest, is_key_lost, signed, begun })
    }
}

/// The greatest size up to which what was signed is the beginning of what is there. What is signed continues what was
/// signed before it, so that where one fits all before it do.
async fn fitting(tx: &mut Tx, signed: &[Checkpoint], there: TreeAt) -> Result<u64, StoreError> {
    let (mut fits, mut misses) = (0, signed.len());
    while fits < misses {
        let middle = usize::midpoint(fits, misses);
        let is_fit = continuation(tx, TreeAt::of(&signed[middle]), there).await?.is_some();
        if is_fit { fits = middle + 1 } else { misses = middle }
    }
    Ok(fits.checked_sub(1).map_or(0, |last| signed[last].size))
}

/// Writes the statement, signed by the key that signed until now, where it is not lost, and by the one that signs from
/// now on.
fn declare(anchors: &Anchors, misfit: &Misfit, declared: &Declaration) -> Result<String, AnchorError> {
    let origin = misfit.next().to_string();
    let next = anchors.first_key(&origin)?;
    let last = if misfit.is_key_lost { None } else { Some(anchors.hold(&misfit.log)?) };
    let statement = Statement {
        origin: origin.clone(),
        recovers: misfit.log.to_string(),
        cause: declared.cause,
        signed: misfit.signed,
        there: misfit.there,
        keeps: misfit.keeps.clone(),
        key: next.verifier().vkey(),
        at: declared.at,
        by: declared.by.clone(),
        reason: declared.reason.clone(),
        backup: declared.backup.clone(),
    };
    let keys: Vec<&NoteKey> = last.iter().map(|held| &held.key).chain([&next]).collect();
    let note = statement.signed(&keys);
    anchors.keep_statement(&origin, &note)?;
    Ok(note)
}
