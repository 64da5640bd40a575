//! What the jobs ask of a platform. Two real implementations: `slack` and `discord`.

use serde::{Deserialize, Serialize};

use crate::domain::{Account, Place, Profile};
use crate::render::Message;

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

/// Sends, edits and arranges on one platform. Every call is bounded in time and safe to repeat.
#[allow(async_fn_in_trait, reason = "used through an enum of the two implementations, never as a trait object")]
pub trait Outbound {
    /// Posts a message. `key` (at most 25 characters) names this send: where an earlier attempt with the same key may
    /// have arrived, it is looked up first and its reference returned.
    async fn post(&self, to: &Place, message: &Message, key: &str, retry: bool) -> Result<MessageRef, SendError>;
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
    /// message (Discord, once an interaction's token has lapsed).
    async fn whisper(&self, to: &Account, at: &Place, message: &Message) -> Result<(), SendError>;
    /// What the platform vouches for about an account; `None` where it tells bots nothing of the kind.
    async fn profile(&self, account: &Account) -> Result<Option<Profile>, SendError>;
    /// Shows an account its home, where the platform has such a place.
    async fn show_home(&self, account: &Account, message: &Message) -> Result<(), SendError>;
}

/// Why a call did not succeed, by what to do next.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The platform asks to wait.
    #[error("{platform} asks to wait {after_secs} s")]
    RateLimited { platform: &'static str, after_secs: u64 },
    /// Not known whether it arrived (timeout, connection lost, 5xx): look it up, then repeat.
    #[error("no answer from {platform}: {what}")]
    Unclear { platform: &'static str, what: String },
    /// The platform refused; repeating will not help. `code` is the platform's own (`not_in_channel`, `50013`).
    #[error("{platform} refused {call}: {code}")]
    Refused { platform: &'static str, call: &'static str, code: String },
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
