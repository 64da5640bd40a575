//! The server as one person sees it, as JSON for a page.

use serde_json::{Value, json};

use super::DiscordServer;
use super::commands::Scope;
use super::people::Modal;
use super::world::{Channel, ChannelKind, Message, World};

/// Messages shown of one channel.
const SHOWN: usize = 200;

impl DiscordServer {
    /// Everything that a person sees: channels, messages, the form that is open.
    pub fn view(&self, user: &str) -> Value {
        self.world().view(user)
    }

    /// The names of the guild's channels.
    pub fn channels(&self) -> Vec<String> {
        let world = self.world();
        let texts = world.durable.channels.iter().filter(|channel| channel.kind == ChannelKind::Text);
        texts.map(|channel| channel.name.clone()).collect()
    }
}

impl World {
    fn view(&self, user: &str) -> Value {
        let Some(me) = self.person(user) else {
            return json!({ "platform": "discord", "error": format!("there is nobody called {user}") });
        };
        let person = |id: &str, name: &str, handle: &str, bot: bool| json!({ "id": id, "name": name, "handle": handle, "bot": bot });
        let mut users: Vec<Value> =
            self.cast.users.iter().map(|user| person(&user.id, &user.name, &user.username, false)).collect();
        users.push(person(&self.cast.bot_user_id, super::BOT_NAME, super::BOT_HANDLE, true));
        let commands: Vec<&Value> = self.commands(Scope::Guild).iter().chain(self.commands(Scope::Global)).collect();
        let seen = self.durable.channels.iter().filter(|channel| self.can_see(&me.id, channel));
        let channels: Vec<Value> = seen.map(|channel| self.channel_view(&me.id, channel)).collect();
        json!({
            "platform": "discord", "workspace": { "id": self.cast.guild_id, "name": self.cast.guild_name },
            "me": { "id": me.id, "name": me.name, "handle": me.username }, "users": users, "commands": commands,
            "channels": channels, "modal": self.modals.get(&me.id).map(Modal::json), "connected": self.connected(),
        })
    }

    fn channel_view(&self, me: &str, channel: &Channel) -> Value {
        let seen: Vec<&Message> = channel.messages.iter().filter(|message| message.seen_by(me)).collect();
        let pinned: Vec<&str> =
            seen.iter().filter(|message| message.pinned).map(|message| message.id.as_str()).collect();
        let messages: Vec<Value> = seen[seen.len().saturating_sub(SHOWN)..]
            .iter()
            .map(|message| self.message_view(&channel.id, message))
            .collect();
        let direct = channel.kind == ChannelKind::Direct;
        json!({
            "id": channel.id, "name": if direct { super::BOT_HANDLE } else { &channel.name },
            "kind": if direct { "direct" } else { "channel" }, "topic": channel.topic.as_deref().unwrap_or_default(),
            "archived": false, "member": true, "pinned": pinned, "messages": messages,
        })
    }

    fn message_view(&self, channel: &str, message: &Message) -> Value {
        let attachments: Vec<Value> =
            message.attachments.iter().map(|attachment| self.attachment_json(channel, attachment)).collect();
        let mut view = json!({
            "id": message.id, "author": self.author_view(&message.author), "at": message.at.timestamp_millis(),
            "edited": message.edited.is_some(), "ephemeral": message.only_for.is_some(), "pinned": message.pinned,
            "raw": {
                "content": message.content, "embeds": message.embeds, "components": message.components,
                "flags": message.flags, "attachments": attachments,
            },
        });
        if let Some(answer) = message.interaction.as_ref().filter(|answer| !answer.name.is_empty()) {
            view["interaction"] = json!({ "user": self.name(&answer.user), "name": answer.name });
        }
        view
    }

    fn author_view(&self, id: &str) -> Value {
        json!({ "id": id, "name": self.name(id), "bot": id == self.cast.bot_user_id })
    }

    fn name(&self, id: &str) -> String {
        if id == self.cast.bot_user_id {
            return super::BOT_NAME.to_owned();
        }
        self.cast.users.iter().find(|user| user.id == id).map_or_else(|| id.to_owned(), |user| user.name.clone())
    }
}
