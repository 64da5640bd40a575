//! What the jobs ask of a platform. Two real implementations: `slack` and `discord`.

use serde::{Deserialize, Serialize};

use super::refusal::{Cause, Meaning, meaning};
use crate::domain::{Account, Place, Platform, Profile, Urgency};
use crate::render::{Block, Inline, Message};

/// A message that a platform keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRef {
    pub place: Place,
    /// Slack `ts` or Discord message id.
    pub id: String,
}

/// A war room to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// The workspace in which to open it (Slack team id or Discord guild id).
    pub workspace: String,
    /// Lower case letters, digits and dashes, under 80 characters.
    pub name: String,
    /// Names the incident: a room found by name is ours only if its topic begins with this mark.
    pub mark: String,
    /// Shown in the channel's header, at most 250 characters; begins with `mark`.
    pub topic: String,
}

/// A file that goes with a message. Its name tells it from every other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub content: Vec<u8>,
}

/// How a message is sent.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    /// Names this send among those to one place.
    pub key: &'a str,
    /// Whether an earlier attempt with the same key may have arrived: it is looked up first.
    pub retry: bool,
    pub urgency: Urgency,
    /// Small print for what comes late: how late, and why. It differs from try to try, so it names nothing.
    pub late: Option<&'a str>,
}

impl<'a> Sending<'a> {
    /// Something that presses, on time.
    pub fn new(key: &'a str, retry: bool) -> Sending<'a> {
        Sending { key, retry, urgency: Urgency::Page, late: None }
    }

    /// The message with its small print.
    pub(super) fn dress(&self, message: &Message) -> Message {
        let mut message = message.clone();
        if let Some(late) = self.late {
            let text = vec![Inline::Plain { text: late.to_owned() }];
            message.blocks.push(Block::Context { text });
        }
        message
    }
}

/// Sends, edits and arranges on one platform. Every call is bounded in time and safe to repeat.
#[allow(async_fn_in_trait, reason = "used through an enum of the two implementations, never as a trait object")]
pub trait Outbound {
    /// Posts a message, or finds the one that an earlier attempt has posted.
    async fn post(&self, to: &Place, message: &Message, sending: &Sending<'_>) -> Result<MessageRef, SendError>;
    /// Replaces a message.
    async fn edit(&self, at: &MessageRef, message: &Message) -> Result<(), SendError>;
    /// Pins a message; pinned already is success.
    async fn pin(&self, at: &MessageRef) -> Result<(), SendError>;
    /// Opens a room, or finds the one that an earlier attempt opened.
    async fn open_room(&self, room: &NewRoom) -> Result<Place, SendError>;
    async fn set_topic(&self, place: &Place, topic: &str) -> Result<(), SendError>;
    /// Brings accounts into a room; already there is success, unknown accounts are skipped.
    async fn invite(&self, place: &Place, accounts: &[Account]) -> Result<(), SendError>;
    /// The place where one account is written to in private.
    async fn direct(&self, account: &Account) -> Result<Place, SendError>;
    /// Tells one account something in a place, seen by nobody else where the platform can (Slack), otherwise by direct
    /// message (Discord, once an interaction's token has lapsed). `key` names it, so that Discord says it once though
    /// it be sent twice; what one person alone sees on Slack has no place in any history to be looked up in.
    async fn whisper(&self, to: &Account, at: &Place, message: &Message, key: &str) -> Result<(), SendError>;
    /// The texts of the newest messages in a place, newest first, as they were written.
    async fn recent(&self, at: &Place) -> Result<Vec<String>, SendError>;

    /// Hands a file to one account, in private, with a word beside it; or finds that an earlier attempt has done so.
    async fn hand(
        &self,
        to: &Account,
        file: &Attachment,
        message: &Message,
        sending: &Sending<'_>,
    ) -> Result<(), SendError>;
    /// Whether the platform accepts the bot's own token.
    async fn is_let_in(&self) -> Result<(), SendError>;
    /// What the platform vouches for about an account; `None` where it tells bots nothing of the kind.
    async fn profile(&self, account: &Account) -> Result<Option<Profile>, SendError>;
    /// Shows an account its home, where the platform has such a place.
    async fn show_home(&self, account: &Account, message: &Message) -> Result<(), SendError>;
}

/// Why a call did not succeed, by what to do next.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SendError {
    /// The platform asks to wait.
    #[error("{} asks to wait {after_secs} s", .platform.name())]
    RateLimited { platform: Platform, after_secs: u64 },
    /// Not known whether it arrived (timeout, connection lost, 5xx): look it up, then repeat.
    #[error("no answer from {}: {what}", .platform.name())]
    Unclear { platform: Platform, what: String },
    /// The platform refused; repeating will not help. `code` is the platform's own (`not_in_channel`, `50013`).
    #[error("{} refused {call}: {code}", .platform.name())]
    Refused { platform: Platform, call: &'static str, code: String },
}

impl SendError {
    /// What a refusal means; `None` where nothing was refused.
    pub fn meaning(&self) -> Option<Meaning> {
        match self {
            SendError::Refused { platform, call, code } => Some(meaning(*platform, call, code)),
            SendError::RateLimited { .. } | SendError::Unclear { .. } => None,
        }
    }

    /// Whether it was refused for this cause.
    pub fn is(&self, cause: Cause) -> bool {
        self.meaning().is_some_and(|meaning| meaning.cause == cause)
    }
}

/// Slack's codes, and Discord's status, for a token that will not be accepted again.
const DEAD_TOKEN: [&str; 8] = [
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "team_disabled",
    "user_removed_from_team",
    "401",
];

impl SendError {
    /// The platform's code where the bot's own token is dead: no other call will fare better until somebody renews it.
    pub fn dead_token(&self) -> Option<&str> {
        match self {
            SendError::Refused { code, .. } if DEAD_TOKEN.contains(&code.as_str()) => Some(code),
            SendError::Refused { .. } | SendError::RateLimited { .. } | SendError::Unclear { .. } => None,
        }
    }
}
