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
    /// Since when they look at it: then nobody else is asked for their silence. It is no yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<DateTime<Utc>>,
}

impl Change {
    /// Those who were asked for a seat, on this revision, first one first.
    pub fn asked_for(&self, seat: Seat) -> impl Iterator<Item = &PersonId> {
        self.asks.iter().filter(move |ask| ask.seat == seat).map(|ask| &ask.person)
    }

    /// How many of those who were asked for a seat say that they look at it, and have not answered.
    pub fn looked_at(&self, seat: Seat) -> usize {
        let looks = |ask: &&SeatAsk| ask.seat == seat && ask.acknowledged.is_some() && !self.has_part(&ask.person);
        self.asks.iter().filter(looks).count()
    }

    /// Whether this person was asked for a seat and says that they look at it.
    pub fn looks_at(&self, seat: Seat, person: &PersonId) -> bool {
        self.asks.iter().any(|ask| ask.seat == seat && &ask.person == person && ask.acknowledged.is_some())
    }

    /// When somebody's silence is over.
    pub fn next_ask(&self) -> Option<DateTime<Utc>> {
        self.asks.iter().filter_map(|ask| ask.until).min()
    }
}
