//! What administrators of the workspace do, to the bot's sorrow: scopes, archived channels, deactivated people.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::SlackWorkspace;
use super::api::ApiError;
use super::args::Args;
use super::state::State;

/// Scopes that the app is granted when it is installed: those that a bot of this kind asks for.
const GRANTED: [&str; 21] = [
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "pins:read",
    "pins:write",
    "reactions:write",
    "users:read",
    "users:read.email",
];

/// What is in force beyond the ordinary. It outlives a restart.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Rules {
    #[serde(default)]
    scopes_taken: BTreeSet<String>,
    /// Channels in which only people may write.
    #[serde(default)]
    restricted: BTreeSet<String>,
    #[serde(default)]
    token_revoked: bool,
}

/// One thing that an administrator does. Channels and people by id or name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum SlackAct {
    Archive {
        channel: String,
    },
    Unarchive {
        channel: String,
    },
    /// Takes the bot out of a channel.
    RemoveBot {
        channel: String,
    },
    /// Makes a channel private.
    Hide {
        channel: String,
    },
    /// Lets nobody but people write in a channel.
    Restrict {
        channel: String,
    },
    /// Lets everybody write there again.
    Allow {
        channel: String,
    },
    Deactivate {
        user: String,
    },
    Reactivate {
        user: String,
    },
    TakeScope {
        scope: String,
    },
    GiveScope {
        scope: String,
    },
    RevokeToken,
    /// Makes the revoked token valid again.
    RestoreToken,
}

impl SlackWorkspace {
    /// Does what an administrator does.
    pub fn administer(&self, act: &SlackAct) -> Result<(), String> {
        self.with(|state| {
            self.apply_act(state, act)?;
            state.changed = true;
            Ok(())
        })
    }

    fn apply_act(&self, state: &mut State, act: &SlackAct) -> Result<(), String> {
        let user = |user: &str| {
            let person = self.cast.person(user).ok_or_else(|| format!("there is no person \"{user}\""))?;
            Ok::<_, String>(person.id.clone())
        };
        let world = &mut state.world;
        match act {
            SlackAct::Archive { channel } => world.found(channel)?.archived = true,
            SlackAct::Unarchive { channel } => world.found(channel)?.archived = false,
            SlackAct::Hide { channel } => world.found(channel)?.kind = super::world::Kind::Private,
            SlackAct::RemoveBot { channel } => {
                world.found(channel)?.members.remove(&self.cast.bot_user_id);
            }
            SlackAct::Restrict { channel } => {
                let id = world.found(channel)?.id.clone();
                world.rules.restricted.insert(id);
            }
            SlackAct::Allow { channel } => {
                let id = world.found(channel)?.id.clone();
                world.rules.restricted.remove(&id);
            }
            SlackAct::Deactivate { user: name } => {
                world.accounts.entry(user(name)?).or_default().deactivated = true;
            }
            SlackAct::Reactivate { user: name } => {
                world.accounts.entry(user(name)?).or_default().deactivated = false;
            }
            SlackAct::TakeScope { scope } => {
                world.rules.scopes_taken.insert(scope.clone());
            }
            SlackAct::GiveScope { scope } => {
                world.rules.scopes_taken.remove(scope);
            }
            SlackAct::RevokeToken => world.rules.token_revoked = true,
            SlackAct::RestoreToken => world.rules.token_revoked = false,
        }
        Ok(())
    }
}

impl Rules {
    /// The scopes of the bot's token, as the header `x-oauth-scopes` lists them.
    pub fn scopes(&self) -> String {
        let granted = GRANTED.into_iter().filter(|scope| !self.scopes_taken.contains(*scope));
        granted.collect::<Vec<_>>().join(",")
    }

    /// Refuses a call of the bot whose token was revoked, or lacks what the method needs.
    pub fn permit(&self, method: &str, args: &Args) -> Result<(), ApiError> {
        if self.token_revoked {
            return Err("token_revoked".into());
        }
        let Some(needed) = needed(method, &args.filled("channel").unwrap_or_default()) else { return Ok(()) };
        if !self.scopes_taken.contains(needed) {
            return Ok(());
        }
        let more = json!({"needed": needed, "provided": self.scopes()});
        Err(ApiError { code: "missing_scope".to_owned(), messages: Vec::new(), more })
    }

    pub fn is_restricted(&self, channel: &str) -> bool {
        self.restricted.contains(channel)
    }
}

/// The scope that a method needs on a channel: "Required scopes" at <https://docs.slack.dev/reference/methods>.
fn needed(method: &str, channel: &str) -> Option<&'static str> {
    let direct = channel.starts_with('D');
    Some(match method {
        "chat.postMessage" | "chat.postEphemeral" | "chat.update" | "chat.delete" => "chat:write",
        "conversations.create"
        | "conversations.invite"
        | "conversations.setTopic"
        | "conversations.setPurpose"
        | "conversations.archive" => "channels:manage",
        "conversations.join" => "channels:join",
        "conversations.list" | "conversations.info" | "conversations.members" if !direct => "channels:read",
        "conversations.history" | "conversations.replies" if direct => "im:history",
        "conversations.history" | "conversations.replies" => "channels:history",
        "conversations.open" => "im:write",
        "files.getUploadURLExternal" | "files.completeUploadExternal" => "files:write",
        "pins.add" | "pins.remove" => "pins:write",
        "users.info" | "users.list" => "users:read",
        "users.lookupByEmail" => "users:read.email",
        _ => return None,
    })
}
