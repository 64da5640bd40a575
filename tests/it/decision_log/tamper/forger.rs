//! Somebody who knows how the log is made, and makes another: with fresh hashes everywhere, and with the key where they
//! have it.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wardroom::ledger::leaf_hash;
use wardroom::ledger::merkle::{Frontier, Hash};
use wardroom::ledger::note::{Checkpoint, NoteKey};

use super::story::{LOG, Scene};

/// Every entry, in the order of the tree.
pub struct Forger {
    entries: Vec<Entry>,
    gone: Vec<i64>,
}

struct Entry {
    /// `None`: there is no row of it yet.
    id: Option<i64>,
    body: Value,
    recorded_at: String,
}

impl Forger {
    pub async fn over(scene: &Scene<'_>) -> Forger {
        let rows = "select entry.id || '|' || entry.recorded_at || '|' || convert_from(body, 'UTF8')
                    from dlog.leaf join dlog.entry on entry.id = entry_id order by idx";
        let entry = |row: String| {
            let mut parts = row.splitn(3, '|');
            let mut part = || parts.next().expect("three parts");
            let (id, recorded_at, body) = (part().parse().ok(), part().to_owned(), part().to_owned());
            Entry { id, recorded_at, body: serde_json::from_str(&body).expect("an entry") }
        };
        Forger { entries: scene.database.texts(rows).await.into_iter().map(entry).collect(), gone: Vec::new() }
    }

    /// Writes over one entry.
    pub fn edit(&mut self, subject: &str, seq: i64, with: impl FnOnce(&mut Value)) {
        let of = |entry: &&mut Entry| entry.body["agg"] == subject && entry.body["seq"] == seq;
        with(&mut self.entries.iter_mut().find(of).expect("it is there").body);
    }

    /// Removes everything from a place on.
    pub fn cut(&mut self, size: u64) {
        let tail = self.entries.split_off(usize::try_from(size).expect("small"));
        self.gone.extend(tail.into_iter().filter_map(|entry| entry.id));
    }

    /// Slips a copy of an entry in, right after it, in somebody else's name. Those after it move on.
    pub fn slip_in(&mut self, subject: &str, seq: i64, actor: &str) {
        let of = |entry: &Entry| entry.body["agg"] == subject && entry.body["seq"] == seq;
        let at = self.entries.iter().position(of).expect("it is there");
        for entry in &mut self.entries[at + 1..] {
            if entry.body["agg"] == subject {
                entry.body["seq"] = json!(entry.body["seq"].as_i64().expect("a number") + 1);
            }
        }
        let mut body = self.entries[at].body.clone();
        (body["actor"], body["seq"], body["sd"]) = (json!(actor), json!(seq + 1), json!([]));
        let recorded_at = self.entries[at].recorded_at.clone();
        self.entries.insert(at + 1, Entry { id: None, body, recorded_at });
    }

    /// Every hash anew, and with the key every signature that the database keeps.
    pub async fn write(mut self, scene: &Scene<'_>, key: Option<&NoteKey>, sql: &str) {
        let mut forged = String::from("update dlog.entry set seq = seq + 1000000; delete from dlog.leaf;");
        for id in &self.gone {
            let _ = write!(
                forged,
                "delete from dlog.disclosure where entry_id = {id}; delete from dlog.pending where entry_id = {id};
                 delete from dlog.entry where id = {id};"
            );
        }
        let mut frontier = Frontier::default();
        let mut sizes = Vec::new();
        self.chain();
        for (index, entry) in self.entries.iter().enumerate() {
            let (body, hash) = entry.bytes();
            frontier.push(hash, |_, _| {});
            sizes.push((frontier.size(), frontier.root()));
            forged.push_str(&entry.sql(index, &body, &hash));
        }
        forged.push_str(&tree_sql(&frontier));
        if let Some(key) = key {
            forged.push_str(&resigned(key, &sizes));
        }
        scene.as_intruder(&format!("{forged} delete from dlog.pending; {sql}")).await;
    }

    /// Each entry holds the hash of the one before it.
    fn chain(&mut self) {
        let mut heads: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
        for entry in &mut self.entries {
            let subject = entry.body["agg"].as_str().expect("a subject").to_owned();
            entry.body["prev"] = json!(heads.get(&subject).cloned().unwrap_or_default());
            heads.insert(subject, STANDARD.encode(entry.bytes().1));
        }
    }
}

impl Entry {
    /// Keys are sorted, and no text is in it that two writers would spell differently.
    fn bytes(&self) -> (Vec<u8>, Hash) {
        let body = self.body.to_string().into_bytes();
        let hash = leaf_hash(&body);
        (body, hash)
    }

    fn sql(&self, index: usize, body: &[u8], hash: &Hash) -> String {
        let (subject, seq, kind) = (&self.body["agg"], &self.body["seq"], &self.body["kind"]);
        let text = |value: &Value| value.as_str().expect("a word").to_owned();
        let (subject, kind, body, hash) = (text(subject), text(kind), hex::encode(body), hex::encode(hash));
        let entry = match self.id {
            Some(id) => format!("update dlog.entry set seq = {seq}, body = decode('{body}', 'hex') where id = {id};"),
            None => format!(
                "insert into dlog.entry (tenant_id, subject, seq, kind, recorded_at, body)
                 values (1, '{subject}', {seq}, '{kind}', '{}', decode('{body}', 'hex'));",
                self.recorded_at
            ),
        };
        format!(
            "{entry} insert into dlog.leaf (tenant_id, idx, entry_id, leaf_hash)
             select 1, {index}, id, decode('{hash}', 'hex') from dlog.entry where subject = '{subject}' and seq = {seq};"
        )
    }
}

fn tree_sql(frontier: &Frontier) -> String {
    let (root, edge) = (hex::encode(frontier.root()), hex::encode(frontier.to_bytes()));
    format!(
        "update dlog.tree set size = {}, root = decode('{root}', 'hex'), frontier = decode('{edge}', 'hex');",
        frontier.size()
    )
}

fn resigned(key: &NoteKey, sizes: &[(u64, Hash)]) -> String {
    let newest = sizes.last().map_or(0, |(size, _)| *size);
    let mut sql = format!("delete from dlog.checkpoint where size > {newest};");
    for (size, root) in sizes {
        let note = Checkpoint { origin: LOG.to_owned(), size: *size, root: *root }.signed(&[key]);
        let _ = write!(sql, "update dlog.checkpoint set note = '{note}' where size = {size};");
    }
    sql
}
