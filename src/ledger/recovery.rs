//! What is declared of a log that does not fit what was signed of it, or whose key is gone: a signed statement, kept
//! beside the anchors.
//!
//! ```text
//! wardroom/harbour/2                       the name under which it goes on
//! recovers wardroom/harbour
//! cause: backup                            or: fork, or: lost_key
//! signed: 47 2Cb7…=                        the newest that was signed, and its root
//! there: 42 9sQ1…=                         what the database has
//! keeps wardroom/harbour 40                of each name before: up to where it still fits
//! key: wardroom/harbour/2+9f0a…+AZ…        what signs from now on
//! at: 2026-11-24T18:40:00Z
//! by: ops@db1
//! reason: the disk of db1 failed
//! backup: nightly of 23 November           only where a backup was restored
//!
//! — wardroom/harbour Az3g…=                the key that signed until now, unless it is the one that was lost
//! — wardroom/harbour/2 u8Wd…=              and the one that signs from now on
//! ```

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

use super::anchors::{AnchorError, Anchors};
use super::files::{self, PUBLIC};
use super::merkle::Hash;
use super::note::{Checkpoint, NoteError, NoteKey, NoteVerifier};
use crate::domain::event::RecoveryCause;

/// A size and its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeAt {
    pub size: u64,
    pub root: Hash,
}

impl TreeAt {
    pub fn of(checkpoint: &Checkpoint) -> TreeAt {
        TreeAt { size: checkpoint.size, root: checkpoint.root }
    }
}

/// What is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The name under which the log goes on.
    pub origin: String,
    /// The name under which it was signed until now.
    pub recovers: String,
    pub cause: RecoveryCause,
    pub signed: TreeAt,
    pub there: TreeAt,
    /// Each name before, and how far what was signed under it still fits.
    pub keeps: Vec<(String, u64)>,
    /// What checks the signatures from now on.
    pub key: String,
    pub at: DateTime<Utc>,
    pub by: String,
    pub reason: String,
    pub backup: Option<String>,
}

impl Statement {
    /// How many of the entries that were signed are not there, or are others now, as far as checkpoints tell.
    pub fn lost(&self) -> u64 {
        self.signed.size.saturating_sub(self.fits())
    }

    /// How many of the entries that were signed are there unchanged, as far as checkpoints tell.
    pub fn fits(&self) -> u64 {
        self.keeps.iter().map(|(_, size)| *size).max().unwrap_or(0)
    }

    /// The signed note.
    pub fn signed(&self, keys: &[&NoteKey]) -> String {
        let text = self.text();
        let signatures: String = keys.iter().map(|key| key.sign(&text)).collect();
        format!("{text}\n{signatures}")
    }

    /// Reads a statement that this key has signed.
    pub fn open(note: &str, verifier: &NoteVerifier) -> Result<Statement, NoteError> {
        Statement::parse(verifier.open(note)?).ok_or(NoteError::Shape)
    }

    fn text(&self) -> String {
        let at = |tree: TreeAt| format!("{} {}", tree.size, STANDARD.encode(tree.root));
        let mut text = format!("{}\nrecovers {}\ncause: {}\n", self.origin, self.recovers, self.cause.as_str());
        let _ = writeln!(text, "signed: {}\nthere: {}", at(self.signed), at(self.there));
        for (origin, size) in &self.keeps {
            let _ = writeln!(text, "keeps {origin} {size}");
        }
        let moment = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (by, reason) = (one_line(&self.by), one_line(&self.reason));
        let _ = writeln!(text, "key: {}\nat: {moment}\nby: {by}\nreason: {reason}", self.key);
        if let Some(backup) = &self.backup {
            let _ = writeln!(text, "backup: {}", one_line(backup));
        }
        text
    }

    fn parse(text: &str) -> Option<Statement> {
        let mut lines = text.lines();
        let (origin, recovers) = (lines.next()?.to_owned(), lines.next()?.strip_prefix("recovers ")?.to_owned());
        let lines: Vec<&str> = lines.collect();
        let value = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let keeps = lines.iter().filter_map(|line| line.strip_prefix("keeps ")?.rsplit_once(' '));
        let keeps: Option<Vec<(String, u64)>> =
            keeps.map(|(origin, size)| Some((origin.to_owned(), size.parse().ok()?))).collect();
        Some(Statement {
            origin,
            recovers,
            cause: RecoveryCause::parse(value("cause")?)?,
            signed: tree_at(value("signed")?)?,
            there: tree_at(value("there")?)?,
            keeps: keeps?,
            key: value("key")?.to_owned(),
            at: value("at")?.parse().ok()?,
            by: value("by")?.to_owned(),
            reason: value("reason")?.to_owned(),
            backup: value("backup").map(str::to_owned),
        })
    }
}

/// SHA-256 of a note, in hexadecimal: what its entry names.
pub fn digest(note: &str) -> String {
    super::hex(&Sha256::digest(note))
}

fn tree_at(text: &str) -> Option<TreeAt> {
    let (size, root) = text.split_once(' ')?;
    Some(TreeAt { size: size.parse().ok()?, root: STANDARD.decode(root).ok()?.try_into().ok()? })
}

/// A statement is read by lines.
fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

impl Anchors {
    /// The statement with which a log began this name; `None` where there is none.
    pub fn statement(&self, log: &str) -> Result<Option<String>, AnchorError> {
        let path = self.path(log, "recovered");
        files::read(&path).map_err(|source| AnchorError::Io { doing: "reading", path, source })
    }

    /// Keeps a statement; on the disk when this returns.
    pub fn keep_statement(&self, log: &str, note: &str) -> Result<(), AnchorError> {
        let path = self.path(log, "recovered");
        files::replace(&path, note, PUBLIC).map_err(|source| AnchorError::Io { doing: "writing", path, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        Statement {
            origin: "wardroom/harbour/3".into(),
            recovers: "wardroom/harbour/2".into(),
            cause: RecoveryCause::Backup,
            signed: TreeAt { size: 47, root: [1; 32] },
            there: TreeAt { size: 42, root: [2; 32] },
            keeps: vec![("wardroom/harbour".into(), 40), ("wardroom/harbour/2".into(), 41)],
            key: "wardroom/harbour/3+0+A".into(),
            at: DateTime::UNIX_EPOCH,
            by: "ops@db1".into(),
            reason: "the disk failed\nreason: none".into(),
            backup: Some("nightly".into()),
        }
    }

    #[test]
    fn a_statement_reads_what_it_wrote_and_is_no_checkpoint() {
        let (old, new) = ("wardroom/harbour/2", "wardroom/harbour/3");
        let keys = [old, new].map(|name| NoteKey::generate(name).unwrap());
        let note = statement().signed(&[&keys[0], &keys[1]]);
        for key in &keys {
            let read = Statement::open(&note, &key.verifier()).unwrap();
            let told = "the disk failed reason: none".to_owned();
            assert_eq!(read, Statement { reason: told, ..statement() }, "{note}");
            assert_eq!(Checkpoint::open(&note, &key.verifier()), Err(NoteError::Checkpoint));
        }
        assert_eq!((statement().fits(), statement().lost()), (41, 6));
        let spoilt = note.replace("keeps wardroom/harbour 40", "keeps wardroom/harbour 47");
        assert_eq!(Statement::open(&spoilt, &keys[0].verifier()), Err(NoteError::Signature));
    }
}
