//! Windows that run out, and are made longer.

use serde_json::Value;

use super::{Kind, Replay};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WindowEffect {
    /// Not finished in time; in logs of before there was a word for it, also not begun in time.
    Expired,
    /// Not begun in time.
    Missed,
    Extended,
    /// Not held up any more; whose window has passed needs another.
    Released,
}

impl WindowEffect {
    pub(super) fn of(kind: &str) -> Option<WindowEffect> {
        Some(match kind {
            "window.expired" => WindowEffect::Expired,
            "window.missed" => WindowEffect::Missed,
            "window.extended" => WindowEffect::Extended,
            "change.released" => WindowEffect::Released,
            _ => return None,
        })
    }
}

impl Replay {
    pub(super) fn push_of_window(&mut self, seq: i32, effect: WindowEffect, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        let is_over = facts["over"].as_bool().unwrap_or_default();
        self.write(seq, |record| {
            let Kind::Change { window, extended, .. } = &mut record.of else { return };
            let status = &mut record.status;
            match effect {
                WindowEffect::Expired if !["implementing", "halted"].contains(&status.as_str()) => {
                    "approval_expired".clone_into(status);
                }
                WindowEffect::Expired => "window_expired".clone_into(status),
                WindowEffect::Missed if is_over => "approval_expired".clone_into(status),
                WindowEffect::Missed => {
                    *window = None;
                    "approved".clone_into(status);
                }
                WindowEffect::Released => {
                    if facts["passed"].as_bool().unwrap_or_default() {
                        *window = None;
                    }
                    "approved".clone_into(status);
                }
                WindowEffect::Extended => {
                    *window = Some((word("opens"), word("closes")));
                    *extended = facts["times"].as_i64().unwrap_or_default();
                    "implementing".clone_into(status);
                }
            }
        });
    }
}
