//! What an emergency leaves out of the regular way: each step, and what makes up for it.

use super::policy::Policy;
use super::rules::{ApprovalFacts, ChangeKind, Required, Tier, required_approvals};
use super::{Change, Organisation};

/// A step of the regular way that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub step: String,
    pub instead: String,
}

impl Change {
    /// The steps that a normal change of the same risk would take, and this emergency does not.
    pub fn skipped(&self, organisation: &Organisation, policy: &Policy) -> Vec<Skipped> {
        if self.kind != ChangeKind::Emergency {
            return Vec::new();
        }
        let skipped = |step: String, instead: &str| Skipped { step, instead: instead.to_owned() };
        let tier = organisation.strictest_tier(&self.services());
        let owner_groups = organisation.owner_groups(&self.services());
        let approvals = self
            .approvals_left_out(policy, tier, owner_groups)
            .map(|step| Skipped { step, instead: self.required.describe() });
        let days: Vec<String> = policy.windows.announced_business_days.iter().map(ToString::to_string).collect();
        let announced = (!days.is_empty()).then(|| {
            let step = format!("the announcement {} business days before", days.join(" and "));
            skipped(step, "its owners are told when it is approved, begins and ends")
        });
        let window = skipped(
            "a planned window, held against those of other changes".to_owned(),
            "its window opens with the approval, and it takes its turn in the line",
        );
        approvals.into_iter().chain(announced).chain([window]).collect()
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
