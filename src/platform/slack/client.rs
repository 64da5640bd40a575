//! The one door to Slack's Web API: every call has a time limit and a turn, and every failure becomes a [`SendError`].
//!
//! Bodies are raw JSON: the library's response models refuse answers of shapes they don't know *after* the call took
//! effect, and some of its requests send the wrong field names. Its errors carry response bodies, so they are reduced
//! to codes here and never shown or logged themselves.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use slack_morphism::errors::SlackClientError;
use slack_morphism::hyper_tokio::connector::SlackClientHyperHttpsConnector;
use slack_morphism::{
    ClientResult, SlackApiToken, SlackApiTokenValue, SlackClient, SlackClientApiCallContext, SlackClientHttpConnector,
};
use tokio::time::timeout;
use url::Url;

use super::limiter::{Limiter, Turn};
use super::tiers::Rate;
use super::{SlackError, SlackSettings};
use crate::address::is_loopback;
use crate::domain::{Platform, Urgency};
use crate::platform::{SendError, pulse};

/// The library has no time limit of its own. Slack answers within a second; after ten nothing will come.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to leave a method alone when Slack does not say.
const RETRY_AFTER_DEFAULT: Duration = Duration::from_secs(5);
/// An error code is a word such as `channel_not_found`; anything else is not repeated.
const CODE_MAX: usize = 60;

const PLATFORM: Platform = Platform::Slack;

/// Slack's Web API with the tokens of one app.
#[derive(Debug, Clone)]
pub struct SlackApi {
    client: Arc<SlackClient<SlackClientHyperHttpsConnector>>,
    bot: Arc<SlackApiToken>,
    /// Without one, nothing is heard over Socket Mode.
    app: Option<Arc<SlackApiToken>>,
    limiter: Arc<Limiter>,
    plain_http: bool,
}

impl SlackApi {
    /// Prepares the client; nothing is sent yet. Plain http is accepted for this machine only.
    pub fn new(settings: &SlackSettings) -> Result<SlackApi, SlackError> {
        let url = Url::parse(&settings.api_url).map_err(|_| SlackError::ApiUrl)?;
        let plain_http = match url.scheme() {
            "https" => false,
            "http" if is_loopback(&url) => true,
            _ => return Err(SlackError::ApiUrl),
        };
        let connector = connector(plain_http)?.with_slack_api_url(settings.api_url.trim_end_matches('/'));
        Ok(SlackApi {
            client: Arc::new(SlackClient::new(connector)),
            bot: Arc::new(token(&settings.bot_token)),
            app: settings.app_token.as_ref().map(|secret| Arc::new(token(secret))),
            limiter: Arc::default(),
            plain_http,
        })
    }

    /// Whether this client talks to this machine in plain http, so that a plain `ws` address is to be expected.
    pub(super) fn is_plain_http(&self) -> bool {
        self.plain_http
    }

    /// Whether there is a token with which to open connections.
    pub(super) fn has_app_token(&self) -> bool {
        self.app.is_some()
    }

    /// Takes another pace for messages in a channel than Slack's own: tests are in a hurry.
    pub(super) fn at_pace(mut self, channel: Rate) -> SlackApi {
        self.limiter = Arc::new(Limiter::new(channel));
        self
    }

    /// Calls a method that takes JSON, for somebody who waits.
    pub async fn post(&self, call: &'static str, body: &Value) -> Result<Value, SendError> {
        self.post_as(Urgency::Page, call, body).await
    }

    /// Calls a method that takes JSON, when its turn comes.
    pub async fn post_as(&self, urgency: Urgency, call: &'static str, body: &Value) -> Result<Value, SendError> {
        // Slack counts messages by channel; for everything else it counts calls, and says so when it has enough.
        let channel = match call {
            "chat.postMessage" | "chat.postEphemeral" | "chat.update" => body["channel"].as_str(),
            _ => None,
        };
        self.turn(Turn { call, channel, urgency }).await?;
        let session = self.client.open_session(&self.bot);
        self.bounded(call, session.http_session_api.http_post(call, body, None)).await
    }

    /// Calls a reading method; Slack takes no JSON there.
    pub async fn get(&self, call: &'static str, params: &[(&str, String)]) -> Result<Value, SendError> {
        self.turn(Turn { call, channel: None, urgency: Urgency::Page }).await?;
        let params: Vec<(&str, Option<String>)> =
            params.iter().map(|(name, value)| (*name, Some(value.clone()))).collect();
        let session = self.client.open_session(&self.bot);
        self.bounded(call, session.http_session_api.http_get(call, &params, None)).await
    }

    /// Asks for the address of a Socket Mode connection. It holds a ticket, so it is a secret.
    pub async fn open_connection(&self) -> Result<SecretString, SendError> {
        let call = "apps.connections.open";
        let app = self.app.as_ref().ok_or_else(|| refused(call, "not_authed"))?;
        let session = self.client.open_session(app);
        let answer: Value = self.bounded(call, session.http_session_api.http_post(call, &json!({}), None)).await?;
        let url = answer["url"].as_str().ok_or_else(|| unclear("an answer without an address"))?;
        Ok(SecretString::from(url))
    }

