//! Interactions: how they begin, the one answer that each may have, and what follows on its token.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::super::delivery::DeliveryFault;
use super::autocomplete;
use super::endpoint::Post;
use super::error::{Answer, ApiError, FormErrors, Reply};
use super::messages::SETTABLE_FLAGS;
use super::people::Modal;
use super::shapes::ATTACHMENT_LIMIT;
use super::validate::{self, EPHEMERAL, LOADING};
use super::world::{AnswerTo, ChannelKind, Message, World};

/// How long the bot may take to answer.
pub(super) const RESPOND_WITHIN: Duration = Duration::from_secs(3);
/// How long the token of an interaction stays good.
const TOKEN_LASTS: Duration = Duration::from_mins(15);
/// Interactions remembered at once, far more than people can start in 15 minutes.
const KEPT: usize = 5_000;

pub(super) const COMMAND: u64 = 2;
pub(super) const COMPONENT: u64 = 3;
pub(super) const AUTOCOMPLETE: u64 = 4;
pub(super) const FORM: u64 = 5;

/// How far an interaction has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Waiting,
    Answered,
    Expired,
}

/// What those who wait for an interaction see of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    pub(super) phase: Phase,
    pub(super) attempts: u32,
}

pub(super) struct Interaction {
    id: String,
    kind: u64,
    user: String,
    channel: String,
    /// The message whose component was used, also where that led to the form that was sent.
    source: Option<String>,
    name: String,
    created: Instant,
    /// The message that `@original` names.
    original: Option<String>,
    /// Answered with type 5 and not filled in yet: the first followup fills it in.
    deferred: bool,
    /// What the bot offers for an option that is being typed.
    offered: Vec<Value>,
    /// What had opened the form that was sent.
    opened_by: Option<AnswerTo>,
    pub(super) progress: watch::Sender<Progress>,
}

/// What a person did, as far as it concerns the bot.
pub(super) struct Start<'a> {
    pub(super) kind: u64,
    pub(super) user: &'a str,
    pub(super) channel: &'a str,
    pub(super) source: Option<&'a str>,
    pub(super) name: String,
    pub(super) data: Value,
}

/// Somebody's wait for the answer to an interaction.
pub(super) struct Pending {
    pub(super) token: String,
    pub(super) progress: watch::Receiver<Progress>,
    pub(super) within: Duration,
    /// How it is sent, where not over the gateway.
    pub(super) post: Option<Post>,
    /// Still to be sent, after so long.
    pub(super) late: Option<(Duration, Value)>,
    /// To be sent once more after the answer.
    pub(super) again: Option<Value>,
}

impl World {
    /// Begins an interaction and, where there is no endpoint for it, sends it over the gateway. Where no bot could answer,
    /// the person is told at once.
    pub(super) fn start(&mut self, start: Start<'_>) -> Pending {
        self.interactions.retain(|_, interaction| interaction.created.elapsed() < TOKEN_LASTS);
        if self.interactions.len() >= KEPT
            && let Some(oldest) = self.interactions.iter().min_by_key(|(_, interaction)| interaction.created)
        {
            let token = oldest.0.clone();
            self.interactions.remove(&token);
        }
        let id = self.next_id();
        let token = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        let payload = self.interaction_json(&start, &id, &token);
        let progress = watch::Sender::new(Progress::default());
        let post = self.endpoint.url.clone().map(|url| Post { url, payload: payload.clone() });
        let by_gateway = post.is_none();
        let (within, told) = (self.respond_within, progress.subscribe());
        let mut pending = Pending { token: token.clone(), progress: told, within, post, late: None, again: None };
        let interaction = Interaction {
            id,
            kind: start.kind,
            user: start.user.to_owned(),
            channel: start.channel.to_owned(),
            source: start.source.map(str::to_owned),
            name: start.name,
            created: Instant::now(),
            original: None,
            deferred: false,
            offered: Vec::new(),
            opened_by: None,
            progress,
        };
        self.interactions.insert(token.clone(), interaction);
        self.last_interaction = Some((token.clone(), payload.clone()));
        if !by_gateway {
            return pending;
        }
        if !self.reachable() {
            self.expire(&token);
            return pending;
        }
        let trouble = self.troubles.next();
        if let Some(delay) = trouble.and_then(DeliveryFault::delay) {
            pending.late = Some((delay, payload));
            return pending;
        }
        self.dispatch("INTERACTION_CREATE", 0, &payload);
        match trouble {
            Some(DeliveryFault::Twice) => self.dispatch("INTERACTION_CREATE", 0, &payload),
            Some(DeliveryFault::Again) => pending.again = Some(payload),
            Some(DeliveryFault::Late { .. }) | None => {}
        }
        pending
    }

