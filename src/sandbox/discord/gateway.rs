//! The websocket side: HELLO, IDENTIFY or RESUME, heartbeats, and whatever is dispatched.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::DiscordServer;
use super::sessions::Frame;
use super::shapes::snowflake;
use super::starts::Heartbeat;
use super::transport::Transport;

/// The largest payload that Discord takes from a client, in bytes.
const PAYLOAD_MOST: usize = 4_096;
/// Frames that may wait for one connection: a full replay and then some.
const FRAMES_WAITING: usize = 2_048;

/// What to do after a payload of the client.
enum Next {
    Go,
    Close(u16, &'static str),
}

/// Serves one connection until either side ends it.
pub(super) async fn serve(server: Arc<DiscordServer>, mut socket: WebSocket, mut transport: Transport) {
    let heartbeat = server.world().heartbeat;
    let interval = u64::try_from(heartbeat.interval.as_millis()).unwrap_or(u64::MAX);
    let hello = json!({ "op": 10, "s": null, "t": null,
                        "d": { "heartbeat_interval": interval, "_trace": ["sandbox"] } });
    if socket.send(transport.message(hello.to_string())).await.is_err() {
        return;
    }
    let (link, mut frames) = mpsc::channel(FRAMES_WAITING);
    let weak = link.downgrade();
    let mut connection = Connection { server, heartbeat, weak, link: Some(link), session: None, packets: false };
    let over = loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(Frame::Text(text)) => {
                    if socket.send(transport.message(text)).await.is_err() {
                        break false;
                    }
                }
                Some(Frame::Close(code, reason)) => {
                    close(&mut socket, code, reason).await;
                    break false;
                }
                Some(Frame::Cut) | None => break false,
            },
            incoming = socket.recv() => match incoming {
                Some(Ok(Message::Text(text))) => match connection.take(&text) {
                    Next::Go if connection.packets => transport.compress_packets(),
                    Next::Go => {}
                    Next::Close(code, reason) => {
                        close(&mut socket, code, reason).await;
                        break true;
                    }
                },
                Some(Ok(Message::Close(frame))) => {
                    // A client that says goodbye with 1000 or 1001 ends its session; any other code leaves it open.
                    break frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break false,
            },
        }
    };
    connection.end(over);
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    // The other side may be gone already, which is all that a close wants.
    let _ = socket.send(Message::Close(Some(frame))).await;
}

/// Once a session is open it alone holds the sender: a session that lets go of its link ends the connection.
struct Connection {
    server: Arc<DiscordServer>,
    heartbeat: Heartbeat,
    link: Option<mpsc::Sender<Frame>>,
    weak: mpsc::WeakSender<Frame>,
    session: Option<String>,
    /// Whether the client reads packets that are compressed one by one.
    packets: bool,
}

impl Connection {
    fn take(&mut self, text: &str) -> Next {
        if text.len() > PAYLOAD_MOST {
            return Next::Close(4002, "Error while decoding payload.");
        }
        let Ok(payload) = serde_json::from_str::<Value>(text) else {
            return Next::Close(4002, "Error while decoding payload.");
        };
        let data = &payload["d"];
        match payload["op"].as_u64() {
            Some(1) if !self.heartbeat.is_acknowledged => Next::Go,
            Some(1) => {
                self.send(&json!({ "op": 11, "s": null, "t": null, "d": null }));
                Next::Go
            }
            Some(2) => self.identify(data),
            Some(6) => self.resume(data),
            Some(3 | 4 | 8 | 31) if self.session.is_none() => Next::Close(4003, "Not authenticated."),
            Some(3 | 4 | 31) => Next::Go,
            Some(8) => {
                self.members(data);
                Next::Go
            }
            _ => Next::Close(4001, "Unknown opcode."),
        }
    }

    fn identify(&mut self, data: &Value) -> Next {
        if self.session.is_some() {
            return Next::Close(4005, "Already authenticated.");
        }
        let mut world = self.server.world();
        if !data["token"].as_str().is_some_and(|token| world.is_token(token)) {
            return Next::Close(4004, "Authentication failed.");
        }
        let Some(intents) = data["intents"].as_u64() else {
            return Next::Close(4013, "Invalid intent(s).");
        };
        if !world.starts.take() {
            // Discord resets the token of a bot that begins too many sessions.
            return Next::Close(4004, "Authentication failed.");
        }
        self.packets = data["compress"] == true;
        if let Some(link) = self.link.take() {
            self.session = Some(world.identify(intents, &data["shard"], link));
        }
        Next::Go
    }

    fn resume(&mut self, data: &Value) -> Next {
        if self.session.is_some() {
            return Next::Close(4005, "Already authenticated.");
        }
        let mut world = self.server.world();
        if !data["token"].as_str().is_some_and(|token| world.is_token(token)) {
            return Next::Close(4004, "Authentication failed.");
        }
        let id = data["session_id"].as_str().unwrap_or_default();
        let seen = data["seq"].as_u64().unwrap_or(0);
        let resumed = self.link.as_ref().is_some_and(|link| world.resume(id, seen, link.clone()));
        drop(world);
        if resumed {
            self.link = None;
            self.session = Some(id.to_owned());
        } else {
            self.send(&json!({ "op": 9, "s": null, "t": null, "d": false }));
        }
        Next::Go
    }

    /// Answers a request for members of the guild in a single chunk: those named by id, or by how their name begins.
    fn members(&self, data: &Value) {
        let mut world = self.server.world();
        let mut members = world.members_json();
        let mut not_found = Vec::new();
        let user = |member: &Value, key: &str| member["user"][key].as_str().unwrap_or_default().to_lowercase();
        if let Some(ids) = list_of_ids(&data["user_ids"]) {
            not_found = ids.iter().filter(|id| !world.is_account(id)).cloned().collect();
            members.retain(|member| ids.contains(&user(member, "id")));
        } else {
            let query = data["query"].as_str().unwrap_or_default().to_lowercase();
            members.retain(|member| {
                user(member, "username").starts_with(&query) || user(member, "global_name").starts_with(&query)
            });
            let limit = data["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
            members.truncate(if limit == 0 { usize::MAX } else { limit });
        }
        let mut chunk = json!({
            "guild_id": world.cast.guild_id, "members": members, "chunk_index": 0, "chunk_count": 1,
            "not_found": not_found, "presences": [],
        });
        if let Some(nonce) = data.get("nonce").filter(|nonce| !nonce.is_null()) {
            chunk["nonce"] = nonce.clone();
        }
        if let Some(session) = &self.session {
            world.dispatch_to(session, "GUILD_MEMBERS_CHUNK", &chunk);
        }
    }

    fn send(&self, payload: &Value) {
        if let Some(link) = self.weak.upgrade() {
            // A full queue means a client that does not read; the next dispatch cuts it off.
            let _ = link.try_send(Frame::Text(payload.to_string()));
        }
    }

    fn end(self, over: bool) {
        if let (Some(id), Some(link)) = (&self.session, self.weak.upgrade()) {
            self.server.world().detach(id, &link, over);
        }
    }
}

/// One id or several, as clients write them.
fn list_of_ids(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(ids) => Some(ids.iter().filter_map(snowflake).collect()),
        id => snowflake(id).map(|id| vec![id]),
    }
}
