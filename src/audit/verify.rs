//! `wardroom log verify`: is the log what was written?

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::progress::Progress;
use super::{chat, outside, witness};
use crate::app::App;
use crate::cli::out;
use crate::config::ChatSettings;
use crate::ledger::anchors::Anchors;
use crate::ledger::witness::Witness;
use crate::ledger::{Finding, GivenReceipt, LogName, Report};
use crate::store::Against;

/// What people were given in chat, to be held against the log.
#[derive(Debug, Args)]
pub struct ReceiptArgs {
    /// A receipt from chat, `L INC-42#7 4jlD/tdS`; may be given several times
    #[arg(long = "receipt", value_name = "RECEIPT")]
    receipts: Vec<String>,
    /// A file of lines with receipts, as they were copied from chat
    #[arg(long, value_name = "FILE")]
    receipts_from: Option<PathBuf>,
}

/// What the log is held against, besides itself.
#[derive(Debug)]
pub(super) struct Beside {
    pub anchors: Option<Anchors>,
    pub witnesses: Vec<Witness>,
    pub chat: ChatSettings,
}

/// Receipts as they were given, and the lines that are none.
struct Given {
    receipts: Vec<GivenReceipt>,
    others: Vec<String>,
}

pub(super) async fn verify(app: &App, beside: Beside, given: &ReceiptArgs) -> anyhow::Result<()> {
    let Beside { anchors, witnesses, chat } = beside;
    let given = given.read()?;
    let mut whole = true;
    let adapters = chat::join(&chat).await;
    for tenant in app.store.tenants().await? {
        let log = app.store.log_name(tenant).await?;
        let signed = outside(anchors.as_ref(), &log)?;
        let compared = chat::compare(app, anchors.as_ref(), tenant, &adapters, &signed).await?;
        let asked = witness::ask(app, anchors.as_ref(), tenant, &witnesses).await?;
        let outside = match &anchors {
            Some(anchors) => {
                let cosigned = witness::cosigned(anchors, &log, &witnesses, &signed)?;
                Some([signed.holds, compared.only_there, cosigned].concat())
            }
            None => None,
        };
        let against = Against { trust: signed.trust, outside };
        let mut progress = Progress::new(&log.to_string());
        let report = app.store.verify(tenant, against, |entries| progress.tell(entries)).await;
        progress.end();
        let mut report = report?;
        report.findings.extend(asked.findings.into_vec());
        whole &= report.is_whole();
        tell(&log, &report, anchors.is_some())?;
        for line in signed.recoveries.iter().map(super::recover::told).chain(compared.lines).chain(asked.lines) {
            out(&format!("  {line}"))?;
        }
    }
    whole &= verify_receipts(app, &given).await?;
    if !whole {
        std::process::exit(1);
    }
    Ok(())
}

fn tell(log: &LogName, report: &Report, has_anchors: bool) -> anyhow::Result<()> {
    let counted = format!(
        "{} entries of {} records, {} leaves, {} signed checkpoints agree, and {} that the database keeps",
        report.entries, report.subjects, report.leaves, report.outside, report.stored
    );
    match report.first() {
        None => out(&format!("{log}: OK, {counted}"))?,
        Some(first) => {
            out(&format!("{log}: NOT WHOLE, the first bad entry is {first}"))?;
            out(&format!("  {counted}"))?;
            for finding in &report.findings {
                out(&line(finding))?;
            }
        }
    }
    if report.clock_moves > 0 {
        out(&format!(
            "  The sandbox moved the clock {} times; times are compared with the moved one.",
            report.clock_moves
        ))?;
    }
    if !has_anchors {
        out("  Nothing outside the database was compared: --ledger names the folder of signed checkpoints.")?;
    }
    for clause in &report.left_out {
        out(&format!("  Not compared: {clause}."))?;
    }
    Ok(())
}

/// The layer that found it, and what it found.
fn line(finding: &Finding) -> String {
    format!("  {}: {finding}", finding.layer.as_str())
}

async fn verify_receipts(app: &App, given: &Given) -> anyhow::Result<bool> {
    if given.receipts.is_empty() && given.others.is_empty() {
        return Ok(true);
    }
    let (held, findings) = app.store.verify_receipts(&given.receipts).await?;
    let findings = findings.into_vec();
    out(&format!("receipts: {held} of {} hold", given.receipts.len()))?;
    for finding in &findings {
        out(&line(finding))?;
    }
    for other in &given.others {
        out(&format!("  Not compared: “{other}” is no receipt."))?;
    }
    Ok(findings.is_empty())
}

impl ReceiptArgs {
    fn read(&self) -> anyhow::Result<Given> {
        let file = match &self.receipts_from {
            Some(path) => read(path)?,
            None => String::new(),
        };
        let mut given = Given { receipts: Vec::new(), others: Vec::new() };
        let lines = file.lines().map(str::trim).filter(|line| !line.is_empty());
        for line in self.receipts.iter().map(String::as_str).chain(lines) {
            match GivenReceipt::find(line) {
                Some(receipt) => given.receipts.push(receipt),
                None => given.others.push(line.to_owned()),
            }
        }
        Ok(given)
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