    /// Gives an interaction up and tells the person, as Discord does. Does nothing where it was answered in time.
    pub(super) fn expire(&mut self, token: &str) {
        let Some(interaction) = self.interactions.get(token) else {
            return;
        };
        if interaction.progress.borrow().phase != Phase::Waiting {
            return;
        }
        interaction.progress.send_modify(|progress| progress.phase = Phase::Expired);
        if interaction.kind == AUTOCOMPLETE {
            // Nothing is offered, and nobody is told.
            return;
        }
        let (user, channel) = (interaction.user.clone(), interaction.channel.clone());
        let answer = interaction.answer_to();
        let bot = self.cast.bot_user_id.clone();
        let now = self.time();
        let mut note = Message::new(self.next_id(), &bot, super::NO_RESPONSE, now);
        note.flags = EPHEMERAL;
        note.only_for = Some(user);
        note.interaction = Some(answer);
        self.post(&channel, &note);
    }

    fn interaction_json(&self, start: &Start<'_>, id: &str, token: &str) -> Value {
        let mut json = json!({
            "id": id, "application_id": self.cast.application_id, "type": start.kind, "token": token, "version": 1,
            "data": start.data, "channel_id": start.channel, "locale": "en-US", "entitlements": [],
            "entitlement_sku_ids": [], "attachment_size_limit": ATTACHMENT_LIMIT,
        });
        let Some(channel) = self.channel(start.channel) else {
            return json;
        };
        json["channel"] = self.partial_channel_json(channel, start.user);
        json["app_permissions"] = json!(self.permissions(&self.cast.bot_user_id, channel).to_string());
        if channel.kind == ChannelKind::Text {
            json["guild_id"] = json!(self.cast.guild_id);
            json["guild_locale"] = json!("en-US");
            json["guild"] = json!({ "id": self.cast.guild_id, "locale": "en-US", "features": [] });
            json["member"] = self.invoking_member_json(start.user, channel);
            json["context"] = json!(0);
            json["authorizing_integration_owners"] = json!({ "0": self.cast.guild_id });
        } else {
            json["user"] = self.user_json(start.user);
            json["context"] = json!(1);
            json["authorizing_integration_owners"] = json!({ "0": "0" });
        }
        if let Some(message) = start.source.and_then(|source| self.message(start.channel, source)) {
            json["message"] = self.message_json(start.channel, message);
        }
        json
    }

    /// POST `/interactions/{id}/{token}/callback`.
    pub(super) fn callback(&mut self, id: &str, token: &str, body: &Value, with_response: bool) -> Reply {
        let within = self.respond_within;
        let interaction = self.interactions.get(token).filter(|interaction| interaction.id == id);
        let interaction = interaction.ok_or_else(ApiError::unknown_interaction)?;
        let result = match interaction.progress.borrow().phase {
            Phase::Answered => Err(ApiError::new(400, 40060, "Interaction has already been acknowledged.")),
            Phase::Expired => Err(ApiError::unknown_interaction()),
            Phase::Waiting if interaction.created.elapsed() > within => Err(ApiError::unknown_interaction()),
            Phase::Waiting => Ok(()),
        };
        let result = result.and_then(|()| self.answer(token, body));
        let Some(interaction) = self.interactions.get(token) else {
            return Err(ApiError::unknown_interaction());
        };
        interaction.progress.send_modify(|progress| {
            progress.attempts += 1;
            if result.is_ok() {
                progress.phase = Phase::Answered;
            }
        });
        result?;
        if !with_response {
            return Ok(Answer::Empty);
        }
        let mut told = json!({ "interaction": { "id": id, "type": interaction.kind } });
        let original = interaction.original.as_deref();
        if let Some(message) = original.and_then(|original| self.message(&interaction.channel, original)) {
            told["interaction"]["response_message_id"] = json!(message.id);
            told["interaction"]["response_message_ephemeral"] = json!(message.flags & EPHEMERAL != 0);
            told["interaction"]["response_message_loading"] = json!(message.flags & LOADING != 0);
            let message = self.message_json(&interaction.channel, message);
            told["resource"] = json!({ "type": body["type"], "message": message });
        }
        Ok(Answer::Json(told))
    }

