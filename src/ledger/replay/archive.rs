//! What entries of the archive add up to: the newest bundle of each kind, and the redacted copy that was asked for last.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Part, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ArchiveEffect {
    /// A bundle of this kind is kept.
    Kept(&'static str),
    Removed,
    RedactionAsked,
    /// The redacted copy is this from now on.
    Redaction(&'static str),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Archives {
    /// Each under its kind.
    bundles: BTreeMap<&'static str, Bundle>,
    redaction: Option<Redaction>,
}

#[derive(Debug, Clone)]
struct Bundle {
    version: i32,
    /// `9f2c…, 12 entries, 4096 bytes, up to 40`
    of: String,
    manifest: String,
    older: Vec<String>,
}

#[derive(Debug, Clone)]
struct Redaction {
    version: i32,
    state: &'static str,
    sha256: String,
    asked_by: String,
    approved_by: Option<String>,
}

impl ArchiveEffect {
    pub(super) fn of(kind: &str) -> Option<ArchiveEffect> {
        Some(match kind {
            "archive.sealed" => ArchiveEffect::Kept("sealed"),
            "archive.redacted" => ArchiveEffect::Kept("redacted"),
            "archive.removed" => ArchiveEffect::Removed,
            "redaction.asked" => ArchiveEffect::RedactionAsked,
            "redaction.approved" => ArchiveEffect::Redaction("approved"),
            "redaction.declined" => ArchiveEffect::Redaction("declined"),
            "redaction.void" => ArchiveEffect::Redaction("void"),
            _ => return None,
        })
    }
}

impl Archives {
    pub(super) fn push(&mut self, seq: i32, effect: ArchiveEffect, actor: &str, facts: &Value) {
        match effect {
            ArchiveEffect::Kept(kind) => self.keep(seq, kind, facts),
            ArchiveEffect::Removed => self.remove(seq, facts),
            ArchiveEffect::RedactionAsked => {
                let sha256 = facts["sha256"].as_str().unwrap_or_default().to_owned();
                let (state, asked_by) = ("waiting", actor.to_owned());
                self.redaction = Some(Redaction { version: seq, state, sha256, asked_by, approved_by: None });
            }
            ArchiveEffect::Redaction(state) => {
                if let Some(redaction) = &mut self.redaction {
                    (redaction.version, redaction.state) = (seq, state);
                    if state == "approved" {
                        redaction.approved_by = Some(actor.to_owned());
                    }
                }
            }
        }
    }

    fn keep(&mut self, seq: i32, kind: &'static str, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default();
        let (manifest, entries) = (word("manifest").to_owned(), facts["entries"].as_i64().unwrap_or_default());
        let of = format!("{manifest}, {entries} entries, {} bytes, up to {}", word("bytes"), word("covers"));
        let before = self.bundles.remove(kind);
        let older = before.map(|before| [before.older, vec![before.manifest]].concat()).unwrap_or_default();
        self.bundles.insert(kind, Bundle { version: seq, of, manifest, older });
        if kind == "redacted"
            && let Some(redaction) = &mut self.redaction
        {
            (redaction.version, redaction.state) = (seq, "kept");
        }
    }

    /// An older one, or the newest itself.
    fn remove(&mut self, seq: i32, facts: &Value) {
        let (kind, manifest) = (facts["kind"].as_str().unwrap_or_default(), &facts["manifest"]);
        if self.bundles.get(kind).is_some_and(|bundle| *manifest == bundle.manifest) {
            self.bundles.remove(kind);
        } else if let Some(bundle) = self.bundles.get_mut(kind) {
            bundle.version = seq;
            bundle.older.retain(|older| manifest != older);
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = ((Part, i32), Row)> {
        let bundles = self.bundles.into_iter().map(|(kind, bundle)| {
            let older: Vec<String> = bundle.older.iter().map(|older| format!(", older {older}")).collect();
            let words = format!("{kind} {}{}", bundle.of, older.concat());
            ((Part::Archive, bundle.version), Row { version: bundle.version, words })
        });
        let redaction = self.redaction.map(|one| {
            let approved = one.approved_by.map(|by| format!(", approved by {by}")).unwrap_or_default();
            let words = format!("{} {}, asked by {}{approved}", one.state, one.sha256, one.asked_by);
            ((Part::Redaction, one.version), Row { version: one.version, words })
        });
        bundles.chain(redaction)
    }
}
