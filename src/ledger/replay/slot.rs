//! A change's turn to run.

use super::{Effect, Replay, Row};

const FREE: &str = "free";

/// What its entries say of it; none where it never wanted one.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn {
    state: Option<&'static str>,
    ahead: bool,
    beside: bool,
}

impl Turn {
    /// Folds the next entry of a change that has this status before it.
    pub(super) fn push(&mut self, kind: &str, status: &str) {
        // Before it wants to start, a change does not look at a turn that it had.
        let is_first = matches!(status, "awaiting_approval" | "approved");
        match kind {
            "slot.queued" | "slot.missed" => *self = Turn { state: Some("waiting"), ..Turn::default() },
            "change.started" if is_first => *self = Turn { state: Some("leased"), ..Turn::default() },
            "slot.offered" => self.state = Some("offered"),
            "change.started" | "change.resumed" | "slot.renewed" => self.state = Some("leased"),
            "window.extended" if status == "window_expired" => self.state = self.state.and(Some("leased")),
            "change.done" => self.state = self.state.and(Some("soaking")),
            "slot.released" | "change.rolled_back" | "change.withdrawn" | "change.held" | "window.missed" => {
                self.state = self.state.and(Some(FREE));
            }
            "slot.put_first" => self.ahead = true,
            "slot.allowed_both" => self.beside = true,
            _ => {}
        }
    }

    /// As the rows are put into words, but for those that are free: see `state_rows` in the store.
    pub(super) fn row(&self, version: i32) -> Option<Row> {
        let state = self.state.filter(|state| *state != FREE)?;
        let first = if self.ahead { ", first" } else { "" };
        let beside = if self.beside { ", beside another" } else { "" };
        Some(Row { version, words: format!("{state}{first}{beside}") })
    }
}

impl Replay {
    /// Looks at every entry: what a change does says what becomes of its turn.
    pub(super) fn push_of_turn(&mut self, kind: &str) {
        if let Some(record) = &self.record {
            self.turn.push(kind, &record.status);
        }
    }
}

impl Effect {
    /// What is told of a window, whose turn it is to run, what is decided while it runs, and what follows from how a change went.
    pub(super) fn of_turn(kind: &str) -> Option<Effect> {
        Some(match kind {
            "slot.queued" => Effect::Became("queued"),
            "change.held" => Effect::Became("on_hold"),
            "change.halted" => Effect::Became("halted"),
            "validation.opened" | "validation.again" => Effect::Became("validating"),
            "validation.passed" => Effect::Became("completed"),
            "validation.failed" => Effect::Became("failed"),
            "change.resumed" => Effect::Became("implementing"),
            "change.attested" => Effect::Attested,
            "approval.asked" => Effect::Asked,
            "acceptance.given" => Effect::Accepted { over: false },
            "acceptance.expired" => Effect::Accepted { over: true },
            "entry.rated" => Effect::Rated,
            "approval.acknowledged"
            | "approval.unanswered"
            | "change.claimed"
            | "change.unclaimed"
            | "approval.prolonged"
            | "ruling.appointed"
            | "window.warned"
            | "window.extension_requested"
            | "window.extension_denied"
            | "slot.offered"
            | "slot.missed"
            | "slot.renewed"
            | "slot.released"
            | "slot.put_first"
            | "slot.allowed_both"
            | "entry.revision_due"
            | "entry.suggested"
            | "change.let_finish"
            | "validation.checked"
            | "validation.reminded"
            | "validation.doubted"
            | "validation.cleared"
            | "change.resume_asked" => Effect::Touched,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_what_its_entries_say() {
        let mut turn = Turn::default();
        for (kind, status, words) in [
            ("change.approved", "awaiting_approval", None),
            ("slot.queued", "approved", Some("waiting")),
            ("slot.put_first", "queued", Some("waiting, first")),
            ("slot.allowed_both", "queued", Some("waiting, first, beside another")),
            ("slot.offered", "queued", Some("offered, first, beside another")),
            ("slot.missed", "queued", Some("waiting")),
            ("slot.offered", "queued", Some("offered")),
            ("change.started", "queued", Some("leased")),
            ("slot.released", "implementing", None),
            ("window.extended", "window_expired", Some("leased")),
            ("window.extended", "implementing", Some("leased")),
            ("change.done", "implementing", Some("soaking")),
            ("slot.released", "completed", None),
        ] {
            turn.push(kind, status);
            assert_eq!(turn.row(7).map(|row| row.words).as_deref(), words, "{kind}");
        }
        let mut never = Turn::default();
        never.push("change.done", "implementing");
        assert_eq!(never.row(1), None);
    }
}
