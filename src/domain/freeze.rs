//! A freeze: for a while nothing changes in its scope, but for what the rules or a granted override let through.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::Policy;
use super::rules::{ChangeKind, Every, FreezeFacts, FreezeKind, LinkKind, listed};
use super::{Change, DeadlineKind, Incident, Link, Organisation, PersonId, Subject};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    pub number: i64,
    pub version: i32,
    pub kind: FreezeKind,
    /// Only an emergency for a P1 passes.
    pub hard: bool,
    /// Changes of high and critical risk are held up outside of its scope too.
    pub wide: bool,
    pub status: FreezeStatus,
    /// Empty: everything.
    pub services: Vec<String>,
    /// The types of changes that it holds up, the others it leaves alone; empty: every type.
    pub blocks: Vec<ChangeKind>,
    pub why: String,
    /// The incident that it protects.
    pub incident: Option<i64>,
    pub by: Option<PersonId>,
    pub created_at: DateTime<Utc>,
    pub from: DateTime<Utc>,
    /// `None`: until its incident is over.
    pub until: Option<DateTime<Utc>>,
    /// How it comes again: the next one is planned when this one begins.
    pub every: Option<Every>,
    /// Who has agreed to it, of those who speak for the business of what it freezes.
    pub agreed: Vec<PersonId>,
    /// Since when things settle, after a major.
    pub settling_from: Option<DateTime<Utc>>,
    /// Whether its end was announced.
    pub warned: bool,
    /// When its beginning is still to be announced, the next first.
    pub notices: Vec<DateTime<Utc>>,
    /// When the commander is asked again whether it is needed.
    pub review_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// In the order in which they were asked for.
    pub overrides: Vec<FreezeOverride>,
}

/// What is asked, and granted or not, for one revision of one change: one start, within a short time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeOverride {
    pub change: i64,
    pub revision: i32,
    pub state: OverrideState,
    pub by: PersonId,
    pub why: String,
    pub asked_at: DateTime<Utc>,
    /// Who said yes, and whose second yes it has.
    pub authority: Option<PersonId>,
    pub second: Option<PersonId>,
    pub valid_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreezeStatus {
    /// Planned ahead, and waits for the agreement of the business owners of what it freezes: nothing is held up by it.
    Proposed,
    /// Planned ahead.
    Scheduled,
    Active,
    Lifted,
    /// Taken back before it began.
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideState {
    Requested,
    Granted,
    Denied,
    /// The change was started with it.
    Used,
    Expired,
    /// The change was revised, or the freeze is over.
    Void,
}

/// A freeze with the incident that it protects: whose commander decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    pub freeze: Freeze,
    pub incident: Option<Incident>,
    /// What changes are to that incident.
    pub links: Vec<Link>,
}

impl FreezeStatus {
    pub const ALL: [FreezeStatus; 5] = [
        FreezeStatus::Proposed,
        FreezeStatus::Scheduled,
        FreezeStatus::Active,
        FreezeStatus::Lifted,
        FreezeStatus::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            FreezeStatus::Proposed => "proposed",
            FreezeStatus::Scheduled => "scheduled",
            FreezeStatus::Active => "active",
            FreezeStatus::Lifted => "lifted",
            FreezeStatus::Cancelled => "cancelled",
        }
    }

    pub fn parse(word: &str) -> Option<FreezeStatus> {
        FreezeStatus::ALL.into_iter().find(|status| status.as_str() == word)
    }

    pub fn is_open(self) -> bool {
        match self {
            FreezeStatus::Proposed | FreezeStatus::Scheduled | FreezeStatus::Active => true,
            FreezeStatus::Lifted | FreezeStatus::Cancelled => false,
        }
    }

    /// Whether changes have to heed it: it is in force, or will be.
    pub fn binds(self) -> bool {
        match self {
            FreezeStatus::Scheduled | FreezeStatus::Active => true,
            FreezeStatus::Proposed | FreezeStatus::Lifted | FreezeStatus::Cancelled => false,
        }
    }
}

impl OverrideState {
    pub const ALL: [OverrideState; 6] = [
        OverrideState::Requested,
        OverrideState::Granted,
        OverrideState::Denied,
        OverrideState::Used,
        OverrideState::Expired,
        OverrideState::Void,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            OverrideState::Requested => "requested",
            OverrideState::Granted => "granted",
            OverrideState::Denied => "denied",
            OverrideState::Used => "used",
            OverrideState::Expired => "expired",
            OverrideState::Void => "void",
        }
    }

    pub fn parse(word: &str) -> Option<OverrideState> {
        OverrideState::ALL.into_iter().find(|state| state.as_str() == word)
    }

    pub fn is_open(self) -> bool {
        match self {
            OverrideState::Requested | OverrideState::Granted => true,
            OverrideState::Denied | OverrideState::Used | OverrideState::Expired | OverrideState::Void => false,
        }
    }
}

impl Freeze {
    pub fn subject(&self) -> Subject {
        Subject::Freeze(self.number)
    }

    pub fn is_open(&self) -> bool {
        self.status.is_open()
    }

    pub fn facts(&self) -> FreezeFacts {
        FreezeFacts { kind: self.kind, hard: self.hard, tenant_wide: self.wide }
    }

    /// Whether it leaves changes of this type alone.
    pub fn spares(&self, kind: ChangeKind) -> bool {
        !self.blocks.is_empty() && !self.blocks.contains(&kind)
    }

