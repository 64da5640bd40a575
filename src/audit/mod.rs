//! `wardroom log`: the decision log for auditors and operators, beside the bot.

mod archive;
mod chat;
mod checkpoint;
mod compare;
mod export;
mod progress;
mod recover;
mod rotate;
mod stream;
mod verify;
mod witness;

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::connect;
use crate::config::{ArchiveSettings, ChatSettings, DatabaseSettings, LedgerSettings, SiemFlags, WitnessSettings};
use crate::domain::{Subject, When};
use crate::ledger::LogName;
use crate::ledger::anchors::Anchors;
use crate::ledger::outside::Outside;

#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Check every entry, the tree over them, what was signed of it, the state, and Postgres' guards; exit status 1 where
    /// the log is not whole. With the platforms' tokens also against the checkpoints that chat keeps, and with witnesses
    /// against what they have cosigned
    Verify {
        #[command(flatten)]
        receipts: verify::ReceiptArgs,
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        witness: WitnessSettings,
        #[command(flatten)]
        chat: ChatSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Compare two files of signed checkpoints: two roots that are signed for one size prove a fork (exit status 1)
    Compare {
        file: PathBuf,
        other: PathBuf,
        /// The public key of the log, or the `.vkey` file that holds it
        #[arg(long, value_name = "KEY")]
        key: String,
    },
    /// Sign the tree now, and print the newest checkpoint of each log
    Checkpoint {
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Say how the log does not fit what was signed of it, as after a restored backup; with --backup or --accept-fork, and a
    /// reason, go on under a new name with a signed statement of what was lost
    Recover(recover::RecoverSettings),
    /// Have a new key sign the log from now on: logged, and one checkpoint is signed by both
    RotateKey {
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
    /// and the key that checks them into a folder; `deploy/verify_log.py` checks them without Wardroom. A part of it comes
    /// with a proof for each entry instead, and `deploy/verify_record.py`
    Export {
        folder: PathBuf,
        /// One record only (INC-7); an incident with its changes
        #[arg(long, value_name = "RECORD", value_parser = record)]
        subject: Option<Subject>,
        /// Only what is younger: -2d, 2030-01-07 or 2030-01-07T14:30Z, in UTC
        #[arg(long, value_name = "WHEN", value_parser = moment, allow_hyphen_values = true)]
        since: Option<When>,
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// The archive of sealed records
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Send the log on to a SIEM, in the order of its tree, from where it was left off
    Stream {
        #[command(flatten)]
        siem: SiemFlags,
        /// Begin anew at this place in the tree; 0 is the beginning
        #[arg(long, value_name = "PLACE")]
        from: Option<u64>,
        /// End once everything that there is was taken
        #[arg(long)]
        once: bool,
        #[command(flatten)]
        database: DatabaseSettings,
    },
}

#[derive(Debug, Subcommand)]
pub enum ArchiveCommand {
    /// Compare every bundle with the hash of its manifest that the log keeps; the first bad file is named, exit status 1
    Verify {
        #[command(flatten)]
        archive: ArchiveSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
}

/// Runs what the arguments say.
pub async fn run(command: LogCommand) -> anyhow::Result<()> {
    match command {
        LogCommand::Verify { receipts, ledger, witness, chat, database } => {
            let beside = verify::Beside { anchors: ledger.anchors(), witnesses: witness.witnesses, chat };
            verify::verify(&connect(&database).await?, beside, &receipts).await
        }
        LogCommand::Compare { file, other, key } => compare::compare(&file, &other, &key),
        LogCommand::Recover(settings) => recover::recover(settings).await,
        LogCommand::RotateKey { ledger, database } => {
            rotate::rotate_key(connect(&database).await?, ledger.anchors()).await
        }
        LogCommand::Checkpoint { ledger, database } => {
            checkpoint::checkpoint(connect(&database).await?, ledger.anchors()).await
        }
        LogCommand::Prove { entry, ledger, database } => {
            checkpoint::prove(&connect(&database).await?, ledger.anchors(), &entry).await
        }
        LogCommand::Export { folder, subject, since, ledger, database } => {
            let app = connect(&database).await?;
            let since = since.map(|when| when.since(app.clock.now(), chrono_tz::UTC));
            export::export(app, ledger.anchors(), &folder, &export::Wanted { subject, since }).await
        }
        LogCommand::Archive(ArchiveCommand::Verify { archive, database }) => {
            archive::verify(&connect(&database).await?, archive.archive()).await
        }
        LogCommand::Stream { siem, from, once, database } => {
            stream::stream(&connect(&database).await?, &siem, from, once).await
        }
    }
}

fn record(word: &str) -> Result<Subject, String> {
    Subject::parse(word).ok_or_else(|| "write a record like INC-7 or CHG-88".to_owned())
}

fn moment(word: &str) -> Result<When, String> {
    When::parse(word).ok_or_else(|| "write a moment like -2d, 2030-01-07 or 2030-01-07T14:30Z".to_owned())
}

/// What was signed of a log, under each of its names, as the folder outside the database has it.
fn outside(anchors: Option<&Anchors>, log: &LogName) -> anyhow::Result<Outside> {
    match anchors {
        Some(anchors) => Ok(anchors.outside(log)?),
        None => Ok(Outside::default()),
    }
}
