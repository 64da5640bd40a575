//! The keys of a log, in its folder of anchors: the one that signs now, those that signed before it, and one that is
//! about to take its place.
//!
//! ```text
//! .key       the secret that signs now; 0600
//! .vkey      the public halves, one a line, oldest first
//! .key.next  the secret that takes its place once both have signed one checkpoint; 0600
//! ```
//!
//! Whatever moment a process is killed at, the next one that opens the keys finds them usable and goes on from there.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::anchors::{AnchorError, Anchors, Signed};
use super::epoch::LogName;
use super::files::{self, PUBLIC, SECRET};
use super::note::{NoteError, NoteKey, NoteVerifier};

/// A log's files, held against every other process.
#[derive(Debug)]
pub struct Held {
    /// What signs now.
    pub key: NoteKey,
    /// The newest record of the file.
    pub newest: Option<Signed>,
    _lock: File,
}

impl Anchors {
    /// Holds a log's files, with its key and its newest checkpoint. A first log's first key is made here; a key that was
    /// about to be replaced, and has signed together with the next one, is replaced.
    pub fn hold(&self, name: &LogName) -> Result<Held, AnchorError> {
        let log = &name.to_string();
        let lock = self.lock(log)?;
        let newest_note = self.newest_note(log)?;
        let mut key = match self.secret(log, "key")? {
            Some(key) => key,
            // A later name's key was made with its statement.
            None if newest_note.is_some() || name.epoch > 1 => {
                return Err(self.lost_key(name));
            }
            None => self.make_key(log)?,
        };
        if let (Some(note), Some(next)) = (&newest_note, self.secret(log, "key.next")?)
            && next.verifier().open(note).is_ok()
        {
            let (from, to) = (self.path(log, "key.next"), self.path(log, "key"));
            files::rename(&from, &to).map_err(|source| AnchorError::Io { doing: "renaming", path: from, source })?;
            key = next;
        }
        let newest = newest_note.map(|note| self.read_newest(log, &note, &key)).transpose()?;
        Ok(Held { key, newest, _lock: lock })
    }

    /// That the key of this name is not where it should be.
    pub fn lost_key(&self, name: &LogName) -> AnchorError {
        let log = name.to_string();
        AnchorError::LostKey { path: self.path(&log, "key"), log }
    }

    /// Whether the key that signs under this name is there.
    pub fn has_key(&self, log: &str) -> bool {
        self.path(log, "key").exists()
    }

    /// What checks the signatures of a log, oldest first, for whoever may not read the key.
    pub fn verifiers(&self, log: &str) -> Result<Vec<NoteVerifier>, AnchorError> {
        let path = self.path(log, "vkey");
        let text = std::fs::read_to_string(&path).map_err(|source| AnchorError::Io {
            doing: "reading",
            path: path.clone(),
            source,
        })?;
        let of = |source| AnchorError::Key { path: path.clone(), log: log.to_owned(), source };
        let keys: Result<Vec<NoteVerifier>, NoteError> = text.lines().map(NoteVerifier::parse).collect();
        match keys.map_err(of)? {
            keys if keys.is_empty() => Err(of(NoteError::Key)),
            keys => Ok(keys),
        }
    }

    /// The first key of a log, for this user's eyes only; the public half stands beside it.
    fn make_key(&self, log: &str) -> Result<NoteKey, AnchorError> {
        let key = self.generate(log)?;
        self.write(log, "vkey", &format!("{}\n", key.verifier().vkey()), PUBLIC)?;
        self.write(log, "key", &format!("{}\n", key.secret().expose_secret()), SECRET)?;
        Ok(key)
    }

    /// The key of a name that is about to be used, made where there is none.
    pub fn first_key(&self, log: &str) -> Result<NoteKey, AnchorError> {
        let _lock = self.lock(log)?;
        match self.secret(log, "key")? {
            Some(key) => Ok(key),
            None => self.make_key(log),
        }
    }

    /// The key that is to take the place of the one that signs, made where there is none yet. Its public half is listed
    /// from now on; it counts once both have signed one checkpoint.
    pub fn next_key(&self, log: &str) -> Result<NoteKey, AnchorError> {
        let _lock = self.lock(log)?;
        let next = if let Some(begun) = self.secret(log, "key.next")? {
            begun
        } else {
            let next = self.generate(log)?;
            self.write(log, "key.next", &format!("{}\n", next.secret().expose_secret()), SECRET)?;
            next
        };
        let mut listed: Vec<String> = self.verifiers(log)?.iter().map(NoteVerifier::vkey).collect();
        let vkey = next.verifier().vkey();
        if !listed.contains(&vkey) {
            listed.push(vkey);
            self.write(log, "vkey", &format!("{}\n", listed.join("\n")), PUBLIC)?;
        }
        Ok(next)
    }

    /// Whether a key is about to take the place of the one that signs.
    pub fn is_rotating(&self, log: &str) -> bool {
        self.path(log, "key.next").exists()
    }

    fn generate(&self, log: &str) -> Result<NoteKey, AnchorError> {
        let path = self.path(log, "key");
        NoteKey::generate(log).map_err(|source| AnchorError::Key { path, log: log.to_owned(), source })
    }

