//! One entry: its exact bytes, and the disclosures beside them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::leaf_hash;
use crate::domain::event::Draft;
use crate::domain::{Actor, Fact, Subject};

/// The newest entry of a subject's chain: what the next one builds on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// 0 before the first entry.
    pub seq: i32,
    /// Empty before the first entry.
    pub leaf_hash: Vec<u8>,
}

/// Where an entry comes from: what every entry of one command shares.
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    /// Names deployment and tenant, so that an entry cannot be replayed into another log.
    pub log: &'a str,
    pub subject: Subject,
    pub actor: &'a Actor,
    pub at: DateTime<Utc>,
    /// The delivery or job that asked: the idempotency key.
    pub command: &'a str,
    /// Where it was said, for a person who compares with the chat platform; `None` for timers.
    pub place: Option<&'a crate::domain::Place>,
}

/// An entry ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    pub seq: i32,
    pub kind: &'static str,
    pub body: Vec<u8>,
    pub leaf_hash: [u8; 32],
    pub disclosures: Vec<Disclosure>,
}

/// A name or a text, salted, beside the chain: `["<salt>","name","value"]` (the shape of RFC 9901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    pub digest: [u8; 32],
    pub bytes: Vec<u8>,
}

impl Disclosure {
    /// 128 bits of salt: without them the digest cannot be guessed back, even for a short name.
    fn new(name: &str, value: &str) -> Disclosure {
        let salt: [u8; 16] = rand::random();
        let value: String = value.nfc().filter(|c| *c != '\0').collect();
        let bytes = json!([STANDARD.encode(salt), name, value]).to_string().into_bytes();
        Disclosure { digest: Sha256::digest(&bytes).into(), bytes }
    }

    /// The (name, value) that stored bytes disclose.
    pub fn read(bytes: &[u8]) -> Option<(String, String)> {
        let (_salt, name, value): (String, String, String) = serde_json::from_slice(bytes).ok()?;
        Some((name, value))
    }
}

/// Encodes the next entry of a chain.
///
/// The body keeps to a restricted profile in which every canonicaliser agrees (RFC 8785): ASCII keys, no floats, no
/// integer beyond 32 bits (guarded by [`Fact`]'s types), times in UTC with six digits.
pub fn encode(origin: &Origin<'_>, head: &Head, draft: &Draft) -> Encoded {
    let seq = head.seq + 1;
    let disclosures = disclosures(origin.actor, draft);
    let mut digests: Vec<String> = disclosures.iter().map(|d| STANDARD.encode(d.digest)).collect();
    digests.sort_unstable(); // the order must not say which is which
    let mut body = json!({
        "v": 1,
        "origin": origin.log,
        "agg": origin.subject.to_string(),
        "seq": seq,
        "kind": draft.kind,
        "at": moment(origin.at),
        "actor": pseudonym(origin.actor),
        "cmd": origin.command,
        "data": data(draft),
        "prev": STANDARD.encode(&head.leaf_hash),
        "sd": digests,
    });
    if let Some(place) = origin.place {
        body["src"] = json!({
            "platform": place.platform.as_str(),
            "workspace": place.workspace,
            "channel": place.channel,
        });
    }
    let body = serde_json_canonicalizer::to_vec(&body).expect("strings, small integers and booleans always serialise");
    Encoded { seq, kind: draft.kind, leaf_hash: leaf_hash(&body), body, disclosures }
}

fn disclosures(actor: &Actor, draft: &Draft) -> Vec<Disclosure> {
    let name = match actor {
        Actor::Person { name, .. } | Actor::Unlinked { name, .. } => Some(Disclosure::new("actor_name", name)),
        Actor::Wardroom => None,
    };
    name.into_iter().chain(draft.texts.iter().map(|(name, value)| Disclosure::new(name, value))).collect()
}

/// How the body names the actor: a pseudonym, never a name.
fn pseudonym(actor: &Actor) -> String {
    actor.pseudonym().unwrap_or_else(|| "wardroom".to_owned())
}

fn data(draft: &Draft) -> Value {
    let facts: Map<String, Value> =
        draft.facts.iter().map(|(name, fact)| ((*name).to_owned(), fact_value(fact))).collect();
    Value::Object(facts)
}

/// A fact as it stands in the body.
pub fn fact_value(fact: &Fact) -> Value {
    match fact {
        Fact::Int(number) => json!(number),
        Fact::Yes(yes) => json!(yes),
        Fact::Word(word) => json!(word),
        Fact::Words(words) => json!(words),
        Fact::At(at) => json!(moment(*at)),
        Fact::Person(person) => json!(person.0),
    }
}

/// RFC 3339 in UTC with exactly six digits.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Event, IncidentEvent};

    fn origin(actor: &Actor) -> Origin<'_> {
        Origin {
            log: "wardroom/harbour",
            subject: Subject::Incident(1),
            actor,
            at: DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap(),
            command: "slack:1.2.3",
            place: None,
        }
    }

    #[test]
    fn an_entry_holds_no_name_and_no_text() {
        let actor = Actor::Wardroom;
        let event = Event::Incident(IncidentEvent::NoteAdded { text: "the very secret text".into() });
        let encoded = encode(&origin(&actor), &Head::default(), &event.draft());
        let body = String::from_utf8(encoded.body.clone()).unwrap();
        assert!(!body.contains("secret"), "{body}");
        assert_eq!(encoded.disclosures.len(), 1);
        let (name, value) = Disclosure::read(&encoded.disclosures[0].bytes).unwrap();
        assert_eq!((name.as_str(), value.as_str()), ("text", "the very secret text"));
        assert!(body.contains(&STANDARD.encode(encoded.disclosures[0].digest)));
    }

    #[test]
    fn the_same_text_twice_has_two_digests() {
        assert_ne!(Disclosure::new("text", "yes").digest, Disclosure::new("text", "yes").digest);
    }

    #[test]
    fn the_body_is_canonical_and_dated_with_six_digits() {
        let actor = Actor::Wardroom;
        let encoded = encode(&origin(&actor), &Head::default(), &Event::ClockMoved { seconds: 40 }.draft());
        assert_eq!(
            String::from_utf8(encoded.body).unwrap(),
            r#"{"actor":"wardroom","agg":"INC-1","at":"2027-01-15T08:00:00.123456Z","cmd":"slack:1.2.3","data":{"seconds":40},"kind":"clock.moved","origin":"wardroom/harbour","prev":"","sd":[],"seq":1,"v":1}"#
        );
    }
}
