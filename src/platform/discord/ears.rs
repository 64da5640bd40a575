//! What is heard on the gateway: interactions are answered, news of servers are told, the rest is counted.

use std::sync::Arc;

use serde_json::Value;
use serenity::all::{Context, Event, Interaction, RawEventHandler};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::inbound::read;
use super::listener::{Guilds, Sessions};
use super::respond::{First, answer};
use super::rest::Rest;
use crate::app::inbound::{Act, Inbound, Reply};
use crate::domain::{Account, Place, Platform, Standing};
use crate::platform::ignored::ignored;

/// Discord's words for what the gateway may send and the bot does not act on, in the metric of ignored deliveries. An
/// interaction among them has nothing by which it could be answered.
const EVENTS: [&str; 24] = [
    "INTERACTION_CREATE",
    "GUILD_UPDATE",
    "GUILD_DELETE",
    "GUILD_ROLE_CREATE",
    "GUILD_ROLE_UPDATE",
    "GUILD_ROLE_DELETE",
    "GUILD_MEMBER_ADD",
    "GUILD_MEMBER_UPDATE",
    "GUILD_MEMBER_REMOVE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "CHANNEL_DELETE",
    "CHANNEL_PINS_UPDATE",
    "THREAD_CREATE",
    "THREAD_UPDATE",
    "THREAD_DELETE",
    "THREAD_LIST_SYNC",
    "THREAD_MEMBER_UPDATE",
    "THREAD_MEMBERS_UPDATE",
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
    "USER_UPDATE",
];

/// Hears events and hands interactions on.
pub(super) struct Ears<F> {
    pub rest: Arc<Rest>,
    pub handler: F,
    pub guilds: Arc<Guilds>,
    pub sessions: Arc<Sessions>,
    pub tracker: TaskTracker,
    /// Set when this connection was given up: what still arrives on it arrives on the next one as well.
    pub ended: CancellationToken,
}

#[serenity::async_trait]
impl<F, Fut> RawEventHandler for Ears<F>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    /// Called by serenity in a task of its own for each event, so that a slow one holds up no other.
    async fn raw_event(&self, _: Context, event: Event) {
        let received = Instant::now();
        if self.ended.is_cancelled() {
            return;
        }
        let raw = match event {
            Event::InteractionCreate(event) => written_back(&event.interaction),
            Event::Unknown(event) if event.kind == "INTERACTION_CREATE" => Some(event.value),
            other => {
                if let Some(news) = self.notice(&other) {
                    self.tracker.track_future(self.tell(news)).await;
                }
                return;
            }
        };
        let Some(delivery) = raw.as_ref().and_then(read) else {
            tracing::warn!("Discord sent an interaction that can't even be answered");
            ignored("discord", "INTERACTION_CREATE", &EVENTS);
            return;
        };
        // The task is serenity's, and serenity forgets it; the tracker waits for it at the end.
        self.tracker.track_future(answer(&self.rest, delivery, First::Callback, &self.handler, received)).await;
    }
}

impl<F, Fut> Ears<F>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    /// Nobody waits for an answer to news; a failure is logged where it happens.
    async fn tell(&self, news: Inbound) {
        let delivery = news.delivery.clone();
        if (self.handler)(news).await.is_err() {
            tracing::warn!(delivery, "what Discord told of a server was not kept");
        }
    }

    /// What an event says about the bot's own membership, if it says anything.
    fn notice(&self, event: &Event) -> Option<Inbound> {
        match event {
            Event::Ready(event) => {
                self.sessions.began(Instant::now());
                let ids = event.ready.guilds.iter().map(|guild| guild.id.to_string()).collect();
                self.guilds.change(|guilds| *guilds = ids);
                tracing::info!(bot = %event.ready.user.name, "connected to Discord's gateway");
            }
            Event::Resumed(_) => tracing::info!("resumed the session at Discord's gateway"),
            Event::GuildCreate(event) => {
                self.guilds.change(|guilds| guilds.insert(event.guild.id.to_string()));
                return Some(news(&event.guild.id.to_string(), Act::BotIsMember));
            }
            // Unavailable is an outage at Discord; otherwise the bot was removed.
            Event::GuildDelete(event) if !event.guild.unavailable => {
                self.guilds.change(|guilds| guilds.remove(&event.guild.id.to_string()));
                let why = "removed_from_server".to_owned();
                return Some(news(&event.guild.id.to_string(), Act::BotWasRemoved { why }));
            }
            other => {
                let name = match other {
                    Event::Unknown(event) => Some(event.kind.clone()),
                    known => known.name(),
                };
                ignored("discord", name.as_deref().unwrap_or_default(), &EVENTS);
            }
        }
        None
    }
}

