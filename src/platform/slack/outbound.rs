//! What the jobs ask of Slack.

use serde_json::{Value, json};

use super::client::{SlackApi, unclear};
use super::command_text::unescape;
use super::format::format;
use super::mrkdwn::escaped_within;
use crate::app::inbound::HOME;
use crate::domain::{Account, Place, Platform, Profile, Standing};
use crate::platform::{MessageRef, NewRoom, Outbound, SendError};
use crate::render::Message;

/// Marks our messages, so that a send whose answer was lost can be found again.
const EVENT_TYPE: &str = "wardroom";
/// How far back a lost send is looked for.
const HISTORY_MAX: usize = 100;
/// Slack's limit for topic and purpose.
const TOPIC_MAX: usize = 250;
/// Slack's limit for a channel name, less a suffix such as `-2`.
const NAME_MAX: usize = 78;
/// A name that is taken by somebody else's channel is tried with a number, up to this one.
const NAME_TRIES: usize = 9;
/// "Must be an integer under 1000" (conversations.list).
const LIST_PAGE: usize = 999;
/// Nearly 20,000 channels; a workspace with more has to name its rooms so that they don't clash.
const LIST_PAGES_MAX: usize = 20;
/// Slack takes up to 1,000 accounts in one invitation; fewer keep a failure cheap.
const INVITE_MAX: usize = 100;

/// Sends to one Slack workspace.
#[derive(Debug, Clone)]
pub struct SlackOutbound {
    pub(super) api: SlackApi,
    pub(super) bot_user: String,
}

impl Outbound for SlackOutbound {
    async fn post(&self, to: &Place, message: &Message, key: &str, retry: bool) -> Result<MessageRef, SendError> {
        if retry && let Some(earlier) = self.find(to, key).await? {
            return Ok(earlier);
        }
        // Strings only: other shapes make clicks on the message unreadable for some of Slack's client libraries.
        let metadata = json!({"event_type": EVENT_TYPE, "event_payload": {"key": key}});
        self.send(to, message, Some(metadata)).await
    }

    async fn edit(&self, at: &MessageRef, message: &Message) -> Result<(), SendError> {
        let mut body = body(&at.place.channel, message);
        body["ts"] = json!(at.id);
        self.with_fallback("chat.update", body).await?;
        Ok(())
    }

    async fn pin(&self, at: &MessageRef) -> Result<(), SendError> {
        let body = json!({"channel": at.place.channel, "timestamp": at.id});
        succeeds_on(self.api.post("pins.add", &body).await, &["already_pinned"])
    }

    async fn open_room(&self, room: &NewRoom) -> Result<Place, SendError> {
        let channel = self.room_channel(room).await?;
        let place = Place { platform: Platform::Slack, workspace: room.workspace.clone(), channel };
        // First what names the room as ours: a retry after a crash in between finds it by this.
        let purpose = json!({"channel": place.channel, "purpose": topic_text(&room.topic)});
        self.api.post("conversations.setPurpose", &purpose).await?;
        self.set_topic(&place, &room.topic).await?;
        Ok(place)
    }

    async fn set_topic(&self, place: &Place, topic: &str) -> Result<(), SendError> {
        let body = json!({"channel": place.channel, "topic": topic_text(topic)});
        self.api.post("conversations.setTopic", &body).await?;
        Ok(())
    }

    async fn invite(&self, place: &Place, accounts: &[Account]) -> Result<(), SendError> {
        let users: Vec<&str> = accounts
            .iter()
            .filter(|account| account.platform == Platform::Slack)
            .map(|account| account.id.as_str())
            .collect();
        for some in users.chunks(INVITE_MAX) {
            match self.invite_all(place, &some.join(",")).await {
                // One of many spoils the call for all, so each is then invited alone.
                Err(SendError::Refused { .. }) if some.len() > 1 => {
                    for user in some {
                        skip_unknown(self.invite_all(place, user).await, user)?;
                    }
                }
                other => skip_unknown(other, some.first().copied().unwrap_or_default())?,
            }
        }
        Ok(())
    }

    async fn direct(&self, account: &Account) -> Result<Place, SendError> {
        let answer = self.api.post("conversations.open", &json!({"users": account.id})).await?;
        let channel = string(&answer["channel"]["id"])?;
        Ok(Place { platform: Platform::Slack, workspace: account.workspace.clone(), channel })
    }

    async fn whisper(&self, to: &Account, at: &Place, message: &Message) -> Result<(), SendError> {
        self.whisper_in(to, at, None, message).await
    }

    async fn profile(&self, account: &Account) -> Result<Option<Profile>, SendError> {
        let answer = match self.api.get("users.info", &[("user", account.id.clone())]).await {
            Err(SendError::Refused { code, .. }) if is_unknown(&code) => return Ok(None),
            other => other?,
        };
        let user = &answer["user"];
        Ok(Some(Profile {
            email: user["profile"]["email"].as_str().map(str::to_owned),
            email_confirmed: user["is_email_confirmed"] != false,
            standing: standing(user, &account.workspace),
            active: user["deleted"] != true,
        }))
    }

