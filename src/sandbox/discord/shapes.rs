//! The objects of the API as Discord writes them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::interactions::{COMPONENT, FORM};
use super::world::{AnswerTo, Channel, ChannelKind, Message, World};

/// When everybody joined: any fixed moment will do.
const JOINED_AT: &str = "2024-01-15T09:00:00.000000+00:00";
/// What a file may weigh on a server without boosts, in bytes.
pub(super) const ATTACHMENT_LIMIT: u64 = 10_485_760;

/// A moment as the API writes it.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, false)
}

/// An id as a client has written it: as text, or as a number, which some clients do.
pub(super) fn snowflake(value: &Value) -> Option<String> {
    match value {
        Value::String(id) => Some(id.clone()),
        id => id.as_u64().map(|id| id.to_string()),
    }
}

impl World {
    pub(super) fn user_json(&self, id: &str) -> Value {
        let bot = id == self.cast.bot_user_id;
        let (username, name) = if bot {
            (super::BOT_HANDLE, super::BOT_NAME)
        } else {
            self.cast
                .users
                .iter()
                .find(|user| user.id == id)
                .map_or(("deleted_user", "Deleted User"), |user| (user.username.as_str(), user.name.as_str()))
        };
        let mut user = json!({
            "id": id, "username": username, "global_name": name, "discriminator": "0", "avatar": null,
            "public_flags": 0, "flags": 0, "banner": null, "accent_color": null,
            "avatar_decoration_data": null, "collectibles": null, "primary_guild": null,
        });
        if bot {
            user["bot"] = json!(true);
        }
        user
    }

    /// The bot about itself, as `/users/@me` and READY give it.
    pub(super) fn current_user_json(&self) -> Value {
        let mut user = self.user_json(&self.cast.bot_user_id);
        user["verified"] = json!(true);
        user["mfa_enabled"] = json!(true);
        user["email"] = Value::Null;
        user["locale"] = json!("en-US");
        user
    }

    fn partial_member_json(&self, id: &str) -> Value {
        let roles = if id == self.cast.bot_user_id { vec![self.bot_role()] } else { Vec::new() };
        json!({
            "avatar": null, "banner": null, "communication_disabled_until": null, "deaf": false, "flags": 0,
            "joined_at": JOINED_AT, "mute": false, "nick": null, "pending": false, "premium_since": null,
            "roles": roles,
        })
    }

    pub(super) fn member_json(&self, id: &str) -> Value {
        let mut member = self.partial_member_json(id);
        member["user"] = self.user_json(id);
        member
    }

    pub(super) fn members_json(&self) -> Vec<Value> {
        let bot = std::iter::once(self.cast.bot_user_id.as_str());
        let ids = self.cast.users.iter().map(|user| user.id.as_str());
        ids.chain(bot).map(|id| self.member_json(id)).collect()
    }

    /// A member as an interaction carries it: with the permissions in that channel.
    pub(super) fn invoking_member_json(&self, id: &str, channel: &Channel) -> Value {
        let mut member = self.member_json(id);
        member["permissions"] = json!(self.permissions(id, channel).to_string());
        member
    }

    /// A member as the `resolved` part of an interaction carries it: permissions, but no user.
    pub(super) fn resolved_member_json(&self, id: &str, channel: &Channel) -> Value {
        let mut member = self.partial_member_json(id);
        member["permissions"] = json!(self.permissions(id, channel).to_string());
        member
    }

    pub(super) fn channel_json(&self, channel: &Channel) -> Value {
        let last = channel.messages.iter().rev().find(|message| message.only_for.is_none());
        let last = last.map(|message| message.id.clone());
        if channel.kind == ChannelKind::Direct {
            let recipient = channel.recipient.as_deref().unwrap_or_default();
            return json!({
                "id": channel.id, "type": 1, "flags": 0, "last_message_id": last,
                "last_pin_timestamp": channel.last_pin.map(stamp), "recipients": [self.user_json(recipient)],
            });
        }
        json!({
            "id": channel.id, "type": 0, "guild_id": self.cast.guild_id, "name": channel.name, "topic": channel.topic,
            "position": channel.position, "permission_overwrites": channel.overwrites, "nsfw": false, "flags": 0,
            "parent_id": channel.parent_id, "rate_limit_per_user": 0, "last_message_id": last,
            "last_pin_timestamp": channel.last_pin.map(stamp),
        })
    }

    /// A channel as an interaction carries it.
    pub(super) fn partial_channel_json(&self, channel: &Channel, user: &str) -> Value {
        let mut partial = self.channel_json(channel);
        if channel.kind == ChannelKind::Text {
            partial["permissions"] = json!(self.permissions(user, channel).to_string());
        }
        if let Some(fields) = partial.as_object_mut() {
            fields.remove("permission_overwrites");
        }
        partial
    }

    pub(super) fn guild_json(&self) -> Value {
        json!({
            "id": self.cast.guild_id, "name": self.cast.guild_name, "icon": null, "description": null,
            "home_header": null, "splash": null, "discovery_splash": null, "features": [], "banner": null,
            "owner_id": self.owner(), "application_id": null, "region": "rotterdam", "afk_channel_id": null,
            "afk_timeout": 300, "system_channel_id": null, "system_channel_flags": 0, "widget_enabled": false,
            "widget_channel_id": null, "verification_level": 0, "roles": self.roles(),
            "default_message_notifications": 1, "mfa_level": 0, "explicit_content_filter": 0, "max_presences": null,
            "max_members": 500_000, "max_stage_video_channel_users": 50, "max_video_channel_users": 25,
            "vanity_url_code": null, "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US",
            "rules_channel_id": null, "safety_alerts_channel_id": null, "public_updates_channel_id": null,
            "premium_progress_bar_enabled": false, "nsfw": false, "nsfw_level": 0, "emojis": [], "stickers": [],
            "incidents_data": null,
        })
    }

