//! Forms that lie over a person's window.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::aftermath::Aftermath;
use super::blocks;
use super::cast::SlackCast;
use super::form_state::{self, Filled};
use super::socket::{Answer, Envelope};
use super::state::{State, random_hex, random_id};

/// What the Slack client says when the app does not answer a form in time.
const TROUBLE: &str = "We had some trouble connecting. Try again?";

/// One open form, or a home tab.
#[derive(Debug, Clone)]
pub struct Modal {
    pub id: String,
    /// Changes with every change of the form.
    pub hash: String,
    pub view: Value,
    pub errors: BTreeMap<String, String>,
    root: String,
    previous: Option<String>,
}

impl Modal {
    pub fn new(mut view: Value) -> Modal {
        if let Some(list) = view["blocks"].as_array_mut() {
            blocks::name_blocks(list);
        }
        let id = random_id('V');
        Modal { root: id.clone(), id, hash: random_hex(), view, errors: BTreeMap::new(), previous: None }
    }

    /// Shows another content in the same place.
    pub fn replace(&mut self, new: Modal) {
        self.view = new.view;
        self.hash = new.hash;
        self.errors.clear();
    }

    /// Remembers what lies below.
    pub fn lie_on(&mut self, below: Option<&Modal>) {
        if let Some(below) = below {
            self.root.clone_from(&below.root);
            self.previous = Some(below.id.clone());
        }
    }

    /// The view object, with nothing filled in.
    pub fn json(&self, cast: &SlackCast) -> Value {
        self.json_with(cast, &json!({}))
    }

    fn json_with(&self, cast: &SlackCast, values: &Value) -> Value {
        let view = &self.view;
        json!({
            "id": self.id, "team_id": cast.team_id, "type": view["type"], "blocks": view["blocks"],
            "private_metadata": view["private_metadata"].as_str().unwrap_or_default(),
            "callback_id": view["callback_id"].as_str().unwrap_or_default(),
            "external_id": view["external_id"].as_str().unwrap_or_default(),
            "state": {"values": values}, "hash": self.hash,
            "title": view["title"], "submit": view["submit"], "close": view["close"],
            "clear_on_close": view["clear_on_close"] == true, "notify_on_close": view["notify_on_close"] == true,
            "previous_view_id": self.previous, "root_view_id": self.root,
            "app_id": cast.app_id(), "bot_id": cast.bot_id(), "app_installed_team_id": cast.team_id,
        })
    }

    /// The form as the people's page shows it.
    fn shown(&self) -> Value {
        let label = |name: &str, default: &str| self.view[name]["text"].as_str().unwrap_or(default).to_owned();
        json!({
            "id": self.id, "title": label("title", ""), "submit": label("submit", "Submit"),
            "close": label("close", "Cancel"), "blocks": self.view["blocks"], "errors": self.errors,
        })
    }
}

impl SlackWorkspace {
    /// Checks a form that the bot wants to show.
    #[expect(clippy::unused_self, reason = "reads as what the workspace makes of a view")]
    pub(super) fn modal_from(&self, view: Value) -> Result<Modal, Vec<String>> {
        let problems = blocks::check_modal(&view);
        if problems.is_empty() { Ok(Modal::new(view)) } else { Err(problems) }
    }

    /// The form that a person has before them.
    pub fn modal(&self, user: &str) -> Option<Value> {
        let person = self.cast.person(user)?;
        self.with(|state| shown_modal(state, &person.id))
    }

    /// Sends a form. Values are named by `block_id` or `action_id`; a choice is named by its value or its label, several
    /// with commas between them. Where the client itself refuses (a required field is empty, a text too long), the form
    /// shows why and the error says the same.
    pub async fn submit(&self, user: &str, view_id: &str, values: BTreeMap<String, String>) -> Result<(), String> {
        let person = self.person_id(user)?;
        let envelope = self.with(|state| self.submission(state, &person, view_id, &values))?;
        match self.deliver(envelope, 0).await {
            Answer::Acknowledged(result) => result,
            Answer::TimedOut | Answer::NotConnected | Answer::Refused => Err(TROUBLE.to_owned()),
        }
    }

