//! Amendments of the policy.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Effect, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AmendmentEffect {
    Proposed,
    Answered,
    Reopened,
    Reminded,
    Overdue,
    /// It is over.
    Became(&'static str),
}

pub(super) fn effect_of(kind: &str) -> Option<Effect> {
    let effect = match kind {
        "amendment.proposed" => AmendmentEffect::Proposed,
        "amendment.answered" => AmendmentEffect::Answered,
        "amendment.reopened" => AmendmentEffect::Reopened,
        "amendment.reminded" => AmendmentEffect::Reminded,
        "amendment.overdue" => AmendmentEffect::Overdue,
        "amendment.adopted" => AmendmentEffect::Became("adopted"),
        "amendment.declined" => AmendmentEffect::Became("declined"),
        _ => return None,
    };
    Some(Effect::Amendment(effect))
}

/// Each under the entry that asks for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Amendments(BTreeMap<i32, Amendment>);

#[derive(Debug, Clone, Default)]
struct Amendment {
    version: i32,
    name: String,
    origin: String,
    due: String,
    state: &'static str,
    answered_by: Option<i64>,
    reminded: bool,
    overdue: bool,
}

impl Amendments {
    pub(super) fn push(&mut self, seq: i32, effect: AmendmentEffect, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        if effect == AmendmentEffect::Proposed {
            let (name, origin, due) = (word("amendment"), word("origin"), word("due"));
            let new = Amendment { version: seq, name, origin, due, state: "open", ..Amendment::default() };
            self.0.insert(seq, new);
            return;
        }
        let asked = facts["asked"].as_i64().and_then(|asked| i32::try_from(asked).ok());
        let Some(one) = asked.and_then(|asked| self.0.get_mut(&asked)) else { return };
        one.version = seq;
        match effect {
            AmendmentEffect::Proposed => {}
            AmendmentEffect::Answered => (one.state, one.answered_by) = ("answered", facts["proposed"].as_i64()),
            AmendmentEffect::Reopened => (one.state, one.answered_by) = ("open", None),
            AmendmentEffect::Reminded => one.reminded = true,
            AmendmentEffect::Overdue => one.overdue = true,
            AmendmentEffect::Became(state) => one.state = state,
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| {
            let answered = one.answered_by.map(|proposed| format!(", answered by {proposed}")).unwrap_or_default();
            let reminded = if one.reminded { ", reminded" } else { "" };
            let overdue = if one.overdue { ", overdue" } else { "" };
            let words =
                format!("{} for {}, due {}, {}{answered}{reminded}{overdue}", one.name, one.origin, one.due, one.state);
            Row { version: one.version, words }
        })
    }
}
