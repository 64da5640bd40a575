//! One Socket Mode connection, from its address to its last acknowledgement.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::ack::Ack;
use super::answer::{Desk, answer};
use super::client::{SlackApi, unclear};
use super::inbound::{Envelope, ignored};
use crate::address::is_loopback;
use crate::app::inbound::{Inbound, Reply};
use crate::platform::SendError;

/// Acknowledgements that may wait for the connection; more means it is stuck.
const ACKS_MAX: usize = 64;

/// A modal has at most 250 KB and a message 50 blocks: nothing that Slack sends comes near this.
const FRAME_BYTES_MAX: usize = 4 << 20;

pub(super) type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why the keeper of a connection should open another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Slack said that it will close: this one still works for a while.
    Announced,
    Lost,
    Stopped,
}

/// Opens a connection. The address holds a ticket, so no error may carry it.
pub(super) async fn open(api: &SlackApi, connect: std::time::Duration) -> Result<Stream, SendError> {
    let address = api.open_connection().await?;
    let url = Url::parse(address.expose_secret()).map_err(|_| unclear("a connection address that can't be read"))?;
    let is_allowed = url.scheme() == "wss" || (url.scheme() == "ws" && api.is_plain_http() && is_loopback(&url));
    if !is_allowed {
        return Err(unclear("a connection address that is not encrypted"));
    }
    // Nagle's algorithm would hold an answer back until Slack's machine confirms the one before: 40 ms on a busy day.
    let at_once = true;
    let bounded =
        WebSocketConfig::default().max_message_size(Some(FRAME_BYTES_MAX)).max_frame_size(Some(FRAME_BYTES_MAX));
    match timeout(connect, connect_async_with_config(url.as_str(), Some(bounded), at_once)).await {
        Ok(Ok((stream, _))) => Ok(stream),
        Ok(Err(_)) => Err(unclear("the connection was refused")),
        Err(_) => Err(unclear("the connection did not open in time")),
    }
}

/// What a connection works with.
pub(super) struct Socket<F> {
    pub desk: Arc<Desk<F>>,
    pub tasks: TaskTracker,
    pub stop: CancellationToken,
    pub connected: Arc<AtomicUsize>,
}

impl<F, Fut> Socket<F>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    /// Reads until the connection ends, then waits for the handlers of its envelopes to be acknowledged, and closes.
    /// `over` is told as soon as another connection is wanted.
    pub async fn run(self, stream: Stream, over: oneshot::Sender<Over>) {
        let (sink, frames) = stream.split();
        // Handlers hold clones of the sender: the writer ends, and closes, when the last of them is done.
        let (acks, queue) = mpsc::channel(ACKS_MAX);
        let mut writer = tokio::spawn(write(sink, queue));
        self.read(frames, acks, over).await;
        if timeout(self.desk.timing.drain, &mut writer).await.is_err() {
            writer.abort();
        }
    }

    async fn read(&self, mut frames: SplitStream<Stream>, acks: mpsc::Sender<Frame>, over: oneshot::Sender<Over>) {
        let timing = &self.desk.timing;
        let mut over = Some(over);
        let mut greeted = None;
        let mut last_heard = Instant::now();
        let mut end_by = None;
        let mut ping = interval(timing.ping);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let reason = loop {
            let silent_at = last_heard + timing.silence;
            let deadline = end_by.map_or(silent_at, |end_by: Instant| end_by.min(silent_at));
            let frame = tokio::select! {
                biased;
                () = self.stop.cancelled() => break Over::Stopped,
                _ = ping.tick() => {
                    // A full queue is a stuck connection; the silence that follows ends it.
                    acks.try_send(Frame::Ping(Vec::new().into())).ok();
                    continue;
                }
                frame = timeout_at(deadline, frames.next()) => frame,
            };
            let Ok(Some(Ok(frame))) = frame else { break Over::Lost };
            last_heard = Instant::now();
            let Frame::Text(text) = frame else {
                if frame.is_close() {
                    break Over::Lost;
                }
                continue;
            };
            let Ok(envelope) = serde_json::from_str::<Envelope>(&text) else {
                tracing::debug!("a frame from Slack that is no envelope");
                ignored("frame");
                continue;
            };
            match envelope.kind.as_str() {
                "hello" => greeted = Some(Greeted::new(&self.connected)),
                "disconnect" => {
                    tracing::debug!(slack.reason = envelope.reason, "Slack announced the end of a connection");
                    end_by.get_or_insert(Instant::now() + timing.linger);
                    drop(greeted.take());
                    over.take().map(|over| over.send(Over::Announced));
                }
                _ => self.hand_over(envelope, &acks),
            }
        };
        over.take().map(|over| over.send(reason));
    }

    fn hand_over(&self, envelope: Envelope, acks: &mpsc::Sender<Frame>) {
        let Some(ack) = Ack::on_socket(&envelope, acks) else {
            tracing::debug!(slack.envelope = envelope.kind, "a frame from Slack without an envelope id");
            ignored("frame");
            return;
        };
        self.tasks.spawn(answer(self.desk.clone(), envelope, ack));
    }
}

async fn write(mut sink: SplitSink<Stream, Frame>, mut queue: mpsc::Receiver<Frame>) {
    while let Some(frame) = queue.recv().await {
        if sink.send(frame).await.is_err() {
            // The queue is dropped: whoever has an acknowledgement left learns that it can't be sent here.
            return;
        }
    }
    sink.close().await.ok();
}

/// Counts an open connection for as long as it lives.
struct Greeted(Arc<AtomicUsize>);

impl Greeted {
    fn new(count: &Arc<AtomicUsize>) -> Greeted {
        count.fetch_add(1, Ordering::Relaxed);
        Greeted(count.clone())
    }
}

impl Drop for Greeted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
