//! What entries of the board's meetings add up to.

use serde_json::Value;

use super::{Effect, Kind, Record, Replay};

/// The words that matter of a meeting's row, beside its status.
#[derive(Debug, Clone, Default)]
pub(super) struct Meeting {
    present: usize,
    /// sha256 of its data pack.
    pack: Option<String>,
    decisions: usize,
    /// sha256 of its minutes.
    minutes: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MeetingEffect {
    /// It has this status from now on.
    Met(&'static str),
    Attended,
    Packed,
    Decided,
}

pub(super) fn effect(kind: &str) -> Option<Effect> {
    Some(Effect::Meeting(match kind {
        "meeting.announced" => MeetingEffect::Met("announced"),
        "meeting.opened" => MeetingEffect::Met("open"),
        "meeting.closed" => MeetingEffect::Met("closed"),
        "meeting.attended" => MeetingEffect::Attended,
        "meeting.pack_posted" => MeetingEffect::Packed,
        "meeting.decided" => MeetingEffect::Decided,
        "meeting.missed" => return Some(Effect::Became("missed")),
        "meeting.called"
        | "meeting.item_begun"
        | "meeting.item_time_over"
        | "meeting.item_deferred"
        | "meeting.trend_rising"
        | "meeting.reviews_listed" => return Some(Effect::Touched),
        _ => return None,
    }))
}

impl Replay {
    pub(super) fn push_of_meeting(&mut self, seq: i32, effect: MeetingEffect, facts: &Value) {
        match effect {
            MeetingEffect::Met(status) => self.meet(seq, status, facts),
            MeetingEffect::Attended => self.of_meeting(seq, |meeting| meeting.present += 1),
            MeetingEffect::Decided => self.of_meeting(seq, |meeting| meeting.decisions += 1),
            MeetingEffect::Packed => {
                let pack = facts["pack_sha256"].as_str().map(str::to_owned);
                self.of_meeting(seq, |meeting| meeting.pack = pack);
            }
        }
    }

    fn meet(&mut self, seq: i32, status: &str, facts: &Value) {
        let new = Kind::Meeting(Meeting::default());
        let record = self.record.get_or_insert(Record::new(seq, "", new));
        (record.version, record.status) = (seq, status.to_owned());
        if let Kind::Meeting(meeting) = &mut record.of {
            meeting.note(facts);
        }
    }

    fn of_meeting(&mut self, seq: i32, with: impl FnOnce(&mut Meeting)) {
        self.write(seq, |record| {
            if let Kind::Meeting(meeting) = &mut record.of {
                with(meeting);
            }
        });
    }
}

impl Meeting {
    /// What an entry says of the minutes, where it says something.
    pub fn note(&mut self, facts: &Value) {
        if let Some(hash) = facts["sha256"].as_str() {
            self.minutes = Some(hash.to_owned());
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub fn words(&self, status: &str) -> String {
        let hash = |of: &str, hash: &Option<String>| hash.as_ref().map(|hash| format!(", {of} {hash}"));
        let (pack, minutes) = (hash("pack", &self.pack), hash("minutes", &self.minutes));
        let decided = (self.decisions > 0).then(|| format!(", {} decided", self.decisions));
        let rest: String = [pack, decided, minutes].into_iter().flatten().collect();
        format!("{status}, {} present{rest}", self.present)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Replay;

    #[test]
    fn a_meeting_counts_who_came_and_keeps_the_hashes_of_its_pack_and_minutes() {
        let mut replay = Replay::default();
        for (seq, (kind, facts)) in (1..).zip([
            ("meeting.announced", json!({})),
            ("meeting.reviews_listed", json!({})),
            ("meeting.pack_posted", json!({"pack_sha256": "0b"})),
            ("meeting.called", json!({})),
            ("meeting.opened", json!({})),
            ("meeting.attended", json!({})),
            ("meeting.attended", json!({})),
            ("meeting.decided", json!({})),
            ("meeting.closed", json!({"sha256": "0a"})),
        ]) {
            replay.push(seq, kind, "p_ana", &facts);
        }
        let rows: Vec<String> =
            replay.rows().into_values().map(|row| format!("#{}: {}", row.version, row.words)).collect();
        assert_eq!(rows, ["#9: closed, 2 present, pack 0b, 1 decided, minutes 0a"]);
    }
}
