//! `wardroom log checkpoint` and `prove`: what was signed, and that an entry is among it.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::outside;
use crate::app::App;
use crate::cli::out;
use crate::jobs::Notary;
use crate::ledger::anchors::Anchors;

pub(super) async fn checkpoint(app: App, anchors: Option<Anchors>) -> anyhow::Result<()> {
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
pub(super) async fn prove(app: &App, anchors: Option<Anchors>, entry: &str) -> anyhow::Result<()> {
    let (subject, seq) = entry.split_once('#').context("an entry is named like INC-7#3")?;
    let seq: i32 = seq.parse().context("an entry is named like INC-7#3")?;
    for tenant in app.store.tenants().await? {
        let mut tx = app.store.begin(tenant).await?;
        let log = tx.tenant_row().await?.log_name();
        let Some(newest) = outside(anchors.as_ref(), &log)?.holds.pop() else { continue };
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
