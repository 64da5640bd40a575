//! One interaction from delivery to answer, within Discord's three seconds.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ApplicationId, InteractionId};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};

use super::format::{EPHEMERAL, edited};
use super::forms::{View, faults, reopening, sentence, view};
use super::inbound::{Delivery, Kind, Ticket};
use super::rest::{Call, Rest};
use crate::app::inbound::{Inbound, Reply};
use crate::domain::Platform;
use crate::platform::SendError;
use crate::render::{Block, Inline, Message};

/// Discord forgets an interaction after 3 s; what remains is for the way there, on a slow day.
const GUARD: Duration = Duration::from_millis(2200);

/// People type a letter about every 200 ms; what comes much later than the next one is noise.
const OFFER_WITHIN: Duration = Duration::from_secs(1);

// Types of an answer.
const ANSWER: u8 = 4;
const DEFER: u8 = 5;
const DEFER_UPDATE: u8 = 6;
const UPDATE: u8 = 7;
const AUTOCOMPLETE: u8 = 8;
const MODAL: u8 = 9;

/// What follows an answer in a response may overtake it: Discord does not know yet what it is about (10015).
const CATCH_UP: [Duration; 3] = [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1)];

/// How the first answer to an interaction reaches Discord.
pub(super) enum First {
    /// By a request of its own, for what came over the gateway.
    Callback,
    /// As the body of the response to the request that brought the interaction; taken by the answer.
    Response(Option<oneshot::Sender<Value>>),
}

/// Runs the handler for one interaction and answers it. An error of the handler is a short reference for the person.
pub(super) async fn answer<F, Fut>(rest: &Rest, delivery: Delivery, first: First, handler: &F, received: Instant)
where
    F: Fn(Inbound) -> Fut,
    Fut: Future<Output = Result<Reply, String>>,
{
    let Delivery { ticket, kind, in_form, inbound } = delivery;
    let mut desk = Desk { rest, ticket, kind, in_form, first };
    let Some(inbound) = inbound else {
        desk.unknown().await;
        return;
    };
    // A panic in the handler is an answer too: nobody is left waiting for it.
    let work = AssertUnwindSafe(async { handler(inbound).await }).catch_unwind();
    tokio::pin!(work);
    if desk.kind == Kind::Autocomplete {
        // An offer can't be deferred, and a late one is of no use: the person has typed on.
        let choices = match timeout_at(received + OFFER_WITHIN, &mut work).await {
            Ok(Ok(Ok(Reply::Offer { choices }))) => choices,
            _ => Vec::new(),
        };
        let sent = desk.callback(offered(&choices)).await;
        desk.finish("offer", sent);
        return;
    }
    let settled = |outcome: Result<Result<Reply, String>, _>| outcome.unwrap_or_else(|_| Err(String::new()));
    if let Ok(outcome) = timeout_at(received + GUARD, &mut work).await {
        desk.at_once(&settled(outcome)).await;
        return;
    }
    let (deferred, outcome) = tokio::join!(desk.defer(), &mut work);
    desk.later(deferred, &settled(outcome)).await;
}

struct Desk<'a> {
    rest: &'a Rest,
    ticket: Ticket,
    kind: Kind,
    in_form: bool,
    first: First,
}

/// What may follow the first answer.
enum Next {
    /// Takes the place of the first answer.
    Edit(Value),
    Delete,
    /// One more message for the caller alone.
    FollowUp(Value),
}

/// What a reply comes to on Discord.
enum Shown {
    Body(Value),
    /// What fits what is being typed.
    Choices(Value),
    /// A modal, and the message that leads to it where a modal is not allowed.
    Modal(Value, Value),
    Nothing,
    /// The handler failed. A form under way is left standing, so that the person can try again.
    Failure(Value),
}

