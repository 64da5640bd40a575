//! Two sets of signed checkpoints of one log, against each other: two roots that one key signed for one size prove, to
//! anybody, that the log was told in two ways.

use std::collections::BTreeMap;

use super::note::{Checkpoint, NoteVerifier};

/// Signed notes as somebody kept them: a file of anchors, of an export, or one note.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// By size: the note, and what it says.
    signed: BTreeMap<u64, (Checkpoint, String)>,
    /// Two roots that one file has for one size.
    forks: Vec<Fork>,
    /// Notes that no trusted key has signed.
    pub unsigned: usize,
}

/// Two notes, both signed, of two trees of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    pub size: u64,
    pub notes: [String; 2],
}

/// What two sets say of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Sizes for which both have the same root.
    pub agreed: usize,
    /// The smallest first.
    pub forks: Vec<Fork>,
}

impl Kept {
    /// Reads every note of a text that one of the keys has signed.
    pub fn read(text: &str, trusted: &[NoteVerifier]) -> Kept {
        let mut kept = Kept::default();
        for note in notes(text) {
            match trusted.iter().find_map(|key| Checkpoint::open(&note, key).ok()) {
                Some(checkpoint) => kept.keep(checkpoint, note),
                None => kept.unsigned += 1,
            }
        }
        kept
    }

    fn keep(&mut self, checkpoint: Checkpoint, note: String) {
        let size = checkpoint.size;
        match self.signed.get(&size) {
            Some((known, other)) if known.root != checkpoint.root => {
                self.forks.push(Fork { size, notes: [other.clone(), note] });
            }
            Some(_) => {}
            None => drop(self.signed.insert(size, (checkpoint, note))),
        }
    }

    pub fn len(&self) -> usize {
        self.signed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.signed.is_empty()
    }

    /// Compares what both have signed.
    pub fn compare(&self, other: &Kept) -> Comparison {
        let mut agreed = 0;
        let mut forks: Vec<Fork> = self.forks.iter().chain(&other.forks).cloned().collect();
        for (size, (checkpoint, note)) in &self.signed {
            let Some((theirs, their_note)) = other.signed.get(size) else { continue };
            if theirs.root == checkpoint.root && theirs.origin == checkpoint.origin {
                agreed += 1;
            } else if theirs.origin == checkpoint.origin {
                forks.push(Fork { size: *size, notes: [note.clone(), their_note.clone()] });
            }
        }
        forks.sort_by_key(|fork| fork.size);
        Comparison { agreed, forks }
    }
}

/// The notes of a text: a few lines, an empty one, signatures. Lines that begin with `#` or `+ ` are between notes.
fn notes(text: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let (mut body, mut signatures) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("+ ")).chain([""]) {
        if line.starts_with("— ") {
            signatures.push_str(line);
            signatures.push('\n');
        } else if line.is_empty() {
            if !signatures.is_empty() {
                notes.push(format!("{body}\n{signatures}"));
                body.clear();
                signatures.clear();
            }
        } else {
            body.push_str(line);
            body.push('\n');
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::note::NoteKey;

    fn note(key: &NoteKey, size: u64, root: u8) -> String {
        Checkpoint { origin: "wardroom/harbour".into(), size, root: [root; 32] }.signed(&[key])
    }

    #[test]
    fn one_history_agrees_and_two_are_proven_by_both_notes() {
        let key = NoteKey::generate("wardroom/harbour").unwrap();
        let trusted = [key.verifier()];
        let (a, b) = (note(&key, 3, 1), note(&key, 5, 2));
        let kept = Kept::read(&format!("# 0 -> 3\n{a}\n# 3 -> 5\n+ AAAA\n{b}\n"), &trusted);
        assert_eq!((kept.len(), kept.unsigned), (2, 0));
        let one = Kept::read(&a, &trusted);
        assert_eq!(one.compare(&kept), Comparison { agreed: 1, forks: Vec::new() });
        let other = note(&key, 5, 9);
        let forked = Kept::read(&format!("{a}\n{other}"), &trusted);
        let found = kept.compare(&forked);
        assert_eq!((found.agreed, &found.forks[..]), (1, &[Fork { size: 5, notes: [b.clone(), other.clone()] }][..]));
        assert_eq!(Kept::read(&format!("{b}\n{other}"), &trusted).compare(&one).forks.len(), 1, "also inside one file");
    }

    #[test]
    fn what_no_trusted_key_has_signed_proves_nothing() {
        let (key, stranger) = (NoteKey::generate("wardroom/harbour").unwrap(), NoteKey::generate("wardroom/harbour"));
        let kept = Kept::read(&note(&stranger.unwrap(), 5, 9), &[key.verifier()]);
        assert_eq!((kept.is_empty(), kept.unsigned), (true, 1));
        let ours = Kept::read(&note(&key, 5, 1), &[key.verifier()]);
        assert_eq!(ours.compare(&kept), Comparison { agreed: 0, forks: Vec::new() });
    }
}
