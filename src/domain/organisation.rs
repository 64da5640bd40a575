//! The organisation as the rules see it: who holds what, and what depends on what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::rules::{AudienceKind, Priority, Tier, Touches, listed};
use super::validation::ServiceCheck;
use super::{
    Absence, Account, Change, Charter, Delegation, Identity, Person, PersonId, Place, Responsibility, Role, Rota,
    StandsFor,
};

/// One tenant's organisation at one version. Immutable: a change makes a new one.
#[derive(Debug, Clone)]
pub struct Organisation {
    pub tenant: i64,
    pub name: String,
    pub time_zone: chrono_tz::Tz,
    /// The `seq` of the newest entry on ORG.
    pub version: i32,
    pub workspaces: Vec<Workspace>,
    pub people: BTreeMap<PersonId, Person>,
    /// Whose each account is, also those that their platform has deactivated.
    pub accounts: HashMap<Account, PersonId>,
    pub teams: BTreeMap<String, Team>,
    pub services: BTreeMap<String, Service>,
    pub rosters: BTreeMap<String, Roster>,
    pub audiences: Vec<Audience>,
    /// Those that are not over, begun or not.
    pub delegations: Vec<Delegation>,
    /// Those that are not over, begun or not.
    pub absences: Vec<Absence>,
    /// Who answers for what, as far as it is written.
    pub responsibilities: Vec<Responsibility>,
    /// The editions that hold, by team.
    pub charters: Vec<Charter>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub platform: super::Platform,
    pub id: String,
    pub incidents_channel: Option<String>,
    pub changes_channel: Option<String>,
    /// Where the checkpoints of the decision log are posted.
    pub log_channel: Option<String>,
    /// The only channels of it that are this unit's, in order; empty where all of it is.
    pub channels: Vec<String>,
    /// Since when the bot is not a member any more, and the platform's word for it.
    pub lost: Option<(DateTime<Utc>, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub key: String,
    pub name: String,
    pub lead: Option<PersonId>,
    /// Technical authority for what the team owns.
    pub approvers: Vec<PersonId>,
    /// Primary first; with a rota whose turn comes when.
    pub on_call: Vec<PersonId>,
    pub rota: Option<Rota>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub key: String,
    pub name: String,
    pub tier: Tier,
    pub owner: PersonId,
    /// Who speaks for the business that it serves; where nobody is named, its owner does.
    pub business_owner: Option<PersonId>,
    pub team: String,
    pub depends_on: Vec<String>,
    pub compliance: Vec<String>,
    /// What every change of it touches.
    pub touches: Touches,
    /// Who is accountable for what a vendor does to it; without one its team's lead is.
    pub sponsor: Option<PersonId>,
    /// What tells whether it works after a change.
    pub checks: Vec<ServiceCheck>,
}

impl Service {
    /// Its compliance regimes: "sox and pci".
    pub fn regimes(&self) -> String {
        listed(&self.compliance, "and")
    }
}

/// The word of the business on a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessVoice {
    pub person: PersonId,
    /// The owner of the service speaks, because no business owner is named or theirs is gone.
    pub stands_in: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    pub key: String,
    pub chair: PersonId,
    pub members: Vec<PersonId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    pub key: String,
    pub name: String,
    pub kind: AudienceKind,
    pub min_priority: Priority,
    /// Empty: every service.
    pub services: Vec<String>,
    /// Whether it hears of changes too, beside incidents.
    pub changes: bool,
    pub places: Vec<(Place, String)>,
}

