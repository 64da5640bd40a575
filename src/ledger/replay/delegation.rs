//! What entries of delegations add up to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Effect, Row};

/// Who stands in for whom, under the entry that grants it.
#[derive(Debug, Clone, Default)]
pub(super) struct Delegations(BTreeMap<i32, Delegation>);

#[derive(Debug, Clone)]
struct Delegation {
    version: i32,
    /// `p_tom to p_sam from A to B`
    of: String,
    over: bool,
}

pub(super) fn effect(kind: &str) -> Option<Effect> {
    Some(match kind {
        "delegation.granted" => Effect::Delegated,
        "delegation.began" => Effect::Delegation { over: false },
        "delegation.ended" => Effect::Delegation { over: true },
        _ => return None,
    })
}

impl Delegations {
    pub fn grant(&mut self, seq: i32, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default();
        let of = format!("{} to {} from {} to {}", word("from"), word("to"), word("starts"), word("ends"));
        self.0.insert(seq, Delegation { version: seq, of, over: false });
    }

    /// It begins, or is over.
    pub fn go_on(&mut self, seq: i32, over: bool, facts: &Value) {
        let granted = facts["granted"].as_i64().and_then(|granted| i32::try_from(granted).ok());
        if let Some(one) = granted.and_then(|granted| self.0.get_mut(&granted)) {
            (one.version, one.over) = (seq, over);
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| {
            let words = format!("{}{}", one.of, if one.over { ", over" } else { "" });
            Row { version: one.version, words }
        })
    }
}
