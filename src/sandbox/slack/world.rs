//! What a workspace remembers: channels, who is in them, and what was said.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::administration::Rules;
use super::api_files::SharedFile;
use super::cast::{SlackCast, SlackChannelSeed};

/// Older messages are forgotten, so that a sandbox left running for weeks stays small.
pub const MESSAGES_KEPT: usize = 1_000;

/// Everything that outlives a restart.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct World {
    pub channels: Vec<Channel>,
    /// What has changed about people since the first day.
    #[serde(default)]
    pub accounts: BTreeMap<String, AccountState>,
    /// The app was removed from the workspace.
    #[serde(default)]
    pub uninstalled: bool,
    /// The newest `ts` given out, in microseconds.
    last_micros: i64,
    #[serde(default)]
    pub rules: Rules,
}

impl World {
    /// Whether an account was deactivated by an administrator.
    pub fn is_deactivated(&self, user: &str) -> bool {
        self.accounts.get(user).is_some_and(|account| account.deactivated)
    }
}

/// What has changed about one person's account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountState {
    pub deactivated: bool,
    /// The display name, where it is another one now.
    pub name: Option<String>,
    pub email: Option<String>,
    pub email_unconfirmed: bool,
    /// A guest, who sees single channels only.
    pub restricted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Public,
    Private,
    /// The bot's conversation with one person.
    Direct(String),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Channel {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub topic: String,
    pub purpose: String,
    pub created_secs: i64,
    pub creator: String,
    pub archived: bool,
    pub members: BTreeSet<String>,
    pub pins: Vec<Pin>,
    pub posts: VecDeque<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pin {
    pub ts: String,
    pub created_secs: i64,
    pub by: String,
}

/// One message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Post {
    pub ts: String,
    pub at_ms: i64,
    pub author: String,
    pub text: String,
    pub blocks: Vec<Value>,
    pub metadata: Option<Value>,
    pub thread_ts: Option<String>,
    pub edited_ts: Option<String>,
    /// The only person who sees it.
    pub ephemeral_to: Option<String>,
    #[serde(default)]
    pub files: Vec<SharedFile>,
    #[serde(default)]
    pub reactions: Vec<Reaction>,
}

/// An emoji under a message, and who put it there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reaction {
    /// Without colons: `eyes`.
    pub name: String,
    pub users: Vec<String>,
}

/// What a message says, before it has a place and a time.
#[derive(Debug, Clone, Default)]
pub struct Content {
    pub text: String,
    pub blocks: Vec<Value>,
    pub metadata: Option<Value>,
    pub thread_ts: Option<String>,
    pub files: Vec<SharedFile>,
}

impl Content {
    pub fn text(text: impl Into<String>) -> Content {
        Content { text: text.into(), ..Content::default() }
    }
}

impl World {
    /// The world on its first day.
    pub fn seeded(cast: &SlackCast, now: DateTime<Utc>) -> World {
        let mut world = World::default();
        world.add_seeds(cast, now);
        world
    }

    /// Adds the seeded channels that are not there yet, and the people who are not in them.
    pub fn add_seeds(&mut self, cast: &SlackCast, now: DateTime<Utc>) {
        for seed in &cast.channels {
            if self.channel(&seed.id).is_none() {
                self.channels.push(seeded_channel(seed, cast, now));
            }
            let channel = self.channel_mut(&seed.id).expect("just added");
            channel.members.extend(cast.users.iter().map(|person| person.id.clone()));
            channel.members.insert(cast.bot_user_id.clone());
        }
    }

    /// What has changed about an account; mostly nothing.
    pub fn account(&self, id: &str) -> AccountState {
        self.accounts.get(id).cloned().unwrap_or_default()
    }

