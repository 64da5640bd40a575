//! What a change is to an incident.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Replay, Row};

/// The links of one incident, each under its change.
#[derive(Debug, Clone, Default)]
pub(super) struct Links(BTreeMap<String, Row>);

/// What a link is from this entry on.
pub(super) fn state_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "link.proposed" => "proposed",
        "link.confirmed" => "confirmed",
        "link.rejected" => "rejected",
        _ => return None,
    })
}

impl Replay {
    /// The incident's row is written with that of the link.
    pub(super) fn push_of_link(&mut self, seq: i32, state: &str, actor: &str, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default();
        let guess = facts["confidence"].as_i64().map(|confidence| format!(", {} {confidence}", word("relation")));
        let by = match (state, facts["unanswered"].as_bool().unwrap_or_default()) {
            ("proposed", _) => String::new(),
            (_, true) => " by nobody".to_owned(),
            (_, false) => format!(" by {actor}"),
        };
        let change = word("change").to_owned();
        let words = format!("{change} {}, {}{}, {state}{by}", word("link"), word("origin"), guess.unwrap_or_default());
        self.links.0.insert(change, Row { version: seq, words });
        self.write(seq, |_| {});
    }
}

impl Links {
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values()
    }
}
