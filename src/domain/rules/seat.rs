//! Rule 4.10, the seats: a yes that must be given, and who may give it.

use super::{Denial, Role};

words! {
    /// A yes that a change needs. One person fills at most one seat of a change.
    Seat {
        PeerReviewer = "peer_reviewer", "peer reviewer";
        TechnicalAuthority = "technical_authority", "technical authority";
        ServiceOwner = "service_owner", "service owner";
        ChangeManager = "change_manager", "change manager";
        CabMember = "cab_member", "board member";
        Security = "security", "security authority";
        DataOwner = "data_owner", "data owner";
        PrivacyOfficer = "privacy_officer", "privacy officer";
        ComplianceOfficer = "compliance_officer", "compliance officer";
        Executive = "executive", "executive risk acceptor";
        BusinessOwner = "business_owner", "business owner";
        /// The person accountable inside for what a vendor does.
        InternalSponsor = "internal_sponsor", "internal sponsor";
        /// The commander of the incident, for a freeze override.
        Commander = "commander", "incident commander";
        DecisionAuthority = "decision_authority", "decision authority";
        /// Stands beside the change manager where a change is recorded after the fact.
        SecondPerson = "second_person", "second person";
    }
}

impl Seat {
    /// Who is asked, in this order.
    pub fn resolution_order(self) -> &'static str {
        match self {
            Seat::PeerReviewer => "the team's on-call, then team members, then another team",
            Seat::TechnicalAuthority => "the primary, the secondary, a delegate, then the team lead",
            Seat::ServiceOwner => "the owner, a delegate, then the owner's manager",
            Seat::ChangeManager => "the duty change manager, then the deputy",
            Seat::CabMember => "the roster, then the substitutes of the duty roster",
            Seat::Security => "the security on-call, then the deputy",
            Seat::DataOwner | Seat::PrivacyOfficer | Seat::ComplianceOfficer | Seat::BusinessOwner => {
                "the holder, then a delegate"
            }
            Seat::Executive => "the duty executive, then the next on the list",
            Seat::InternalSponsor => "the person named as accountable",
            Seat::Commander => "the current commander of the incident only",
            Seat::DecisionAuthority => "the chain of the service, in its order",
            Seat::SecondPerson => "anybody who had no part in the change",
        }
    }

    /// The role that the seat asks for. `None`: it is held by being named or by sitting on a roster.
    fn role(self) -> Option<Role> {
        match self {
            Seat::PeerReviewer => Some(Role::Reviewer),
            Seat::TechnicalAuthority => Some(Role::ChangeApprover),
            Seat::ServiceOwner => Some(Role::ServiceOwner),
            Seat::ChangeManager => Some(Role::ChangeManager),
            Seat::Security => Some(Role::Security),
            Seat::DataOwner => Some(Role::DataOwner),
            Seat::PrivacyOfficer => Some(Role::Privacy),
            Seat::ComplianceOfficer => Some(Role::Compliance),
            Seat::Executive => Some(Role::Executive),
            Seat::BusinessOwner => Some(Role::BusinessOwner),
            Seat::Commander => Some(Role::Commander),
            Seat::DecisionAuthority => Some(Role::DecisionAuthority),
            Seat::CabMember | Seat::InternalSponsor | Seat::SecondPerson => None,
        }
    }
}

/// What is known of a person who wants to fill a seat of one change.
#[derive(Debug, Clone, Copy, Default)]
pub struct SeatClaim<'a> {
    /// Roles whose scope covers this change: its service, its owning team, its incident, or the tenant.
    pub roles: &'a [Role],
    /// What the person has to do with the change already.
    pub ties: &'a [ClaimTie],
    /// Another seat of this change that the person fills.
    pub other_seat: Option<Seat>,
}

words! {
    /// What a person has to do with a change already.
    ClaimTie {
        Requester = "requester", "asked for this change";
        Implementer = "implementer", "carry this change out";
        PartyOfDispute = "party_of_dispute", "are a party of the dispute";
        /// Reviews count from the same discipline, too.
        SameDiscipline = "same_discipline", "work in the same discipline";
        /// On the roster when the vote opened.
        OnRoster = "on_roster", "sit on the roster";
        /// Named as accountable for what a vendor does.
        NamedSponsor = "named_sponsor", "are named as accountable";
    }
}

/// Rule 4.10: may this person fill this seat?
///
/// Some rows name the requester alone as barred; the duties of rule 4.15 bar the implementer from every seat, and are
/// not exemptable, so they win.
pub fn eligible(seat: Seat, claim: SeatClaim) -> Result<(), Denial> {
    let has = |tie: ClaimTie| claim.ties.contains(&tie);
    for tie in [ClaimTie::Requester, ClaimTie::Implementer] {
        if has(tie) {
            return Err(denied("4.15", seat, format!("You {tie}, so its seats are for others.")));
        }
    }
    if seat == Seat::DecisionAuthority && has(ClaimTie::PartyOfDispute) {
        return Err(denied("4.10", seat, format!("You {}, so you cannot decide it.", ClaimTie::PartyOfDispute)));
    }
    if let Some(other) = claim.other_seat {
        return Err(denied("4.10", seat, format!("You already fill the seat of {other} on this change.")));
    }
    let holds = seat.role().is_some_and(|role| claim.roles.contains(&role))
        || match seat {
            Seat::PeerReviewer => has(ClaimTie::SameDiscipline),
            Seat::CabMember => has(ClaimTie::OnRoster),
            Seat::InternalSponsor => has(ClaimTie::NamedSponsor),
            Seat::SecondPerson => true,
            Seat::TechnicalAuthority
            | Seat::ServiceOwner
            | Seat::ChangeManager
            | Seat::Security
            | Seat::DataOwner
            | Seat::PrivacyOfficer
            | Seat::ComplianceOfficer
            | Seat::Executive
            | Seat::BusinessOwner
            | Seat::Commander
            | Seat::DecisionAuthority => false,
        };
    if holds { Ok(()) } else { Err(denied("4.10", seat, format!("The seat of {seat} is not yours for this change."))) }
}

fn denied(rule: &'static str, seat: Seat, sentence: String) -> Denial {
    Denial::new(rule, sentence, format!("Asked are {}.", seat.resolution_order()))
}

#[cfg(test)]
mod tests {
    use super::ClaimTie::Requester;
    use super::*;

    #[test]
    fn a_refused_seat_says_who_is_asked() {
        let requester = SeatClaim { roles: &[Role::ServiceOwner], ties: &[Requester], other_seat: None };
        let denial = eligible(Seat::ServiceOwner, requester).expect_err("own change");
        assert_eq!(denial.sentence, "You asked for this change, so its seats are for others.");
        assert_eq!(denial.who_can, "Asked are the owner, a delegate, then the owner's manager.");
    }
}
