//! Socket Mode: the connections that the bot keeps open, and the envelopes that travel over them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::super::delivery::{DeliveryFault, DeliveryFaults};
use super::SlackWorkspace;
use super::aftermath::Aftermath;
use super::state::{State, random_hex};

/// Slack allows an app this many connections at a time.
const CONNECTIONS_MAX: usize = 10;
/// A ticket that is not used soon was lost on the way.
const TICKET_LIFETIME: Duration = Duration::from_secs(30);
/// Tickets that can wait to be used.
const TICKETS_MAX: usize = 100;
/// Frames waiting for one connection; a bot that reads so slowly counts as gone.
const FRAMES_MAX: usize = 256;
/// Slack pings its clients about this often.
const PING_EVERY: Duration = Duration::from_secs(10);
/// Slack closes a connection about this long after it has said so.
const CLOSES_AFTER: Duration = Duration::from_secs(10);
/// Acknowledgements are small; nothing else is sent to us.
const FRAME_BYTES_MAX: usize = 1 << 20;

/// Something that a person did, on its way to the bot.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub kind: &'static str,
    pub payload: Value,
    pub accepts_response_payload: bool,
    /// What the bot's acknowledgement brings about.
    pub aftermath: Aftermath,
}

/// What became of an envelope.
#[derive(Debug)]
pub enum Answer {
    /// The bot acknowledged; a refusal of what it answered is in the error.
    Acknowledged(Result<(), String>),
    TimedOut,
    NotConnected,
    /// A request URL that can't be reached, or that answered with an error.
    Refused,
}

enum Out {
    Frame(String),
    Bytes(Vec<u8>),
    /// A frame, and the end soon after.
    Farewell(String),
    /// Ends the connection as if a cable was pulled.
    Drop,
}

struct Connection {
    out: mpsc::Sender<Out>,
    /// Slack has asked the bot to come back on a new connection; nothing new is sent here.
    retiring: bool,
}

struct Pending {
    envelope: Envelope,
    connection: u64,
    attempt: u32,
    at: Instant,
    /// The acknowledgement is to be lost on its way.
    again: bool,
    /// Absent where nobody waits for the outcome.
    done: Option<oneshot::Sender<Result<(), String>>>,
}

/// The open connections and what is under way on them.
#[derive(Default)]
pub struct Connections {
    open: BTreeMap<u64, Connection>,
    last_number: u64,
    pending: HashMap<String, Pending>,
    tickets: VecDeque<(String, Instant)>,
    pub troubles: DeliveryFaults,
}

impl Connections {
    pub fn any(&self) -> bool {
        !self.open.is_empty()
    }

    fn new_ticket(&mut self) -> String {
        let ticket = random_hex();
        self.tickets.push_back((ticket.clone(), Instant::now()));
        while self.tickets.len() > TICKETS_MAX {
            self.tickets.pop_front();
        }
        ticket
    }

    fn spend_ticket(&mut self, ticket: &str) -> bool {
        let found = self.tickets.iter().position(|(known, _)| known == ticket);
        found.and_then(|index| self.tickets.remove(index)).is_some_and(|(_, at)| at.elapsed() < TICKET_LIFETIME)
    }

    fn attach(&mut self, out: mpsc::Sender<Out>) -> u64 {
        self.last_number += 1;
        self.open.insert(self.last_number, Connection { out, retiring: false });
        self.last_number
    }

    /// Forgets a connection and sends what it had not acknowledged over another one.
    fn detach(&mut self, number: u64) {
        self.open.remove(&number);
        self.resend();
    }

    fn resend(&mut self) {
        let homeless: Vec<String> = self
            .pending
            .iter()
            .filter(|(_, pending)| !self.open.contains_key(&pending.connection))
            .map(|(id, _)| id.clone())
            .collect();
        for id in homeless {
            let Some(mut pending) = self.pending.remove(&id) else {
                continue;
            };
            // What never went out has not failed yet.
            if pending.connection != 0 {
                pending.attempt += 1;
            }
            let frame = frame(&id, &pending.envelope, pending.attempt);
            pending.connection = self.send(&frame).unwrap_or(0);
            self.pending.insert(id, pending);
        }
    }

