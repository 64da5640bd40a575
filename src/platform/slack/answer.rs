//! The answer to one envelope: run the handler, acknowledge within Slack's three seconds, tell the person.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::ack::Ack;
use super::format::format;
use super::inbound::{Delivery, Envelope, Parsed, Via, ignored, parse};
use super::outbound::SlackOutbound;
use super::{Timing, modal};
use crate::app::inbound::{FieldError, Inbound, Reply};
use crate::platform::{Cause, SendError};
use crate::render::{Block, Button, ButtonStyle, Form, Inline, Message};

const FAILED: &str = "Wardroom could not do this just now. Nothing was changed. Please try again.";
const STILL_AT_IT: &str =
    "Still at it; the answer follows here. If none comes within a minute, look before you repeat it: /inc timeline";
const UNREADABLE: &str = "Wardroom could not read what Slack sent for this command. Nothing was changed.";
const MODAL_LATE: &str = "Slack did not open the form in time. Nothing was changed. Please repeat the command.";
const FORM_CLOSED: &str =
    "The form was closed before it could be checked. Nothing was changed. Please repeat the command.";
/// How long an answer is tried at its address before it is whispered, and how long that: nothing else tells the person,
/// and a storm at Slack may last. After a minute nobody waits any more.
const RESPOND_FOR: Duration = Duration::from_secs(2);
const WHISPER_FOR: Duration = Duration::from_mins(1);
const PERSIST_PAUSE: Duration = Duration::from_millis(500);
/// Whatever Slack asks for: an answer that comes later is worth less than one more try.
const PERSIST_PAUSE_MAX: Duration = Duration::from_secs(10);
/// Begins the id of the button that opens a form: what follows is the form's.
pub(super) const OPEN_FORM: &str = "form|";
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

/// Answers an envelope, whatever it is.
pub(super) async fn answer<F, Fut>(desk: Arc<Desk<F>>, envelope: Envelope, ack: Ack)
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    let began = Instant::now();
    envelope.count_repetition();
    let delivery = match parse(&envelope, &desk.home) {
        Parsed::Acts(delivery) => *delivery,
        Parsed::Ignored(kind) => {
            tracing::debug!(slack.envelope = kind, "ignored {kind}");
            ignored(&kind);
            ack.send(None).await;
            return;
        }
        Parsed::Malformed { kind, why } => {
            tracing::warn!(slack.envelope = kind, "could not read {kind}: {why}");
            ignored("malformed");
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
    // Slack waits for no answer to an event, only for the word that it is safe; without it the event comes again.
    let is_event = matches!(turn.delivery.via, Via::Event | Via::Message { .. });
    let finished = if is_event {
        work.await
    } else if let Ok(finished) = timeout_at(began + desk.timing.guard, &mut work).await {
        finished
    } else {
        // Said, not only acknowledged: a bot that dies now has promised nothing that looks done.
        let waiting = matches!(turn.delivery.via, Via::Command).then(|| ephemeral(&sentence(STILL_AT_IT)));
        turn.acknowledge(waiting).await;
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
            // Offers are Discord's.
            Ok(Reply::Quiet | Reply::Offer { .. }) => {
                self.acknowledge(None).await;
            }
            Err(reference) => self.fail(&reference).await,
        }
    }

    /// Acknowledges the envelope; true if `payload` went with it.
    async fn acknowledge(&mut self, payload: Option<Value>) -> bool {
        let Some(ack) = self.ack.take() else { return false };
        ack.send(payload).await
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
            Via::Submit { .. } | Via::Message { .. } => {
                self.acknowledge(None).await;
                self.whisper(message).await;
            }
            Via::HomePress => {
                self.acknowledge(None).await;
                self.show(message).await;
            }
            // Nobody asked, so nobody is told.
            Via::Event => {
                self.acknowledge(None).await;
            }
        }
    }

    /// Shows an answer as a modal: in the app's home there is no message to answer below.
    async fn show(&self, message: &Message) {
        let body = json!({"trigger_id": self.delivery.trigger_id, "view": modal::notice(message)});
        if let Err(error) = self.outbound.api.post("views.open", &body).await {
            tracing::debug!(error = %error, "writing instead");
            self.whisper(message).await;
        }
    }

    async fn ask(&mut self, form: &Form) {
        let view = modal::view(form, &self.delivery.inbound.place.channel);
        if let Via::Message { .. } = self.delivery.via {
            // A message opens no modal; a click on what answers it does.
            return self.tell(&form_offer(form)).await;
        }
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
        if !form.fields.is_empty() {
            message.blocks.push(Block::Actions { buttons: vec![opening(form)] });
        }
        self.tell(&message).await;
    }

    async fn fail(&mut self, reference: &str) {
        if self.delivery.via == Via::Event {
            // Not acknowledged: Slack tells it again.
            self.ack.take();
            return;
        }
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
        // An unclear answer may have arrived; saying it twice is better than not at all.
        let responded = persist(RESPOND_FOR, || self.outbound.api.respond(response_url, &body)).await;
        if let Err(error) = responded {
            tracing::debug!(error = %error, "whispering instead");
            self.whisper(message).await;
        }
    }

    async fn whisper(&self, message: &Message) {
        let inbound = &self.delivery.inbound;
        let thread = match &self.delivery.via {
            Via::Message { thread } => thread.as_deref(),
            Via::Command | Via::Press | Via::HomePress | Via::Submit { .. } | Via::Event => None,
        };
        let whisper = || self.outbound.whisper_in(&inbound.account, &inbound.place, thread, message, &inbound.delivery);
        if let Err(error) = persist(WHISPER_FOR, whisper).await {
            tracing::error!(error = %error, delivery = inbound.delivery, "could not answer {}", inbound.delivery);
        }
    }
}

/// Tries again what Slack asked to wait with, or may not have got: somebody waits for this answer.
async fn persist<Sent: Future<Output = Result<(), SendError>>>(
    patience: Duration,
    mut send: impl FnMut() -> Sent,
) -> Result<(), SendError> {
    let give_up_at = Instant::now() + patience;
    let mut pause = PERSIST_PAUSE;
    loop {
        let error = match send().await {
            Ok(()) => return Ok(()),
            Err(error @ SendError::Refused { .. }) => return Err(error),
            Err(error) => error,
        };
        let wait = match &error {
            SendError::RateLimited { after_secs, .. } => Duration::from_secs(*after_secs),
            SendError::Refused { .. } | SendError::Unclear { .. } => pause,
        };
        let wait = wait.min(PERSIST_PAUSE_MAX);
        if Instant::now() + wait > give_up_at {
            return Err(error);
        }
        sleep(wait).await;
        pause = pause.saturating_mul(2);
    }
}

/// What a message that needs a form is answered with.
fn form_offer(form: &Form) -> Message {
    let missing: Vec<&str> = form
        .fields
        .iter()
        .filter(|field| field.required && field.value.is_none())
        .map(|field| field.label.as_str())
        .collect();
    let sentence = if missing.is_empty() {
        "This needs a form.".to_owned()
    } else {
        format!("Still needed: {}.", missing.join(", "))
    };
    let buttons = vec![opening(form)];
    Message { blocks: vec![paragraph(&sentence), Block::Actions { buttons }], ..Message::default() }
}

fn opening(form: &Form) -> Button {
    Button { id: format!("{OPEN_FORM}{}", form.id), label: "Open the form".to_owned(), style: ButtonStyle::Primary }
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
