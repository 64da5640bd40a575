//! The review of a change.

use serde_json::Value;

use super::Replay;

/// The review of a change.
#[derive(Debug, Clone)]
pub(super) struct Pir {
    pub(super) version: i32,
    reason: String,
    due: String,
    overdue: bool,
    /// The verdict, and whose it is.
    closed: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PirEffect {
    Opened,
    Reminded,
    Overdue,
    Closed,
}

impl PirEffect {
    pub(super) fn of(kind: &str) -> Option<PirEffect> {
        Some(match kind {
            "pir.opened" => PirEffect::Opened,
            "pir.reminded" => PirEffect::Reminded,
            "pir.overdue" => PirEffect::Overdue,
            "pir.closed" => PirEffect::Closed,
            _ => return None,
        })
    }
}

impl Replay {
    /// The change's row is written with that of its review.
    pub(super) fn push_of_pir(&mut self, seq: i32, effect: PirEffect, actor: &str, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        if effect == PirEffect::Opened {
            // Entries of before there were others name no reason.
            let reason = facts["reason"].as_str().unwrap_or("emergency").to_owned();
            self.pir = Some(Pir { version: seq, reason, due: word("due"), overdue: false, closed: None });
        }
        if let Some(pir) = &mut self.pir {
            pir.version = seq;
            match effect {
                PirEffect::Opened | PirEffect::Reminded => {}
                PirEffect::Overdue => pir.overdue = true,
                PirEffect::Closed => pir.closed = Some((word("verdict"), actor.to_owned())),
            }
        }
        self.write(seq, |_| {});
    }
}

impl Pir {
    pub(super) fn words(&self) -> String {
        let overdue = if self.overdue { ", overdue" } else { "" };
        match &self.closed {
            None => format!("{}: due{overdue}, by {}", self.reason, self.due),
            Some((verdict, by)) => format!("{}: closed, {verdict}, by {by}{overdue}, by {}", self.reason, self.due),
        }
    }
}
