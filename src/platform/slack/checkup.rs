//! What can be learnt of a workspace before the bot runs in it. Nothing here changes anything.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::client::{SlackApi, refused, unclear};
use super::{SlackError, SlackSettings};
use crate::platform::SendError;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Asks Slack about the bot and its surroundings.
#[derive(Debug)]
pub struct Checkup {
    api: SlackApi,
    /// The client library keeps the headers of an answer to itself.
    http: reqwest::Client,
    url: String,
    bot_token: SecretString,
}

/// Whose the bot token is, and what it may do.
#[derive(Debug)]
pub struct Identity {
    pub bot_user: String,
    pub workspace: String,
    pub workspace_name: String,
    /// The scopes that were granted, where Slack said.
    pub scopes: Option<BTreeSet<String>>,
    /// The moment of the answer by Slack's clock.
    pub date: Option<DateTime<Utc>>,
}

/// How a channel stands towards the bot.
#[derive(Debug)]
pub struct ChannelState {
    pub name: String,
    pub is_archived: bool,
    pub is_private: bool,
    pub is_member: bool,
}

impl Checkup {
    pub fn new(settings: &SlackSettings) -> Result<Checkup, SlackError> {
        let api = SlackApi::new(settings)?;
        let mut http = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
        if api.is_plain_http() {
            http = http.no_proxy();
        }
        Ok(Checkup {
            api,
            http: http.build().map_err(|_| SlackError::Tls)?,
            url: format!("{}/auth.test", settings.api_url.trim_end_matches('/')),
            bot_token: settings.bot_token.clone(),
        })
    }

    pub async fn identity(&self) -> Result<Identity, SendError> {
        let request = self.http.post(&self.url).bearer_auth(self.bot_token.expose_secret());
        let answer = request.send().await.map_err(|error| unclear(&error.without_url().to_string()))?;
        let headers = answer.headers().clone();
        let body: Value = answer.json().await.map_err(|_| unclear("an answer that can't be read"))?;
        if body["ok"] != true {
            return Err(refused("auth.test", body["error"].as_str().unwrap_or_default()));
        }
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Ok(Identity {
            bot_user: text("user_id"),
            workspace: text("team_id"),
            workspace_name: text("team"),
            scopes: header(&headers, "x-oauth-scopes")
                .map(|scopes| scopes.split(',').map(|scope| scope.trim().to_owned()).collect()),
            date: header(&headers, DATE.as_str())
                .and_then(|date| DateTime::parse_from_rfc2822(date).ok())
                .map(|date| date.with_timezone(&Utc)),
        })
    }

    /// Whether Socket Mode would let the bot in.
    pub async fn socket(&self) -> Result<(), SendError> {
        self.api.open_connection().await.map(drop)
    }

    pub async fn channel(&self, id: &str) -> Result<ChannelState, SendError> {
        let answer = self.api.get("conversations.info", &[("channel", id.to_owned())]).await?;
        let channel = &answer["channel"];
        Ok(ChannelState {
            name: channel["name"].as_str().unwrap_or(id).to_owned(),
            is_archived: channel["is_archived"] == true,
            is_private: channel["is_private"] == true,
            is_member: channel["is_member"] == true,
        })
    }

    /// Whether an account is there and was not deactivated.
    pub async fn is_active(&self, id: &str) -> Result<bool, SendError> {
        let answer = self.api.get("users.info", &[("user", id.to_owned())]).await?;
        Ok(answer["user"]["deleted"] != true)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
