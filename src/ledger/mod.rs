//! The decision log: how an entry is encoded, chained, verified and exported.
//!
//! Each subject has one gapless chain: an entry carries the leaf hash of the one before it. What is hashed is the exact
//! bytes that are stored, never a re-serialisation; names and free text stand beside the chain as salted disclosures.

pub mod anchors;
pub mod archive;
pub mod entry;
pub mod epoch;
pub mod erased;
mod files;
pub mod fork;
pub mod growth;
pub mod keyring;
pub mod merkle;
pub mod note;
pub mod outside;
pub mod receipt;
pub mod reconcile;
pub mod recovery;
pub mod replay;
pub mod report;
pub mod times;
pub mod verify;
pub mod witness;

pub use entry::{Disclosure, Encoded, Head, Origin, encode};
pub use epoch::LogName;
pub use receipt::GivenReceipt;
pub use report::{Finding, Findings, Layer, Report};
pub use verify::{Chain, Stored, Verdict};

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The leaf hash of an entry's bytes (RFC 6962): SHA-256 of a zero byte and the body.
pub fn leaf_hash(body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(body);
    hash.finalize().into()
}

/// What a person is given in chat for an entry: `L INC-42#7 4jlD/tdS`. Closes the time in which nothing outside knows
/// of the entry yet.
pub fn receipt(subject: &str, seq: i32, leaf_hash: &[u8]) -> String {
    let hash: String = STANDARD.encode(leaf_hash).chars().take(8).collect();
    format!("L {subject}#{seq} {hash}")
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
