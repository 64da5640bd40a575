//! REST: messages of a channel, and their pins.

use std::collections::HashMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::error::{Answer, ApiError, FormErrors, Reply};
use super::permissions::{MANAGE_MESSAGES, PIN_MESSAGES, SEND_MESSAGES};
use super::shapes::{snowflake, stamp};
use super::validate;
use super::world::{Message, World};

/// How long a nonce names a message: Discord says "the past few minutes".
const NONCE_LASTS: TimeDelta = TimeDelta::minutes(5);
/// Discord's own limit for one channel.
const PINS_MOST: usize = 250;
/// The flags that a bot may set on a message: suppressed embeds, suppressed notifications.
pub(super) const SETTABLE_FLAGS: u64 = (1 << 2) | (1 << 12);

impl World {
    pub(super) fn create_message(&mut self, channel: &str, body: &Value) -> Reply {
        let bot = self.cast.bot_user_id.clone();
        self.require(channel, SEND_MESSAGES)?;
        let recipient = self.channel(channel).and_then(|channel| channel.recipient.as_ref());
        if recipient.is_some_and(|user| self.durable.rules.closed.contains(user)) {
            return Err(ApiError::new(403, 50007, "Cannot send messages to this user"));
        }
        validate::message(body)?;
        if let Some(message) = self.sent_before(channel, body) {
            return Ok(Answer::Json(message));
        }
        let mut message = self.draft(&bot, body)?;
        message.flags &= SETTABLE_FLAGS;
        message.nonce = body.get("nonce").filter(|nonce| !nonce.is_null()).cloned();
        message.reference = self.reference(channel, body)?;
        self.post(channel, &message);
        Ok(Answer::Json(self.message_json(channel, &message)))
    }

    /// Makes a message of a body that has been checked.
    pub(super) fn draft(&mut self, author: &str, body: &Value) -> Result<Message, ApiError> {
        let now = self.time();
        let mut message = Message::new(self.next_id(), author, "", now);
        let attachments = self.attachments(&[], body)?;
        fill(&mut message, body, attachments)?;
        message.flags = validate::flags(body);
        Ok(message)
    }

    /// The message that an earlier request with the same enforced nonce has made.
    fn sent_before(&self, channel: &str, body: &Value) -> Option<Value> {
        let nonce = body.get("nonce").filter(|nonce| !nonce.is_null())?;
        if body["enforce_nonce"] != true {
            return None;
        }
        let since = self.time() - NONCE_LASTS;
        let messages = &self.channel(channel)?.messages;
        let same = |message: &&Message| {
            message.author == self.cast.bot_user_id && message.at >= since && message.nonce.as_ref() == Some(nonce)
        };
        messages.iter().rev().find(same).map(|message| self.message_json(channel, message))
    }

