//! What a platform's refusal means, whatever it is called there: whether asking again can help, and what a person can
//! do about it. The platforms' own codes are in `slack/refusals.rs` and `discord/refusals.rs`.

use super::{discord, slack};
use crate::domain::Platform;

/// Why a call was refused, by what it comes to here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The token is wrong, of the wrong kind, or was revoked.
    Token,
    /// The bot lacks a right: a scope of the app, or a permission of its role.
    Right,
    /// The bot is not in the channel, or not in the server.
    Absent,
    /// The channel or thread is archived.
    Archived,
    /// There is no such channel, or none that the bot may know of.
    NoChannel,
    /// There is no such message any more, or none that may be edited.
    NoMessage,
    /// The account is gone, disabled, or cannot be brought in.
    NoAccount,
    /// The person takes no messages from the bot.
    Closed,
    /// The name is another channel's.
    NameTaken,
    /// A limit of the platform is reached: channels, pins, members.
    Full,
    /// The rules of the workspace forbid it.
    Rules,
    /// What was to be said is not accepted.
    Content,
    /// What was asked for can't be answered any more: a trigger, a token of an interaction, an address.
    Lapsed,
    /// It is so already.
    Done,
    /// A code that nobody has written down yet.
    Unknown,
}

impl Cause {
    /// The word used in SQL and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Token => "token",
            Cause::Right => "right",
            Cause::Absent => "absent",
            Cause::Archived => "archived",
            Cause::NoChannel => "no_channel",
            Cause::NoMessage => "no_message",
            Cause::NoAccount => "no_account",
            Cause::Closed => "closed",
            Cause::NameTaken => "name_taken",
            Cause::Full => "full",
            Cause::Rules => "rules",
            Cause::Content => "content",
            Cause::Lapsed => "lapsed",
            Cause::Done => "done",
            Cause::Unknown => "unknown",
        }
    }

    /// Whether it concerns this one message or account, so that the next may well be accepted.
    pub fn is_of_one(self) -> bool {
        match self {
            Cause::NoMessage | Cause::NoAccount | Cause::Content | Cause::Lapsed | Cause::Done | Cause::Unknown => true,
            Cause::Token
            | Cause::Right
            | Cause::Absent
            | Cause::Archived
            | Cause::NoChannel
            | Cause::Closed
            | Cause::NameTaken
            | Cause::Full
            | Cause::Rules => false,
        }
    }
}

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    pub cause: Cause,
    /// The scope or permission that is missing, as the platform writes it.
    pub right: Option<&'static str>,
    /// Goes on after "Wardroom could not …:".
    pub because: String,
    /// What a person can do, in one sentence; empty where nobody can.
    pub remedy: String,
}

impl Meaning {
    /// Tells one cause from another: two missing rights are two.
    pub fn key(&self) -> String {
        match self.right {
            Some(right) => format!("{}: {right}", self.cause.as_str()),
            None => self.cause.as_str().to_owned(),
        }
    }
}

/// A line of a platform's table. `{right}` in its words is the right that the refused call needs.
#[derive(Debug)]
pub(super) struct Known {
    pub codes: &'static [&'static str],
    pub cause: Cause,
    pub because: &'static str,
    pub remedy: &'static str,
}

/// Looks a code up. An unknown one is told by its name, so that an operator can find it in the platform's documentation.
pub fn meaning(platform: Platform, call: &str, code: &str) -> Meaning {
    let (table, right) = match platform {
        Platform::Slack => (slack::refusals::TABLE, slack::refusals::scope_of(call)),
        Platform::Discord => (discord::refusals::TABLE, discord::refusals::permission_of(call, code)),
    };
    let Some(known) = table.iter().find(|known| known.codes.contains(&code)) else {
        return Meaning {
            cause: Cause::Unknown,
            right: None,
            because: format!("{} refused it ({code})", platform.name()),
            remedy: "Whoever runs Wardroom finds the call in its log.".to_owned(),
        };
    };
    let words = |words: &str| words.replace("{right}", right.unwrap_or("a right"));
    Meaning {
        cause: known.cause,
        right: right.filter(|_| known.cause == Cause::Right),
        because: words(known.because),
        remedy: words(known.remedy),
    }
}
