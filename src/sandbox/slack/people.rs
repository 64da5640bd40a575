//! What people do: they type, and they click.

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::aftermath::Aftermath;
use super::cast::BOT_HANDLE;
use super::events::HOME;
use super::form_state;
use super::mrkdwn::{self, Mentions};
use super::socket::{Answer, Envelope};
use super::state::State;
use super::world::{Channel, Content, Kind};

impl SlackWorkspace {
    /// Lets a person type something. A registered command is sent to the bot, and this returns once the bot has
    /// acknowledged it or Slack has given up waiting; what the person is told then is in the channel, for them alone.
    /// A public channel that the person is not in is joined first. `@wardroom` is the conversation with the bot.
    pub async fn say(&self, user: &str, channel: &str, text: &str) -> Result<(), String> {
        let person = self.person_id(user)?;
        let text = text.trim();
        if text.is_empty() {
            return Err("there is nothing to say".to_owned());
        }
        let channel = self.with(|state| self.enter(state, &person, channel))?;
        if text.starts_with('/') {
            self.command(&person, &channel, text).await;
        } else {
            self.message(&person, &channel, None, text).await;
        }
        Ok(())
    }

    /// Lets a person write into the thread below a message. Slack knows no slash commands there.
    pub async fn reply(&self, user: &str, channel: &str, thread_ts: &str, text: &str) -> Result<(), String> {
        let person = self.person_id(user)?;
        let text = text.trim();
        if text.is_empty() {
            return Err("there is nothing to say".to_owned());
        }
        let channel = self.with(|state| {
            let channel = self.enter(state, &person, channel)?;
            let post = state.world.channel(&channel).and_then(|found| found.post(thread_ts));
            post.filter(|post| post.ephemeral_to.is_none()).ok_or("there is no such message here")?;
            Ok::<_, String>(channel)
        })?;
        if text.starts_with('/') {
            let told = "Slash commands are not supported in threads";
            self.with(|state| self.notice(state, &person, &channel, told));
        } else {
            self.message(&person, &channel, Some(thread_ts), text).await;
        }
        Ok(())
    }

    /// Lets a person click a button, in a message as they see it or, with a form's id in place of `message_ts`, in a
    /// form. A question that the button asks first counts as confirmed.
    pub async fn press(&self, user: &str, channel: &str, message_ts: &str, action_id: &str) -> Result<(), String> {
        self.act(user, channel, message_ts, action_id, None).await
    }

    /// Lets a person choose from a menu of a message or form, by value or label.
    pub async fn choose(
        &self,
        user: &str,
        channel: &str,
        message_ts: &str,
        action_id: &str,
        choice: &str,
    ) -> Result<(), String> {
        self.act(user, channel, message_ts, action_id, Some(choice)).await
    }

    /// Turns the bot's `message` events on or off; they are on until then.
    pub fn set_events_enabled(&self, enabled: bool) {
        self.events_enabled.store(enabled, std::sync::atomic::Ordering::Relaxed);
    }

    /// Lets every trigger handed out so far be too old, so that a test need not wait for it.
    pub fn expire_triggers(&self) {
        self.with(|state| {
            let long_ago = std::time::Instant::now().checked_sub(super::state::TRIGGER_LIFETIME * 2);
            for trigger in state.live.triggers.values_mut() {
                trigger.at = long_ago.unwrap_or(trigger.at);
            }
        });
    }

    pub(super) fn person_id(&self, user: &str) -> Result<String, String> {
        let person = self.cast.person(user).ok_or_else(|| format!("there is no person \"{user}\""))?;
        if self.with(|state| state.world.account(&person.id).deactivated) {
            return Err(format!("{user} is deactivated"));
        }
        Ok(person.id.clone())
    }

    /// Finds the channel that a person means, and takes them there.
    fn enter(&self, state: &mut State, person: &str, named: &str) -> Result<String, String> {
        if named.trim_start_matches('@') == BOT_HANDLE || named == self.cast.bot_user_id {
            let now = self.now();
            return Ok(state.world.direct(person, &self.cast.bot_user_id, now).id.clone());
        }
        let id = state.world.find(named).map(|channel| channel.id.clone());
        let channel = id.and_then(|id| state.world.channel_mut(&id)).filter(|channel| channel.visible_to(person));
        let channel = channel.ok_or_else(|| format!("there is no channel \"{named}\""))?;
        if channel.archived {
            return Err(format!("#{} is archived", channel.name));
        }
        if channel.kind == Kind::Public && channel.members.insert(person.to_owned()) {
            state.changed = true;
        }
        Ok(channel.id.clone())
    }

