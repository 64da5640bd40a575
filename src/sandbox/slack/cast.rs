//! Who and what a workspace begins with.

use serde::{Deserialize, Serialize};

/// The bot's handle in every local workspace; tests and pages show it as the author of what the bot says.
pub const BOT_HANDLE: &str = "wardroom";
/// The bot's display name.
pub const BOT_NAME: &str = "Wardroom";
/// The account that Slack itself speaks with.
pub const SLACKBOT: &str = "USLACKBOT";

/// What a workspace begins with. All people and the bot are members of all seeded channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackCast {
    pub team_id: String,
    pub team_name: String,
    pub bot_user_id: String,
    /// `xoxb-…`: what the bot presents to the Web API.
    pub bot_token: String,
    /// `xapp-…`: what the bot presents to open a Socket Mode connection.
    pub app_token: String,
    pub users: Vec<SlackPerson>,
    pub channels: Vec<SlackChannelSeed>,
    pub commands: Vec<SlackCommand>,
}

/// One member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackPerson {
    pub id: String,
    pub handle: String,
    pub name: String,
    pub email: String,
}

/// A channel that exists from the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackChannelSeed {
    pub id: String,
    pub name: String,
    pub topic: String,
}

/// A slash command that the app has registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackCommand {
    /// With its slash: `/inc`.
    pub command: String,
    pub description: String,
    pub usage_hint: String,
}

impl SlackCast {
    /// The bot's id as a bot (`B…`), next to its id as a user (`U…`).
    pub fn bot_id(&self) -> String {
        format!("B{}", tail(&self.bot_user_id))
    }

    /// The id of the app that the bot belongs to (`A…`).
    pub fn app_id(&self) -> String {
        format!("A{}", tail(&self.bot_user_id))
    }

    /// The workspace's name as Slack writes it in addresses.
    pub fn domain(&self) -> String {
        let word: String =
            self.team_name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        word.trim_matches('-').to_owned()
    }

    /// The workspace's own address. `.example` is reserved, so that no click in a test leaves this machine, and it does
    /// not hold the port, so that what people see is the same in every run.
    pub fn team_url(&self) -> String {
        format!("https://{}.slack.example/", self.domain())
    }

    /// Finds a person by id, or by handle with or without `@`.
    pub fn person(&self, id_or_handle: &str) -> Option<&SlackPerson> {
        let handle = id_or_handle.trim_start_matches('@');
        self.users.iter().find(|person| person.id == id_or_handle || person.handle == handle)
    }

    /// Says whether this is a user of the workspace, the bot included.
    pub fn knows(&self, user: &str) -> bool {
        user == self.bot_user_id || self.users.iter().any(|person| person.id == user)
    }

    /// The handle of any account, the bot and Slack itself included; an unknown id stands for itself.
    pub fn handle_of<'a>(&'a self, user: &'a str) -> &'a str {
        match self.users.iter().find(|person| person.id == user) {
            Some(person) => &person.handle,
            None if user == self.bot_user_id => BOT_HANDLE,
            None if user == SLACKBOT => "slackbot",
            None => user,
        }
    }

    /// The display name of any account.
    pub fn name_of<'a>(&'a self, user: &'a str) -> &'a str {
        match self.users.iter().find(|person| person.id == user) {
            Some(person) => &person.name,
            None if user == self.bot_user_id => BOT_NAME,
            None if user == SLACKBOT => "Slackbot",
            None => user,
        }
    }

    /// Says whether an account belongs to a program.
    pub fn is_bot(&self, user: &str) -> bool {
        user == self.bot_user_id || user == SLACKBOT
    }
}

fn tail(id: &str) -> &str {
    id.get(1..).unwrap_or_default()
}
