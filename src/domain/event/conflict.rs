//! What happens to two changes that are in each other's way.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::Subject;
use crate::domain::rules::{ConflictLevel, ConflictState};

/// On the chain of the change that holds the record, but for `Yielded`, which is on that of whichever steps back.
/// `opened`: the entry that opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictEvent {
    Opened {
        other: i64,
        /// When a change manager is asked; `None`: they are only near each other, and nothing is held up.
        until: Option<DateTime<Utc>>,
    },
    /// One side asks that both may run.
    CoexistAsked { opened: i32, other: i64, side: i64, why: String },
    /// Nobody settled it in time: `level` is asked now.
    Escalated { opened: i32, other: i64, level: ConflictLevel },
    Resolved {
        opened: i32,
        other: i64,
        state: ConflictState,
        /// They were only near each other, and nothing was held up.
        near: bool,
        why: Option<String>,
    },
    /// It has no window any more, and wants to be planned anew.
    Yielded { to: Vec<Subject>, why: String },
}

impl ConflictEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let with = |draft: Draft, opened: i32, other: i64| {
            draft.int("opened", opened).word("other", Subject::Change(other).to_string())
        };
        match self {
            ConflictEvent::Opened { other, until } => {
                let draft = Draft::new("conflict.opened").word("other", Subject::Change(*other).to_string());
                match until {
                    Some(until) => draft.fact("until", Fact::At(*until)),
                    None => draft.fact("near", Fact::Yes(true)),
                }
            }
            ConflictEvent::CoexistAsked { opened, other, side, why } => {
                with(Draft::new("conflict.coexist_asked"), *opened, *other)
                    .word("side", Subject::Change(*side).to_string())
                    .text("why", why)
            }
            ConflictEvent::Escalated { opened, other, level } => {
                with(Draft::new("conflict.escalated"), *opened, *other).word("level", level.as_str())
            }
            ConflictEvent::Resolved { opened, other, state, near, why } => {
                with(Draft::new("conflict.resolved"), *opened, *other)
                    .word("how", state.as_str())
                    .maybe(near.then_some(true), |draft, near| draft.fact("near", Fact::Yes(near)))
                    .maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            ConflictEvent::Yielded { to, why } => Draft::new("conflict.yielded")
                .fact("rivals", Fact::Words(to.iter().map(ToString::to_string).collect()))
                .text("why", why),
        }
    }
}
