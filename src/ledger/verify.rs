//! Verification of entries, in the order (subject, seq), in constant memory, naming the first bad one.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::leaf_hash;
use super::replay::Replay;
use super::report::{Finding, Findings, Layer};
use super::times::Times;

/// An entry as it is stored, with the disclosures that are still there.
#[derive(Debug, Clone)]
pub struct Stored {
    pub subject: String,
    pub seq: i32,
    pub kind: String,
    pub recorded_at: DateTime<Utc>,
    pub body: Vec<u8>,
    pub leaf_hash: Vec<u8>,
    pub disclosures: Vec<Vec<u8>>,
}

/// What the entries alone say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    pub entries: u64,
    pub subjects: u64,
    pub findings: Vec<Finding>,
}

impl Verdict {
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

/// A name or a text that an entry holds, and that is not beside it any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub subject: String,
    pub seq: i32,
    /// Base64, as entries name it.
    pub digest: String,
}

/// The fields of a body that a verifier reads; unknown ones are left alone, an unknown version is refused.
#[derive(Deserialize)]
struct Body<'a> {
    v: u8,
    #[serde(borrow)]
    agg: Cow<'a, str>,
    seq: i32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    at: DateTime<Utc>,
    #[serde(borrow)]
    actor: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
    prev: Cow<'a, str>,
    sd: Vec<&'a str>,
}

/// Walks one tenant's entries in the order (subject, seq).
#[derive(Debug, Default)]
pub struct Chain {
    entries: u64,
    subjects: u64,
    findings: Findings,
    /// Without it, times are not compared.
    times: Option<Times>,
    subject: String,
    seq: i32,
    leaf_hash: Vec<u8>,
    recorded_at: Option<DateTime<Utc>>,
    replay: Replay,
    replayed: Vec<(String, Replay)>,
    missing: Vec<Missing>,
}

impl Chain {
    /// Compares times too.
    pub fn with_times(times: Times) -> Chain {
        Chain { times: Some(times), ..Chain::default() }
    }

    /// Checks the next entry.
    pub fn push(&mut self, entry: &Stored) {
        if entry.subject != self.subject || self.entries == 0 {
            self.end_subject();
            self.subjects += 1;
            self.subject.clone_from(&entry.subject);
        }
        self.entries += 1;
        let hash = leaf_hash(&entry.body);
        self.check(entry, &hash);
        self.seq = entry.seq;
        self.leaf_hash.clear();
        self.leaf_hash.extend_from_slice(&hash);
        self.recorded_at = Some(entry.recorded_at);
    }

    /// The last entry was the last of its record too.
    pub fn end(&mut self) {
        self.end_subject();
    }

    fn end_subject(&mut self) {
        if self.entries > 0 && !self.subject.is_empty() {
            self.replayed.push((std::mem::take(&mut self.subject), std::mem::take(&mut self.replay)));
        }
        self.seq = 0;
        self.leaf_hash.clear();
        self.recorded_at = None;
    }

    /// The records that are done since the last call, and what their entries add up to.
    pub fn replayed(&mut self) -> Vec<(String, Replay)> {
        std::mem::take(&mut self.replayed)
    }

    /// What is missing since the last call: a finding for whatever no erasure names.
    pub fn missing(&mut self) -> Vec<Missing> {
        std::mem::take(&mut self.missing)
    }

    /// Something is missing, and no erasure says why.
    pub fn miss(&mut self, missing: &Missing) {
        let what = "a name or text is missing, and no erasure says why";
        self.findings.find(Layer::Disclosure, &missing.subject, missing.seq, what);
    }