/// What the gateway tells of a server. Events have no id of their own; the same news twice changes nothing.
fn news(guild: &str, act: Act) -> Inbound {
    let workspace = guild.to_owned();
    Inbound {
        delivery: format!("discord:{guild}:{:016x}", rand::random::<u64>()),
        place: Place { platform: Platform::Discord, workspace: workspace.clone(), channel: String::new() },
        account: Account { platform: Platform::Discord, workspace, id: String::new() },
        account_name: String::new(),
        standing: Standing::Member,
        message: None,
        act,
    }
}

/// An interaction that serenity could read, as JSON again.
///
/// serenity keeps the text of an event only where it failed to read it. So there is one reader, ours, for both: what
/// serenity read is written back (it loses nothing that we ask for, except the type, which its model turns into a
/// variant), and what it could not read comes as it was sent.
pub(super) fn written_back(interaction: &Interaction) -> Option<Value> {
    let mut raw = serde_json::to_value(interaction).ok()?;
    raw.as_object_mut()?.insert("type".into(), u8::from(interaction.kind()).into());
    Some(raw)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user() -> Value {
        json!({ "id": "42", "username": "ana", "discriminator": "0", "global_name": "Ana", "avatar": null })
    }

    fn interaction(kind: u8, data: &Value) -> Value {
        json!({
            "id": "900", "application_id": "77", "type": kind, "token": "tok", "version": 1,
            "guild_id": "5", "channel_id": "6", "locale": "en-GB", "entitlements": [],
            "app_permissions": "0", "attachment_size_limit": 1000,
            "member": {
                "user": user(), "nick": "Ana B", "roles": [], "joined_at": "2024-01-01T00:00:00Z", "deaf": false,
                "mute": false, "flags": 0, "permissions": "0",
            },
            "data": data,
        })
    }

    fn through_serenity(raw: Value) -> Value {
        let interaction: Interaction = serde_json::from_value(raw).expect("serenity reads it");
        written_back(&interaction).expect("and writes it back")
    }

    #[test]
    fn what_serenity_read_is_read_the_same() {
        let command = interaction(
            2,
            &json!({ "id": "1", "name": "inc", "type": 1, "options": [
            { "name": "vote", "type": 2, "options": [{ "name": "approve", "type": 1, "options": [
                { "name": "who", "type": 6, "value": "42" },
                { "name": "minutes", "type": 4, "value": 15 },
                { "name": "urgent", "type": 5, "value": false },
            ] }] },
        ] }),
        );
        let mut message = json!({
            "id": "8", "channel_id": "6", "author": user(), "content": "", "timestamp": "2024-01-01T00:00:00Z",
            "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": [], "mention_roles": [],
            "attachments": [], "embeds": [], "pinned": false, "type": 0, "flags": 64,
        });
        message["components"] = json!([{ "type": 1, "components": [
            { "type": 2, "style": 1, "label": "Continue", "custom_id": "n|frm" },
        ] }]);
        let mut select = interaction(3, &json!({ "custom_id": "s|frm|sev", "component_type": 3, "values": ["sev1"] }));
        select["message"] = message.clone();
        let mut modal = interaction(
            5,
            &json!({ "custom_id": "f|frm", "components": [
            { "type": 1, "components": [{ "type": 4, "custom_id": "title", "value": "Checkout" }] },
        ] }),
        );
        modal["message"] = message;
        for raw in [command, select, modal] {
            let (direct, around) = (read(&raw).unwrap(), read(&through_serenity(raw)).unwrap());
            assert!(direct.inbound.is_some());
            assert_eq!(around.inbound, direct.inbound);
            assert_eq!((around.kind, around.in_form), (direct.kind, direct.in_form));
        }
    }

    #[test]
    fn what_serenity_can_not_read_is_read_all_the_same() {
        let mut raw = interaction(3, &json!({ "custom_id": "b1.approve", "component_type": 2 }));
        raw.as_object_mut().unwrap().remove("locale");
        assert!(serde_json::from_value::<Interaction>(raw.clone()).is_err());
        let act = read(&raw).unwrap().inbound.unwrap().act;
        assert_eq!(act, Act::Presses { button: "b1.approve".into() });
    }
}
