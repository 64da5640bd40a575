//! What people do: type, click, choose, fill in forms. Each call returns once the bot has answered or was given up on.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::DiscordServer;
use super::endpoint::Post;
use super::interactions::{COMMAND, COMPONENT, FORM, Pending, Phase, Start};
use super::options::At;
use super::permissions::SEND_MESSAGES;
use super::world::{AnswerTo, Channel, ChannelKind, Message, World};

/// The form that somebody has open.
#[derive(Debug)]
pub(super) struct Modal {
    id: String,
    custom_id: String,
    title: String,
    components: Vec<Value>,
    channel: String,
    /// What opened the form.
    opened_by: AnswerTo,
    /// What is wrong with what was entered, by the input's custom id.
    errors: BTreeMap<String, String>,
}

impl Modal {
    pub(super) fn new(id: String, data: &Value, channel: String, opened_by: AnswerTo) -> Modal {
        let text = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
        Modal {
            id,
            custom_id: text("custom_id"),
            title: text("title"),
            components: data["components"].as_array().cloned().unwrap_or_default(),
            channel,
            opened_by,
            errors: BTreeMap::new(),
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id, "custom_id": self.custom_id, "title": self.title, "submit": "Submit",
            "components": self.components, "errors": self.errors,
        })
    }

    /// The inputs of the form, with the label that is written over each.
    fn inputs(&self) -> impl Iterator<Item = (&Value, &str)> {
        self.components.iter().filter_map(|row| {
            let input = row.get("component").or_else(|| row["components"].get(0))?;
            let label = row["label"].as_str().or_else(|| input["label"].as_str()).unwrap_or_default();
            Some((input, label))
        })
    }
}

impl DiscordServer {
    /// Types a line into a channel: a slash command as the composer reads it, or a message.
    pub async fn say(&self, user: &str, channel: &str, text: &str) -> Result<(), String> {
        let pending = self.world().say(user, channel, text)?;
        self.settle(pending).await;
        Ok(())
    }

    /// Uses a command with its options filled in: `path` is the command and its subcommands.
    pub async fn command(
        &self,
        user: &str,
        channel: &str,
        path: &[&str],
        options: BTreeMap<String, String>,
    ) -> Result<(), String> {
        let pending = {
            let mut world = self.world();
            let (user, channel) = world.somewhere(user, channel)?;
            world.invoke(&user, &channel, path, &options)?
        };
        self.settle(Some(pending)).await;
        Ok(())
    }

    /// Clicks a button of a message.
    pub async fn press(&self, user: &str, channel: &str, message_id: &str, custom_id: &str) -> Result<(), String> {
        let pending = self.world().press(user, channel, message_id, custom_id)?;
        self.settle(Some(pending)).await;
        Ok(())
    }

    /// Chooses one entry of a select of a message.
    pub async fn select(
        &self,
        user: &str,
        channel: &str,
        message_id: &str,
        custom_id: &str,
        value: &str,
    ) -> Result<(), String> {
        let pending = self.world().select(user, channel, message_id, custom_id, value)?;
        self.settle(Some(pending)).await;
        Ok(())
    }

    /// Sends the form that a person has open. What is not in `values` is sent as it was filled in beforehand.
    pub async fn submit(&self, user: &str, modal_id: &str, values: BTreeMap<String, String>) -> Result<(), String> {
        let (user, pending) = self.world().submit(user, modal_id, &values)?;
        if self.settle(Some(pending)).await {
            self.world().close_modal(&user, modal_id);
        }
        Ok(())
    }

    /// Closes a form unsent.
    pub fn dismiss(&self, user: &str, modal_id: &str) {
        let mut world = self.world();
        if let Some(id) = world.person(user).map(|person| person.id.clone()) {
            world.close_modal(&id, modal_id);
        }
    }

    /// The form that a person has open.
    pub fn modal(&self, user: &str) -> Option<Value> {
        let world = self.world();
        let id = &world.person(user)?.id;
        world.modals.get(id).map(Modal::json)
    }

    /// Sends the last interaction once more, with the same id and token, and waits for the bot to try to answer it.
    pub async fn repeat_last_interaction(&self) {
        let (last, url, within) = {
            let world = self.world();
            (world.last_interaction.clone(), world.endpoint.url.clone(), world.respond_within)
        };
        let Some((token, payload)) = last else { return };
        if let Some(url) = url {
            return self.post(&token, Post { url, payload }, within).await;
        }
        let waiting = {
            let mut world = self.world();
            let progress = world.interactions.get(&token).map(|interaction| {
                let before = interaction.progress.borrow().attempts;
                (interaction.progress.subscribe(), before)
            });
            world.dispatch("INTERACTION_CREATE", 0, &payload);
            progress
        };
        if let Some((mut progress, before)) = waiting {
            // A bot that knows the interaction may well say nothing: then the wait simply ends.
            let _ = timeout(within, progress.wait_for(|progress| progress.attempts > before)).await;
        }
    }