fn shown(outcome: &Result<Reply, String>) -> Shown {
    match outcome {
        Ok(Reply::Tell { message }) => Shown::Body(edited(message)),
        Ok(Reply::Ask { form }) => match view(form) {
            View::Modal(modal) => Shown::Modal(modal, reopening(form)),
            View::Message(body) => Shown::Body(body),
        },
        Ok(Reply::Faults { form, errors }) => Shown::Body(faults(form, errors)),
        Ok(Reply::Offer { choices }) => Shown::Choices(offered(choices)),
        Ok(Reply::Quiet) => Shown::Nothing,
        Err(reference) => Shown::Failure(failure(reference)),
    }
}

fn offered(choices: &[(String, String)]) -> Value {
    let choices: Vec<Value> = choices.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({ "type": AUTOCOMPLETE, "data": { "choices": choices } })
}

fn failure(reference: &str) -> Value {
    let apology = "Wardroom could not do this just now. Nothing was changed. Please try again.";
    let mut text = vec![Inline::Plain { text: apology.to_owned() }];
    if !reference.is_empty() {
        text.push(Inline::Plain { text: " ".to_owned() });
        text.push(Inline::Code { text: reference.chars().take(100).collect() });
    }
    edited(&Message { blocks: vec![Block::Paragraph { text }], ..Message::default() })
}

