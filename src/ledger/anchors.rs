//! What is kept outside the database: for each log the key that signs its checkpoints, and a file of all it signed.
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
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::ExposeSecret;

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

#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    #[error("{doing} {}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("{} can be read by others; the key that signs the log must not be: chmod 600 it", path.display())]
    OpenKey { path: PathBuf },
    #[error("{} holds no key of {log}", path.display())]
    Key { path: PathBuf, log: String, source: NoteError },
    #[error("{}, line {line}: {source}", path.display())]
    Checkpoint { path: PathBuf, line: usize, source: NoteError },
}

impl Anchors {
    pub fn at(folder: impl Into<PathBuf>) -> Anchors {
        Anchors { folder: folder.into() }
    }

    /// The key of a log (`wardroom/harbour`); made where there is none, for this user's eyes only. The public half
    /// stands beside it in a `.vkey`.
    pub fn key(&self, log: &str) -> Result<NoteKey, AnchorError> {
        let path = self.path(log, "key");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return self.new_key(log, &path),
            Err(source) => return Err(AnchorError::Io { doing: "reading", path, source }),
        };
        let mode = std::fs::metadata(&path).map_or(0, |meta| meta.permissions().mode());
        if mode & 0o077 != 0 {
            return Err(AnchorError::OpenKey { path });
        }
        let key = NoteKey::parse(&text)
            .and_then(|key| if key.verifier().name() == log { Ok(key) } else { Err(NoteError::Name) });
        key.map_err(|source| AnchorError::Key { path, log: log.to_owned(), source })
    }

    /// What checks the signatures of a log, for whoever may not read the key.
    pub fn verifier(&self, log: &str) -> Result<NoteVerifier, AnchorError> {
        let path = self.path(log, "vkey");
        let text = std::fs::read_to_string(&path).map_err(|source| AnchorError::Io {
            doing: "reading",
            path: path.clone(),
            source,
        })?;
        NoteVerifier::parse(&text).map_err(|source| AnchorError::Key { path, log: log.to_owned(), source })
    }

    fn new_key(&self, log: &str, path: &Path) -> Result<NoteKey, AnchorError> {
        let of = |source| AnchorError::Key { path: path.to_owned(), log: log.to_owned(), source };
        let key = NoteKey::generate(log).map_err(of)?;
        let failed = |doing| move |source| AnchorError::Io { doing, path: path.to_owned(), source };
        std::fs::create_dir_all(&self.folder).map_err(failed("making the folder of"))?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let line = format!("{}\n", key.secret().expose_secret());
        file.and_then(|mut file| file.write_all(line.as_bytes()).and_then(|()| file.sync_all()))
            .map_err(failed("writing"))?;
        std::fs::write(self.path(log, "vkey"), format!("{}\n", key.verifier().vkey()))
            .map_err(failed("writing the public half of"))?;
        Ok(key)
    }

    /// Appends a checkpoint; on the disk when this returns.
    pub fn append(&self, published: &Published) -> Result<(), AnchorError> {
        let path = self.path(&published.checkpoint.origin, "checkpoints");
        let written = OpenOptions::new().read(true).append(true).create(true).open(&path).and_then(|mut file| {
            cut_torn_record(&mut file)?;
            file.write_all(record(published).as_bytes())?;
            file.sync_all()
        });
        written.map_err(|source| AnchorError::Io { doing: "writing", path, source })
    }

    /// Every checkpoint of a log that this key signed, oldest first. A last record that a crash cut short was never
    /// told to anybody and is left out; anything else that can't be read is an error.
    pub fn checkpoints(&self, verifier: &NoteVerifier) -> Result<Vec<Checkpoint>, AnchorError> {
        let path = self.path(verifier.name(), "checkpoints");
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(AnchorError::Io { doing: "reading", path, source }),
        };
        let mut checkpoints = Vec::new();
        let mut open: Option<(usize, String)> = None;
        for (number, line) in BufReader::new(file).split(b'\n').enumerate() {
            let line = line.map_err(|source| AnchorError::Io { doing: "reading", path: path.clone(), source })?;
            let line = String::from_utf8_lossy(&line);
            if line.starts_with('#') {
                if let Some((line, note)) = open.replace((number + 1, String::new())) {
                    checkpoints.push(read(&note, verifier, &path, line)?);
                }
            } else if let Some((_, note)) = open.as_mut().filter(|_| !line.starts_with("+ ")) {
                note.push_str(&line);
                note.push('\n');
            }
        }
        if let Some((line, note)) = open.filter(|(_, note)| is_complete(note.as_bytes())) {
            checkpoints.push(read(&note, verifier, &path, line)?);
        }
        Ok(checkpoints)
    }

    fn path(&self, log: &str, what: &str) -> PathBuf {
        self.folder.join(format!("{}.{what}", log.replace('/', ".")))
    }
}

