//! Changes that are in each other's way.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Kind, Replay, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConflictEffect {
    Opened,
    CoexistAsked,
    Escalated,
    Resolved,
    /// The change has no window any more.
    Yielded,
}

impl ConflictEffect {
    pub(super) fn of(kind: &str) -> Option<ConflictEffect> {
        Some(match kind {
            "conflict.opened" => ConflictEffect::Opened,
            "conflict.coexist_asked" => ConflictEffect::CoexistAsked,
            "conflict.escalated" => ConflictEffect::Escalated,
            "conflict.resolved" => ConflictEffect::Resolved,
            "conflict.yielded" => ConflictEffect::Yielded,
            _ => return None,
        })
    }
}

/// Each under the entry that opens it.
#[derive(Debug, Clone, Default)]
pub(super) struct Conflicts(BTreeMap<i32, Conflict>);

#[derive(Debug, Clone)]
struct Conflict {
    version: i32,
    other: String,
    state: String,
    level: String,
    near: bool,
    side: Option<String>,
}

impl Replay {
    pub(super) fn push_of_conflict(&mut self, seq: i32, effect: ConflictEffect, facts: &Value) {
        self.conflicts.push(seq, effect, facts);
        self.write(seq, |record| {
            if effect != ConflictEffect::Yielded {
                return;
            }
            if record.status != "awaiting_approval" {
                "approved".clone_into(&mut record.status);
            }
            if let Kind::Change { window, .. } = &mut record.of {
                *window = None;
            }
        });
    }
}

impl Conflicts {
    fn push(&mut self, seq: i32, effect: ConflictEffect, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        if effect == ConflictEffect::Opened {
            let (state, level) = ("open".to_owned(), "owners".to_owned());
            let near = facts["near"].as_bool().unwrap_or_default();
            self.0.insert(seq, Conflict { version: seq, other: word("other"), state, level, near, side: None });
            return;
        }
        let opened = facts["opened"].as_i64().and_then(|opened| i32::try_from(opened).ok());
        let Some(one) = opened.and_then(|opened| self.0.get_mut(&opened)) else { return };
        one.version = seq;
        match effect {
            ConflictEffect::CoexistAsked => one.side = Some(word("side")),
            ConflictEffect::Escalated => one.level = word("level"),
            ConflictEffect::Resolved => one.state = word("how"),
            ConflictEffect::Opened | ConflictEffect::Yielded => {}
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| {
            let side = one.side.map(|side| format!(", {side} asks to coexist")).unwrap_or_default();
            let near = if one.near { ", holds nothing up" } else { "" };
            Row { version: one.version, words: format!("{}, {}, {}{near}{side}", one.other, one.state, one.level) }
        })
    }
}
