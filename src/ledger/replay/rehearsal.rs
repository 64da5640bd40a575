//! Rehearsals of a change's way back.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Replay, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RehearsalEffect {
    /// It is this from now on; an entry that names no earlier one opens it.
    Became(&'static str),
    Waived,
    /// Somebody is told; no rehearsal changes.
    Told,
}

impl RehearsalEffect {
    pub(super) fn of(kind: &str) -> Option<RehearsalEffect> {
        Some(match kind {
            "rehearsal.asked" | "rehearsal.planned" | "rehearsal.moved" => RehearsalEffect::Became("planned"),
            "rehearsal.begun" => RehearsalEffect::Became("running"),
            "rehearsal.proven" => RehearsalEffect::Became("proven"),
            "rehearsal.failed" => RehearsalEffect::Became("failed"),
            "rehearsal.waived" => RehearsalEffect::Waived,
            "rehearsal.reminded" | "rehearsal.voided" => RehearsalEffect::Told,
            _ => return None,
        })
    }
}

/// Each under the entry that opened it.
#[derive(Debug, Clone, Default)]
pub(super) struct Rehearsals(BTreeMap<i32, Rehearsal>);

#[derive(Debug, Clone, Default)]
struct Rehearsal {
    version: i32,
    state: &'static str,
    plan: Option<String>,
    environment: Option<String>,
    observer: Option<String>,
    took: Option<i64>,
}

impl Replay {
    pub(super) fn push_of_rehearsal(&mut self, seq: i32, effect: RehearsalEffect, facts: &Value) {
        self.rehearsals.push(seq, effect, facts);
        self.write(seq, |_| {});
    }
}

impl Rehearsals {
    fn push(&mut self, seq: i32, effect: RehearsalEffect, facts: &Value) {
        let state = match effect {
            RehearsalEffect::Told => return,
            RehearsalEffect::Became(state) => state,
            RehearsalEffect::Waived if facts["accepted"].as_bool().unwrap_or_default() => "accepted",
            RehearsalEffect::Waived => "waived",
        };
        let opened = facts["opened"].as_i64().and_then(|opened| i32::try_from(opened).ok());
        let one = self.0.entry(opened.unwrap_or(seq)).or_default();
        let word = |name: &str| facts[name].as_str().map(str::to_owned);
        one.version = seq;
        one.state = state;
        one.plan = word("plan").or_else(|| one.plan.take());
        one.environment = word("environment").or_else(|| one.environment.take());
        one.observer = word("observer").or_else(|| one.observer.take());
        one.took = facts["took"].as_i64().or(one.took);
        // What is planned anew, or for another day, has not begun.
        if state == "planned" {
            one.plan = None;
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| {
            let said =
                |before: &str, what: Option<String>| what.map(|what| format!("{before}{what}")).unwrap_or_default();
            let words = [
                one.state.to_owned(),
                said(" in ", one.environment),
                said(", watched by ", one.observer),
                said(", took ", one.took.map(|took| took.to_string())),
                said(", of ", one.plan),
            ];
            Row { version: one.version, words: words.concat() }
        })
    }
}