    pub(super) fn lock(&self, log: &str) -> Result<File, AnchorError> {
        let path = self.path(log, "lock");
        let folder = self.folder();
        let failed = |doing, path: &Path| {
            let path = path.to_owned();
            move |source| AnchorError::Io { doing, path, source }
        };
        std::fs::create_dir_all(folder).map_err(failed("making the folder", folder))?;
        files::lock(&path).map_err(failed("locking", &path))
    }

    pub(super) fn write(&self, log: &str, what: &str, text: &str, mode: u32) -> Result<(), AnchorError> {
        let path = self.path(log, what);
        files::replace(&path, text, mode).map_err(|source| AnchorError::Io { doing: "writing", path, source })
    }

    /// A secret of this log; `None` where there is none.
    fn secret(&self, log: &str, what: &str) -> Result<Option<NoteKey>, AnchorError> {
        let path = self.path(log, what);
        let read = files::read(&path);
        let read = read.map_err(|source| AnchorError::Io { doing: "reading", path: path.clone(), source })?;
        let Some(text) = read else { return Ok(None) };
        check_mode(&path)?;
        let key = NoteKey::parse(&text)
            .and_then(|key| if key.verifier().name() == log { Ok(key) } else { Err(NoteError::Name) });
        key.map(Some).map_err(|source| AnchorError::Key { path, log: log.to_owned(), source })
    }
}

fn check_mode(path: &Path) -> Result<(), AnchorError> {
    let others = std::fs::metadata(path).map_or(0, |meta| meta.permissions().mode()) & 0o077;
    if others == 0 { Ok(()) } else { Err(AnchorError::OpenKey { path: PathBuf::from(path) }) }
}

#[cfg(test)]
mod tests {
    use super::super::anchors::tests::{anchors, published};
    use super::*;

    const LOG: &str = "wardroom/harbour";

    fn hold(anchors: &Anchors) -> Result<Held, AnchorError> {
        anchors.hold(&LogName { base: LOG.to_owned(), epoch: 1 })
    }

    #[test]
    fn a_key_is_made_once_and_for_nobody_elses_eyes() {
        let anchors = anchors("key");
        let made = hold(&anchors).unwrap().key.verifier();
        assert_eq!(hold(&anchors).unwrap().key.verifier(), made);
        assert_eq!(anchors.verifiers(LOG).unwrap(), [made]);
        let path = anchors.path(LOG, "key");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(matches!(hold(&anchors), Err(AnchorError::OpenKey { .. })));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::write(&path, "not a key").unwrap();
        assert!(matches!(hold(&anchors), Err(AnchorError::Key { .. })));
        std::fs::remove_dir_all(anchors.folder()).unwrap();
    }

    #[test]
    fn a_key_that_is_gone_is_not_replaced_by_another() {
        let anchors = anchors("gone");
        let key = hold(&anchors).unwrap().key;
        anchors.append(&hold(&anchors).unwrap(), &published(&[&key], 0, 40)).unwrap();
        std::fs::remove_file(anchors.path(LOG, "key")).unwrap();
        assert!(matches!(hold(&anchors), Err(AnchorError::LostKey { .. })));
        std::fs::remove_dir_all(anchors.folder()).unwrap();
    }

    /// The folder after each step of a rotation, as a kill leaves it.
    #[test]
    fn a_rotation_can_be_left_at_any_step_and_the_old_key_counts_for_nothing_after_it() {
        let anchors = anchors("rotation");
        let old = hold(&anchors).unwrap().key;
        anchors.append(&hold(&anchors).unwrap(), &published(&[&old], 0, 40)).unwrap();
        let next = anchors.next_key(LOG).unwrap();
        assert_eq!(anchors.next_key(LOG).unwrap().verifier(), next.verifier(), "begun once");
        let held = hold(&anchors).unwrap();
        assert_eq!(held.key.verifier(), old.verifier(), "until both have signed, the old one signs");
        anchors.append(&held, &published(&[&old], 40, 41)).unwrap();
        drop(held);
        anchors.append(&hold(&anchors).unwrap(), &published(&[&old, &next], 41, 47)).unwrap();
        assert!(anchors.is_rotating(LOG), "killed before the new key has its place");
        assert_eq!(hold(&anchors).unwrap().key.verifier(), next.verifier(), "whoever comes next gives it its place");
        assert!(!anchors.is_rotating(LOG));
        anchors.append(&hold(&anchors).unwrap(), &published(&[&next], 47, 50)).unwrap();
        assert_eq!(anchors.signed(LOG).unwrap().len(), 4);
        assert_eq!(anchors.verifiers(LOG).unwrap(), [old.verifier(), next.verifier()]);

        anchors.append(&hold(&anchors).unwrap(), &published(&[&old], 50, 51)).unwrap();
        let error = anchors.signed(LOG).unwrap_err().to_string();
        assert!(error.ends_with("no key that is trusted has signed it"), "{error}");
        assert!(hold(&anchors).is_err(), "what the old key signs now is no checkpoint");
        std::fs::remove_dir_all(anchors.folder()).unwrap();
    }
}