    async fn show_home(&self, account: &Account, message: &Message) -> Result<(), SendError> {
        let view = json!({"type": "home", "blocks": format(message).blocks});
        let body = json!({"user_id": account.id, "view": view});
        // Whoever is gone reads nothing.
        succeeds_on(self.api.post("views.publish", &body).await, &["user_not_found", "not_enabled"])
    }
}

impl SlackOutbound {
    /// Whispers, in a thread where one is named.
    pub(super) async fn whisper_in(
        &self,
        to: &Account,
        at: &Place,
        thread: Option<&str>,
        message: &Message,
    ) -> Result<(), SendError> {
        // In the app's home nothing can be whispered.
        if at.channel == HOME {
            let direct = self.direct(to).await?;
            return self.send(&direct, message, None).await.map(drop);
        }
        let mut body = body(&at.channel, message);
        body["user"] = json!(to.id);
        if let Some(thread) = thread {
            body["thread_ts"] = json!(thread);
        }
        match self.with_fallback("chat.postEphemeral", body).await {
            // Where one of the two is not in the channel there is nothing to whisper into.
            Err(SendError::Refused { code, .. }) if is_absence(&code) => {
                let direct = self.direct(to).await?;
                self.send(&direct, message, None).await?;
                Ok(())
            }
            other => other.map(drop),
        }
    }
}

impl SlackOutbound {
    async fn send(&self, to: &Place, message: &Message, metadata: Option<Value>) -> Result<MessageRef, SendError> {
        let mut body = body(&to.channel, message);
        body["unfurl_links"] = json!(false);
        body["unfurl_media"] = json!(false);
        if let Some(metadata) = metadata {
            body["metadata"] = metadata;
        }
        let answer = self.with_fallback("chat.postMessage", body).await?;
        // The answer's channel: posting to a person answers with the direct message that was opened.
        let channel = answer["channel"].as_str().unwrap_or(&to.channel).to_owned();
        Ok(MessageRef { place: Place { channel, ..to.clone() }, id: string(&answer["ts"])? })
    }

    /// Posts; where Slack refuses the blocks, the words alone are better than silence.
    async fn with_fallback(&self, call: &'static str, mut body: Value) -> Result<Value, SendError> {
        match self.api.post(call, &body).await {
            Err(SendError::Refused { code, .. }) if code.contains("blocks") && body.get("blocks").is_some() => {
                tracing::warn!(
                    slack.call = call,
                    slack.code = code,
                    "Slack refused the blocks, sending the words alone"
                );
                body["blocks"] = json!([]);
                self.api.post(call, &body).await
            }
            other => other,
        }
    }

