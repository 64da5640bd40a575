//! What a record's entries add up to: the state that its rows must show.
//!
//! A pure fold over the facts of entries, which knows every kind that can be written.

use std::collections::BTreeMap;

use serde_json::Value;

/// A row of state that entries account for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Incident,
    Change,
    Ballot,
    Approval,
}

impl Part {
    pub const ALL: [Part; 4] = [Part::Incident, Part::Change, Part::Ballot, Part::Approval];

    /// The table, and the word for a row of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Incident => "incident",
            Part::Change => "change",
            Part::Ballot => "ballot",
            Part::Approval => "approval",
        }
    }

    pub fn parse(word: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.as_str() == word)
    }

    /// Whether a record has many of it, one for an entry, or one, which its entries change.
    pub fn is_one_for_an_entry(self) -> bool {
        match self {
            Part::Incident | Part::Change => false,
            Part::Ballot | Part::Approval => true,
        }
    }
}

/// A row of state in words, and the newest entry that changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub version: i32,
    /// `mitigated, P2, led by p_x`
    pub words: String,
}

/// Folds the entries of one record.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    record: Option<Record>,
    /// Ballots and approvals, under the entry that made each.
    marks: BTreeMap<(Part, i32), String>,
    /// A kind that this version does not know.
    unknown: Option<String>,
}

/// The words that matter of the record's own row.
#[derive(Debug, Clone)]
struct Record {
    version: i32,
    status: String,
    of: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Incident { priority: String, commander: String },
    Change { revision: i64, window: Option<(String, String)> },
}

/// What an entry does to the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Only the log grows.
    Nothing,
    /// The row is written, and says nothing else in the words that matter.
    Touched,
    Declared,
    PrioritySet,
    StatusSet,
    LeadSet,
    Requested,
    SeatGranted,
    BallotCast,
    Approved,
    WindowExpired,
    /// The row has this status from now on.
    Became(&'static str),
}

impl Effect {
    /// `None`: a kind that this version does not write.
    fn of(kind: &str) -> Option<Effect> {
        Some(match kind {
            "incident.declared" => Effect::Declared,
            "incident.priority_set" => Effect::PrioritySet,
            "incident.status_set" => Effect::StatusSet,
            "incident.lead_set" => Effect::LeadSet,
            "incident.resolved" => Effect::Became("resolved"),
            "incident.cancelled" | "change.withdrawn" => Effect::Became("cancelled"),
            "change.requested" => Effect::Requested,
            "seat.granted" => Effect::SeatGranted,
            "ballot.cast" => Effect::BallotCast,
            "change.approved" => Effect::Approved,
            "change.rejected" => Effect::Became("rejected"),
            "change.approval_expired" => Effect::Became("approval_expired"),
            "change.started" => Effect::Became("implementing"),
            "change.done" => Effect::Became("completed"),
            "change.rolled_back" => Effect::Became("rolled_back"),
            "window.expired" => Effect::WindowExpired,
            "incident.step_requested"
            | "incident.step_confirmed"
            | "incident.step_declined"
            | "update.sent"
            | "vote.closed"
            | "window.warned"
            | "payload.erased" => Effect::Touched,
            "incident.noted"
            | "incident.decided"
            | "room.opened"
            | "review.changes_wanted"
            | "identity.linked"
            | "identity.unlinked"
            | "identity.deactivated"
            | "identity.reactivated"
            | "workspace.lost"
            | "workspace.regained"
            | "refused"
            | "organisation.applied"
            | "policy.loaded"
            | "clock.moved"
            | "log.exported"
            | "log.recovered"
            | "log.key_rotated"
            | "erasure.requested"
            | "erasure.declined"
            | "erasure.approved"
            | "person.erased"
            | "hold.placed"
            | "hold.released"
            | "archive.previewed"
            | "archive.confirmed" => Effect::Nothing,
            _ => return None,
        })
    }
}

impl Replay {
    /// Whether entries of this kind can be folded.
    pub fn knows(kind: &str) -> bool {
        Effect::of(kind).is_some()
    }

    /// Whether an entry of this kind needs its facts to be read.
    pub fn reads(kind: &str) -> bool {
        !matches!(Effect::of(kind), Some(Effect::Nothing | Effect::Touched | Effect::Became(_)) | None)
    }

    /// Folds the next entry. `actor` is whom it names.
    pub fn push(&mut self, seq: i32, kind: &str, actor: &str, facts: &Value) {
        let Some(effect) = Effect::of(kind) else {
            self.unknown.get_or_insert_with(|| kind.to_owned());
            return;
        };
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        let revision = facts["revision"].as_i64().unwrap_or_default();
        match effect {
            Effect::Nothing => {}
            Effect::Touched => self.write(seq, |_| {}),
            Effect::Declared => {
                let of = Kind::Incident { priority: word("priority"), commander: String::new() };
                self.record = Some(Record { version: seq, status: "declared".to_owned(), of });
            }
            Effect::Requested => {
                let of = Kind::Change { revision, window: None };
                self.record = Some(Record { version: seq, status: "awaiting_approval".to_owned(), of });
            }
            Effect::PrioritySet => self.write(seq, |record| {
                if let Kind::Incident { priority, .. } = &mut record.of {
                    *priority = word("to");
                }
            }),
            Effect::LeadSet => self.write(seq, |record| {
                if let Kind::Incident { commander, .. } = &mut record.of {
                    *commander = word("to");
                }
            }),
            Effect::StatusSet => self.write(seq, |record| record.status = word("to")),
            Effect::Became(status) => self.write(seq, |record| status.clone_into(&mut record.status)),
            Effect::Approved => self.write(seq, |record| record.approve(word("opens"), word("closes"))),
            Effect::WindowExpired => self.write(seq, Record::expire),
            Effect::SeatGranted => {
                let words = format!("{actor} as {} on revision {revision}", word("seat"));
                self.marks.insert((Part::Approval, seq), words);
                self.write(seq, |_| {});
            }
            Effect::BallotCast => {
                let words = format!("{actor} {} on revision {revision}", word("choice"));
                self.marks.insert((Part::Ballot, seq), words);
            }
        }
    }

