//! `wardroom log archive verify`: is every bundle the one that was sealed?

use anyhow::Context;

use crate::app::App;
use crate::cli::out;
use crate::ledger::archive::Archive;

pub(super) async fn verify(app: &App, archive: Option<Archive>) -> anyhow::Result<()> {
    let archive = archive.context("--archive, the folder of sealed records, is missing")?;
    let mut whole = true;
    for tenant in app.store.tenants().await? {
        let mut tx = app.store.begin(tenant).await?;
        let unit = tx.tenant_row().await?.key;
        let bundles = tx.logged_bundles().await?;
        tx.rollback().await?;
        let (mut good, mut files) = (0, 0);
        for bundle in &bundles {
            match archive.rack(&unit, &bundle.subject).check(bundle.kind, &bundle.manifest) {
                Ok(checked) => {
                    good += 1;
                    files += checked;
                }
                Err(spoilt) => {
                    whole = false;
                    let (subject, seq) = (&bundle.subject, bundle.seq);
                    out(&format!("{unit}: NOT WHOLE, {}: {} ({subject}#{seq})", spoilt.path.display(), spoilt.what))?;
                }
            }
        }
        if good == bundles.len() {
            out(&format!("{unit}: OK, {good} bundles with {files} files are what the log says was sealed"))?;
        }
    }
    if !whole {
        std::process::exit(1);
    }
    Ok(())
}
