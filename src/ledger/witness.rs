//! Witnesses, in the forms of C2SP (tlog-witness, tlog-cosignature): somebody else remembers the newest checkpoint that they
//! saw of a log, and cosigns only what continues it. Whoever has our database, our key and our folder has not theirs.
//!
//! ```text
//! wardroom/harbour
//! 47
//! 2Cb7…=
//!
//! — wardroom/harbour Az3g…=
//! — witness.example/w1 jWbP…=   key id, when, and Ed25519 over "cosignature/v1", that moment and the lines above
//! ```
//!
//! The folder of anchors keeps the newest that each of them has cosigned, in a file of its own: `.cosigned-<key id>`.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, VerifyingKey};
use url::Url;

use crate::address::is_private;

use super::anchors::{AnchorError, Anchors, Signed};
use super::files::{self, PUBLIC};
use super::merkle::Hash;
use super::note::{Checkpoint, NoteError, checked, key_id, parts, signature_of, split};

/// C2SP's number for timestamped Ed25519 cosignatures.
const COSIGNATURE: u8 = 4;

/// A witness, with the key that its cosignatures are checked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
    /// What `add-checkpoint` is asked below.
    url: Url,
}

/// A checkpoint that a witness has cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    pub checkpoint: Checkpoint,
    /// When, as the witness says.
    pub at: DateTime<Utc>,
    /// With the signature of the log and that of the witness.
    pub note: String,
}

/// What a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Cosigned(Cosigned),
    /// What it cosigned last is of another size than we thought.
    Has(u64),
    /// It saw something that this does not continue.
    Disputes,
    /// It can't be asked, with a reason.
    Refuses(String),
}

impl Witness {
    /// Reads `<vkey> <address>`; plain http is accepted for this machine only.
    pub fn parse(text: &str) -> Result<Witness, String> {
        let (vkey, url) = text.trim().split_once(' ').ok_or(WANTED)?;
        let key = |_| format!("its key is no vkey of an Ed25519 cosigner: {WANTED}");
        let (name, id, bytes) = parts(vkey, COSIGNATURE).map_err(key)?;
        let name = checked(name).map_err(key)?.to_owned();
        let verifies = VerifyingKey::from_bytes(&bytes).map_err(|_| key(NoteError::Key))?;
        if key_id(&name, COSIGNATURE, verifies) != id {
            return Err(key(NoteError::Key));
        }
        let url = Url::parse(url.trim()).map_err(|_| format!("its address is none: {WANTED}"))?;
        let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !is_plain || !is_private(&url) {
            return Err(format!("its address is not https, or more than a host and a path: {WANTED}"));
        }
        Ok(Witness { name, id, key: verifies, url })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where a new checkpoint is handed in.
    pub fn address(&self) -> String {
        format!("{}/add-checkpoint", self.url.as_str().trim_end_matches('/'))
    }

    /// Reads a note that this witness has cosigned, whoever's log it is.
    pub fn open(&self, note: &str) -> Result<Cosigned, NoteError> {
        let (text, signatures) = split(note)?;
        let signed = signature_of(signatures, &self.name, self.id)?.ok_or(NoteError::Unsigned)?;
        let (seconds, signature) = signed.split_first_chunk::<8>().ok_or(NoteError::Signature)?;
        let seconds = u64::from_be_bytes(*seconds);
        let signature = Signature::from_slice(signature).map_err(|_| NoteError::Signature)?;
        let message = format!("cosignature/v1\ntime {seconds}\n{text}");
        self.key.verify_strict(message.as_bytes(), &signature).map_err(|_| NoteError::Signature)?;
        let at = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let at = at.filter(|_| seconds > 0).ok_or(NoteError::Signature)?;
        Ok(Cosigned { checkpoint: Checkpoint::claimed(note)?, at, note: note.to_owned() })
    }

    /// What an answer over HTTP says of a checkpoint that was handed in as one that continues the `old` size.
    pub fn answer(&self, (status, body): (u16, &str), old: u64, signed: &Signed) -> Answer {
        match status {
            200 => self.cosigned(body, signed).map_or_else(
                |error| Answer::Refuses(format!("it answered with a cosignature that does not count: {error}")),
                Answer::Cosigned,
            ),
            409 => match body.trim_end().parse() {
                Ok(size) if size != old => Answer::Has(size),
                // Of the same size there is nothing to prove: its root is another. Some say so with 409, others with 422.
                _ if old == signed.checkpoint.size => Answer::Disputes,
                _ => Answer::Refuses("it did not say what it has".to_owned()),
            },
            422 => Answer::Disputes,
            403 => Answer::Refuses(
                "it does not trust the key that signs the log: its operator needs the newest".to_owned(),
            ),
            404 => Answer::Refuses("it does not know the log: its operator needs the log's name and key".to_owned()),
            other => Answer::Refuses(format!("it answered {other}")),
        }
    }

    /// Our note with its line; lines of others are left out.
    fn cosigned(&self, body: &str, signed: &Signed) -> Result<Cosigned, NoteError> {
        let is_theirs = |line: &&str| signature_of(line, &self.name, self.id).is_ok_and(|signed| signed.is_some());
        let line = body.lines().find(is_theirs).ok_or(NoteError::Unsigned)?;
        self.open(&format!("{}{line}\n", signed.note))
    }
}

const WANTED: &str =
    "write the witness's key and its address, as in \"witness.example/w1+8d66cf3f+BKey… https://witness.example\"";

/// What is sent to a witness: the size that it has, the proof that ours continues it, and ours.
pub fn request(old: u64, proof: &[Hash], signed: &Signed) -> String {
    let mut request = format!("old {old}\n");
    for hash in proof {
        let _ = writeln!(request, "{}", STANDARD.encode(hash));
    }
    request + "\n" + &signed.note
}

impl Anchors {
    /// The newest that was signed under this name of a log, for whoever may not read the key: a witness checks it.
    pub fn newest_signed(&self, log: &str) -> Result<Option<Signed>, AnchorError> {
        let Some(note) = self.newest_note(log)? else { return Ok(None) };
        let claimed = Checkpoint::claimed(&note);
        let path = self.path(log, "checkpoints");
        let checkpoint = claimed.map_err(|source| AnchorError::Checkpoint { path, line: 0, source })?;
        Ok(Some(Signed { checkpoint, note }))
    }

