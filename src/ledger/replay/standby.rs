//! Who stands ready to take a change back.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Replay, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StandbyEffect {
    /// Somebody is booked, and has not said anything yet.
    Booked,
    Taken,
    Confirmed,
    /// Only the row's version grows.
    Asked,
    /// The booking is this from now on.
    Became(&'static str),
    /// Somebody is told; no booking changes.
    Told,
}

impl StandbyEffect {
    pub(super) fn of(kind: &str) -> Option<StandbyEffect> {
        Some(match kind {
            "standby.booked" => StandbyEffect::Booked,
            "standby.taken" => StandbyEffect::Taken,
            "standby.confirmed" => StandbyEffect::Confirmed,
            "standby.asked" => StandbyEffect::Asked,
            "standby.moved" => StandbyEffect::Became("requested"),
            "standby.declined" => StandbyEffect::Became("declined"),
            "standby.missed" => StandbyEffect::Became("missed"),
            "standby.released" => StandbyEffect::Became("released"),
            "standby.exhausted" | "standby.alerted" => StandbyEffect::Told,
            _ => return None,
        })
    }
}

/// Each under the entry that booked somebody.
#[derive(Debug, Clone, Default)]
pub(super) struct Standby(BTreeMap<i32, Booking>);

#[derive(Debug, Clone)]
struct Booking {
    version: i32,
    role: String,
    person: String,
    state: &'static str,
}

impl Replay {
    pub(super) fn push_of_standby(&mut self, seq: i32, effect: StandbyEffect, facts: &Value) {
        self.standby.push(seq, effect, facts);
        self.write(seq, |_| {});
    }
}

impl Standby {
    pub(super) fn push(&mut self, seq: i32, effect: StandbyEffect, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        let confirmed = if facts["again"].as_bool().unwrap_or_default() { "confirmed_again" } else { "confirmed" };
        let state = match effect {
            StandbyEffect::Told => return,
            StandbyEffect::Booked => "requested",
            StandbyEffect::Taken | StandbyEffect::Confirmed => confirmed,
            StandbyEffect::Became(state) => state,
            StandbyEffect::Asked => "",
        };
        if matches!(effect, StandbyEffect::Booked | StandbyEffect::Taken) {
            self.0.insert(seq, Booking { version: seq, role: word("role"), person: word("person"), state });
            return;
        }
        let booked = facts["booked"].as_i64().and_then(|booked| i32::try_from(booked).ok());
        let Some(one) = booked.and_then(|booked| self.0.get_mut(&booked)) else { return };
        one.version = seq;
        if effect != StandbyEffect::Asked {
            one.state = state;
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0
            .into_values()
            .map(|one| Row { version: one.version, words: format!("{} {}, {}", one.role, one.person, one.state) })
    }
}
