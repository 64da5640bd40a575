//! What exists on the server: channels, messages, commands, sessions. One lock guards it all; nothing here waits.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use super::super::delivery::DeliveryFaults;
use super::super::files::Files;
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::faults::Faults;
use super::interactions::Interaction;
use super::people::Modal;
use super::reactions::Reaction;
use super::sessions::Session;
use super::starts::{Heartbeat, Starts};
use super::{DiscordCast, DiscordPerson};

/// Messages kept in one channel: the oldest go first. Enough for a long incident, bounded for a long-running sandbox.
pub(super) const MESSAGES_KEPT: usize = 1_000;
/// Discord's own limit for a guild.
pub(super) const CHANNELS_MOST: usize = 500;
/// The first moment that a snowflake can name, in Unix milliseconds.
const SNOWFLAKE_EPOCH: i64 = 1_420_070_400_000;

/// The clock of the server, so that a test can move it.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChannelKind {
    Text,
    Direct,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: ChannelKind,
    pub(super) topic: Option<String>,
    #[serde(default)]
    pub(super) overwrites: Vec<Value>,
    /// The person at the other end of a direct channel.
    #[serde(default)]
    pub(super) recipient: Option<String>,
    #[serde(default)]
    pub(super) parent_id: Option<String>,
    pub(super) position: usize,
    #[serde(default)]
    pub(super) last_pin: Option<DateTime<Utc>>,
    pub(super) messages: VecDeque<Message>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) author: String,
    pub(super) content: String,
    #[serde(default)]
    pub(super) embeds: Vec<Value>,
    #[serde(default)]
    pub(super) components: Vec<Value>,
    /// Without their addresses, which follow from the server's own.
    #[serde(default)]
    pub(super) attachments: Vec<Value>,
    #[serde(default)]
    pub(super) reactions: Vec<Reaction>,
    #[serde(default)]
    pub(super) flags: u64,
    pub(super) at: DateTime<Utc>,
    #[serde(default)]
    pub(super) edited: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(super) pinned: bool,
    /// The only person who sees it: an ephemeral message.
    #[serde(default)]
    pub(super) only_for: Option<String>,
    #[serde(default)]
    pub(super) nonce: Option<Value>,
    #[serde(default)]
    pub(super) reference: Option<Value>,
    #[serde(default)]
    pub(super) allowed_mentions: Option<Value>,
    #[serde(default)]
    pub(super) interaction: Option<AnswerTo>,
}

/// The interaction that a message answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AnswerTo {
    pub(super) id: String,
    pub(super) kind: u64,
    /// The command with its subcommands, `inc declare`; empty for components and forms.
    pub(super) name: String,
    pub(super) user: String,
    /// The message whose component was used.
    #[serde(default)]
    pub(super) source: Option<String>,
    /// What had opened the form that was sent.
    #[serde(default)]
    pub(super) opened_by: Option<Box<AnswerTo>>,
}

impl Message {
    pub(super) fn new(id: String, author: &str, content: &str, at: DateTime<Utc>) -> Message {
        Message {
            id,
            author: author.to_owned(),
            content: content.to_owned(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            reactions: Vec::new(),
            flags: 0,
            at,
            edited: None,
            pinned: false,
            only_for: None,
            nonce: None,
            reference: None,
            allowed_mentions: None,
            interaction: None,
        }
    }

    /// Whether a person sees this message in a channel that they can see.
    pub(super) fn seen_by(&self, user: &str) -> bool {
        self.only_for.as_deref().is_none_or(|only| only == user)
    }
}

/// What survives a restart of the sandbox.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Durable {
    pub(super) channels: Vec<Channel>,
    pub(super) global_commands: Vec<Value>,
    pub(super) guild_commands: Vec<Value>,
    pub(super) last_id: u64,
    #[serde(default)]
    pub(super) rules: Rules,
}

/// What administrators and members have decided beyond the ordinary.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Rules {
    /// Permissions that the bot's role lacks.
    pub(super) taken: u64,
    /// Who takes no direct messages.
    pub(super) closed: BTreeSet<String>,
    /// Who has left the server.
    pub(super) left: BTreeSet<String>,
    pub(super) bot_removed: bool,
    /// Where interactions are sent instead of the gateway.
    pub(super) endpoint: Option<String>,
}

pub(super) struct World {
    pub(super) cast: DiscordCast,
    pub(super) base_url: String,
    pub(super) now: Now,
    pub(super) durable: Durable,
    pub(super) sessions: Vec<Session>,
    /// By token.
    pub(super) interactions: HashMap<String, Interaction>,
    pub(super) last_interaction: Option<(String, Value)>,
    /// The form that each person has open.
    pub(super) modals: BTreeMap<String, Modal>,
    pub(super) files: Files,
    pub(super) faults: Faults,
    pub(super) troubles: DeliveryFaults,
    pub(super) starts: Starts,
    pub(super) heartbeat: Heartbeat,
    pub(super) respond_within: Duration,
    pub(super) endpoint: Endpoint,
    revision: watch::Sender<u64>,
}

