//! Who may see and do what in a channel: the roles of this server and the overwrites of a channel.

use serde_json::{Value, json};

use super::world::{Channel, ChannelKind, World};

pub(super) const ADMINISTRATOR: u64 = 1 << 3;
pub(super) const MANAGE_CHANNELS: u64 = 1 << 4;
pub(super) const ADD_REACTIONS: u64 = 1 << 6;
pub(super) const VIEW_CHANNEL: u64 = 1 << 10;
pub(super) const SEND_MESSAGES: u64 = 1 << 11;
pub(super) const MANAGE_MESSAGES: u64 = 1 << 13;
const EMBED_LINKS: u64 = 1 << 14;
const READ_MESSAGE_HISTORY: u64 = 1 << 16;
pub(super) const MANAGE_ROLES: u64 = 1 << 28;
pub(super) const PIN_MESSAGES: u64 = 1 << 51;

/// What `@everyone` may do: see, write, react, read back, mention roles that allow it, use commands and threads.
const EVERYONE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | (1 << 0)
    | ADD_REACTIONS
    | (1 << 14)
    | (1 << 15)
    | (1 << 16)
    | (1 << 18)
    | (1 << 31)
    | (1 << 35)
    | (1 << 38);
/// What an incident bot is usually invited with; not an administrator, so that a channel can shut it out.
const BOT: u64 =
    EVERYONE | MANAGE_CHANNELS | MANAGE_MESSAGES | MANAGE_ROLES | PIN_MESSAGES | (1 << 17) | (1 << 34) | (1 << 36);
/// The distance of the bot's role id from the guild's: any fixed id will do that no one else has.
const BOT_ROLE_OFFSET: u64 = 7_000_000_001;

impl World {
    /// The id of the role that came with the bot.
    pub(super) fn bot_role(&self) -> String {
        let guild: u64 = self.cast.guild_id.parse().unwrap_or(0);
        (guild + BOT_ROLE_OFFSET).to_string()
    }

    /// The guild's owner: the first person of the cast.
    pub(super) fn owner(&self) -> &str {
        self.cast.users.first().map_or(self.cast.bot_user_id.as_str(), |user| user.id.as_str())
    }

    /// What an account may do anywhere in the guild, before a channel's overwrites.
    pub(super) fn guild_permissions(&self, account: &str) -> u64 {
        if account == self.cast.bot_user_id {
            self.bot_permissions()
        } else if account == self.owner() {
            BOT | ADMINISTRATOR | (1 << 5)
        } else {
            EVERYONE
        }
    }

    /// What an account may do in a channel, computed as Discord does: `@everyone`, then roles, then the member.
    pub(super) fn permissions(&self, account: &str, channel: &Channel) -> u64 {
        let base = self.guild_permissions(account);
        if channel.kind == ChannelKind::Direct {
            let member = account == self.cast.bot_user_id || channel.recipient.as_deref() == Some(account);
            return if member { BOT } else { 0 };
        }
        if base & ADMINISTRATOR != 0 {
            return base;
        }
        let bot_role = (account == self.cast.bot_user_id).then(|| self.bot_role());
        let steps = [Some(self.cast.guild_id.clone()), bot_role, Some(account.to_owned())];
        steps.into_iter().flatten().fold(base, |bits, id| {
            let overwrite = channel.overwrites.iter().find(|overwrite| overwrite["id"] == id.as_str());
            overwrite.map_or(bits, |overwrite| (bits & !mask(overwrite, "deny")) | mask(overwrite, "allow"))
        })
    }

    fn bot_permissions(&self) -> u64 {
        BOT & !self.durable.rules.taken
    }

    pub(super) fn can_see(&self, account: &str, channel: &Channel) -> bool {
        self.permissions(account, channel) & VIEW_CHANNEL != 0
    }

    /// The guild's roles as wire objects.
    pub(super) fn roles(&self) -> Vec<Value> {
        let role = |id: &str, name: &str, permissions: u64, position: u64| {
            json!({
                "id": id, "name": name, "color": 0, "hoist": false, "icon": null, "unicode_emoji": null,
                "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
                "position": position, "permissions": permissions.to_string(), "managed": position > 0,
                "mentionable": false, "flags": 0,
            })
        };
        let mut bot = role(&self.bot_role(), super::BOT_NAME, self.bot_permissions(), 1);
        bot["tags"] = json!({ "bot_id": self.cast.bot_user_id });
        vec![role(&self.cast.guild_id, "@everyone", EVERYONE, 0), bot]
    }
}

/// A permission by the name that Discord's documentation gives it.
pub(super) fn named(name: &str) -> Result<u64, String> {
    Ok(match name {
        "MANAGE_CHANNELS" => MANAGE_CHANNELS,
        "VIEW_CHANNEL" => VIEW_CHANNEL,
        "SEND_MESSAGES" => SEND_MESSAGES,
        "EMBED_LINKS" => EMBED_LINKS,
        "READ_MESSAGE_HISTORY" => READ_MESSAGE_HISTORY,
        "PIN_MESSAGES" => PIN_MESSAGES,
        _ => return Err(format!("there is no permission {name} here")),
    })
}

/// A permission that the bot's role alone gives it; what `@everyone` has cannot be taken from one role.
pub(super) fn of_role(name: &str) -> Result<u64, String> {
    let bit = named(name)?;
    if EVERYONE & bit == 0 { Ok(bit) } else { Err(format!("everybody has {name}: deny it in a channel instead")) }
}

/// The bits of one side of an overwrite; Discord writes them as text, and reads numbers too.
pub(super) fn mask(overwrite: &Value, side: &str) -> u64 {
    match &overwrite[side] {
        Value::String(bits) => bits.parse().unwrap_or(0),
        bits => bits.as_u64().unwrap_or(0),
    }
}
