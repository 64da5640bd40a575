//! The numbers of rules 4.11 and 4.12.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::domain::rules::Tier;

/// How far freezes reach, and how long things around them last.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreezePolicy {
    /// A major on a service of this tier, or of a more critical one, reaches risky changes everywhere.
    pub tenant_wide_tier_max: u8,
    /// How many steps of dependency from its services a freeze reaches.
    pub distance_max: u32,
    /// Whether a P1 or a major on the very service of a change that runs halts it. Off where a policy does not say so.
    #[serde(default)]
    pub halts_running: bool,
    /// How long an exception is good for, once it is granted.
    pub override_valid_minutes: u32,
    pub stabilising: Stabilising,
    /// The commander of a major is asked this often whether its freeze is still needed.
    pub review_minutes: u32,
    /// The end of a freeze is told this long before.
    pub ending_notice_minutes: u32,
    /// The start of a freeze of the calendar is told so many business days before.
    pub notice_business_days: Vec<u32>,
}

/// How long nothing else changes after a major incident.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stabilising {
    pub tier_1_minutes: u32,
    pub others_minutes: u32,
    /// The commander extends it by so much at a time.
    pub step_minutes: u32,
    /// Counted from its beginning.
    pub max_minutes: u32,
}

impl Stabilising {
    pub fn length(&self, tier: Tier) -> TimeDelta {
        let minutes = if tier == Tier::T1 { self.tier_1_minutes } else { self.others_minutes };
        TimeDelta::minutes(minutes.into())
    }
}
