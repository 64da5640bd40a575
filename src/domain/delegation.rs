//! Delegation: somebody stands in for somebody else for a time (rule 4.22).

use chrono::{DateTime, TimeDelta, Utc};

use super::{Absence, DeadlineKind, Organisation, PersonId, When};

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

/// What the organisation waits for: the next delegation or absence that begins, the next one that ends, and the next
/// turn of a rota.
pub fn organisation_promises(
    organisation: &Organisation,
    (delegations, absences): (&[Delegation], &[Absence]),
    now: DateTime<Utc>,
) -> Vec<(DeadlineKind, DateTime<Utc>)> {
    let delegated = delegations.iter().map(|one| (one.begun, one.starts, one.ends));
    let spells: Vec<_> = delegated.chain(absences.iter().map(|one| (one.begun, one.starts, one.ends))).collect();
    let start = spells.iter().filter(|(begun, ..)| !begun).map(|(_, starts, _)| *starts).min();
    let end = spells.iter().map(|(_, _, ends)| *ends).min();
    [
        (DeadlineKind::DelegationStart, start),
        (DeadlineKind::DelegationEnd, end),
        (DeadlineKind::Rota, organisation.rota_promise(absences, now)),
    ]
    .into_iter()
    .filter_map(|(kind, at)| at.map(|at| (kind, at)))
    .collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DelegationCommand {
    /// Hands the caller's own duties on.
    Grant { to: PersonId, from: Option<When>, until: When, why: Option<String> },
    /// The caller is not there, and nobody needs to stand in.
    Away { from: Option<When>, until: When, why: Option<String> },
    /// Takes them back; the caller is there again.
    End,
}

impl DelegationCommand {
    pub fn name(&self) -> &'static str {
        match self {
            DelegationCommand::Grant { .. } => "cab delegate",
            DelegationCommand::Away { .. } => "cab delegate away",
            DelegationCommand::End => "cab delegate end",
        }
    }
}
