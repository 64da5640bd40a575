//! Requests to Discord's REST API: serenity's routes and request builder, our own limits, time-outs and retries.

use std::num::NonZeroU64;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use serenity::builder::CreateAttachment;
use serenity::http::{LightMethod, Multipart, MultipartUpload, Request, Route};
use tokio::time::{Instant, timeout};
use url::Url;

use super::limiter::{Key, Limiter, Refusal, seconds};
use crate::address::{is_loopback, is_private};
use crate::domain::{Platform, Urgency};
use crate::platform::{Attachment, SendError, pulse};

/// Discord's own address.
pub const API_URL: &str = "https://discord.com";

const PLATFORM: Platform = Platform::Discord;

/// Longer than Discord takes on a bad day; a job that waits longer holds up its queue.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A limit is waited for this long; a longer wait is the caller's to plan.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Between a failed attempt and its only repetition.
const PAUSE: Duration = Duration::from_millis(250);

/// Lists of 500 channels stay far below this.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// One request. Not printable: routes and bodies hold the tokens of interactions.
pub(super) struct Call<'a> {
    route: Route<'a>,
    method: LightMethod,
    key: Key,
    body: Option<Value>,
    file: Option<&'a Attachment>,
    params: Vec<(&'static str, String)>,
    repeatable: bool,
    path: Option<&'static str>,
}

impl<'a> Call<'a> {
    /// `name` names the call in errors and stands for its route and method; `major` is the id that
    /// Discord limits it by (channel, server, interaction), 0 for none.
    pub(super) fn new(name: &'static str, method: LightMethod, route: Route<'a>, major: u64) -> Call<'a> {
        // To do one of these twice is to do it once. A POST is not known to be, unless the caller says so.
        let repeatable = match method {
            LightMethod::Get | LightMethod::Put | LightMethod::Patch | LightMethod::Delete => true,
            LightMethod::Post => false,
        };
        let key = Key { call: name, major, global: true, presses: true };
        Call { route, method, key, body: None, file: None, params: Vec::new(), repeatable, path: None }
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Sends a file along; the body goes beside it.
    pub(super) fn file(mut self, file: &'a Attachment) -> Self {
        self.file = Some(file);
        self
    }

    pub(super) fn param(mut self, name: &'static str, value: usize) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// Says that sending it twice does no harm.
    pub(super) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// An answer to an interaction: not part of the global rate.
    pub(super) fn of_interaction(mut self) -> Self {
        self.key.global = false;
        self
    }

    /// Says how soon it has to be sent.
    pub(super) fn urgent(mut self, urgency: Urgency) -> Self {
        self.key.presses = urgency.presses();
        self
    }

    /// Replaces the path, for a route that serenity does not know.
    pub(super) fn at_path(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }
}

/// A settled answer: its body and the moment Discord gave in its `Date` header.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: Value,
    pub(super) date: Option<chrono::DateTime<chrono::FixedOffset>>,
}

/// What one attempt came to.
enum Attempt {
    Done(Answer),
    /// Discord asked to wait.
    Wait(Duration),
    /// Failed in a way that another attempt may mend, if it is safe to repeat.
    Again(SendError),
    Failed(SendError),
}

