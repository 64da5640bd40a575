//! `wardroom log compare`: do two people hold checkpoints of one history?

use std::path::Path;

use anyhow::{Context, bail};

use crate::cli::out;
use crate::ledger::fork::Kept;
use crate::ledger::note::NoteVerifier;

/// Needs no database: two files, and the key that is trusted.
pub(super) fn compare(one: &Path, other: &Path, key: &str) -> anyhow::Result<()> {
    let key = if Path::new(key).exists() { read(Path::new(key))? } else { key.to_owned() };
    let key = NoteVerifier::parse(&key).context("--key is no public key, nor a file that holds one")?;
    let trusted = [key];
    let (kept, others) = (Kept::read(&read(one)?, &trusted), Kept::read(&read(other)?, &trusted));
    for (path, kept) in [(one, &kept), (other, &others)] {
        if kept.unsigned > 0 {
            out(&format!("{}: {} notes that this key has not signed prove nothing", path.display(), kept.unsigned))?;
        }
        if kept.is_empty() {
            bail!("{} holds no checkpoint that this key has signed", path.display());
        }
    }
    let comparison = kept.compare(&others);
    let Some(first) = comparison.forks.first() else {
        return out(&match comparison.agreed {
            0 => {
                "They have no size in common: nothing can be said. `wardroom log verify` compares each with a database."
                    .to_owned()
            }
            agreed => format!("OK, {agreed} checkpoints agree, and none says otherwise"),
        });
    };
    out(&format!(
        "FORK: two roots are signed for {} entries. Whoever has the key has told this log in two ways; both notes prove it:",
        first.size
    ))?;
    for note in &first.notes {
        out(&format!("\n{}", note.trim_end()))?;
    }
    if comparison.forks.len() > 1 {
        out(&format!("\n{} more sizes are signed twice", comparison.forks.len() - 1))?;
    }
    std::process::exit(1);
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
