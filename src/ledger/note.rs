//! Signed notes and checkpoints in the forms of C2SP (signed-note, tlog-checkpoint), as Go's `sumdb/note` reads them.
//!
//! ```text
//! wardroom/harbour           origin: which deployment, which tenant
//! 47                         how many entries
//! 2Cb7…=                     the root of the tree over them, base64
//!
//! — wardroom/harbour Az3g…=  a signature: key id and Ed25519 over the lines above
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::merkle::Hash;

/// C2SP's number for Ed25519.
const ED25519: u8 = 1;
/// A note is a few lines; anything much longer is none.
const NOTE_BYTES_MAX: usize = 64 * 1024;

/// A key that signs, with the name that it signs under. Not printable.
pub struct NoteKey {
    name: String,
    key: SigningKey,
}

/// A key that is trusted to have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteVerifier {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("it is no key of this form")]
    Key,
    #[error("a key's name has no space and no plus sign, and is not empty")]
    Name,
    #[error("it is no signed note")]
    Shape,
    #[error("no key that is trusted has signed it")]
    Unsigned,
    #[error("its signature does not fit what it says")]
    Signature,
    #[error("it is no checkpoint")]
    Checkpoint,
}

impl std::fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoteKey").field("name", &self.name).finish_non_exhaustive()
    }
}

impl NoteKey {
    /// A new key.
    pub fn generate(name: &str) -> Result<NoteKey, NoteError> {
        NoteKey::new(name, &rand::random())
    }

    fn new(name: &str, seed: &[u8; 32]) -> Result<NoteKey, NoteError> {
        Ok(NoteKey { name: checked(name)?.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// Reads `PRIVATE+KEY+<name>+<id>+<base64>`, as Go's `note.GenerateKey` writes it.
    pub fn parse(text: &str) -> Result<NoteKey, NoteError> {
        let rest = text.trim().strip_prefix("PRIVATE+KEY+").ok_or(NoteError::Key)?;
        let (name, id, seed) = parts(rest, ED25519)?;
        let key = NoteKey::new(name, &seed)?;
        if key.verifier().id == id { Ok(key) } else { Err(NoteError::Key) }
    }

    /// The secret, for a file that nobody else reads.
    pub fn secret(&self) -> secrecy::SecretString {
        let line = key_line(&self.name, self.verifier().id, self.key.as_bytes());
        format!("PRIVATE+KEY+{line}").into()
    }

    pub fn verifier(&self) -> NoteVerifier {
        NoteVerifier::new(&self.name, self.key.verifying_key())
    }

    /// The signature line for a text, which ends with a newline.
    pub fn sign(&self, text: &str) -> String {
        let mut bytes = self.verifier().id.to_vec();
        bytes.extend(self.key.sign(text.as_bytes()).to_bytes());
        format!("— {} {}\n", self.name, STANDARD.encode(bytes))
    }
}

impl NoteVerifier {
    fn new(name: &str, key: VerifyingKey) -> NoteVerifier {
        NoteVerifier { name: name.to_owned(), id: key_id(name, ED25519, key), key }
    }

    /// Reads `<name>+<id>+<base64>`, a "vkey".
    pub fn parse(text: &str) -> Result<NoteVerifier, NoteError> {
        let (name, id, key) = parts(text.trim(), ED25519)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| NoteError::Key)?;
        let verifier = NoteVerifier::new(checked(name)?, key);
        if verifier.id == id { Ok(verifier) } else { Err(NoteError::Key) }
    }

    /// `<name>+<id>+<base64>`: what an auditor is given.
    pub fn vkey(&self) -> String {
        key_line(&self.name, self.id, self.key.as_bytes())
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of a note that this key has signed.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let (text, signatures) = split(note)?;
        let signature = signature_of(signatures, &self.name, self.id)?.ok_or(NoteError::Unsigned)?;
        let signature = Signature::from_slice(&signature).map_err(|_| NoteError::Signature)?;
        let is_theirs = self.key.verify_strict(text.as_bytes(), &signature).is_ok();
        if is_theirs { Ok(text) } else { Err(NoteError::Signature) }
    }
}

/// What tells a key from others of its name.
pub(super) fn key_id(name: &str, algorithm: u8, key: VerifyingKey) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([b'\n', algorithm]);
    hash.update(key.as_bytes());
    let [a, b, c, d, ..]: Hash = hash.finalize().into();
    [a, b, c, d]
}

/// What a key has signed with; `None` where it has not.
pub(super) fn signature_of(signatures: &str, name: &str, id: [u8; 4]) -> Result<Option<Vec<u8>>, NoteError> {
    for line in signatures.lines() {
        let (by, signed) = line.strip_prefix("— ").and_then(|l| l.split_once(' ')).ok_or(NoteError::Shape)?;
        let bytes = STANDARD.decode(signed).map_err(|_| NoteError::Shape)?;
        let (of, signature) = bytes.split_first_chunk::<4>().ok_or(NoteError::Shape)?;
        if by == name && *of == id {
            return Ok(Some(signature.to_vec()));
        }
    }
    Ok(None)
}

/// Text and signatures: the last empty line is between them.
pub(super) fn split(note: &str) -> Result<(&str, &str), NoteError> {
    let is_sound = note.len() <= NOTE_BYTES_MAX && !note.chars().any(|c| c.is_control() && c != '\n');
    let at = note.rfind("\n\n").filter(|_| is_sound).ok_or(NoteError::Shape)?;
    let (text, signatures) = (&note[..=at], &note[at + 2..]);
    if signatures.is_empty() || !signatures.ends_with('\n') { Err(NoteError::Shape) } else { Ok((text, signatures)) }
}

pub(super) fn checked(name: &str) -> Result<&str, NoteError> {
    let is_sound = !name.is_empty() && !name.contains('+') && !name.contains(char::is_whitespace);
    if is_sound { Ok(name) } else { Err(NoteError::Name) }
}

fn key_line(name: &str, id: [u8; 4], key: &[u8; 32]) -> String {
    let typed: Vec<u8> = std::iter::once(ED25519).chain(*key).collect();
    format!("{name}+{}+{}", super::hex(&id), STANDARD.encode(typed))
}

/// `<name>+<id>+<base64>` of the key's type and 32 bytes; base64 has plus signs too, so only the first two count.
pub(super) fn parts(line: &str, algorithm: u8) -> Result<(&str, [u8; 4], [u8; 32]), NoteError> {
    let (name, rest) = line.split_once('+').ok_or(NoteError::Key)?;
    let (id, key) = rest.split_once('+').ok_or(NoteError::Key)?;
    let id = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8).ok_or(NoteError::Key)?;
    let typed = STANDARD.decode(key).map_err(|_| NoteError::Key)?;
    match typed.split_first() {
        Some((typed, key)) if *typed == algorithm => {
            Ok((name, id.to_be_bytes(), key.try_into().map_err(|_| NoteError::Key)?))
        }
        _ => Err(NoteError::Key),
    }
}

