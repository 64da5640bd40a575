//! The numbers of change control beside risk, approvals and votes: rules 4.9, 4.14, 4.18, 4.35, 4.39, 4.41, 4.48, 4.49.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::CatalogueEntry;
use crate::domain::rules::{
    Band, CatalogueApproval, ChecklistItem, ContingencyItem, ExceptionSubject, LinkFact, LinkRelation, Ratio,
    RehearsalHold, RehearsalNeed, ReviewClock, Span, StandbyRole, Verification,
};

/// Rule 4.9: the least that a contingency plan holds in one band.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContingencyMinimum {
    pub rollback_steps: u32,
    pub failure_modes: u32,
    /// Of `step_owners`, `step_minutes`, `abort_criteria` and `standby`.
    pub asks: Vec<ContingencyItem>,
    pub verification: Verification,
    pub rehearsal: RehearsalNeed,
}

/// How the way back is rehearsed (rule 4.9), and what waits for that.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RehearsalPolicy {
    /// What does not go on without a rehearsal that the band asks for. Absent in a policy that is older than it: then nothing
    /// waits, as before.
    pub holds: Vec<RehearsalHold>,
    /// Days from the plan until it is due; once, so many more.
    pub due_days: u32,
    /// Whoever rehearses is reminded so many days before.
    pub remind_days: u32,
}

impl Default for RehearsalPolicy {
    fn default() -> RehearsalPolicy {
        RehearsalPolicy { holds: Vec::new(), due_days: 14, remind_days: 3 }
    }
}

impl RehearsalPolicy {
    pub fn holds(&self, what: RehearsalHold) -> bool {
        self.holds.contains(&what)
    }
}

/// Up to this many hours after the change, this confidence.
pub type LinkStep = (u32, i32);

/// Rule 4.14.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkPolicy {
    /// From this confidence on, the incident is flagged as caused by the change.
    pub auto_from: i32,
    /// From this one on, somebody is asked.
    pub suggest_from: i32,
    pub confidence_max: i32,
    pub same_ci: Vec<LinkStep>,
    pub same_service: Vec<LinkStep>,
    pub up1: Vec<LinkStep>,
    pub up2: Vec<LinkStep>,
    pub facts: LinkFactPoints,
    /// Words of an incident's title that are a symptom of a category of change, by category. Absent in a policy that is
    /// older than they are: then these hold.
    #[serde(default = "symptoms")]
    pub symptoms: BTreeMap<String, Vec<String>>,
}

/// Of the categories of rule 4.39 that break something that people see.
fn symptoms() -> BTreeMap<String, Vec<String>> {
    let of =
        |category: &str, words: &[&str]| (category.to_owned(), words.iter().map(|&word| word.to_owned()).collect());
    BTreeMap::from([
        of(
            "access",
            &["access", "certificate", "denied", "login", "permission", "permissions", "token", "unauthorised"],
        ),
        of("application_release", &["crash", "crashes", "exception", "exceptions", "feature", "release", "version"]),
        of(
            "database_schema",
            &["column", "database", "db", "deadlock", "lock", "locks", "migration", "query", "schema"],
        ),
        of("failover", &["failover", "lag", "replica", "replication", "standby"]),
        of(
            "network",
            &["connection", "dns", "latency", "network", "packets", "route", "timeout", "unreachable", "vpn"],
        ),
        of("vendor", &["partner", "provider", "supplier", "vendor"]),
    ])
}

impl LinkPolicy {
    /// The steps of a relation; unrelated parts have none.
    pub fn of(&self, relation: LinkRelation) -> &[LinkStep] {
        match relation {
            LinkRelation::SameCi => &self.same_ci,
            LinkRelation::SameService => &self.same_service,
            LinkRelation::Up1 => &self.up1,
            LinkRelation::Up2 => &self.up2,
            LinkRelation::Unrelated => &[],
        }
    }

    /// Whether a title has a word that is a symptom of this category of change.
    pub fn is_symptom(&self, category: &str, title: &str) -> bool {
        let words = self.symptoms.get(category).map(Vec::as_slice).unwrap_or_default();
        let title = title.to_lowercase();
        let mut said = title.split(|letter: char| !letter.is_alphanumeric());
        said.any(|word| words.iter().any(|symptom| symptom == word))
    }
}

/// What each fact adds to the confidence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkFactPoints {
    pub failed: i32,
    pub category: i32,
    pub other_incident: i32,
    pub emergency: i32,
    pub clean_template: i32,
}

impl LinkFactPoints {
    pub fn of(&self, fact: LinkFact) -> i32 {
        match fact {
            LinkFact::Failed => self.failed,
            LinkFact::Category => self.category,
            LinkFact::OtherIncident => self.other_incident,
            LinkFact::Emergency => self.emergency,
            LinkFact::CleanTemplate => self.clean_template,
        }
    }
}

/// Rule 4.18.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottlePolicy {
    pub running_per_incident_max: u32,
    pub running_per_service_max: u32,
    /// In a surge, over the whole tenant.
    pub running_in_surge_max: u32,
    pub lease_minutes: u32,
    pub soak_minutes: u32,
    #[serde(default)]
    pub surge: SurgePolicy,
}

