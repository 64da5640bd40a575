//! `/log export`: what of the log goes to whom, and the files that it is made of.

use std::fmt::Write;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::handle::{Caller, HandleError};
use super::log::{Reader, with_changes};
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::decide::LogExport;
use crate::domain::rules::{LogReading, LogTies, read_log};
use crate::domain::{Refusal, Subject, Target};
use crate::ledger::LogName;
use crate::ledger::outside::Outside;
use crate::store::{ExportPart, StoreError, Tx, unwritten};

/// A part of the log as files, each with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// `wardroom-INC-7`: the folder that they belong into.
    pub name: String,
    pub files: Vec<(&'static str, Vec<u8>)>,
    pub entries: u64,
    /// Entries of the whole log that its newest checkpoint covers.
    pub covers: u64,
    /// Of its own entries those that are younger.
    pub unsigned: u64,
}

/// Where the files of an export grow, each at its end; one that is named for the first time begins.
pub trait Files: Send {
    fn append(&mut self, name: &'static str, bytes: &[u8]) -> io::Result<()>;
}

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// `INC-7`, or the log's name.
    pub what: String,
    pub entries: u64,
    /// Entries of the whole log that the newest checkpoint covers.
    pub covers: u64,
    /// Of its own entries those that are younger.
    pub unsigned: u64,
}

/// What is to be read first.
pub(super) const README: &str = "README.txt";

/// Checks a bundle without our code; it goes into every bundle of single records.
const VERIFY_RECORD: &str = include_str!("../../deploy/verify_record.py");
const VERIFY_LOG: &str = include_str!("../../deploy/verify_log.py");

impl App {
    /// What is to be exported, with what the reader may see of it. Holds the chain that the export is an entry of.
    pub(super) async fn export_target(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        let Some(person) = caller.actor.person() else {
            let denied = super::linking::may_ask(caller.actor, &crate::domain::Question::LogVerify);
            return Ok(Err(denied.err().unwrap_or_else(|| Refusal::slip("Only a person can export the log.", ""))));
        };
        tx.lock_tenant().await?;
        let reader = Reader::of(tenant, person);
        let of = match named {
            Some(subject) => Some(subject),
            None => self.incident_number(tx, caller, None).await?.map(Subject::Incident),
        };
        let mut parts = Vec::new();
        let reading = match of {
            None => read_log(&reader.roles, LogTies::default()),
            Some(subject) => {
                if tx.log_page(&[subject], 0, 0).await?.total == 0 {
                    return Ok(Err(no_such(subject)));
                }
                let subjects = with_changes(tx, subject).await?;
                let mut readings = reader.readings(tx, &subjects).await?;
                let with_texts = |reading: &Result<LogReading, _>| *reading == Ok(LogReading::Full);
                let open = subjects.iter().zip(&readings).filter(|(_, reading)| reading.is_ok());
                parts.extend(open.map(|(subject, reading)| (*subject, with_texts(reading))));
                readings.swap_remove(0)
            }
        };
        let within: Option<Vec<String>> =
            of.map(|_| parts.iter().map(|(subject, _): &(Subject, bool)| subject.to_string()).collect());
        let (newest, entries) = tx.export_size(within.as_deref()).await?;
        let bytes = if LogExport::is_weighed(entries) { tx.export_bytes(within.as_deref()).await? } else { 0 };
        Ok(Ok(Target::Log(Box::new(LogExport { of, reading, parts, newest, entries, bytes }))))
    }

    /// The files of a part of the log in memory. For what chat takes: its size was bounded when it was asked for, and
    /// nothing younger goes with it.
    pub async fn bundle(&self, tenant: i64, part: &ExportPart) -> Result<Bundle, HandleError> {
        let mut files = InMemory::default();
        let exported = self.export_into(tenant, part, &mut files).await?;
        let Exported { what, entries, covers, unsigned } = exported;
        Ok(Bundle { name: format!("wardroom-{what}"), files: files.0, entries, covers, unsigned })
    }

    /// Writes the files of a part of the log: its entries in the order of the tree, what may be disclosed of them, where
    /// each stands in what was signed, and how to check it. One line after the other: beside them it keeps 8 bytes an
    /// entry, its place in the tree.
    pub async fn export_into(
        &self,
        tenant: i64,
        part: &ExportPart,
        files: &mut impl Files,
    ) -> Result<Exported, HandleError> {
        self.store.sequence(tenant).await?;
        let mut tx = self.store.begin(tenant).await?;
        let name = tx.tenant_row().await?.log_name();
        let log = name.to_string();
        let outside = self.outside(name).await;
        let notes = tx.checkpoint_notes().await?;
        let signed = notes.last().and_then(|note| note.lines().nth(1)).and_then(|size| size.parse().ok()).unwrap_or(0);
        let is_whole = part.is_whole();
        for name in ["entries.ndjson", "disclosures.ndjson"] {
            files.append(name, b"").map_err(unwritten)?;
        }
        let (mut count, mut has_gap, mut places) = (0, false, Vec::new());
        tx.export_rows(part, |row| {
            // The tree is grown from its first leaf on: what comes after a gap, by a commit that overtook, is left out.
            has_gap |= is_whole && row.index != count;
            if has_gap {
                return Ok(());
            }
            count += 1;
            line(files, "entries.ndjson", &row.body)?;
            row.disclosures.iter().try_for_each(|disclosure| line(files, "disclosures.ndjson", disclosure))?;
            if !is_whole {
                places.push(row.index);
            }
            Ok(())
        })
        .await?;
        let signed_notes = if is_whole && !outside.notes.is_empty() { &outside.notes } else { &notes };
        for (n, note) in signed_notes.iter().enumerate() {
            let between: &[u8] = if n > 0 { b"\n" } else { b"" };
            files.append("checkpoints.txt", between).map_err(unwritten)?;
            files.append("checkpoints.txt", note.as_bytes()).map_err(unwritten)?;
        }
        files.append("checkpoints.txt", b"\n").map_err(unwritten)?;
        let unsigned = if is_whole { 0 } else { prove(&mut tx, &places, signed, files).await? };
        tx.rollback().await?;
        let (script, source) =
            if is_whole { ("verify_log.py", VERIFY_LOG) } else { ("verify_record.py", VERIFY_RECORD) };
        files.append(script, source.as_bytes()).map_err(unwritten)?;
        for key in &outside.trust.keys {
            line(files, "key.vkey", key.vkey().as_bytes()).map_err(unwritten)?;
        }
        let what = part.of.map_or_else(|| log.rsplit('/').next().unwrap_or_default().to_owned(), |of| of.to_string());
        let readme = readme(&log, &what, &part.sentence(), (count, unsigned), is_whole);
        files.append(README, readme.as_bytes()).map_err(unwritten)?;
        Ok(Exported { what, entries: count, covers: signed, unsigned })
    }

