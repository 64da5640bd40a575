//! The answer to one envelope: run the handler, acknowledge within Slack's three seconds, tell the person.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message as Frame;

use super::format::format;
use super::inbound::{Delivery, Envelope, Parsed, Via, parse};
use super::outbound::SlackOutbound;
use super::{Timing, modal};
use crate::app::inbound::{FieldError, Inbound, Reply};
use crate::platform::{Cause, Outbound, SendError};
use crate::render::{Block, Form, Inline, Message};

const FAILED: &str = "Wardroom could not do this just now. Nothing was changed. Please try again.";
const UNREADABLE: &str = "Wardroom could not read what Slack sent for this command. Nothing was changed.";
const MODAL_LATE: &str = "Slack did not open the form in time. Nothing was changed. Please repeat the command.";
const FORM_CLOSED: &str =
    "The form was closed before it could be checked. Nothing was changed. Please repeat the command.";
/// A reference is an id; more would be an error message, and those are not for people.
const REFERENCE_MAX: usize = 100;

/// What every answer of a listener needs.
pub(super) struct Desk<F> {
    pub outbound: SlackOutbound,
    pub handler: F,
    pub home: String,
    pub timing: Timing,
    /// Bounds how many handlers run at once; the others wait and are acknowledged by the guard.
    pub permits: Arc<Semaphore>,
}

/// The means to acknowledge one envelope, once, on the connection it came by.
pub(super) struct Ack {
    pub envelope_id: String,
    /// Whether Slack reads a payload in the acknowledgement.
    pub accepts_payload: bool,
    pub frames: mpsc::Sender<Frame>,
}

impl Ack {
    async fn send(self, payload: Option<Value>) -> bool {
        let mut body = json!({"envelope_id": self.envelope_id});
        if let Some(payload) = payload {
            body["payload"] = payload;
        }
        self.frames.send(Frame::text(body.to_string())).await.is_ok()
    }
}

/// Answers an envelope, whatever it is.
pub(super) async fn answer<F, Fut>(desk: Arc<Desk<F>>, envelope: Envelope, ack: Ack)
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    let began = Instant::now();
    let delivery = match parse(&envelope, &desk.home) {
        Parsed::Acts(delivery) => *delivery,
        Parsed::Ignored(kind) => {
            tracing::debug!(slack.envelope = kind, "ignored {kind}");
            ack.send(None).await;
            return;
        }
        Parsed::Malformed { kind, why } => {
            tracing::warn!(slack.envelope = kind, "could not read {kind}: {why}");
            let payload = (kind == "slash_commands").then(|| ephemeral(&sentence(UNREADABLE)));
            ack.send(payload).await;
            return;
        }
    };
    let name = delivery.inbound.delivery.clone();
    let (handler, permits, inbound) = (desk.handler.clone(), desk.permits.clone(), delivery.inbound.clone());
    // A task of its own: a handler that panics must not take the answer with it.
    let mut work = tokio::spawn(async move {
        let _permit = permits.acquire_owned().await;
        handler(inbound).await
    });
    let mut turn = Turn { outbound: &desk.outbound, delivery, ack: Some(ack), open_by: began + desk.timing.open_by };
    let finished = if let Ok(finished) = timeout_at(began + desk.timing.guard, &mut work).await {
        finished
    } else {
        turn.acknowledge(None).await;
        work.await
    };
    let outcome = finished.unwrap_or_else(|_| Err("handler stopped".to_owned()));
    turn.deliver(outcome).await;
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(
        slack.envelope = envelope.kind,
        delivery = name,
        duration_ms,
        "answered {name} in {duration_ms} ms"
    );
}

struct Turn<'a> {
    outbound: &'a SlackOutbound,
    delivery: Delivery,
    /// Taken by the acknowledgement.
    ack: Option<Ack>,
    open_by: Instant,
}