    /// Waits for an answer, gives up after its time, and says whether there was one.
    pub(super) async fn settle(&self, pending: Option<Pending>) -> bool {
        let Some(mut pending) = pending else { return true };
        let until = Instant::now() + pending.within;
        if let Some((delay, payload)) = pending.late.take() {
            sleep(delay).await;
            self.world().dispatch("INTERACTION_CREATE", 0, &payload);
        }
        let answered = async {
            if let Some(post) = pending.post.take() {
                self.post(&pending.token, post, pending.within).await;
            }
            let answered = pending.progress.wait_for(|progress| progress.phase != Phase::Waiting).await;
            answered.map_or(Phase::Expired, |progress| progress.phase)
        };
        let phase = timeout_at(until, answered).await.unwrap_or(Phase::Expired);
        let mut world = self.world();
        world.expire(&pending.token);
        if let Some(payload) = pending.again {
            world.dispatch("INTERACTION_CREATE", 0, &payload);
        }
        phase == Phase::Answered
    }
}

impl World {
    /// Finds a person and a channel that this person can see, by id or name.
    pub(super) fn somewhere(&mut self, user: &str, channel: &str) -> Result<(String, String), String> {
        let person = self.person(user).ok_or_else(|| format!("there is nobody called {user}"))?;
        let user = person.id.clone();
        let name = channel.strip_prefix('#').unwrap_or(channel);
        let is_it = |place: &&Channel| place.id == channel || (place.kind == ChannelKind::Text && place.name == name);
        let seen = self.durable.channels.iter().filter(|place| self.can_see(&user, place));
        if let Some(place) = seen.into_iter().find(is_it) {
            return Ok((user, place.id.clone()));
        }
        if channel.strip_prefix('@').unwrap_or(channel) == super::BOT_HANDLE {
            let direct = self.direct_channel(&user);
            return Ok((user, direct));
        }
        Err(format!("there is no channel {channel} that {} can see", self.handle(&user)))
    }

    fn say(&mut self, user: &str, channel: &str, text: &str) -> Result<Option<Pending>, String> {
        let (user, channel) = self.somewhere(user, channel)?;
        let text = text.trim();
        if let Some(line) = text.strip_prefix('/') {
            let (path, options) = self.typed(&channel, line)?;
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            return self.invoke(&user, &channel, &path, &options).map(Some);
        }
        let place = self.channel(&channel).ok_or("the channel is gone")?;
        if self.permissions(&user, place) & SEND_MESSAGES == 0 {
            return Err(format!("{} may not write here", self.handle(&user)));
        }
        if text.is_empty() || text.chars().count() > 2_000 {
            return Err("a message has 1 to 2000 characters".to_owned());
        }
        let content = self.with_mentions(text);
        let now = self.time();
        let message = Message::new(self.next_id(), &user, &content, now);
        self.post(&channel, &message);
        Ok(None)
    }

    /// Sends a command with checked options to the bot.
    fn invoke(
        &mut self,
        user: &str,
        channel: &str,
        path: &[&str],
        options: &BTreeMap<String, String>,
    ) -> Result<Pending, String> {
        let data = self.command_data(At { user, channel }, path, options)?;
        let name = path.join(" ");
        Ok(self.start(Start { kind: COMMAND, user, channel, source: None, name, data }))
    }

    fn press(&mut self, user: &str, channel: &str, message: &str, custom_id: &str) -> Result<Pending, String> {
        let (user, channel) = self.somewhere(user, channel)?;
        self.component(&user, &channel, message, custom_id, |kind| kind == 2)?;
        let data = json!({ "custom_id": custom_id, "component_type": 2 });
        let source = Some(message);
        Ok(self.start(Start { kind: COMPONENT, user: &user, channel: &channel, source, name: String::new(), data }))
    }

    fn select(
        &mut self,
        user: &str,
        channel: &str,
        message: &str,
        custom_id: &str,
        value: &str,
    ) -> Result<Pending, String> {
        let (user, channel) = self.somewhere(user, channel)?;
        let menu = self.component(&user, &channel, message, custom_id, |kind| matches!(kind, 3 | 5..=8))?.clone();
        let mut data = json!({ "custom_id": custom_id, "component_type": menu["type"] });
        if menu["type"] == 3 {
            data["values"] = json!([chosen(&menu, value)?]);
        } else {
            let (id, resolved) = self.resolve_choice(&menu, At { user: &user, channel: &channel }, value)?;
            data["values"] = json!([id]);
            data["resolved"] = resolved;
        }
        let source = Some(message);
        Ok(self.start(Start { kind: COMPONENT, user: &user, channel: &channel, source, name: String::new(), data }))
    }

