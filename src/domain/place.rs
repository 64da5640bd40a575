//! Where something is said, and by which account.

use serde::{Deserialize, Serialize};

/// A chat platform that the bot is a member of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    Slack,
    Discord,
}

impl Platform {
    pub const ALL: [Platform; 2] = [Platform::Slack, Platform::Discord];

    /// The word used in SQL, in log entries and in file names.
    pub fn as_str(self) -> &'static str {
        match self {
            Platform::Slack => "slack",
            Platform::Discord => "discord",
        }
    }

    /// The name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Platform::Slack => "Slack",
            Platform::Discord => "Discord",
        }
    }

    /// Reads the word that [`Platform::as_str`] writes.
    pub fn parse(word: &str) -> Option<Platform> {
        Platform::ALL.into_iter().find(|platform| platform.as_str() == word)
    }
}

/// A channel of a workspace: a place where messages can be posted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub platform: Platform,
    /// Slack team id (`T…`) or Discord guild id (snowflake).
    pub workspace: String,
    /// Slack channel id (`C…`, `D…`) or Discord channel id (snowflake).
    pub channel: String,
}

/// One account on one platform. Who the person behind it is, is for the organisation to say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    pub platform: Platform,
    pub workspace: String,
    /// Slack user id (`U…`) or Discord user id (snowflake).
    pub id: String,
}

impl Account {
    /// How the log names an account that is nobody's: by its platform's id, which is all there is to tell one from
    /// another.
    pub fn pseudonym(&self) -> String {
        format!("{}:{}", self.platform.as_str(), self.id)
    }
}

/// What the platform says about an account, before any person is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    Member,
    /// A guest of a shared channel, or a user of another workspace.
    Guest,
    /// Another bot or a webhook.
    Bot,
}