    /// How many entries were read so far.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    pub fn findings(&mut self) -> &mut Findings {
        &mut self.findings
    }

    pub fn finish(self) -> Verdict {
        Verdict { entries: self.entries, subjects: self.subjects, findings: self.findings.into_vec() }
    }

    fn check(&mut self, entry: &Stored, hash: &[u8; 32]) {
        let missing = entry.seq - self.seq - 1;
        if missing != 0 {
            let what = match missing {
                1 => "missing".to_owned(),
                _ => format!("missing, and so is everything up to #{}", entry.seq - 1),
            };
            self.find(Layer::Chain, self.seq + 1, what);
        }
        let Ok(body) = serde_json::from_slice::<Body<'_>>(&entry.body) else {
            return self.find(Layer::Chain, entry.seq, "its body is not an entry any more");
        };
        if body.v != 1 {
            return self.find(Layer::Chain, entry.seq, format!("written in version {}, unknown here", body.v));
        }
        if entry.leaf_hash != hash {
            self.find(Layer::Leaf, entry.seq, "its body does not hash to its leaf");
        }
        if body.agg != entry.subject || body.seq != entry.seq || body.kind != entry.kind {
            self.find(Layer::Row, entry.seq, "its row and its signed body differ");
        }
        if missing == 0 && *body.prev != STANDARD.encode(&self.leaf_hash) {
            // The later entry holds what the earlier one was: where the two differ, it is the earlier that changed.
            let (seq, what) = match self.seq {
                0 => (entry.seq, "it does not begin its chain".to_owned()),
                seq => (seq, format!("changed after #{} was written", entry.seq)),
            };
            self.find(Layer::Chain, seq, what);
        }
        self.check_times(entry, &body);
        self.check_disclosures(entry, &body);
        let facts = if Replay::reads(&body.kind) { serde_json::from_str(body.data.get()) } else { Ok(Value::Null) };
        self.replay.push(entry.seq, &body.kind, &body.actor, &facts.unwrap_or_default());
    }

    fn check_times(&mut self, entry: &Stored, body: &Body<'_>) {
        let Some(times) = &self.times else { return };
        let claim = times.doubt_claim(body.at, entry.recorded_at);
        let order = self.recorded_at.and_then(|previous| Times::doubt_order(previous, entry.recorded_at));
        for doubt in claim.into_iter().chain(order) {
            self.find(Layer::Time, entry.seq, doubt);
        }
    }

    fn check_disclosures(&mut self, entry: &Stored, body: &Body<'_>) {
        let mut open = body.sd.clone();
        // As in a set: in order, each once.
        open.sort_unstable();
        open.dedup();
        for disclosure in &entry.disclosures {
            let digest = STANDARD.encode(Sha256::digest(disclosure));
            match open.binary_search(&digest.as_str()) {
                Ok(at) => drop(open.remove(at)),
                Err(_) => self.find(Layer::Disclosure, entry.seq, "a name or text stands beside it that it never held"),
            }
        }
        let missing =
            |digest: &str| Missing { subject: entry.subject.clone(), seq: entry.seq, digest: digest.to_owned() };
        self.missing.extend(open.into_iter().map(missing));
    }

    fn find(&mut self, layer: Layer, seq: i32, what: impl Into<String>) {
        self.findings.find(layer, &self.subject, seq, what);
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{Head, Origin, encode};
    use super::*;
    use crate::domain::{Actor, Event, IncidentEvent, Subject};

    fn chain(length: usize) -> Vec<Stored> {
        let mut head = Head::default();
        (0..length)
            .map(|i| {
                let event = Event::Incident(IncidentEvent::NoteAdded { text: format!("note {i}") });
                let origin = Origin {
                    log: "wardroom/test",
                    subject: Subject::Incident(1),
                    actor: &Actor::Wardroom,
                    at: chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
                    command: "test",
                    place: None,
                };
                let encoded = encode(&origin, &head, &event.draft());
                head = Head { seq: encoded.seq, leaf_hash: encoded.leaf_hash.to_vec() };
                Stored {
                    subject: "INC-1".into(),
                    seq: encoded.seq,
                    kind: encoded.kind.into(),
                    recorded_at: origin.at,
                    leaf_hash: encoded.leaf_hash.to_vec(),
                    body: encoded.body,
                    disclosures: encoded.disclosures.into_iter().map(|d| d.bytes).collect(),
                }
            })
            .collect()
    }

    fn verify(entries: &[Stored]) -> Vec<String> {
        let mut chain = Chain::default();
        for entry in entries {
            chain.push(entry);
        }
        chain.end();
        for missing in chain.missing() {
            chain.miss(&missing);
        }
        chain.finish().findings.iter().map(ToString::to_string).collect()
    }

    fn rewrite(entry: &mut Stored, from: &str, to: &str) {
        entry.body = String::from_utf8(entry.body.clone()).unwrap().replace(from, to).into_bytes();
        entry.leaf_hash = leaf_hash(&entry.body).to_vec(); // as the generated column does
    }

    #[test]
    fn a_whole_chain_has_no_finding() {
        assert_eq!(verify(&chain(5)), Vec::<String>::new());
    }

    #[test]
    fn a_changed_entry_is_named_whichever_it_is_but_the_newest() {
        for i in 0..4 {
            let mut entries = chain(5);
            rewrite(&mut entries[i], "2027", "2026");
            assert_eq!(verify(&entries), [format!("INC-1#{}: changed after #{} was written", i + 1, i + 2)]);
        }
    }

    #[test]
    fn a_removed_entry_a_swapped_text_and_a_removed_text_are_named() {
        let mut entries = chain(3);
        entries.remove(1);
        assert_eq!(verify(&entries), ["INC-1#2: missing"]);

        let mut entries = chain(3);
        entries[1].disclosures[0] = br#"["x","text","another text"]"#.to_vec();
        assert_eq!(verify(&entries).len(), 2);
        assert!(verify(&entries)[0].starts_with("INC-1#2"));

        let mut entries = chain(3);
        entries[2].disclosures.clear();
        assert_eq!(verify(&entries), ["INC-1#3: a name or text is missing, and no erasure says why"]);
    }

    #[test]
    fn an_erased_text_is_asked_for_and_is_no_finding_by_itself() {
        let mut entries = chain(2);
        entries[0].disclosures.clear();
        let mut chain = Chain::default();
        for entry in &entries {
            chain.push(entry);
        }
        let missing = chain.missing();
        assert_eq!((missing.len(), missing[0].seq, chain.missing().len()), (1, 1, 0));
        assert!(String::from_utf8_lossy(&entries[0].body).contains(&missing[0].digest));
        assert!(chain.finish().is_whole());
    }

    #[test]
    fn an_entry_that_is_dated_back_or_was_written_too_early_is_named() {
        let mut entries = chain(3);
        entries[1].recorded_at += chrono::TimeDelta::hours(2);
        let mut chain = Chain::with_times(Times::default());
        for entry in &entries {
            chain.push(entry);
        }
        let found: Vec<String> = chain.finish().findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "INC-1#2: it claims to be of 2027-01-15 08:00:00 UTC, and was written at 2027-01-15 10:00:00 UTC",
                "INC-1#3: written 7200 s before the entry that it follows: a clock was set back",
            ]
        );
    }

    #[test]
    fn rubbish_is_a_finding_never_a_panic() {
        let mut entries = chain(2);
        entries[0].body = b"\xff\x00".to_vec();
        assert!(verify(&entries)[0].starts_with("INC-1#1"));
    }
}