    /// The newest that a witness has cosigned under this name of a log; `None` where it has not yet.
    pub fn cosigned(&self, log: &str, witness: &Witness) -> Result<Option<Cosigned>, AnchorError> {
        let path = self.path(log, &witness.file());
        let read = files::read(&path);
        let read = read.map_err(|source| AnchorError::Io { doing: "reading", path: path.clone(), source })?;
        let opened = read.map(|note| witness.open(&note));
        opened.transpose().map_err(|source| AnchorError::Checkpoint { path, line: 1, source })
    }

    /// Keeps what a witness has cosigned, unless there is newer.
    pub fn keep_cosigned(&self, log: &str, witness: &Witness, new: &Cosigned) -> Result<(), AnchorError> {
        let _lock = self.lock(log)?;
        let is_newer = match self.cosigned(log, witness) {
            Ok(Some(kept)) => new.checkpoint.size >= kept.checkpoint.size,
            // What can't be read is worth nothing beside what was cosigned just now.
            Ok(None) | Err(AnchorError::Checkpoint { .. }) => true,
            Err(error) => return Err(error),
        };
        if is_newer { self.write(log, &witness.file(), &new.note, PUBLIC) } else { Ok(()) }
    }
}

impl Witness {
    fn file(&self) -> String {
        format!("cosigned-{}", super::hex(&self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::note::NoteKey;
    use super::*;

    /// The key of a witness that is out there.
    const REMORA: &str = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";

    fn remora() -> Witness {
        Witness::parse(&format!("{REMORA} https://remora.n621.de/witness/")).unwrap()
    }

    fn signed() -> Signed {
        let checkpoint = Checkpoint { origin: "wardroom/harbour".into(), size: 47, root: [0x2d; 32] };
        let note = checkpoint.signed(&[&NoteKey::generate("wardroom/harbour").unwrap()]);
        Signed { checkpoint, note }
    }

    #[test]
    fn a_witness_is_named_by_its_key_and_where_it_is_asked() {
        let witness = remora();
        assert_eq!(witness.name(), "remora.n621.de");
        assert_eq!(witness.address(), "https://remora.n621.de/witness/add-checkpoint");
        assert_eq!(witness.file(), "cosigned-da77ade7");
        assert!(Witness::parse(&format!("{REMORA} http://127.0.0.1:9")).is_ok(), "this machine");
        let ours = NoteKey::generate("wardroom/harbour").unwrap().verifier().vkey();
        for (text, words) in [
            (REMORA.to_owned(), "write the witness's key and its address"),
            (format!("{ours} https://a.example"), "its key is no vkey of an Ed25519 cosigner"),
            (format!("{} https://a.example", REMORA.replace("da77", "da78")), "its key is no vkey"),
            (format!("{REMORA} http://a.example"), "its address is not https"),
            (format!("{REMORA} https://me@a.example"), "more than a host and a path"),
            (format!("{REMORA} a.example"), "its address is none"),
        ] {
            let refused = Witness::parse(&text).unwrap_err();
            assert!(refused.contains(words), "{text}: {refused}");
        }
    }

    #[test]
    fn what_is_handed_in_has_the_form_of_the_protocol() {
        let signed = signed();
        assert_eq!(request(0, &[], &signed), format!("old 0\n\n{}", signed.note));
        let hash = STANDARD.encode([1; 32]);
        assert_eq!(request(40, &[[1; 32], [1; 32]], &signed), format!("old 40\n{hash}\n{hash}\n\n{}", signed.note));
    }

    #[test]
    fn an_answer_counts_only_where_it_is_what_it_should_be() {
        let (witness, signed) = (remora(), signed());
        assert_eq!(witness.answer((409, "47\n"), 40, &signed), Answer::Has(47));
        for answered in [(422, ""), (409, ""), (409, "47\n")] {
            assert_eq!(witness.answer(answered, 47, &signed), Answer::Disputes, "{answered:?} of the same size");
        }
        let line = |bytes: &[u8]| format!("— remora.n621.de {}\n", STANDARD.encode([&witness.id[..], bytes].concat()));
        let bodies = [String::new(), "200".to_owned(), line(b""), line(&[0; 72]), line(&[7; 72]), signed.note.clone()];
        for (status, body) in
            bodies.iter().map(|body| (200, body.as_str())).chain([(409, "many"), (409, "40\n"), (404, ""), (500, "")])
        {
            let answer = witness.answer((status, body), 40, &signed);
            assert!(matches!(answer, Answer::Refuses(_)), "{status} {body}: {answer:?}");
        }
    }
}
