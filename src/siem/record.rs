//! An entry on its way to a SIEM: what it is, where it stands in the tree, and no name and no text unless they are asked
//! for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::ocsf::class_of;
use crate::ledger::Disclosure;
use crate::store::StreamRow;

/// One entry, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Names the log: deployment and tenant.
    pub log: String,
    pub index: u64,
    /// Base64, as receipts and proofs have it.
    pub leaf_hash: String,
    pub subject: String,
    pub seq: i32,
    pub kind: String,
    /// RFC 3339, in UTC with six digits; empty where the entry cannot be read any more.
    pub at: String,
    /// A pseudonym.
    pub actor: String,
    pub platform: Option<String>,
    /// Tokens and numbers only.
    pub data: Map<String, Value>,
    pub texts: Option<Map<String, Value>>,
}

impl Record {
    pub fn read(log: &str, row: StreamRow, with_texts: bool) -> Record {
        let body: Value = serde_json::from_slice(&row.body).unwrap_or_default();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = || {
            let disclosed = row.disclosures.iter().filter_map(|bytes| Disclosure::read(bytes));
            disclosed.map(|(name, value)| (name, Value::String(value))).collect()
        };
        Record {
            log: log.to_owned(),
            index: row.index,
            leaf_hash: STANDARD.encode(&row.leaf_hash),
            at: word(&body["at"]),
            actor: word(&body["actor"]),
            platform: body["src"]["platform"].as_str().map(str::to_owned),
            data: body["data"].as_object().cloned().unwrap_or_default(),
            texts: with_texts.then(texts),
            subject: row.subject,
            seq: row.seq,
            kind: row.kind,
        }
    }

    /// The entry as one JSON object.
    pub fn json(&self) -> Value {
        let mut json = json!({
            "log": self.log, "index": self.index, "leaf_hash": self.leaf_hash, "subject": self.subject,
            "seq": self.seq, "kind": self.kind, "at": self.at, "actor": self.actor, "platform": self.platform,
            "data": self.data, "ocsf": class_of(&self.kind).json(),
        });
        if let Some(texts) = &self.texts {
            json["texts"] = Value::Object(texts.clone());
        }
        json
    }

    /// Short facts in an order of their own: (name, value), for formats that know no JSON.
    pub fn facts(&self) -> Vec<(String, String)> {
        let class = class_of(&self.kind);
        let mut facts = vec![
            ("log".to_owned(), self.log.clone()),
            ("index".to_owned(), self.index.to_string()),
            ("leafHash".to_owned(), self.leaf_hash.clone()),
            ("subject".to_owned(), self.subject.clone()),
            ("seq".to_owned(), self.seq.to_string()),
            ("kind".to_owned(), self.kind.clone()),
            ("actor".to_owned(), self.actor.clone()),
            ("ocsfClass".to_owned(), class.class_uid.to_string()),
            ("ocsfActivity".to_owned(), class.activity_id.to_string()),
        ];
        facts.extend(self.platform.iter().map(|platform| ("platform".to_owned(), platform.clone())));
        facts.push(("data".to_owned(), Value::Object(self.data.clone()).to_string()));
        facts.extend(self.texts.iter().map(|texts| ("texts".to_owned(), Value::Object(texts.clone()).to_string())));
        facts
    }
}
