//! How soon something has to be told, where a platform does not let everything be told at once.

use serde::{Deserialize, Serialize};

/// The most urgent first: what calls people, what they decide on, what they were promised, what they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    Page,
    Decision,
    Update,
    Note,
}

impl Urgency {
    pub const ALL: [Urgency; 4] = [Urgency::Page, Urgency::Decision, Urgency::Update, Urgency::Note];

    /// The word used in the queue.
    pub fn as_str(self) -> &'static str {
        match self {
            Urgency::Page => "page",
            Urgency::Decision => "decision",
            Urgency::Update => "update",
            Urgency::Note => "note",
        }
    }

    /// Its place in the order, 0 the first: how it is stored.
    pub fn rank(self) -> i16 {
        match self {
            Urgency::Page => 0,
            Urgency::Decision => 1,
            Urgency::Update => 2,
            Urgency::Note => 3,
        }
    }

    /// Reads what [`Urgency::rank`] writes.
    pub fn of_rank(rank: i16) -> Option<Urgency> {
        Urgency::ALL.into_iter().find(|urgency| urgency.rank() == rank)
    }

    /// Whether it may use what is kept free of the ordinary flow.
    pub fn presses(self) -> bool {
        match self {
            Urgency::Page | Urgency::Decision => true,
            Urgency::Update | Urgency::Note => false,
        }
    }
}
