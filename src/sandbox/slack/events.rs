//! The Events API: what Slack tells the bot without being asked, and what brings it about.

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::aftermath::Aftermath;
use super::socket::{Answer, Envelope};
use super::state::{State, random_hex};
use super::world::{Channel, Kind};

/// In place of a channel: the app's home.
pub const HOME: &str = "home";
/// How often Slack tells an event again that was not acknowledged.
const RETRIES: u32 = 3;

impl SlackWorkspace {
    /// Lets a person open the app's home. What it shows then is in [`Self::home`].
    pub async fn open_home(&self, user: &str) -> Result<(), String> {
        let person = self.person_id(user)?;
        let event = self.with(|state| {
            let now = self.now();
            let channel = state.world.direct(&person, &self.cast.bot_user_id, now).id.clone();
            let mut event = json!({
                "type": "app_home_opened", "user": person, "channel": channel, "tab": "home",
                "event_ts": state.world.next_ts(now),
            });
            if let Some(view) = state.live.homes.get(&person) {
                event["view"] = view.clone();
            }
            event
        });
        self.tell(self.event(&event)).await;
        Ok(())
    }

    /// Deactivates an account, as an administrator of the workspace does, or takes it back.
    pub async fn set_deactivated(&self, user: &str, deactivated: bool) -> Result<(), String> {
        self.change_account(user, |account| account.deactivated = deactivated).await
    }

    /// Gives an account another display name.
    pub async fn rename(&self, user: &str, name: &str) -> Result<(), String> {
        self.change_account(user, |account| account.name = Some(name.to_owned())).await
    }

    /// Changes what the workspace knows of an account, and tells the bot, as Slack does (`user_change`).
    pub async fn change_account(
        &self,
        user: &str,
        change: impl FnOnce(&mut super::world::AccountState),
    ) -> Result<(), String> {
        let person = self.cast.person(user).ok_or_else(|| format!("there is no person \"{user}\""))?;
        let event = self.with(|state| {
            change(state.world.accounts.entry(person.id.clone()).or_default());
            state.changed = true;
            let event_ts = state.world.next_ts(self.now());
            let user = self.user_json(state, &person.id);
            json!({"type": "user_change", "user": user, "cache_ts": self.now().timestamp(), "event_ts": event_ts})
        });
        self.tell(self.event(&event)).await;
        Ok(())
    }

    /// Removes the app from the workspace: it is told, its tokens are dead, its connections end.
    pub async fn uninstall(&self) {
        let bot = &self.cast.bot_user_id;
        let revoked = json!({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot]}, "event_ts": "0.0"});
        let uninstalled = json!({"type": "app_uninstalled", "event_ts": "0.0"});
        self.tell(self.event(&revoked)).await;
        self.tell(self.event(&uninstalled)).await;
        self.with(|state| state.world.uninstalled = true);
        self.send_disconnect("link_disabled");
        self.drop_connections().await;
    }

    /// Installs the app again; the sandbox hands out the same tokens.
    pub fn install(&self) {
        self.with(|state| state.world.uninstalled = false);
    }

    /// Tells an event, again where it is not acknowledged.
    pub(super) async fn tell(&self, envelope: Envelope) {
        for attempt in 0..=RETRIES {
            match self.deliver(envelope.clone(), attempt).await {
                Answer::Acknowledged(_) | Answer::NotConnected | Answer::Refused => return,
                // A request is repeated where it is sent.
                Answer::TimedOut if self.requests().urls.is_some() => return,
                Answer::TimedOut => {}
            }
        }
    }

    /// Delivers an event as it is, whatever its shape: what tests hand in.
    pub async fn tell_event(&self, event: Value) {
        self.tell(self.event(&event)).await;
    }

    pub(super) fn message_event(
        &self,
        channel: &Channel,
        person: &str,
        text: &str,
        ts: &str,
        thread: Option<&str>,
    ) -> Envelope {
        let kind = match channel.kind {
            Kind::Public => "channel",
            Kind::Private => "group",
            Kind::Direct(_) => "im",
        };
        let mut event = json!({
            "type": "message", "channel": channel.id, "channel_type": kind, "user": person, "text": text,
            "ts": ts, "event_ts": ts, "team": self.cast.team_id, "client_msg_id": uuid::Uuid::new_v4(),
        });
        if let Some(thread) = thread {
            event["thread_ts"] = json!(thread);
            event["parent_user_id"] = json!(channel.post(thread).map(|post| &post.author));
        }
        self.event(&event)
    }

    fn event(&self, event: &Value) -> Envelope {
        let payload = json!({
            "token": super::VERIFICATION_TOKEN, "team_id": self.cast.team_id, "api_app_id": self.cast.app_id(),
            "type": "event_callback", "event_id": format!("Ev{}", &random_hex()[..10].to_uppercase()),
            "event_time": self.now().timestamp(), "is_ext_shared_channel": false,
            "authorizations": [{
                "enterprise_id": null, "team_id": self.cast.team_id, "user_id": self.cast.bot_user_id,
                "is_bot": true, "is_enterprise_install": false,
            }],
            "event": event,
        });
        Envelope { kind: "events_api", payload, accepts_response_payload: false, aftermath: Aftermath::Nothing }
    }

    /// The payload of a button in the app's home: there is no channel and no message, only the view.
    pub(super) fn home_action(&self, state: &mut State, person: &str, action_id: &str) -> Result<Envelope, String> {
        let mut view = state.live.homes.get(person).cloned().ok_or("the app's home is empty")?;
        view.as_object_mut().and_then(|view| view.remove("at"));
        let action = self.action(&view["blocks"], action_id, None)?;
        let payload = json!({
            "type": "block_actions", "team": self.team_json(), "user": self.actor_json(person),
            "api_app_id": self.cast.app_id(), "token": super::VERIFICATION_TOKEN,
            "container": {"type": "view", "view_id": view["id"]}, "trigger_id": state.live.new_trigger(person),
            "is_enterprise_install": false, "enterprise": null, "view": view, "actions": [action],
        });
        let aftermath = Aftermath::Nothing;
        Ok(Envelope { kind: "interactive", payload, accepts_response_payload: false, aftermath })
    }
}
