//! Health, readiness and metrics for whoever keeps the process alive; the change calendar for calendar programs; the
//! sandbox's clock for the page; and the routes that the platforms bring, of which nothing is known here.

mod calendar;

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::domain::Platform;
use crate::store::LostWorkspace;
use crate::telemetry;

/// How long requests that were begun may take to end at shutdown. Every platform has its answer before.
const REQUESTS_END: Duration = Duration::from_secs(4);

/// How long what follows an answer may take after that.
const WORK_ENDS: Duration = Duration::from_secs(7);

/// What the small server needs to know.
#[derive(Debug, Clone)]
pub struct Web {
    pub app: App,
    /// Set once every platform listens.
    pub ready: Arc<AtomicBool>,
    /// Only the sandbox may move the clock.
    pub clock_control: bool,
    /// What is served besides.
    pub routes: Router,
    /// What those routes have begun and not finished when they answer.
    pub work: TaskTracker,
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
    /// Serves until `shutdown`, then answers the requests that were begun and waits for what follows them.
    pub async fn serve(mut self, listener: TcpListener, shutdown: CancellationToken) -> std::io::Result<()> {
        let (platforms, work) = (std::mem::take(&mut self.routes), self.work.clone());
        let mut router = Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/metrics", get(|| async { telemetry::metrics().render() }))
            .route("/calendar/{file}", get(calendar::fetch));
        if self.clock_control {
            router = router.route("/sandbox/clock", post(move_clock));
        }
        let router = router.with_state(self).merge(platforms);
        // An answer is small, and is not to wait for the confirmation of the one before. Where that can't be set, it does.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let served = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
        let out_of_patience = async {
            shutdown.cancelled().await;
            tokio::time::sleep(REQUESTS_END).await;
        };
        let served = tokio::select! {
            served = served => served,
            // Somebody who never ends a request does not hold up the end.
            () = out_of_patience => Ok(()),
        };
        work.close();
        if tokio::time::timeout(WORK_ENDS, work.wait()).await.is_err() {
            tracing::warn!(answers = work.len(), "answers were still under way at the end");
        }
        served
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
