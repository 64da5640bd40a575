//! The clocks of rules 4.16, 4.17 and 4.20.

use serde::Deserialize;

use super::{PerBand, PerCase};
use crate::domain::rules::{AcceptanceClock, EmergencyClock, ExtensionClock, RegularClock, RulingClock, Span};

/// Rule 4.16.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlinePolicy {
    pub emergency: PerCase<EmergencyClock>,
    pub expedited: RegularClock,
    pub normal: PerBand<RegularClock>,
    /// Absent in a policy that is older than the clock: then the built-in numbers hold.
    #[serde(default)]
    pub acceptance: AcceptanceClock,
    /// As above.
    #[serde(default)]
    pub ruling: RulingClock,
    /// As above.
    #[serde(default)]
    pub extension: ExtensionClock,
}

/// Rule 4.17.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowPolicy {
    pub emergency_minutes: PerCase<u32>,
    /// The implementer is warned when this little is left.
    pub warn_minutes_left: Vec<u32>,
    pub reapprovals_max: u32,
    /// A change that can wait is announced so many business days before its window opens,
    #[serde(default = "days_ahead")]
    pub announced_business_days: Vec<u32>,
    /// and so many minutes. Absent in a policy that is older than the announcements: then the built-in numbers hold.
    #[serde(default = "minutes_ahead")]
    pub announced_minutes: Vec<u32>,
}

fn days_ahead() -> Vec<u32> {
    vec![5, 1]
}

fn minutes_ahead() -> Vec<u32> {
    vec![60]
}

/// Rule 4.20.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdatePolicy {
    pub cadence: Cadence,
    pub initial_notice: InitialNotice,
    /// A message this shortly before a slot counts for the slot.
    pub satisfies_slot_within_minutes: u32,
}

/// How often stakeholders hear.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cadence {
    pub p1: Span,
    pub p2: Span,
    pub p3: Span,
    pub p4: Span,
    pub major: Span,
    pub crisis_executives: Span,
}

/// How soon they hear for the first time. A missing one means that there is no initial notice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialNotice {
    #[serde(default)]
    pub p1: Option<Span>,
    #[serde(default)]
    pub p2: Option<Span>,
    #[serde(default)]
    pub p3: Option<Span>,
    #[serde(default)]
    pub p4: Option<Span>,
    #[serde(default)]
    pub major: Option<Span>,
}
