//! What entries of delegations and absences add up to: each lasts from the entry that names it to the one that ends it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Effect, Part, Row};

/// Who stands in for whom and who is away, under the entry that says so first.
#[derive(Debug, Clone, Default)]
pub(super) struct Spells(BTreeMap<i32, Spell>);

#[derive(Debug, Clone)]
struct Spell {
    part: Part,
    version: i32,
    /// `p_tom to p_sam from A to B`, `p_tom from A to B`
    of: String,
    over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpellEffect {
    Delegated,
    Away,
    /// It begins, or is over.
    GoesOn {
        over: bool,
    },
}

pub(super) fn effect(kind: &str) -> Option<Effect> {
    Some(Effect::Spell(match kind {
        "delegation.granted" => SpellEffect::Delegated,
        "absence.noted" => SpellEffect::Away,
        "delegation.began" | "absence.began" => SpellEffect::GoesOn { over: false },
        "delegation.ended" | "absence.ended" => SpellEffect::GoesOn { over: true },
        _ => return None,
    }))
}

impl Spells {
    pub fn push(&mut self, seq: i32, effect: SpellEffect, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default();
        let (part, whose) = match effect {
            SpellEffect::Delegated => (Part::Delegation, format!("{} to {}", word("from"), word("to"))),
            SpellEffect::Away => (Part::Absence, word("person").to_owned()),
            SpellEffect::GoesOn { over } => return self.go_on(seq, over, facts),
        };
        let of = format!("{whose} from {} to {}", word("starts"), word("ends"));
        self.0.insert(seq, Spell { part, version: seq, of, over: false });
    }

    fn go_on(&mut self, seq: i32, over: bool, facts: &Value) {
        let first = facts["granted"].as_i64().or_else(|| facts["noted"].as_i64());
        let first = first.and_then(|first| i32::try_from(first).ok());
        if let Some(one) = first.and_then(|first| self.0.get_mut(&first)) {
            (one.version, one.over) = (seq, over);
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub fn rows(self) -> impl Iterator<Item = ((Part, i32), Row)> {
        self.0.into_values().map(|one| {
            let words = format!("{}{}", one.of, if one.over { ", over" } else { "" });
            ((one.part, one.version), Row { version: one.version, words })
        })
    }
}