    /// Does what a callback asks for, if that is legal for this kind of interaction.
    fn answer(&mut self, token: &str, body: &Value) -> Result<(), ApiError> {
        let Some(interaction) = self.interactions.get(token) else {
            return Err(ApiError::unknown_interaction());
        };
        let (kind, source) = (interaction.kind, interaction.source.clone());
        let (user, channel) = (interaction.user.clone(), interaction.channel.clone());
        let answer_to = interaction.answer_to();
        let data = &body["data"];
        match (body["type"].as_u64(), source) {
            (Some(8), _) if kind == AUTOCOMPLETE => {
                let offered = autocomplete::choices(data)?;
                if let Some(interaction) = self.interactions.get_mut(token) {
                    interaction.offered = offered;
                }
            }
            (Some(4), _) if kind != AUTOCOMPLETE => {
                validate::message(data).map_err(|error| error.under("data"))?;
                let original = self.answer_message(token, data)?;
                self.note_original(token, original, false);
            }
            (Some(5), _) if kind != AUTOCOMPLETE => {
                validate::deferral(data)?;
                let original = self.defer(token, validate::flags(data) & EPHEMERAL);
                self.note_original(token, original, true);
            }
            (Some(6), Some(source)) => self.note_original(token, source, false),
            (Some(7), Some(source)) => {
                if data.is_object() {
                    self.revise(&channel, &source, data).map_err(|error| error.under("data"))?;
                }
                self.note_original(token, source, false);
            }
            (Some(9), _) if !matches!(kind, FORM | AUTOCOMPLETE) => {
                validate::modal(data)?;
                let id = self.next_id();
                self.modals.insert(user, Modal::new(id, data, channel, answer_to));
                self.changed();
            }
            _ => return illegal(),
        }
        Ok(())
    }

    /// Notes what had opened the form that an interaction has sent.
    pub(super) fn note_opener(&mut self, token: &str, opener: AnswerTo) {
        if let Some(interaction) = self.interactions.get_mut(token) {
            interaction.opened_by = Some(opener);
        }
    }

    /// What the bot has offered for an option.
    pub(super) fn offered(&self, token: &str) -> Vec<Value> {
        self.interactions.get(token).map(|interaction| interaction.offered.clone()).unwrap_or_default()
    }

    fn note_original(&mut self, token: &str, original: String, deferred: bool) {
        if let Some(interaction) = self.interactions.get_mut(token) {
            interaction.original = Some(original);
            interaction.deferred = deferred;
        }
    }

    /// Posts a message that answers an interaction and returns its id.
    fn answer_message(&mut self, token: &str, data: &Value) -> Result<String, ApiError> {
        let bot = self.cast.bot_user_id.clone();
        let mut message = self.draft(&bot, data)?;
        message.flags &= SETTABLE_FLAGS | EPHEMERAL;
        Ok(self.place_answer(token, message))
    }

    fn defer(&mut self, token: &str, ephemeral: u64) -> String {
        let bot = self.cast.bot_user_id.clone();
        let now = self.time();
        let mut message = Message::new(self.next_id(), &bot, "", now);
        message.flags = ephemeral | LOADING;
        self.place_answer(token, message)
    }

