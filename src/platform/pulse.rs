//! What is counted of every call to a platform.

use super::SendError;
use crate::domain::Platform;

/// Counts one call by how it ended.
pub(super) fn sent(platform: Platform, call: &'static str, error: Option<&SendError>) {
    let platform = platform.as_str();
    let outcome = match error {
        None => "ok",
        Some(SendError::Refused { .. }) => "refused",
        Some(SendError::Unclear { .. }) => "unclear",
        Some(SendError::RateLimited { .. }) => "rate_limited",
    };
    metrics::counter!("wardroom_send_total", "platform" => platform, "call" => call, "outcome" => outcome).increment(1);
}

/// Counts a platform's own request to wait; one that we make ourselves to spare it is none.
pub(super) fn limited(platform: Platform, call: &'static str) {
    metrics::counter!("wardroom_rate_limited_total", "platform" => platform.as_str(), "call" => call).increment(1);
}