    /// The guild as `GUILD_CREATE` gives it after READY: with its channels and members.
    pub(super) fn guild_create_json(&self) -> Value {
        let mut guild = self.guild_json();
        let seen =
            |channel: &&Channel| channel.kind == ChannelKind::Text && self.can_see(&self.cast.bot_user_id, channel);
        let channels: Vec<Value> =
            self.durable.channels.iter().filter(seen).map(|channel| self.channel_json(channel)).collect();
        let more = json!({
            "joined_at": JOINED_AT, "large": false, "unavailable": false, "member_count": self.cast.users.len() + 1,
            "members": self.members_json(), "channels": channels, "threads": [], "presences": [], "voice_states": [],
            "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
        });
        if let (Some(fields), Value::Object(more)) = (guild.as_object_mut(), more) {
            fields.extend(more);
        }
        guild
    }

    /// A message as the API gives it, with the one that it replies to; that is `null` once it is deleted.
    pub(super) fn message_json(&self, channel: &str, message: &Message) -> Value {
        let mut json = self.lone_message_json(channel, message);
        if let Some(reference) = &message.reference {
            let replied = self.message(channel, reference["message_id"].as_str().unwrap_or_default());
            json["referenced_message"] =
                replied.map_or(Value::Null, |replied| self.lone_message_json(channel, replied));
        }
        json
    }

    fn lone_message_json(&self, channel: &str, message: &Message) -> Value {
        let (mentions, everyone) = self.mentions(message);
        let attachments: Vec<Value> =
            message.attachments.iter().map(|attachment| self.attachment_json(channel, attachment)).collect();
        let mut json = json!({
            "id": message.id, "channel_id": channel, "type": kind(message), "author": self.user_json(&message.author),
            "content": message.content, "embeds": message.embeds, "components": message.components,
            "attachments": attachments, "mentions": mentions, "mention_roles": [], "mention_everyone": everyone,
            "timestamp": stamp(message.at), "edited_timestamp": message.edited.map(stamp), "pinned": message.pinned,
            "tts": false, "flags": message.flags,
        });
        if !message.reactions.is_empty() {
            json["reactions"] = json!(self.reactions_json(message));
        }
        if let Some(nonce) = &message.nonce {
            json["nonce"] = nonce.clone();
        }
        if let Some(reference) = &message.reference {
            json["message_reference"] = reference.clone();
        }
        if let Some(answer) = &message.interaction {
            json["application_id"] = json!(self.cast.application_id);
            json["webhook_id"] = json!(self.cast.application_id);
            json["interaction_metadata"] = self.interaction_metadata(answer);
            if !answer.name.is_empty() {
                json["interaction"] = json!({
                    "id": answer.id, "type": answer.kind, "name": answer.name, "user": self.user_json(&answer.user),
                });
            }
        }
        json
    }

    fn interaction_metadata(&self, answer: &AnswerTo) -> Value {
        let mut json = json!({
            "id": answer.id, "type": answer.kind, "user": self.user_json(&answer.user),
            "authorizing_integration_owners": { "0": self.cast.guild_id },
        });
        match (answer.kind, &answer.source, &answer.opened_by) {
            (COMPONENT, Some(source), _) => json["interacted_message_id"] = json!(source),
            (FORM, _, Some(opener)) => json["triggering_interaction_metadata"] = self.interaction_metadata(opener),
            _ => {}
        }
        json
    }

    /// A message as a gateway event gives it: with the guild and the author's membership.
    pub(super) fn message_event_json(&self, channel: &Channel, message: &Message) -> Value {
        let mut json = self.message_json(&channel.id, message);
        if channel.kind == ChannelKind::Text {
            json["guild_id"] = json!(self.cast.guild_id);
            json["member"] = self.partial_member_json(&message.author);
        }
        json
    }

    /// Whom a message pings, after its `allowed_mentions`.
    fn mentions(&self, message: &Message) -> (Vec<Value>, bool) {
        let allowed = message.allowed_mentions.as_ref();
        let parses = |word: &str| {
            allowed.is_none_or(|allowed| {
                allowed["parse"].as_array().is_some_and(|list| list.iter().any(|item| item == word))
            })
        };
        let listed = |id: &str| {
            allowed.is_some_and(|allowed| {
                allowed["users"]
                    .as_array()
                    .is_some_and(|list| list.iter().any(|item| snowflake(item).as_deref() == Some(id)))
            })
        };
        let bot = std::iter::once(self.cast.bot_user_id.as_str());
        let users = self.cast.users.iter().map(|user| user.id.as_str()).chain(bot);
        let mentioned = users
            .filter(|id| {
                message.content.contains(&format!("<@{id}>")) || message.content.contains(&format!("<@!{id}>"))
            })
            .filter(|id| parses("users") || listed(id))
            .map(|id| self.user_json(id))
            .collect();
        let everyone = message.content.contains("@everyone") || message.content.contains("@here");
        let by_bot = message.author == self.cast.bot_user_id;
        (mentioned, by_bot && everyone && parses("everyone"))
    }
}

/// The type of a message: an answer to a command, a reply, or an ordinary one.
fn kind(message: &Message) -> u64 {
    match (&message.interaction, &message.reference) {
        (Some(answer), _) if answer.kind == 2 => 20,
        (_, Some(_)) => 19,
        _ => 0,
    }
}
