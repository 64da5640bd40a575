//! Rule 4.15: which duties may not meet in one person. People are compared across platforms; nobody is exempt.

use super::Denial;
use super::ruling::listed;

words! {
    /// What somebody is about to do.
    Duty {
        ApproveSeat = "approve_seat", "approve this change";
        PeerReview = "peer_review", "review this change";
        AcceptRisk = "accept_risk", "accept the risk of this change";
        GrantFreezeOverride = "grant_freeze_override", "grant this freeze override";
        CommandIncident = "command_incident", "command this incident";
        ConfirmDowngrade = "confirm_downgrade", "confirm this downgrade";
        EmergencyReview = "emergency_review", "review this change";
        VerifyAction = "verify_action", "verify this action";
        AttestRetroactive = "attest_retroactive", "attest this change";
        ApproveException = "approve_exception", "approve this exception";
        AttestAccess = "attest_access", "attest this access";
        /// Redaction, legal OK or PR OK.
        ClearText = "clear_text", "clear this text";
        SecondBreakGlass = "second_break_glass", "be the second for this break-glass access";
        /// Say that a checklist item does not apply.
        WaiveChecklistItem = "waive_checklist_item", "waive this checklist item";
        /// Say whether it works, where nothing checks that by itself.
        ValidateChange = "validate_change", "say whether this change works";
    }
}

words! {
    /// What the same person already did, or is.
    Relation {
        Requester = "requester", "asked for it";
        Implementer = "implementer", "carry it out";
        OtherPeerReviewer = "other_peer_reviewer", "already reviewed it";
        Approver = "approver", "already approved it";
        /// Approved a change that resolves this incident. Granting an override is not approving.
        ApproverOfLinkedChange = "approver_of_linked_change", "approved a change that resolves it";
        Owner = "owner", "own it";
        /// Carried out what is now recorded after the fact.
        Actor = "actor", "carried it out";
        Subject = "subject", "are its subject";
        Author = "author", "wrote it";
        /// Gave the other of the two clearances, legal and PR.
        OtherClearance = "other_clearance", "gave the other clearance";
    }
}

impl Duty {
    /// Whoever is one of these may not do it.
    pub fn barred(self) -> &'static [Relation] {
        use Relation::{
            Actor, Approver, ApproverOfLinkedChange, Author, Implementer, OtherClearance, OtherPeerReviewer, Owner,
            Requester, Subject,
        };
        match self {
            Duty::ApproveSeat | Duty::GrantFreezeOverride | Duty::EmergencyReview => &[Requester, Implementer],
            Duty::PeerReview => &[Requester, Implementer, OtherPeerReviewer],
            Duty::AcceptRisk => &[Requester, Implementer, Approver],
            Duty::CommandIncident => &[ApproverOfLinkedChange],
            Duty::ConfirmDowngrade | Duty::ApproveException | Duty::SecondBreakGlass => &[Requester],
            Duty::VerifyAction => &[Owner],
            Duty::AttestRetroactive => &[Actor],
            Duty::AttestAccess => &[Subject],
            Duty::ClearText => &[Author, OtherClearance],
            Duty::WaiveChecklistItem | Duty::ValidateChange => &[Implementer],
        }
    }
}

/// Rule 4.15: may a person with these relations do this?
pub fn duties_ok(duty: Duty, relations: &[Relation]) -> Result<(), Denial> {
    let clash: Vec<&str> =
        duty.barred().iter().filter(|barred| relations.contains(barred)).map(|relation| relation.phrase()).collect();
    if clash.is_empty() {
        Ok(())
    } else {
        Err(Denial::new(
            "4.15",
            format!("You cannot {duty}: you {}.", listed(&clash, "and")),
            "Somebody else who is entitled to it can.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Relation::{Approver, Requester};
    use super::*;

    #[test]
    fn a_clash_is_explained_without_blame() {
        let denial = duties_ok(Duty::AcceptRisk, &[Requester, Approver]).expect_err("two clashes");
        assert_eq!(
            denial.sentence,
            "You cannot accept the risk of this change: you asked for it and already approved it."
        );
    }
}
