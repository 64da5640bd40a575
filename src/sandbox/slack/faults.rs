//! What can be made to go wrong, for tests of how the bot bears it.

use std::time::Duration;

use serde::Deserialize;

/// One kind of trouble with a method, or with every method where the name is `*`. The name `response_url` stands for
/// what is posted to response addresses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SlackFault {
    /// Answers 429 with `Retry-After`.
    RateLimit { method: String, times: u32, retry_after_secs: u64 },
    /// Answers `{"ok":false,"error":…}`.
    Fail { method: String, times: u32, error: String },
    /// Answers HTTP 500 without doing anything.
    ServerError { method: String, times: u32 },
    /// Does what was asked, then answers HTTP 500: the caller cannot know the outcome.
    LoseAnswer { method: String, times: u32 },
    /// Waits before doing anything.
    Slow { method: String, times: u32, millis: u64 },
}

/// What one call has to bear.
#[derive(Debug, Default)]
pub struct Strike {
    pub pause: Option<Duration>,
    pub kind: Option<Trouble>,
}

#[derive(Debug)]
pub enum Trouble {
    RateLimit { retry_after_secs: u64 },
    Fail { error: String },
    ServerError,
    LoseAnswer,
}

/// The faults that are still to strike.
#[derive(Debug, Default)]
pub struct Faults(Vec<SlackFault>);

impl Faults {
    pub fn add(&mut self, fault: SlackFault) {
        self.0.push(fault);
    }

    pub fn mend(&mut self) {
        self.0.clear();
    }

    /// Says what strikes this call, at most one slowness and one trouble, and counts it down.
    pub fn strike(&mut self, method: &str) -> Strike {
        let mut strike = Strike::default();
        for fault in &mut self.0 {
            if !fault.concerns(method) || *fault.times() == 0 {
                continue;
            }
            match (fault.pause(), fault.trouble()) {
                (Some(pause), _) if strike.pause.is_none() => strike.pause = Some(pause),
                (None, Some(trouble)) if strike.kind.is_none() => strike.kind = Some(trouble),
                _ => continue,
            }
            *fault.times() -= 1;
        }
        self.0.retain_mut(|fault| *fault.times() > 0);
        strike
    }
}

impl SlackFault {
    fn concerns(&self, called: &str) -> bool {
        let (SlackFault::RateLimit { method, .. }
        | SlackFault::Fail { method, .. }
        | SlackFault::ServerError { method, .. }
        | SlackFault::LoseAnswer { method, .. }
        | SlackFault::Slow { method, .. }) = self;
        method == "*" || method == called
    }

    fn times(&mut self) -> &mut u32 {
        let (SlackFault::RateLimit { times, .. }
        | SlackFault::Fail { times, .. }
        | SlackFault::ServerError { times, .. }
        | SlackFault::LoseAnswer { times, .. }
        | SlackFault::Slow { times, .. }) = self;
        times
    }

    fn pause(&self) -> Option<Duration> {
        match self {
            SlackFault::Slow { millis, .. } => Some(Duration::from_millis(*millis)),
            SlackFault::RateLimit { .. }
            | SlackFault::Fail { .. }
            | SlackFault::ServerError { .. }
            | SlackFault::LoseAnswer { .. } => None,
        }
    }

    fn trouble(&self) -> Option<Trouble> {
        match self {
            SlackFault::RateLimit { retry_after_secs, .. } => {
                Some(Trouble::RateLimit { retry_after_secs: *retry_after_secs })
            }
            SlackFault::Fail { error, .. } => Some(Trouble::Fail { error: error.clone() }),
            SlackFault::ServerError { .. } => Some(Trouble::ServerError),
            SlackFault::LoseAnswer { .. } => Some(Trouble::LoseAnswer),
            SlackFault::Slow { .. } => None,
        }
    }
}
