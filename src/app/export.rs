//! `/log export`: what of the log goes to whom, and the files that it is made of.

use std::fmt::Write;

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
use crate::store::{ExportPart, Tx};

/// A part of the log as files, each with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// `wardroom-INC-7`: the folder that they belong into.
    pub name: String,
    pub files: Vec<(&'static str, Vec<u8>)>,
    pub entries: u64,
}

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

    /// The files of a part of the log: its entries in the order of the tree, what may be disclosed of them, where each
    /// stands in what was signed, and how to check it.
    pub async fn bundle(&self, tenant: i64, part: &ExportPart) -> Result<Bundle, HandleError> {
        self.store.sequence(tenant).await?;
        let mut tx = self.store.begin(tenant).await?;
        let name = tx.tenant_row().await?.log_name();
        let log = name.to_string();
        let outside = self.outside(name).await;
        let notes = tx.checkpoint_notes().await?;
        let signed = notes.last().and_then(|note| note.lines().nth(1)).and_then(|size| size.parse().ok()).unwrap_or(0);
        let (mut entries, mut disclosures, mut proofs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut count, mut unsigned) = (0, 0);
        let is_whole = part.is_whole();
        for row in tx.export_rows(part).await? {
            // The tree is grown from its first leaf on: what comes after a gap, by a commit that overtook, is left out.
            if is_whole && row.index != count {
                break;
            }
            count += 1;
            line(&mut entries, &row.body);
            row.disclosures.iter().for_each(|disclosure| line(&mut disclosures, disclosure));
            if is_whole {
                continue;
            }
            let proof = if row.index < signed {
                tx.prove_inclusion(&row.subject, row.seq, signed).await?
            } else {
                unsigned += 1;
                None
            };
            let hashes = proof.map(|found| found.proof.iter().map(|hash| STANDARD.encode(hash)).collect::<Vec<_>>());
            line(&mut proofs, json!({"index": row.index, "proof": hashes}).to_string().as_bytes());
        }
        tx.rollback().await?;
        let what = part.of.map_or_else(|| log.rsplit('/').next().unwrap_or_default().to_owned(), |of| of.to_string());
        let readme = readme(&log, &what, &part.sentence(), (count, unsigned), is_whole);
        let mut files = vec![
            ("README.txt", readme.into_bytes()),
            ("entries.ndjson", entries),
            ("disclosures.ndjson", disclosures),
            ("checkpoints.txt", notes_file(if is_whole { &outside.notes } else { &notes })),
        ];
        if is_whole {
            files.push(("verify_log.py", VERIFY_LOG.into()));
        } else {
            files.extend([("proofs.ndjson", proofs), ("verify_record.py", VERIFY_RECORD.into())]);
        }
        if !outside.trust.keys.is_empty() {
            let keys = outside.trust.keys.iter().map(|key| format!("{}\n", key.vkey()));
            files.push(("key.vkey", keys.collect::<String>().into_bytes()));
        }
        Ok(Bundle { name: format!("wardroom-{what}"), files, entries: count })
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

fn notes_file(notes: &[String]) -> Vec<u8> {
    [notes.join("\n").as_bytes(), b"\n"].concat()
}

fn line(file: &mut Vec<u8>, bytes: &[u8]) {
    file.extend_from_slice(bytes);
    file.push(b'\n');
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
    /// All files in one: a tape archive (ustar), as every system unpacks it.
    pub fn tar(&self, at: DateTime<Utc>) -> Vec<u8> {
        let mut tar = Vec::new();
        for (name, content) in &self.files {
            tar.extend(header(&format!("{}/{name}", self.name), content.len(), at));
            tar.extend_from_slice(content);
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