    fn place_answer(&mut self, token: &str, mut message: Message) -> String {
        let id = message.id.clone();
        if let Some(interaction) = self.interactions.get(token) {
            message.only_for = (message.flags & EPHEMERAL != 0).then(|| interaction.user.clone());
            message.interaction = Some(interaction.answer_to());
            let channel = interaction.channel.clone();
            self.post(&channel, &message);
        }
        id
    }

    /// The interaction behind a webhook token that is still good and was answered.
    fn webhook(&self, application: &str, token: &str) -> Result<&Interaction, ApiError> {
        if application != self.cast.application_id {
            return Err(ApiError::unknown_webhook());
        }
        let good = self.interactions.get(token).filter(|interaction| interaction.created.elapsed() < TOKEN_LASTS);
        let interaction = good.ok_or_else(|| ApiError::new(401, 50027, "Invalid Webhook Token"))?;
        if interaction.progress.borrow().phase == Phase::Answered {
            Ok(interaction)
        } else {
            Err(ApiError::unknown_webhook())
        }
    }

    /// POST `/webhooks/{application}/{token}`.
    pub(super) fn follow_up(&mut self, application: &str, token: &str, body: &Value) -> Reply {
        let interaction = self.webhook(application, token)?;
        let channel = interaction.channel.clone();
        if let Some(original) = interaction.original.clone().filter(|_| interaction.deferred) {
            let reply = self.revise(&channel, &original, body)?;
            self.note_original(token, original, false);
            return Ok(reply);
        }
        validate::message(body)?;
        let id = self.answer_message(token, body)?;
        let message = self.message(&channel, &id).ok_or_else(ApiError::unknown_message)?;
        Ok(Answer::Json(self.message_json(&channel, message)))
    }

    /// Where a message of a webhook is: its channel and id. `@original` is the first answer.
    fn webhook_message(&self, application: &str, token: &str, id: &str) -> Result<(String, String), ApiError> {
        let interaction = self.webhook(application, token)?;
        let original = interaction.original.as_deref();
        let id = if id == "@original" { original.ok_or_else(ApiError::unknown_message)? } else { id };
        let message = self.message(&interaction.channel, id).ok_or_else(ApiError::unknown_message)?;
        let own = message.interaction.as_ref().is_some_and(|answer| answer.id == interaction.id);
        if own || original == Some(id) {
            Ok((interaction.channel.clone(), id.to_owned()))
        } else {
            Err(ApiError::unknown_message())
        }
    }

    pub(super) fn webhook_get(&self, application: &str, token: &str, id: &str) -> Reply {
        let (channel, id) = self.webhook_message(application, token, id)?;
        let message = self.message(&channel, &id).ok_or_else(ApiError::unknown_message)?;
        Ok(Answer::Json(self.message_json(&channel, message)))
    }

    pub(super) fn webhook_edit(&mut self, application: &str, token: &str, id: &str, body: &Value) -> Reply {
        let (channel, id) = self.webhook_message(application, token, id)?;
        let reply = self.revise(&channel, &id, body)?;
        if let Some(interaction) = self.interactions.get_mut(token)
            && interaction.original.as_deref() == Some(id.as_str())
        {
            interaction.deferred = false;
        }
        Ok(reply)
    }

    pub(super) fn webhook_delete(&mut self, application: &str, token: &str, id: &str) -> Reply {
        let (channel, id) = self.webhook_message(application, token, id)?;
        self.remove_message(&channel, &id);
        Ok(Answer::Empty)
    }

    /// Makes every token older than its 15 minutes.
    pub(super) fn age_tokens(&mut self) {
        self.interactions.clear();
    }
}

fn illegal() -> Result<(), ApiError> {
    let mut errors = FormErrors::default();
    errors.add("type", "BASE_TYPE_CHOICES", "This type can't answer this kind of interaction.");
    errors.finish()
}

impl Interaction {
    fn answer_to(&self) -> AnswerTo {
        AnswerTo {
            id: self.id.clone(),
            kind: self.kind,
            name: self.name.clone(),
            user: self.user.clone(),
            source: self.source.clone(),
            opened_by: self.opened_by.clone().map(Box::new),
        }
    }
}