/// Rule 4.4: when so much is broken at once that fewer changes run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurgePolicy {
    /// From so many open incidents of P1.
    pub from_p1: u32,
    /// From so many of P1 and P2 together.
    pub from_p1_and_p2: u32,
    /// It lasts on for so long after there are fewer.
    pub ends_after_minutes: u32,
}

impl Default for SurgePolicy {
    /// The numbers of rule 4.4.
    fn default() -> SurgePolicy {
        SurgePolicy { from_p1: 2, from_p1_and_p2: 4, ends_after_minutes: 30 }
    }
}

/// How it is found out whether a change works that is done (03, `validating`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidationPolicy {
    /// From this band on a second person says so, where the service has no checks.
    pub attest_from: Band,
    /// After so long whoever is asked is reminded, and after as long again the owner of the service.
    pub remind_minutes: u32,
    /// A check that takes longer has not passed.
    pub answer_within_seconds: u32,
    /// So many runs of the checks in a row have to fail, this far apart.
    pub runs: u32,
    pub retry_seconds: u32,
    /// A pipeline that has not ended so long after the watch is over has not passed.
    #[serde(default = "pipeline_minutes")]
    pub pipeline_minutes: u32,
    /// A change that fails on a service of this tier, or of a stricter one, opens an incident by itself; 0: none does.
    pub incident_up_to_tier: u8,
}

fn pipeline_minutes() -> u32 {
    60
}

impl Default for ValidationPolicy {
    fn default() -> ValidationPolicy {
        ValidationPolicy {
            attest_from: Band::Low,
            remind_minutes: 60,
            answer_within_seconds: 10,
            runs: 3,
            retry_seconds: 30,
            pipeline_minutes: pipeline_minutes(),
            incident_up_to_tier: 1,
        }
    }
}

/// Rule 4.35. What can never be excepted is said by the rule and is in no list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionPolicy {
    pub high: Vec<ExceptionSubject>,
    pub medium: Vec<ExceptionSubject>,
    pub low: Vec<ExceptionSubject>,
}

/// Rule 4.39: what has to be ticked, by category of change or kind of incident.
pub type Checklists = BTreeMap<String, Vec<ChecklistItem>>;

/// Rule 4.41.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CataloguePolicy {
    /// Failures among the last uses that suspend an entry.
    pub suspend_from_failures: u32,
    pub failures_among_last_uses: u32,
    /// An entry rated below this on average, by enough people, is revised.
    pub revise_below_rating: Ratio,
    pub revise_from_ratings: u32,
    /// So many ratings of at most this since the last revision ask for the next one.
    pub low_rating_max: u8,
    pub revise_from_low_ratings: u32,
    /// An entry under revision stays in use for this long.
    pub revise_within_days: u32,
    /// So many uses without a failure, up to this band, and normal changes may become an entry.
    pub promote_from_uses: u32,
    pub promote_band_max: Band,
    /// How long an entry may be used after the policy that holds it was loaded.
    #[serde(default = "a_year")]
    pub valid_days: u32,
    /// Its owner is told so long before an entry has to be looked at again.
    #[serde(default = "a_month")]
    pub warn_days: u32,
    /// Who approves an entry before it may be used.
    #[serde(default)]
    pub approval: CatalogueApproval,
    /// The standard changes, by key. Absent in a policy that is older than they: then there are none.
    #[serde(default)]
    pub entries: BTreeMap<String, CatalogueEntry>,
}

fn a_month() -> u32 {
    30
}

fn a_year() -> u32 {
    365
}

/// Rule 4.48.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandbyPolicy {
    pub required_from: Band,
    /// The first confirmation is due this long before the start, the second this long.
    pub first_confirmation_minutes: u32,
    pub last_confirmation_minutes: u32,
    /// In an emergency, the next person is asked after this silence.
    pub emergency_silence_minutes: u32,
    /// How long somebody has to answer the first question before the requester hears, and the last before a change
    /// manager does. Absent in a policy that is older than they: then these numbers of ours hold.
    #[serde(default = "an_hour")]
    pub first_answer_minutes: u32,
    #[serde(default = "a_quarter")]
    pub last_answer_minutes: u32,
    /// Who else stands by, beside the owner of the rollback.
    #[serde(default)]
    pub roles: BTreeMap<StandbyRole, StandbyDuty>,
}

/// A role that changes on some services need.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandbyDuty {
    /// Keys of the services.
    pub services: Vec<String>,
    /// Key of the team whose people on call fill it.
    pub team: String,
}

fn an_hour() -> u32 {
    60
}

fn a_quarter() -> u32 {
    15
}

/// Rule 4.49.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewPolicy {
    pub major: ReviewClock,
    pub change_related: ReviewClock,
    pub emergency_change: ReviewClock,
    /// A change that failed or was taken back, and was no emergency.
    pub failed_change: ReviewClock,
    pub breach: ReviewClock,
    /// A P2 that came back, or missed its service level.
    pub recurrence: ReviewClock,
    pub drill: ReviewClock,
    /// An exception from a procedure, from its end.
    #[serde(default = "a_week")]
    pub exception: ReviewClock,
}

/// As long as a change has that failed.
fn a_week() -> ReviewClock {
    ReviewClock { hold: Some(Span::BusinessDays(5)), publish: None }
}
