//! Discord's rate limits, by what its answers say: buckets by hash and major parameter, one global rate, and the count
//! of refused requests that would get the whole address banned.
//!
//! serenity's own limiter is off: it keys answers to interactions by application, so that everybody's replies queue
//! behind each other, and never forgets a bucket.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// Discord allows 50 requests a second to one bot; the rest is left for what counts differently there and here.
const GLOBAL_PER_SECOND: u32 = 45;

/// What the ordinary flow leaves of the global rate, and of each bucket of more than two.
const GLOBAL_KEPT: u32 = 10;
const BUCKET_KEPT: u32 = 1;

/// Interactions each bring buckets of their own, so there must be an end to them.
const BUCKETS_MAX: usize = 2048;

/// Discord bans an address after 10,000 refused requests in ten minutes; we stop at half of that.
const INVALID_MAX: u32 = 5000;
const INVALID_WINDOW: Duration = Duration::from_mins(10);

/// A wait that Discord asks for is never believed to be longer than this.
const WAIT_MAX: Duration = Duration::from_hours(1);

/// Which limit a request counts against.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Route and method, by the name of the call.
    pub(super) call: &'static str,
    /// The channel, the server, or the interaction (which stands for its token, lest that is kept here); 0 for none.
    pub(super) major: u64,
    /// Answers to interactions don't count against the global rate.
    pub(super) global: bool,
    /// May use what the ordinary flow leaves free.
    pub(super) presses: bool,
}

/// What a 429 said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Refusal {
    pub(super) after: Duration,
    pub(super) global: bool,
}

#[derive(Debug)]
pub(super) struct Limiter {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Discord's name for the bucket of a call, once it is known.
    hashes: HashMap<&'static str, String>,
    buckets: HashMap<(String, u64), Bucket>,
    global_until: Instant,
    tokens: f64,
    filled: Instant,
    invalid: u32,
    invalid_since: Instant,
}

/// A bucket whose reset has passed says nothing and may be forgotten.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    limit: u32,
    remaining: u32,
    reset: Instant,
}

impl Limiter {
    pub(super) fn new() -> Limiter {
        Limiter { state: Mutex::new(State::new(Instant::now())) }
    }

