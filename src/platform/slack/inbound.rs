//! Slack's envelopes to [`Inbound`]. The structs name only what is used and accept what is missing or null: payloads
//! of org-wide installations and shared channels leave out what others have, and Slack adds shapes without notice.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::answer::OPEN_FORM;
use super::{command_text, events};
use crate::app::inbound::{Act, HOME, Inbound};
use crate::domain::{Account, Place, Platform, Standing};

/// One frame of a Socket Mode connection, or what one signed request brings.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Envelope {
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(rename = "envelope_id")]
    pub id: Option<String>,
    #[serde(default)]
    pub payload: Value,
    pub accepts_response_payload: Option<bool>,
    /// Of a `disconnect` frame.
    pub reason: Option<String>,
    /// Of a delivery that Slack repeats: how often it has, and why.
    pub retry_attempt: Option<u32>,
    pub retry_reason: Option<String>,
}

/// Why Slack repeats a delivery, in its own words (Events API, over both transports); others are counted as one.
const RETRY_REASONS: [&str; 7] =
    ["http_timeout", "timeout", "too_many_redirects", "connection_failed", "ssl_error", "http_error", "unknown_error"];

impl Envelope {
    /// Counts a delivery that Slack repeats: many of them mean that answers come too late.
    pub fn count_repetition(&self) {
        if self.retry_attempt.unwrap_or(0) == 0 {
            return;
        }
        let told = self.retry_reason.as_deref().unwrap_or_default();
        let reason = RETRY_REASONS.into_iter().find(|known| *known == told).unwrap_or("other");
        metrics::counter!("wardroom_slack_repetitions_total", "reason" => reason).increment(1);
        tracing::debug!(slack.envelope = self.kind, reason, "Slack repeats a delivery ({reason})");
    }
}

/// Slack's words for what Wardroom may be sent and does not act on, in the metric of ignored deliveries.
const KINDS: [&str; 14] = [
    "app_rate_limited",
    "events_api",
    "view_closed",
    "shortcut",
    "message_action",
    "block_actions",
    "block_suggestion",
    "interactive_message",
    "dialog_submission",
    "dialog_cancellation",
    "dialog_suggestion",
    "workflow_step_edit",
    "malformed",
    "frame",
];

/// Counts something that is not acted on: `malformed` is of a kind that Wardroom reads, `frame` is no envelope at all.
pub(super) fn ignored(kind: &str) {
    // What follows the first word is not bounded: the type of an event.
    crate::platform::ignored::ignored("slack", kind.split(' ').next().unwrap_or_default(), &KINDS);
}

/// What an envelope turned out to be.
#[derive(Debug)]
pub(super) enum Parsed {
    Acts(Box<Delivery>),
    /// Nothing that Wardroom acts on; names the kind.
    Ignored(String),
    /// A kind that Wardroom acts on, in a shape that it can't read.
    Malformed {
        kind: &'static str,
        why: String,
    },
}

/// A person's act, with the means to answer it.
#[derive(Debug)]
pub(super) struct Delivery {
    pub inbound: Inbound,
    pub via: Via,
    /// Opens a modal once, for three seconds.
    pub trigger_id: Option<String>,
    /// Whoever has this address may post as the bot where the act happened: a secret.
    pub response_url: Option<SecretString>,
}

/// How the act reached us, because each way is answered differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Via {
    Command,
    Press,
    /// A click in the app's home, where nothing can be answered but by a modal.
    HomePress,
    /// A message: nothing but a whisper can answer it, in the thread where it was written.
    Message {
        thread: Option<String>,
    },
    /// Something that Slack tells; nobody waits for an answer.
    Event,
    /// Holds the first input of the modal, where a failure can be shown without losing what was typed.
    Submit {
        first_field: Option<String>,
    },
}

/// Reads an envelope. `home` is the workspace of the bot's token: payloads of org-wide installations may name none.
pub(super) fn parse(envelope: &Envelope, home: &str) -> Parsed {
    let fallback_id = envelope.id.as_deref().unwrap_or_default();
    match envelope.kind.as_str() {
        "slash_commands" => {
            read("slash_commands", &envelope.payload, |command: SlashCommand| command.delivery(home, fallback_id))
        }
        "interactive" => match envelope.payload["type"].as_str().unwrap_or("interactive") {
            "block_actions" => {
                read("block_actions", &envelope.payload, |pressed: Interaction| pressed.press(home, fallback_id))
            }
            "view_submission" => {
                read("view_submission", &envelope.payload, |sent: Interaction| sent.submit(home, fallback_id))
            }
            other => Parsed::Ignored(other.to_owned()),
        },
        "events_api" => events::parse(&envelope.payload, home),
        other => Parsed::Ignored(other.to_owned()),
    }
}

