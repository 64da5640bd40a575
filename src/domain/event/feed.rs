//! What happens to the addresses under which calendar programs fetch the change calendar.

use super::{Draft, Fact};
use crate::domain::PersonId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedEvent {
    /// `hash`: sha256 of the address's secret, in hexadecimal digits. `renewed`: an older address ended by it.
    Opened {
        person: PersonId,
        hash: String,
        renewed: bool,
    },
    Closed {
        person: PersonId,
    },
}

impl FeedEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            FeedEvent::Opened { person, hash, renewed } => Draft::new("feed.opened")
                .fact("person", Fact::Person(person.clone()))
                .word("sha256", hash)
                .fact("renewed", Fact::Yes(*renewed)),
            FeedEvent::Closed { person } => Draft::new("feed.closed").fact("person", Fact::Person(person.clone())),
        }
    }
}
