//! Our own pace towards Slack: one message a second in each channel, and no call to a method that asked us to wait.
//!
//! The client library's limiter is not used: it counts one message a second for the whole workspace, so thirty direct
//! messages to a board would take thirty seconds.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Slack's stated pace for messages: about one a second in a channel.
const INTERVAL: Duration = Duration::from_secs(1);
/// Slack tolerates short bursts: a room that opens gets its card, its panel and its first notes at once.
const BURST: u32 = 5;
/// Longer than this a caller does not wait: its job is run again later instead of holding a worker.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Above this many channels those at rest are forgotten.
const CHANNELS_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Limiter {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// For each method and channel, when its next message would be due if every one before had waited its turn.
    due: HashMap<(&'static str, String), Instant>,
    /// Methods that Slack asked to leave alone, and until when.
    paused: HashMap<&'static str, Instant>,
}

impl Limiter {
    /// Waits for this call's turn; `Err` holds the seconds to wait if that is too long to wait here.
    pub async fn turn(&self, call: &'static str, channel: Option<&str>) -> Result<(), u64> {
        let wait = self.reserve(call, channel, Instant::now())?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Takes note that Slack asked to leave a method alone.
    pub fn pause(&self, call: &'static str, after: Duration) {
        self.with(|state| state.paused.insert(call, Instant::now() + after));
    }

    pub(super) fn reserve(&self, call: &'static str, channel: Option<&str>, now: Instant) -> Result<Duration, u64> {
        self.with(|state| state.reserve(call, channel, now))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl State {
    fn reserve(&mut self, call: &'static str, channel: Option<&str>, now: Instant) -> Result<Duration, u64> {
        self.paused.retain(|_, until| *until > now);
        let paused = self.paused.get(call).map_or(Duration::ZERO, |until| *until - now);
        let key = channel.map(|channel| (call, channel.to_owned()));
        let due = key.as_ref().and_then(|key| self.due.get(key)).copied().unwrap_or(now).max(now);
        let queued = (due - now).saturating_sub(INTERVAL * (BURST - 1));
        let wait = paused.max(queued);
        if wait > WAIT_MAX {
            return Err(wait.as_secs() + 1);
        }
        if let Some(key) = key {
            if self.due.len() >= CHANNELS_MAX {
                self.due.retain(|_, due| *due > now);
            }
            self.due.insert(key, due + INTERVAL);
        }
        Ok(wait)
    }
}
