//! Gateway sessions: what was dispatched to each, so that a resumed one misses nothing.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::world::{ChannelKind, Message, World};

/// Dispatches kept for a RESUME; a client that missed more must identify again.
const REPLAY_KEPT: usize = 1_000;
/// How long a session that lost its connection waits for a RESUME.
const RESUME_WITHIN: Duration = Duration::from_mins(3);
/// Sessions kept at once, attached or waiting for a RESUME. The oldest go first.
const SESSIONS_KEPT: usize = 16;

pub(super) const GUILDS: u64 = 1;
const GUILD_MESSAGES: u64 = 1 << 9;
const DIRECT_MESSAGES: u64 = 1 << 12;
const MESSAGE_CONTENT: u64 = 1 << 15;

/// What a connection is told to do.
#[derive(Debug)]
pub(super) enum Frame {
    Text(String),
    Close(u16, &'static str),
    /// Ends the connection without a word, as a broken network does.
    Cut,
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) intents: u64,
    seq: u64,
    sent: VecDeque<(u64, String)>,
    link: Option<mpsc::Sender<Frame>>,
    detached_at: Option<Instant>,
}

impl Session {
    pub(super) fn attached(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.is_closed())
    }

    pub(super) fn link(&self) -> Option<&mpsc::Sender<Frame>> {
        self.link.as_ref()
    }

    /// Whether a session is attached, or was until so short a time ago.
    fn resumable_within(&self, time: Duration) -> bool {
        self.attached() || self.detached_at.is_some_and(|at| at.elapsed() <= time)
    }

    fn dispatch(&mut self, event: &str, data: &Value) {
        self.seq += 1;
        let text = json!({ "op": 0, "t": event, "s": self.seq, "d": data }).to_string();
        if self.sent.len() >= REPLAY_KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back((self.seq, text.clone()));
        // A client that does not read is cut off; it can resume, which is what the real gateway makes it do.
        if self.link.as_ref().is_some_and(|link| link.try_send(Frame::Text(text)).is_err()) {
            self.link = None;
            self.detached_at = Some(Instant::now());
        }
    }
}

impl World {
    pub(super) fn connected(&self) -> bool {
        self.sessions.iter().any(Session::attached)
    }

    /// Whether a token is the bot's, with or without the `Bot ` in front.
    pub(super) fn is_token(&self, token: &str) -> bool {
        token.strip_prefix("Bot ").unwrap_or(token) == self.cast.bot_token
    }