impl Desk<'_> {
    async fn at_once(&mut self, outcome: &Result<Reply, String>) {
        let response = match shown(outcome) {
            Shown::Choices(choices) => choices,
            Shown::Body(body) if self.in_form => json!({ "type": UPDATE, "data": body }),
            Shown::Body(body) | Shown::Failure(body) => told(body),
            Shown::Modal(modal, otherwise) => match self.kind {
                // A modal can't answer a modal.
                Kind::Modal { .. } if self.in_form => json!({ "type": UPDATE, "data": otherwise }),
                Kind::Modal { .. } => told(otherwise),
                Kind::Command | Kind::Component | Kind::Autocomplete | Kind::Other => {
                    json!({ "type": MODAL, "data": modal })
                }
            },
            Shown::Nothing if self.has_message() => json!({ "type": DEFER_UPDATE }),
            Shown::Nothing => told(sentence("Done.")),
        };
        if let Err(error) = self.callback(response).await
            && let Some(body) = self.instead("answer", &error)
        {
            let _ = self.callback(told(body)).await.inspect_err(|error| self.lost("answer", error));
        }
    }

    /// Tells Discord that the answer takes longer. What is shown later takes the place of what this shows now.
    async fn defer(&mut self) -> Result<(), SendError> {
        if self.in_form {
            return self.callback(json!({ "type": DEFER_UPDATE })).await;
        }
        self.callback(json!({ "type": DEFER, "data": { "flags": EPHEMERAL } })).await
    }

    async fn later(&self, deferred: Result<(), SendError>, outcome: &Result<Reply, String>) {
        if let Err(error) = deferred {
            self.lost("deferral", &error);
            if is_code(&error, "10062") {
                return;
            }
        }
        let body = match shown(outcome) {
            Shown::Failure(body) if self.in_form => {
                self.finish("follow-up", self.follow(&Next::FollowUp(body)).await);
                return;
            }
            Shown::Body(body) | Shown::Modal(_, body) | Shown::Failure(body) => body,
            Shown::Choices(_) => return,
            Shown::Nothing if self.in_form => return,
            Shown::Nothing if self.has_message() => {
                self.finish("clearing", self.follow(&Next::Delete).await);
                return;
            }
            Shown::Nothing => sentence("Done."),
        };
        if let Err(error) = self.follow(&Next::Edit(body)).await
            && let Some(body) = self.instead("late answer", &error)
        {
            self.finish("late answer", self.follow(&Next::Edit(body)).await);
        }
    }

    /// Answers what this program knows nothing of: silence would look like a crash.
    async fn unknown(&mut self) {
        let response = match self.kind {
            Kind::Autocomplete => offered(&[]),
            Kind::Command | Kind::Component | Kind::Modal { .. } | Kind::Other => unknown(),
        };
        let sent = self.callback(response).await;
        self.finish("answer", sent);
    }

    /// The answer can be nothing: the click came from a message that stays as it is.
    fn has_message(&self) -> bool {
        match self.kind {
            Kind::Component => true,
            Kind::Modal { from_message } => from_message,
            Kind::Command | Kind::Autocomplete | Kind::Other => false,
        }
    }

    async fn callback(&mut self, response: Value) -> Result<(), SendError> {
        if let First::Response(sender) = &mut self.first {
            let sent = sender.take().map(|sender| sender.send(response));
            let hung_up = || SendError::Unclear {
                platform: Platform::Discord,
                what: "it did not wait for the answer".to_owned(),
            };
            return sent.and_then(Result::ok).ok_or_else(hung_up);
        }
        let interaction_id = InteractionId::new(self.ticket.interaction);
        let route = Route::InteractionResponse { interaction_id, token: self.ticket.token.expose_secret() };
        // Sent twice, the second is refused (40060) and the first stands.
        let call = Call::new("answer interaction", LightMethod::Post, route, self.ticket.interaction);
        self.rest.send(call.body(response).repeatable().of_interaction()).await.map(drop)
    }

    /// Sends what follows the first answer, and waits for Discord to take that in where it went in a response.
    async fn follow(&self, next: &Next) -> Result<(), SendError> {
        for pause in CATCH_UP {
            match (&self.first, self.follow_now(next).await) {
                (First::Response(_), Err(error)) if is_code(&error, "10015") => sleep(pause).await,
                (First::Response(_) | First::Callback, sent) => return sent,
            }
        }
        self.follow_now(next).await
    }

    async fn follow_now(&self, next: &Next) -> Result<(), SendError> {
        let application_id = ApplicationId::new(self.ticket.application);
        let token = self.ticket.token.expose_secret();
        let original = Route::WebhookOriginalInteractionResponse { application_id, token };
        let major = self.ticket.interaction;
        let call = match next {
            Next::Edit(body) => Call::new("edit answer", LightMethod::Patch, original, major).body(body.clone()),
            Next::Delete => Call::new("delete answer", LightMethod::Delete, original, major),
            Next::FollowUp(body) => {
                let mut body = body.clone();
                body["flags"] = EPHEMERAL.into();
                let route = Route::WebhookFollowupMessages { application_id, token };
                Call::new("follow up", LightMethod::Post, route, major).body(body)
            }
        };
        self.rest.send(call.of_interaction()).await.map(drop)
    }

    /// What to say where Discord did not take an answer; `None` where nothing can be said any more.
    fn instead(&self, what: &str, error: &SendError) -> Option<Value> {
        self.lost(what, error);
        match error {
            SendError::Refused { code, .. } if code != "10062" && code != "40060" => {
                let text = format!("Wardroom's answer could not be shown here (Discord: {code}).");
                Some(sentence(&text))
            }
            SendError::Refused { .. } | SendError::RateLimited { .. } | SendError::Unclear { .. } => None,
        }
    }

    fn finish(&self, what: &str, sent: Result<(), SendError>) {
        if let Err(error) = sent {
            self.lost(what, &error);
        }
    }

    /// Logged and no more: what the person asked for was done, and doing it again would be worse than a missing answer.
    fn lost(&self, what: &str, error: &SendError) {
        let interaction = self.ticket.interaction;
        if is_code(error, "40060") {
            tracing::info!(interaction, what, "Discord has this answer already");
        } else {
            tracing::warn!(interaction, what, %error, "Discord did not take an answer");
        }
    }
}

/// The answer to what this program can't read.
pub(super) fn unknown() -> Value {
    told(sentence("Wardroom does not know this kind of request. Nothing was changed."))
}

/// An answer that only the caller sees.
fn told(mut body: Value) -> Value {
    body["flags"] = EPHEMERAL.into();
    json!({ "type": ANSWER, "data": body })
}

fn is_code(error: &SendError, wanted: &str) -> bool {
    match error {
        SendError::Refused { code, .. } => code == wanted,
        SendError::RateLimited { .. } | SendError::Unclear { .. } => false,
    }
}

#[cfg(test)]
#[path = "respond_tests.rs"]
mod tests;
