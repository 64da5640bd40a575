//! What is said to the notices of a change.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rules::AnswerState;

/// On the chain of the change. `objected`: the entry that objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeEvent {
    /// Somebody has read the notice of this revision.
    Acknowledged { revision: i32 },
    /// These owners have not, and are reminded.
    Reminded { revision: i32, owners: Vec<PersonId> },
    Objected {
        revision: i32,
        /// When the decision authority is asked; `None` where it holds nothing up.
        until: Option<DateTime<Utc>>,
        why: String,
    },
    /// An objection holds nothing up any more.
    Settled { objected: i32, of: PersonId, how: AnswerState, why: Option<String> },
    /// Nobody has settled it in time.
    Unsettled { objected: i32, of: PersonId },
    /// What the audiences are told waits until then for a look of these people.
    Previewed { revision: i32, until: DateTime<Utc>, people: Vec<PersonId> },
    /// They are told, in these words where somebody said others.
    Sent { revision: i32, text: Option<String> },
}

impl NoticeEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            NoticeEvent::Acknowledged { revision } => Draft::new("notice.acknowledged").int("revision", *revision),
            NoticeEvent::Reminded { revision, owners } => {
                let owners = owners.iter().map(|owner| owner.as_str().to_owned()).collect();
                Draft::new("notice.reminded").int("revision", *revision).fact("owners", Fact::Words(owners))
            }
            NoticeEvent::Objected { revision, until, why } => Draft::new("notice.objected")
                .int("revision", *revision)
                .maybe(*until, |draft, until| draft.fact("until", Fact::At(until)))
                .text("why", why),
            NoticeEvent::Settled { objected, of, how, why } => Draft::new("notice.settled")
                .int("objected", *objected)
                .fact("of", Fact::Person(of.clone()))
                .word("how", how.as_str())
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            NoticeEvent::Unsettled { objected, of } => {
                Draft::new("notice.unsettled").int("objected", *objected).fact("of", Fact::Person(of.clone()))
            }
            NoticeEvent::Previewed { revision, until, people } => {
                let people = people.iter().map(|person| person.as_str().to_owned()).collect();
                Draft::new("notice.previewed")
                    .int("revision", *revision)
                    .fact("until", Fact::At(*until))
                    .fact("people", Fact::Words(people))
            }
            NoticeEvent::Sent { revision, text } => Draft::new("notice.sent")
                .int("revision", *revision)
                .maybe(text.as_ref(), |draft, text| draft.text("text", text)),
        }
    }
}
