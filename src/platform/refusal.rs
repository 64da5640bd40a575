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
    /// Whether it is the same in every channel: a token, and a scope of Slack's, are of the whole workspace.
    pub fn is_everywhere(&self, platform: Platform) -> bool {
        self.cause == Cause::Token || (self.cause == Cause::Right && platform == Platform::Slack)
    }

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

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn told(platform: Platform, refusals: &[(&str, &str)]) -> String {
        let mut lines = String::new();
        for (call, code) in refusals {
            let meaning = meaning(platform, call, code);
            let (cause, because, remedy) = (meaning.cause.as_str(), meaning.because, meaning.remedy);
            let _ = writeln!(lines, "{code} ({cause}): {because}. {remedy}");
        }
        lines
    }

    #[test]
    fn what_slack_refuses_with_is_said_in_words() {
        let refusals = [
            ("chat.postMessage", "invalid_auth"),
            ("chat.postMessage", "not_allowed_token_type"),
            ("chat.postMessage", "account_inactive"),
            ("conversations.create", "missing_scope"),
            ("pins.add", "missing_scope"),
            ("chat.postMessage", "not_in_channel"),
            ("chat.postMessage", "is_archived"),
            ("chat.postMessage", "channel_not_found"),
            ("conversations.create", "name_taken"),
            ("conversations.invite", "user_not_found"),
            ("conversations.open", "user_disabled"),
            ("views.open", "expired_trigger_id"),
            ("views.open", "exchanged_trigger_id"),
            ("views.push", "push_limit_reached"),
            ("chat.postMessage", "invalid_blocks"),
            ("chat.postMessage", "msg_blocks_too_long"),
            ("chat.postMessage", "message_truncated"),
            ("chat.postMessage", "restricted_action"),
            ("chat.update", "message_not_found"),
            ("chat.update", "cant_update_message"),
            ("pins.add", "already_pinned"),
            ("pins.add", "limit_reached"),
            ("chat.postMessage", "a_code_of_tomorrow"),
        ];
        insta::assert_snapshot!(told(Platform::Slack, &refusals), @"
        invalid_auth (token): Slack does not accept its token any more. Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.
        not_allowed_token_type (token): its token is of the wrong kind. Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.
        account_inactive (token): Slack does not accept its token any more. Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.
        missing_scope (right): the app lacks the scope channels:manage. An administrator of the workspace can add it at api.slack.com/apps under OAuth & Permissions and install the app again.
        missing_scope (right): the app lacks the scope pins:write. An administrator of the workspace can add it at api.slack.com/apps under OAuth & Permissions and install the app again.
        not_in_channel (absent): it is not in the channel. Anybody there can bring it back with /invite @wardroom.
        is_archived (archived): the channel is archived. A member can unarchive it in the channel's settings.
        channel_not_found (no_channel): the channel is not there, or is private and without Wardroom. Invite @wardroom there, or correct the channel's id in the organisation file.
        name_taken (name_taken): other channels have every name for it. Somebody can rename one of them.
        user_not_found (no_account): the account is gone, deactivated or a guest. Correct the person's account in the organisation file.
        user_disabled (no_account): the account is gone, deactivated or a guest. Correct the person's account in the organisation file.
        expired_trigger_id (lapsed): Slack does not wait for it any more. Type the command once more.
        exchanged_trigger_id (lapsed): Slack does not wait for it any more. Type the command once more.
        push_limit_reached (lapsed): Slack does not wait for it any more. Type the command once more.
        invalid_blocks (content): Slack does not take what it has to say. It is in the decision log; `/log show` shows it.
        msg_blocks_too_long (content): Slack does not take what it has to say. It is in the decision log; `/log show` shows it.
        message_truncated (content): Slack does not take what it has to say. It is in the decision log; `/log show` shows it.
        restricted_action (rules): the rules of the workspace do not let it. An administrator can allow it: in the channel's posting permissions, or under Settings & administration.
        message_not_found (no_message): the message is not there any more. 
        cant_update_message (no_message): the message is not there any more. 
        already_pinned (done): it is so already. 
        limit_reached (full): Slack's limit is reached. Somebody can make room there: unpin or archive what nobody needs.
        a_code_of_tomorrow (unknown): Slack refused it (a_code_of_tomorrow). Whoever runs Wardroom finds the call in its log.
        ");
    }

    #[test]
    fn what_discord_refuses_with_is_said_in_words() {
        let refusals = [
            ("get bot", "401"),
            ("create channel", "50013"),
            ("pin message", "50013"),
            ("create message", "50013"),
            ("create message", "50001"),
            ("create message", "403"),
            ("open direct messages", "50007"),
            ("list channels", "10004"),
            ("create message", "10003"),
            ("edit message", "10008"),
            ("open direct messages", "10013"),
            ("answer interaction", "10062"),
            ("answer interaction", "40060"),
            ("create message", "50035"),
            ("create message", "50083"),
            ("create channel", "30013"),
            ("pin message", "30003"),
            ("create message", "999999"),
        ];
        insta::assert_snapshot!(told(Platform::Discord, &refusals), @"
        401 (token): Discord does not accept its token any more. Whoever runs Wardroom can reset the token under Bot at discord.com/developers, set it as DISCORD_TOKEN and start it again.
        50013 (right): it lacks “Manage Channels”. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions.
        50013 (right): it lacks “Pin Messages”. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions.
        50013 (right): it lacks “Send Messages”. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions.
        50001 (right): it lacks “View Channels”. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions.
        403 (right): it lacks “Send Messages”. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions.
        50007 (closed): this person takes no direct messages from it. They can allow direct messages in the server's privacy settings.
        10004 (absent): it is not in the server. An administrator of the server can invite it again.
        10003 (no_channel): the channel is not there any more. Correct the channel's id in the organisation file.
        10008 (no_message): the message is not there any more. 
        10013 (no_account): the account is gone or has left the server. Correct the person's account in the organisation file.
        10062 (lapsed): Discord does not wait for it any more. Use the command once more.
        40060 (done): it is so already. 
        50035 (content): Discord does not take what it has to say. It is in the decision log; `/log show` shows it.
        50083 (archived): the thread is archived or locked. A moderator can open it again.
        30013 (full): Discord's limit is reached. A moderator can make room there: unpin or delete what nobody needs.
        30003 (full): Discord's limit is reached. A moderator can make room there: unpin or delete what nobody needs.
        999999 (unknown): Discord refused it (999999). Whoever runs Wardroom finds the call in its log.
        ");
    }

    #[test]
    fn no_code_means_two_things() {
        for table in [slack::refusals::TABLE, discord::refusals::TABLE] {
            let codes: Vec<&str> = table.iter().flat_map(|known| known.codes).copied().collect();
            let distinct: std::collections::BTreeSet<&str> = codes.iter().copied().collect();
            assert_eq!(codes.len(), distinct.len());
        }
    }
}
