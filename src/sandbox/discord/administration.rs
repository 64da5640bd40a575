//! What administrators of the server and its members do, to the bot's sorrow: permissions, closed messages, departures.

use serde::Deserialize;
use serde_json::json;

use super::DiscordServer;
use super::permissions::{self, mask};
use super::world::World;

/// One thing that somebody does. Channels and people by id or name; permissions as in `MANAGE_CHANNELS`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum DiscordAct {
    /// Takes a permission from the bot's role, on the whole server.
    Take {
        permission: String,
    },
    Give {
        permission: String,
    },
    /// Denies the bot's role a permission in one channel.
    Deny {
        channel: String,
        permission: String,
    },
    /// Takes the denial back.
    Undeny {
        channel: String,
        permission: String,
    },
    DeleteChannel {
        channel: String,
    },
    /// Takes no direct messages from members of the server any more.
    CloseMessages {
        user: String,
    },
    OpenMessages {
        user: String,
    },
    /// Leaves the server.
    Leave {
        user: String,
    },
    RemoveBot,
    InviteBot,
    /// Sets where interactions are sent instead of the gateway; `null` for nowhere.
    SetEndpoint {
        url: Option<String>,
    },
}

impl DiscordServer {
    /// Does what an administrator or member does.
    pub fn administer(&self, act: &DiscordAct) -> Result<(), String> {
        let mut world = self.world();
        world.apply_act(act)?;
        world.changed();
        Ok(())
    }
}

impl World {
    fn apply_act(&mut self, act: &DiscordAct) -> Result<(), String> {
        match act {
            DiscordAct::Take { permission } => self.durable.rules.taken |= permissions::of_role(permission)?,
            DiscordAct::Give { permission } => self.durable.rules.taken &= !permissions::of_role(permission)?,
            DiscordAct::Deny { channel, permission } => self.deny(channel, permissions::named(permission)?, true)?,
            DiscordAct::Undeny { channel, permission } => self.deny(channel, permissions::named(permission)?, false)?,
            DiscordAct::DeleteChannel { channel } => {
                let id = self.channel_named(channel)?;
                self.durable.channels.retain(|channel| channel.id != id);
            }
            DiscordAct::CloseMessages { user } => {
                let id = self.person_named(user)?;
                self.durable.rules.closed.insert(id);
            }
            DiscordAct::OpenMessages { user } => {
                let id = self.person_named(user)?;
                self.durable.rules.closed.remove(&id);
            }
            DiscordAct::Leave { user } => {
                let id = self.person_named(user)?;
                self.durable.rules.left.insert(id);
            }
            DiscordAct::RemoveBot => self.durable.rules.bot_removed = true,
            DiscordAct::InviteBot => self.durable.rules.bot_removed = false,
            DiscordAct::SetEndpoint { url } => self.durable.rules.endpoint.clone_from(url),
        }
        Ok(())
    }

    fn deny(&mut self, channel: &str, permission: u64, denied: bool) -> Result<(), String> {
        let (id, role) = (self.channel_named(channel)?, self.bot_role());
        let channel = self.channel_mut(&id).ok_or("the channel is gone")?;
        let before = channel.overwrites.iter().find(|overwrite| overwrite["id"] == role.as_str());
        let before = before.map_or(0, |overwrite| mask(overwrite, "deny"));
        let deny = if denied { before | permission } else { before & !permission };
        channel.overwrites.retain(|overwrite| overwrite["id"] != role.as_str());
        channel.overwrites.push(json!({ "id": role, "type": 0, "allow": "0", "deny": deny.to_string() }));
        Ok(())
    }

    fn channel_named(&self, word: &str) -> Result<String, String> {
        let name = word.trim_start_matches('#');
        let found = self.durable.channels.iter().find(|channel| channel.id == name || channel.name == name);
        found.map(|channel| channel.id.clone()).ok_or_else(|| format!("there is no channel {word}"))
    }

    fn person_named(&self, word: &str) -> Result<String, String> {
        self.person(word).map(|person| person.id.clone()).ok_or_else(|| format!("there is nobody called {word}"))
    }
}