impl Organisation {
    /// Where chat keeps the checkpoints of the decision log.
    pub fn log_places(&self) -> impl Iterator<Item = super::Place> + '_ {
        self.workspaces.iter().filter_map(|workspace| {
            let channel = workspace.log_channel.clone()?;
            Some(super::Place { platform: workspace.platform, workspace: workspace.id.clone(), channel })
        })
    }

    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }

    /// The active person behind an account; a display name is never trusted.
    pub fn person_of(&self, account: &Account) -> Option<&Person> {
        let person = self.owner_of(account).filter(|person| person.active)?;
        person.accounts().any(|active| active == account).then_some(person)
    }

    /// Whose account it is, whether or not they may act through it.
    pub fn owner_of(&self, account: &Account) -> Option<&Person> {
        self.accounts.get(account).and_then(|id| self.people.get(id))
    }

    /// How an account is linked, where it is.
    pub fn identity(&self, account: &Account) -> Option<&Identity> {
        self.owner_of(account)?.identities.iter().find(|identity| &identity.account == account)
    }

    /// The active people who have this e-mail address.
    pub fn with_email(&self, email: &str) -> Vec<&Person> {
        let has = |person: &&Person| {
            person.active && person.email.as_ref().is_some_and(|own| own.to_lowercase() == email.to_lowercase())
        };
        self.people.values().filter(has).collect()
    }

    /// Whether only some channels of a workspace are this unit's.
    pub fn shares(&self, platform: super::Platform, workspace: &str) -> bool {
        let mut own = self.workspaces.iter().filter(|own| own.platform == platform && own.id == workspace);
        own.any(|own| !own.channels.is_empty())
    }

    /// A person's name, or the pseudonym where the name is gone.
    pub fn name_of(&self, id: &PersonId) -> String {
        self.people.get(id).map_or_else(|| id.0.clone(), |person| person.name.clone())
    }

    pub fn with_role(&self, role: Role) -> Vec<&PersonId> {
        self.people.values().filter(|person| person.active && person.roles.contains(&role)).map(|p| &p.id).collect()
    }

    /// Those with a role, to be told of something.
    pub fn holding(&self, role: Role) -> Vec<PersonId> {
        self.with_role(role).into_iter().cloned().collect()
    }

    /// The channels of one use, in every workspace that has one.
    pub fn channels(&self, of: fn(&Workspace) -> Option<&String>) -> Vec<Place> {
        let place = |workspace: &Workspace| {
            let channel = of(workspace)?.clone();
            Some(Place { platform: workspace.platform, workspace: workspace.id.clone(), channel })
        };
        self.workspaces.iter().filter_map(place).collect()
    }

    /// Whether this person is in the team that keeps the service, or owns it.
    pub fn keeps(&self, person: &PersonId, service: &str) -> bool {
        let team = self.team_of(service).is_some_and(|team| {
            team.lead.as_ref() == Some(person) || team.approvers.contains(person) || team.on_call.contains(person)
        });
        team || self.services.get(service).is_some_and(|service| &service.owner == person)
    }

    pub fn has_role(&self, id: &PersonId, role: Role) -> bool {
        self.people.get(id).is_some_and(|person| person.active && person.roles.contains(&role))
    }

    /// Who speaks for the business of a service. Somebody who is gone does not.
    pub fn speaks_for(&self, service: &str) -> Option<BusinessVoice> {
        let service = self.services.get(service)?;
        let active = |id: &&PersonId| self.people.get(*id).is_some_and(|person| person.active);
        let named = service.business_owner.as_ref().filter(active).cloned();
        let stands_in = named.is_none();
        Some(BusinessVoice { person: named.unwrap_or_else(|| service.owner.clone()), stands_in })
    }

    /// Whether somebody who is still here is named to speak for the business of a service.
    pub fn is_business_named(&self, service: &str) -> bool {
        self.speaks_for(service).is_some_and(|voice| !voice.stands_in)
    }

    pub fn owns_any(&self, id: &PersonId, services: &[String]) -> bool {
        services.iter().any(|key| self.services.get(key).is_some_and(|service| &service.owner == id))
    }

    /// Whom somebody stands in for at this moment.
    pub fn delegators_of(&self, me: &PersonId, now: DateTime<Utc>) -> impl Iterator<Item = StandsFor> {
        let held = self.delegations.iter().filter(move |one| &one.to == me && one.holds(now));
        held.map(|one| StandsFor { person: one.from.clone(), until: one.ends })
    }

    /// Until when somebody is not there, where they said so.
    pub fn away_until(&self, person: &PersonId, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.absences.iter().filter(|one| &one.person == person && one.holds(now)).map(|one| one.ends).max()
    }

    /// Who stands in for somebody at this moment.
    pub fn delegate_of(&self, person: &PersonId, now: DateTime<Utc>) -> Option<&PersonId> {
        self.delegations.iter().find(|one| &one.from == person && one.holds(now)).map(|one| &one.to)
    }

    /// May speak with technical authority for the team that owns the service.
    pub fn approves_for(&self, id: &PersonId, service: &str) -> bool {
        self.team_of(service).is_some_and(|team| team.approvers.contains(id))
    }

    pub fn team_of(&self, service: &str) -> Option<&Team> {
        self.services.get(service).and_then(|service| self.teams.get(&service.team))
    }

    /// What every change of a service touches; nothing where it is not known.
    pub fn touches_of(&self, services: &[String]) -> Touches {
        let known = services.iter().filter_map(|key| self.services.get(key));
        known.fold(Touches::default(), |all, service| all.with(service.touches))
    }

    /// The regimes of a service that this person is not certified for.
    pub fn lacks_certificates<'a>(&self, person: &PersonId, service: &'a Service) -> Vec<&'a str> {
        let has = |regime: &&String| {
            self.person(person)
                .is_some_and(|person| person.certified.iter().any(|own| own.eq_ignore_ascii_case(regime)))
        };
        service.compliance.iter().filter(|regime| !has(regime)).map(String::as_str).collect()
    }

    /// Who is accountable for what a vendor does to a service.
    pub fn sponsor_of(&self, service: &str) -> Option<&PersonId> {
        let named = self.services.get(service).and_then(|service| service.sponsor.as_ref());
        named.or_else(|| self.team_of(service)?.lead.as_ref())
    }

    /// The most critical of these services; 4 where none is known.
    pub fn strictest_tier(&self, services: &[String]) -> Tier {
        services.iter().filter_map(|key| self.services.get(key)).map(|s| s.tier).min().unwrap_or(Tier::LEAST_CRITICAL)
    }

    /// The services that would feel it if this one failed, within two steps.
    pub fn felt_below(&self, service: &str) -> BTreeSet<String> {
        reach(service, 2, |key| self.dependants(key))
    }

    /// Over how many steps one of these services depends on another: 0 the same, `None` farther than two.
    pub fn steps_down(&self, services: &[String], to: &str) -> Option<u32> {
        let reaches = |steps: usize| {
            services.iter().any(|from| from == to || reach(from, steps, |key| self.dependencies(key)).contains(to))
        };
        (0..=2_usize).find(|steps| reaches(*steps)).map(|steps| u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// Steps of dependency between a service and the nearest of the others, in either direction: 0 the same, `None`
    /// farther than three.
    pub fn distance(&self, service: &str, others: &[String]) -> Option<u32> {
        (0..=3_usize).find_map(|steps| {
            let mut near = reach(service, steps, |key| self.dependants(key));
            near.extend(reach(service, steps, |key| self.dependencies(key)));
            let found = others.iter().any(|other| other == service || near.contains(other));
            found.then_some(u32::try_from(steps).unwrap_or(u32::MAX))
        })
    }

    /// The service and those one step from it.
    pub fn neighbours(&self, service: &str) -> Vec<String> {
        let mut near = reach(service, 1, |key| self.dependants(key));
        near.extend(reach(service, 1, |key| self.dependencies(key)));
        near.insert(service.to_owned());
        near.into_iter().collect()
    }

    /// The service, and those that depend on it.
    pub fn touched(&self, service: &str) -> Vec<String> {
        std::iter::once(service.to_owned()).chain(self.dependants(service)).collect()
    }

    /// A service as people know it.
    pub fn service_name(&self, key: &str) -> String {
        self.services.get(key).map_or_else(|| key.to_owned(), |service| service.name.clone())
    }

    /// Who is on call for these services, primaries first of each team, and whoever is away after those who are there:
    /// a call that reaches nobody is worse than one that disturbs somebody.
    pub fn on_call_of(&self, services: &[String], now: DateTime<Utc>) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = Vec::new();
        let teams = services.iter().filter_map(|key| self.team_of(key));
        for person in teams.flat_map(|team| team.on_call_at(now, self.time_zone)) {
            if !people.contains(&person) {
                people.push(person);
            }
        }
        people.sort_by_key(|person| self.away_until(person, now).is_some());
        people
    }

    fn dependants(&self, key: &str) -> Vec<String> {
        self.services.values().filter(|s| s.depends_on.iter().any(|d| d == key)).map(|s| s.key.clone()).collect()
    }

    fn dependencies(&self, key: &str) -> Vec<String> {
        self.services.get(key).map(|service| service.depends_on.clone()).unwrap_or_default()
    }

    /// Who is told of an incident of this priority on these services.
    pub fn audiences_of<'a>(
        &'a self,
        priority: Priority,
        services: &'a [String],
    ) -> impl Iterator<Item = &'a Audience> {
        self.audiences.iter().filter(move |audience| {
            priority <= audience.min_priority
                && (audience.services.is_empty() || audience.services.iter().any(|key| services.contains(key)))
        })
    }

    /// Who subscribes to the notices of changes on what a change touches, or on what that would take along.
    pub fn audiences_of_change(&self, change: &Change) -> impl Iterator<Item = &Audience> {
        let touched = self.touched_by(change);
        self.audiences.iter().filter(move |audience| {
            audience.changes
                && (audience.services.is_empty() || audience.services.iter().any(|key| touched.contains(key)))
        })
    }

    /// The E-CAB, which votes on emergencies.
    pub fn emergency_board(&self) -> Option<&Roster> {
        self.rosters.get("ecab")
    }

    /// The CAB, which votes on and meets about what is planned; an organisation with one board has it do everything.
    pub fn board(&self) -> Option<&Roster> {
        self.rosters.get("cab").or_else(|| self.emergency_board())
    }

    /// The people to bring into the room of an incident: on-call of every affected service, then its owners.
    pub fn responders_of(&self, services: &[String], now: DateTime<Utc>) -> Vec<PersonId> {
        let mut people = self.on_call_of(services, now);
        for owner in services.iter().filter_map(|key| self.services.get(key)).map(|service| &service.owner) {
            if !people.contains(owner) {
                people.push(owner.clone());
            }
        }
        people
    }
}

/// Everything that `next` leads to within some steps, without the start itself.
fn reach(start: &str, steps: usize, next: impl Fn(&str) -> Vec<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut edge = vec![start.to_owned()];
    for _ in 0..steps {
        edge = edge.iter().flat_map(|key| next(key)).filter(|key| key != start && found.insert(key.clone())).collect();
    }
    found
}
