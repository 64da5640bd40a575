//! What is kept outside the database: for each log the keys that sign its checkpoints ([`super::keyring`]), and a file of
//! all they signed.
//!
//! The file is only appended to, and each record carries the proof that its tree continues the one before, so that a
//! witness needs no database:
//!
//! ```text
//! # 40 -> 47 2026-11-24T18:40:00Z
//! + <hash of the proof, base64>
//! wardroom/harbour
//! 47
//! <root, base64>
//!
//! — wardroom/harbour <signature>
//!
//! ```

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};

use super::files;
use super::keyring::Held;
use super::merkle::Hash;
use super::note::{Checkpoint, NoteError, NoteKey, NoteVerifier};

/// A proof of 64 hashes and a note are far below.
const RECORD_BYTES_MAX: u64 = 16 * 1024;

/// A folder of anchors.
#[derive(Debug, Clone)]
pub struct Anchors {
    folder: PathBuf,
}

/// A checkpoint on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The size of the checkpoint before; 0 for the first.
    pub from: u64,
    pub checkpoint: Checkpoint,
    /// That it continues the one before.
    pub proof: Vec<Hash>,
    pub at: DateTime<Utc>,
    pub note: String,
}

/// A checkpoint with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub checkpoint: Checkpoint,
    pub note: String,
}

#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    #[error("{doing} {}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("{} can be read by others; the key that signs the log must not be: chmod 600 it", path.display())]
    OpenKey { path: PathBuf },
    #[error("{} holds no key of {log}", path.display())]
    Key { path: PathBuf, log: String, source: NoteError },
    #[error(
        "{} is gone, the key that signs {log}. Put the folder back from where it is kept; another key is not made in its \
         place, since whoever checks the log could not tell it from a stranger's. Where it is lost for good: \
         `wardroom log recover`",
        path.display()
    )]
    LostKey { path: PathBuf, log: String },
    #[error("{}, line {line}: {source}", path.display())]
    Checkpoint { path: PathBuf, line: usize, source: NoteError },
    #[error("{} is no statement of a recovery that can be trusted: {source}", path.display())]
    Statement { path: PathBuf, source: NoteError },
}

impl Anchors {
    pub fn at(folder: impl Into<PathBuf>) -> Anchors {
        Anchors { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Appends a checkpoint to files that are held; on the disk when this returns.
    pub fn append(&self, _held: &Held, published: &Published) -> Result<(), AnchorError> {
        let path = self.path(&published.checkpoint.origin, "checkpoints");
        let written = OpenOptions::new().read(true).append(true).create(true).open(&path).and_then(|mut file| {
            cut_torn_record(&mut file)?;
            let is_new = file.metadata()?.len() == 0;
            file.write_all(record(published).as_bytes())?;
            file.sync_all()?;
            if is_new { files::sync_folder(&path) } else { Ok(()) }
        });
        written.map_err(|source| AnchorError::Io { doing: "writing", path, source })
    }

    /// Every checkpoint of a log, oldest first, each signed by the key of its time: the first that is listed, and another
    /// one from the checkpoint on that both have signed. A last record that a crash cut short was never told to anybody
    /// and is left out; anything else that can't be read is an error.
    pub fn signed(&self, log: &str) -> Result<Vec<Signed>, AnchorError> {
        self.read(log).map(|(signed, _)| signed)
    }

    /// The same, with the key that has signed the newest; the first one where nothing was signed yet.
    pub(super) fn read(&self, log: &str) -> Result<(Vec<Signed>, Option<NoteVerifier>), AnchorError> {
        let path = self.path(log, "checkpoints");
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let is_known = self.path(log, "vkey").exists();
                let first = if is_known { self.verifiers(log)?.into_iter().next() } else { None };
                return Ok((Vec::new(), first));
            }
            Err(source) => return Err(AnchorError::Io { doing: "reading", path, source }),
        };
        let mut reader = Reader { keys: self.verifiers(log)?, current: 0, path: &path, signed: Vec::new() };
        let mut open: Option<(usize, String)> = None;
        for (number, line) in BufReader::new(file).split(b'\n').enumerate() {
            let line = line.map_err(|source| AnchorError::Io { doing: "reading", path: path.clone(), source })?;
            let line = String::from_utf8_lossy(&line);
            if line.starts_with('#') {
                if let Some((line, note)) = open.replace((number + 1, String::new())) {
                    reader.push(&note, line)?;
                }
            } else if let Some((_, note)) = open.as_mut().filter(|_| !line.starts_with("+ ")) {
                note.push_str(&line);
                note.push('\n');
            }
        }
        if let Some((line, note)) = open.filter(|(_, note)| is_complete(note.as_bytes())) {
            reader.push(&note, line)?;
        }
        let current = reader.keys.swap_remove(reader.current);
        Ok((reader.signed, Some(current)))
    }

