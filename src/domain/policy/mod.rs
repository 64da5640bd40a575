//! The numbers of the rules, one document per tenant.
//!
//! The structure of a rule is code; its matrices, bands, seats and numbers are here. The document is read elsewhere;
//! what its types cannot say (bands without gaps, shares that make sense) [`Policy::problems`] checks in words.

mod approvals;
mod batches;
mod checks;
mod control;
mod custom_fields;
mod entries;
mod explain;
mod freezes;
mod incidents;
mod meetings;
mod notices;
mod per;
mod redaction;
mod registry;
mod retention;
mod risk;
mod times;
mod votes;
mod words;

use serde::Deserialize;

pub use approvals::{AddedSeats, ApprovalPolicy, Requirement};
pub use batches::BatchPolicy;
pub use control::{
    CataloguePolicy, Checklists, ContingencyMinimum, ExceptionPolicy, LinkFactPoints, LinkPolicy, LinkStep,
    RehearsalPolicy, ReviewPolicy, StandbyDuty, StandbyPolicy, SurgePolicy, ThrottlePolicy, ValidationPolicy,
};
pub use custom_fields::{CustomFieldPolicy, Described, FieldRule};
pub use entries::{CatalogueEntry, EntryRisk, Parameter, Unfit};
pub use explain::{Explanation, explained_rules};
pub use freezes::{FreezePolicy, Stabilising};
pub use incidents::IncidentPolicy;
pub use meetings::MeetingPolicy;
pub use notices::{NoticeMark, NoticePolicy, NoticeReminder};
pub use per::{PerBand, PerCase, PerImpact, PerTechnicalImpact};
pub use redaction::RedactionPolicy;
pub use registry::RegistryPolicy;
pub use retention::{RetentionPolicy, RetentionRule};
pub use risk::{Bands, Downstream, RiskHistory, RiskModifiers, RiskPolicy};
pub use times::{Cadence, DeadlinePolicy, InitialNotice, UpdatePolicy, WindowPolicy};
pub use votes::{VotePolicies, VotePolicy, VoteRepeat, VoteWindow};
pub use words::WordPolicy;

use super::rules::{Band, BusinessHours, Impact, Priority};

/// The policy that is compiled in: an annotated sample, which `try` uses and from which a tenant's own one is made.
pub const DEFAULT_TOML: &str = include_str!("../../../deploy/policy.toml");

/// Every number that a rule reads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The key of the unit that this policy is for; without one it is for every unit that has none of its own.
    #[serde(default)]
    pub unit: Option<String>,
    /// The amendments that this policy answers, like `AMD-3`: they are closed once it is in force.
    #[serde(default)]
    pub answers: Vec<String>,
    pub impact: ImpactPolicy,
    pub priority: PriorityPolicy,
    pub risk: RiskPolicy,
    pub emergency: EmergencyPolicy,
    pub approvals: ApprovalPolicy,
    pub votes: VotePolicies,
    pub deadlines: DeadlinePolicy,
    pub windows: WindowPolicy,
    /// Absent in a policy that is older than it: then every kind is told of everything.
    #[serde(default)]
    pub notices: NoticePolicy,
    pub freezes: FreezePolicy,
    /// Absent in a policy that is older than it: then the built-in number holds.
    #[serde(default)]
    pub incidents: IncidentPolicy,
    pub updates: UpdatePolicy,
    pub calendar: BusinessHours,
    // Change control beside risk, approvals and votes.
    pub contingency: PerBand<ContingencyMinimum>,
    /// Absent in a policy that is older than it: then nothing waits for a rehearsal.
    #[serde(default)]
    pub rehearsals: RehearsalPolicy,
    pub links: LinkPolicy,
    pub throttle: ThrottlePolicy,
    pub exceptions: ExceptionPolicy,
    pub checklists: Checklists,
    /// Fields of the organisation's own. Absent where it has none.
    #[serde(default)]
    pub custom_fields: CustomFieldPolicy,
    pub catalogue: CataloguePolicy,
    pub standby: StandbyPolicy,
    pub reviews: ReviewPolicy,
    /// Absent in a policy that is older than it: then the built-in numbers hold.
    #[serde(default)]
    pub validation: ValidationPolicy,
    /// Rule 4.34. Absent in a policy that is older than the rule: then nothing is erased by age.
    #[serde(default)]
    pub retention: RetentionPolicy,
    /// How policies are kept. Absent in a policy that is older than this: then the built-in numbers hold.
    #[serde(default)]
    pub registry: RegistryPolicy,
    /// What redacted copies leave out besides. Absent where customers have no numbers of the house.
    #[serde(default)]
    pub redaction: RedactionPolicy,
    /// The meetings of the board. Absent in a policy that is older than they: then the built-in numbers hold.
    #[serde(default)]
    pub meetings: MeetingPolicy,
    /// Changes asked for together. Absent in a policy that is older than they: then a failure stops all of them.
    #[serde(default)]
    pub batches: BatchPolicy,
    /// Words of the house. Absent where it has none.
    #[serde(default)]
    pub words: WordPolicy,
}

/// Rule 4.1.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactPolicy {
    /// One column per tier, tier 1 first.
    pub matrix: PerTechnicalImpact<[Impact; 4]>,
}

/// Rules 4.2 and 4.3.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityPolicy {
    /// One column per urgency, U1 first.
    pub matrix: PerImpact<[Priority; 4]>,
    pub peak_raises_steps: u32,
    pub exposure_suspected_at_least: Priority,
    pub exposure_confirmed_at_least: Priority,
}

/// Rule 4.8.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyPolicy {
    pub standard_band_max: Band,
    pub incident_priority_at_least: Priority,
    pub expedited_priority_at_least: Priority,
    pub expedited_band_max: Band,
    /// How many steps of dependency the change's service may be away from the incident's.
    pub related_distance_max: u32,
    pub review_overdue_blocks_after_minutes: u32,
}

/// Something that a policy's types let pass, and that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The table or the number in question, as the document names it: `risk.bands.medium`.
    pub place: String,
    pub sentence: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.sentence)
    }
}

impl Policy {
    /// What is wrong with this policy; empty where it can be used.
    pub fn problems(&self) -> Vec<Problem> {
        checks::problems(self)
    }

    /// The compiled-in policy, for tests.
    #[cfg(test)]
    pub fn sample() -> Policy {
        toml::from_str(DEFAULT_TOML).expect("deploy/policy.toml is a policy")
    }
}