    /// "hard freeze", "freeze of normal and expedited changes"
    pub fn noun(&self) -> String {
        let noun = if self.hard { "hard freeze" } else { "freeze" };
        let types: Vec<&str> = self.blocks.iter().map(|kind| kind.as_str()).collect();
        if types.is_empty() { noun.to_owned() } else { format!("{noun} of {} changes", listed(&types, "and")) }
    }

    /// Whether it protects the incident that a change is for (rule 4.11): asked for in its name, or linked as what resolves
    /// it; while things settle, also as what follows from it. `links`: what changes are to that incident.
    pub fn is_for_its_incident(&self, change: &Change, links: &[Link]) -> bool {
        if self.incident.is_none() {
            return false;
        }
        let link = links.iter().find(|link| link.change == change.number && Some(link.incident) == self.incident);
        let linked = link.filter(|link| link.is_vouched_for()).is_some_and(|link| match link.kind {
            LinkKind::Resolves => true,
            LinkKind::Related => self.kind == FreezeKind::Stabilising,
            LinkKind::Caused => false,
        });
        linked || change.incident == self.incident
    }

    /// Whether a service is in its scope: one of its own, or near enough to one.
    pub fn reaches(&self, organisation: &Organisation, policy: &Policy, service: &str) -> bool {
        let near = |distance: u32| distance <= policy.freezes.distance_max;
        self.services.is_empty() || organisation.distance(service, &self.services).is_some_and(near)
    }

    /// The services in its scope that are not its own.
    pub fn neighbours(&self, organisation: &Organisation, policy: &Policy) -> Vec<String> {
        let reached = |key: &&String| !self.services.contains(key) && self.reaches(organisation, policy, key);
        if self.services.is_empty() {
            return Vec::new();
        }
        organisation.services.keys().filter(reached).cloned().collect()
    }

    /// What it is agreed to for: its services, and all of them where it is a freeze of everything.
    pub fn agreed_for(&self, organisation: &Organisation) -> Vec<String> {
        if self.services.is_empty() { organisation.services.keys().cloned().collect() } else { self.services.clone() }
    }

    /// Whose word it takes where it is planned: of each who speaks for the business of a service that it freezes.
    pub fn agreers(&self, organisation: &Organisation) -> Vec<PersonId> {
        let mut seen = BTreeSet::new();
        let voices = self.agreed_for(organisation).into_iter().filter_map(|key| organisation.speaks_for(&key));
        voices.map(|voice| voice.person).filter(|person| seen.insert(person.clone())).collect()
    }

    /// Who owns what it freezes; of everything nobody in particular.
    pub fn owners(&self, organisation: &Organisation) -> Vec<PersonId> {
        let mut seen = BTreeSet::new();
        let services = self.services.iter().filter_map(|key| organisation.services.get(key));
        services.map(|service| service.owner.clone()).filter(|owner| seen.insert(owner.clone())).collect()
    }

    /// Whose agreement is still out. Whoever planned it has agreed to it.
    pub fn missing(&self, organisation: &Organisation) -> Vec<PersonId> {
        let mut agreers = self.agreers(organisation);
        agreers.retain(|person| Some(person) != self.by.as_ref() && !self.agreed.contains(person));
        agreers
    }

    /// "payments and ledger", or "everything".
    pub fn scope(&self) -> String {
        if self.services.is_empty() { "everything".to_owned() } else { self.services.join(", ") }
    }

    /// What is asked or granted for a change, and not over.
    pub fn open_override(&self, change: &Change) -> Option<&FreezeOverride> {
        let fits =
            |of: &&FreezeOverride| of.state.is_open() && of.change == change.number && of.revision == change.revision;
        self.overrides.iter().find(fits)
    }

    /// Whether this revision of a change may start in spite of it.
    pub fn lets_through(&self, change: &Change, now: DateTime<Utc>) -> bool {
        self.open_override(change).is_some_and(|granted| {
            granted.state == OverrideState::Granted && granted.valid_until.is_some_and(|until| now < until)
        })
    }

    /// Gives it an end, and an announcement of it where there is time for one.
    pub fn ends_at(&mut self, until: DateTime<Utc>, now: DateTime<Utc>, policy: &Policy) {
        self.until = Some(until);
        self.warned = until - announced_before(policy) <= now;
    }

    /// What the record promises now.
    pub fn promises(&self, policy: &Policy) -> Vec<(DeadlineKind, DateTime<Utc>)> {
        let mut promises = Vec::new();
        match self.status {
            FreezeStatus::Proposed | FreezeStatus::Scheduled => {
                promises.push((DeadlineKind::FreezeStart, self.from));
                promises.extend(self.notices.first().map(|at| (DeadlineKind::FreezeNotice, *at)));
            }
            FreezeStatus::Active => {
                promises.extend(self.until.map(|until| (DeadlineKind::FreezeEnd, until)));
                let warning = self.until.filter(|_| !self.warned).map(|until| until - announced_before(policy));
                promises.extend(warning.map(|at| (DeadlineKind::FreezeWarning, at)));
                promises.extend(self.review_at.map(|at| (DeadlineKind::FreezeReview, at)));
            }
            FreezeStatus::Lifted | FreezeStatus::Cancelled => {}
        }
        let granted = self.overrides.iter().filter(|granted| granted.state == OverrideState::Granted);
        promises
            .extend(granted.filter_map(|granted| granted.valid_until).min().map(|at| (DeadlineKind::OverrideEnd, at)));
        promises
    }
}

fn announced_before(policy: &Policy) -> TimeDelta {
    TimeDelta::minutes(policy.freezes.ending_notice_minutes.into())
}
