//! Who is asked for a yes, and why them (rule 4.22); and how long the next in line is left alone (rule 4.16).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rules::{AskedAs, Seat};
use super::{Change, PersonId};

/// One person, asked for one seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatAsk {
    pub seat: Seat,
    pub person: PersonId,
    pub because: AskedAs,
    /// When the next in line is asked too; `None` once they were, or the seat is filled, or nobody is left.
    pub until: Option<DateTime<Utc>>,
}

impl Change {
    /// Those who were asked for a seat, on this revision, first one first.
    pub fn asked_for(&self, seat: Seat) -> impl Iterator<Item = &PersonId> {
        self.asks.iter().filter(move |ask| ask.seat == seat).map(|ask| &ask.person)
    }

    /// When somebody's silence is over.
    pub fn next_ask(&self) -> Option<DateTime<Utc>> {
        self.asks.iter().filter_map(|ask| ask.until).min()
    }
}
