//! Verification of chains: entry by entry, in constant memory, naming the first bad one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::leaf_hash;

/// An entry as it is stored, with the disclosures that are still there.
#[derive(Debug, Clone)]
pub struct Stored {
    pub subject: String,
    pub seq: i32,
    pub kind: String,
    pub body: Vec<u8>,
    pub leaf_hash: Vec<u8>,
    pub disclosures: Vec<Vec<u8>>,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub subject: String,
    pub seq: i32,
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}: {}", self.subject, self.seq, self.what)
    }
}

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

/// The fields of a body that a verifier reads; unknown ones are left alone, an unknown version is refused.
#[derive(Deserialize)]
struct Body {
    v: u8,
    agg: String,
    seq: i32,
    kind: String,
    prev: String,
    sd: Vec<String>,
    #[serde(default)]
    data: Data,
}

/// What an entry of erasure names.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    digests: Vec<String>,
}

/// Walks one tenant's entries in the order (subject, seq).
#[derive(Debug, Default)]
pub struct Chain {
    verdict: Verdict,
    subject: String,
    seq: i32,
    leaf_hash: Vec<u8>,
    /// Digests of this subject whose disclosure is gone, until a later entry of it says why.
    gone: BTreeMap<String, i32>,
}

/// Enough to see what happened; a log that was rewritten whole would otherwise fill the memory with findings.
pub(super) const FINDINGS_MAX: usize = 100;

impl Chain {
    /// Checks the next entry.
    pub fn push(&mut self, entry: &Stored) {
        if entry.subject != self.subject || self.verdict.entries == 0 {
            self.end_subject();
            self.verdict.subjects += 1;
            self.subject.clone_from(&entry.subject);
            self.seq = 0;
            self.leaf_hash.clear();
        }
        self.verdict.entries += 1;
        self.check(entry);
        self.seq = entry.seq;
        self.leaf_hash = leaf_hash(&entry.body).to_vec();
    }

    pub fn finish(mut self) -> Verdict {
        self.end_subject();
        self.verdict
    }

    /// What is gone and was never said to be erased.
    fn end_subject(&mut self) {
        let gone: BTreeSet<i32> = std::mem::take(&mut self.gone).into_values().collect();
        let subject = self.subject.clone();
        for seq in gone {
            self.find(&subject, seq, "a name or text is missing, and no erasure says why");
        }
    }

    fn check(&mut self, entry: &Stored) {
        let missing = entry.seq - self.seq - 1;
        if missing != 0 {
            let what = match missing {
                1 => "missing".to_owned(),
                _ => format!("missing, and so is everything up to #{}", entry.seq - 1),
            };
            self.find(&entry.subject, self.seq + 1, what);
        }
        let Ok(body) = serde_json::from_slice::<Body>(&entry.body) else {
            return self.find(&entry.subject, entry.seq, "its body is not an entry any more");
        };
        if body.v != 1 {
            return self.find(&entry.subject, entry.seq, format!("written in version {}, unknown here", body.v));
        }
        if entry.leaf_hash != leaf_hash(&entry.body) {
            self.find(&entry.subject, entry.seq, "its body does not hash to its leaf");
        }
        if body.agg != entry.subject || body.seq != entry.seq || body.kind != entry.kind {
            self.find(&entry.subject, entry.seq, "its row and its signed body differ");
        }
        if missing == 0 && body.prev != STANDARD.encode(&self.leaf_hash) {
            // The later entry holds what the earlier one was: where the two differ, it is the earlier that changed.
            let (seq, what) = match self.seq {
                0 => (entry.seq, "it does not begin its chain".to_owned()),
                seq => (seq, format!("changed after #{} was written", entry.seq)),
            };
            self.find(&entry.subject, seq, what);
        }
        self.check_disclosures(entry, &body);
    }

    fn check_disclosures(&mut self, entry: &Stored, body: &Body) {
        let mut open: BTreeSet<&str> = body.sd.iter().map(String::as_str).collect();
        for disclosure in &entry.disclosures {
            let digest = STANDARD.encode(Sha256::digest(disclosure));
            if !open.remove(digest.as_str()) {
                self.find(&entry.subject, entry.seq, "a name or text stands beside it that it never held");
            }
        }
        self.gone.extend(open.into_iter().map(|digest| (digest.to_owned(), entry.seq)));
        if body.kind == "payload.erased" {
            self.gone.retain(|digest, _| !body.data.digests.contains(digest));
        }
    }

    fn find(&mut self, subject: &str, seq: i32, what: impl Into<String>) {
        if self.verdict.findings.len() < FINDINGS_MAX {
            self.verdict.findings.push(Finding { subject: subject.to_owned(), seq, what: what.into() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{Head, Origin, encode};
    use super::*;
    use crate::domain::event::PayloadErased;
    use crate::domain::{Actor, Event, IncidentEvent, PrivacyEvent, Subject};

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

    /// The entry behind a chain that says that the texts of these digests were erased.
    fn erasing(entries: &[Stored], digests: Vec<String>) -> Stored {
        let erased = PayloadErased {
            digests,
            entry: None,
            asked: None,
            asked_by: None,
            approved_by: None,
            class: Some("incident"),
            basis: None,
        };
        let event = Event::Privacy(PrivacyEvent::PayloadErased(Box::new(erased)));
        let origin = Origin {
            log: "wardroom/test",
            subject: Subject::Incident(1),
            actor: &Actor::Wardroom,
            at: chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            command: "test",
            place: None,
        };
        let last = entries.last().expect("a chain");
        let head = Head { seq: last.seq, leaf_hash: last.leaf_hash.clone() };
        let encoded = encode(&origin, &head, &event.draft());
        Stored {
            subject: "INC-1".into(),
            seq: encoded.seq,
            kind: encoded.kind.into(),
            leaf_hash: encoded.leaf_hash.to_vec(),
            body: encoded.body,
            disclosures: Vec::new(),
        }
    }

    #[test]
    fn a_removed_text_is_no_finding_where_a_later_entry_names_it_as_erased() {
        let mut entries = chain(3);
        let named = STANDARD.encode(Sha256::digest(&entries[1].disclosures[0]));
        let erasing = erasing(&entries, vec![named]);
        entries.push(erasing);
        entries[1].disclosures.clear();
        assert_eq!(verify(&entries), Vec::<String>::new());
        entries[2].disclosures.clear();
        assert_eq!(verify(&entries), ["INC-1#3: a name or text is missing, and no erasure says why"]);
    }

    #[test]
    fn rubbish_is_a_finding_never_a_panic() {
        let mut entries = chain(2);
        entries[0].body = b"\xff\x00".to_vec();
        assert!(verify(&entries)[0].starts_with("INC-1#1"));
    }
}
