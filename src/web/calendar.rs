//! The change calendar at its addresses, for calendar programs.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::Web;

/// Programs ask on the hour, all at once: they wait for each other, and no command waits for them.
static AT_A_TIME: Semaphore = Semaphore::const_new(2);

/// `GET /calendar/SECRET.ics`. Who asks for an address that nobody has learns nothing else.
pub(super) async fn fetch(State(web): State<Web>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let _turn = AT_A_TIME.acquire().await.expect("never closed");
    let secret = file.strip_suffix(".ics").unwrap_or_default();
    match web.app.calendar(secret).await {
        Ok(Some(text)) => answer(text, &headers),
        Ok(None) => (StatusCode::NOT_FOUND, "No calendar is here (any more).\n").into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a calendar could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, "The calendar cannot be read now; try again later.\n").into_response()
        }
    }
}

/// The text, or that it is what the program has already.
fn answer(text: String, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&text)));
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|tags| tags.split(',')).any(|known| is_same(known.trim(), &tag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).expect("letters and quotes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The weak comparison (RFC 9110, 13.1.2): a proxy that compresses weakens a tag on its way.
fn is_same(known: &str, tag: &str) -> bool {
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        for (known, is_known) in [("\"a\"", true), ("W/\"a\"", true), ("*", true), ("\"b\"", false), ("a", false)] {
            assert_eq!(is_same(known, "\"a\""), is_known, "{known}");
        }
    }
}
