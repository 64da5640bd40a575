//! The key of an entry of the catalogue, short enough to stand in the id of a button.

/// Letters that a key has at most: the check of a policy lets no longer one pass.
const LETTERS_MAX: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryKey {
    letters: [u8; LETTERS_MAX],
    length: usize,
}

impl EntryKey {
    /// `None` where no entry can have it.
    pub fn parse(word: &str) -> Option<EntryKey> {
        let begins = word.starts_with(|letter: char| letter.is_ascii_lowercase());
        let fits = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let mut letters = [0; LETTERS_MAX];
        letters.get_mut(..word.len()).filter(|_| begins && fits)?.copy_from_slice(word.as_bytes());
        Some(EntryKey { letters, length: word.len() })
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.letters[..self.length]).unwrap_or_default()
    }
}