fn read<T: for<'de> Deserialize<'de>>(
    kind: &'static str,
    payload: &Value,
    convert: impl FnOnce(T) -> Result<Parsed, &'static str>,
) -> Parsed {
    match T::deserialize(payload) {
        Ok(typed) => convert(typed).unwrap_or_else(|why| Parsed::Malformed { kind, why: why.to_owned() }),
        // The category only: serde's own sentence may quote what a person typed.
        Err(error) => Parsed::Malformed { kind, why: format!("payload does not fit ({:?})", error.classify()) },
    }
}

#[derive(Deserialize)]
struct SlashCommand {
    command: String,
    text: Option<String>,
    user_id: String,
    user_name: Option<String>,
    team_id: Option<String>,
    channel_id: String,
    trigger_id: Option<String>,
    response_url: Option<SecretString>,
    bot_id: Option<String>,
    is_stranger: Option<bool>,
}

impl SlashCommand {
    fn delivery(self, home: &str, fallback_id: &str) -> Result<Parsed, &'static str> {
        if self.user_id.is_empty() {
            return Err("no user");
        }
        if self.channel_id.is_empty() {
            return Err("no channel");
        }
        let workspace = self.team_id.filter(|id| !id.is_empty()).unwrap_or_else(|| home.to_owned());
        let standing = if self.bot_id.is_some() {
            Standing::Bot
        } else if self.is_stranger == Some(true) {
            Standing::Guest
        } else {
            Standing::Member
        };
        let inbound = Inbound {
            delivery: delivery_id(self.trigger_id.as_deref(), fallback_id)?,
            place: place(&workspace, &self.channel_id),
            account_name: self.user_name.unwrap_or_else(|| self.user_id.clone()),
            account: Account { platform: Platform::Slack, workspace, id: self.user_id },
            standing,
            message: None,
            act: Act::Says {
                command: self.command.trim_start_matches('/').to_owned(),
                text: command_text::neutral(self.text.as_deref().unwrap_or_default()),
            },
        };
        Ok(acts(inbound, Via::Command, self.trigger_id, self.response_url))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Interaction {
    user: Option<User>,
    team: Option<Named>,
    enterprise: Option<Named>,
    channel: Option<Named>,
    container: Option<Container>,
    message: Option<Posted>,
    actions: Option<Vec<Action>>,
    view: Option<View>,
    trigger_id: Option<String>,
    response_url: Option<SecretString>,
    bot_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    id: String,
    name: Option<String>,
    username: Option<String>,
    team_id: Option<String>,
    is_bot: Option<bool>,
    is_stranger: Option<bool>,
    is_restricted: Option<bool>,
    is_ultra_restricted: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Container {
    channel_id: Option<String>,
    message_ts: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    ts: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Action {
    #[serde(rename = "type")]
    kind: Option<String>,
    action_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct View {
    #[serde(rename = "type")]
    kind: Option<String>,
    callback_id: Option<String>,
    private_metadata: Option<String>,
    team_id: Option<String>,
    blocks: Value,
    state: Value,
}

impl Interaction {
    fn press(mut self, home: &str, fallback_id: &str) -> Result<Parsed, &'static str> {
        let pressed = self.actions.take().unwrap_or_default().into_iter().find(|action| {
            // Older payloads name no type; whatever has an id and is not known to be something else was pressed.
            action.action_id.is_some() && action.kind.as_deref().is_none_or(|kind| kind == "button")
        });
        let Some(button) = pressed.and_then(|action| action.action_id) else {
            return Ok(Parsed::Ignored("block_actions without a button".to_owned()));
        };
        let container = self.container.take().unwrap_or_default();
        let channel = self.channel.as_ref().and_then(|channel| channel.id.clone()).or(container.channel_id);
        let message = container.message_ts.or(self.message.take().and_then(|message| message.ts));
        let act = match button.strip_prefix(OPEN_FORM) {
            Some(form) => Act::Continues { form: form.to_owned() },
            None => Act::Presses { button },
        };
        if self.view.as_ref().is_some_and(|view| view.kind.as_deref() == Some("home")) {
            return self.delivery(home, fallback_id, HOME, None, Via::HomePress, act);
        }
        let channel = channel.or_else(|| self.opened_in()).ok_or("no channel")?;
        self.delivery(home, fallback_id, &channel, message, Via::Press, act)
    }

    fn submit(mut self, home: &str, fallback_id: &str) -> Result<Parsed, &'static str> {
        let channel = self.opened_in().ok_or("the view does not say where it was opened")?;
        let view = self.view.as_mut().ok_or("no view")?;
        let form = view.callback_id.take().filter(|id| !id.is_empty()).ok_or("no callback id")?;
        let fields = fields(&view.state["values"]);
        let first_field = first_input(&view.blocks).or_else(|| fields.keys().next().cloned());
        let via = Via::Submit { first_field };
        self.delivery(home, fallback_id, &channel, None, via, Act::Submits { form, fields })
    }

    /// The channel that `modal::view` put into the view.
    fn opened_in(&self) -> Option<String> {
        let metadata = self.view.as_ref()?.private_metadata.as_deref()?;
        let metadata: Value = serde_json::from_str(metadata).ok()?;
        metadata["channel"].as_str().map(str::to_owned)
    }

    fn delivery(
        self,
        home: &str,
        fallback_id: &str,
        channel: &str,
        message: Option<String>,
        via: Via,
        act: Act,
    ) -> Result<Parsed, &'static str> {
        let user = self.user.as_ref().filter(|user| !user.id.is_empty()).ok_or("no user")?;
        if channel.is_empty() {
            return Err("no channel");
        }
        let team = self.team.as_ref().and_then(|team| team.id.clone());
        let of_view = self.view.as_ref().and_then(|view| view.team_id.clone());
        let named = [team, user.team_id.clone(), of_view].into_iter().flatten().find(|id| !id.is_empty());
        let workspace = named.unwrap_or_else(|| home.to_owned());
        let inbound = Inbound {
            delivery: delivery_id(self.trigger_id.as_deref(), fallback_id)?,
            place: place(&workspace, channel),
            account_name: user.name.clone().or_else(|| user.username.clone()).unwrap_or_else(|| user.id.clone()),
            account: Account { platform: Platform::Slack, workspace: workspace.clone(), id: user.id.clone() },
            standing: self.standing(user, &workspace),
            message,
            act,
        };
        Ok(acts(inbound, via, self.trigger_id, self.response_url))
    }

    fn standing(&self, user: &User, workspace: &str) -> Standing {
        let said = [user.is_stranger, user.is_restricted, user.is_ultra_restricted].contains(&Some(true));
        // In an Enterprise organisation a colleague's home may be another workspace, or the organisation itself.
        let of_elsewhere =
            self.enterprise.is_none() && user.team_id.as_ref().is_some_and(|home| home.as_str() != workspace);
        if self.bot_id.is_some() || user.is_bot == Some(true) {
            Standing::Bot
        } else if said || of_elsewhere {
            Standing::Guest
        } else {
            Standing::Member
        }
    }
}

pub(super) fn acts(
    inbound: Inbound,
    via: Via,
    trigger_id: Option<String>,
    response_url: Option<SecretString>,
) -> Parsed {
    Parsed::Acts(Box::new(Delivery { inbound, via, trigger_id, response_url }))
}

pub(super) fn place(workspace: &str, channel: &str) -> Place {
    Place { platform: Platform::Slack, workspace: workspace.to_owned(), channel: channel.to_owned() }
}

/// A repeated delivery has a new envelope but the same trigger, so the trigger names it.
fn delivery_id(trigger_id: Option<&str>, fallback_id: &str) -> Result<String, &'static str> {
    match trigger_id.filter(|id| !id.is_empty()).unwrap_or(fallback_id) {
        "" => Err("nothing names this delivery"),
        id => Ok(format!("slack:{id}")),
    }
}

/// `state.values` is `{block: {action: {type, value | selected_option | …}}}`; the block is the field's name.
fn fields(values: &Value) -> BTreeMap<String, String> {
    let Some(blocks) = values.as_object() else {
        return BTreeMap::new();
    };
    blocks.iter().filter_map(|(name, elements)| Some((name.clone(), field_value(elements)?))).collect()
}

fn field_value(elements: &Value) -> Option<String> {
    let element = elements.as_object()?.values().next()?;
    let value = element["value"].as_str().or_else(|| element["selected_option"]["value"].as_str())?;
    Some(value.to_owned())
}

fn first_input(blocks: &Value) -> Option<String> {
    let input = blocks.as_array()?.iter().find(|block| block["type"] == "input")?;
    input["block_id"].as_str().map(str::to_owned)
}