    fn write(&mut self, seq: i32, with: impl FnOnce(&mut Record)) {
        if let Some(record) = &mut self.record {
            record.version = seq;
            with(record);
        }
    }

    /// The kind of an entry that this version does not know: what the others add up to is not the state.
    pub fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// The rows that there must be: each with 0, or with the entry that made it.
    pub fn rows(self) -> BTreeMap<(Part, i32), Row> {
        let marks = self.marks.into_iter().map(|((part, seq), words)| ((part, seq), Row { version: seq, words }));
        let record = self.record.map(|record| {
            let part = match record.of {
                Kind::Incident { .. } => Part::Incident,
                Kind::Change { .. } => Part::Change,
            };
            ((part, 0), Row { version: record.version, words: record.words() })
        });
        marks.chain(record).collect()
    }
}

impl Record {
    fn approve(&mut self, opens: String, closes: String) {
        "approved".clone_into(&mut self.status);
        if let Kind::Change { window, .. } = &mut self.of {
            *window = Some((opens, closes));
        }
    }

    /// Not begun in time, or not finished in time.
    fn expire(&mut self) {
        let status = if self.status == "approved" { "approval_expired" } else { "window_expired" };
        status.clone_into(&mut self.status);
    }

    /// As the rows are put into words: see `state_rows` in the store.
    fn words(&self) -> String {
        let status = &self.status;
        match &self.of {
            Kind::Incident { priority, commander } if commander.is_empty() => {
                format!("{status}, {priority}, led by nobody")
            }
            Kind::Incident { priority, commander } => format!("{status}, {priority}, led by {commander}"),
            Kind::Change { revision, window: None } => format!("{status}, revision {revision}, no window"),
            Kind::Change { revision, window: Some((opens, closes)) } => {
                format!("{status}, revision {revision}, from {opens} to {closes}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rows(entries: &[(&str, &str, Value)]) -> Vec<String> {
        let mut replay = Replay::default();
        for (seq, (kind, actor, facts)) in (1..).zip(entries) {
            replay.push(seq, kind, actor, facts);
        }
        let row = |((part, _), row): ((Part, i32), Row)| format!("{} #{}: {}", part.as_str(), row.version, row.words);
        replay.rows().into_iter().map(row).collect()
    }

    #[test]
    fn an_incident_is_what_was_said_of_it_last() {
        let story = [
            ("incident.declared", "p_ana", json!({"priority": "P2"})),
            ("update.sent", "p_ana", json!({})),
            ("incident.noted", "p_ana", json!({})),
            ("incident.lead_set", "p_ana", json!({"to": "p_ana"})),
            ("incident.status_set", "p_ana", json!({"from": "declared", "to": "investigating"})),
            ("incident.priority_set", "p_raj", json!({"from": "P2", "to": "P1"})),
            ("refused", "p_kim", json!({"asked": "x"})),
            ("incident.resolved", "p_ana", json!({})),
        ];
        assert_eq!(rows(&story[..1]), ["incident #1: declared, P2, led by nobody"]);
        assert_eq!(rows(&story[..3]), ["incident #2: declared, P2, led by nobody"]);
        assert_eq!(rows(&story[..7]), ["incident #6: investigating, P1, led by p_ana"]);
        assert_eq!(rows(&story), ["incident #8: resolved, P1, led by p_ana"]);
    }

    #[test]
    fn a_change_has_its_ballots_and_approvals_beside_it() {
        let story = [
            ("change.requested", "p_ana", json!({"revision": 1})),
            ("seat.granted", "p_raj", json!({"revision": 1, "seat": "peer_reviewer"})),
            ("ballot.cast", "p_mia", json!({"revision": 1, "choice": "approve"})),
            ("vote.closed", "p_mia", json!({"passed": true})),
            ("change.approved", "p_mia", json!({"opens": "A", "closes": "B"})),
        ];
        let marks = ["ballot #3: p_mia approve on revision 1", "approval #2: p_raj as peer_reviewer on revision 1"];
        assert_eq!(rows(&story[..3]), ["change #2: awaiting_approval, revision 1, no window", marks[0], marks[1]]);
        assert_eq!(rows(&story), ["change #5: approved, revision 1, from A to B", marks[0], marks[1]]);
        let expired = [&story[..], &[("window.expired", "wardroom", json!({}))]].concat();
        assert_eq!(rows(&expired)[0], "change #6: approval_expired, revision 1, from A to B");
        let started = ("change.started", "p_ana", json!({}));
        let expired = [&story[..], &[started, ("window.expired", "wardroom", json!({}))]].concat();
        assert_eq!(rows(&expired)[0], "change #7: window_expired, revision 1, from A to B");
    }

    #[test]
    fn a_kind_of_a_later_version_is_said_and_not_guessed_at() {
        let mut replay = Replay::default();
        replay.push(1, "incident.teleported", "p_ana", &json!({}));
        assert_eq!(replay.unknown(), Some("incident.teleported"));
    }
}
