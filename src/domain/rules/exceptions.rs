//! Rule 4.35: which rules may be set aside for once, and by whom.

use super::ruling::listed;
use super::{Role, Ruling};
use crate::domain::policy::Policy;

words! {
    /// A rule that somebody asks to be excepted from.
    ExceptionSubject {
        LogWriting = "log_writing", "writing the decision log";
        Duties = "duties", "the duties that may not meet in one person";
        HighRiskPeerReview = "high_risk_peer_review", "the peer review of high risk";
        BreachClocks = "breach_clocks", "the clocks of a data breach";
        Spokesperson = "spokesperson", "who speaks outside the house";
        TenantIsolation = "tenant_isolation", "the separation of tenants";
        MajorReview = "major_review", "the review of a major incident";
        ExecutiveAcceptance = "executive_acceptance", "the executive's acceptance";
        HardFreeze = "hard_freeze", "a hard freeze";
        Validation = "validation", "the validation after a change";
        /// Of an emergency, within a day.
        EmergencyReview = "emergency_review", "the review of an emergency";
        ChecklistItem = "checklist_item", "an item of a checklist";
        Standby = "standby", "the people on standby";
        Rehearsal = "rehearsal", "the rehearsal of the rollback";
        ConflictBlock = "conflict_block", "the block by another change";
        TempfixExpiry = "tempfix_expiry", "the end of a temporary fix";
        /// Of P3 and P4.
        CalmCadence = "calm_cadence", "how often P3 and P4 are reported on";
        TemplateUse = "template_use", "the use of a template";
        OptionalFields = "optional_fields", "optional fields";
    }
}

words! {
    /// How much an exception weighs.
    ExceptionClass {
        NotExemptable = "not_exemptable", "never excepted";
        High = "high", "an exception of the high class";
        Medium = "medium", "an exception of the medium class";
        Low = "low", "an exception of the low class";
    }
}

impl ExceptionSubject {
    /// True for what nobody may set aside: an organisation's policy cannot change that.
    pub fn is_absolute(self) -> bool {
        match self {
            ExceptionSubject::LogWriting
            | ExceptionSubject::Duties
            | ExceptionSubject::HighRiskPeerReview
            | ExceptionSubject::BreachClocks
            | ExceptionSubject::Spokesperson
            | ExceptionSubject::TenantIsolation
            | ExceptionSubject::MajorReview => true,
            ExceptionSubject::ExecutiveAcceptance
            | ExceptionSubject::HardFreeze
            | ExceptionSubject::Validation
            | ExceptionSubject::EmergencyReview
            | ExceptionSubject::ChecklistItem
            | ExceptionSubject::Standby
            | ExceptionSubject::Rehearsal
            | ExceptionSubject::ConflictBlock
            | ExceptionSubject::TempfixExpiry
            | ExceptionSubject::CalmCadence
            | ExceptionSubject::TemplateUse
            | ExceptionSubject::OptionalFields => false,
        }
    }
}

impl ExceptionClass {
    /// Who approves it; all of them do.
    pub fn approvers(self) -> &'static [Role] {
        match self {
            ExceptionClass::NotExemptable => &[],
            ExceptionClass::High => &[Role::Compliance, Role::DecisionAuthority],
            ExceptionClass::Medium => &[Role::ChangeManager],
            ExceptionClass::Low => &[Role::ServiceOwner],
        }
    }
}

/// Rule 4.35: may this rule be set aside, and whose approval does that take? What no list names is not exemptable.
pub fn exception_allowed(policy: &Policy, subject: ExceptionSubject) -> Ruling<ExceptionClass> {
    let lists = &policy.exceptions;
    let class = if subject.is_absolute() {
        ExceptionClass::NotExemptable
    } else if lists.high.contains(&subject) {
        ExceptionClass::High
    } else if lists.medium.contains(&subject) {
        ExceptionClass::Medium
    } else if lists.low.contains(&subject) {
        ExceptionClass::Low
    } else {
        ExceptionClass::NotExemptable
    };
    let who: Vec<&str> = class.approvers().iter().map(|role| role.phrase()).collect();
    let sentence = if who.is_empty() {
        format!("Nobody can set aside {subject}.")
    } else {
        format!("To set aside {subject} is {class}: approved by {}.", listed(&who, "and"))
    };
    Ruling::new("4.35", class, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_says_whose_approval_it_takes() {
        let policy = Policy::sample();
        assert_eq!(
            exception_allowed(&policy, ExceptionSubject::HardFreeze).sentence,
            "To set aside a hard freeze is an exception of the high class: approved by a compliance officer and the \
             decision authority."
        );
        assert_eq!(
            exception_allowed(&policy, ExceptionSubject::LogWriting).sentence,
            "Nobody can set aside writing the decision log."
        );
    }

    #[test]
    fn no_policy_makes_exemptable_what_is_not() {
        let mut policy = Policy::sample();
        policy.exceptions.low.push(ExceptionSubject::Duties);
        assert_eq!(exception_allowed(&policy, ExceptionSubject::Duties).verdict, ExceptionClass::NotExemptable);
        policy.exceptions.low.clear();
        assert_eq!(exception_allowed(&policy, ExceptionSubject::TemplateUse).verdict, ExceptionClass::NotExemptable);
    }
}