    /// Puts a frame on one of the connections, a different one each time, and says on which.
    fn send(&self, frame: &str) -> Option<u64> {
        self.send_after(None, frame)
    }

    fn send_after(&self, delay: Option<Duration>, frame: &str) -> Option<u64> {
        let fresh: Vec<u64> = self.numbers(|connection| !connection.retiring);
        let candidates = if fresh.is_empty() { self.numbers(|_| true) } else { fresh };
        let start = usize::try_from(uuid::Uuid::new_v4().as_u64_pair().1 % 1_000).unwrap_or(0);
        let order = candidates.iter().cycle().skip(start % candidates.len().max(1)).take(candidates.len());
        order.copied().find(|number| match delay {
            None => self.open[number].out.try_send(Out::Frame(frame.to_owned())).is_ok(),
            Some(delay) => {
                let (out, frame) = (self.open[number].out.clone(), frame.to_owned());
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    // A connection that is gone by then has had its envelopes sent anew.
                    let _ = out.try_send(Out::Frame(frame));
                });
                true
            }
        })
    }

    /// Takes an acknowledgement, unless it is to be lost: then the envelope comes once more.
    fn acknowledged(&mut self, id: &str) -> Option<Pending> {
        let mut pending = self.pending.remove(id)?;
        if !pending.again {
            return Some(pending);
        }
        pending.again = false;
        pending.attempt += 1;
        pending.connection = self.send(&frame(id, &pending.envelope, pending.attempt)).unwrap_or(0);
        self.pending.insert(id.to_owned(), pending);
        None
    }

    fn numbers(&self, keep: impl Fn(&Connection) -> bool) -> Vec<u64> {
        self.open.iter().filter(|(_, connection)| keep(connection)).map(|(number, _)| *number).collect()
    }

    fn dispatch(
        &mut self,
        envelope: Envelope,
        attempt: u32,
        done: Option<oneshot::Sender<Result<(), String>>>,
        keep_for: Duration,
    ) -> Option<String> {
        self.pending.retain(|_, pending| pending.done.is_some() || pending.at.elapsed() < keep_for);
        let id = random_hex();
        let text = frame(&id, &envelope, attempt);
        let trouble = self.troubles.next();
        let connection = self.send_after(trouble.and_then(DeliveryFault::delay), &text)?;
        if trouble == Some(DeliveryFault::Twice) {
            self.send(&text);
        }
        let again = trouble == Some(DeliveryFault::Again);
        self.pending.insert(id.clone(), Pending { envelope, connection, attempt, at: Instant::now(), again, done });
        Some(id)
    }
}

fn frame(id: &str, envelope: &Envelope, attempt: u32) -> String {
    let mut frame = json!({
        "envelope_id": id,
        "type": envelope.kind,
        "accepts_response_payload": envelope.accepts_response_payload,
        "payload": envelope.payload,
    });
    if attempt > 0 {
        frame["retry_attempt"] = json!(attempt);
        frame["retry_reason"] = json!("timeout");
    }
    frame.to_string()
}

/// The ticket that `apps.connections.open` gave out.
#[derive(Debug, serde::Deserialize)]
pub struct Link {
    ticket: Option<String>,
}

