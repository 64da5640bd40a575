//! What happens to an amendment of the policy.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::amendment::name;
use crate::domain::proposal::Origin;

/// `asked`: the entry that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmendmentEvent {
    Proposed {
        number: i32,
        origin: Origin,
        due: DateTime<Utc>,
        what: String,
        why: String,
    },
    /// A policy that answers it waits; `proposed`: the entry that proposes that.
    Answered {
        asked: i32,
        number: i32,
        proposed: i32,
        hash: String,
    },
    /// A policy that answers it is in force.
    Adopted {
        asked: i32,
        number: i32,
        hash: String,
    },
    /// The policy that would have answered it waits no more.
    Reopened {
        asked: i32,
        number: i32,
    },
    Declined {
        asked: i32,
        number: i32,
        why: String,
    },
    Reminded {
        asked: i32,
        number: i32,
        origin: Origin,
        due: DateTime<Utc>,
    },
    Overdue {
        asked: i32,
        number: i32,
        origin: Origin,
        due: DateTime<Utc>,
    },
}

impl AmendmentEvent {
    /// Of the amendment that it happens to.
    pub fn number(&self) -> i32 {
        match self {
            AmendmentEvent::Proposed { number, .. }
            | AmendmentEvent::Answered { number, .. }
            | AmendmentEvent::Adopted { number, .. }
            | AmendmentEvent::Reopened { number, .. }
            | AmendmentEvent::Declined { number, .. }
            | AmendmentEvent::Reminded { number, .. }
            | AmendmentEvent::Overdue { number, .. } => *number,
        }
    }

    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let of = |draft: Draft, asked: i32, number: i32| {
            draft.int("asked", asked).word("amendment", name(number)).int("number", number)
        };
        let chased = |draft: Draft, origin: &Origin, due: DateTime<Utc>| {
            draft.word("origin", origin.as_str()).fact("due", Fact::At(due))
        };
        match self {
            AmendmentEvent::Proposed { number, origin, due, what, why } => Draft::new("amendment.proposed")
                .word("amendment", name(*number))
                .int("number", *number)
                .word("origin", origin.as_str())
                .fact("due", Fact::At(*due))
                .text("what", what)
                .text("why", why),
            AmendmentEvent::Answered { asked, number, proposed, hash } => {
                of(Draft::new("amendment.answered"), *asked, *number).int("proposed", *proposed).word("hash", hash)
            }
            AmendmentEvent::Adopted { asked, number, hash } => {
                of(Draft::new("amendment.adopted"), *asked, *number).word("hash", hash)
            }
            AmendmentEvent::Reopened { asked, number } => of(Draft::new("amendment.reopened"), *asked, *number),
            AmendmentEvent::Declined { asked, number, why } => {
                of(Draft::new("amendment.declined"), *asked, *number).text("why", why)
            }
            AmendmentEvent::Reminded { asked, number, origin, due } => {
                chased(of(Draft::new("amendment.reminded"), *asked, *number), origin, *due)
            }
            AmendmentEvent::Overdue { asked, number, origin, due } => {
                chased(of(Draft::new("amendment.overdue"), *asked, *number), origin, *due)
            }
        }
    }
}
