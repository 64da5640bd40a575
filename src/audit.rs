//! `wardroom log`: the decision log for auditors and operators, beside the bot.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;

use crate::app::App;
use crate::cli::{connect, out};
use crate::config::{DatabaseSettings, LedgerSettings};
use crate::jobs::Notary;
use crate::ledger::anchors::Anchors;
use crate::ledger::note::Checkpoint;

#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Check every entry, the tree over them and what was signed of it; exit status 1 where the log is not whole
    Verify {
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Sign the tree now, and print the newest checkpoint of each log
    Checkpoint {
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Prove that one entry (INC-7#3) is in the tree that was signed last
    Prove {
        entry: String,
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Write entries.ndjson (one entry's exact bytes a line, in the tree's order), disclosures.ndjson, the checkpoints
    /// and the key that checks them into a folder; `deploy/verify_log.py` checks them without Wardroom
    Export {
        folder: PathBuf,
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
}

/// Runs what the arguments say.
pub async fn run(command: LogCommand) -> anyhow::Result<()> {
    match command {
        LogCommand::Verify { ledger, database } => verify(&connect(&database).await?, ledger.anchors()).await,
        LogCommand::Checkpoint { ledger, database } => checkpoint(connect(&database).await?, ledger.anchors()).await,
        LogCommand::Prove { entry, ledger, database } => {
            prove(&connect(&database).await?, ledger.anchors(), &entry).await
        }
        LogCommand::Export { folder, ledger, database } => {
            export(&connect(&database).await?, ledger.anchors(), &folder).await
        }
    }
}

async fn verify(app: &App, anchors: Option<Anchors>) -> anyhow::Result<()> {
    let mut whole = true;
    for tenant in app.store.tenants().await? {
        app.store.sequence(tenant).await?;
        let mut tx = app.store.begin(tenant).await?;
        let log = tx.tenant_row().await?.log();
        let verdict = tx.verify_log(None).await?;
        let grown = tx.verify_tree(signed(anchors.as_ref(), &log)?).await?;
        let mut findings = verdict.findings.iter().chain(&grown.findings);
        let counted = format!(
            "{} entries of {} records, {} leaves, {} signed checkpoints agree",
            verdict.entries, verdict.subjects, grown.leaves, grown.agreed
        );
        match findings.next() {
            None => out(&format!("{log}: OK, {counted}"))?,
            Some(first) => {
                whole = false;
                out(&format!("{log}: NOT WHOLE, the first bad entry is {first}"))?;
                for finding in findings {
                    out(&format!("  also {finding}"))?;
                }
            }
        }
        if anchors.is_none() {
            out("  Nothing outside the database was compared: --ledger names the folder of signed checkpoints.")?;
        }
    }
    if !whole {
        std::process::exit(1);
    }
    Ok(())
}

/// What was signed of a log, as the file outside the database has it.
fn signed(anchors: Option<&Anchors>, log: &str) -> anyhow::Result<Vec<Checkpoint>> {
    match anchors {
        Some(anchors) => Ok(anchors.checkpoints(&anchors.verifier(log)?)?),
        None => Ok(Vec::new()),
    }
}

async fn checkpoint(app: App, anchors: Option<Anchors>) -> anyhow::Result<()> {
    let anchors = anchors.context("--ledger, the folder of the key and of signed checkpoints, is missing")?;
    let notary = Notary::new(app.clone(), Some(anchors));
    for tenant in app.store.tenants().await? {
        notary.sign(tenant).await?;
        let mut tx = app.store.begin(tenant).await?;
        match tx.checkpoint_notes().await?.pop() {
            Some(note) => out(note.trim_end())?,
            None => out(&format!("{} has no entries yet", tx.tenant_row().await?.log()))?,
        }
    }
    Ok(())
}

/// In the form of C2SP's tlog-proof: the place, the proof, the checkpoint that it leads to.
async fn prove(app: &App, anchors: Option<Anchors>, entry: &str) -> anyhow::Result<()> {
    let (subject, seq) = entry.split_once('#').context("an entry is named like INC-7#3")?;
    let seq: i32 = seq.parse().context("an entry is named like INC-7#3")?;
    for tenant in app.store.tenants().await? {
        let mut tx = app.store.begin(tenant).await?;
        let log = tx.tenant_row().await?.log();
        let Some(newest) = signed(anchors.as_ref(), &log)?.pop() else { continue };
        let Some(found) = tx.prove_inclusion(subject, seq, newest.size).await? else { continue };
        let note = tx.checkpoint_notes().await?.into_iter().rev().find(|note| note.starts_with(&newest.text()));
        out("c2sp.org/tlog-proof@v1")?;
        out(&format!("index {}", found.index))?;
        for hash in &found.proof {
            out(&STANDARD.encode(hash))?;
        }
        return out(&format!("\n{}", note.unwrap_or_else(|| newest.text()).trim_end()));
    }
    anyhow::bail!("{entry} is not among what was signed; `wardroom log checkpoint` signs what is there now")
}

async fn export(app: &App, anchors: Option<Anchors>, folder: &Path) -> anyhow::Result<()> {
    for tenant in app.store.tenants().await? {
        app.store.sequence(tenant).await?;
        let mut tx = app.store.begin(tenant).await?;
        let row = tx.tenant_row().await?;
        let folder = folder.join(&row.key);
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let file = |name: &str| {
            let path = folder.join(name);
            std::fs::File::create(&path).map(BufWriter::new).with_context(|| format!("writing {}", path.display()))
        };
        let (mut entries, mut disclosures) = (file("entries.ndjson")?, file("disclosures.ndjson")?);
        let count = tx
            .export_log(|body, disclosed| {
                entries.write_all(body)?;
                entries.write_all(b"\n")?;
                for disclosure in disclosed {
                    disclosures.write_all(disclosure)?;
                    disclosures.write_all(b"\n")?;
                }
                Ok(())
            })
            .await?;
        entries.flush()?;
        disclosures.flush()?;
        if let Some(anchors) = &anchors {
            let mut signed = file("checkpoints.txt")?;
            for note in tx.checkpoint_notes().await? {
                writeln!(signed, "{note}")?;
            }
            signed.flush()?;
            writeln!(file("key.vkey")?, "{}", anchors.verifier(&row.log())?.vkey())?;
        }
        out(&format!("{count} entries in {}", folder.display()))?;
    }
    Ok(())
}
