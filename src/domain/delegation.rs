//! Delegation: somebody stands in for somebody else for a time (rule 4.22).

use chrono::{DateTime, TimeDelta, Utc};

use super::{DeadlineKind, PersonId, When};

/// The longest that somebody stands in for another (`delegation.max` of the requirements).
pub const DELEGATION_MAX: TimeDelta = TimeDelta::days(30);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The `seq` of the entry on ORG that grants it; names it.
    pub granted: i32,
    pub from: PersonId,
    pub to: PersonId,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// Whether both were told of its start.
    pub begun: bool,
}

impl Delegation {
    /// Whether it counts at this moment: told or not, early timer or late.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.starts <= now && now < self.ends
    }

    pub fn overlaps(&self, starts: DateTime<Utc>, ends: DateTime<Utc>) -> bool {
        self.starts < ends && starts < self.ends
    }
}

/// For whom somebody fills a seat that is not theirs, and until when they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandsFor {
    pub person: PersonId,
    pub until: DateTime<Utc>,
}

/// The moments at which the next delegation begins and the next one ends.
pub fn delegation_promises(open: &[Delegation]) -> Vec<(DeadlineKind, DateTime<Utc>)> {
    let start = open.iter().filter(|delegation| !delegation.begun).map(|delegation| delegation.starts).min();
    let end = open.iter().map(|delegation| delegation.ends).min();
    let start = start.map(|at| (DeadlineKind::DelegationStart, at));
    start.into_iter().chain(end.map(|at| (DeadlineKind::DelegationEnd, at))).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DelegationCommand {
    /// Hands the caller's own duties on.
    Grant { to: PersonId, from: Option<When>, until: When, why: Option<String> },
    /// Takes them back.
    End,
}

impl DelegationCommand {
    pub fn name(&self) -> &'static str {
        match self {
            DelegationCommand::Grant { .. } => "cab delegate",
            DelegationCommand::End => "cab delegate end",
        }
    }
}
