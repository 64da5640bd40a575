//! What the jobs ask of Slack.

use serde_json::{Value, json};

use super::client::{SlackApi, unclear};
use super::command_text::unescape;
use super::format::format;
use super::mrkdwn::escaped_within;
use crate::app::inbound::HOME;
use crate::domain::{Account, Place, Platform, Profile, Standing, Urgency};
use crate::platform::{Attachment, Cause, MessageRef, NewRoom, Outbound, SendError, Sending};
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
    async fn post(&self, to: &Place, message: &Message, sending: &Sending<'_>) -> Result<MessageRef, SendError> {
        if sending.retry
            && let Some(earlier) = self.find(to, sending.key).await?
        {
            return Ok(earlier);
        }
        let mut body = body(&to.channel, &sending.dress(message));
        body["unfurl_links"] = json!(false);
        body["unfurl_media"] = json!(false);
        // Strings only: other shapes make clicks on the message unreadable for some of Slack's client libraries.
        body["metadata"] = json!({"event_type": EVENT_TYPE, "event_payload": {"key": sending.key}});
        let answer = self.with_fallback(sending.urgency, "chat.postMessage", body).await?;
        // The answer's channel: posting to a person answers with the direct message that was opened.
        let channel = answer["channel"].as_str().unwrap_or(&to.channel).to_owned();
        Ok(MessageRef { place: Place { channel, ..to.clone() }, id: string(&answer["ts"])? })
    }

    async fn edit(&self, at: &MessageRef, message: &Message) -> Result<(), SendError> {
        let mut body = body(&at.place.channel, message);
        body["ts"] = json!(at.id);
        self.with_fallback(Urgency::Decision, "chat.update", body).await?;
        Ok(())
    }

    async fn pin(&self, at: &MessageRef) -> Result<(), SendError> {
        let body = json!({"channel": at.place.channel, "timestamp": at.id});
        succeeds_on(self.inside("pins.add", &body).await, &[Cause::Done])
    }

    async fn open_room(&self, room: &NewRoom) -> Result<Place, SendError> {
        let channel = self.room_channel(room).await?;
        let place = Place { platform: Platform::Slack, workspace: room.workspace.clone(), channel };
        // First what names the room as ours: a retry after a crash in between finds it by this.
        let purpose = json!({"channel": place.channel, "purpose": topic_text(&room.topic)});
        ornament(self.api.post("conversations.setPurpose", &purpose).await.map(drop))?;
        ornament(self.set_topic(&place, &room.topic).await)?;
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

    async fn whisper(&self, to: &Account, at: &Place, message: &Message, key: &str) -> Result<(), SendError> {
        self.whisper_in(to, at, None, message, key).await
    }

    async fn recent(&self, at: &Place) -> Result<Vec<String>, SendError> {
        let history = self.history(at).await?;
        let messages = history["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |message: &Value| {
            let blocks = message["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
            let texts: Vec<String> =
                blocks.iter().filter_map(|block| block["text"]["text"].as_str()).map(unescape).collect();
            texts.join("\n")
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
        super::files::hand(self, to, file, message, sending).await
    }

    async fn is_let_in(&self) -> Result<(), SendError> {
        self.api.post("auth.test", &json!({})).await.map(drop)
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
        match self.api.post("views.publish", &body).await {
            Err(error) if error.is(Cause::NoAccount) => Ok(()),
            // The app has no home, as an administrator wants it.
            Err(SendError::Refused { code, .. }) if code == "not_enabled" => Ok(()),
            other => other.map(drop),
        }
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
        key: &str,
    ) -> Result<(), SendError> {
        // In the app's home nothing can be whispered.
        if at.channel == HOME {
            let direct = self.direct(to).await?;
            return self.post(&direct, message, &Sending::new(key, false)).await.map(drop);
        }
        let mut body = body(&at.channel, message);
        body["user"] = json!(to.id);
        if let Some(thread) = thread {
            body["thread_ts"] = json!(thread);
        }
        match self.with_fallback(Urgency::Page, "chat.postEphemeral", body).await {
            // Where one of the two is not in the channel there is nothing to whisper into.
            Err(error) if [Cause::Absent, Cause::NoChannel, Cause::Archived].iter().any(|cause| error.is(*cause)) => {
                let direct = self.direct(to).await?;
                self.post(&direct, message, &Sending::new(key, false)).await.map(drop)
            }
            other => other.map(drop),
        }
    }
}

impl SlackOutbound {
    /// Posts; where Slack refuses the blocks, the words alone are better than silence.
    async fn with_fallback(&self, urgency: Urgency, call: &'static str, mut body: Value) -> Result<Value, SendError> {
        match self.inside_as(urgency, call, &body).await {
            Err(SendError::Refused { code, .. }) if code.contains("blocks") && body.get("blocks").is_some() => {
                tracing::warn!(
                    slack.call = call,
                    slack.code = code,
                    "Slack refused the blocks, sending the words alone"
                );
                body["blocks"] = json!([]);
                self.inside_as(urgency, call, &body).await
            }
            other => other,
        }
    }

    async fn inside(&self, call: &'static str, body: &Value) -> Result<Value, SendError> {
        self.inside_as(Urgency::Page, call, body).await
    }

    /// Calls a method on a channel; where the bot is not in it, it joins it, as it may with a public one.
    async fn inside_as(&self, urgency: Urgency, call: &'static str, body: &Value) -> Result<Value, SendError> {
        let refused = match self.api.post_as(urgency, call, body).await {
            Err(SendError::Refused { platform, call, code }) if code == "not_in_channel" => {
                SendError::Refused { platform, call, code }
            }
            other => return other,
        };
        match self.join(body["channel"].as_str().unwrap_or_default()).await {
            Ok(()) => self.api.post_as(urgency, call, body).await,
            // A private channel can't be joined: then it is the absence that somebody has to mend.
            Err(SendError::Refused { .. }) => Err(refused),
            Err(error) => Err(error),
        }
    }

    async fn join(&self, channel: &str) -> Result<(), SendError> {
        let joined = self.api.post("conversations.join", &json!({"channel": channel})).await.map(drop);
        if joined.is_ok() {
            tracing::info!(slack.channel = channel, "joined a channel to write there");
        }
        joined
    }

    /// The newest messages of a channel, which the bot joins where it may and has to.
    async fn history(&self, at: &Place) -> Result<Value, SendError> {
        let params = [
            ("channel", at.channel.clone()),
            ("limit", HISTORY_MAX.to_string()),
            ("include_all_metadata", "true".to_owned()),
        ];
        let answer = self.api.get("conversations.history", &params).await;
        if answer.as_ref().is_err_and(|error| error.is(Cause::Absent)) && self.join(&at.channel).await.is_ok() {
            return self.api.get("conversations.history", &params).await;
        }
        answer
    }

    /// Looks for a message of ours that an earlier attempt may have sent.
    async fn find(&self, at: &Place, key: &str) -> Result<Option<MessageRef>, SendError> {
        let answer = match self.history(at).await {
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
        Err(SendError::Refused { platform: Platform::Slack, call: "conversations.create", code })
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
        self.inside("conversations.invite", &body).await.map(drop)
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

fn succeeds_on(answer: Result<Value, SendError>, causes: &[Cause]) -> Result<(), SendError> {
    match answer {
        Err(error) if causes.iter().any(|cause| error.is(*cause)) => Ok(()),
        other => other.map(drop),
    }
}

/// A room without its topic is a room: what is refused here is only logged.
fn ornament(set: Result<(), SendError>) -> Result<(), SendError> {
    match set {
        Err(error @ SendError::Refused { .. }) => {
            tracing::warn!(%error, "a room goes without its topic");
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

/// In the room already is success; an account that Slack can't bring in is skipped, the room matters more.
fn skip_unknown(answer: Result<(), SendError>, user: &str) -> Result<(), SendError> {
    match answer {
        Err(error) if error.is(Cause::Done) || error.is(Cause::NoAccount) => {
            tracing::debug!(slack.user = user, %error, "not invited");
            Ok(())
        }
        other => other,
    }
}
