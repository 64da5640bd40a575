//! A batch: ordinary changes that share a window and what is said of them. They are voted on together and run in order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Change, ChangeForm, ChangeStatus, Organisation, PersonId, RiskFactors, SlotState, Subject, When, Window};

/// Items of one batch; more belong into several, each with a vote that somebody can read.
pub const ITEMS_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub number: i64,
    pub version: i32,
    pub status: BatchStatus,
    pub title: String,
    pub requester: PersonId,
    /// In whose name its changes are started: whoever started or resumed it last.
    pub runner: Option<PersonId>,
    pub window: Window,
    pub shared: SharedText,
    /// In the order in which they run.
    pub items: Vec<BatchItem>,
    /// Why the next one does not start.
    pub held: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchStatus {
    /// Each item is looked at as a request would be.
    Checking,
    /// Something was found: whoever asked for it goes on without what cannot be.
    Waiting,
    /// Each item becomes a change.
    Filing,
    /// It is voted on, or approved, and was not started.
    Open,
    Running,
    Paused,
    Completed,
    Stopped,
}

/// What is said of every change of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SharedText {
    pub impact: Option<String>,
    pub why: Option<String>,
    pub plan: Option<String>,
    pub tested: Option<bool>,
    pub factors: RiskFactors,
}

/// One line of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchItem {
    /// As it was typed, until it is known to be one.
    pub service: String,
    pub what: String,
    pub state: ItemState,
    pub change: Option<i64>,
    /// Why it is refused, what it is in conflict with, why it went, or why it failed.
    pub why: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    New,
    /// It may be asked for, but another change has its window.
    Conflict,
    Refused,
    /// It is a change of this batch.
    Filed,
    /// Its failure paused the batch.
    Failed,
    /// It goes on by itself.
    Out,
}

/// What can be said of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchCommand {
    Plan(Box<NewBatch>),
    /// Goes on with what was not refused.
    Proceed,
    Exclude {
        change: i64,
        why: Option<String>,
    },
    Start,
    Pause,
    Resume,
    Stop {
        why: String,
    },
    /// Somebody's word on all of its changes was written to each of them.
    Said(BatchWord),
    /// What wardroom itself finds out, and does, on the way.
    Step(BatchStep),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    pub title: String,
    pub shared: SharedText,
    pub from: Option<When>,
    pub until: When,
    /// Service and what is done there, as typed.
    pub items: Vec<(String, String)>,
}

/// A word on every change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchWord {
    /// `approve`, `review_ok`, `accept_risk`
    pub word: &'static str,
    /// The changes that took it, and those that did not.
    pub taken: i32,
    pub refused: i32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchStep {
    /// What a request for each item would have met: `None` where nothing.
    Checked(Vec<Option<Found>>),
    Filed {
        item: usize,
        change: i64,
    },
    Refused {
        item: usize,
        why: String,
    },
    Opened,
    Advanced {
        change: i64,
    },
    Held {
        change: i64,
        why: String,
    },
    Failed {
        change: i64,
        why: String,
    },
    Completed,
}

/// What a request for an item meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Refused(String),
    Conflict(String),
}

/// The batch that a command is about.
#[derive(Debug, Clone)]
pub enum BatchTarget {
    New { number: i64 },
    Known { batch: Box<Batch>, changes: Vec<Change> },
}

/// What a batch that runs does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Start(i64),
    /// One of them runs, or is watched; with a reason where somebody has to do something first.
    Wait(i64, Option<String>),
    Pause(i64, String),
    Complete,
}

impl BatchStatus {
    pub const ALL: [BatchStatus; 8] = [
        BatchStatus::Checking,
        BatchStatus::Waiting,
        BatchStatus::Filing,
        BatchStatus::Open,
        BatchStatus::Running,
        BatchStatus::Paused,
        BatchStatus::Completed,
        BatchStatus::Stopped,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            BatchStatus::Checking => "checking",
            BatchStatus::Waiting => "waiting",
            BatchStatus::Filing => "filing",
            BatchStatus::Open => "open",
            BatchStatus::Running => "running",
            BatchStatus::Paused => "paused",
            BatchStatus::Completed => "completed",
            BatchStatus::Stopped => "stopped",
        }
    }

    pub fn parse(word: &str) -> Option<BatchStatus> {
        BatchStatus::ALL.into_iter().find(|status| status.as_str() == word)
    }

    pub fn is_over(self) -> bool {
        matches!(self, BatchStatus::Completed | BatchStatus::Stopped)
    }

    /// Whether its items are changes already.
    pub fn is_filed(self) -> bool {
        matches!(self, BatchStatus::Open | BatchStatus::Running | BatchStatus::Paused)
    }
}

impl BatchItem {
    pub fn new(service: String, what: String) -> BatchItem {
        BatchItem { service, what, state: ItemState::New, change: None, why: None }
    }

    /// Whether it is a change of its batch.
    pub fn is_in(&self) -> bool {
        matches!(self.state, ItemState::Filed | ItemState::Failed)
    }
}

impl Batch {
    pub fn subject(&self) -> Subject {
        Subject::Batch(self.number)
    }

    /// The changes that belong to it now, in the order in which they run.
    pub fn changes(&self) -> Vec<i64> {
        self.items.iter().filter(|item| item.is_in()).filter_map(|item| item.change).collect()
    }