/// Answers `GET /link`: the bot's end of Socket Mode.
pub async fn link(
    Shared(workspace): Shared<Arc<SlackWorkspace>>,
    Query(link): Query<Link>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let ticket = link.ticket.unwrap_or_default();
    if !workspace.with(|state| state.live.connections.spend_ticket(&ticket)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    upgrade.max_message_size(FRAME_BYTES_MAX).on_upgrade(move |socket| async move { workspace.serve(socket).await })
}

impl SlackWorkspace {
    pub(super) fn open_connection(&self, state: &mut State) -> Value {
        let ticket = state.live.connections.new_ticket();
        let base = self.base_url().replacen("http", "ws", 1);
        json!({"url": format!("{base}/link?ticket={ticket}&app_id={}", self.cast.app_id())})
    }

    /// Sends an envelope and waits until the bot has acknowledged it, as long as Slack waits.
    pub(super) async fn deliver(&self, envelope: Envelope, attempt: u32) -> Answer {
        match self.requests().urls {
            None => self.deliver_on_socket(envelope, attempt).await,
            Some(urls) if envelope.kind == "events_api" => self.post_event(urls, envelope).await,
            Some(urls) => self.post(&urls, envelope, attempt > 0).await,
        }
    }

    async fn deliver_on_socket(&self, envelope: Envelope, attempt: u32) -> Answer {
        let (done, outcome) = oneshot::channel();
        let patience = self.ack_within();
        let Some(id) = self.with(|state| state.live.connections.dispatch(envelope, attempt, Some(done), patience))
        else {
            return Answer::NotConnected;
        };
        if let Ok(Ok(result)) = tokio::time::timeout(patience, outcome).await {
            return Answer::Acknowledged(result);
        }
        self.with(|state| state.live.connections.pending.remove(&id));
        Answer::TimedOut
    }

    /// Sends an envelope of which nobody hears what became.
    pub(super) fn send(&self, state: &mut State, envelope: Envelope) {
        let requests = self.requests();
        if let Some(urls) = requests.urls.clone() {
            let patience = self.ack_within();
            tokio::spawn(async move { requests.send(&urls, &envelope, None, patience).await.is_ok() });
            return;
        }
        state.live.connections.dispatch(envelope, 0, None, self.ack_within());
    }

    /// Sends a payload of any shape and waits until the bot has acknowledged it.
    pub async fn deliver_sample(&self, kind: &'static str, payload: Value) -> Result<(), String> {
        let accepts_response_payload = kind == "slash_commands";
        let envelope = Envelope { kind, payload, accepts_response_payload, aftermath: Aftermath::Nothing };
        match self.deliver(envelope, 0).await {
            Answer::Acknowledged(_) => Ok(()),
            Answer::TimedOut => Err("not acknowledged".to_owned()),
            Answer::NotConnected => Err("not connected".to_owned()),
            Answer::Refused => Err("refused".to_owned()),
        }
    }

    /// Sends any text as a frame, on every connection.
    pub fn send_frame(&self, text: &str) {
        self.send_on_all(|| Out::Frame(text.to_owned()));
    }

    /// Sends any bytes as a binary frame, on every connection.
    pub fn send_bytes(&self, bytes: &[u8]) {
        self.send_on_all(|| Out::Bytes(bytes.to_vec()));
    }

    fn send_on_all(&self, out: impl Fn() -> Out) {
        self.with(|state| {
            for connection in state.live.connections.open.values() {
                let _ = connection.out.try_send(out());
            }
        });
    }

    /// How many connections the bot keeps open.
    pub fn connections(&self) -> usize {
        self.with(|state| state.live.connections.open.len())
    }

    /// Sends the bot a `disconnect` frame on every connection, as Slack does before it closes one. The reasons that
    /// Slack gives are `warning`, `refresh_requested` and `link_disabled`.
    pub fn send_disconnect(&self, reason: &str) {
        let frame = disconnect_frame(reason);
        self.with(|state| {
            for connection in state.live.connections.open.values_mut() {
                connection.retiring = true;
                let _ = connection.out.try_send(Out::Farewell(frame.clone()));
            }
        });
    }

    /// Ends all connections without a farewell, as a network failure does.
    pub async fn drop_connections(&self) {
        let mut changes = self.watch();
        let dropped = self.with(|state| {
            for connection in state.live.connections.open.values() {
                let _ = connection.out.try_send(Out::Drop);
            }
            state.live.connections.numbers(|_| true)
        });
        let gone = || self.with(|state| !dropped.iter().any(|number| state.live.connections.open.contains_key(number)));
        while !gone() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Delivers the last acknowledged command or interaction once more, as Slack does when an acknowledgement was lost:
    /// a new envelope with the same trigger and payload. What the bot answers is shown again.
    pub async fn repeat_last_envelope(&self) {
        if let Some(envelope) = self.with(|state| state.live.last_envelope.clone()) {
            self.deliver(envelope, 1).await;
        }
    }

    async fn serve(self: Arc<Self>, mut socket: WebSocket) {
        let (out, mut frames) = mpsc::channel(FRAMES_MAX);
        let count = self.with(|state| state.live.connections.open.len());
        if count >= CONNECTIONS_MAX {
            let _ = socket.send(Message::text(disconnect_frame("too_many_websockets"))).await;
            let _ = socket.send(Message::Close(None)).await;
            return;
        }
        if socket.send(Message::text(self.hello(count + 1))).await.is_err() {
            return;
        }
        let number = self.with(|state| {
            state.changed = true;
            let number = state.live.connections.attach(out);
            // Envelopes whose connection was lost, with no other at hand, have waited for this one.
            state.live.connections.resend();
            number
        });
        self.talk(&mut socket, &mut frames).await;
        self.with(|state| {
            state.changed = true;
            state.live.connections.detach(number);
        });
    }

    async fn talk(&self, socket: &mut WebSocket, frames: &mut mpsc::Receiver<Out>) {
        let mut ping = tokio::time::interval(PING_EVERY);
        ping.tick().await;
        let mut end_at: Option<tokio::time::Instant> = None;
        loop {
            tokio::select! {
                out = frames.recv() => match out {
                    Some(Out::Frame(frame)) => if socket.send(Message::text(frame)).await.is_err() { return },
                    Some(Out::Bytes(bytes)) => if socket.send(Message::binary(bytes)).await.is_err() { return },
                    Some(Out::Farewell(frame)) => {
                        if socket.send(Message::text(frame)).await.is_err() { return }
                        end_at.get_or_insert(tokio::time::Instant::now() + CLOSES_AFTER);
                    }
                    Some(Out::Drop) | None => return,
                },
                received = socket.recv() => match received {
                    Some(Ok(Message::Text(text))) => self.acknowledge(text.as_str()),
                    // Pings are answered by the websocket library itself.
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                },
                () = tokio::time::sleep_until(end_at.unwrap_or_else(tokio::time::Instant::now)), if end_at.is_some() => {
                    let _ = socket.send(Message::Close(None)).await;
                    return;
                }
                _ = ping.tick() => {
                    if socket.send(Message::Ping("Ping from applink".into())).await.is_err() { return }
                }
            }
        }
    }

    /// Takes an acknowledgement. Its consequences come about before anything that the bot says later.
    fn acknowledge(&self, text: &str) {
        let Ok(ack) = serde_json::from_str::<Value>(text) else {
            return;
        };
        let Some(id) = ack["envelope_id"].as_str() else { return };
        self.with(|state| {
            let Some(pending) = state.live.connections.acknowledged(id) else {
                return;
            };
            let payload = ack.get("payload").filter(|payload| !payload.is_null());
            let result = self.acknowledged(state, pending.envelope, payload);
            if let Some(done) = pending.done {
                let _ = done.send(result);
            }
        });
    }

    /// Carries out what an acknowledgement brings about, whichever way it came.
    pub(super) fn acknowledged(
        &self,
        state: &mut State,
        envelope: Envelope,
        payload: Option<&Value>,
    ) -> Result<(), String> {
        let result = self.apply(state, &envelope.aftermath, payload);
        if envelope.kind != "events_api" {
            state.live.last_envelope = Some(envelope);
        }
        result
    }

    fn hello(&self, connections: usize) -> String {
        json!({
            "type": "hello",
            "num_connections": connections,
            "debug_info": {"host": "applink-local", "build_number": 1, "approximate_connection_time": 18_060},
            "connection_info": {"app_id": self.cast.app_id()},
        })
        .to_string()
    }
}

fn disconnect_frame(reason: &str) -> String {
    let mut frame = json!({"type": "disconnect", "reason": reason});
    // Slack leaves the host out where the app itself was switched off.
    if reason != "link_disabled" {
        frame["debug_info"] = json!({"host": "applink-local"});
    }
    frame.to_string()
}
