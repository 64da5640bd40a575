//! The cells of rule 4.10.

use serde::Deserialize;

use super::PerBand;
use crate::domain::rules::{Band, ChangeKind, Condition, Seat, Tier, VotePolicyName};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalPolicy {
    /// `peer_reviewer_if_critical_service` means tiers up to this one.
    pub peer_review_tier_max: Tier,
    /// From this band on, a compliance tag adds the compliance officer's seat.
    pub compliance_officer_from: Band,
    pub standard: PerBand<Vec<Requirement>>,
    /// Expedited normal changes need the same, on shorter clocks and without a meeting.
    pub normal: PerBand<Vec<Requirement>>,
    pub emergency: PerBand<Vec<Requirement>>,
    pub retroactive: PerBand<Vec<Requirement>>,
    pub added: AddedSeats,
}

impl ApprovalPolicy {
    /// What this type of change needs in this band, before the flags.
    pub fn of(&self, kind: ChangeKind, band: Band) -> &[Requirement] {
        match kind {
            ChangeKind::Standard => self.standard.of(band),
            ChangeKind::Normal | ChangeKind::Expedited => self.normal.of(band),
            ChangeKind::Emergency => self.emergency.of(band),
            ChangeKind::Retroactive => self.retroactive.of(band),
        }
    }
}

/// What a fact about the change adds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedSeats {
    pub incident_linked: Vec<Requirement>,
    pub untested: Vec<Requirement>,
    pub touches_security: Vec<Requirement>,
    pub privileged: Vec<Requirement>,
    pub irreversible: Vec<Requirement>,
    pub compliance: Vec<Requirement>,
    pub business_freeze: Vec<Requirement>,
    pub vendor: Vec<Requirement>,
}

/// One word of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Requirement {
    Seat(Seat),
    PeerReviewIfCriticalService,
    /// `vote:ecab`.
    Vote(VotePolicyName),
    ExecutiveAcceptance,
    Condition(Condition),
    NotAllowed,
}

impl TryFrom<String> for Requirement {
    type Error = String;

    fn try_from(word: String) -> Result<Requirement, String> {
        let known = match word.as_str() {
            "peer_reviewer_if_critical_service" => Some(Requirement::PeerReviewIfCriticalService),
            "executive_acceptance" => Some(Requirement::ExecutiveAcceptance),
            "not_allowed" => Some(Requirement::NotAllowed),
            word => match word.strip_prefix("vote:") {
                Some(vote) => VotePolicyName::parse(vote).map(Requirement::Vote),
                None => Seat::parse(word)
                    .map(Requirement::Seat)
                    .or_else(|| Condition::parse(word).map(Requirement::Condition)),
            },
        };
        known.ok_or_else(|| format!("{word:?} is neither a seat, a condition nor a vote (vote:ecab)"))
    }
}
