//! The sandbox's people and channels: those of an organisation file, and one newcomer whom it does not know.

use super::discord::{DiscordCast, DiscordChannelSeed, DiscordPerson};
use super::slack::{SlackCast, SlackChannelSeed, SlackCommand, SlackPerson};
use crate::domain::Platform;
use crate::language::catalogue;
use crate::store::OrganisationFile;

/// Tokens of the sandbox. They open nothing else.
pub const SLACK_BOT_TOKEN: &str = "xoxb-sandbox";
pub const SLACK_APP_TOKEN: &str = "xapp-sandbox";
pub const DISCORD_TOKEN: &str = "sandbox.discord.token";

const DISCORD_APPLICATION: &str = "800000000000000001";
const DISCORD_BOT: &str = "800000000000000002";
const SLACK_BOT: &str = "U0WARDROOM";

/// The channels that exist from the start, on both platforms: (Slack's id, Discord's id, name, topic).
const CHANNELS: [(&str, &str, &str, &str); 5] = [
    ("C0GENERAL", "200000000000000001", "general", "Everything and nothing"),
    ("C0INCIDENTS", "200000000000000002", "incidents", "Every incident, with the way into its war room"),
    ("C0STATUS", "200000000000000003", "status-updates", "What stakeholders are told"),
    ("C0CHANGES", "200000000000000004", "changes", "Every change, with who approved it"),
    ("C0DECISIONLOG", "200000000000000005", "decision-log", "Signed checkpoints of the decision log"),
];

/// The workspace of an organisation on Slack.
pub fn slack(file: &OrganisationFile) -> SlackCast {
    let workspace = file.workspace.iter().find(|workspace| workspace.platform == Platform::Slack);
    let person = |key: &str, name: &str, id: &str| SlackPerson {
        id: id.to_owned(),
        handle: key.to_owned(),
        name: name.to_owned(),
        email: format!("{key}@harbour.example"),
    };
    let mut users: Vec<SlackPerson> =
        file.person.iter().filter_map(|p| Some(person(&p.key, &p.name, p.slack.as_deref()?))).collect();
    users.push(person("pat", "Pat New", "U0PAT"));
    SlackCast {
        team_id: workspace.map_or("T0HARBOUR", |workspace| workspace.id.as_str()).to_owned(),
        team_name: file.tenant.name.clone(),
        bot_user_id: SLACK_BOT.to_owned(),
        bot_token: SLACK_BOT_TOKEN.to_owned(),
        app_token: SLACK_APP_TOKEN.to_owned(),
        users,
        channels: CHANNELS
            .iter()
            .map(|(id, _, name, topic)| SlackChannelSeed {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
                topic: (*topic).to_owned(),
            })
            .collect(),
        commands: catalogue::COMMANDS
            .iter()
            .map(|(name, summary)| SlackCommand {
                command: format!("/{name}"),
                description: (*summary).to_owned(),
                usage_hint: catalogue::usage_hint(name),
            })
            .collect(),
    }
}

/// The server of an organisation on Discord.
pub fn discord(file: &OrganisationFile) -> DiscordCast {
    let workspace = file.workspace.iter().find(|workspace| workspace.platform == Platform::Discord);
    let person = |key: &str, name: &str, id: &str| DiscordPerson {
        id: id.to_owned(),
        username: key.to_owned(),
        name: name.to_owned(),
    };
    let mut users: Vec<DiscordPerson> =
        file.person.iter().filter_map(|p| Some(person(&p.key, &p.name, p.discord.as_deref()?))).collect();
    users.push(person("pat", "Pat New", "100000000000000099"));
    DiscordCast {
        guild_id: workspace.map_or("900000000000000001", |workspace| workspace.id.as_str()).to_owned(),
        guild_name: file.tenant.name.clone(),
        application_id: DISCORD_APPLICATION.to_owned(),
        bot_user_id: DISCORD_BOT.to_owned(),
        bot_token: DISCORD_TOKEN.to_owned(),
        users,
        channels: CHANNELS
            .iter()
            .map(|(_, id, name, topic)| DiscordChannelSeed {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
                topic: (*topic).to_owned(),
            })
            .collect(),
    }
}