    /// Looks for a message of ours that an earlier attempt may have sent.
    async fn find(&self, at: &Place, key: &str) -> Result<Option<MessageRef>, SendError> {
        let params = [
            ("channel", at.channel.clone()),
            ("limit", HISTORY_MAX.to_string()),
            ("include_all_metadata", "true".to_owned()),
        ];
        let answer = match self.api.get("conversations.history", &params).await {
            // Without the right to read here, a message twice is better than none.
            Err(SendError::Refused { code, .. }) => {
                tracing::warn!(slack.code = code, "can't look for an earlier message, sending again");
                return Ok(None);
            }
            other => other?,
        };
        let messages = answer["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = messages.iter().find(|message| self.is_sent_as(message, key));
        Ok(found
            .and_then(|message| message["ts"].as_str())
            .map(|ts| MessageRef { place: at.clone(), id: ts.to_owned() }))
    }

    fn is_sent_as(&self, message: &Value, key: &str) -> bool {
        let metadata = &message["metadata"];
        let is_ours = message["user"].as_str().is_none_or(|user| user == self.bot_user);
        is_ours && metadata["event_type"] == EVENT_TYPE && metadata["event_payload"]["key"] == key
    }

    /// The channel of a new room, or of the one that an earlier attempt opened.
    async fn room_channel(&self, room: &NewRoom) -> Result<String, SendError> {
        let base: String = room.name.chars().take(NAME_MAX).collect();
        let mut existing: Option<Vec<Value>> = None;
        for number in 1..=NAME_TRIES {
            let name = if number == 1 { base.clone() } else { format!("{base}-{number}") };
            match self.api.post("conversations.create", &json!({"name": name, "is_private": false})).await {
                Ok(answer) => return string(&answer["channel"]["id"]),
                Err(SendError::Refused { code, .. }) if code == "name_taken" => {}
                Err(error) => return Err(error),
            }
            let channels = match existing.take() {
                Some(channels) => channels,
                None => self.channels_named_like(&base).await?,
            };
            let ours = channels.iter().find(|channel| channel["name"] == name.as_str() && self.is_room(channel, room));
            if let Some(channel) = ours {
                return string(&channel["id"]);
            }
            existing = Some(channels);
        }
        let code = "name_taken".to_owned();
        Err(SendError::Refused { platform: "Slack", call: "conversations.create", code })
    }

    async fn channels_named_like(&self, base: &str) -> Result<Vec<Value>, SendError> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        for _ in 0..LIST_PAGES_MAX {
            let mut params = vec![
                ("types", "public_channel".to_owned()),
                ("exclude_archived", "true".to_owned()),
                ("limit", LIST_PAGE.to_string()),
            ];
            if !cursor.is_empty() {
                params.push(("cursor", cursor));
            }
            let answer = self.api.get("conversations.list", &params).await?;
            let channels = answer["channels"].as_array().map(Vec::as_slice).unwrap_or_default();
            let like = |channel: &&Value| channel["name"].as_str().is_some_and(|name| name.starts_with(base));
            found.extend(channels.iter().filter(like).cloned());
            let next = answer["response_metadata"]["next_cursor"].as_str();
            cursor = next.map(str::to_owned).unwrap_or_default();
            if cursor.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Ours by its mark; or made by us and never marked, because the attempt that made it ended there.
    fn is_room(&self, channel: &Value, room: &NewRoom) -> bool {
        let words = |name: &str| unescape(channel[name]["value"].as_str().unwrap_or_default());
        let (topic, purpose) = (words("topic"), words("purpose"));
        let unmarked = topic.is_empty() && purpose.is_empty() && channel["creator"] == self.bot_user.as_str();
        unmarked || begins_with_mark(&topic, &room.mark) || begins_with_mark(&purpose, &room.mark)
    }

    async fn invite_all(&self, place: &Place, users: &str) -> Result<(), SendError> {
        let body = json!({"channel": place.channel, "users": users});
        succeeds_on(self.api.post("conversations.invite", &body).await, &[])
    }
}

/// `INC-7` is not the mark of `INC-70`.
fn begins_with_mark(words: &str, mark: &str) -> bool {
    let rest = words.strip_prefix(mark).filter(|_| !mark.is_empty());
    rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
}

/// `parse: none` and no `link_names`: nothing in plain text becomes a mention or a link. `chat.update` would otherwise
/// read it as if a person had typed it.
fn body(channel: &str, message: &Message) -> Value {
    let formatted = format(message);
    json!({
        "channel": channel,
        "text": formatted.text,
        "blocks": formatted.blocks,
        "parse": "none",
        "link_names": false,
    })
}

/// Slack does not say whether it counts an escape as what it shows or as what it is, so the longer of the two fits.
fn topic_text(topic: &str) -> String {
    escaped_within(topic, TOPIC_MAX)
}

fn string(value: &Value) -> Result<String, SendError> {
    value.as_str().map(str::to_owned).ok_or_else(|| unclear("an answer without an id"))
}

fn succeeds_on(answer: Result<Value, SendError>, codes: &[&str]) -> Result<(), SendError> {
    match answer {
        Err(SendError::Refused { code, .. }) if codes.contains(&code.as_str()) => Ok(()),
        other => other.map(drop),
    }
}

/// In the room already is success; an account that Slack can't bring in is skipped, the room matters more.
fn skip_unknown(answer: Result<(), SendError>, user: &str) -> Result<(), SendError> {
    const SKIPPED: [&str; 11] = [
        "already_in_channel",
        "cant_invite_self",
        "cant_invite",
        "user_not_found",
        "users_not_found",
        "user_disabled",
        "user_is_restricted",
        "user_is_ultra_restricted",
        "user_team_not_in_channel",
        "ura_max_channels",
        "no_user",
    ];
    match answer {
        Err(SendError::Refused { code, .. }) if SKIPPED.contains(&code.as_str()) => {
            tracing::debug!(slack.user = user, slack.code = code, "not invited");
            Ok(())
        }
        other => other,
    }
}

/// Who an account is, as `users.info` tells it: a colleague, somebody of elsewhere, or a program.
fn standing(user: &Value, workspace: &str) -> Standing {
    let is = |name: &str| user[name] == true;
    let guest = is("is_restricted") || is("is_ultra_restricted") || is("is_stranger");
    let elsewhere = user["team_id"].as_str().is_some_and(|team| team != workspace);
    if is("is_bot") || is("is_app_user") || user["id"] == "USLACKBOT" {
        Standing::Bot
    } else if guest || elsewhere {
        Standing::Guest
    } else {
        Standing::Member
    }
}

fn is_unknown(code: &str) -> bool {
    matches!(code, "user_not_found" | "user_not_visible" | "missing_scope")
}

fn is_absence(code: &str) -> bool {
    matches!(code, "user_not_in_channel" | "not_in_channel" | "channel_not_found" | "is_archived")
}
