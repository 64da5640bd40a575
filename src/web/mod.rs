//! Health, readiness and metrics for whoever keeps the process alive; the sandbox's clock for the page.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::Platform;
use crate::store::LostWorkspace;
use crate::telemetry;

/// What the small server needs to know.
#[derive(Debug, Clone)]
pub struct Web {
    pub app: App,
    /// Set once every platform listens.
    pub ready: Arc<AtomicBool>,
    /// Only the sandbox may move the clock.
    pub clock_control: bool,
}

#[derive(Debug, Deserialize)]
struct Move {
    seconds: i32,
}

#[derive(Debug, Serialize)]
struct Moved {
    now: chrono::DateTime<chrono::Utc>,
    moved_seconds: i64,
}

impl Web {
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) -> std::io::Result<()> {
        let mut router = Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/metrics", get(|| async { telemetry::metrics().render() }));
        if self.clock_control {
            router = router.route("/sandbox/clock", post(move_clock));
        }
        let router = router.with_state(self);
        axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await
    }
}

/// The process runs.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can do its work: Postgres answers, and every platform listens.
async fn readyz(State(web): State<Web>) -> (StatusCode, String) {
    if !web.ready.load(Ordering::SeqCst) {
        return (StatusCode::SERVICE_UNAVAILABLE, "starting\n".to_owned());
    }
    let served = match web.app.store.check().await {
        Ok(()) => web.app.store.lost_workspaces().await,
        Err(error) => Err(error),
    };
    match served {
        Ok(lost) => readiness(&web.app.platforms, &lost),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "Postgres does not answer as it should");
            (StatusCode::SERVICE_UNAVAILABLE, "Postgres does not answer as it should\n".to_owned())
        }
    }
}

/// Which platforms are served, and which have lost the bot: ready as long as one is served.
fn readiness(platforms: &[Platform], lost: &[LostWorkspace]) -> (StatusCode, String) {
    let is_lost = |platform: &Platform| lost.iter().any(|lost| lost.platform == *platform);
    let served: Vec<&str> = platforms.iter().filter(|platform| !is_lost(platform)).map(|p| p.name()).collect();
    let mut text = match served.as_slice() {
        [] => "not ready: no platform is served\n".to_owned(),
        served => format!("ready: {}\n", served.join(" and ")),
    };
    for lost in lost {
        let at = lost.at.format("%Y-%m-%d %H:%M UTC");
        let _ = writeln!(
            text,
            "{} is not served since {at} ({}): install the app again, set its tokens, restart Wardroom",
            lost.platform.name(),
            lost.why
        );
    }
    (if served.is_empty() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, text)
}

async fn move_clock(State(web): State<Web>, Json(to): Json<Move>) -> Result<Json<Moved>, (StatusCode, String)> {
    // A day at a time: enough for every promise, and no way to lose one in an overflow.
    if !(1..=86_400).contains(&to.seconds) {
        return Err((StatusCode::BAD_REQUEST, "The clock moves forward, by at most a day at a time.".to_owned()));
    }
    match web.app.pass_time(to.seconds).await {
        Ok(()) => Ok(Json(Moved { now: web.app.clock.now(), moved_seconds: web.app.clock.moved().num_seconds() })),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the clock could not be moved");
            Err((StatusCode::INTERNAL_SERVER_ERROR, "The clock could not be moved; the bot's log says why.".to_owned()))
        }
    }
}
