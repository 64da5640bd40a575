//! Disputes that the decision authority rules on.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Replay, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RulingEffect {
    Asked,
    PassedOn,
    Given,
    Unanswered,
    Lapsed,
}

impl RulingEffect {
    pub(super) fn of(kind: &str) -> Option<RulingEffect> {
        Some(match kind {
            "ruling.asked" => RulingEffect::Asked,
            "ruling.passed_on" => RulingEffect::PassedOn,
            "ruling.given" => RulingEffect::Given,
            "ruling.unanswered" => RulingEffect::Unanswered,
            "ruling.lapsed" => RulingEffect::Lapsed,
            _ => return None,
        })
    }
}

/// Each under the entry that asks for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Rulings(BTreeMap<i32, Escalation>);

#[derive(Debug, Clone)]
struct Escalation {
    version: i32,
    of: String,
    chain: Vec<String>,
    state: String,
}

impl Replay {
    pub(super) fn push_of_ruling(&mut self, seq: i32, effect: RulingEffect, actor: &str, facts: &Value) {
        self.rulings.push(seq, effect, actor, facts);
        let reopens = facts["reopens"].as_bool().unwrap_or_default();
        self.write(seq, |record| {
            if reopens {
                "awaiting_approval".clone_into(&mut record.status);
            }
        });
    }
}

impl Rulings {
    fn push(&mut self, seq: i32, effect: RulingEffect, actor: &str, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        if effect == RulingEffect::Asked {
            let revision = facts["revision"].as_i64().unwrap_or_default();
            let of = format!("{} on revision {revision} by {}", word("dispute"), word("person"));
            self.0.insert(seq, Escalation { version: seq, of, chain: vec![word("of")], state: "open".to_owned() });
            return;
        }
        let asked = facts["asked"].as_i64().and_then(|asked| i32::try_from(asked).ok());
        let Some(one) = asked.and_then(|asked| self.0.get_mut(&asked)) else { return };
        one.version = seq;
        match effect {
            RulingEffect::PassedOn => one.chain.push(word("to")),
            RulingEffect::Given => {
                let state = match word("verdict").as_str() {
                    "allow" => "allowed",
                    "deny" => "denied",
                    _ => "other",
                };
                one.state = format!("{state} by {actor}");
            }
            RulingEffect::Unanswered => "unanswered".clone_into(&mut one.state),
            RulingEffect::Lapsed => "lapsed".clone_into(&mut one.state),
            RulingEffect::Asked => {}
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| {
            let words = format!("{}, {}, {}", one.of, one.chain.join(" then "), one.state);
            Row { version: one.version, words }
        })
    }
}
