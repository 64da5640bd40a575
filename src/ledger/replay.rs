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
    Freeze,
    Override,
}

impl Part {
    pub const ALL: [Part; 6] =
        [Part::Incident, Part::Change, Part::Ballot, Part::Approval, Part::Freeze, Part::Override];

    /// The table, and the word for a row of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Incident => "incident",
            Part::Change => "change",
            Part::Ballot => "ballot",
            Part::Approval => "approval",
            Part::Freeze => "change_freeze",
            Part::Override => "freeze_override",
        }
    }

    pub fn parse(word: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.as_str() == word)
    }

    /// Whether a record has many of it, each named by the entry that wrote it last, or one, which its entries change.
    pub fn is_one_for_an_entry(self) -> bool {
        match self {
            Part::Incident | Part::Change | Part::Freeze => false,
            Part::Ballot | Part::Approval | Part::Override => true,
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
    overrides: Vec<Override>,
    /// A kind that this version does not know.
    unknown: Option<String>,
}

/// An exception that was asked of a freeze.
#[derive(Debug, Clone)]
struct Override {
    version: i32,
    /// `CHG-7 revision 1`
    of: String,
    asked_by: String,
    state: &'static str,
    until: Option<String>,
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
    Freeze { kind: String, hard: bool, wide: bool, from: String, until: Option<String> },
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
    Revised,
    Scheduled,
    SeatGranted,
    BallotCast,
    Approved,
    WindowExpired,
    Froze,
    Settling,
    Extended,
    OverrideRequested,
    /// The newest exception for a change has this state from now on.
    Override(&'static str),
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
            "change.revised" => Effect::Revised,
            "change.scheduled" => Effect::Scheduled,
            "seat.granted" => Effect::SeatGranted,
            "ballot.cast" => Effect::BallotCast,
            "change.approved" => Effect::Approved,
            "change.rejected" => Effect::Became("rejected"),
            "change.approval_expired" => Effect::Became("approval_expired"),
            "change.started" => Effect::Became("implementing"),
            "slot.queued" => Effect::Became("queued"),
            "change.done" => Effect::Became("completed"),
            "change.rolled_back" => Effect::Became("rolled_back"),
            "window.expired" => Effect::WindowExpired,
            "incident.step_requested"
            | "incident.step_confirmed"
            | "incident.step_declined"
            | "update.sent"
            | "change.edited"
            | "vote.closed"
            | "window.warned"
            | "slot.offered"
            | "slot.missed"
            | "slot.renewed"
            | "slot.released"
            | "slot.put_first"
            | "slot.allowed_both"
            | "major.declared"
            | "major.stood_down"
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
            _ => return Effect::of_freeze(kind),
        })
    }

    fn of_freeze(kind: &str) -> Option<Effect> {
        Some(match kind {
            "freeze.created" => Effect::Froze,
            "freeze.begun" => Effect::Became("active"),
            "freeze.stabilising" => Effect::Settling,
            "freeze.extended" => Effect::Extended,
            "freeze.lifted" => Effect::Became("lifted"),
            "freeze.cancelled" => Effect::Became("cancelled"),
            "override.requested" => Effect::OverrideRequested,
            "override.signed" => Effect::Override("requested"),
            "override.granted" => Effect::Override("granted"),
            "override.denied" => Effect::Override("denied"),
            "override.used" => Effect::Override("used"),
            "override.expired" => Effect::Override("expired"),
            "override.void" => Effect::Override("void"),
            "freeze.announced" | "freeze.ending" | "freeze.review_due" | "freeze.passed" => Effect::Touched,
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
            Effect::Revised => self.write(seq, |record| {
                "awaiting_approval".clone_into(&mut record.status);
                record.of = Kind::Change { revision, window: None };
            }),
            Effect::Scheduled => self.write(seq, |record| record.schedule(word("opens"), word("closes"))),
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
            Effect::Froze | Effect::Settling | Effect::Extended | Effect::OverrideRequested | Effect::Override(_) => {
                self.push_of_freeze(seq, effect, actor, facts);
            }
        }
    }

    fn push_of_freeze(&mut self, seq: i32, effect: Effect, actor: &str, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        let yes = |name: &str| facts[name].as_bool().unwrap_or_default();
        let ends = facts["until"].as_str().map(str::to_owned);
        let named = format!("{} revision {}", word("change"), facts["revision"].as_i64().unwrap_or_default());
        match effect {
            Effect::Froze => {
                let (kind, from) = (word("freeze_kind"), word("from"));
                let of = Kind::Freeze { kind, hard: yes("hard"), wide: yes("wide"), from, until: ends };
                let status = if yes("planned") { "scheduled" } else { "active" }.to_owned();
                self.record = Some(Record { version: seq, status, of });
            }
            Effect::Settling => self.write(seq, |record| {
                if let Kind::Freeze { kind, wide, until, .. } = &mut record.of {
                    "stabilising".clone_into(kind);
                    (*wide, *until) = (false, ends);
                }
            }),
            Effect::Extended => self.write(seq, |record| {
                if let Kind::Freeze { until, .. } = &mut record.of {
                    *until = ends;
                }
            }),
            Effect::OverrideRequested => {
                let asked_by = actor.to_owned();
                self.overrides.push(Override { version: seq, of: named, asked_by, state: "requested", until: None });
                self.write(seq, |_| {});
            }
            Effect::Override(state) => {
                if let Some(found) = self.overrides.iter_mut().rev().find(|one| one.of == named) {
                    (found.version, found.state) = (seq, state);
                    found.until = ends.or_else(|| found.until.take());
                }
                self.write(seq, |_| {});
            }
            Effect::Nothing
            | Effect::Touched
            | Effect::Declared
            | Effect::PrioritySet
            | Effect::StatusSet
            | Effect::LeadSet
            | Effect::Revised
            | Effect::Scheduled
            | Effect::Requested
            | Effect::SeatGranted
            | Effect::BallotCast
            | Effect::Approved
            | Effect::WindowExpired
            | Effect::Became(_) => {}
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
        let overrides = self.overrides.into_iter().map(|one| {
            let row = Row { version: one.version, words: one.words() };
            ((Part::Override, one.version), row)
        });
        let record = self.record.map(|record| {
            let part = match record.of {
                Kind::Incident { .. } => Part::Incident,
                Kind::Change { .. } => Part::Change,
                Kind::Freeze { .. } => Part::Freeze,
            };
            ((part, 0), Row { version: record.version, words: record.words() })
        });
        marks.chain(overrides).chain(record).collect()
    }
}

impl Override {
    fn words(&self) -> String {
        let until = self.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
        format!("{} asked by {}, {}{until}", self.of, self.asked_by, self.state)
    }
}

impl Record {
    fn approve(&mut self, opens: String, closes: String) {
        "approved".clone_into(&mut self.status);
        if let Kind::Change { window, .. } = &mut self.of {
            // Approved before anybody said when it may run.
            *window = (!opens.is_empty()).then_some((opens, closes));
        }
    }

    fn schedule(&mut self, opens: String, closes: String) {
        if let Kind::Change { window, .. } = &mut self.of {
            *window = Some((opens, closes));
        }
    }

    /// Not begun in time, or not finished in time.
    fn expire(&mut self) {
        let status = if self.status == "implementing" { "window_expired" } else { "approval_expired" };
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
            Kind::Freeze { kind, hard, wide, from, until } => {
                let hard = if *hard { ", hard" } else { "" };
                let wide = if *wide { ", wide" } else { "" };
                let until = until.as_ref().map(|until| format!(" to {until}")).unwrap_or_default();
                format!("{kind}, {status}{hard}{wide}, from {from}{until}")
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
    fn a_freeze_has_its_exceptions_beside_it() {
        let of = json!({"change": "CHG-7", "revision": 1});
        let created = json!({"freeze_kind": "major", "hard": false, "wide": true, "planned": false, "from": "A"});
        let story = [
            ("freeze.created", "p_ana", created),
            ("freeze.review_due", "wardroom", json!({"since": "A"})),
            ("override.requested", "p_raj", of.clone()),
            ("override.granted", "p_mia", json!({"change": "CHG-7", "revision": 1, "until": "B"})),
            ("override.used", "p_raj", of),
            ("freeze.stabilising", "p_ana", json!({"until": "C"})),
            ("freeze.lifted", "wardroom", json!({"late": false})),
        ];
        assert_eq!(rows(&story[..2]), ["change_freeze #2: major, active, wide, from A"]);
        let exception =
            |seq: i32, state: &str| format!("freeze_override #{seq}: CHG-7 revision 1 asked by p_raj, {state}");
        let frozen = |seq: i32| format!("change_freeze #{seq}: major, active, wide, from A");
        assert_eq!(rows(&story[..3]), [frozen(3), exception(3, "requested")]);
        assert_eq!(rows(&story[..4]), [frozen(4), exception(4, "granted, until B")]);
        let settling = "change_freeze #6: stabilising, active, from A to C".to_owned();
        assert_eq!(rows(&story[..6]), [settling, exception(5, "used, until B")]);
        assert_eq!(rows(&story)[0], "change_freeze #7: stabilising, lifted, from A to C");
    }

    #[test]
    fn a_kind_of_a_later_version_is_said_and_not_guessed_at() {
        let mut replay = Replay::default();
        replay.push(1, "incident.teleported", "p_ana", &json!({}));
        assert_eq!(replay.unknown(), Some("incident.teleported"));
    }
}