    /// What was signed of a log, and the keys that check it, where this process knows the folder.
    pub(super) async fn outside(&self, log: LogName) -> Outside {
        let Some(anchors) = self.anchors.clone() else { return Outside::default() };
        match tokio::task::spawn_blocking(move || anchors.outside(&log)).await {
            Ok(Ok(outside)) => outside,
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "what is signed outside can't be read");
                Outside::default()
            }
            Err(_) => Outside::default(),
        }
    }
}

/// For each entry its place in the tree, and the hashes that prove it. How many are younger than what was signed.
async fn prove(tx: &mut Tx, places: &[u64], signed: u64, files: &mut impl Files) -> Result<u64, StoreError> {
    let mut unsigned = 0;
    files.append("proofs.ndjson", b"").map_err(unwritten)?;
    for index in places {
        let proof = if *index < signed { Some(tx.prove_leaf(*index, signed).await?) } else { None };
        unsigned += u64::from(proof.is_none());
        let hashes = proof.map(|proof| proof.iter().map(|hash| STANDARD.encode(hash)).collect::<Vec<_>>());
        let proof = json!({"index": index, "proof": hashes}).to_string();
        line(files, "proofs.ndjson", proof.as_bytes()).map_err(unwritten)?;
    }
    Ok(unsigned)
}

fn line(files: &mut impl Files, name: &'static str, bytes: &[u8]) -> io::Result<()> {
    files.append(name, bytes)?;
    files.append(name, b"\n")
}

/// Files that fit into memory, the one to read first at the front.
#[derive(Default)]
struct InMemory(Vec<(&'static str, Vec<u8>)>);

impl Files for InMemory {
    fn append(&mut self, name: &'static str, bytes: &[u8]) -> io::Result<()> {
        match self.0.iter_mut().find(|(there, _)| *there == name) {
            Some((_, content)) => content.extend_from_slice(bytes),
            None if name == README => self.0.insert(0, (name, bytes.to_vec())),
            None => self.0.push((name, bytes.to_vec())),
        }
        Ok(())
    }
}

fn readme(log: &str, what: &str, sentence: &str, (entries, unsigned): (u64, u64), is_whole: bool) -> String {
    let script = if is_whole { "verify_log.py" } else { "verify_record.py" };
    let proofs = if is_whole {
        ""
    } else {
        "proofs.ndjson       for each entry, in the same order, its place in the tree and the hashes that prove it (RFC 6962)\n"
    };
    let mut text = format!(
        "{what}, of the decision log {log}: {entries} entries. {sentence}\n\n\
         entries.ndjson      one entry a line, the exact bytes that were signed; its hash is SHA-256 of a zero byte and the line\n\
         disclosures.ndjson  names and texts: [salt, name, value]; the SHA-256 of a line stands in the `sd` of its entry\n\
         {proofs}\
         checkpoints.txt     what was signed of the tree (C2SP tlog-checkpoint)\n\
         key.vkey            the key that checks the signatures; better take the one that you were given before\n\n\
         To check it without Wardroom: python3 {script} . (needs the Python package cryptography)\n"
    );
    if unsigned > 0 {
        let _ = writeln!(
            text,
            "\n{unsigned} of these entries are younger than the newest checkpoint, so nothing proves them yet. \
             Export again in a minute."
        );
    }
    text
}

impl Bundle {
    /// All files in one: a tape archive (ustar), as every system unpacks it. Each is let go of once it is in it.
    pub fn tar(self, at: DateTime<Utc>) -> Vec<u8> {
        let mut tar = Vec::new();
        for (name, content) in self.files {
            tar.extend(header(&format!("{}/{name}", self.name), content.len(), at));
            tar.extend_from_slice(&content);
            tar.resize(tar.len().next_multiple_of(512), 0);
        }
        tar.resize(tar.len() + 1_024, 0);
        tar
    }
}

/// The 512 bytes before a file: fields of fixed width, numbers in octal, and the sum of it all.
fn header(path: &str, size: usize, at: DateTime<Utc>) -> [u8; 512] {
    let mut header = [0; 512];
    let mut put = |from: usize, text: &str| header[from..from + text.len()].copy_from_slice(text.as_bytes());
    put(0, path);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{size:011o}\0"));
    put(136, &format!("{:011o}\0", at.timestamp()));
    put(148, "        0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}
