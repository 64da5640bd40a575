//! The page on which one person plays everybody: plain files, served as they are.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Nothing but our own files, no forms sent anywhere, no frame around us.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/// The page's files: (path, content type, content).
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("index.html")),
    ("/style.css", CSS, include_str!("style.css")),
    ("/pane.css", CSS, include_str!("pane.css")),
    ("/sidebar.css", CSS, include_str!("sidebar.css")),
    ("/message.css", CSS, include_str!("message.css")),
    ("/card.css", CSS, include_str!("card.css")),
    ("/form.css", CSS, include_str!("form.css")),
    ("/icon.svg", "image/svg+xml", include_str!("icon.svg")),
    ("/app.js", JS, include_str!("app.js")),
    ("/api.js", JS, include_str!("api.js")),
    ("/channels.js", JS, include_str!("channels.js")),
    ("/clock.js", JS, include_str!("clock.js")),
    ("/commands.js", JS, include_str!("commands.js")),
    ("/composer.js", JS, include_str!("composer.js")),
    ("/discord.js", JS, include_str!("discord.js")),
    ("/dom.js", JS, include_str!("dom.js")),
    ("/guide.js", JS, include_str!("guide.js")),
    ("/markdown.js", JS, include_str!("markdown.js")),
    ("/memory.js", JS, include_str!("memory.js")),
    ("/messages.js", JS, include_str!("messages.js")),
    ("/modal.js", JS, include_str!("modal.js")),
    ("/mrkdwn.js", JS, include_str!("mrkdwn.js")),
    ("/pane.js", JS, include_str!("pane.js")),
    ("/slack.js", JS, include_str!("slack.js")),
    ("/tour.js", JS, include_str!("tour.js")),
];
const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The page's files, each under its own address.
pub(super) fn router() -> Router {
    let mut router = Router::new();
    for &(path, content_type, content) in FILES {
        router = router.route(path, get(move || async move { page_file(content_type, content) }));
    }
    router
}

fn page_file(content_type: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        // A newer binary on the same port must not meet an older page.
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_never_makes_markup_from_text() {
        let forbidden = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"];
        for (path, _, content) in FILES {
            for word in forbidden {
                assert!(!content.contains(word), "{path} contains {word}");
            }
        }
    }

    #[test]
    fn the_page_asks_nobody_outside() {
        for (path, _, content) in FILES {
            let content = content.replace("http://www.w3.org/", "");
            for scheme in ["src=\"http", "href=\"http", "url(http", "from \"http", "fetch(\"http"] {
                assert!(!content.contains(scheme), "{path} contains {scheme}");
            }
        }
    }
}
