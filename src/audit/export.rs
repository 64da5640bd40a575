//! `wardroom log export`: the log for whoever checks it without Wardroom.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use crate::app::App;
use crate::cli::out;
use crate::ledger::anchors::Anchors;

pub(super) async fn export(app: &App, anchors: Option<Anchors>, folder: &Path) -> anyhow::Result<()> {
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
            let outside = anchors.outside(&row.log_name())?;
            let (mut signed, mut keys) = (file("checkpoints.txt")?, file("key.vkey")?);
            for note in &outside.notes {
                writeln!(signed, "{note}")?;
            }
            for key in &outside.trust.keys {
                writeln!(keys, "{}", key.vkey())?;
            }
            signed.flush()?;
            keys.flush()?;
        }
        out(&format!("{count} entries in {}", folder.display()))?;
    }
    Ok(())
}
