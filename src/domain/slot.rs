//! A change's turn to run: how many run at once is bounded, the others wait in line (rule 4.18).

use chrono::{DateTime, Utc};

use super::Change;
use super::rules::{Priority, Queued};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub state: SlotState,
    /// When it came to the end of the line.
    pub asked_at: DateTime<Utc>,
    /// When an offer lapses, a lease is asked about, or a soak is over.
    pub until: Option<DateTime<Utc>>,
    /// The commander wants it first.
    pub ahead: bool,
    /// The commander lets it run beside a change next to it.
    pub beside: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotState {
    Waiting,
    /// Its turn: it may begin until the offer lapses.
    Offered,
    Leased,
    /// It is done, and watched for a while before the next begins.
    Soaking,
    Free,
}

impl SlotState {
    pub const ALL: [SlotState; 5] =
        [SlotState::Waiting, SlotState::Offered, SlotState::Leased, SlotState::Soaking, SlotState::Free];

    pub fn as_str(self) -> &'static str {
        match self {
            SlotState::Waiting => "waiting",
            SlotState::Offered => "offered",
            SlotState::Leased => "leased",
            SlotState::Soaking => "soaking",
            SlotState::Free => "free",
        }
    }

    pub fn parse(word: &str) -> Option<SlotState> {
        SlotState::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Slot {
    pub fn waiting(at: DateTime<Utc>) -> Slot {
        Slot { state: SlotState::Waiting, asked_at: at, until: None, ahead: false, beside: false }
    }

    #[must_use]
    pub fn to(self, state: SlotState, until: Option<DateTime<Utc>>) -> Slot {
        Slot { state, until, ..self }
    }
}

/// What the commander says about the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineCommand {
    /// This one next.
    First { why: String },
    /// This one beside the change next to it.
    Beside { why: String },
    /// This one has had its slot for long enough.
    Release { why: String },
}

impl LineCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        "change queue"
    }

    pub fn why(&self) -> &str {
        match self {
            LineCommand::First { why } | LineCommand::Beside { why } | LineCommand::Release { why } => why,
        }
    }
}

/// A change that runs, soaks or waits, and the priority of the open incident that it resolves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InLine {
    pub change: Change,
    pub priority: Option<Priority>,
}

impl InLine {
    pub fn waits(&self) -> bool {
        self.change.slot.is_some_and(|slot| slot.state == SlotState::Waiting)
    }

    /// Whether it has a slot, or one is kept for it.
    pub fn takes_slot(&self, now: DateTime<Utc>) -> bool {
        self.change.slot.is_some_and(|slot| match slot.state {
            SlotState::Offered | SlotState::Leased => true,
            SlotState::Soaking => slot.until.is_some_and(|until| now < until),
            SlotState::Waiting | SlotState::Free => false,
        })
    }

    /// What the line is sorted by, the smallest first (rule 4.18); who asked in the same moment, by number.
    pub fn order(&self) -> ((bool, Priority, DateTime<Utc>), i64) {
        let slot = self.change.slot;
        let queued = Queued {
            goes_first: slot.is_some_and(|slot| slot.ahead) || self.priority == Some(Priority::P1),
            priority: self.priority.unwrap_or(Priority::P4),
            submitted: slot.map_or(self.change.requested_at, |slot| slot.asked_at),
        };
        (queued.order(), self.change.number)
    }
}

/// Those who wait, the next first.
pub fn line(all: &[InLine]) -> Vec<&InLine> {
    let mut waiting: Vec<&InLine> = all.iter().filter(|one| one.waits()).collect();
    waiting.sort_by_key(|one| one.order());
    waiting
}