    /// Waits until the request may be sent. Gives the time to wait instead if that would be after `deadline`.
    pub(super) async fn acquire(&self, key: &Key, deadline: Instant) -> Result<(), Duration> {
        loop {
            let now = Instant::now();
            let wait = self.with(|state| state.take(key, now));
            if wait.is_zero() {
                return Ok(());
            }
            if now + wait > deadline {
                return Err(wait);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Learns from the headers of an answer.
    pub(super) fn learn(&self, key: &Key, headers: &HeaderMap) {
        let now = Instant::now();
        self.with(|state| state.learn(key, headers, now));
    }

    /// Remembers a 429.
    pub(super) fn refused(&self, key: &Key, refusal: Refusal) {
        let now = Instant::now();
        self.with(|state| state.refused(key, refusal, now));
    }

    /// Counts an answer that Discord counts towards a ban (401, 403, 429 except of a shared limit).
    pub(super) fn count_invalid(&self) {
        let now = Instant::now();
        self.with(|state| state.count_invalid(now));
    }

    /// Refused requests in the current window of ten minutes.
    pub(super) fn invalid(&self) -> u32 {
        let now = Instant::now();
        self.with(|state| state.invalid(now))
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        // The state is whole between any two statements, so a panic elsewhere does not spoil it.
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn new(now: Instant) -> State {
        State {
            hashes: HashMap::new(),
            buckets: HashMap::new(),
            global_until: now,
            tokens: f64::from(GLOBAL_PER_SECOND),
            filled: now,
            invalid: 0,
            invalid_since: now,
        }
    }

    /// Takes one request out of every limit, or says how long to wait.
    fn take(&mut self, key: &Key, now: Instant) -> Duration {
        if self.invalid(now) >= INVALID_MAX {
            return self.invalid_since + INVALID_WINDOW - now;
        }
        let name = self.bucket_name(key);
        let bucket = self.buckets.get_mut(&name).filter(|bucket| bucket.reset > now);
        let kept = |bucket: &Bucket| if key.presses || bucket.limit <= 2 { 0 } else { BUCKET_KEPT };
        let mut wait = match &bucket {
            Some(bucket) if bucket.remaining <= kept(bucket) => bucket.reset - now,
            Some(_) | None => Duration::ZERO,
        };
        if key.global {
            let rate = f64::from(GLOBAL_PER_SECOND);
            self.tokens = (self.tokens + (now - self.filled).as_secs_f64() * rate).min(rate);
            self.filled = now;
            // A millisecond more, lest rounding makes the waiter come a moment too early for ever.
            let wanted = if key.presses { 1.0 } else { 1.0 + f64::from(GLOBAL_KEPT) };
            let short = (wanted - self.tokens).max(0.0) / rate;
            let refill =
                if short > 0.0 { Duration::from_secs_f64(short) + Duration::from_millis(1) } else { Duration::ZERO };
            wait = wait.max(self.global_until.saturating_duration_since(now)).max(refill);
        }
        if wait.is_zero() {
            if let Some(bucket) = bucket {
                bucket.remaining -= 1;
            }
            if key.global {
                self.tokens -= 1.0;
            }
        }
        wait
    }

    fn learn(&mut self, key: &Key, headers: &HeaderMap, now: Instant) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(hash) = text("x-ratelimit-bucket")
            && self.hashes.get(key.call).is_none_or(|known| known != hash)
        {
            self.hashes.insert(key.call, hash.to_owned());
        }
        let remaining = text("x-ratelimit-remaining").and_then(|value| value.parse::<u32>().ok());
        let after = text("x-ratelimit-reset-after").and_then(seconds);
        let limit = text("x-ratelimit-limit").and_then(|value| value.parse().ok()).unwrap_or(1);
        if let (Some(remaining), Some(after)) = (remaining, after) {
            self.keep(key, Bucket { limit, remaining, reset: now + after.min(WAIT_MAX) }, now);
        }
    }

    fn refused(&mut self, key: &Key, refusal: Refusal, now: Instant) {
        let until = now + refusal.after.min(WAIT_MAX);
        if refusal.global {
            self.global_until = self.global_until.max(until);
        } else {
            self.keep(key, Bucket { limit: 1, remaining: 0, reset: until }, now);
        }
    }

    fn keep(&mut self, key: &Key, mut bucket: Bucket, now: Instant) {
        let name = self.bucket_name(key);
        if let Some(known) = self.buckets.get(&name).filter(|known| known.reset > now) {
            // Requests under way are already taken out of what we know: answers come back in any order, and an older
            // one must not give back what a newer one used.
            bucket.remaining = bucket.remaining.min(known.remaining);
            bucket.reset = bucket.reset.max(known.reset);
        }
        if self.buckets.len() >= BUCKETS_MAX && !self.buckets.contains_key(&name) {
            self.buckets.retain(|_, bucket| bucket.reset > now);
        }
        if self.buckets.len() >= BUCKETS_MAX {
            // Forgetting a live bucket costs at worst one 429.
            let soonest = self.buckets.iter().min_by_key(|(_, bucket)| bucket.reset).map(|(name, _)| name.clone());
            soonest.map(|name| self.buckets.remove(&name));
        }
        self.buckets.insert(name, bucket);
    }

    fn bucket_name(&self, key: &Key) -> (String, u64) {
        let hash = self.hashes.get(key.call).map_or(key.call, String::as_str);
        (hash.to_owned(), key.major)
    }

    fn count_invalid(&mut self, now: Instant) {
        self.invalid = self.invalid(now) + 1;
        metrics::gauge!("wardroom_invalid_requests").set(self.invalid);
    }

    fn invalid(&mut self, now: Instant) -> u32 {
        if now.saturating_duration_since(self.invalid_since) >= INVALID_WINDOW {
            self.invalid = 0;
            self.invalid_since = now;
            metrics::gauge!("wardroom_invalid_requests").set(0);
        }
        self.invalid
    }
}

/// Reads a number of seconds, which may have decimals.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(major: u64) -> Key {
        Key { call: "create message", major, global: true, presses: true }
    }

    fn headers(remaining: u32, after: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-bucket", "abc".parse().unwrap());
        headers.insert("x-ratelimit-remaining", remaining.into());
        headers.insert("x-ratelimit-reset-after", after.parse().unwrap());
        headers
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn an_empty_bucket_is_waited_for_and_others_are_not() {
        let now = Instant::now();
        let mut state = State::new(now);
        state.learn(&key(1), &headers(1, "2.5"), now);
        assert_eq!(state.take(&key(1), now), secs(0));
        assert_eq!(state.take(&key(2), now), secs(0));
        assert_eq!(state.take(&key(1), now + secs(1)), Duration::from_millis(1500));
        assert_eq!(state.take(&key(1), now + secs(3)), secs(0));
        assert_eq!(state.take(&key(1), now + secs(3)), secs(0), "a bucket that was reset says nothing");
    }

    #[test]
    fn what_presses_leaves_while_ordinary_messages_wait() {
        let now = Instant::now();
        let mut state = State::new(now);
        let mut told = headers(2, "5");
        told.insert("x-ratelimit-limit", 5.into());
        state.learn(&key(1), &told, now);
        let note = Key { presses: false, ..key(1) };
        assert_eq!(state.take(&note, now), secs(0));
        assert_eq!(state.take(&note, now), secs(5), "the last one is kept");
        assert_eq!(state.take(&key(1), now), secs(0), "for the approval");
        for channel in 100..200 {
            state.take(&Key { presses: false, ..key(channel) }, now);
        }
        assert!(!state.take(&Key { presses: false, ..key(300) }, now).is_zero(), "the notes have used up their share");
        assert_eq!(state.take(&key(300), now), secs(0), "a page has a share of its own");
    }

    #[test]
    fn a_late_answer_gives_nothing_back() {
        let now = Instant::now();
        let mut state = State::new(now);
        state.learn(&key(1), &headers(0, "2"), now);
        state.learn(&key(1), &headers(4, "1"), now);
        assert_eq!(state.take(&key(1), now), secs(2));
    }

    #[test]
    fn calls_share_a_bucket_that_discord_names_alike() {
        let now = Instant::now();
        let mut state = State::new(now);
        let edit = Key { call: "edit message", ..key(1) };
        state.learn(&edit, &headers(4, "2"), now);
        state.learn(&key(1), &headers(0, "2"), now);
        assert_eq!(state.take(&edit, now), secs(2));
    }

    #[test]
    fn a_global_refusal_stops_everyone_but_answers_to_interactions() {
        let now = Instant::now();
        let mut state = State::new(now);
        state.refused(&key(1), Refusal { after: secs(3), global: true }, now);
        assert_eq!(state.take(&key(2), now), secs(3));
        let answer = Key { call: "answer", major: 9, global: false, presses: true };
        assert_eq!(state.take(&answer, now), secs(0));
        state.refused(&answer, Refusal { after: secs(1), global: false }, now);
        assert_eq!(state.take(&answer, now), secs(1));
    }

    #[test]
    fn forty_five_a_second_leave_and_no_more() {
        let start = Instant::now();
        let (mut state, mut now) = (State::new(start), start);
        for channel in 0..135 {
            loop {
                let wait = state.take(&key(channel), now);
                if wait.is_zero() {
                    break;
                }
                now += wait;
            }
        }
        let elapsed = (now - start).as_millis();
        assert!((2000..2300).contains(&elapsed), "{elapsed}");
    }

    #[test]
    fn buckets_are_bounded_and_dead_ones_go_first() {
        let now = Instant::now();
        let mut state = State::new(now);
        let live = Key { call: "live", ..key(7) };
        state.learn(&live, &headers(0, "99"), now);
        for interaction in 0..2 * BUCKETS_MAX as u64 {
            state.learn(&key(interaction), &headers(4, "1"), now);
        }
        let later = now + secs(2);
        for interaction in 10_000..10_000 + 2 * BUCKETS_MAX as u64 {
            state.learn(&key(interaction), &headers(0, "9"), later);
        }
        assert_eq!(state.buckets.len(), BUCKETS_MAX);
        assert!(!state.take(&live, later).is_zero(), "the one that lasts longest is kept longest");
    }

    #[test]
    fn too_many_refused_requests_stop_us_before_discord_does() {
        let now = Instant::now();
        let mut state = State::new(now);
        for _ in 0..INVALID_MAX {
            state.count_invalid(now);
        }
        assert_eq!(state.take(&key(1), now + secs(60)), secs(9 * 60));
        assert_eq!(state.take(&key(1), now + INVALID_WINDOW), secs(0));
        assert_eq!(state.invalid(now + INVALID_WINDOW), 0);
    }

    #[tokio::test]
    async fn patience_ends_at_the_deadline() {
        let limiter = Limiter::new();
        limiter.learn(&key(1), &headers(0, "0.05"));
        let now = Instant::now();
        assert!(limiter.acquire(&key(1), now).await.is_err());
        assert!(limiter.acquire(&key(1), now + secs(5)).await.is_ok());
        assert!(now.elapsed() >= Duration::from_millis(40));
    }
}
