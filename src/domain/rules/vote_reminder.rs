//! When a vote reminds those whose ballot is missing (rule 4.13, reminders).

use chrono::{DateTime, TimeDelta, Utc};

use super::{Ratio, Ruling};

/// A job may fire this much early, where the clocks of two machines differ.
pub const TIMER_EARLY: TimeDelta = TimeDelta::seconds(1);

/// The time that a vote takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoteTime {
    pub opened: DateTime<Utc>,
    pub closes: DateTime<Utc>,
}

/// How a vote's reminders stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoteReminder {
    /// The share of the vote's time for which it reminds now: the last that is over. After a time without a bot it
    /// stands for those that were missed.
    pub due: Option<Ratio>,
    /// When it reminds next; `None` after the last.
    pub next: Option<DateTime<Utc>>,
}

/// Rule 4.13: which reminder is due at a moment, and when the next one comes. `shares`: in rising order.
pub fn vote_reminder(shares: &[Ratio], time: VoteTime, now: DateTime<Utc>) -> Ruling<VoteReminder> {
    let over = |share: &&Ratio| moment_of(time, **share) <= now + TIMER_EARLY;
    let due = shares.iter().take_while(over).last().copied();
    let next = shares.iter().find(|share| !over(share)).map(|share| moment_of(time, *share));
    let sentence = match (due, next) {
        (Some(due), Some(next)) => format!("It reminds for {due} of its time, and again at {}.", next.format("%H:%M")),
        (Some(due), None) => format!("It reminds for {due} of its time, for the last time."),
        (None, Some(next)) => format!("It reminds at {}.", next.format("%H:%M")),
        (None, None) => "It does not remind.".to_owned(),
    };
    Ruling::new("4.13", VoteReminder { due, next }, sentence)
}

/// When this share of the vote's time is over. Whole seconds, as jobs and people count.
fn moment_of(time: VoteTime, share: Ratio) -> DateTime<Utc> {
    let seconds = (time.closes - time.opened).num_seconds() * i64::from(share.parts) / i64::from(share.of);
    time.opened + TimeDelta::seconds(seconds)
}