    /// Closes a form without sending it.
    pub fn dismiss(&self, user: &str, view_id: &str) {
        let Some(person) = self.cast.person(user) else { return };
        self.with(|state| {
            let Some(stack) = state.live.modals.get_mut(&person.id) else {
                return;
            };
            let Some(index) = stack.iter().position(|modal| modal.id == view_id) else {
                return;
            };
            let closed = stack.remove(index);
            let cleared = closed.view["clear_on_close"] == true;
            if cleared {
                stack.clear();
            }
            state.changed = true;
            if closed.view["notify_on_close"] == true {
                let payload = self.closed_payload(&person.id, &closed, cleared);
                let envelope = Envelope {
                    kind: "interactive",
                    payload,
                    accepts_response_payload: false,
                    aftermath: Aftermath::Nothing,
                };
                self.send(state, envelope);
            }
        });
    }

    fn submission(
        &self,
        state: &mut State,
        user: &str,
        view_id: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Envelope, String> {
        let modal = state.live.modals.get_mut(user).and_then(|stack| stack.last_mut());
        let modal = modal.filter(|modal| modal.id == view_id).ok_or("this form is not open")?;
        if let Some(unknown) = form_state::unknown_field(&modal.view, values) {
            return Err(format!("the form has no field \"{unknown}\""));
        }
        let Filled { values: filled, errors } = form_state::fill(&modal.view, values, &self.cast);
        modal.errors.clone_from(&errors);
        let modal = modal.clone();
        state.changed = true;
        if !errors.is_empty() {
            let told: Vec<String> = errors.iter().map(|(block, text)| format!("{block}: {text}")).collect();
            return Err(told.join("; "));
        }
        let payload = json!({
            "type": "view_submission", "team": self.team_json(), "user": self.actor_json(user),
            "api_app_id": self.cast.app_id(), "token": super::VERIFICATION_TOKEN,
            "trigger_id": state.live.new_trigger(user), "view": modal.json_with(&self.cast, &filled),
            "response_urls": [], "is_enterprise_install": false, "enterprise": null,
        });
        Ok(Envelope {
            kind: "interactive",
            payload,
            accepts_response_payload: true,
            aftermath: Aftermath::Submission { user: user.to_owned(), view_id: view_id.to_owned() },
        })
    }

    /// The payload of a button or menu inside a form.
    pub(super) fn modal_action(
        &self,
        state: &mut State,
        user: &str,
        view_id: &str,
        action: &Value,
    ) -> Option<Envelope> {
        let modal = state.live.modals.get(user)?.iter().find(|modal| modal.id == view_id)?;
        let filled = form_state::fill(&modal.view, &BTreeMap::new(), &self.cast);
        let view = modal.json_with(&self.cast, &filled.values);
        let payload = json!({
            "type": "block_actions", "team": self.team_json(), "user": self.actor_json(user),
            "api_app_id": self.cast.app_id(), "token": super::VERIFICATION_TOKEN,
            "container": {"type": "view", "view_id": view_id}, "trigger_id": state.live.new_trigger(user),
            "is_enterprise_install": false, "enterprise": null, "view": view, "actions": [action],
        });
        let aftermath = Aftermath::Nothing;
        Some(Envelope { kind: "interactive", payload, accepts_response_payload: false, aftermath })
    }

    fn closed_payload(&self, user: &str, closed: &Modal, cleared: bool) -> Value {
        json!({
            "type": "view_closed", "team": self.team_json(), "user": self.actor_json(user),
            "api_app_id": self.cast.app_id(), "token": super::VERIFICATION_TOKEN,
            "view": closed.json(&self.cast), "is_cleared": cleared,
            "is_enterprise_install": false, "enterprise": null,
        })
    }
}

/// The topmost form of a person.
pub fn shown_modal(state: &State, user: &str) -> Option<Value> {
    state.live.modals.get(user)?.last().map(Modal::shown)
}
