//! What arrives and is not for us is counted: a platform that changes its shapes shows here before people notice.

/// Counts something that was not acted on. `kind` is one of `known` or becomes `other`: what a platform sends must not
/// make a series of its own.
pub(super) fn ignored(platform: &'static str, kind: &str, known: &[&'static str]) {
    let kind = known.iter().copied().find(|name| *name == kind).unwrap_or("other");
    metrics::counter!("wardroom_ignored_total", "platform" => platform, "kind" => kind).increment(1);
}
