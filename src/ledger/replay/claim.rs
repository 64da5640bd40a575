//! What changes claim, and what was said to it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Replay, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClaimEffect {
    /// Of this kind.
    Made(&'static str),
    /// It has this state from now on.
    Decided(&'static str),
}

impl ClaimEffect {
    pub(super) fn of(kind: &str) -> Option<ClaimEffect> {
        Some(match kind {
            "exploit.claimed" => ClaimEffect::Made("exploit"),
            "clearance.asked" => ClaimEffect::Made("clearance"),
            "exploit.confirmed" | "clearance.given" => ClaimEffect::Decided("confirmed"),
            "exploit.denied" | "clearance.denied" => ClaimEffect::Decided("denied"),
            _ => return None,
        })
    }
}

/// Each under the entry that makes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims(BTreeMap<i32, Claim>);

#[derive(Debug, Clone)]
struct Claim {
    version: i32,
    /// `clearance of INC-7 on revision 1, asked by p_x`
    words: String,
    /// `, confirmed by p_y`
    decided: String,
}

impl Replay {
    pub(super) fn push_of_claim(&mut self, seq: i32, effect: ClaimEffect, actor: &str, facts: &Value) {
        self.claims.push(seq, effect, actor, facts);
        self.write(seq, |_| {});
    }
}

impl Claims {
    fn push(&mut self, seq: i32, effect: ClaimEffect, actor: &str, facts: &Value) {
        match effect {
            ClaimEffect::Made(kind) => {
                let beside = facts["incident"].as_str().map(|incident| format!(" of {incident}")).unwrap_or_default();
                let revision = facts["revision"].as_i64().unwrap_or_default();
                let words = format!("{kind}{beside} on revision {revision}, asked by {actor}");
                self.0.insert(seq, Claim { version: seq, words, decided: String::new() });
            }
            ClaimEffect::Decided(state) => {
                let claimed = facts["claimed"].as_i64().and_then(|claimed| i32::try_from(claimed).ok());
                let Some(one) = claimed.and_then(|claimed| self.0.get_mut(&claimed)) else { return };
                one.version = seq;
                one.decided = format!(", {state} by {actor}");
            }
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| Row { version: one.version, words: one.words + &one.decided })
    }
}