/// What a tree was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which deployment and which tenant: `wardroom/harbour`.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The signed note.
    pub fn signed(&self, keys: &[&NoteKey]) -> String {
        let text = self.text();
        let signatures: String = keys.iter().map(|key| key.sign(&text)).collect();
        format!("{text}\n{signatures}")
    }

    /// Reads a note that the key has signed.
    pub fn open(note: &str, verifier: &NoteVerifier) -> Result<Checkpoint, NoteError> {
        Checkpoint::parse(verifier.open(note)?)
    }

    /// What a note says, whoever signed it.
    pub fn claimed(note: &str) -> Result<Checkpoint, NoteError> {
        Checkpoint::parse(split(note)?.0)
    }

    /// Reads the text of a checkpoint; lines beyond the third are extensions, which are left alone.
    fn parse(text: &str) -> Result<Checkpoint, NoteError> {
        let mut lines = text.lines();
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(NoteError::Checkpoint);
        let (origin, size, root) = (line()?, line()?, line()?);
        let size_read: u64 = size.parse().map_err(|_| NoteError::Checkpoint)?;
        // One way to write a number: a signature over another would be a second checkpoint of the same tree.
        if size_read.to_string() != size {
            return Err(NoteError::Checkpoint);
        }
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(NoteError::Checkpoint)?;
        Ok(Checkpoint { origin: origin.to_owned(), size: size_read, root })
    }
}

#[cfg(test)]
#[path = "note_tests.rs"]
mod tests;
