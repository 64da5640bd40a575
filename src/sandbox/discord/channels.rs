//! REST: the guild, its members and its channels; direct channels.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::error::{Answer, ApiError, FormErrors, Reply};
use super::messages::limit;
use super::permissions::{MANAGE_CHANNELS, MANAGE_ROLES, mask};
use super::rest::flag;
use super::shapes::snowflake;
use super::world::{CHANNELS_MOST, Channel, ChannelKind, World};

impl World {
    /// Refuses for any guild but the one there is.
    pub(super) fn require_guild(&self, guild: &str) -> Result<(), ApiError> {
        let there = guild == self.cast.guild_id && !self.durable.rules.bot_removed;
        if there { Ok(()) } else { Err(ApiError::new(404, 10004, "Unknown Guild")) }
    }

    pub(super) fn get_guild(&self, query: &HashMap<String, String>) -> Value {
        let mut guild = self.guild_json();
        if flag(query, "with_counts") {
            guild["approximate_member_count"] = json!(self.cast.users.len() + 1);
            guild["approximate_presence_count"] = json!(self.cast.users.len());
        }
        guild
    }

    pub(super) fn list_channels(&self) -> Vec<Value> {
        let texts = self.durable.channels.iter().filter(|channel| channel.kind == ChannelKind::Text);
        texts.map(|channel| self.channel_json(channel)).collect()
    }

    pub(super) fn get_member(&self, user: &str) -> Reply {
        let user = if user == "@me" { self.cast.bot_user_id.as_str() } else { user };
        if self.is_account(user) && !self.durable.rules.left.contains(user) {
            Ok(Answer::Json(self.member_json(user)))
        } else {
            Err(ApiError::new(404, 10007, "Unknown Member"))
        }
    }

    pub(super) fn list_members(&self, query: &HashMap<String, String>) -> Reply {
        let limit = limit(query, 1, 1_000)?;
        let after = query.get("after").and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
        let number = |member: &Value| member["user"]["id"].as_str().and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
        let mut members = self.members_json();
        members.retain(|member| number(member) > after);
        members.sort_by_key(number);
        members.truncate(limit);
        Ok(Answer::Json(json!(members)))
    }

    pub(super) fn create_channel(&mut self, body: &Value) -> Reply {
        if self.guild_permissions(&self.cast.bot_user_id) & MANAGE_CHANNELS == 0 {
            return Err(ApiError::missing_permissions());
        }
        let mut errors = FormErrors::default();
        errors.required_text(body, "", "name", 1, 100);
        errors.text(body, "", "topic", 0, 1_024);
        if !matches!(body.get("type"), None | Some(Value::Null)) && body["type"] != 0 {
            errors.add("type", "BASE_TYPE_CHOICES", "This server has text channels only: Value must be one of (0,).");
        }
        errors.finish()?;
        let overwrites = self.checked_overwrites(body)?;
        let texts = self.durable.channels.iter().filter(|channel| channel.kind == ChannelKind::Text).count();
        if texts >= CHANNELS_MOST {
            return Err(ApiError::new(400, 30013, "Maximum number of guild channels reached (500)"));
        }
        let id = self.next_id();
        self.durable.channels.push(Channel {
            id: id.clone(),
            name: normal_name(body["name"].as_str().unwrap_or_default()),
            kind: ChannelKind::Text,
            topic: body["topic"].as_str().map(str::to_owned),
            overwrites: overwrites.unwrap_or_default(),
            recipient: None,
            parent_id: snowflake(&body["parent_id"]),
            position: texts,
            last_pin: None,
            messages: VecDeque::new(),
        });
        self.changed();
        self.dispatch_channel("CHANNEL_CREATE", &id);
        let channel = self.channel(&id).ok_or_else(ApiError::unknown_channel)?;
        Ok(Answer::Created(self.channel_json(channel)))
    }

    /// The overwrites of a body, if it names any. A bot may give and take only what it has itself.
    fn checked_overwrites(&self, body: &Value) -> Result<Option<Vec<Value>>, ApiError> {
        let mut errors = FormErrors::default();
        let listed = errors.list(body, "", "permission_overwrites", 500);
        let own = self.guild_permissions(&self.cast.bot_user_id);
        let mut overwrites = Vec::new();
        for (index, overwrite) in listed.iter().enumerate() {
            let at = format!("permission_overwrites.{index}");
            if snowflake(&overwrite["id"]).is_none() {
                errors.required(&format!("{at}.id"));
            }
            if !matches!(overwrite["type"].as_u64(), Some(0 | 1)) {
                errors.add(&format!("{at}.type"), "BASE_TYPE_CHOICES", "Value must be one of (0, 1).");
            }
            if (mask(overwrite, "allow") | mask(overwrite, "deny")) & !own != 0 {
                return Err(ApiError::missing_permissions());
            }
            overwrites.push(normal_overwrite(overwrite));
        }
        errors.finish()?;
        Ok(body.get("permission_overwrites").map(|_| overwrites))
    }

