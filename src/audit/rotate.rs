//! `wardroom log rotate-key`: another key signs from now on.

use anyhow::Context;

use crate::app::App;
use crate::cli::out;
use crate::jobs::Notary;
use crate::ledger::anchors::Anchors;

pub(super) async fn rotate_key(app: App, anchors: Option<Anchors>) -> anyhow::Result<()> {
    let anchors = anchors.context("--ledger, the folder of the key and of signed checkpoints, is missing")?;
    let notary = Notary::new(app.clone(), Some(anchors));
    for tenant in app.store.tenants().await? {
        let rotated = notary.rotate_key(tenant).await?;
        out(&format!("{}: signed by another key from now on. Give this line to whoever checks the log:", rotated.log))?;
        out(&rotated.vkey)?;
        out(&format!("It replaces {}, which signed one checkpoint together with it.", rotated.replaces))?;
    }
    Ok(())
}
