//! Rule 4.10: whose yes a change needs.

use serde::{Deserialize, Serialize};

use super::ruling::listed;
use super::{Band, ChangeKind, Denial, Ruling, Seat, Tier, VotePolicyName};
use crate::domain::policy::{Policy, Requirement};

words! {
    /// What adds seats. All that apply are added.
    Flag {
        IncidentLinked = "incident_linked", "it is linked to an incident";
        Untested = "untested", "it is not tested";
        /// Access, network boundary, secrets, or data protection.
        TouchesSecurity = "touches_security", "it touches access, the network boundary, secrets or data protection";
        Privileged = "privileged", "it uses privileged accounts or keys";
        /// Irreversible, or a data migration.
        Irreversible = "irreversible", "it cannot be taken back, or moves data";
        /// A compliance tag (sox, hipaa, pci) on the service.
        Compliance = "compliance", "the service is under a compliance regime";
        BusinessFreeze = "business_freeze", "it falls into an agreed business freeze";
        Vendor = "vendor", "a vendor carries it out";
    }
}

words! {
    /// What must hold besides the seats.
    Condition {
        OwnerInformed = "owner_informed", "the owner is informed";
        CertifiedImplementer = "certified_implementer", "the implementer is certified";
    }
}

/// What decides the seats of a change.
#[derive(Debug, Clone, Copy)]
pub struct ApprovalFacts<'a> {
    pub kind: ChangeKind,
    pub band: Band,
    /// Of the most critical service.
    pub tier: Tier,
    /// Groups of owners whose services are touched: each gives its own yes.
    pub owner_groups: u8,
    pub flags: &'a [Flag],
}

/// Whose yes a change needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Required {
    /// To be filled outside the vote. A seat named twice needs two people.
    pub seats: Vec<Seat>,
    pub peer_reviews: u8,
    pub vote: Option<VotePolicyName>,
    /// The vote needs no meeting.
    pub asynchronous: bool,
    /// Security sits in the vote, with a veto.
    pub security_flagged: bool,
    pub executive_acceptance: bool,
    pub conditions: Vec<Condition>,
    /// How many owners have to agree, where it touches services of several: outside the vote, or by their ballot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<u8>,
    /// Of a change on several services: for each owner the services that are theirs. Empty also where that was not kept yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owner_seats: Vec<Vec<String>>,
}

impl Required {
    /// For people: "a peer review, the service owner and the vote of the E-CAB".
    pub fn describe(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        match self.peer_reviews {
            0 => {}
            1 => words.push("a peer review".to_owned()),
            count => words.push(format!("{count} peer reviews by different people")),
        }
        let seats = self.seats_of_all_owners();
        for (place, seat) in seats.iter().enumerate().filter(|(place, seat)| !seats[..*place].contains(seat)) {
            words.push(match seats[place..].iter().filter(|other| *other == seat).count() {
                1 => format!("the {seat}"),
                2 => format!("both {seat}s"),
                several => format!("all {several} {seat}s"),
            });
        }
        words.extend(self.vote.map(|vote| format!("the {vote}")));
        if self.executive_acceptance {
            words.push("an executive's acceptance of the risk".to_owned());
        }
        if words.is_empty() { "nobody's approval".to_owned() } else { listed(&words, "and") }
    }

    /// The seats, with one for each owner also where a vote has one of them: that is for one owner, and each has to agree.
    pub fn seats_of_all_owners(&self) -> Vec<Seat> {
        let there = self.seats.iter().filter(|seat| **seat == Seat::ServiceOwner).count();
        let more = usize::from(self.owners.unwrap_or(0)).saturating_sub(there);
        self.seats.iter().copied().chain(std::iter::repeat_n(Seat::ServiceOwner, more)).collect()
    }

    fn add(&mut self, requirement: Requirement, facts: &ApprovalFacts, tier_max: Tier) {
        match requirement {
            Requirement::Seat(Seat::PeerReviewer) => self.peer_reviews += 1,
            Requirement::PeerReviewIfCriticalService => self.peer_reviews += u8::from(facts.tier <= tier_max),
            Requirement::Seat(Seat::ServiceOwner) => {
                self.seats.extend(std::iter::repeat_n(Seat::ServiceOwner, facts.owner_groups.max(1).into()));
            }
            Requirement::Seat(seat) => self.seats.push(seat),
            Requirement::Vote(vote) => self.vote = Some(vote),
            Requirement::ExecutiveAcceptance => self.executive_acceptance = true,
            Requirement::Condition(condition) => self.conditions.push(condition),
            Requirement::NotAllowed => {}
        }
    }

    /// Adds what is not there yet: a flag asks for at least its seats, never for the same seat once more.
    fn merge(&mut self, other: Required) {
        for seat in &other.seats {
            let asked = other.seats.iter().filter(|s| *s == seat).count();
            let there = self.seats.iter().filter(|s| *s == seat).count();
            self.seats.extend(std::iter::repeat_n(*seat, asked.saturating_sub(there)));
        }
        self.peer_reviews = self.peer_reviews.max(other.peer_reviews);
        self.executive_acceptance |= other.executive_acceptance;
        for condition in other.conditions {
            if !self.conditions.contains(&condition) {
                self.conditions.push(condition);
            }
        }
    }
}