    /// Posts to the address that came with a command or a click.
    pub async fn respond(&self, response_url: &SecretString, body: &Value) -> Result<(), SendError> {
        let call = "response_url";
        let refused = || SendError::Refused { platform: PLATFORM, call, code: "bad_url".to_owned() };
        let url = Url::parse(response_url.expose_secret()).map_err(|_| refused())?;
        let span = tracing::Span::none();
        let context = SlackClientApiCallContext {
            rate_control_params: None,
            token: None,
            tracing_span: &span,
            is_sensitive_url: true,
        };
        self.turn(Turn { call, channel: None, urgency: Urgency::Page }).await?;
        self.bounded(call, self.client.http_api.connector.http_post_uri::<_, Value>(url, body, context)).await?;
        Ok(())
    }

    /// Sends the content of a file to the address that was given out for it, which is a secret.
    pub async fn upload(&self, url: &SecretString, file: &[u8]) -> Result<(), SendError> {
        let call = "upload_url";
        let url = Url::parse(url.expose_secret()).map_err(|_| refused(call, "bad_url"))?;
        let span = tracing::Span::none();
        let context = SlackClientApiCallContext {
            rate_control_params: None,
            token: None,
            tracing_span: &span,
            is_sensitive_url: true,
        };
        let kind = "application/octet-stream".to_owned();
        let sent = self.client.http_api.connector.http_post_uri_binary::<Value>(url, kind, file, context);
        self.bounded(call, sent).await.map(drop)
    }

    async fn turn(&self, turn: Turn<'_>) -> Result<(), SendError> {
        // Rounded up: to come back too early is to wait again.
        let late = |wait: Duration| SendError::RateLimited { platform: PLATFORM, after_secs: wait.as_secs() + 1 };
        self.limiter.turn(turn).await.map_err(late)
    }

    async fn bounded<T>(
        &self,
        call: &'static str,
        sent: impl Future<Output = ClientResult<T>>,
    ) -> Result<T, SendError> {
        let outcome = match timeout(CALL_TIMEOUT, sent).await {
            Ok(answered) => answered.map_err(|error| self.send_error(call, error)),
            Err(_) => Err(unclear(&format!("nothing within {} s", CALL_TIMEOUT.as_secs()))),
        };
        pulse::sent(PLATFORM, call, outcome.as_ref().err());
        outcome
    }

    fn send_error(&self, call: &'static str, error: SlackClientError) -> SendError {
        match error {
            SlackClientError::RateLimitError(limit) => self.rate_limited(call, limit.retry_after),
            SlackClientError::ApiError(api) => match api.code.as_str() {
                "ratelimited" | "rate_limited" => self.rate_limited(call, None),
                // Slack's own words: some of it may have happened.
                "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => unclear(&api.code),
                code => refused(call, code),
            },
            SlackClientError::HttpError(http) => match http.status_code.as_u16() {
                status @ (408 | 500..) => unclear(&format!("HTTP {status}")),
                status => refused(call, &format!("http_{status}")),
            },
            SlackClientError::HttpProtocolError(_) | SlackClientError::EndOfStream(_) => unclear("connection lost"),
            SlackClientError::ProtocolError(_) | SlackClientError::SocketModeProtocolError(_) => {
                unclear("an answer that can't be read")
            }
            SlackClientError::SystemError(_) => unclear("connection failed"),
        }
    }

    fn rate_limited(&self, call: &'static str, after: Option<Duration>) -> SendError {
        let after = after.unwrap_or(RETRY_AFTER_DEFAULT).max(Duration::from_secs(1));
        pulse::limited(PLATFORM, call);
        self.limiter.pause(call, after);
        SendError::RateLimited { platform: PLATFORM, after_secs: after.as_secs() }
    }
}

pub(super) fn unclear(what: &str) -> SendError {
    SendError::Unclear { platform: PLATFORM, what: what.to_owned() }
}

pub(super) fn refused(call: &'static str, code: &str) -> SendError {
    let is_word = code.len() <= CODE_MAX && code.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let code = if is_word { code } else { "unknown_error" };
    SendError::Refused { platform: PLATFORM, call, code: code.to_owned() }
}

fn token(secret: &SecretString) -> SlackApiToken {
    SlackApiToken::new(SlackApiTokenValue(secret.expose_secret().to_owned()))
}

fn connector(plain_http: bool) -> Result<SlackClientHyperHttpsConnector, SlackError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let https = if plain_http {
        // No certificate is needed to talk to this machine in plain text, and a small container may have none.
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| SlackError::Tls)?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().build()
    } else {
        // HTTP/1 too: some proxies on the way speak nothing newer.
        hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)
            .map_err(|_| SlackError::Tls)?
            .https_only()
            .enable_http1()
            .enable_http2()
            .build()
    };
    Ok(SlackClientHyperHttpsConnector::from(https))
}