    /// Opens a session and sends READY and the guild.
    pub(super) fn identify(&mut self, intents: u64, shard: &Value, link: mpsc::Sender<Frame>) -> String {
        self.sessions.retain(|session| session.resumable_within(RESUME_WITHIN));
        if self.sessions.len() >= SESSIONS_KEPT {
            let oldest = self.sessions.iter().position(|session| !session.attached()).unwrap_or(0);
            self.sessions.remove(oldest);
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let mut session =
            Session { id: id.clone(), intents, seq: 0, sent: VecDeque::new(), link: Some(link), detached_at: None };
        let ready = json!({
            "v": 10, "user": self.current_user_json(), "session_id": id, "session_type": "normal",
            "resume_gateway_url": self.gateway_url(), "shard": if shard.is_null() { json!([0, 1]) } else { shard.clone() },
            "guilds": [{ "id": self.cast.guild_id, "unavailable": true }],
            "application": { "id": self.cast.application_id, "flags": 0 },
            "private_channels": [], "presences": [], "relationships": [], "guild_join_requests": [],
            "geo_ordered_rtc_regions": [], "user_settings": {}, "auth": {}, "_trace": ["sandbox"],
        });
        session.dispatch("READY", &ready);
        if intents & GUILDS != 0 {
            session.dispatch("GUILD_CREATE", &self.guild_create_json());
        }
        self.sessions.push(session);
        self.changed();
        id
    }

    /// Takes up a session again and sends what it missed; false where that is not possible.
    pub(super) fn resume(&mut self, id: &str, seen: u64, link: mpsc::Sender<Frame>) -> bool {
        let Some(session) = self.sessions.iter_mut().find(|session| session.id == id) else {
            return false;
        };
        let oldest = session.sent.front().map_or(session.seq, |(seq, _)| seq - 1);
        if seen > session.seq || seen < oldest {
            return false;
        }
        for (_, text) in session.sent.iter().filter(|(seq, _)| *seq > seen) {
            // A fresh link holds more than the buffer does, so this can't be refused.
            let _ = link.try_send(Frame::Text(text.clone()));
        }
        session.link = Some(link);
        session.detached_at = None;
        session.dispatch("RESUMED", &json!({ "_trace": ["sandbox"] }));
        self.changed();
        true
    }

    /// Notes that a connection ended. A session that was closed in good order is over, any other waits for a RESUME.
    pub(super) fn detach(&mut self, id: &str, link: &mpsc::Sender<Frame>, over: bool) {
        let Some(index) = self.sessions.iter().position(|session| session.id == id) else {
            return;
        };
        let session = &mut self.sessions[index];
        if session.link.as_ref().is_some_and(|own| !own.same_channel(link)) {
            return;
        }
        if over {
            self.sessions.remove(index);
        } else {
            session.link = None;
            session.detached_at = Some(Instant::now());
        }
        self.changed();
    }

    /// Whether anybody could still receive an event: attached, or gone so briefly that a RESUME may follow.
    pub(super) fn reachable(&self) -> bool {
        self.sessions.iter().any(|session| session.resumable_within(self.respond_within))
    }

    pub(super) fn gateway_url(&self) -> String {
        let base = self.base_url.trim_end_matches('/');
        let base = base.strip_prefix("http").map_or_else(|| base.to_owned(), |rest| format!("ws{rest}"));
        format!("{base}/gateway")
    }

    /// Sends an event to every session that asked for its kind; 0 asks for nothing.
    pub(super) fn dispatch(&mut self, event: &str, intent: u64, data: &Value) {
        self.sessions.retain(|session| session.resumable_within(RESUME_WITHIN));
        for session in &mut self.sessions {
            if intent == 0 || session.intents & intent != 0 {
                session.dispatch(event, data);
            }
        }
    }

    /// Sends an event to one session alone: the answer to what it asked.
    pub(super) fn dispatch_to(&mut self, id: &str, event: &str, data: &Value) {
        if let Some(session) = self.sessions.iter_mut().find(|session| session.id == id) {
            session.dispatch(event, data);
        }
    }

    /// Sends a message event. What others wrote in a channel is withheld from a bot without the message content intent,
    /// unless it is mentioned.
    pub(super) fn dispatch_message(&mut self, event: &str, channel: &str, message: &Message) {
        let Some(place) = self.channel(channel) else { return };
        let bot = &self.cast.bot_user_id;
        if !self.can_see(bot, place) {
            return;
        }
        let full = self.message_event_json(place, message);
        let direct = place.kind == ChannelKind::Direct;
        let open = direct || message.author == *bot || message.content.contains(&format!("<@{bot}>"));
        let mut bare = full.clone();
        bare["content"] = json!("");
        bare["embeds"] = json!([]);
        bare["components"] = json!([]);
        let intent = if direct { DIRECT_MESSAGES } else { GUILD_MESSAGES };
        for session in self.sessions.iter_mut().filter(|session| session.intents & intent != 0) {
            let readable = open || session.intents & MESSAGE_CONTENT != 0;
            session.dispatch(event, if readable { &full } else { &bare });
        }
    }

    pub(super) fn dispatch_delete(&mut self, channel: &str, id: &str) {
        let Some(place) = self.channel(channel) else { return };
        let (intent, data) = if place.kind == ChannelKind::Direct {
            (DIRECT_MESSAGES, json!({ "id": id, "channel_id": channel }))
        } else {
            (GUILD_MESSAGES, json!({ "id": id, "channel_id": channel, "guild_id": self.cast.guild_id }))
        };
        self.dispatch("MESSAGE_DELETE", intent, &data);
    }

    /// Sends a channel event, if the bot can see the channel.
    pub(super) fn dispatch_channel(&mut self, event: &str, id: &str) {
        let Some(place) = self.channel(id) else { return };
        if place.kind == ChannelKind::Text && self.can_see(&self.cast.bot_user_id, place) {
            let data = self.channel_json(place);
            self.dispatch(event, GUILDS, &data);
        }
    }
}
