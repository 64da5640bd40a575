//! What entries of calendars' addresses add up to: at most one a person.

use serde_json::Value;

use super::{Part, Replay};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FeedEffect {
    Opened,
    Closed,
}

impl FeedEffect {
    pub fn of(kind: &str) -> Option<FeedEffect> {
        match kind {
            "feed.opened" => Some(FeedEffect::Opened),
            "feed.closed" => Some(FeedEffect::Closed),
            _ => None,
        }
    }
}

impl Replay {
    pub(super) fn push_of_feed(&mut self, seq: i32, effect: FeedEffect, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default();
        let owner = format!("{}, ", word("person"));
        self.marks.retain(|(part, _), words| *part != Part::Feed || !words.starts_with(&owner));
        if effect == FeedEffect::Opened {
            // As the rows are put into words: see `state_rows` in the store.
            self.marks.insert((Part::Feed, seq), format!("{owner}sha256 {}", word("sha256")));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Replay;

    #[test]
    fn the_newest_address_of_each_person_stands_until_it_is_ended() {
        let mut replay = Replay::default();
        for (seq, (kind, facts)) in (1..).zip([
            ("feed.opened", json!({"person": "p_a", "sha256": "0a"})),
            ("feed.opened", json!({"person": "p_ab", "sha256": "0b"})),
            ("feed.opened", json!({"person": "p_a", "sha256": "0c", "renewed": true})),
            ("feed.opened", json!({"person": "p_c", "sha256": "0d"})),
            ("feed.closed", json!({"person": "p_c"})),
        ]) {
            replay.push(seq, kind, "p_a", &facts);
        }
        let rows: Vec<String> =
            replay.rows().into_values().map(|row| format!("#{}: {}", row.version, row.words)).collect();
        assert_eq!(rows, ["#2: p_ab, sha256 0b", "#3: p_a, sha256 0c"]);
    }
}
