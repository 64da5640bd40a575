//! A batch: ordinary changes that share a window and what is said of them. They are voted on together and run in order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::item_list::ListedItem;
use super::rules::BatchStop;
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
    /// What a failure stops.
    pub stop: BatchStop,
    /// Groups of which no further one starts, while others go on.
    pub stopped: Vec<u8>,
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
    /// Groups run one after another, by number.
    #[serde(default = "first_group")]
    pub group: u8,
    /// As it was typed, until it is known to be one.
    pub service: String,
    /// What it touches besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
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
    /// In the order in which they run.
    pub items: Vec<ListedItem>,
    /// Without it what the policy says.
    pub stop: Option<BatchStop>,
}

/// A word on every change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchWord {
    /// `approve`, `review_ok`, `accept_risk`, `acknowledge`
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
    /// A failure stopped only the group of its change.
    GroupFailed {
        change: i64,
        why: String,
    },
    /// Nothing is left but what stopped groups have left.
    Through {
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
    /// One failed, and only its group stops.
    StopGroup(i64, String),
    /// Nothing is left but what stopped groups have left: of the change that stopped the first of them, and why.
    Through(i64, String),
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
    pub fn new(item: ListedItem) -> BatchItem {
        let ListedItem { group, service, also, what } = item;
        BatchItem { group, service, also, what, state: ItemState::New, change: None, why: None }
    }

    /// Its services as they were typed, the main one first.
    pub fn services(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.service).chain(&self.also)
    }

    /// As it was asked for: "payments,ledger rotate the keys".
    pub fn line(&self) -> String {
        let services: Vec<&str> = self.services().map(String::as_str).collect();
        format!("{} {}", services.join(","), self.what)
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
        let services: Vec<String> = item.services().filter_map(|word| service_of(organisation, word)).collect();
        ChangeForm {
            title: Some(item.what.clone()),
            impact: self.shared.impact.clone(),
            why_now: self.shared.why.clone(),
            rollback_plan: self.shared.plan.clone(),
            tested: self.shared.tested,
            factors: self.shared.factors,
            from: Some(When::At(self.window.opens)),
            until: Some(When::At(self.window.closes)),
            ..ChangeForm::default()
        }
        .on(&services)
    }

    /// Whether its items are in several groups.
    pub fn has_groups(&self) -> bool {
        self.items.windows(2).any(|pair| pair[0].group != pair[1].group)
    }

    /// What comes next, as its changes stand: each is started once the one before it is done, and works.
    pub fn next(&self, changes: &[Change]) -> Next {
        let mut left = None;
        for item in self.items.iter().filter(|item| item.is_in()) {
            let Some(change) = changes.iter().find(|change| item.change == Some(change.number)) else { continue };
            let (number, id) = (change.number, change.subject());
            let has_failed = item.state == ItemState::Failed;
            match change.status {
                ChangeStatus::Completed
                | ChangeStatus::Rejected
                | ChangeStatus::ApprovalExpired
                | ChangeStatus::Cancelled => {}
                ChangeStatus::RolledBack | ChangeStatus::Failed if has_failed => {}
                ChangeStatus::RolledBack => {
                    return self.failure(item, changes, number, format!("{id} was rolled back."));
                }
                ChangeStatus::Failed => return self.failure(item, changes, number, format!("{id} does not work.")),
                ChangeStatus::Implementing | ChangeStatus::Validating => return Next::Wait(number, None),
                _ if self.stopped.contains(&item.group) => left = left.or(Some((item.group, number))),
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
        left.map_or(Next::Complete, |(group, number)| self.through(group, number))
    }

    /// Only its group stops where that was asked for, and where another one can go on.
    fn failure(&self, failed: &BatchItem, changes: &[Change], number: i64, why: String) -> Next {
        let goes_on = |item: &&BatchItem| {
            let change = changes.iter().find(|change| item.change == Some(change.number));
            item.is_in()
                && item.group != failed.group
                && !self.stopped.contains(&item.group)
                && change.is_some_and(|change| change.is_open() && change.ended_at.is_none())
        };
        let others = self.items.iter().find(goes_on).filter(|_| self.stop == BatchStop::Group);
        if others.is_some() { Next::StopGroup(number, why) } else { Next::Pause(number, why) }
    }

    fn through(&self, group: u8, first_left: i64) -> Next {
        let failed = self.items.iter().rev().find(|item| item.group == group && item.state == ItemState::Failed);
        let change = failed.and_then(|item| item.change).unwrap_or(first_left);
        Next::Through(change, format!("Group {group} stopped there, and the other groups are through."))
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

fn first_group() -> u8 {
    1
}

/// The service of this key or name.
pub fn service_of(organisation: &Organisation, word: &str) -> Option<String> {
    let is_meant = |key: &str, name: &str| key.eq_ignore_ascii_case(word) || name.eq_ignore_ascii_case(word);
    organisation.services.values().find(|own| is_meant(&own.key, &own.name)).map(|own| own.key.clone())
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
    fn a_status_reads_what_it_writes() {
        for status in BatchStatus::ALL {
            assert_eq!(BatchStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(BatchStatus::parse("begun"), None);
    }
}