    /// Finds an enabled component of a message that a person sees.
    fn component(
        &self,
        user: &str,
        channel: &str,
        message: &str,
        custom_id: &str,
        wanted: impl Fn(u64) -> bool,
    ) -> Result<&Value, String> {
        let message = self.message(channel, message).filter(|message| message.seen_by(user));
        let message = message.ok_or_else(|| format!("{} sees no such message", self.handle(user)))?;
        let items = message.components.iter().filter_map(|row| row["components"].as_array()).flatten();
        let item =
            items.clone().find(|item| item["custom_id"] == custom_id && item["type"].as_u64().is_some_and(&wanted));
        let Some(item) = item else {
            let ids: Vec<&str> = items.filter_map(|item| item["custom_id"].as_str()).collect();
            return Err(format!("the message has no {custom_id}; it has: {}", ids.join(", ")));
        };
        if item["disabled"] == true { Err(format!("{custom_id} is disabled")) } else { Ok(item) }
    }

    fn submit(
        &mut self,
        user: &str,
        modal_id: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<(String, Pending), String> {
        let user = self.person(user).ok_or_else(|| format!("there is nobody called {user}"))?.id.clone();
        let modal = self.modals.get_mut(&user).filter(|modal| modal.id == modal_id).ok_or("this form is not open")?;
        let faults = faults(modal, values);
        modal.errors = faults.iter().map(|(id, _, fault)| (id.clone(), fault.clone())).collect();
        let data = json!({ "custom_id": modal.custom_id, "components": entered(modal, values) });
        let (channel, opened_by) = (modal.channel.clone(), modal.opened_by.clone());
        self.changed();
        if !faults.is_empty() {
            let texts: Vec<String> = faults.iter().map(|(_, label, fault)| format!("{label}: {fault}")).collect();
            return Err(texts.join("; "));
        }
        let source = opened_by.source.as_deref();
        let start = Start { kind: FORM, user: &user, channel: &channel, source, name: String::new(), data };
        let pending = self.start(start);
        self.note_opener(&pending.token, opened_by);
        Ok((user, pending))
    }

    fn close_modal(&mut self, user: &str, modal_id: &str) {
        if self.modals.get(user).is_some_and(|modal| modal.id == modal_id) {
            self.modals.remove(user);
            self.changed();
        }
    }
}

/// The value of a select's entry, named by its value or by its label.
fn chosen(menu: &Value, word: &str) -> Result<Value, String> {
    let options = menu["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = options.iter().find(|option| option["value"] == word);
    let found = found.or_else(|| options.iter().find(|option| option["label"] == word));
    found.map(|option| option["value"].clone()).ok_or_else(|| {
        let values: Vec<&str> = options.iter().filter_map(|option| option["value"].as_str()).collect();
        format!("{word} can't be chosen; choices: {}", values.join(", "))
    })
}

/// What an input is sent with: what was entered, or what it was filled in with.
fn value_of<'a>(input: &'a Value, values: &'a BTreeMap<String, String>) -> &'a str {
    let id = input["custom_id"].as_str().unwrap_or_default();
    values.get(id).map_or_else(|| input["value"].as_str().unwrap_or_default(), String::as_str)
}

/// What Discord itself would not let through: (custom id, label, fault).
fn faults(modal: &Modal, values: &BTreeMap<String, String>) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for id in values.keys().filter(|id| !modal.inputs().any(|(input, _)| input["custom_id"] == id.as_str())) {
        found.push((id.clone(), id.clone(), "there is no such input".to_owned()));
    }
    for (input, label) in modal.inputs() {
        let value = value_of(input, values);
        let length = u64::try_from(value.chars().count()).unwrap_or(u64::MAX);
        let least = input["min_length"].as_u64().unwrap_or(0);
        let most = input["max_length"].as_u64().unwrap_or(4_000);
        let fault = if value.trim().is_empty() {
            (input["required"] != false).then(|| "this field is required".to_owned())
        } else if input["type"] == 3 {
            chosen(input, value).err()
        } else if length < least {
            Some(format!("must be {least} or more in length"))
        } else {
            (length > most).then(|| format!("must be {most} or fewer in length"))
        };
        if let Some(fault) = fault {
            found.push((input["custom_id"].as_str().unwrap_or_default().to_owned(), label.to_owned(), fault));
        }
    }
    found
}

/// The components of a form as a submit carries them: the shape of the form, with values.
fn entered(modal: &Modal, values: &BTreeMap<String, String>) -> Vec<Value> {
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    let rows = modal.components.iter().zip(modal.inputs());
    rows.map(|(row, (input, _))| {
        let outer = next();
        let value = value_of(input, values);
        let mut filled = json!({ "type": input["type"], "id": next(), "custom_id": input["custom_id"] });
        if input["type"] == 3 {
            let chosen = chosen(input, value).ok();
            filled["values"] = json!(chosen.into_iter().collect::<Vec<Value>>());
        } else {
            filled["value"] = json!(value);
        }
        if row["type"] == 1 {
            json!({ "type": 1, "id": outer, "components": [filled] })
        } else {
            json!({ "type": row["type"], "id": outer, "component": filled })
        }
    })
    .collect()
}
