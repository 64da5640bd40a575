//! Messages, rooms and pins on Discord.

use std::sync::Arc;

use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ChannelId, GuildId, MessageId};
use sha2::{Digest, Sha256};

use super::format::{created, edited, likeness};
use super::markdown::shorten;
use super::rest::{Answer, Call, Rest, bad_id, snowflake, unreadable};
use crate::domain::{Account, Place, Platform, Profile, Urgency};
use crate::platform::{Attachment, MessageRef, NewRoom, Outbound, SendError, Sending};
use crate::render::Message;

/// How far back an earlier attempt is looked for.
const LOOK_BACK_MESSAGES: usize = 50;

/// A message that only looks the same counts as an earlier attempt when it is no older than this.
const LOOK_BACK_MS: i64 = 60 * 60 * 1000;

/// Discord's limit for a nonce.
const NONCE_MAX: usize = 25;

/// Discord's limit for a channel's topic.
const TOPIC_MAX: usize = 1024;

/// The first millisecond of Discord's ids, in Unix time.
const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// Discord's code of a channel of text in a server.
const TEXT_CHANNEL: u64 = 0;

/// Sends, edits and arranges on Discord.
#[derive(Debug, Clone)]
pub struct DiscordOutbound {
    rest: Arc<Rest>,
    bot: String,
}

impl DiscordOutbound {
    pub(super) fn new(rest: Arc<Rest>, bot: String) -> DiscordOutbound {
        DiscordOutbound { rest, bot }
    }

    async fn create(&self, to: &Place, body: Value, urgency: Urgency) -> Result<MessageRef, SendError> {
        // With an enforced nonce Discord answers a repetition with the message that is there already.
        let call = messages("create message", LightMethod::Post, to)?.body(body).repeatable().urgent(urgency);
        let answer = self.rest.send(call).await?;
        let id = answer.body["id"].as_str().ok_or_else(|| unreadable("create message"))?;
        Ok(MessageRef { place: to.clone(), id: id.to_owned() })
    }

    async fn list(&self, at: &Place) -> Result<Answer, SendError> {
        let call = messages("list messages", LightMethod::Get, at)?.param("limit", LOOK_BACK_MESSAGES);
        self.rest.send(call).await
    }

    /// Looks for what an earlier attempt with this nonce may have left.
    ///
    /// Discord itself refuses a second message with the same nonce only for a few minutes, and lists of messages name
    /// the nonce only sometimes. So: a message of ours with this nonce is it. Where the list names no nonce at all, one
    /// of ours from the last hour that says exactly the same is taken for it. The other way round, a sentence that is
    /// repeated on purpose within the hour *and* whose first attempt failed would be lost; a doubled message is the
    /// commoner and uglier fault.
    async fn earlier(&self, to: &Place, body: &Value, nonce: &str) -> Result<Option<MessageRef>, SendError> {
        let Answer { body: list, date } = self.list(to).await?;
        let list = list.as_array().ok_or_else(|| unreadable("list messages"))?;
        let ours: Vec<&Value> = list.iter().filter(|message| message["author"]["id"] == self.bot.as_str()).collect();
        let named = ours.iter().find(|message| message["nonce"] == nonce);
        let nonces = ours.iter().any(|message| !message["nonce"].is_null());
        let now = date.map(|date| date.timestamp_millis());
        let alike = |message: &&&Value| {
            let recent = sent_at_ms(message).zip(now).is_some_and(|(sent, now)| now - sent <= LOOK_BACK_MS);
            recent && is_like(message, body)
        };
        let found = named.or_else(|| if nonces { None } else { ours.iter().find(alike) });
        let id = found.and_then(|message| message["id"].as_str());
        Ok(id.map(|id| MessageRef { place: to.clone(), id: id.to_owned() }))
    }
}

/// A key as Discord takes it: what is longer than a nonce may be has one of its own.
fn nonce(key: &str) -> String {
    if key.len() <= NONCE_MAX { key.to_owned() } else { hex::encode(Sha256::digest(key))[..NONCE_MAX].to_owned() }
}

impl Outbound for DiscordOutbound {
    async fn post(&self, to: &Place, message: &Message, sending: &Sending<'_>) -> Result<MessageRef, SendError> {
        let nonce = nonce(sending.key);
        if sending.retry
            && let Some(earlier) = self.earlier(to, &created(message, Some(&nonce)), &nonce).await?
        {
            return Ok(earlier);
        }
        self.create(to, created(&sending.dress(message), Some(&nonce)), sending.urgency).await
    }

    async fn edit(&self, at: &MessageRef, message: &Message) -> Result<(), SendError> {
        let (channel_id, message_id) = ids("edit message", at)?;
        let route = Route::ChannelMessage { channel_id, message_id };
        let call = Call::new("edit message", LightMethod::Patch, route, channel_id.get());
        self.rest.send(call.body(edited(message))).await.map(drop)
    }

    async fn pin(&self, at: &MessageRef) -> Result<(), SendError> {
        let (channel_id, message_id) = ids("pin message", at)?;
        let route = Route::ChannelPin { channel_id, message_id };
        // Discord answers a pinned message with success again.
        self.rest.send(Call::new("pin message", LightMethod::Put, route, channel_id.get())).await.map(drop)
    }

