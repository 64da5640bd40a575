//! REST: emoji under messages.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{Answer, ApiError, Reply};
use super::permissions::ADD_REACTIONS;
use super::world::{ChannelKind, Message, World};

const GUILD_MESSAGE_REACTIONS: u64 = 1 << 10;
const DIRECT_MESSAGE_REACTIONS: u64 = 1 << 13;
/// Different emoji that a message can have.
const REACTIONS_MOST: usize = 20;

/// An emoji under a message, and who put it there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Reaction {
    emoji: String,
    users: Vec<String>,
}

impl World {
    /// Puts the bot's emoji under a message, or takes it away.
    pub(super) fn react(&mut self, channel: &str, id: &str, emoji: &str, present: bool) -> Reply {
        self.require(channel, if present { ADD_REACTIONS } else { 0 })?;
        // This server has no emoji of its own, which are written `name:id`.
        if emoji.is_ascii() {
            return Err(ApiError::new(400, 10014, "Unknown Emoji"));
        }
        let bot = self.cast.bot_user_id.clone();
        let message = self.message_mut(channel, id).filter(|message| message.only_for.is_none());
        let reactions = &mut message.ok_or_else(ApiError::unknown_message)?.reactions;
        let full = reactions.len() >= REACTIONS_MOST;
        match reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => {
                reaction.users.retain(|user| *user != bot);
                if present {
                    reaction.users.push(bot);
                }
            }
            None if !present => return Err(ApiError::new(404, 10014, "Unknown Emoji")),
            None if full => return Err(ApiError::new(400, 30010, "Maximum number of reactions reached (20)")),
            None => reactions.push(Reaction { emoji: emoji.to_owned(), users: vec![bot] }),
        }
        reactions.retain(|reaction| !reaction.users.is_empty());
        self.changed();
        self.dispatch_reaction(channel, id, emoji, present);
        Ok(Answer::Empty)
    }

    pub(super) fn list_reactions(&self, channel: &str, id: &str, emoji: &str) -> Reply {
        self.bot_channel(channel)?;
        let message = self.message(channel, id).filter(|message| message.only_for.is_none());
        let message = message.ok_or_else(ApiError::unknown_message)?;
        let users = message.reactions.iter().filter(|reaction| reaction.emoji == emoji).flat_map(|own| &own.users);
        Ok(Answer::Json(users.map(|user| self.user_json(user)).collect()))
    }

    /// The reactions of a message as the API gives them.
    pub(super) fn reactions_json(&self, message: &Message) -> Vec<Value> {
        let told = |reaction: &Reaction| {
            json!({
                "emoji": { "id": null, "name": reaction.emoji }, "count": reaction.users.len(),
                "count_details": { "burst": 0, "normal": reaction.users.len() },
                "me": reaction.users.contains(&self.cast.bot_user_id), "me_burst": false, "burst_colors": [],
            })
        };
        message.reactions.iter().map(told).collect()
    }

    fn dispatch_reaction(&mut self, channel: &str, id: &str, emoji: &str, added: bool) {
        let direct = self.channel(channel).is_some_and(|place| place.kind == ChannelKind::Direct);
        let mut data = json!({
            "user_id": self.cast.bot_user_id, "channel_id": channel, "message_id": id, "burst": false, "type": 0,
            "emoji": { "id": null, "name": emoji },
        });
        if !direct {
            data["guild_id"] = json!(self.cast.guild_id);
        }
        let event = if added { "MESSAGE_REACTION_ADD" } else { "MESSAGE_REACTION_REMOVE" };
        self.dispatch(event, if direct { DIRECT_MESSAGE_REACTIONS } else { GUILD_MESSAGE_REACTIONS }, &data);
    }
}
