//! What an acknowledgement brings about: an answer to a command, or the fate of a form.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::api_chat;
use super::api_views::MODALS_MAX;
use super::args::Args;
use super::cast::SLACKBOT;
use super::state::State;
use super::world::Content;
use crate::domain::Platform;
use crate::sandbox::{Exchange, Token};

/// What to do with the payload of an acknowledgement.
#[derive(Debug, Clone)]
pub enum Aftermath {
    /// A slash command: the payload is an answer in the channel.
    Command { user: String, channel: String, command: String, response_id: String },
    /// A form that was sent: the payload says what becomes of it.
    Submission { user: String, view_id: String },
    /// Nothing follows.
    Nothing,
}

impl Aftermath {
    /// Under which the reference lists what such an acknowledgement may say.
    fn name(&self) -> Option<&'static str> {
        match self {
            Aftermath::Command { .. } => Some("acknowledgement of a command"),
            Aftermath::Submission { .. } => Some("acknowledgement of a form"),
            Aftermath::Nothing => None,
        }
    }
}

impl SlackWorkspace {
    /// Carries out what an acknowledgement says. The error is for the person who waits.
    pub(super) fn apply(
        &self,
        state: &mut State,
        aftermath: &Aftermath,
        payload: Option<&Value>,
    ) -> Result<(), String> {
        let outcome = self.carry_out(state, aftermath, payload);
        let said = payload.filter(|payload| payload.as_object().is_some_and(|fields| !fields.is_empty()));
        if let (Some(name), Some(payload)) = (aftermath.name(), said) {
            self.witness.tell(Exchange {
                platform: Platform::Slack,
                method: String::new(),
                path: name.to_owned(),
                route: name.to_owned(),
                query: Vec::new(),
                content_type: "application/json".to_owned(),
                body: payload.clone(),
                token: Token::None,
                status: 200,
                answer: match &outcome {
                    Ok(()) => Value::Null,
                    Err(code) => json!({"ok": false, "error": code}),
                },
                staged: false,
            });
        }
        // The person who typed a command has read of it already; one with a form open is told there.
        if matches!(aftermath, Aftermath::Command { .. }) { Ok(()) } else { outcome }
    }

    fn carry_out(&self, state: &mut State, aftermath: &Aftermath, payload: Option<&Value>) -> Result<(), String> {
        match aftermath {
            Aftermath::Command { user, channel, command, response_id } => {
                if let Some(payload) = payload.filter(|payload| says_something(payload)) {
                    match self.respond(state, user, channel, payload) {
                        Ok(ts) => {
                            if let Some(response) = state.live.responses.get_mut(response_id) {
                                response.original.get_or_insert(ts);
                            }
                        }
                        Err(code) => {
                            let text = format!("{command} failed with the error \"{code}\"");
                            self.notice(state, user, channel, &text);
                            return Err(code);
                        }
                    }
                }
                Ok(())
            }
            Aftermath::Submission { user, view_id } => self.settle(state, user, view_id, payload),
            Aftermath::Nothing => Ok(()),
        }
    }

    /// Posts an answer to one person, or to the channel when it says so. Returns its `ts`, or Slack's error.
    pub(super) fn respond(
        &self,
        state: &mut State,
        user: &str,
        channel: &str,
        payload: &Value,
    ) -> Result<String, String> {
        let content = answer_content(payload)?;
        let only = if payload["response_type"] == "in_channel" { None } else { Some(user) };
        let ts = state.world.post(channel, &self.cast.bot_user_id, content, only, self.now());
        state.changed = true;
        Ok(ts)
    }

    /// Lets Slack itself tell a person something.
    pub(super) fn notice(&self, state: &mut State, user: &str, channel: &str, text: &str) {
        state.world.post(channel, SLACKBOT, Content::text(text), Some(user), self.now());
        state.changed = true;
    }

    fn settle(&self, state: &mut State, user: &str, view_id: &str, payload: Option<&Value>) -> Result<(), String> {
        state.changed = true;
        let stack = state.live.modals.entry(user.to_owned()).or_default();
        let Some(index) = stack.iter().position(|modal| modal.id == view_id) else {
            return Ok(());
        };
        let payload = payload.unwrap_or(&Value::Null);
        match payload["response_action"].as_str() {
            None => {
                stack.remove(index);
            }
            Some("clear") => stack.clear(),
            Some("errors") => stack[index].errors = errors_of(payload)?,
            Some("update") => {
                let new = self.modal_from(payload["view"].clone()).map_err(|problems| problems.join("; "))?;
                stack[index].replace(new);
            }
            Some("push") if stack.len() >= MODALS_MAX => return Err("push_limit_reached".to_owned()),
            Some("push") => {
                let mut new = self.modal_from(payload["view"].clone()).map_err(|problems| problems.join("; "))?;
                new.lie_on(stack.last());
                stack.push(new);
            }
            Some(other) => return Err(format!("the app answered with an unknown response_action \"{other}\"")),
        }
        Ok(())
    }
}

/// Reads what an answer says, as strictly as a message of the Web API.
pub fn answer_content(payload: &Value) -> Result<Content, String> {
    let args = Args::from_value(payload);
    args.check("response_url").and_then(|()| api_chat::content(&args)).map_err(|error| error.code)
}

fn says_something(payload: &Value) -> bool {
    let text = payload["text"].as_str().is_some_and(|text| !text.is_empty());
    text || payload["blocks"].as_array().is_some_and(|blocks| !blocks.is_empty())
}

fn errors_of(payload: &Value) -> Result<BTreeMap<String, String>, String> {
    let errors = payload["errors"].as_object().filter(|errors| !errors.is_empty());
    let errors = errors.ok_or("the app answered with errors, but without saying which")?;
    Ok(errors.iter().map(|(block, text)| (block.clone(), text.as_str().unwrap_or_default().to_owned())).collect())
}
