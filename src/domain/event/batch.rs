//! What happens to a batch of changes. What happens to each change is told in its own chain.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::batch::SharedText;
use crate::domain::rules::BatchStop;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchEvent {
    /// `list`: its items as they were understood, one a line. `shared`: what is said of each of them.
    Planned {
        items: i32,
        opens: DateTime<Utc>,
        closes: DateTime<Utc>,
        title: String,
        list: String,
        shared: SharedText,
        stop: BatchStop,
    },
    /// `waits`: something was found, and its requester goes on with the others, or not.
    Checked {
        conflicts: i32,
        refused: i32,
        waits: bool,
        found: Option<String>,
    },
    Confirmed {
        items: i32,
    },
    Filed {
        item: i32,
        change: i64,
    },
    /// What could have been asked for when it was checked cannot any more.
    ItemRefused {
        item: i32,
        why: String,
    },
    Opened {
        items: i32,
    },
    /// A word on all of its changes.
    Said {
        choice: &'static str,
        taken: i32,
        refused: i32,
    },
    Excluded {
        change: i64,
        why: Option<String>,
    },
    Started {
        items: i32,
    },
    /// The next one runs.
    Advanced {
        change: i64,
        item: i32,
        items: i32,
    },
    Held {
        change: i64,
        why: String,
    },
    /// `change`: the one whose failure paused it; without it a person did.
    Paused {
        change: Option<i64>,
        why: Option<String>,
    },
    /// A failure stopped its group; the others go on.
    GroupStopped {
        change: i64,
        group: i32,
        why: String,
    },
    /// `stopped`: with what stopped groups have left.
    Resumed {
        stopped: bool,
    },
    Stopped {
        why: String,
    },
    Completed {
        items: i32,
    },
}

impl BatchEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let named = |change: &i64| format!("CHG-{change}");
        match self {
            BatchEvent::Planned { items, opens, closes, title, list, shared, stop } => Draft::new("batch.planned")
                .int("items", *items)
                .fact("opens", Fact::At(*opens))
                .fact("closes", Fact::At(*closes))
                .word("stop", stop.as_str())
                .text("title", title)
                .text("list", list)
                .maybe(shared.impact.as_ref(), |draft, impact| draft.text("impact", impact))
                .maybe(shared.why.as_ref(), |draft, why| draft.text("why", why))
                .maybe(shared.plan.as_ref(), |draft, plan| draft.text("rollback_plan", plan)),
            BatchEvent::Checked { conflicts, refused, waits, found } => Draft::new("batch.checked")
                .int("conflicts", *conflicts)
                .int("refused", *refused)
                .fact("waits", Fact::Yes(*waits))
                .maybe(found.as_ref(), |draft, found| draft.text("text", found)),
            BatchEvent::Confirmed { items } => Draft::new("batch.confirmed").int("items", *items),
            BatchEvent::Filed { item, change } => {
                Draft::new("batch.filed").int("item", *item).word("change", named(change))
            }
            BatchEvent::ItemRefused { item, why } => {
                Draft::new("batch.item_refused").int("item", *item).text("why", why)
            }
            BatchEvent::Opened { items } => Draft::new("batch.opened").int("items", *items),
            BatchEvent::Said { choice, taken, refused } => {
                Draft::new("batch.said").word("choice", *choice).int("taken", *taken).int("refused", *refused)
            }
            BatchEvent::Excluded { change, why } => Draft::new("batch.excluded")
                .word("change", named(change))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            BatchEvent::Started { items } => Draft::new("batch.started").int("items", *items),
            BatchEvent::Advanced { change, item, items } => {
                Draft::new("batch.advanced").word("change", named(change)).int("item", *item).int("items", *items)
            }
            BatchEvent::Held { change, why } => Draft::new("batch.held").word("change", named(change)).text("why", why),
            BatchEvent::Paused { change, why } => Draft::new("batch.paused")
                .maybe(change.as_ref(), |draft, change| draft.word("change", named(change)))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            BatchEvent::GroupStopped { change, group, why } => {
                Draft::new("batch.group_stopped").word("change", named(change)).int("group", *group).text("why", why)
            }
            BatchEvent::Resumed { stopped } => Draft::new("batch.resumed").fact("stopped", Fact::Yes(*stopped)),
            BatchEvent::Stopped { why } => Draft::new("batch.stopped").text("why", why),
            BatchEvent::Completed { items } => Draft::new("batch.completed").int("items", *items),
        }
    }
}