    fn reference(&self, channel: &str, body: &Value) -> Result<Option<Value>, ApiError> {
        let Some(id) = snowflake(&body["message_reference"]["message_id"]) else {
            return Ok(None);
        };
        if self.public_message(channel, &id).is_none() {
            if body["message_reference"]["fail_if_not_exists"] == false {
                return Ok(None);
            }
            let mut errors = FormErrors::default();
            errors.add("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
            errors.finish()?;
        }
        Ok(Some(json!({ "type": 0, "channel_id": channel, "message_id": id, "guild_id": self.cast.guild_id })))
    }

    /// A message that the bot's token reaches: ephemeral ones are out of its reach.
    fn public_message(&self, channel: &str, id: &str) -> Option<&Message> {
        self.message(channel, id).filter(|message| message.only_for.is_none())
    }

    /// Refuses unless the bot sees a channel and may do what is asked there.
    pub(super) fn require(&self, channel: &str, permission: u64) -> Result<(), ApiError> {
        let place = self.bot_channel(channel)?;
        if self.permissions(&self.cast.bot_user_id, place) & permission == permission {
            Ok(())
        } else {
            Err(ApiError::missing_permissions())
        }
    }

    pub(super) fn get_message(&self, channel: &str, id: &str) -> Reply {
        self.bot_channel(channel)?;
        let message = self.public_message(channel, id).ok_or_else(ApiError::unknown_message)?;
        Ok(Answer::Json(self.message_json(channel, message)))
    }

    pub(super) fn list_messages(&self, channel: &str, query: &HashMap<String, String>) -> Reply {
        let place = self.bot_channel(channel)?;
        let limit = limit(query, 50, 100)?;
        let number = |key: &str| query.get(key).and_then(|id| id.parse::<u64>().ok());
        let id = |message: &Message| message.id.parse::<u64>().unwrap_or(0);
        let public: Vec<&Message> = place.messages.iter().filter(|message| message.only_for.is_none()).collect();
        let chosen: Vec<&Message> = if let Some(after) = number("after") {
            public.into_iter().filter(|message| id(message) > after).take(limit).collect()
        } else {
            let until = number("around").map(|middle| {
                let older = public.iter().filter(|message| id(message) <= middle).count();
                (older + limit / 2).min(public.len())
            });
            let before = number("before").unwrap_or(u64::MAX);
            let end = until.unwrap_or_else(|| public.iter().filter(|message| id(message) < before).count());
            public[end.saturating_sub(limit)..end].to_vec()
        };
        let list: Vec<Value> = chosen.into_iter().rev().map(|message| self.message_json(channel, message)).collect();
        Ok(Answer::Json(json!(list)))
    }

    pub(super) fn edit_message(&mut self, channel: &str, id: &str, body: &Value) -> Reply {
        self.bot_channel(channel)?;
        let message = self.public_message(channel, id).ok_or_else(ApiError::unknown_message)?;
        if message.author != self.cast.bot_user_id {
            return Err(ApiError::new(403, 50005, "Cannot edit a message authored by another user"));
        }
        self.revise(channel, id, body)
    }

    /// Edits a message that the caller was found to own.
    pub(super) fn revise(&mut self, channel: &str, id: &str, body: &Value) -> Reply {
        validate::message(body)?;
        let now = self.time();
        let had = self.message(channel, id).ok_or_else(ApiError::unknown_message)?;
        let attachments = self.attachments(&had.attachments, body)?;
        let message = self.message_mut(channel, id).ok_or_else(ApiError::unknown_message)?;
        let loading = message.flags & validate::LOADING != 0;
        fill(message, body, attachments)?;
        message.flags &= !validate::LOADING;
        // Filling in a deferred answer is its first appearance, not an edit.
        if !loading {
            message.edited = Some(now);
        }
        let message = message.clone();
        self.edited(channel, id);
        Ok(Answer::Json(self.message_json(channel, &message)))
    }

    pub(super) fn delete_message(&mut self, channel: &str, id: &str) -> Reply {
        self.bot_channel(channel)?;
        let message = self.public_message(channel, id).ok_or_else(ApiError::unknown_message)?;
        if message.author != self.cast.bot_user_id {
            self.require(channel, MANAGE_MESSAGES)?;
        }
        self.remove_message(channel, id);
        Ok(Answer::Empty)
    }

    pub(super) fn pin(&mut self, channel: &str, id: &str, pinned: bool) -> Reply {
        self.require(channel, PIN_MESSAGES)?;
        let now = self.time();
        let was = self.public_message(channel, id).ok_or_else(ApiError::unknown_message)?.pinned;
        let place = self.channel_mut(channel).ok_or_else(ApiError::unknown_channel)?;
        if pinned && !was && place.messages.iter().filter(|message| message.pinned).count() >= PINS_MOST {
            return Err(ApiError::new(400, 30003, "Maximum number of pinned messages reached (250)"));
        }
        if was != pinned {
            place.last_pin = Some(now);
            if let Some(message) = self.message_mut(channel, id) {
                message.pinned = pinned;
            }
            self.changed();
            let data = json!({
                "channel_id": channel, "guild_id": self.cast.guild_id, "last_pin_timestamp": stamp(now),
            });
            self.dispatch("CHANNEL_PINS_UPDATE", super::sessions::GUILDS, &data);
        }
        Ok(Answer::Empty)
    }

    /// The pins of a channel, newest first: as the older route lists them, or as the newer one pages them.
    pub(super) fn list_pins(&self, channel: &str, paged: bool) -> Reply {
        let place = self.bot_channel(channel)?;
        let pins = place.messages.iter().rev().filter(|message| message.pinned);
        if !paged {
            let list: Vec<Value> = pins.map(|message| self.message_json(channel, message)).collect();
            return Ok(Answer::Json(json!(list)));
        }
        let items: Vec<Value> = pins
            .map(|message| json!({ "pinned_at": stamp(message.at), "message": self.message_json(channel, message) }))
            .collect();
        Ok(Answer::Json(json!({ "items": items, "has_more": false })))
    }
}

/// Puts the parts that a body names into a message; `null` clears a part.
fn fill(message: &mut Message, body: &Value, attachments: Option<Vec<Value>>) -> Result<(), ApiError> {
    let list = |key: &str| body.get(key).map(|value| value.as_array().cloned().unwrap_or_default());
    let content = body
        .get("content")
        .map_or_else(|| message.content.clone(), |content| content.as_str().unwrap_or_default().trim().to_owned());
    let embeds = list("embeds").map_or_else(|| message.embeds.clone(), |embeds| embeds.into_iter().map(rich).collect());
    let components = list("components").map_or_else(|| message.components.clone(), numbered);
    let attachments = attachments.unwrap_or_else(|| message.attachments.clone());
    if attachments.is_empty() && validate::is_empty(&content, &embeds, &components) {
        return Err(ApiError::empty_message());
    }
    message.content = content;
    message.embeds = embeds;
    message.components = components;
    message.attachments = attachments;
    if let Some(allowed) = body.get("allowed_mentions") {
        message.allowed_mentions = Some(allowed.clone()).filter(|allowed| !allowed.is_null());
    }
    Ok(())
}

fn rich(mut embed: Value) -> Value {
    embed["type"] = json!("rich");
    for field in embed.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
        field["inline"] = json!(field["inline"] == true);
    }
    embed
}

/// Gives every component its number and every list its bounds, as Discord does in what it returns.
fn numbered(mut rows: Vec<Value>) -> Vec<Value> {
    let mut next = 0;
    for row in &mut rows {
        next += 1;
        row["id"] = json!(next);
        for item in row["components"].as_array_mut().into_iter().flatten() {
            next += 1;
            item["id"] = json!(next);
            if item.get("type").and_then(Value::as_u64).is_some_and(validate::is_select) {
                for bound in ["min_values", "max_values"] {
                    item[bound] = json!(item[bound].as_u64().unwrap_or(1));
                }
            }
        }
    }
    rows
}

/// Reads the `limit` of a query.
pub(super) fn limit(query: &HashMap<String, String>, usual: usize, most: usize) -> Result<usize, ApiError> {
    let Some(word) = query.get("limit") else {
        return Ok(usual);
    };
    match word.parse::<usize>() {
        Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
        _ => {
            let mut errors = FormErrors::default();
            errors.add("limit", "NUMBER_TYPE_MAX", format!("int value should be between 1 and {most}."));
            errors.finish().map(|()| usual)
        }
    }
}