impl Turn<'_> {
    async fn deliver(&mut self, outcome: Result<Reply, String>) {
        match outcome {
            Ok(Reply::Tell { message }) => self.tell(&message).await,
            Ok(Reply::Ask { form }) => self.ask(&form).await,
            Ok(Reply::Faults { form, errors }) => self.faults(&form, &errors).await,
            Ok(Reply::Quiet) => {
                self.acknowledge(None).await;
            }
            Err(reference) => self.fail(&reference).await,
        }
    }

    /// Acknowledges the envelope; true if `payload` went with it.
    async fn acknowledge(&mut self, payload: Option<Value>) -> bool {
        let Some(ack) = self.ack.take() else { return false };
        let payload = payload.filter(|_| ack.accepts_payload);
        let has_payload = payload.is_some();
        ack.send(payload).await && has_payload
    }

    async fn tell(&mut self, message: &Message) {
        match self.delivery.via {
            Via::Command => {
                if !self.acknowledge(Some(ephemeral(message))).await {
                    self.respond(message).await;
                }
            }
            Via::Press => {
                self.acknowledge(None).await;
                self.respond(message).await;
            }
            Via::Submit { .. } => {
                self.acknowledge(None).await;
                self.whisper(message).await;
            }
        }
    }

    async fn ask(&mut self, form: &Form) {
        let view = modal::view(form, &self.delivery.inbound.place.channel);
        let is_submit = matches!(self.delivery.via, Via::Submit { .. });
        if is_submit && self.ack.is_some() {
            self.acknowledge(Some(json!({"response_action": "update", "view": view}))).await;
            return;
        }
        match self.open(&view).await {
            Ok(()) => {
                self.acknowledge(None).await;
            }
            // A repeated delivery: the form is open already.
            Err(SendError::Refused { code, .. }) if code == "exchanged_trigger_id" => {
                self.acknowledge(None).await;
            }
            Err(error) => {
                tracing::warn!(error = %error, "could not open a form");
                self.tell(&sentence(&unopened(&error))).await;
            }
        }
    }

    /// Opens a modal before the acknowledgement, so that a failure can still be said in it.
    async fn open(&mut self, view: &Value) -> Result<(), SendError> {
        let body = json!({"trigger_id": self.delivery.trigger_id, "view": view});
        let mut opening = pin!(self.outbound.api.post("views.open", &body));
        let opened = if let Ok(opened) = timeout_at(self.open_by, &mut opening).await {
            opened
        } else {
            self.acknowledge(None).await;
            opening.await
        };
        opened.map(drop)
    }

    async fn faults(&mut self, form: &Form, errors: &[FieldError]) {
        let is_submit = matches!(self.delivery.via, Via::Submit { .. });
        if is_submit && self.ack.is_some() && !form.fields.is_empty() {
            self.acknowledge(Some(modal::faults(form, errors))).await;
            return;
        }
        let mut message = fault_list(form, errors);
        if is_submit {
            message.blocks.insert(0, paragraph(FORM_CLOSED));
        }
        self.tell(&message).await;
    }

    async fn fail(&mut self, reference: &str) {
        let reference: String = reference.chars().take(REFERENCE_MAX).collect();
        if let Via::Submit { first_field: Some(field) } = &self.delivery.via
            && self.ack.is_some()
        {
            // Beside a field, so that the form stays open with what was typed.
            let payload = modal::fault_beside(field, &format!("{FAILED} Reference: {reference}"));
            self.acknowledge(Some(payload)).await;
            return;
        }
        let mut message = sentence(FAILED);
        let code = Inline::Code { text: reference };
        message.blocks.push(Block::Context { text: vec![Inline::Plain { text: "Reference: ".to_owned() }, code] });
        self.tell(&message).await;
    }

    async fn respond(&self, message: &Message) {
        let Some(response_url) = &self.delivery.response_url else {
            return self.whisper(message).await;
        };
        let mut body = ephemeral(message);
        body["replace_original"] = json!(false);
        match self.outbound.api.respond(response_url, &body).await {
            Ok(()) => {}
            // It may have arrived; saying it twice is better than not at all.
            Err(error) => {
                tracing::debug!(error = %error, "whispering instead");
                self.whisper(message).await;
            }
        }
    }

    async fn whisper(&self, message: &Message) {
        let inbound = &self.delivery.inbound;
        if let Err(error) = self.outbound.whisper(&inbound.account, &inbound.place, message, &inbound.delivery).await {
            tracing::error!(error = %error, delivery = inbound.delivery, "could not answer {}", inbound.delivery);
        }
    }
}

/// Why a form is not there, and what to do.
fn unopened(error: &SendError) -> String {
    match error.meaning() {
        Some(meaning) if meaning.cause != Cause::Lapsed => {
            format!("The form could not be opened: {}. Nothing was changed. {}", meaning.because, meaning.remedy)
        }
        Some(_) | None => MODAL_LATE.to_owned(),
    }
}

/// A message that only the caller sees, as an acknowledgement or a `response_url` takes it.
fn ephemeral(message: &Message) -> Value {
    let formatted = format(message);
    json!({"response_type": "ephemeral", "text": formatted.text, "blocks": formatted.blocks})
}

fn fault_list(form: &Form, errors: &[FieldError]) -> Message {
    let label = |name: &str| {
        let field = form.fields.iter().find(|field| field.name == name);
        field.map_or_else(|| name.to_owned(), |field| field.label.clone())
    };
    let items = errors
        .iter()
        .map(|error| {
            let label = Inline::Bold { text: label(&error.field) };
            vec![label, Inline::Plain { text: format!(": {}", error.sentence) }]
        })
        .collect();
    Message { blocks: vec![Block::List { items }], ..Message::default() }
}

fn sentence(text: &str) -> Message {
    Message { blocks: vec![paragraph(text)], ..Message::default() }
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph { text: vec![Inline::Plain { text: text.to_owned() }] }
}
