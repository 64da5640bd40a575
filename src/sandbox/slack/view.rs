//! The workspace as one person sees it, for the page.

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::cast::BOT_NAME;
use super::modals::shown_modal;
use super::world::{Channel, Post};

/// Messages of a channel that a page shows.
const MESSAGES_SHOWN: usize = 200;

impl SlackWorkspace {
    /// All that this person can see. An unknown person sees nothing: `null`.
    pub fn view(&self, user: &str) -> Value {
        let Some(person) = self.cast.person(user) else {
            return Value::Null;
        };
        let mut users: Vec<Value> = self.cast.users.iter().map(|other| self.user_summary(&other.id)).collect();
        users.push(self.user_summary(&self.cast.bot_user_id));
        self.with(|state| {
            let channels = state.world.channels.iter().filter(|channel| channel.visible_to(&person.id));
            let channels: Vec<Value> = channels.map(|channel| self.channel_view(channel, &person.id)).collect();
            json!({
                "platform": "slack",
                "workspace": {"id": self.cast.team_id, "name": self.cast.team_name},
                "me": {"id": person.id, "name": person.name, "handle": person.handle},
                "users": users,
                "commands": self.cast.commands,
                "channels": channels,
                "modal": shown_modal(state, &person.id),
                "home": state.live.homes.get(&person.id).map(|home| json!({"blocks": home["blocks"], "at": home["at"]})),
                "connected": state.live.connections.any(),
            })
        })
    }

    /// What the app's home tab shows this person, where the bot has published it.
    pub fn home(&self, user: &str) -> Option<Value> {
        let person = self.cast.person(user)?;
        self.with(|state| state.live.homes.get(&person.id).cloned())
    }

    fn channel_view(&self, channel: &Channel, user: &str) -> Value {
        let seen: Vec<&Post> = channel.posts.iter().filter(|post| post.visible_to(user)).collect();
        let newest = &seen[seen.len().saturating_sub(MESSAGES_SHOWN)..];
        let messages: Vec<Value> = newest.iter().map(|post| self.message_view(channel, post)).collect();
        json!({
            "id": channel.id,
            "name": if channel.is_direct() { BOT_NAME } else { &channel.name },
            "kind": if channel.is_direct() { "direct" } else { "channel" },
            "topic": channel.topic,
            "archived": channel.archived,
            "member": channel.members.contains(user),
            "pinned": channel.pins.iter().map(|pin| &pin.ts).collect::<Vec<_>>(),
            "messages": messages,
        })
    }

    fn message_view(&self, channel: &Channel, post: &Post) -> Value {
        let author = &post.author;
        json!({
            "id": post.ts,
            "author": {"id": author, "name": self.cast.name_of(author), "bot": self.cast.is_bot(author)},
            "at": post.at_ms,
            "edited": post.edited_ts.is_some(),
            "ephemeral": post.ephemeral_to.is_some(),
            "pinned": channel.is_pinned(&post.ts),
            "thread": post.thread_ts.as_ref().filter(|thread| **thread != post.ts),
            "raw": {
                "text": post.text, "blocks": post.blocks,
                "files": post.files.iter().map(|file| self.file_json(file)).collect::<Vec<Value>>(),
            },
        })
    }
}