    pub fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    pub fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.id == id)
    }

    pub fn post_mut(&mut self, channel: &str, ts: &str) -> Option<&mut Post> {
        self.channel_mut(channel)?.post_mut(ts)
    }

    /// Finds a channel by id, or by name with or without `#`. Conversations of two have no name.
    pub fn find(&self, id_or_name: &str) -> Option<&Channel> {
        let name = id_or_name.trim_start_matches('#');
        self.channel(id_or_name)
            .or_else(|| self.channels.iter().find(|channel| !channel.is_direct() && channel.name == name))
    }

    /// Like [`Self::find`], to be changed.
    pub fn found(&mut self, id_or_name: &str) -> Result<&mut Channel, String> {
        let id = self.find(id_or_name).map(|channel| channel.id.clone());
        let channel = id.and_then(|id| self.channel_mut(&id));
        channel.ok_or_else(|| format!("there is no channel \"{id_or_name}\""))
    }

    /// The conversation of the bot with a person, opened when it is not there yet. Its id follows from the person's, so
    /// that it stays the same even where an earlier state was lost.
    pub fn direct(&mut self, user: &str, bot: &str, now: DateTime<Utc>) -> &mut Channel {
        let id = direct_id(user);
        if let Some(index) = self.channels.iter().position(|channel| channel.id == id) {
            return &mut self.channels[index];
        }
        self.channels.push(Channel {
            id,
            name: String::new(),
            kind: Kind::Direct(user.to_owned()),
            topic: String::new(),
            purpose: String::new(),
            created_secs: now.timestamp(),
            creator: bot.to_owned(),
            archived: false,
            members: [user.to_owned(), bot.to_owned()].into(),
            pins: Vec::new(),
            posts: VecDeque::new(),
        });
        self.channels.last_mut().expect("just added")
    }

    /// A new message time: the clock's, moved on where needed, since a `ts` names a message.
    pub fn next_ts(&mut self, now: DateTime<Utc>) -> String {
        self.last_micros = now.timestamp_micros().max(self.last_micros + 1);
        format!("{}.{:06}", self.last_micros / 1_000_000, self.last_micros % 1_000_000)
    }

    /// Adds a message to a channel and returns its `ts`.
    pub fn post(
        &mut self,
        channel: &str,
        author: &str,
        content: Content,
        ephemeral_to: Option<&str>,
        now: DateTime<Utc>,
    ) -> String {
        let ts = self.next_ts(now);
        let Some(channel) = self.channel_mut(channel) else {
            return ts;
        };
        channel.posts.push_back(Post {
            ts: ts.clone(),
            at_ms: now.timestamp_millis(),
            author: author.to_owned(),
            text: content.text,
            blocks: content.blocks,
            metadata: content.metadata,
            thread_ts: content.thread_ts,
            edited_ts: None,
            ephemeral_to: ephemeral_to.map(ToOwned::to_owned),
            files: content.files,
            reactions: Vec::new(),
        });
        channel.forget_oldest();
        ts
    }
}

impl Channel {
    pub fn is_direct(&self) -> bool {
        matches!(self.kind, Kind::Direct(_))
    }

    /// Says whether a person finds this channel in their list: public ones can be browsed by everyone.
    pub fn visible_to(&self, user: &str) -> bool {
        self.kind == Kind::Public || self.members.contains(user)
    }

    pub fn post(&self, ts: &str) -> Option<&Post> {
        self.posts.iter().find(|post| post.ts == ts)
    }

    pub fn post_mut(&mut self, ts: &str) -> Option<&mut Post> {
        self.posts.iter_mut().find(|post| post.ts == ts)
    }

    /// The answers in the thread of a message, oldest first.
    pub fn replies(&self, thread: &str) -> impl Iterator<Item = &Post> {
        let belongs = move |post: &&Post| post.thread_ts.as_deref() == Some(thread) && post.ts != thread;
        self.posts.iter().filter(|post| post.ephemeral_to.is_none()).filter(belongs)
    }

    pub fn is_pinned(&self, ts: &str) -> bool {
        self.pins.iter().any(|pin| pin.ts == ts)
    }

    /// Keeps the channel within its bound. Pinned messages stay: they are the ones that are edited for long.
    fn forget_oldest(&mut self) {
        while self.posts.len() > MESSAGES_KEPT {
            let unpinned = self.posts.iter().position(|post| !self.is_pinned(&post.ts));
            self.posts.remove(unpinned.unwrap_or(0));
        }
    }

    /// Removes a message and what points at it.
    pub fn delete(&mut self, ts: &str) {
        self.posts.retain(|post| post.ts != ts);
        self.pins.retain(|pin| pin.ts != ts);
    }

    /// The name as it is written in payloads.
    pub fn wire_name(&self) -> &str {
        if self.is_direct() { "directmessage" } else { &self.name }
    }
}

impl Post {
    pub fn visible_to(&self, user: &str) -> bool {
        self.ephemeral_to.as_deref().is_none_or(|only| only == user)
    }
}

/// The id of the bot's conversation with a person.
pub fn direct_id(user: &str) -> String {
    format!("D{}", user.get(1..).unwrap_or_default())
}

fn seeded_channel(seed: &SlackChannelSeed, cast: &SlackCast, now: DateTime<Utc>) -> Channel {
    Channel {
        id: seed.id.clone(),
        name: seed.name.clone(),
        kind: Kind::Public,
        topic: seed.topic.clone(),
        purpose: String::new(),
        created_secs: now.timestamp(),
        creator: cast.users.first().map_or(cast.bot_user_id.clone(), |person| person.id.clone()),
        archived: false,
        members: BTreeSet::new(),
        pins: Vec::new(),
        posts: VecDeque::new(),
    }
}