    async fn open_room(&self, room: &NewRoom) -> Result<Place, SendError> {
        let guild_id = GuildId::from(snowflake(&room.workspace).ok_or_else(|| bad_id("open room"))?);
        let route = Route::GuildChannels { guild_id };
        let listed = self.rest.send(Call::new("list channels", LightMethod::Get, route, guild_id.get())).await?;
        let listed = listed.body.as_array().cloned().ok_or_else(|| unreadable("list channels"))?;
        let place = |channel: &Value| {
            let channel = channel["id"].as_str()?.to_owned();
            Some(Place { platform: Platform::Discord, workspace: room.workspace.clone(), channel })
        };
        if let Some(found) = listed.iter().find(|channel| is_room(channel, room)).and_then(place) {
            return Ok(found);
        }
        let body = json!({ "name": room.name, "type": TEXT_CHANNEL, "topic": shorten(&room.topic, TOPIC_MAX) });
        let call = Call::new("create channel", LightMethod::Post, route, guild_id.get()).body(body);
        place(&self.rest.send(call).await?.body).ok_or_else(|| unreadable("create channel"))
    }

    async fn set_topic(&self, place: &Place, topic: &str) -> Result<(), SendError> {
        let channel_id = channel("set topic", place)?;
        let call = Call::new("set topic", LightMethod::Patch, Route::Channel { channel_id }, channel_id.get());
        self.rest.send(call.body(json!({ "topic": shorten(topic, TOPIC_MAX) }))).await.map(drop)
    }

    /// Members of a server see a new channel already: the room's first message, which mentions them, brings them in.
    async fn invite(&self, _place: &Place, _accounts: &[Account]) -> Result<(), SendError> {
        Ok(())
    }

    async fn direct(&self, account: &Account) -> Result<Place, SendError> {
        let recipient = snowflake(&account.id).ok_or_else(|| bad_id("open direct messages"))?;
        // The one channel between the two is opened or found, so this may be repeated.
        let call = Call::new("open direct messages", LightMethod::Post, Route::UserMeDmChannels, 0).repeatable();
        let answer = self.rest.send(call.body(json!({ "recipient_id": recipient.to_string() }))).await?;
        let channel = answer.body["id"].as_str().ok_or_else(|| unreadable("open direct messages"))?.to_owned();
        Ok(Place { platform: Platform::Discord, workspace: account.workspace.clone(), channel })
    }

    /// A direct message: something that one person alone sees in a channel needs the token of an interaction of theirs,
    /// which lives for fifteen minutes and is never stored.
    async fn whisper(&self, to: &Account, _at: &Place, message: &Message, key: &str) -> Result<(), SendError> {
        let direct = self.direct(to).await?;
        self.create(&direct, created(message, Some(&nonce(key))), Urgency::Page).await.map(drop)
    }

    async fn recent(&self, at: &Place) -> Result<Vec<String>, SendError> {
        let list = self.list(at).await?.body;
        let messages = list.as_array().ok_or_else(|| unreadable("list messages"))?;
        let text = |message: &Value| {
            let (content, card) = likeness(message);
            card.into_iter().fold(content, |text, (title, body)| format!("{text}\n{title}\n{body}"))
        };
        Ok(messages.iter().map(text).collect())
    }

    async fn hand(
        &self,
        to: &Account,
        file: &Attachment,
        message: &Message,
        sending: &Sending<'_>,
    ) -> Result<(), SendError> {
        let direct = self.direct(to).await?;
        let body = created(message, Some(sending.key));
        if sending.retry && self.earlier(&direct, &body, sending.key).await?.is_some() {
            return Ok(());
        }
        let call = messages("create message", LightMethod::Post, &direct)?.body(body).file(file).repeatable();
        self.rest.send(call).await.map(drop)
    }

    async fn is_let_in(&self) -> Result<(), SendError> {
        self.rest.send(Call::new("get bot", LightMethod::Get, Route::UserMe, 0)).await.map(drop)
    }

    /// Discord tells a bot nobody's e-mail address.
    async fn profile(&self, _account: &Account) -> Result<Option<Profile>, SendError> {
        Ok(None)
    }

    /// Discord has no such place; `/inc panel` shows the same there.
    async fn show_home(&self, _account: &Account, _message: &Message) -> Result<(), SendError> {
        Ok(())
    }
}

fn messages(name: &'static str, method: LightMethod, place: &Place) -> Result<Call<'static>, SendError> {
    let channel_id = channel(name, place)?;
    Ok(Call::new(name, method, Route::ChannelMessages { channel_id }, channel_id.get()))
}

fn channel(call: &'static str, place: &Place) -> Result<ChannelId, SendError> {
    snowflake(&place.channel).map(ChannelId::from).ok_or_else(|| bad_id(call))
}

fn ids(call: &'static str, at: &MessageRef) -> Result<(ChannelId, MessageId), SendError> {
    let message = snowflake(&at.id).map(MessageId::from).ok_or_else(|| bad_id(call))?;
    Ok((channel(call, &at.place)?, message))
}

/// Whether a channel is the room that an earlier attempt opened: its topic names the incident, and not one whose number
/// merely begins alike.
fn is_room(channel: &Value, room: &NewRoom) -> bool {
    let rest = channel["topic"].as_str().and_then(|topic| topic.strip_prefix(&room.mark));
    let marked = rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()));
    marked && channel["type"] == TEXT_CHANNEL && channel["name"] == room.name.as_str()
}

/// Whether a message says what a body says: the small print of an earlier attempt may differ, or be missing.
fn is_like(message: &Value, body: &Value) -> bool {
    let ((said, card), (wanted, wanted_card)) = (likeness(message), likeness(body));
    let dressed = said.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with("\n-# "));
    card == wanted_card && dressed
}

/// When a message was sent, which its id tells.
fn sent_at_ms(message: &Value) -> Option<i64> {
    let id: i64 = message["id"].as_str()?.parse().ok()?;
    Some((id >> 22) + DISCORD_EPOCH_MS)
}
