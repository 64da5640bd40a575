//! The acknowledgement of one envelope, by the way it came: on its connection, or as the response to its request.

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message as Frame;

use super::inbound::Envelope;

/// The means to acknowledge one envelope, once.
pub(super) struct Ack {
    /// Whether Slack reads a payload in the acknowledgement.
    accepts_payload: bool,
    way: Way,
}

enum Way {
    Socket { envelope_id: String, frames: mpsc::Sender<Frame> },
    Response(oneshot::Sender<Option<Value>>),
}

impl Ack {
    /// On the connection that the envelope came by; `None` for a frame that wants no acknowledgement.
    pub fn on_socket(envelope: &Envelope, frames: &mpsc::Sender<Frame>) -> Option<Ack> {
        let way = Way::Socket { envelope_id: envelope.id.clone()?, frames: frames.clone() };
        Some(Ack { accepts_payload: envelope.accepts_response_payload.unwrap_or(true), way })
    }

    /// In the response to the request that brought the envelope: its body is what the receiver gets.
    pub fn in_response(envelope: &Envelope) -> (Ack, oneshot::Receiver<Option<Value>>) {
        let (sender, receiver) = oneshot::channel();
        let accepts_payload = envelope.accepts_response_payload.unwrap_or(true);
        (Ack { accepts_payload, way: Way::Response(sender) }, receiver)
    }

    /// Acknowledges; true if `payload` went with it.
    pub async fn send(self, payload: Option<Value>) -> bool {
        let payload = payload.filter(|_| self.accepts_payload);
        let has_payload = payload.is_some();
        let sent = match self.way {
            Way::Socket { envelope_id, frames } => {
                let mut body = json!({"envelope_id": envelope_id});
                if let Some(payload) = payload {
                    body["payload"] = payload;
                }
                frames.send(Frame::text(body.to_string())).await.is_ok()
            }
            // Nobody receives it where Slack hung up.
            Way::Response(body) => body.send(payload).is_ok(),
        };
        sent && has_payload
    }
}
