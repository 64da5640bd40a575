//! Keeps two connections open and ends them in order.
//!
//! Slack hands each envelope to one of the connections; with two, one may be replaced while the other works.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::answer::Desk;
use super::socket::{Over, Socket, Stream, open};
use super::{SlackAdapter, SlackError, Timing};
use crate::app::inbound::{Inbound, Reply};
use crate::platform::SendError;

/// Slack's own asks to wait are followed up to this.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(1);
/// Beyond what its own drain allows a connection, so that the connections end first.
const DRAIN_MARGIN: Duration = Duration::from_millis(500);

/// Listens until `shutdown`; see [`SlackAdapter::listen`].
pub(super) async fn listen<F, Fut>(
    adapter: &SlackAdapter,
    handler: F,
    shutdown: CancellationToken,
) -> Result<(), SlackError>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    if !adapter.outbound.api.has_app_token() {
        shutdown.cancelled().await;
        return Ok(());
    }
    let desk = Arc::new(adapter.desk(handler));
    let keeper = Keeper { adapter, desk, tasks: TaskTracker::new(), stop: shutdown.child_token() };
    let ended = tokio::try_join!(keeper.keep(), keeper.keep()).map(|((), ())| ());
    // A fatal error of one connection ends the other.
    keeper.stop.cancel();
    keeper.tasks.close();
    if timeout(adapter.timing.drain + DRAIN_MARGIN, keeper.tasks.wait()).await.is_err() {
        tracing::warn!(slack.handlers = keeper.tasks.len(), "Slack handlers did not finish in time");
    }
    ended
}

struct Keeper<'a, F> {
    adapter: &'a SlackAdapter,
    desk: Arc<Desk<F>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl<F, Fut> Keeper<'_, F>
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    /// Keeps one connection open. A connection whose end was announced goes on beside its successor.
    async fn keep(&self) -> Result<(), SlackError> {
        let timing = &self.adapter.timing;
        let mut failures = 0;
        let mut delay = Duration::ZERO;
        loop {
            let opened = tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                opened = self.open_after(delay) => opened,
            };
            let stream = match opened {
                Ok(stream) => stream,
                Err(error) => {
                    let asked = wait_or_end(&error)?;
                    tracing::warn!(error = %error, "no connection to Slack, trying again");
                    failures += 1;
                    delay = backoff(timing, failures).max(asked);
                    continue;
                }
            };
            let since = Instant::now();
            let over = self.start(stream).await;
            let was_stable = since.elapsed() >= timing.stable;
            match over {
                Over::Stopped => return Ok(()),
                // The first announced end is followed at once; a series of early ones slows us down.
                Over::Announced => {
                    delay = backoff(timing, if was_stable { 0 } else { failures });
                    failures = if was_stable { 0 } else { failures + 1 };
                }
                Over::Lost => {
                    failures = if was_stable { 1 } else { failures + 1 };
                    delay = backoff(timing, failures);
                }
            }
        }
    }

    async fn open_after(&self, delay: Duration) -> Result<Stream, SendError> {
        tokio::time::sleep(delay).await;
        open(&self.adapter.outbound.api, self.adapter.timing.connect).await
    }

    /// Starts reading from a connection; returns when another one is wanted.
    async fn start(&self, stream: Stream) -> Over {
        let socket = Socket {
            desk: self.desk.clone(),
            tasks: self.tasks.clone(),
            stop: self.stop.clone(),
            connected: self.adapter.connected.clone(),
        };
        let (over, is_over) = oneshot::channel();
        self.tasks.spawn(socket.run(stream, over));
        is_over.await.unwrap_or(Over::Lost)
    }
}

/// How long Slack asks to wait; an error where no waiting would help.
fn wait_or_end(error: &SendError) -> Result<Duration, SlackError> {
    const FATAL: [&str; 9] = [
        "invalid_auth",
        "not_authed",
        "not_allowed_token_type",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "team_disabled",
        "user_removed_from_team",
        "missing_scope",
    ];
    match error {
        SendError::Refused { code, .. } if FATAL.contains(&code.as_str()) => {
            Err(SlackError::AppToken { code: code.clone() })
        }
        SendError::RateLimited { after_secs, .. } => Ok(Duration::from_secs(*after_secs).min(RETRY_AFTER_MAX)),
        SendError::Refused { .. } | SendError::Unclear { .. } => Ok(Duration::ZERO),
    }
}

/// Doubles from failure to failure; half of it is chance, so that many bots don't return at the same moment.
fn backoff(timing: &Timing, failures: u32) -> Duration {
    if failures == 0 {
        return Duration::ZERO;
    }
    let doubled = timing.backoff_min.saturating_mul(2u32.saturating_pow(failures - 1)).min(timing.backoff_max);
    doubled.mul_f64(rand::random_range(0.5..=1.0))
}
