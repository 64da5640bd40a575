//! How long policies stand before somebody looks at them again.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistryPolicy {
    /// Who signs is asked to look at a policy that is in force for so long, and once more after as long again.
    pub review_after_days: u32,
    /// A policy that is written for an audit has to be signed within so many days.
    pub audit_due_days: u32,
}

impl Default for RegistryPolicy {
    fn default() -> RegistryPolicy {
        RegistryPolicy { review_after_days: 365, audit_due_days: 30 }
    }
}