/// Rule 4.10: the seats that a change needs. Refused where a type does not allow the band.
pub fn required_approvals(policy: &Policy, facts: &ApprovalFacts) -> Result<Ruling<Required>, Denial> {
    let cell = policy.approvals.of(facts.kind, facts.band);
    if cell.contains(&Requirement::NotAllowed) {
        return Err(Denial::new(
            "4.10",
            format!("With {}, {} is not allowed.", facts.band, facts.kind),
            "Ask for a normal change instead.",
        ));
    }
    let mut required = collected(policy, facts, cell);
    for flag in Flag::ALL.into_iter().filter(|flag| facts.flags.contains(flag)) {
        required.merge(collected(policy, facts, added(policy, flag)));
        if flag == Flag::Compliance && facts.band >= policy.approvals.compliance_officer_from {
            required.merge(collected(policy, facts, &[Requirement::Seat(Seat::ComplianceOfficer)]));
        }
    }
    if facts.owner_groups > 1 {
        required.merge(collected(policy, facts, &[Requirement::Seat(Seat::ServiceOwner)]));
        required.owners = Some(facts.owner_groups);
    }
    required.asynchronous = facts.kind == ChangeKind::Expedited && required.vote.is_some();
    move_into_vote(policy, facts.band, &mut required);
    let sentence = format!("This change needs {}.", required.describe());
    Ok(Ruling::new("4.10", required, sentence))
}

fn collected(policy: &Policy, facts: &ApprovalFacts, requirements: &[Requirement]) -> Required {
    let mut required = Required::default();
    for requirement in requirements {
        required.add(*requirement, facts, policy.approvals.peer_review_tier_max);
    }
    required
}

fn added(policy: &Policy, flag: Flag) -> &[Requirement] {
    let added = &policy.approvals.added;
    match flag {
        Flag::IncidentLinked => &added.incident_linked,
        Flag::Untested => &added.untested,
        Flag::TouchesSecurity => &added.touches_security,
        Flag::Privileged => &added.privileged,
        Flag::Irreversible => &added.irreversible,
        Flag::Compliance => &added.compliance,
        Flag::BusinessFreeze => &added.business_freeze,
        Flag::Vendor => &added.vendor,
    }
}

/// A seat that the vote itself requires is filled there, once: asking its holder a second time outside the vote would
/// need a second holder, since nobody fills two seats.
pub(in crate::domain) fn move_into_vote(policy: &Policy, band: Band, required: &mut Required) {
    let Some(vote) = required.vote else { return };
    required.security_flagged = required.seats.contains(&Seat::Security);
    for seat in policy.votes.of(vote, band).seats(required.security_flagged) {
        if let Some(place) = required.seats.iter().position(|s| *s == seat) {
            required.seats.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ChangeKind::{Emergency, Standard};
    use Seat::{ServiceOwner, TechnicalAuthority};

    fn facts(kind: ChangeKind, band: Band, flags: &[Flag]) -> ApprovalFacts<'_> {
        ApprovalFacts { kind, band, tier: Tier::T3, owner_groups: 1, flags }
    }

    fn required(facts: &ApprovalFacts) -> Required {
        required_approvals(&Policy::sample(), facts).expect("allowed").verdict
    }

    #[test]
    fn all_flags_apply_and_none_asks_for_the_same_seat_twice() {
        let flags = [Flag::Privileged, Flag::TouchesSecurity, Flag::IncidentLinked, Flag::Untested];
        let found = required(&facts(Emergency, Band::Low, &flags));
        assert_eq!(found.seats, [TechnicalAuthority, ServiceOwner, Seat::Security]);
        assert_eq!((found.peer_reviews, found.executive_acceptance), (2, true));
        assert_eq!(
            found.describe(),
            "2 peer reviews by different people, the technical authority, the service owner, the security authority \
             and an executive's acceptance of the risk"
        );
    }

    #[test]
    fn each_owner_agrees_also_where_there_is_a_vote() {
        let of = |band, owner_groups| required(&ApprovalFacts { owner_groups, ..facts(Emergency, band, &[]) });
        assert_eq!(of(Band::Low, 2).describe(), "a peer review, the technical authority and both service owners");
        assert_eq!(of(Band::High, 1).seats, []);
        let three = of(Band::High, 3);
        assert_eq!((three.seats.len(), three.seats_of_all_owners()), (2, vec![ServiceOwner; 3]));
        assert_eq!(three.describe(), "a peer review, all 3 service owners and the vote of the E-CAB");
    }

    #[test]
    fn security_votes_where_there_is_a_vote() {
        let found = required(&facts(Emergency, Band::High, &[Flag::TouchesSecurity]));
        assert!(found.security_flagged && found.seats.is_empty());
        assert_eq!(found.describe(), "a peer review and the vote of the E-CAB");
        let sentence =
            required_approvals(&Policy::sample(), &facts(Standard, Band::Low, &[])).expect("allowed").sentence;
        assert_eq!(sentence, "This change needs nobody's approval.");
    }
}