    /// The note of the newest whole record, from the end of the file.
    pub(super) fn newest_note(&self, log: &str) -> Result<Option<String>, AnchorError> {
        let path = self.path(log, "checkpoints");
        let tail = match File::open(&path) {
            Ok(mut file) => tail(&mut file).map(|(_, tail)| tail),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error),
        };
        let tail = tail.map_err(|source| AnchorError::Io { doing: "reading", path, source })?;
        let text = String::from_utf8_lossy(&tail);
        // Each record begins with a line of its own; the last may be torn.
        let starts: Vec<usize> = std::iter::once(0)
            .filter(|_| text.starts_with('#'))
            .chain(text.match_indices("\n#").map(|(at, _)| at + 1))
            .collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let whole = starts.iter().zip(ends).map(|(from, to)| &text[*from..to]);
        let newest = whole.filter(|record| is_complete(record.as_bytes())).last();
        Ok(newest.map(|record| {
            let lines = record.lines().skip(1).filter(|line| !line.starts_with("+ "));
            format!("{}\n", lines.collect::<Vec<_>>().join("\n").trim_end_matches('\n'))
        }))
    }

    pub(super) fn read_newest(&self, log: &str, note: &str, key: &NoteKey) -> Result<Signed, AnchorError> {
        let path = self.path(log, "checkpoints");
        let checkpoint = Checkpoint::open(note, &key.verifier()).map_err(|source| {
            let line = std::fs::read_to_string(&path).map_or(0, |text| text.lines().count());
            AnchorError::Checkpoint { path, line, source }
        })?;
        Ok(Signed { checkpoint, note: note.to_owned() })
    }

    pub(super) fn path(&self, log: &str, what: &str) -> PathBuf {
        self.folder.join(format!("{}.{what}", log.replace('/', ".")))
    }
}

/// Reads notes in their order.
struct Reader<'a> {
    keys: Vec<NoteVerifier>,
    /// Which of them signs by now.
    current: usize,
    path: &'a Path,
    signed: Vec<Signed>,
}

impl Reader<'_> {
    fn push(&mut self, note: &str, line: usize) -> Result<(), AnchorError> {
        let note = format!("{}\n", note.trim_end_matches('\n'));
        let checkpoint = Checkpoint::open(&note, &self.keys[self.current])
            .map_err(|source| AnchorError::Checkpoint { path: self.path.to_owned(), line, source })?;
        let later = self.current + 1..self.keys.len();
        if let Some(next) = later.into_iter().find(|next| self.keys[*next].open(&note).is_ok()) {
            self.current = next;
        }
        self.signed.push(Signed { checkpoint, note });
        Ok(())
    }
}

/// A record ends with a signature and an empty line.
fn is_complete(text: &[u8]) -> bool {
    let Some(text) = text.strip_suffix(b"\n\n") else { return false };
    let last = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    last.starts_with("— ".as_bytes())
}

/// Removes what a crash left half written at the end: it was never told to anybody.
fn cut_torn_record(file: &mut File) -> io::Result<()> {
    let (from, tail) = tail(file)?;
    if tail.is_empty() || is_complete(&tail) {
        return Ok(());
    }
    let kept = tail.windows(2).rposition(|pair| pair == b"\n#").map_or(0, |at| at as u64 + 1);
    file.set_len(from + kept)
}

/// Where the last bytes of a file begin, and what they are.
fn tail(file: &mut File) -> io::Result<(u64, Vec<u8>)> {
    let from = file.metadata()?.len().saturating_sub(RECORD_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(RECORD_BYTES_MAX).read_to_end(&mut tail)?;
    Ok((from, tail))
}

fn record(published: &Published) -> String {
    let at = published.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut record = format!("# {} -> {} {at}\n", published.from, published.checkpoint.size);
    for hash in &published.proof {
        let _ = writeln!(record, "+ {}", STANDARD.encode(hash));
    }
    record + &published.note + "\n"
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ledger::LogName;

    pub fn anchors(name: &str) -> Anchors {
        let folder = std::env::temp_dir().join(format!("wardroom-anchors-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Anchors::at(folder)
    }

    pub fn published(keys: &[&NoteKey], from: u64, size: u64) -> Published {
        let checkpoint = Checkpoint { origin: "wardroom/harbour".into(), size, root: [9; 32] };
        let note = checkpoint.signed(keys);
        Published { from, checkpoint, proof: vec![[1; 32]; 2], at: DateTime::UNIX_EPOCH, note }
    }

    fn sizes(anchors: &Anchors) -> Vec<u64> {
        anchors.signed("wardroom/harbour").unwrap().iter().map(|signed| signed.checkpoint.size).collect()
    }

    #[test]
    fn what_was_signed_is_read_back_and_a_record_cut_short_by_a_crash_is_not() {
        let anchors = anchors("file");
        let held = anchors.hold(&LogName { base: "wardroom/harbour".into(), epoch: 1 }).unwrap();
        assert_eq!(sizes(&anchors), [] as [u64; 0]);
        assert!(held.newest.is_none());
        let (first, second) = (published(&[&held.key], 0, 40), published(&[&held.key], 40, 47));
        anchors.append(&held, &first).unwrap();
        anchors.append(&held, &second).unwrap();
        let path = anchors.path("wardroom/harbour", "checkpoints");
        let whole = std::fs::read_to_string(&path).unwrap();
        let newest = || anchors.newest_note("wardroom/harbour").unwrap();
        assert_eq!((sizes(&anchors), newest()), (vec![40, 47], Some(second.note.clone())), "{whole}");
        for cut in record(&first).len()..whole.len() {
            std::fs::write(&path, &whole.as_bytes()[..cut]).unwrap();
            assert_eq!((sizes(&anchors), newest()), (vec![40], Some(first.note.clone())), "cut at {cut}");
            anchors.append(&held, &second).unwrap();
            assert_eq!((sizes(&anchors), newest()), (vec![40, 47], Some(second.note.clone())), "cut at {cut}, gone on");
        }
        std::fs::write(&path, whole.replacen("40\n", "41\n", 2)).unwrap();
        let error = anchors.signed("wardroom/harbour").unwrap_err();
        assert!(error.to_string().ends_with("line 1: its signature does not fit what it says"), "{error}");
        std::fs::remove_dir_all(&anchors.folder).unwrap();
    }
}