impl World {
    pub(super) fn new(cast: DiscordCast, now: Now) -> World {
        let channels = cast.channels.iter().enumerate().map(|(position, seed)| Channel {
            id: seed.id.clone(),
            name: seed.name.clone(),
            kind: ChannelKind::Text,
            topic: Some(seed.topic.clone()).filter(|topic| !topic.is_empty()),
            overwrites: Vec::new(),
            recipient: None,
            parent_id: None,
            position,
            last_pin: None,
            messages: VecDeque::new(),
        });
        let durable = Durable {
            channels: channels.collect(),
            global_commands: Vec::new(),
            guild_commands: Vec::new(),
            last_id: 0,
            rules: Rules::default(),
        };
        World {
            durable,
            base_url: "http://127.0.0.1/discord".to_owned(),
            now,
            sessions: Vec::new(),
            interactions: HashMap::new(),
            last_interaction: None,
            modals: BTreeMap::new(),
            files: Files::default(),
            faults: Faults::default(),
            troubles: DeliveryFaults::default(),
            starts: Starts::default(),
            heartbeat: Heartbeat::default(),
            respond_within: super::interactions::RESPOND_WITHIN,
            endpoint: Endpoint::default(),
            revision: watch::Sender::new(0),
            cast,
        }
    }

    pub(super) fn time(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// Makes the next snowflake: the time in its upper bits, and always larger than the one before.
    pub(super) fn next_id(&mut self) -> String {
        let millis = u64::try_from(self.time().timestamp_millis() - SNOWFLAKE_EPOCH).unwrap_or(0);
        self.durable.last_id = (millis << 22).max(self.durable.last_id + 1);
        self.durable.last_id.to_string()
    }

    /// Tells every watcher that something a person can see has changed.
    pub(super) fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    pub(super) fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Finds a person by id or by username, with or without an `@`.
    pub(super) fn person(&self, word: &str) -> Option<&DiscordPerson> {
        let handle = word.strip_prefix('@').unwrap_or(word);
        self.cast.users.iter().find(|user| user.id == word || user.username == handle)
    }

    pub(super) fn is_account(&self, id: &str) -> bool {
        id == self.cast.bot_user_id || self.cast.users.iter().any(|user| user.id == id)
    }

    /// The handle of an account, as it is written after an `@`.
    pub(super) fn handle(&self, id: &str) -> String {
        if id == self.cast.bot_user_id {
            return super::BOT_HANDLE.to_owned();
        }
        self.cast.users.iter().find(|user| user.id == id).map_or_else(|| id.to_owned(), |user| user.username.clone())
    }

    pub(super) fn channel(&self, id: &str) -> Option<&Channel> {
        self.durable.channels.iter().find(|channel| channel.id == id)
    }

    pub(super) fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.durable.channels.iter_mut().find(|channel| channel.id == id)
    }

    /// A channel that the bot may look into, or Discord's refusal.
    pub(super) fn bot_channel(&self, id: &str) -> Result<&Channel, ApiError> {
        let channel = self.channel(id).ok_or_else(ApiError::unknown_channel)?;
        if self.durable.rules.bot_removed && channel.kind == ChannelKind::Text {
            return Err(ApiError::missing_access());
        }
        if self.permissions(&self.cast.bot_user_id, channel) & super::permissions::VIEW_CHANNEL == 0 {
            return Err(ApiError::missing_access());
        }
        Ok(channel)
    }

    pub(super) fn message(&self, channel: &str, id: &str) -> Option<&Message> {
        self.channel(channel)?.messages.iter().find(|message| message.id == id)
    }

    pub(super) fn message_mut(&mut self, channel: &str, id: &str) -> Option<&mut Message> {
        self.channel_mut(channel)?.messages.iter_mut().find(|message| message.id == id)
    }

    /// Puts a message into a channel and tells the bot, unless only one person sees it.
    pub(super) fn post(&mut self, channel: &str, message: &Message) {
        let Some(place) = self.channel_mut(channel) else { return };
        if place.messages.len() >= MESSAGES_KEPT {
            place.messages.pop_front();
        }
        place.messages.push_back(message.clone());
        if message.only_for.is_none() {
            self.dispatch_message("MESSAGE_CREATE", channel, message);
        }
        self.changed();
    }

    /// Makes an edit known to watchers and to the bot.
    pub(super) fn edited(&mut self, channel: &str, id: &str) {
        if let Some(message) = self.message(channel, id).filter(|message| message.only_for.is_none()).cloned() {
            self.dispatch_message("MESSAGE_UPDATE", channel, &message);
        }
        self.changed();
    }

    /// Takes a message away; false where there is none.
    pub(super) fn remove_message(&mut self, channel: &str, id: &str) -> bool {
        let Some(place) = self.channel_mut(channel) else {
            return false;
        };
        let Some(index) = place.messages.iter().position(|message| message.id == id) else {
            return false;
        };
        let hidden = place.messages.remove(index).is_some_and(|message| message.only_for.is_some());
        if !hidden {
            self.dispatch_delete(channel, id);
        }
        self.changed();
        true
    }

    /// The direct channel between the bot and a person, made when it is first asked for.
    pub(super) fn direct_channel(&mut self, user: &str) -> String {
        let found = self.durable.channels.iter().find(|channel| channel.recipient.as_deref() == Some(user));
        if let Some(channel) = found {
            return channel.id.clone();
        }
        let id = self.next_id();
        self.durable.channels.push(Channel {
            id: id.clone(),
            name: String::new(),
            kind: ChannelKind::Direct,
            topic: None,
            overwrites: Vec::new(),
            recipient: Some(user.to_owned()),
            parent_id: None,
            position: 0,
            last_pin: None,
            messages: VecDeque::new(),
        });
        self.changed();
        id
    }
}
