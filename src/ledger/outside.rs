//! All that was signed of a log, over every name that it had: what it must agree with, and what was declared lost.

use std::collections::{BTreeMap, BTreeSet};

use super::anchors::{AnchorError, Anchors, Signed};
use super::epoch::LogName;
use super::note::{Checkpoint, NoteError, NoteVerifier};
use super::recovery::{Statement, TreeAt};
use crate::domain::event::RecoveryCause;

/// By what a note is judged, whoever kept it.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Every key of every name, in the order in which it came to count.
    pub keys: Vec<NoteVerifier>,
    /// How far each name that was given up still counts.
    limits: BTreeMap<String, u64>,
    /// Names whose key was lost: what it signed may be nobody's to check any more.
    keyless: BTreeSet<String>,
}

/// What stands outside the database.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    pub trust: Trust,
    /// What the tree must agree with.
    pub holds: Vec<Checkpoint>,
    /// What was signed and declared lost.
    pub lost: Vec<Checkpoint>,
    /// Each recovery, oldest first.
    pub recoveries: Vec<Statement>,
    /// Every note, in the order in which it was signed: statements and checkpoints.
    pub notes: Vec<String>,
}

/// What a note says against a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// The log must agree with it.
    Holds(Checkpoint),
    /// It was declared lost.
    Lost,
    /// It is none of this log's.
    Foreign,
}

impl Anchors {
    /// Reads all that was signed of a log, under each of its names.
    pub fn outside(&self, log: &LogName) -> Result<Outside, AnchorError> {
        let mut outside = Outside::default();
        let (mut all, mut current) = (Vec::new(), None);
        for name in log.with_epoch(self.newest_epoch(log)).and_before() {
            let origin = name.to_string();
            if let Some(note) = self.statement(&origin)? {
                let statement = self.trusted(&origin, &note, current.as_ref())?;
                outside.trust.heed(&name, &statement);
                outside.notes.push(note);
                outside.recoveries.push(statement);
            }
            let (signed, last_key) = self.read(&origin)?;
            current = last_key.or(current);
            outside.notes.extend(signed.iter().map(|signed| signed.note.clone()));
            all.extend(signed.into_iter().map(|signed| signed.checkpoint));
            outside.trust.keys.extend(self.listed(&origin)?);
        }
        (outside.holds, outside.lost) = all.into_iter().partition(|checkpoint| outside.trust.counts(checkpoint));
        Ok(outside)
    }

    /// By what notes from elsewhere are judged, without a look at all that was signed.
    pub fn trust(&self, log: &LogName) -> Result<Trust, AnchorError> {
        let mut trust = Trust::default();
        for name in log.with_epoch(self.newest_epoch(log)).and_before() {
            let origin = name.to_string();
            let keys = self.listed(&origin)?;
            if let (Some(note), Some(first)) = (self.statement(&origin)?, keys.first()) {
                let path = self.path(&origin, "recovered");
                let statement = Statement::open(&note, first);
                let statement = statement.map_err(|source| AnchorError::Statement { path, source })?;
                trust.heed(&name, &statement);
            }
            trust.keys.extend(keys);
        }
        Ok(trust)
    }

    /// The newest name that this folder knows of a log: the database may know an older one.
    pub fn newest_epoch(&self, log: &LogName) -> i32 {
        let mut newest = log.clone();
        while self.path(&newest.with_epoch(newest.epoch + 1).to_string(), "recovered").exists() {
            newest.epoch += 1;
        }
        newest.epoch
    }

    /// What the newest note says that the log is: a checkpoint under its newest name, or the statement with which that
    /// name began. `None` where nothing was ever signed.
    pub fn newest(&self, log: &LogName) -> Result<Option<TreeAt>, AnchorError> {
        let name = log.with_epoch(self.newest_epoch(log));
        let held = self.hold(&name)?;
        if let Some(Signed { checkpoint, .. }) = &held.newest {
            return Ok(Some(TreeAt::of(checkpoint)));
        }
        let origin = name.to_string();
        let Some(note) = self.statement(&origin)? else { return Ok(None) };
        let path = self.path(&origin, "recovered");
        let statement = Statement::open(&note, &held.key.verifier());
        statement.map(|statement| Some(statement.there)).map_err(|source| AnchorError::Statement { path, source })
    }

    /// The keys of a name; none where nothing was ever signed under it.
    fn listed(&self, origin: &str) -> Result<Vec<NoteVerifier>, AnchorError> {
        if self.path(origin, "vkey").exists() { self.verifiers(origin) } else { Ok(Vec::new()) }
    }

    /// A statement counts where the key that it names has signed it, and the one that signed until then. Where that one is
    /// lost, the new one signs alone: whoever reads the log is told so each time.
    fn trusted(&self, origin: &str, note: &str, before: Option<&NoteVerifier>) -> Result<Statement, AnchorError> {
        let path = self.path(origin, "recovered");
        let fails = |source| AnchorError::Statement { path: path.clone(), source };
        let keys = self.listed(origin)?;
        let next = keys.first().ok_or(NoteError::Unsigned).map_err(fails)?;
        let statement = Statement::open(note, next).map_err(fails)?;
        if statement.key != next.vkey() {
            return Err(fails(NoteError::Key));
        }
        if statement.cause != RecoveryCause::LostKey {
            let before = before.ok_or(NoteError::Unsigned).map_err(fails)?;
            Statement::open(note, before).map_err(fails)?;
        }
        Ok(statement)
    }
}

impl Trust {
    pub fn judge(&self, note: &str) -> Judged {
        let opened = |key: &NoteVerifier| Checkpoint::open(note, key).ok().filter(|read| read.origin == key.name());
        match self.keys.iter().find_map(opened) {
            Some(checkpoint) if self.counts(&checkpoint) => Judged::Holds(checkpoint),
            Some(_) => Judged::Lost,
            None => Judged::Foreign,
        }
    }

    /// Takes in what a recovery has declared.
    fn heed(&mut self, name: &LogName, statement: &Statement) {
        self.limits.extend(statement.keeps.iter().cloned());
        if statement.cause == RecoveryCause::LostKey {
            self.keyless.extend(name.and_before().rev().skip(1).map(|before| before.to_string()));
        }
    }

    /// Whether the key of this name was declared lost.
    pub fn is_keyless(&self, origin: &str) -> bool {
        self.keyless.contains(origin)
    }

    /// Whether a checkpoint still binds: what a recovery has declared lost does not.
    pub fn counts(&self, checkpoint: &Checkpoint) -> bool {
        self.limits.get(&checkpoint.origin).is_none_or(|limit| checkpoint.size <= *limit)
    }
}
