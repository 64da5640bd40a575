//! The votes of rule 4.13.

use serde::Deserialize;

use crate::domain::rules::{Band, Ratio, Seat, Span, Threshold, VotePolicyName};

/// One vote's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VotePolicy {
    /// Share of the roster that has to take part, rounded up.
    pub min_participation: Ratio,
    /// People who have to take part, whatever the share says.
    pub min_count: u32,
    pub min_approvals: u32,
    /// Share of approve + reject.
    pub threshold: Threshold,
    /// Have to approve, each by another person.
    pub required_seats: Vec<Seat>,
    /// Also required where the change is flagged for security.
    pub required_seats_if_flagged: Vec<Seat>,
    /// A reject of one of these ends the vote.
    pub veto_seats: Vec<Seat>,
    pub veto_seats_if_flagged: Vec<Seat>,
    /// This seat is filled by the executive's typed risk acceptance.
    #[serde(default)]
    pub acceptance_fills_seat: Option<Seat>,
    /// Passes as soon as its conditions hold and nobody objects.
    pub early_pass_without_reject: bool,
    /// A tie at the close is decided by the chair's ballot.
    pub chair_breaks_ties: bool,
    /// At least one approval by somebody who was not among the first approvers, where the roster has one. Said by the
    /// kind of vote, not by the document.
    #[serde(skip)]
    pub fresh_member: bool,
    pub window: VoteWindow,
}

impl VotePolicy {
    /// The seats that have to approve.
    pub fn seats(&self, security_flagged: bool) -> Vec<Seat> {
        with_flagged(&self.required_seats, &self.required_seats_if_flagged, security_flagged)
    }

    /// As if nobody had this seat.
    #[must_use]
    pub fn without(mut self, seat: Seat) -> VotePolicy {
        for seats in [
            &mut self.required_seats,
            &mut self.required_seats_if_flagged,
            &mut self.veto_seats,
            &mut self.veto_seats_if_flagged,
        ] {
            seats.retain(|other| *other != seat);
        }
        self
    }

    /// The seats whose reject ends the vote.
    pub fn vetoes(&self, security_flagged: bool) -> Vec<Seat> {
        with_flagged(&self.veto_seats, &self.veto_seats_if_flagged, security_flagged)
    }
}

fn with_flagged(always: &[Seat], if_flagged: &[Seat], flagged: bool) -> Vec<Seat> {
    let more = if_flagged.iter().filter(|seat| flagged && !always.contains(seat));
    always.iter().chain(more).copied().collect()
}

/// How long a vote stays open.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteWindow {
    /// For an incident of this priority, where the vote has a shorter one.
    #[serde(default)]
    pub p1: Option<Span>,
    #[serde(default)]
    pub p2: Option<Span>,
    pub other: Span,
}

/// A vote that takes another one's numbers and its own window.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteRepeat {
    pub window: VoteWindow,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VotePolicies {
    /// Shares of a vote's time at which whoever has not voted is reminded, in rising order.
    #[serde(default = "half_and_four_fifths")]
    pub remind_at: Vec<Ratio>,
    pub cab_high: VotePolicy,
    pub cab_critical: VotePolicy,
    pub ecab: VotePolicy,
    pub ecab_critical: VotePolicy,
    /// As `ecab`, or `ecab_critical` in the critical band, with fresh ballots and somebody new.
    pub ecab_reapproval: VoteRepeat,
    /// As `cab_high`.
    pub catalogue_entry: VoteRepeat,
}

/// For policies that were written before votes reminded.
fn half_and_four_fifths() -> Vec<Ratio> {
    [50, 80].map(|parts| Ratio { parts, of: 100 }).into()
}

impl VotePolicies {
    /// The numbers of a vote on a change of this band.
    pub fn of(&self, name: VotePolicyName, band: Band) -> VotePolicy {
        match name {
            VotePolicyName::CabHigh => self.cab_high.clone(),
            VotePolicyName::CabCritical => self.cab_critical.clone(),
            VotePolicyName::Ecab => self.ecab.clone(),
            VotePolicyName::EcabCritical => self.ecab_critical.clone(),
            VotePolicyName::EcabReapproval => {
                let first = match band {
                    Band::Low | Band::Medium | Band::High => &self.ecab,
                    Band::Critical => &self.ecab_critical,
                };
                VotePolicy { window: self.ecab_reapproval.window.clone(), fresh_member: true, ..first.clone() }
            }
            VotePolicyName::CatalogueEntry => {
                VotePolicy { window: self.catalogue_entry.window.clone(), ..self.cab_high.clone() }
            }
        }
    }
}
