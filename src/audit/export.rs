//! `wardroom log export`: the log for whoever checks it without Wardroom.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};

use super::progress::Progress;
use crate::app::{App, Files};
use crate::cli::out;
use crate::domain::{Change, Subject};
use crate::ledger::LogName;
use crate::ledger::anchors::Anchors;
use crate::store::{ExportPart, Tx};

/// A person at a terminal is told of every so many entries.
const TOLD_EVERY: u64 = 10_000;

/// What of the log is wanted.
pub(super) struct Wanted {
    pub subject: Option<Subject>,
    pub since: Option<DateTime<Utc>>,
}

pub(super) async fn export(
    mut app: App,
    anchors: Option<Anchors>,
    folder: &Path,
    wanted: &Wanted,
) -> anyhow::Result<()> {
    app.anchors.clone_from(&anchors);
    let mut found = false;
    for tenant in app.store.tenants().await? {
        app.store.sequence(tenant).await?;
        let mut tx = app.store.begin(tenant).await?;
        let row = tx.tenant_row().await?;
        if wanted.subject.is_none() && wanted.since.is_none() {
            let place = Place::new(folder, &row.key)?;
            let count = whole(&mut tx, &place, anchors.as_ref(), &row.log_name()).await?;
            out(&format!("{count} entries in {}", place.done()?.display()))?;
            found = true;
        } else if let Some(part) = part(&mut tx, wanted).await? {
            tx.rollback().await?;
            let name = part.of.map_or_else(|| "part".to_owned(), |subject| subject.to_string());
            let place = Place::new(folder, &format!("{}-{name}", row.key))?;
            let mut files = OnDisk { place: &place, open: BTreeMap::new() };
            let exported = app.export_into(tenant, &part, &mut files).await?;
            for file in files.open.values_mut() {
                file.flush()?;
            }
            drop(files);
            out(&format!("{} entries in {}", exported.entries, place.done()?.display()))?;
            found = true;
        }
    }
    match wanted.subject {
        Some(subject) if !found => bail!("there is no {subject} in any log"),
        _ => Ok(()),
    }
}

/// The record with its changes and freezes, or what is younger than a moment.
async fn part(tx: &mut Tx, wanted: &Wanted) -> anyhow::Result<Option<ExportPart>> {
    let mut parts = Vec::new();
    if let Some(subject) = wanted.subject {
        if tx.log_page(&[subject], 0, 0).await?.total == 0 {
            return Ok(None);
        }
        parts.push((subject, true));
        if let Subject::Incident(number) = subject {
            parts.extend(tx.changes_of_incident(number).await?.iter().map(Change::subject).map(|of| (of, true)));
            parts.extend(tx.freezes_of_incident(number).await?.into_iter().map(|of| (of, true)));
        }
    }
    Ok(Some(ExportPart { of: wanted.subject, parts, texts: true, newest: None, since: wanted.since }))
}

/// Everything, in constant memory.
async fn whole(tx: &mut Tx, place: &Place, anchors: Option<&Anchors>, log: &LogName) -> anyhow::Result<u64> {
    let (mut entries, mut disclosures) = (place.file("entries.ndjson")?, place.file("disclosures.ndjson")?);
    let (mut progress, mut written) = (Progress::new(&log.to_string()), 0);
    let count = tx
        .export_log(|body, disclosed| {
            entries.write_all(body)?;
            entries.write_all(b"\n")?;
            for disclosure in disclosed {
                disclosures.write_all(disclosure)?;
                disclosures.write_all(b"\n")?;
            }
            written += 1;
            if written % TOLD_EVERY == 0 {
                progress.tell(written);
            }
            Ok(())
        })
        .await?;
    progress.end();
    entries.flush()?;
    disclosures.flush()?;
    if let Some(anchors) = anchors {
        let outside = anchors.outside(log)?;
        let (mut signed, mut keys) = (place.file("checkpoints.txt")?, place.file("key.vkey")?);
        for note in &outside.notes {
            writeln!(signed, "{note}")?;
        }
        for key in &outside.trust.keys {
            writeln!(keys, "{}", key.vkey())?;
        }
        signed.flush()?;
        keys.flush()?;
    }
    Ok(count)
}

/// The files of a part, on their way into a folder.
struct OnDisk<'a> {
    place: &'a Place,
    open: BTreeMap<&'static str, BufWriter<File>>,
}

impl Files for OnDisk<'_> {
    fn append(&mut self, name: &'static str, bytes: &[u8]) -> std::io::Result<()> {
        let file = match self.open.entry(name) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(new) => new.insert(self.place.file(name).map_err(std::io::Error::other)?),
        };
        file.write_all(bytes)
    }
}

/// A folder that is there whole or not at all: written under another name, and given its own at the end.
struct Place {
    partial: PathBuf,
    folder: PathBuf,
}

impl Place {
    fn new(within: &Path, name: &str) -> anyhow::Result<Place> {
        let place = Place { partial: within.join(format!(".{name}.partial")), folder: within.join(name) };
        // What a run that was stopped has left.
        let _ = std::fs::remove_dir_all(&place.partial);
        std::fs::create_dir_all(&place.partial).with_context(|| format!("making {}", place.partial.display()))?;
        Ok(place)
    }

    fn file(&self, name: &str) -> anyhow::Result<BufWriter<File>> {
        let path = self.partial.join(name);
        File::create(&path).map(BufWriter::new).with_context(|| format!("writing {}", path.display()))
    }

    /// On the disk, under its own name, in place of an earlier export.
    fn done(self) -> anyhow::Result<PathBuf> {
        for file in std::fs::read_dir(&self.partial)? {
            File::open(file?.path())?.sync_all()?;
        }
        let earlier = self
            .folder
            .with_file_name(format!(".{}.earlier", self.folder.file_name().unwrap_or_default().to_string_lossy()));
        let _ = std::fs::remove_dir_all(&earlier);
        if self.folder.exists() {
            std::fs::rename(&self.folder, &earlier)?;
        }
        std::fs::rename(&self.partial, &self.folder).with_context(|| format!("naming {}", self.folder.display()))?;
        let _ = std::fs::remove_dir_all(&earlier);
        Ok(self.folder)
    }
}
