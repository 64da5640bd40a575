//! What an emergency leaves out of the regular way: each step, what makes up for it, and what the review asks about it.

use super::pir::PirCheck;
use super::policy::Policy;
use super::rules::{ApprovalFacts, ChangeKind, ContingencyItem, Required, Tier, required_approvals};
use super::{Change, Organisation};

/// A step of the regular way that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The word of the log: `approvals`, `announcement`, `window`, or what the contingency plan lacks.
    pub key: &'static str,
    pub step: String,
    pub instead: String,
    /// What the review says of it, among other things.
    pub review: PirCheck,
}

impl Skipped {
    /// As the log keeps it: the step, and what the review is to say of it.
    pub fn word(&self) -> String {
        format!("{} review {}", self.key, self.review.as_str())
    }

    /// The part of the contingency plan that a word of the log names.
    pub fn deferred(word: &str) -> Option<ContingencyItem> {
        ContingencyItem::parse(word.split(' ').next()?)
    }
}

impl Change {
    /// The steps that a normal change of the same risk would take, and this emergency does not. `deferred`: what its
    /// contingency plan lacked when it was asked for.
    pub fn skipped(
        &self,
        organisation: &Organisation,
        policy: &Policy,
        deferred: impl IntoIterator<Item = ContingencyItem>,
    ) -> Vec<Skipped> {
        if self.kind != ChangeKind::Emergency {
            return Vec::new();
        }
        let tier = organisation.strictest_tier(&self.services());
        let owner_groups = organisation.owner_groups(&self.services());
        let approvals = self.approvals_left_out(policy, tier, owner_groups).map(|step| Skipped {
            key: "approvals",
            step,
            instead: self.required.describe(),
            review: PirCheck::PolicyFollowed,
        });
        let days: Vec<String> = policy.windows.announced_business_days.iter().map(ToString::to_string).collect();
        let announced = (!days.is_empty()).then(|| Skipped {
            key: "announcement",
            step: format!("the announcement {} business days before", days.join(" and ")),
            instead: "its owners are told when it is approved, begins and ends".to_owned(),
            review: PirCheck::PolicyFollowed,
        });
        let window = Skipped {
            key: "window",
            step: "a planned window, held against those of other changes".to_owned(),
            instead: "its window opens with the approval, and it takes its turn in the line".to_owned(),
            review: PirCheck::PolicyFollowed,
        };
        approvals.into_iter().chain(announced).chain([window]).chain(deferred.into_iter().map(lacked)).collect()
    }

    /// Whose yes a normal change of this risk would need besides.
    fn approvals_left_out(&self, policy: &Policy, tier: Tier, owner_groups: u8) -> Option<String> {
        let facts = ApprovalFacts { kind: ChangeKind::Normal, band: self.risk.band, tier, owner_groups, flags: &[] };
        let regular = required_approvals(policy, &facts).ok()?.verdict;
        let own = self.required_seats();
        let left = Required {
            seats: regular.seats.into_iter().filter(|seat| !own.contains(seat)).collect(),
            vote: regular.vote.filter(|vote| self.required.vote != Some(*vote)),
            ..Required::default()
        };
        (!left.seats.is_empty() || left.vote.is_some()).then(|| left.describe())
    }
}

/// What a contingency plan of this risk has to hold before a change that can wait goes on.
fn lacked(item: ContingencyItem) -> Skipped {
    let (instead, review) = match item {
        ContingencyItem::Verification => ("a second person says whether it works", PirCheck::Effective),
        ContingencyItem::RollbackSteps
        | ContingencyItem::StepOwners
        | ContingencyItem::StepMinutes
        | ContingencyItem::ForwardRecoveryPlan
        | ContingencyItem::RiskAcceptance
        | ContingencyItem::DataOwner
        | ContingencyItem::FailureModes
        | ContingencyItem::AbortCriteria
        | ContingencyItem::Standby
        | ContingencyItem::Rehearsal
        | ContingencyItem::RehearsalWaived
        | ContingencyItem::ExecutiveAcceptance => {
            ("the way back that its plan names, which nothing holds up", PirCheck::RollbackProven)
        }
    };
    Skipped { key: item.as_str(), step: item.phrase().to_owned(), instead: instead.to_owned(), review }
}