/// Sends requests as the bot.
pub(super) struct Rest {
    client: Client,
    base_url: String,
    /// With the "Bot " before it.
    authorization: SecretString,
    limiter: Limiter,
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rest").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Why the address of the API is not used.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    #[error("the address of Discord's API is not a URL: {0}")]
    Malformed(#[from] url::ParseError),
    #[error("the address of Discord's API must begin with https:// (http:// only on this machine)")]
    Insecure,
    #[error("the HTTP client for Discord could not be set up")]
    Client(#[source] reqwest::Error),
}

impl Rest {
    pub(super) fn new(base_url: &str, token: &SecretString) -> Result<Rest, AddressError> {
        let base = Url::parse(base_url)?;
        let loopback = is_loopback(&base);
        if !is_private(&base) {
            return Err(AddressError::Insecure);
        }
        // A redirect would carry the token elsewhere; a proxy has no business between us and this machine.
        let mut client = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none());
        if loopback {
            client = client.no_proxy();
        }
        Ok(Rest {
            client: client.build().map_err(AddressError::Client)?,
            base_url: base_url.trim_end_matches('/').to_owned(),
            authorization: format!("Bot {}", token.expose_secret().trim_start_matches("Bot ")).into(),
            limiter: Limiter::new(),
        })
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn authorization(&self) -> &SecretString {
        &self.authorization
    }

    /// Requests refused in the current ten minutes: at 10,000 Discord bans the address.
    pub(super) fn invalid_requests(&self) -> u32 {
        self.limiter.invalid()
    }

    /// Sends a request, waiting for limits at most five seconds, and repeating it once where that can help.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Answer, SendError> {
        let name = call.key.call;
        let outcome = self.send_patiently(call).await;
        pulse::sent(PLATFORM, name, outcome.as_ref().err());
        outcome
    }

    async fn send_patiently(&self, call: Call<'_>) -> Result<Answer, SendError> {
        let deadline = Instant::now() + WAIT_MAX;
        let mut repeated = false;
        loop {
            self.limiter.acquire(&call.key, deadline).await.map_err(rate_limited)?;
            match self.attempt(&call).await {
                Attempt::Done(answer) => return Ok(answer),
                Attempt::Failed(error) => return Err(error),
                Attempt::Again(error) if repeated || !call.repeatable => return Err(error),
                Attempt::Again(_) => tokio::time::sleep(PAUSE).await,
                // A request that was refused was not acted on, so even a POST may be repeated.
                Attempt::Wait(after) if repeated || Instant::now() + after > deadline => {
                    return Err(rate_limited(after));
                }
                Attempt::Wait(after) => tokio::time::sleep(after).await,
            }
            repeated = true;
        }
    }

    async fn attempt(&self, call: &Call<'_>) -> Attempt {
        let request = match self.request(call) {
            Ok(request) => request,
            Err(error) => return Attempt::Failed(error),
        };
        let unclear = |what: String| Attempt::Again(SendError::Unclear { platform: PLATFORM, what });
        // The URL of an answer to an interaction holds its token: errors are told without it.
        let response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(error) => return unclear(told(&error.without_url())),
        };
        self.limiter.learn(&call.key, response.headers());
        let status = response.status();
        let limit = LimitHeaders::of(&response);
        let date = response.headers().get("date").and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| chrono::DateTime::parse_from_rfc2822(date).ok());
        let body = match timeout(TIMEOUT, read(response)).await {
            Ok(Ok(body)) => body,
            Ok(Err(error)) => return unclear(told(&error.without_url())),
            Err(_) => return unclear("the answer did not end in time".to_owned()),
        };
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() {
            return Attempt::Done(Answer { body, date });
        }
        self.unsuccessful(call, status, &limit, &body)
    }

    fn unsuccessful(&self, call: &Call<'_>, status: StatusCode, limit: &LimitHeaders, body: &Value) -> Attempt {
        if status.is_server_error() {
            let what = format!("{} answered with {}", call.key.call, status.as_u16());
            return Attempt::Again(SendError::Unclear { platform: PLATFORM, what });
        }
        if matches!(status.as_u16(), 401 | 403) || (status.as_u16() == 429 && !limit.shared) {
            self.limiter.count_invalid();
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let told = body["retry_after"].as_f64().and_then(|wait| Duration::try_from_secs_f64(wait).ok());
            let after = told.or(limit.retry_after).unwrap_or(Duration::from_secs(1));
            let global = limit.global || body["global"].as_bool() == Some(true);
            pulse::limited(PLATFORM, call.key.call);
            self.limiter.refused(&call.key, Refusal { after, global });
            return Attempt::Wait(after);
        }
        // 0 is Discord's "general error": the status says more.
        let code = body["code"].as_u64().filter(|code| *code != 0).unwrap_or(u64::from(status.as_u16()));
        tracing::debug!(call = call.key.call, code, reason = body["message"].as_str(), "Discord refused a request");
        Attempt::Failed(SendError::Refused { platform: PLATFORM, call: call.key.call, code: code.to_string() })
    }

    fn request(&self, call: &Call<'_>) -> Result<reqwest::Request, SendError> {
        let malformed = |what: &str| SendError::Refused {
            platform: PLATFORM,
            call: call.key.call,
            code: format!("not sent: {what}"),
        };
        let body = call.body.as_ref().map(serde_json::to_vec).transpose().map_err(|_| malformed("body"))?;
        let request = Request::new(call.route, call.method);
        let request = match call.file {
            None => request.body(body),
            Some(file) => request.multipart(Some(Multipart {
                upload: MultipartUpload::Attachments(vec![CreateAttachment::bytes(file.content.clone(), &file.name)]),
                fields: Vec::new(),
                payload_json: body.and_then(|body| String::from_utf8(body).ok()),
            })),
        };
        let token = self.authorization.expose_secret();
        // `build` opens a span that holds the body and the token of an interaction, so nobody listens meanwhile.
        let built = tracing::dispatcher::with_default(&tracing::Dispatch::none(), || {
            request.build(&self.client, token, Some(&self.base_url)).ok()
        });
        let built = built.ok_or_else(|| malformed("address"))?;
        let mut request = built.build().map_err(|_| malformed("request"))?;
        if let Some(authorization) = request.headers_mut().get_mut(reqwest::header::AUTHORIZATION) {
            authorization.set_sensitive(true);
        }
        for (name, value) in &call.params {
            request.url_mut().query_pairs_mut().append_pair(name, value);
        }
        if let Some(path) = call.path {
            // A server other than Discord's own may stand under a path of its own.
            let built = request.url().path();
            let prefix = built.find("/api/").map_or("", |at| &built[..at]);
            let path = format!("{prefix}{path}");
            request.url_mut().set_path(&path);
        }
        Ok(request)
    }
}

/// What a 429 says besides its body.
struct LimitHeaders {
    retry_after: Option<Duration>,
    global: bool,
    shared: bool,
}

impl LimitHeaders {
    fn of(response: &Response) -> LimitHeaders {
        let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        LimitHeaders {
            retry_after: text("retry-after").and_then(seconds),
            global: text("x-ratelimit-global") == Some("true") || text("x-ratelimit-scope") == Some("global"),
            shared: text("x-ratelimit-scope") == Some("shared"),
        }
    }
}

/// Reads one of Discord's ids.
pub(super) fn snowflake(id: &str) -> Option<NonZeroU64> {
    id.parse().ok()
}

/// An id that is none: nothing was sent.
pub(super) fn bad_id(call: &'static str) -> SendError {
    SendError::Refused { platform: PLATFORM, call, code: "not a Discord id".to_owned() }
}

/// Something is missing from an answer that Discord promises to be there.
pub(super) fn unreadable(call: &'static str) -> SendError {
    SendError::Unclear { platform: PLATFORM, what: format!("{call}: the answer could not be read") }
}

fn rate_limited(wait: Duration) -> SendError {
    // Rounded up: to come back too early is to be refused again.
    SendError::RateLimited { platform: PLATFORM, after_secs: wait.as_secs() + u64::from(wait.subsec_nanos() > 0) }
}

fn told(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    if error.is_connect() {
        return "the connection could not be opened".to_owned();
    }
    format!("the connection was lost ({error})")
}

async fn read(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            // A cut answer is not JSON, and is told of as unreadable.
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
