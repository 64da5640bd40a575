//! The meeting of the board: what comes first, and whether enough people are there.

use chrono::{DateTime, Utc};

use super::Band;

/// A change that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub change: i64,
    pub band: Band,
    /// When its vote, or the time to decide without one, ends.
    pub decide_by: Option<DateTime<Utc>>,
}

/// The riskiest first; of the same risk what is due soonest, then the oldest. What has no deadline can wait.
pub fn agenda(mut pending: Vec<Pending>) -> Vec<Pending> {
    let soonest = |by: Option<DateTime<Utc>>| by.unwrap_or(DateTime::<Utc>::MAX_UTC);
    pending.sort_by_key(|one| (std::cmp::Reverse(one.band), soonest(one.decide_by), one.change));
    pending
}

/// Who is there, of those who have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeetingQuorum {
    pub roster: u32,
    /// Members of the roster who are there.
    pub present: u32,
    pub needed: u32,
    /// Somebody is there who speaks for incident management.
    pub incident_management: bool,
}

impl MeetingQuorum {
    pub fn is_met(self) -> bool {
        self.present >= self.needed && self.incident_management
    }

    /// "Not quorate: 1 of 4 members is here, 3 are needed; incident management is not here."
    pub fn sentence(self) -> String {
        let MeetingQuorum { roster, present, needed, .. } = self;
        let here = format!("{present} of {roster} members {} here", if present == 1 { "is" } else { "are" });
        if self.is_met() {
            return format!("Quorate: {here}.");
        }
        let mut missing = Vec::new();
        if present < needed {
            missing.push(format!("{here}, {needed} are needed"));
        }
        if !self.incident_management {
            missing.push("incident management is not here".to_owned());
        }
        format!("Not quorate: {}.", missing.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(change: i64, band: Band, hour: Option<u32>) -> Pending {
        let at = |hour: u32| format!("2030-01-07T{hour:02}:00:00Z").parse().expect("a moment");
        Pending { change, band, decide_by: hour.map(at) }
    }

    #[test]
    fn risk_comes_before_the_deadline_and_the_deadline_before_age() {
        let waiting = vec![
            pending(1, Band::Low, Some(9)),
            pending(2, Band::High, None),
            pending(3, Band::High, Some(12)),
            pending(4, Band::Critical, Some(20)),
            pending(5, Band::High, Some(12)),
            pending(6, Band::Medium, Some(8)),
        ];
        let order: Vec<i64> = agenda(waiting).iter().map(|one| one.change).collect();
        assert_eq!(order, [4, 3, 5, 2, 6, 1]);
    }

    #[test]
    fn a_quorum_needs_members_and_incident_management() {
        for (present, incident_management, expected) in [
            (3, true, "Quorate: 3 of 4 members are here."),
            (4, true, "Quorate: 4 of 4 members are here."),
            (4, false, "Not quorate: incident management is not here."),
            (1, true, "Not quorate: 1 of 4 members is here, 3 are needed."),
            (0, false, "Not quorate: 0 of 4 members are here, 3 are needed; incident management is not here."),
        ] {
            let quorum = MeetingQuorum { roster: 4, present, needed: 3, incident_management };
            assert_eq!(quorum.sentence(), expected);
            assert_eq!(quorum.is_met(), expected.starts_with("Quorate"));
        }
    }
}