fn read(note: &str, verifier: &NoteVerifier, path: &Path, line: usize) -> Result<Checkpoint, AnchorError> {
    let note = format!("{}\n", note.trim_end_matches('\n'));
    Checkpoint::open(&note, verifier).map_err(|source| AnchorError::Checkpoint { path: path.to_owned(), line, source })
}

/// A record ends with a signature and an empty line.
fn is_complete(text: &[u8]) -> bool {
    let Some(text) = text.strip_suffix(b"\n\n") else { return false };
    let last = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    last.starts_with("— ".as_bytes())
}

/// Removes what a crash left half written at the end: it was never told to anybody.
fn cut_torn_record(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(RECORD_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(RECORD_BYTES_MAX).read_to_end(&mut tail)?;
    if tail.is_empty() || is_complete(&tail) {
        return Ok(());
    }
    let kept = tail.windows(2).rposition(|pair| pair == b"\n#").map_or(0, |at| at as u64 + 1);
    file.set_len(from + kept)
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
mod tests {
    use super::*;

    fn anchors(name: &str) -> Anchors {
        let folder = std::env::temp_dir().join(format!("wardroom-anchors-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Anchors::at(folder)
    }

    fn published(key: &NoteKey, from: u64, size: u64) -> Published {
        let checkpoint = Checkpoint { origin: "wardroom/harbour".into(), size, root: [9; 32] };
        let note = checkpoint.signed(&[key]);
        Published { from, checkpoint, proof: vec![[1; 32]; 2], at: DateTime::UNIX_EPOCH, note }
    }

    #[test]
    fn a_key_is_made_once_and_for_nobody_elses_eyes() {
        let anchors = anchors("key");
        let made = anchors.key("wardroom/harbour").unwrap();
        assert_eq!(anchors.key("wardroom/harbour").unwrap().verifier(), made.verifier());
        let path = anchors.path("wardroom/harbour", "key");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(matches!(anchors.key("wardroom/harbour"), Err(AnchorError::OpenKey { .. })));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::write(&path, "not a key").unwrap();
        assert!(matches!(anchors.key("wardroom/harbour"), Err(AnchorError::Key { .. })));
        std::fs::remove_dir_all(&anchors.folder).unwrap();
    }

    #[test]
    fn what_was_signed_is_read_back_and_a_record_cut_short_by_a_crash_is_not() {
        let anchors = anchors("file");
        let key = anchors.key("wardroom/harbour").unwrap();
        assert_eq!(anchors.checkpoints(&key.verifier()).unwrap(), Vec::new());
        let (first, second) = (published(&key, 0, 40), published(&key, 40, 47));
        anchors.append(&first).unwrap();
        anchors.append(&second).unwrap();
        let path = anchors.path("wardroom/harbour", "checkpoints");
        let whole = std::fs::read_to_string(&path).unwrap();
        let both = [first.checkpoint.clone(), second.checkpoint.clone()];
        assert_eq!(anchors.checkpoints(&key.verifier()).unwrap(), both, "{whole}");
        for cut in record(&first).len()..whole.len() {
            std::fs::write(&path, &whole.as_bytes()[..cut]).unwrap();
            assert_eq!(anchors.checkpoints(&key.verifier()).unwrap(), both[..1], "cut at {cut}");
            anchors.append(&second).unwrap();
            assert_eq!(anchors.checkpoints(&key.verifier()).unwrap(), both, "cut at {cut}, then gone on");
        }
        std::fs::write(&path, whole.replacen("40\n", "41\n", 2)).unwrap();
        let error = anchors.checkpoints(&key.verifier()).unwrap_err();
        assert!(error.to_string().ends_with("line 1: its signature does not fit what it says"), "{error}");
        std::fs::remove_dir_all(&anchors.folder).unwrap();
    }
}