    /// A channel as it stands after a change that may have shut the bot out of it.
    fn show_channel(&self, id: &str) -> Reply {
        let channel = self.channel(id).ok_or_else(ApiError::unknown_channel)?;
        Ok(Answer::Json(self.channel_json(channel)))
    }

    pub(super) fn get_channel(&self, id: &str) -> Reply {
        self.bot_channel(id).map(|channel| Answer::Json(self.channel_json(channel)))
    }

    pub(super) fn edit_channel(&mut self, id: &str, body: &Value) -> Reply {
        self.require(id, MANAGE_CHANNELS)?;
        let mut errors = FormErrors::default();
        let name = errors.text(body, "", "name", 1, 100).map(normal_name);
        errors.text(body, "", "topic", 0, 1_024);
        errors.finish()?;
        let overwrites = self.checked_overwrites(body)?;
        let channel = self.channel_mut(id).ok_or_else(ApiError::unknown_channel)?;
        if let Some(name) = name {
            channel.name = name;
        }
        if let Some(topic) = body.get("topic") {
            channel.topic = topic.as_str().filter(|topic| !topic.is_empty()).map(str::to_owned);
        }
        if let Some(parent) = body.get("parent_id") {
            channel.parent_id = snowflake(parent);
        }
        if let Some(overwrites) = overwrites {
            channel.overwrites = overwrites;
        }
        self.changed();
        self.dispatch_channel("CHANNEL_UPDATE", id);
        self.show_channel(id)
    }

    pub(super) fn delete_channel(&mut self, id: &str) -> Reply {
        self.require(id, MANAGE_CHANNELS)?;
        let channel = self.bot_channel(id).map(|channel| self.channel_json(channel))?;
        self.dispatch_channel("CHANNEL_DELETE", id);
        self.durable.channels.retain(|channel| channel.id != id);
        self.changed();
        Ok(Answer::Json(channel))
    }

    pub(super) fn put_overwrite(&mut self, channel: &str, target: &str, body: &Value) -> Reply {
        self.require(channel, MANAGE_ROLES)?;
        let mut overwrite = body.clone();
        overwrite["id"] = json!(target);
        self.checked_overwrites(&json!({ "permission_overwrites": [overwrite] }))?;
        let place = self.channel_mut(channel).ok_or_else(ApiError::unknown_channel)?;
        place.overwrites.retain(|overwrite| overwrite["id"] != target);
        place.overwrites.push(normal_overwrite(&overwrite));
        self.changed();
        self.dispatch_channel("CHANNEL_UPDATE", channel);
        Ok(Answer::Empty)
    }

    pub(super) fn delete_overwrite(&mut self, channel: &str, target: &str) -> Reply {
        self.require(channel, MANAGE_ROLES)?;
        let place = self.channel_mut(channel).ok_or_else(ApiError::unknown_channel)?;
        let before = place.overwrites.len();
        place.overwrites.retain(|overwrite| overwrite["id"] != target);
        if place.overwrites.len() == before {
            return Err(ApiError::new(404, 10009, "Unknown Overwrite"));
        }
        self.changed();
        self.dispatch_channel("CHANNEL_UPDATE", channel);
        Ok(Answer::Empty)
    }

    pub(super) fn open_direct(&mut self, body: &Value) -> Reply {
        let recipient = snowflake(&body["recipient_id"]).unwrap_or_default();
        if !self.cast.users.iter().any(|user| user.id == recipient) {
            return Err(ApiError::new(400, 50033, "Invalid Recipient(s)"));
        }
        let id = self.direct_channel(&recipient);
        self.show_channel(&id)
    }
}

/// A channel's name as Discord keeps it: lower case, with dashes for blanks, without what it drops.
fn normal_name(name: &str) -> String {
    let dashed: String = name
        .trim()
        .to_lowercase()
        .chars()
        .map(|c| if c.is_whitespace() { '-' } else { c })
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii())
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

fn normal_overwrite(overwrite: &Value) -> Value {
    json!({
        "id": snowflake(&overwrite["id"]), "type": overwrite["type"],
        "allow": mask(overwrite, "allow").to_string(), "deny": mask(overwrite, "deny").to_string(),
    })
}
