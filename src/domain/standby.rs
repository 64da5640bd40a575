//! Who stands ready to take a change back (rule 4.48): booked by role, asked in private, bound to the planned start.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::rules::{ChangeKind, StandbyRole};
use super::{Change, ChangeStatus, PersonId, Subject};

/// The changes of a batch are asked for within this: what was asked for longer ago was another asking.
const ONE_ASKING: TimeDelta = TimeDelta::minutes(5);

/// Somebody who was booked for a role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StandbyBooking {
    /// The entry that booked them; 0 until it is written.
    pub booked: i32,
    pub role: StandbyRole,
    pub person: PersonId,
    pub state: StandbyState,
    /// The planned start that it is bound to; `None`: no time is known yet, or it is an emergency.
    pub starts_at: Option<DateTime<Utc>>,
    /// When they were asked last.
    pub asked_at: Option<DateTime<Utc>>,
}

/// How far one person's booking has come. That it was served shows in how its change ended.
///
/// ```text
///   requested -> confirmed -> confirmed_again
///   any of them -> declined | released (somebody else is booked); requested -> missed (silent in an emergency)
///   a window that moves brings each of them back to requested
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandbyState {
    Requested,
    /// A day before; in an emergency the only time that they are asked.
    Confirmed,
    /// An hour before.
    ConfirmedAgain,
    Declined,
    /// Silent in an emergency: the next person was asked. Their word still counts.
    Missed,
    /// Somebody else is booked in their place.
    Released,
}

impl StandbyState {
    pub fn as_str(self) -> &'static str {
        match self {
            StandbyState::Requested => "requested",
            StandbyState::Confirmed => "confirmed",
            StandbyState::ConfirmedAgain => "confirmed_again",
            StandbyState::Declined => "declined",
            StandbyState::Missed => "missed",
            StandbyState::Released => "released",
        }
    }

    pub fn parse(word: &str) -> Option<StandbyState> {
        let all = [
            StandbyState::Requested,
            StandbyState::Confirmed,
            StandbyState::ConfirmedAgain,
            StandbyState::Declined,
            StandbyState::Missed,
            StandbyState::Released,
        ];
        all.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether somebody is still counted on.
    pub fn is_live(self) -> bool {
        matches!(self, StandbyState::Requested | StandbyState::Confirmed | StandbyState::ConfirmedAgain)
    }
}

/// Of a batch: somebody's newest booking for a role of one of its changes that has not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchBooking {
    pub change: i64,
    pub title: String,
    /// All that it touches.
    pub services: Vec<String>,
    pub state: StandbyState,
    pub starts_at: Option<DateTime<Utc>>,
    pub asked_at: Option<DateTime<Utc>>,
}

impl BatchBooking {
    pub fn subject(&self) -> Subject {
        Subject::Change(self.change)
    }
}

/// Whether the asking for this change is the one that speaks for all of its batch that start with it: of those that are
/// asked for at this time, each in its own transaction, the one with the lowest number. `last`: how long before the start
/// people are asked for the last time.
pub fn asks_for_all(booked: &[BatchBooking], change: i64, last: TimeDelta, now: DateTime<Utc>) -> bool {
    let is_asked_now = |one: &&BatchBooking| match (one.asked_at, one.starts_at) {
        (None, _) => true,
        (Some(asked), starts) => {
            asked > now - ONE_ASKING || starts.is_some_and(|at| now >= at - last && asked < at - last)
        }
    };
    booked.iter().find(is_asked_now).is_none_or(|first| first.change >= change)
}

/// What else keeps somebody busy who is booked, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engagement {
    pub person: PersonId,
    /// A change that they stand by for, or an open incident that they command.
    pub with: Subject,
    /// `None`: for as long as it is open.
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl Engagement {
    /// Whether it falls into a stretch of time.
    pub fn meets(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        self.from.is_none_or(|own| own < until) && self.until.is_none_or(|own| from < own)
    }
}

/// What is said of the people on standby.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandbyCommand {
    /// Who is booked for which role.
    Book(Vec<(StandbyRole, PersonId)>),
    /// For every role that lacks somebody, whoever is on call.
    OnCall,
    /// I am on standby.
    Confirm,
    Decline {
        why: Option<String>,
    },
}

impl StandbyCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        "change plan standby"
    }
}

impl Change {
    /// The bookings that are counted on.
    pub fn on_standby(&self) -> impl Iterator<Item = &StandbyBooking> {
        self.standby.iter().filter(|one| one.state.is_live())
    }

    /// The planned start that bookings are bound to: that of the window it has, or asks for. An emergency has none.
    pub fn planned_start(&self) -> Option<DateTime<Utc>> {
        let planned = self.window.or(self.planned).filter(|_| self.kind != ChangeKind::Emergency);
        planned.map(|window| window.opens)
    }

    /// Whether it may still begin.
    pub fn is_before_start(&self) -> bool {
        matches!(
            self.status,
            ChangeStatus::AwaitingApproval | ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_of_a_batch_asks_for_all_that_are_asked_for_now() {
        let starts: DateTime<Utc> = "2030-01-09T10:00:00Z".parse().expect("a time");
        let (day, hour) = (starts - TimeDelta::hours(24), starts - TimeDelta::hours(1));
        let booked = |asked: &[Option<DateTime<Utc>>]| -> Vec<BatchBooking> {
            let one = |(change, asked_at): (i64, &Option<DateTime<Utc>>)| BatchBooking {
                change,
                title: String::new(),
                services: Vec::new(),
                state: StandbyState::Requested,
                starts_at: Some(starts),
                asked_at: *asked_at,
            };
            (1..).zip(asked).map(one).collect()
        };
        let speak = |asked: &[Option<DateTime<Utc>>], now| -> Vec<i64> {
            let booked = booked(asked);
            (1..=3).filter(|change| asks_for_all(&booked, *change, TimeDelta::hours(1), now)).collect()
        };
        assert_eq!(speak(&[None, None, None], day), [1]);
        assert_eq!(speak(&[Some(day), None, None], day + TimeDelta::minutes(1)), [1], "it has spoken already");
        assert_eq!(speak(&[None, Some(day), None], day + TimeDelta::minutes(1)), [1], "it is going to");
        let earlier = day - TimeDelta::hours(3);
        assert_eq!(speak(&[Some(earlier), None, None], day), [1, 2], "of the first somebody was asked alone");
        assert_eq!(speak(&[Some(day), Some(day), Some(day)], hour), [1], "once more before the start");
        assert_eq!(speak(&[Some(hour), Some(day), Some(day)], hour + TimeDelta::minutes(9)), [1, 2]);
    }
}
