//! `wardroom log`: the decision log for auditors and operators, beside the bot.

mod chat;
mod checkpoint;
mod compare;
mod export;
mod progress;
mod recover;
mod rotate;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::connect;
use crate::config::{ChatSettings, DatabaseSettings, LedgerSettings};
use crate::ledger::LogName;
use crate::ledger::anchors::Anchors;
use crate::ledger::outside::Outside;

#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Check every entry, the tree over them, what was signed of it, the state, and Postgres' guards; exit status 1 where
    /// the log is not whole. With the platforms' tokens also against the checkpoints that chat keeps
    Verify {
        #[command(flatten)]
        receipts: verify::ReceiptArgs,
        #[command(flatten)]
        ledger: LedgerSettings,
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
        LogCommand::Verify { receipts, ledger, chat, database } => {
            verify::verify(&connect(&database).await?, ledger.anchors(), &chat, &receipts).await
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
        LogCommand::Export { folder, ledger, database } => {
            export::export(&connect(&database).await?, ledger.anchors(), &folder).await
        }
    }
}

/// What was signed of a log, under each of its names, as the folder outside the database has it.
fn outside(anchors: Option<&Anchors>, log: &LogName) -> anyhow::Result<Outside> {
    match anchors {
        Some(anchors) => Ok(anchors.outside(log)?),
        None => Ok(Outside::default()),
    }
}
