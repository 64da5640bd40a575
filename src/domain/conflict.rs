//! Two changes in each other's way: on record until one steps back, they are moved apart, or both sides agree.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::rules::ConflictLevel;
use super::{Change, Subject};

/// An open one. It stands on the chain of the change that came later.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConflictRecord {
    pub holder: i64,
    pub other: i64,
    /// The entry that opened it; 0 until it is written.
    pub opened: i32,
    /// Neither starts before it is settled: both are on one service. Otherwise both sides are told, and nothing is held up.
    pub blocks: bool,
    pub level: ConflictLevel,
    /// The change whose side asks that both may run.
    pub asked_side: Option<i64>,
    /// When whoever settles it next is asked.
    pub due_at: DateTime<Utc>,
    /// The decision authority ruled that the other change does not go first.
    pub rival_lost: bool,
}

impl ConflictRecord {
    /// The change on the other side.
    pub fn rival_of(&self, change: i64) -> i64 {
        if self.holder == change { self.other } else { self.holder }
    }
}

/// What is said of the conflicts of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictCommand {
    /// It steps back, and is planned anew.
    Yield { why: String },
    /// Both may run.
    Coexist { why: String },
    /// One of the two was moved, or is over. Said by wardroom itself.
    Check,
}

impl ConflictCommand {
    pub fn name(&self) -> &'static str {
        match self {
            ConflictCommand::Yield { .. } => "change plan yield",
            ConflictCommand::Coexist { .. } => "change plan coexist",
            ConflictCommand::Check => "a look at the conflicts",
        }
    }
}

impl Change {
    pub fn conflict_with(&self, rival: i64) -> Option<&ConflictRecord> {
        self.conflicts.iter().find(|one| one.rival_of(self.number) == rival)
    }

    /// When whoever settles the next of its own conflicts is asked.
    pub fn next_asked_to_settle(&self) -> Option<DateTime<Utc>> {
        let own = self.blockers().filter(|one| one.holder == self.number && self.is_open());
        own.filter(|one| one.level != ConflictLevel::Authority).map(|one| one.due_at).min()
    }

    /// Whether a conflict on record holds it up.
    pub fn is_in_conflict(&self) -> bool {
        self.blockers().any(|one| !one.rival_lost)
    }

    /// The conflicts on record that are settled before it starts.
    pub fn blockers(&self) -> impl Iterator<Item = &ConflictRecord> {
        self.conflicts.iter().filter(|one| one.blocks)
    }

    /// The changes that stand in its way on record.
    pub fn rivals(&self) -> Vec<Subject> {
        self.blockers().map(|one| Subject::Change(one.rival_of(self.number))).collect()
    }

    /// Those that are near it at the same time, and hold nothing up; of what is over there are none.
    pub fn neighbours(&self) -> Vec<Subject> {
        let near = self.conflicts.iter().filter(|one| !one.blocks && self.is_open());
        near.map(|one| Subject::Change(one.rival_of(self.number))).collect()
    }
}
