//! What entries of the archive add up to: the newest bundle of each kind.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ArchiveEffect {
    Sealed,
    Removed,
}

/// Each under its kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Archives(BTreeMap<String, Bundle>);

#[derive(Debug, Clone)]
struct Bundle {
    version: i32,
    /// `9f2c…, 12 entries, 4096 bytes, up to 40`
    of: String,
    manifest: String,
    older: Vec<String>,
}

impl ArchiveEffect {
    pub(super) fn of(kind: &str) -> Option<ArchiveEffect> {
        match kind {
            "archive.sealed" => Some(ArchiveEffect::Sealed),
            "archive.removed" => Some(ArchiveEffect::Removed),
            _ => None,
        }
    }
}

impl Archives {
    pub(super) fn push(&mut self, seq: i32, effect: ArchiveEffect, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default();
        let manifest = word("manifest").to_owned();
        match effect {
            ArchiveEffect::Sealed => {
                let entries = facts["entries"].as_i64().unwrap_or_default();
                let of = format!("{manifest}, {entries} entries, {} bytes, up to {}", word("bytes"), word("covers"));
                let before = self.0.remove("sealed");
                let older = before.map(|before| [before.older, vec![before.manifest]].concat()).unwrap_or_default();
                self.0.insert("sealed".to_owned(), Bundle { version: seq, of, manifest, older });
            }
            ArchiveEffect::Removed => {
                if let Some(bundle) = self.0.get_mut(word("kind")) {
                    bundle.version = seq;
                    bundle.older.retain(|older| *older != manifest);
                }
            }
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_iter().map(|(kind, bundle)| {
            let older: Vec<String> = bundle.older.iter().map(|older| format!(", older {older}")).collect();
            Row { version: bundle.version, words: format!("{kind} {}{}", bundle.of, older.concat()) }
        })
    }
}
