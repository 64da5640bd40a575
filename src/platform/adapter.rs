//! The platforms that this process serves, behind one face.

use super::discord::DiscordOutbound;
use super::outbound::{Attachment, MessageRef, NewRoom, Outbound, SendError, Sending};
use super::slack::SlackOutbound;
use crate::domain::{Account, Place, Platform, Profile};
use crate::render::Message;

/// One platform's outgoing side.
#[derive(Debug, Clone)]
pub enum Adapter {
    Slack(SlackOutbound),
    Discord(DiscordOutbound),
}

/// What this process can reach.
#[derive(Debug, Clone, Default)]
pub struct Adapters {
    pub slack: Option<SlackOutbound>,
    pub discord: Option<DiscordOutbound>,
}

impl Adapters {
    /// The way to a platform; `None` where it has no tokens here.
    pub fn of(&self, platform: Platform) -> Option<Adapter> {
        match platform {
            Platform::Slack => self.slack.clone().map(Adapter::Slack),
            Platform::Discord => self.discord.clone().map(Adapter::Discord),
        }
    }

    pub fn platforms(&self) -> Vec<Platform> {
        Platform::ALL.into_iter().filter(|platform| self.of(*platform).is_some()).collect()
    }
}

impl Outbound for Adapter {
    async fn post(&self, to: &Place, message: &Message, sending: &Sending<'_>) -> Result<MessageRef, SendError> {
        match self {
            Adapter::Slack(slack) => slack.post(to, message, sending).await,
            Adapter::Discord(discord) => discord.post(to, message, sending).await,
        }
    }

    async fn edit(&self, at: &MessageRef, message: &Message) -> Result<(), SendError> {
        match self {
            Adapter::Slack(slack) => slack.edit(at, message).await,
            Adapter::Discord(discord) => discord.edit(at, message).await,
        }
    }

    async fn pin(&self, at: &MessageRef) -> Result<(), SendError> {
        match self {
            Adapter::Slack(slack) => slack.pin(at).await,
            Adapter::Discord(discord) => discord.pin(at).await,
        }
    }

    async fn open_room(&self, room: &NewRoom) -> Result<Place, SendError> {
        match self {
            Adapter::Slack(slack) => slack.open_room(room).await,
            Adapter::Discord(discord) => discord.open_room(room).await,
        }
    }

    async fn set_topic(&self, place: &Place, topic: &str) -> Result<(), SendError> {
        match self {
            Adapter::Slack(slack) => slack.set_topic(place, topic).await,
            Adapter::Discord(discord) => discord.set_topic(place, topic).await,
        }
    }

    async fn invite(&self, place: &Place, accounts: &[Account]) -> Result<(), SendError> {
        match self {
            Adapter::Slack(slack) => slack.invite(place, accounts).await,
            Adapter::Discord(discord) => discord.invite(place, accounts).await,
        }
    }

    async fn direct(&self, account: &Account) -> Result<Place, SendError> {
        match self {
            Adapter::Slack(slack) => slack.direct(account).await,
            Adapter::Discord(discord) => discord.direct(account).await,
        }
    }

    async fn whisper(&self, to: &Account, at: &Place, message: &Message, key: &str) -> Result<(), SendError> {
        match self {
            Adapter::Slack(slack) => slack.whisper(to, at, message, key).await,
            Adapter::Discord(discord) => discord.whisper(to, at, message, key).await,
        }
    }

    async fn recent(&self, at: &Place) -> Result<Vec<String>, SendError> {
        match self {
            Adapter::Slack(slack) => slack.recent(at).await,
            Adapter::Discord(discord) => discord.recent(at).await,
        }
    }

    async fn hand(
        &self,
        to: &Account,
        file: &Attachment,
        message: &Message,
        sending: &Sending<'_>,
    ) -> Result<(), SendError> {
        match self {
            Adapter::Slack(slack) => slack.hand(to, file, message, sending).await,
            Adapter::Discord(discord) => discord.hand(to, file, message, sending).await,
        }
    }

    async fn is_let_in(&self) -> Result<(), SendError> {
        match self {
            Adapter::Slack(slack) => slack.is_let_in().await,
            Adapter::Discord(discord) => discord.is_let_in().await,
        }
    }

    async fn profile(&self, account: &Account) -> Result<Option<Profile>, SendError> {
        match self {
            Adapter::Slack(slack) => slack.profile(account).await,
            Adapter::Discord(discord) => discord.profile(account).await,
        }
    }

    async fn show_home(&self, account: &Account, message: &Message) -> Result<(), SendError> {
        match self {
            Adapter::Slack(slack) => slack.show_home(account, message).await,
            Adapter::Discord(discord) => discord.show_home(account, message).await,
        }
    }
}
