//! `wardroom log verify`: is the log what was written?

use super::{chat, outside};
use crate::app::App;
use crate::cli::out;
use crate::config::ChatSettings;
use crate::ledger::anchors::Anchors;

pub(super) async fn verify(app: &App, anchors: Option<Anchors>, chat: &ChatSettings) -> anyhow::Result<()> {
    let mut whole = true;
    let adapters = chat::join(chat).await;
    for tenant in app.store.tenants().await? {
        app.store.sequence(tenant).await?;
        let mut tx = app.store.begin(tenant).await?;
        let log = tx.tenant_row().await?.log_name();
        tx.rollback().await?;
        let signed = outside(anchors.as_ref(), &log)?;
        let compared = chat::compare(app, anchors.as_ref(), tenant, &adapters, &signed).await?;
        let mut tx = app.store.begin(tenant).await?;
        let verdict = tx.verify_log(None).await?;
        let grown = tx.verify_tree([signed.holds.clone(), compared.only_there].concat()).await?;
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
        for line in signed.recoveries.iter().map(super::recover::told).chain(compared.lines) {
            out(&format!("  {line}"))?;
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
