//! What happens to a delegation.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DelegationEvent {
    Granted {
        from: PersonId,
        to: PersonId,
        starts: DateTime<Utc>,
        ends: DateTime<Utc>,
        why: Option<String>,
    },
    Began {
        granted: i32,
        from: PersonId,
        to: PersonId,
        ends: DateTime<Utc>,
    },
    /// `by_hand`: taken back before its time.
    Ended {
        granted: i32,
        from: PersonId,
        to: PersonId,
        by_hand: bool,
    },
}

impl DelegationEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            DelegationEvent::Granted { from, to, starts, ends, why } => {
                between(Draft::new("delegation.granted"), from, to)
                    .fact("starts", Fact::At(*starts))
                    .fact("ends", Fact::At(*ends))
                    .maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            DelegationEvent::Began { granted, from, to, ends } => {
                between(Draft::new("delegation.began"), from, to).int("granted", *granted).fact("ends", Fact::At(*ends))
            }
            DelegationEvent::Ended { granted, from, to, by_hand } => between(Draft::new("delegation.ended"), from, to)
                .int("granted", *granted)
                .fact("by_hand", Fact::Yes(*by_hand)),
        }
    }

    /// Delegator and delegate.
    pub fn people(&self) -> [&PersonId; 2] {
        match self {
            DelegationEvent::Granted { from, to, .. }
            | DelegationEvent::Began { from, to, .. }
            | DelegationEvent::Ended { from, to, .. } => [from, to],
        }
    }
}

fn between(draft: Draft, from: &PersonId, to: &PersonId) -> Draft {
    draft.fact("from", Fact::Person(from.clone())).fact("to", Fact::Person(to.clone()))
}
