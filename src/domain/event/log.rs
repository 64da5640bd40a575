//! What happens to the decision log itself.

use super::Draft;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogEvent {
    /// It goes on under a new name, because it did not fit what was signed of it, or nobody has the key any more. Boxed:
    /// it tells much.
    Recovered(Box<Recovered>),
    /// Another key signs it from the next checkpoint on.
    KeyRotated { vkey: String, replaces: String },
}

/// What was signed, what was there, and who says why it can't go on as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    pub epoch: i32,
    pub cause: RecoveryCause,
    /// How many entries were signed at most.
    pub signed: u64,
    /// How many of them are there unchanged, as far as checkpoints tell.
    pub fits: u64,
    /// How many entries were there.
    pub there: u64,
    /// SHA-256 of the signed statement, in hexadecimal.
    pub statement: String,
    pub why: String,
    pub declared_by: String,
    pub backup: Option<String>,
}

/// Why a log goes on under a new name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryCause {
    /// Somebody restored a backup, lawfully.
    Backup,
    /// Nobody knows, or nobody should have.
    Fork,
    /// The key that signed it is gone.
    LostKey,
}

impl RecoveryCause {
    pub fn as_str(self) -> &'static str {
        match self {
            RecoveryCause::Backup => "backup",
            RecoveryCause::Fork => "fork",
            RecoveryCause::LostKey => "lost_key",
        }
    }

    pub fn parse(word: &str) -> Option<RecoveryCause> {
        [RecoveryCause::Backup, RecoveryCause::Fork, RecoveryCause::LostKey]
            .into_iter()
            .find(|cause| cause.as_str() == word)
    }
}

impl LogEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            LogEvent::Recovered(recovered) => Draft::new("log.recovered")
                .int("epoch", recovered.epoch)
                .word("cause", recovered.cause.as_str())
                .word("signed", recovered.signed.to_string())
                .word("fits", recovered.fits.to_string())
                .word("there", recovered.there.to_string())
                .word("statement", &recovered.statement)
                .text("why", &recovered.why)
                .text("declared_by", &recovered.declared_by)
                .maybe(recovered.backup.as_ref(), |draft, backup| draft.text("backup", backup)),
            LogEvent::KeyRotated { vkey, replaces } => {
                Draft::new("log.key_rotated").word("vkey", vkey).word("replaces", replaces)
            }
        }
    }
}
