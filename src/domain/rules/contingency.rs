//! Rule 4.9: whether a change knows enough about its way back.

use super::ruling::listed;
use super::{Band, ChangeKind, Ruling};
use crate::domain::policy::{ContingencyMinimum, Policy};

words! {
    /// What a contingency plan has, or lacks.
    ContingencyItem {
        RollbackSteps = "rollback_steps", "more rollback steps";
        /// Every step names who does it.
        StepOwners = "step_owners", "an owner of each rollback step";
        /// Every step says how long it takes.
        StepMinutes = "step_minutes", "the minutes of each rollback step";
        /// Stands in for the steps of a change that cannot be taken back.
        ForwardRecoveryPlan = "forward_recovery_plan", "a forward recovery plan";
        RiskAcceptance = "risk_acceptance", "the acceptance of the risk";
        DataOwner = "data_owner", "the data owner's seat";
        FailureModes = "failure_modes", "more failure modes";
        AbortCriteria = "abort_criteria", "abort criteria";
        Verification = "verification", "a stronger check of the result";
        Standby = "standby", "people on standby";
        Rehearsal = "rehearsal", "a rehearsal of the rollback";
        /// By a change manager.
        RehearsalWaived = "rehearsal_waived", "a waiver of the rehearsal";
        ExecutiveAcceptance = "executive_acceptance", "an executive's acceptance";
    }
}

words! {
    /// How the result is checked. Ordered from the weakest.
    Verification {
        None = "none", "no check";
        Check = "check", "a check";
        Automatic = "automatic", "an automatic check";
        AutomaticAndUsers = "automatic_and_users", "an automatic check and a test by users";
    }
}

words! {
    /// Whether the rollback has to be rehearsed.
    RehearsalNeed {
        No = "no", "no rehearsal";
        /// An emergency need not be rehearsed before; its review asks for it.
        ProvenOrWaived = "proven_or_waived", "a rehearsal, or a change manager's waiver";
        ProvenOrAccepted = "proven_or_accepted", "a rehearsal, or an executive's acceptance";
    }
}

words! {
    /// What waits for a rehearsal that rule 4.9 asks for.
    RehearsalHold {
        /// Of a change that can wait.
        Start = "start", "the start";
        /// Of an emergency that was rolled back.
        Review = "review", "the review";
    }
}

/// The contingency section of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContingencySection<'a> {
    pub rollback_steps: u32,
    pub failure_modes: u32,
    pub verification: Verification,
    /// When the rollback was last proven.
    pub rehearsed_days_ago: Option<u32>,
    /// Everything else that is there. What is counted above need not be listed.
    pub has: &'a [ContingencyItem],
}

/// What is still missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contingency {
    pub missing: Vec<ContingencyItem>,
    /// Not rehearsed before, because it is urgent: its review asks for it.
    pub rehearsal_in_review: bool,
}

/// Rule 4.9: does the plan hold the least that its band asks for?
pub fn contingency_ok(
    policy: &Policy,
    band: Band,
    kind: ChangeKind,
    irreversible: bool,
    section: &ContingencySection,
) -> Ruling<Contingency> {
    let least = policy.contingency.of(band);
    let rehearsal = rehearsal(policy, least, kind, section);
    let missing: Vec<ContingencyItem> = ContingencyItem::ALL
        .into_iter()
        .filter(|item| !is_there(*item, least, irreversible, section, rehearsal))
        .collect();
    let names: Vec<&str> = missing.iter().map(|item| item.phrase()).collect();
    let rehearsal_in_review = rehearsal == Rehearsed::InReview;
    let sentence = match (names.is_empty(), rehearsal_in_review) {
        (true, false) => format!("The contingency plan is enough for {band}."),
        (true, true) => format!("The contingency plan is enough for {band}; its review asks for the rehearsal."),
        (false, _) => format!("For {band} the contingency plan lacks {}.", listed(&names, "and")),
    };
    Ruling::new("4.9", Contingency { missing, rehearsal_in_review }, sentence)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rehearsed {
    Enough,
    InReview,
    Missing,
}

fn rehearsal(policy: &Policy, least: &ContingencyMinimum, kind: ChangeKind, section: &ContingencySection) -> Rehearsed {
    let valid = policy.risk.modifiers.rehearsal_valid_days;
    let proven = section.rehearsed_days_ago.is_some_and(|days| days <= valid);
    let let_off = match least.rehearsal {
        RehearsalNeed::No => return Rehearsed::Enough,
        RehearsalNeed::ProvenOrWaived => ContingencyItem::RehearsalWaived,
        RehearsalNeed::ProvenOrAccepted => ContingencyItem::ExecutiveAcceptance,
    };
    if proven || section.has.contains(&let_off) {
        Rehearsed::Enough
    } else if kind == ChangeKind::Emergency && least.rehearsal == RehearsalNeed::ProvenOrWaived {
        Rehearsed::InReview
    } else {
        Rehearsed::Missing
    }
}

fn is_there(
    item: ContingencyItem,
    least: &ContingencyMinimum,
    irreversible: bool,
    section: &ContingencySection,
    rehearsal: Rehearsed,
) -> bool {
    let has = section.has.contains(&item);
    match item {
        // There is no way back to list the steps of.
        ContingencyItem::RollbackSteps => irreversible || section.rollback_steps >= least.rollback_steps,
        ContingencyItem::StepOwners | ContingencyItem::StepMinutes => {
            irreversible || has || !least.asks.contains(&item)
        }
        ContingencyItem::ForwardRecoveryPlan | ContingencyItem::RiskAcceptance | ContingencyItem::DataOwner => {
            has || !irreversible
        }
        ContingencyItem::FailureModes => section.failure_modes >= least.failure_modes,
        ContingencyItem::AbortCriteria | ContingencyItem::Standby => has || !least.asks.contains(&item),
        ContingencyItem::Verification => section.verification >= least.verification,
        ContingencyItem::Rehearsal => rehearsal != Rehearsed::Missing,
        // Two ways of doing without the rehearsal; nobody has to take them.
        ContingencyItem::RehearsalWaived | ContingencyItem::ExecutiveAcceptance => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let section = ContingencySection {
            rollback_steps: 1,
            failure_modes: 3,
            verification: Verification::Automatic,
            rehearsed_days_ago: None,
            has: &[ContingencyItem::StepOwners, ContingencyItem::AbortCriteria, ContingencyItem::Standby],
        };
        let ruling = contingency_ok(&Policy::sample(), Band::High, ChangeKind::Normal, false, &section);
        assert_eq!(
            ruling.sentence,
            "For high risk the contingency plan lacks more rollback steps, the minutes of each rollback step and a \
             rehearsal of the rollback."
        );
    }
}
