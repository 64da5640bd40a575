//! Freezes, and the exceptions that were asked of them.

use serde_json::Value;

use super::{Effect, Kind, Record, Replay};

/// An exception that was asked of a freeze.
#[derive(Debug, Clone)]
pub(super) struct Override {
    pub(super) version: i32,
    /// `CHG-7 revision 1`
    of: String,
    asked_by: String,
    state: &'static str,
    until: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FreezeEffect {
    Froze,
    Agreed,
    Settling,
    Restored,
    Extended,
    Requested,
    /// The newest exception for a change has this state from now on.
    Exception(&'static str),
}

/// What an entry about a freeze or an exception does.
pub(super) fn effect_of(kind: &str) -> Option<Effect> {
    Some(match kind {
        "freeze.created" => Effect::Freeze(FreezeEffect::Froze),
        "freeze.agreed" => Effect::Freeze(FreezeEffect::Agreed),
        "freeze.begun" => Effect::Became("active"),
        "freeze.stabilising" => Effect::Freeze(FreezeEffect::Settling),
        "freeze.restored" => Effect::Freeze(FreezeEffect::Restored),
        "freeze.extended" => Effect::Freeze(FreezeEffect::Extended),
        "freeze.lifted" => Effect::Became("lifted"),
        "freeze.cancelled" | "freeze.objected" | "freeze.not_agreed" => Effect::Became("cancelled"),
        "override.requested" => Effect::Freeze(FreezeEffect::Requested),
        "override.signed" => Effect::Freeze(FreezeEffect::Exception("requested")),
        "override.granted" => Effect::Freeze(FreezeEffect::Exception("granted")),
        "override.denied" => Effect::Freeze(FreezeEffect::Exception("denied")),
        "override.used" => Effect::Freeze(FreezeEffect::Exception("used")),
        "override.expired" => Effect::Freeze(FreezeEffect::Exception("expired")),
        "override.void" => Effect::Freeze(FreezeEffect::Exception("void")),
        "freeze.announced" | "freeze.awaited" | "freeze.ending" | "freeze.review_due" | "freeze.passed" => {
            Effect::Touched
        }
        _ => return None,
    })
}

impl Replay {
    pub(super) fn push_of_freeze(&mut self, seq: i32, effect: FreezeEffect, actor: &str, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        let yes = |name: &str| facts[name].as_bool().unwrap_or_default();
        let ends = facts["until"].as_str().map(str::to_owned);
        let named = format!("{} revision {}", word("change"), facts["revision"].as_i64().unwrap_or_default());
        match effect {
            FreezeEffect::Froze => {
                let (kind, from) = (word("freeze_kind"), word("from"));
                // How it comes again, and which types of changes it holds up where not all.
                let blocks: Vec<&str> =
                    facts["blocks"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let every = facts["every"].as_str().map(|every| format!(", every {every}")).unwrap_or_default();
                let only = if blocks.is_empty() { String::new() } else { format!(", only {}", blocks.join(" ")) };
                let (hard, wide, rest) = (yes("hard"), yes("wide"), every + &only);
                let of = Kind::Freeze { kind, hard, wide, from, until: ends, rest };
                let status = match (yes("planned"), facts["asked"].is_array()) {
                    (true, true) => "proposed",
                    (true, false) => "scheduled",
                    (false, _) => "active",
                };
                self.record = Some(Record::new(seq, status, of));
            }
            FreezeEffect::Agreed => {
                let is_complete = facts["missing"].as_array().is_none_or(Vec::is_empty);
                self.write(seq, |record| {
                    if is_complete {
                        "scheduled".clone_into(&mut record.status);
                    }
                });
            }
            FreezeEffect::Settling => self.write(seq, |record| {
                if let Kind::Freeze { kind, wide, until, .. } = &mut record.of {
                    "stabilising".clone_into(kind);
                    (*wide, *until) = (false, ends);
                }
            }),
            FreezeEffect::Restored => self.write(seq, |record| {
                if let Kind::Freeze { kind, wide, until, .. } = &mut record.of {
                    "major".clone_into(kind);
                    (*wide, *until) = (yes("wide"), None);
                }
            }),
            FreezeEffect::Extended => self.write(seq, |record| {
                if let Kind::Freeze { until, .. } = &mut record.of {
                    *until = ends;
                }
            }),
            FreezeEffect::Requested => {
                let asked_by = actor.to_owned();
                self.overrides.push(Override { version: seq, of: named, asked_by, state: "requested", until: None });
                self.write(seq, |_| {});
            }
            FreezeEffect::Exception(state) => {
                if let Some(found) = self.overrides.iter_mut().rev().find(|one| one.of == named) {
                    (found.version, found.state) = (seq, state);
                    found.until = ends.or_else(|| found.until.take());
                }
                self.write(seq, |_| {});
            }
        }
    }
}

impl Override {
    pub(super) fn words(&self) -> String {
        let until = self.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
        format!("{} asked by {}, {}{until}", self.of, self.asked_by, self.state)
    }
}
