//! `wardroom log stream`: sends the log on to a SIEM, beside the bot or in its place.

use anyhow::{Context, anyhow};

use crate::app::App;
use crate::cli::{out, until_signalled};
use crate::config::SiemFlags;
use crate::siem::{Pace, Streamer};

pub(super) async fn stream(app: &App, flags: &SiemFlags, from: Option<u64>, once: bool) -> anyhow::Result<()> {
    let settings = flags.settings().map_err(|problem| anyhow!(problem))?;
    let settings = settings.context("--siem-url is missing: where the log is to go")?;
    let streamer = Streamer::new(app.store.clone(), settings, Pace::default())?;
    if let Some(from) = from {
        streamer.rewind(from).await?;
    }
    let shutdown = until_signalled(false);
    if once {
        let sent = streamer.run_once(&shutdown).await;
        return out(&format!("{sent} entries were taken"));
    }
    streamer.run(shutdown).await;
    Ok(())
}
