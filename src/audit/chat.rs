//! What chat keeps of the checkpoints, read where the platforms' tokens are at hand.

use crate::app::App;
use crate::config::ChatSettings;
use crate::jobs::Notary;
use crate::ledger::anchors::Anchors;
use crate::ledger::note::Checkpoint;
use crate::ledger::outside::{Judged, Outside};
use crate::platform::Adapters;
use crate::platform::discord::DiscordAdapter;
use crate::platform::slack::SlackAdapter;

/// What a comparison with chat came to.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Checkpoints that chat has and the folder has not: the tree must agree with them too.
    pub only_there: Vec<Checkpoint>,
    /// What to tell of it.
    pub lines: Vec<String>,
}

/// The platforms whose tokens are set, with a sentence for each that could not be joined.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub adapters: Adapters,
    unread: Vec<String>,
}

/// Joins the platforms whose tokens are set. One that cannot be joined is told of, and is no reason to end.
pub(super) async fn join(chat: &ChatSettings) -> Joined {
    let mut joined = Joined::default();
    let unread = |platform: &str, why: String| format!("The checkpoints on {platform} were not compared: {why}");
    match chat.slack.settings() {
        Ok(None) => {}
        Ok(Some(settings)) => match SlackAdapter::connect(settings).await {
            Ok(slack) => joined.adapters.slack = Some(slack.outbound().clone()),
            Err(error) => joined.unread.push(unread("Slack", error.to_string())),
        },
        Err(missing) => joined.unread.push(unread("Slack", missing.to_owned())),
    }
    match chat.discord.settings() {
        Ok(None) => {}
        Ok(Some(settings)) => match DiscordAdapter::connect(settings).await {
            Ok(discord) => joined.adapters.discord = Some(discord.outbound()),
            Err(error) => joined.unread.push(unread("Discord", error.to_string())),
        },
        Err(missing) => joined.unread.push(unread("Discord", missing.to_owned())),
    }
    joined
}

/// Reads what chat keeps of a log, and holds it against what the folder has.
pub(super) async fn compare(
    app: &App,
    anchors: Option<&Anchors>,
    tenant: i64,
    joined: &Joined,
    outside: &Outside,
) -> anyhow::Result<Compared> {
    let mut compared = Compared { lines: joined.unread.clone(), ..Compared::default() };
    if anchors.is_none() {
        return Ok(compared);
    }
    let notary = Notary::new(app.clone(), anchors.cloned());
    let chat = notary.read_chat(tenant, &joined.adapters).await?;
    for kept in &chat.kept {
        let judged = kept.notes.iter().map(|note| outside.trust.judge(note));
        let holds: Vec<Checkpoint> = judged
            .filter_map(|judged| match judged {
                Judged::Holds(checkpoint) => Some(checkpoint),
                Judged::Lost | Judged::Foreign => None,
            })
            .collect();
        compared.lines.push(format!("{} checkpoints in {} were compared", holds.len(), kept.place));
        compared.only_there.extend(holds.into_iter().filter(|checkpoint| !outside.holds.contains(checkpoint)));
    }
    compared.lines.extend(chat.unread);
    Ok(compared)
}