    async fn command(&self, person: &str, channel: &str, text: &str) {
        let (command, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if !self.cast.commands.iter().any(|known| known.command == command) {
            let text = format!("{command} is not a valid command");
            self.with(|state| self.notice(state, person, channel, &text));
            return;
        }
        let envelope = self.with(|state| self.command_envelope(state, person, channel, command, words.trim()));
        let told = match self.deliver(envelope, 0).await {
            Answer::Acknowledged(_) => return,
            Answer::TimedOut => format!("{command} failed with the error \"operation_timeout\""),
            Answer::NotConnected => format!("{command} failed: the app is not connected (dispatch_failed)"),
            Answer::Refused => format!("{command} failed with the error \"dispatch_failed\""),
        };
        self.with(|state| self.notice(state, person, channel, &told));
    }

    fn command_envelope(&self, state: &mut State, person: &str, channel: &str, command: &str, words: &str) -> Envelope {
        let response_id = state.live.new_response(person, channel, None);
        let payload = json!({
            "token": super::VERIFICATION_TOKEN,
            "team_id": self.cast.team_id,
            "team_domain": self.cast.domain(),
            "channel_id": channel,
            "channel_name": state.world.channel(channel).map_or("", Channel::wire_name),
            "user_id": person,
            "user_name": self.cast.handle_of(person),
            "command": command,
            "text": mrkdwn::encode(words, Mentions::Named, &self.cast, &state.world),
            "api_app_id": self.cast.app_id(),
            "is_enterprise_install": "false",
            "response_url": self.response_address(&response_id),
            "trigger_id": state.live.new_trigger(person),
        });
        let aftermath = Aftermath::Command {
            user: person.to_owned(),
            channel: channel.to_owned(),
            command: command.to_owned(),
            response_id,
        };
        Envelope { kind: "slash_commands", payload, accepts_response_payload: true, aftermath }
    }

    async fn message(&self, person: &str, channel: &str, thread: Option<&str>, text: &str) {
        let event = self.with(|state| {
            let text = mrkdwn::encode(text, Mentions::Bare, &self.cast, &state.world);
            let content = Content { thread_ts: thread.map(ToOwned::to_owned), ..Content::text(text.clone()) };
            let ts = state.world.post(channel, person, content, None, self.now());
            state.changed = true;
            let channel = state.world.channel(channel)?;
            let told = channel.members.contains(&self.cast.bot_user_id) && self.events_enabled();
            told.then(|| self.message_event(channel, person, &text, &ts, thread))
        });
        if let Some(event) = event {
            // Nobody waits for the bot here; waiting only lets a test see the consequences.
            self.tell(event).await;
        }
    }

    async fn act(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        action_id: &str,
        choice: Option<&str>,
    ) -> Result<(), String> {
        let person = self.person_id(user)?;
        let (channel, envelope) = self.with(|state| {
            if channel == HOME {
                return Ok((None, self.home_action(state, &person, action_id)?));
            }
            let modal = state.live.modals.get(&person).and_then(|stack| stack.iter().find(|modal| modal.id == ts));
            if let Some(modal) = modal {
                let action = self.action(&modal.view["blocks"], action_id, choice)?;
                let envelope = self.modal_action(state, &person, ts, &action).ok_or("this form is not open")?;
                return Ok::<_, String>((None, envelope));
            }
            let (channel, envelope) = self.message_action(state, &person, channel, ts, action_id, choice)?;
            Ok((Some(channel), envelope))
        })?;
        let told = match self.deliver(envelope, 0).await {
            Answer::Acknowledged(result) => return result,
            Answer::TimedOut => "The app did not answer the click in time (operation_timeout)",
            Answer::NotConnected => "The click failed: the app is not connected (dispatch_failed)",
            Answer::Refused => "The click failed: the app did not take it (dispatch_failed)",
        };
        match channel {
            Some(channel) => self.with(|state| self.notice(state, &person, &channel, told)),
            None => return Err(told.to_owned()),
        }
        Ok(())
    }

    fn message_action(
        &self,
        state: &mut State,
        person: &str,
        channel: &str,
        ts: &str,
        action_id: &str,
        choice: Option<&str>,
    ) -> Result<(String, Envelope), String> {
        let found = state.world.find(channel).filter(|channel| channel.visible_to(person));
        let channel = found.ok_or_else(|| format!("there is no channel \"{channel}\""))?;
        let post = channel.post(ts).filter(|post| post.visible_to(person));
        let post = post.ok_or_else(|| format!("there is no message {ts} here"))?;
        let action = self.action(&json!(post.blocks), action_id, choice)?;
        let ephemeral = post.ephemeral_to.is_some();
        let mut payload = json!({
            "type": "block_actions", "team": self.team_json(), "user": self.actor_json(person),
            "api_app_id": self.cast.app_id(), "token": super::VERIFICATION_TOKEN,
            "container": {
                "type": "message", "message_ts": ts, "channel_id": channel.id, "is_ephemeral": ephemeral,
            },
            "channel": {"id": channel.id, "name": channel.wire_name()},
            "is_enterprise_install": false, "enterprise": null, "state": {"values": {}}, "actions": [action],
        });
        // Slack does not keep what only one person saw, and so cannot send it along.
        if !ephemeral {
            payload["message"] = self.message_json(post, true);
        }
        let channel = channel.id.clone();
        let response_id = state.live.new_response(person, &channel, Some(ts));
        payload["response_url"] = json!(self.response_address(&response_id));
        payload["trigger_id"] = json!(state.live.new_trigger(person));
        let aftermath = Aftermath::Nothing;
        Ok((channel, Envelope { kind: "interactive", payload, accepts_response_payload: false, aftermath }))
    }

    /// What a click or choice says of itself.
    pub(super) fn action(&self, blocks: &Value, action_id: &str, choice: Option<&str>) -> Result<Value, String> {
        let all = blocks.as_array().into_iter().flatten();
        let mut named = all.flat_map(|block| form_state::elements(block).map(move |element| (block, element)));
        let found = named.find(|(_, element)| element["action_id"] == action_id);
        let (block, element) = found.ok_or_else(|| format!("there is no button \"{action_id}\" here"))?;
        let mut action = match form_state::element_state(element, choice, &self.cast) {
            Some(state) => state?,
            None => json!({"type": element["type"], "text": element["text"]}),
        };
        for name in ["value", "style"] {
            if let Some(value) = element.get(name) {
                action[name] = value.clone();
            }
        }
        action["action_id"] = json!(action_id);
        action["block_id"] = block["block_id"].clone();
        let now = self.now();
        action["action_ts"] = json!(format!("{}.{:06}", now.timestamp(), now.timestamp_subsec_micros()));
        Ok(action)
    }

    fn response_address(&self, id: &str) -> String {
        format!("{}/response/{id}", self.base_url())
    }
}
