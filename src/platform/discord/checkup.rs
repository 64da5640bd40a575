//! What can be learnt of the application and its servers before the bot runs in them. Nothing here changes anything.

use chrono::{DateTime, Utc};
use serde_json::Value;
use serenity::http::{LightMethod, Route};
use serenity::model::id::{GuildId, UserId};

use super::permissions::{Server, invitation};
use super::registration::{self, CommandSpec, RegistrationError, Scope};
use super::rest::{Call, bad_id, snowflake, unreadable};
use super::{DiscordAdapter, application_call};
use crate::platform::{Cause, SendError};

/// The application as its owner has set it up.
#[derive(Debug)]
pub struct Application {
    /// Where interactions are sent; over the gateway where there is none.
    pub endpoint: Option<String>,
    /// The moment of the answer by Discord's clock.
    pub date: Option<DateTime<Utc>>,
}

impl DiscordAdapter {
    pub async fn application(&self) -> Result<Application, SendError> {
        let answer = self.rest.send(application_call()).await?;
        let endpoint = answer.body["interactions_endpoint_url"].as_str().filter(|url| !url.is_empty());
        Ok(Application {
            endpoint: endpoint.map(str::to_owned),
            date: answer.date.map(|date| date.with_timezone(&Utc)),
        })
    }

    /// The address by which an administrator brings the bot into a server.
    pub fn invitation(&self) -> String {
        invitation(&self.application.to_string())
    }

    /// A server with the bot's own membership and every channel.
    pub async fn server(&self, id: &str) -> Result<Server, SendError> {
        let guild_id = GuildId::from(snowflake(id).ok_or_else(|| bad_id("get server"))?);
        let user_id = UserId::from(snowflake(&self.bot).ok_or_else(|| bad_id("get member"))?);
        let guild = self.get("get server", Route::Guild { guild_id }, guild_id.get()).await?;
        let member = self.get("get member", Route::GuildMember { guild_id, user_id }, guild_id.get()).await?;
        let channels = self.get("list channels", Route::GuildChannels { guild_id }, guild_id.get()).await?;
        let channels = channels.as_array().cloned().ok_or_else(|| unreadable("list channels"))?;
        Ok(Server::new(guild, member, channels))
    }

    /// Whether an account is in a server.
    pub async fn is_member(&self, server: &str, account: &str) -> Result<bool, SendError> {
        let guild_id = GuildId::from(snowflake(server).ok_or_else(|| bad_id("get member"))?);
        let user_id = UserId::from(snowflake(account).ok_or_else(|| bad_id("get member"))?);
        match self.get("get member", Route::GuildMember { guild_id, user_id }, guild_id.get()).await {
            Ok(_) => Ok(true),
            Err(error) if error.is(Cause::NoAccount) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the commands that Discord offers are these.
    pub async fn is_registered(&self, scope: &Scope, specs: &[CommandSpec]) -> Result<bool, RegistrationError> {
        registration::is_registered(&self.rest, self.application, scope, specs).await
    }

    async fn get(&self, name: &'static str, route: Route<'_>, major: u64) -> Result<Value, SendError> {
        Ok(self.rest.send(Call::new(name, LightMethod::Get, route, major)).await?.body)
    }
}
