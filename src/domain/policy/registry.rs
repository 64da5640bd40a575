//! How long policies stand before somebody looks at them again.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistryPolicy {
    /// Who signs is asked to look at a policy that is in force for so long, and once more after as long again.
    pub review_after_days: u32,
    /// A policy that is written for an audit has to be signed within so many days.
    pub audit_due_days: u32,
    /// An amendment for an audit is answered within those days too, any other within so many.
    pub amendment_due_days: u32,
    /// So many days before an amendment is due, those who sign are told.
    pub remind_before_days: u32,
    /// A review of the policy or of a charter that nobody has made so many days after it was asked for is late.
    pub review_late_after_days: u32,
}

impl Default for RegistryPolicy {
    fn default() -> RegistryPolicy {
        RegistryPolicy {
            review_after_days: 365,
            audit_due_days: 30,
            amendment_due_days: 90,
            remind_before_days: 7,
            review_late_after_days: 14,
        }
    }
}
