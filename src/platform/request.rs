//! What the platforms' signed requests have in common: a bounded body, and a refusal that tells a stranger nothing.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use tokio::time::timeout;

/// More than any command, form or event needs. Enforced before a signature is computed: strangers get no more of our
/// time than this is worth.
pub(super) const BODY_BYTES_MAX: usize = 1 << 20;

/// Both platforms give up after 3 s; who sends more slowly is neither.
const BODY_WITHIN: Duration = Duration::from_secs(3);

/// How old, or how far ahead, a signed timestamp may be. Slack's documentation asks for five minutes; Discord's asks for
/// nothing, and the same is our own rule there, so that nobody can replay what they once recorded.
pub(super) const AGE_MAX: Duration = Duration::from_mins(5);

/// Why a request is not looked at any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    TooLarge,
    /// The body did not come, or not in time.
    Incomplete,
    /// Without a signature, or with one that is not the platform's.
    Unsigned,
    /// Signed by the platform, but too long ago or ahead of time.
    Stale,
    /// Signed, but in no shape that the platform is known to send.
    Malformed,
}

impl Refused {
    /// Counts the refusal and answers it. A bad signature and an old one are told alike.
    pub(super) fn response(self, platform: &'static str) -> Response {
        let reason = self.reason();
        metrics::counter!("wardroom_requests_refused_total", "platform" => platform, "reason" => reason).increment(1);
        // No warning: Discord forges some itself, and strangers can as often as they like.
        tracing::info!(platform, reason, "refused a request: {reason}");
        let (status, sentence) = match self {
            Refused::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.\n"),
            Refused::Incomplete => (StatusCode::REQUEST_TIMEOUT, "The request did not end in time.\n"),
            Refused::Unsigned | Refused::Stale => (StatusCode::UNAUTHORIZED, "The request is not signed.\n"),
            Refused::Malformed => (StatusCode::BAD_REQUEST, "The request cannot be read.\n"),
        };
        (status, sentence).into_response()
    }

    fn reason(self) -> &'static str {
        match self {
            Refused::TooLarge => "too large",
            Refused::Incomplete => "incomplete",
            Refused::Unsigned => "signature",
            Refused::Stale => "age",
            Refused::Malformed => "malformed",
        }
    }
}

/// Reads a body that is neither too large nor too slow.
pub(super) async fn body(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refused> {
    let announced = header(headers, "content-length").and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(Refused::TooLarge);
    }
    timeout(BODY_WITHIN, gathered(body)).await.unwrap_or(Err(Refused::Incomplete))
}

async fn gathered(body: Body) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refused::Incomplete)?;
        if bytes.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(Refused::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The text of a header.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The endpoints of a platform that this process does not serve over HTTP: a sentence says what to set.
pub(super) fn not_served(paths: &[&str], sentence: &'static str) -> axum::Router {
    paths.iter().fold(axum::Router::new(), |router, path| {
        router.route(path, axum::routing::any(move || async move { (StatusCode::NOT_FOUND, sentence) }))
    })
}
