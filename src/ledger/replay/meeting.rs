//! What entries of the board's meetings add up to.

use serde_json::Value;

use super::{Effect, Kind, Record, Replay};

/// The words that matter of a meeting's row, beside its status.
#[derive(Debug, Clone, Default)]
pub(super) struct Meeting {
    present: usize,
    /// sha256 of its minutes.
    minutes: Option<String>,
}

pub(super) fn effect(kind: &str) -> Option<Effect> {
    Some(match kind {
        "meeting.announced" => Effect::Met("announced"),
        "meeting.opened" => Effect::Met("open"),
        "meeting.closed" => Effect::Met("closed"),
        "meeting.missed" => Effect::Became("missed"),
        "meeting.attended" => Effect::Attended,
        "meeting.called" | "meeting.item_begun" | "meeting.item_time_over" | "meeting.item_deferred" => Effect::Touched,
        _ => return None,
    })
}

impl Replay {
    /// A meeting has this status from now on.
    pub(super) fn meet(&mut self, seq: i32, status: &str, facts: &Value) {
        let new = Kind::Meeting(Meeting::default());
        let record = self.record.get_or_insert(Record::new(seq, "", new));
        (record.version, record.status) = (seq, status.to_owned());
        if let Kind::Meeting(meeting) = &mut record.of {
            meeting.note(facts);
        }
    }

    pub(super) fn attend(&mut self, seq: i32) {
        self.write(seq, |record| {
            if let Kind::Meeting(meeting) = &mut record.of {
                meeting.present += 1;
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
        let minutes = self.minutes.as_ref().map(|hash| format!(", minutes {hash}")).unwrap_or_default();
        format!("{status}, {} present{minutes}", self.present)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Replay;

    #[test]
    fn a_meeting_counts_who_came_and_keeps_the_hash_of_its_minutes() {
        let mut replay = Replay::default();
        for (seq, (kind, facts)) in (1..).zip([
            ("meeting.announced", json!({})),
            ("meeting.called", json!({})),
            ("meeting.opened", json!({})),
            ("meeting.attended", json!({})),
            ("meeting.attended", json!({})),
            ("meeting.closed", json!({"sha256": "0a"})),
        ]) {
            replay.push(seq, kind, "p_ana", &facts);
        }
        let rows: Vec<String> =
            replay.rows().into_values().map(|row| format!("#{}: {}", row.version, row.words)).collect();
        assert_eq!(rows, ["#6: closed, 2 present, minutes 0a"]);
    }
}