    pub fn item_of(&self, change: i64) -> Option<&BatchItem> {
        self.items.iter().find(|item| item.change == Some(change) && item.is_in())
    }

    pub(super) fn item_of_mut(&mut self, change: i64) -> Option<&mut BatchItem> {
        self.items.iter_mut().find(|item| item.change == Some(change) && item.is_in())
    }

    /// The first item that is to become a change.
    pub fn unfiled(&self) -> Option<usize> {
        self.items.iter().position(|item| matches!(item.state, ItemState::New | ItemState::Conflict))
    }

    pub fn count(&self, state: ItemState) -> usize {
        self.items.iter().filter(|item| item.state == state).count()
    }

    /// An item as the request that anybody would make for it.
    pub fn request(&self, organisation: &Organisation, item: &BatchItem) -> ChangeForm {
        ChangeForm {
            title: Some(item.what.clone()),
            service: service_of(organisation, &item.service),
            impact: self.shared.impact.clone(),
            why_now: self.shared.why.clone(),
            rollback_plan: self.shared.plan.clone(),
            tested: self.shared.tested,
            factors: self.shared.factors,
            from: Some(When::At(self.window.opens)),
            until: Some(When::At(self.window.closes)),
            ..ChangeForm::default()
        }
    }

    /// What comes next, as its changes stand: each is started once the one before it is done, and works.
    pub fn next(&self, changes: &[Change]) -> Next {
        for number in self.changes() {
            let Some(change) = changes.iter().find(|change| change.number == number) else { continue };
            let has_failed = self.item_of(number).is_some_and(|item| item.state == ItemState::Failed);
            let id = change.subject();
            match change.status {
                ChangeStatus::Completed
                | ChangeStatus::Rejected
                | ChangeStatus::ApprovalExpired
                | ChangeStatus::Cancelled => {}
                ChangeStatus::RolledBack | ChangeStatus::Failed if has_failed => {}
                ChangeStatus::RolledBack => return Next::Pause(number, format!("{id} was rolled back.")),
                ChangeStatus::Failed => return Next::Pause(number, format!("{id} does not work.")),
                ChangeStatus::Implementing | ChangeStatus::Validating => return Next::Wait(number, None),
                ChangeStatus::Halted | ChangeStatus::WindowExpired => {
                    return Next::Wait(number, Some(format!("{id} is {}.", change.status.phrase())));
                }
                ChangeStatus::AwaitingApproval => {
                    return Next::Wait(number, Some(format!("{id} is awaiting approval.")));
                }
                // Whose turn it is says the line; that of a service comes once the change before is watched no more.
                ChangeStatus::Queued if !change.slot.is_some_and(|slot| slot.state == SlotState::Offered) => {
                    return Next::Wait(number, None);
                }
                ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold => return Next::Start(number),
            }
        }
        Next::Complete
    }

    /// Of its undecided changes, the one that takes the most: its vote is shown for all.
    pub fn strictest<'a>(&self, changes: &'a [Change]) -> Option<&'a Change> {
        let undecided = changes.iter().filter(|change| change.is_undecided());
        undecided.max_by_key(|change| {
            let members = change.vote.as_ref().map_or(0, |vote| vote.roster.len());
            (change.open_seats().len(), members, std::cmp::Reverse(change.number))
        })
    }
}

/// The service of this key or name.
pub fn service_of(organisation: &Organisation, word: &str) -> Option<String> {
    let is_meant = |key: &str, name: &str| key.eq_ignore_ascii_case(word) || name.eq_ignore_ascii_case(word);
    organisation.services.values().find(|own| is_meant(&own.key, &own.name)).map(|own| own.key.clone())
}

/// The items of a list: one a line, or between semicolons; the service first, then what is done.
pub fn read_items(list: &str) -> Vec<(String, String)> {
    let lines = list.split(['\n', ';']).map(|line| line.trim().trim_start_matches(['-', '•', '*']).trim_start());
    let item = |line: &str| {
        let (service, what) = line.split_once([' ', '\t', ',']).unwrap_or((line, ""));
        (service.trim_end_matches([':', ',']).to_owned(), what.trim_start_matches([',', ':', ' ']).trim().to_owned())
    };
    lines.filter(|line| !line.is_empty()).map(item).collect()
}

impl BatchCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        match self {
            BatchCommand::Plan(_) => "change bulk",
            BatchCommand::Proceed => "change plan batch go",
            BatchCommand::Exclude { .. } => "change plan batch exclude",
            BatchCommand::Start => "change plan batch start",
            BatchCommand::Pause => "change plan batch pause",
            BatchCommand::Resume => "change plan batch resume",
            BatchCommand::Stop { .. } => "change plan batch stop",
            BatchCommand::Said(_) => "a word on a batch",
            BatchCommand::Step(_) => "a step of a batch",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_one_a_line_or_between_semicolons() {
        let item = |service: &str, what: &str| (service.to_owned(), what.to_owned());
        assert_eq!(
            read_items("payments rotate the key; ledger: vacuum\n- search, rebuild the index ;;\n\nnothing"),
            [
                item("payments", "rotate the key"),
                item("ledger", "vacuum"),
                item("search", "rebuild the index"),
                item("nothing", "")
            ]
        );
        assert_eq!(read_items(" ; \n"), []);
    }

    #[test]
    fn a_status_reads_what_it_writes() {
        for status in BatchStatus::ALL {
            assert_eq!(BatchStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(BatchStatus::parse("begun"), None);
    }
}
