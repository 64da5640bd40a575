//! What happened on both platforms, kept in a file from one start to the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::discord::DiscordServer;
use super::host::SandboxError;
use super::slack::SlackWorkspace;

/// How long changes are gathered before they are written: under the second that a crash may cost.
const SAVE_DELAY: Duration = Duration::from_millis(500);

/// The kept state's file, inside the data folder.
const STATE_FILE: &str = "sandbox.json";

/// Both platforms and the file that outlives them.
pub(super) struct KeptState {
    pub slack: Arc<SlackWorkspace>,
    pub discord: Arc<DiscordServer>,
    file: Option<PathBuf>,
}

/// Writes the state soon after something changed, until the end.
pub(super) async fn save_when_changed(state: Arc<KeptState>, stop: CancellationToken) {
    if state.file.is_none() {
        return;
    }
    let (mut slack, mut discord) = (state.slack.watch(), state.discord.watch());
    loop {
        tokio::select! {
            changed = slack.changed() => if changed.is_err() { return },
            changed = discord.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return,
        }
        tokio::select! {
            () = tokio::time::sleep(SAVE_DELAY) => {}
            () = stop.cancelled() => return,
        }
        slack.mark_unchanged();
        discord.mark_unchanged();
        if let Err(error) = state.save().await {
            tracing::error!(error = &error as &dyn std::error::Error, "what happened in the sandbox is not kept");
        }
    }
}

impl KeptState {
    /// `data` is the folder in which the state is kept, if it is.
    pub fn new(slack: Arc<SlackWorkspace>, discord: Arc<DiscordServer>, data: Option<&Path>) -> Self {
        Self { slack, discord, file: data.map(|folder| folder.join(STATE_FILE)) }
    }

    pub async fn restore(&self) -> Result<(), SandboxError> {
        let Some(path) = &self.file else { return Ok(()) };
        let bytes = match tokio::fs::read(path).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => {
                return Err(SandboxError::Read { path: path.clone(), source });
            }
        };
        let unclear = |why: String| SandboxError::Restore { path: path.clone(), why };
        let mut kept: Value = serde_json::from_slice(&bytes).map_err(|error| unclear(error.to_string()))?;
        self.slack.restore(kept["slack"].take()).map_err(unclear)?;
        self.discord.restore(kept["discord"].take()).map_err(unclear)
    }

    pub async fn save(&self) -> Result<(), SandboxError> {
        let Some(path) = &self.file else { return Ok(()) };
        let kept = json!({ "slack": self.slack.snapshot(), "discord": self.discord.snapshot() });
        write_whole(path, kept.to_string().as_bytes())
            .await
            .map_err(|source| SandboxError::Write { path: path.clone(), source })
    }
}

/// Replaces a file so that a reader, or a crash, meets the old content or the new, never a part.
async fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt;

    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let unfinished = path.with_extension("json.new");
    let mut file = tokio::fs::File::create(&unfinished).await?;
    file.write_all(content).await?;
    file.sync_all().await?;
    tokio::fs::rename(&unfinished, path).await
}
