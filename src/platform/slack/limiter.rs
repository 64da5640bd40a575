//! Our own pace towards Slack, so that it rarely has to say 429: each method at its tier, messages at about one a second
//! in a channel, and no call to a method that asked us to wait. What presses may use what the ordinary flow leaves free.
//!
//! The client library's limiter is not used: it counts one message a second for the whole workspace, so thirty direct
//! messages to a board would take thirty seconds.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::tiers::{self, Rate};
use crate::domain::Urgency;

/// Longer than this nothing waits here: its job is run again later instead of holding a worker.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// What does not press gives its worker back sooner.
const WAIT_MAX_ORDINARY: Duration = Duration::from_secs(2);
/// Above this many limits those at rest are forgotten.
const LIMITS_MAX: usize = 1_000;

/// One call that wants its turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub call: &'static str,
    /// Where a message goes: Slack counts those by channel too.
    pub channel: Option<&'a str>,
    pub urgency: Urgency,
}

#[derive(Debug)]
pub(super) struct Limiter {
    state: Mutex<State>,
}

/// What is counted: all calls of a method, or its messages in one channel.
type Key = (&'static str, Option<String>);

#[derive(Debug)]
struct State {
    /// When the next call of each kind would be due if every one before had waited for its own.
    due: HashMap<Key, Instant>,
    /// Methods that Slack asked to leave alone, and until when.
    paused: HashMap<&'static str, Instant>,
    channel: Rate,
}

impl Default for Limiter {
    fn default() -> Limiter {
        Limiter::new(tiers::CHANNEL)
    }
}

impl Limiter {
    pub fn new(channel: Rate) -> Limiter {
        Limiter { state: Mutex::new(State { due: HashMap::new(), paused: HashMap::new(), channel }) }
    }

    /// Waits for this call's turn; `Err` holds the time to wait if that is too long to wait here.
    ///
    /// A turn is taken only when it is there: nobody stands in line, so what presses never stands behind anybody.
    pub async fn turn(&self, turn: Turn<'_>) -> Result<(), Duration> {
        let patience = if turn.urgency.presses() { WAIT_MAX } else { WAIT_MAX_ORDINARY };
        let deadline = Instant::now() + patience;
        loop {
            let now = Instant::now();
            let wait = self.with(|state| state.take(turn, now));
            if wait.is_zero() {
                return Ok(());
            }
            if now + wait > deadline {
                return Err(wait);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes note that Slack asked to leave a method alone.
    pub fn pause(&self, call: &'static str, after: Duration) {
        self.with(|state| state.paused.insert(call, Instant::now() + after));
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl State {
    /// Takes a turn out of every limit, or says how long to wait.
    fn take(&mut self, turn: Turn<'_>, now: Instant) -> Duration {
        self.paused.retain(|_, until| *until > now);
        let paused = self.paused.get(turn.call).map_or(Duration::ZERO, |until| *until - now);
        let limits = self.limits(turn);
        let busy = limits.iter().map(|(key, rate)| {
            let ahead = self.due.get(key).map_or(Duration::ZERO, |due| due.saturating_duration_since(now));
            ahead.saturating_sub(rate.slack(turn.urgency))
        });
        let wait = busy.max().unwrap_or_default().max(paused);
        if wait.is_zero() {
            if self.due.len() >= LIMITS_MAX {
                self.due.retain(|_, due| *due > now);
            }
            for (key, rate) in limits {
                let due = self.due.entry(key).or_insert(now);
                *due = (*due).max(now) + rate.every;
            }
        }
        wait
    }

    fn limits(&self, turn: Turn<'_>) -> Vec<(Key, Rate)> {
        let method = tiers::rate_of(turn.call).map(|rate| ((turn.call, None), rate));
        let channel = turn.channel.map(|channel| ((turn.call, Some(channel.to_owned())), self.channel));
        method.into_iter().chain(channel).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(call: &'static str, channel: Option<&'static str>, urgency: Urgency) -> Turn<'static> {
        Turn { call, channel, urgency }
    }

    fn state() -> State {
        State { due: HashMap::new(), paused: HashMap::new(), channel: tiers::CHANNEL }
    }

    /// Sends so many, each as soon as it may, and says when the last one left.
    fn send(state: &mut State, turn: Turn<'_>, times: u32, mut now: Instant) -> Instant {
        for _ in 0..times {
            loop {
                let wait = state.take(turn, now);
                if wait.is_zero() {
                    break;
                }
                now += wait;
            }
        }
        now
    }

    const NOTE: (&str, Option<&str>) = ("chat.postMessage", Some("C1"));

    #[test]
    fn a_few_messages_go_at_once_then_one_a_second_in_each_channel() {
        let (mut state, start) = (state(), Instant::now());
        let note = turn(NOTE.0, NOTE.1, Urgency::Note);
        assert_eq!(send(&mut state, note, 3, start), start);
        assert_eq!(send(&mut state, note, 4, start), start + Duration::from_secs(4));
        let elsewhere = turn(NOTE.0, Some("C2"), Urgency::Note);
        assert_eq!(state.take(elsewhere, start), Duration::ZERO);
    }

    #[test]
    fn in_a_storm_of_notes_what_presses_leaves_at_once() {
        let (mut state, start) = (state(), Instant::now());
        let note = turn(NOTE.0, NOTE.1, Urgency::Note);
        let after = send(&mut state, note, 200, start);
        assert_eq!(after - start, Duration::from_secs(197), "200 notes: three at once, then one a second");
        for (name, urgent) in [
            ("a page elsewhere", turn(NOTE.0, Some("D7"), Urgency::Page)),
            ("the approval in the same room", turn(NOTE.0, NOTE.1, Urgency::Decision)),
            ("its edit", turn("chat.update", NOTE.1, Urgency::Decision)),
            ("a form", turn("views.open", None, Urgency::Page)),
        ] {
            assert_eq!(state.take(urgent, after), Duration::ZERO, "{name}");
        }
        assert_eq!(
            state.take(note, after + Duration::from_secs(1)),
            Duration::from_secs(1),
            "the note gave up its turn"
        );
    }

    #[test]
    fn no_minute_after_the_first_sees_more_calls_of_a_method_than_its_tier_allows() {
        for (call, a_minute) in [("conversations.create", 20), ("chat.update", 50), ("users.info", 100)] {
            let (mut state, start) = (state(), Instant::now());
            let call = turn(call, None, Urgency::Page);
            assert_eq!(send(&mut state, call, a_minute, start), start, "a minute's worth at once");
            let after = send(&mut state, call, a_minute, start);
            assert!(after - start > Duration::from_secs(59), "{call:?}: {:?}", after - start);
        }
    }

    #[test]
    fn a_method_that_asked_to_wait_is_left_alone_and_others_are_not() {
        let limiter = Limiter::default();
        limiter.pause("chat.postMessage", Duration::from_secs(30));
        let now = Instant::now();
        let wait = |call| limiter.with(|state| state.take(turn(call, None, Urgency::Page), now));
        assert!(wait("chat.postMessage") > Duration::from_secs(29));
        assert_eq!(wait("views.open"), Duration::ZERO);
    }
}
