//! What an organisation file would change.

use std::collections::BTreeMap;
use std::fmt;

use super::organisation_file::{AudienceEntry, OrganisationFile, PersonEntry, ServiceEntry, TeamEntry};
use crate::domain::rules::Priority;
use crate::domain::{Event, Organisation, Person, PersonId, Platform};

/// What applying a file changes, as people read it: "+ person ana", "~ service payments", "- person bob (inactive)".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationChange {
    pub sign: char,
    pub what: &'static str,
    pub key: String,
}

impl fmt::Display for OrganisationChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.sign, self.what, self.key)
    }
}

/// What the file would change.
pub fn changes(file: &OrganisationFile, current: &Organisation) -> Vec<OrganisationChange> {
    let mut changes = Vec::new();
    compare(&mut changes, "person", current_people(current), &file_people(file));
    compare(&mut changes, "workspace", current_workspaces(current), &file_workspaces(file));
    compare(&mut changes, "team", current_teams(current), &file_teams(file));
    compare(&mut changes, "service", current_services(current), &file_services(file));
    compare(&mut changes, "roster", current_rosters(current), &file_rosters(file));
    compare(&mut changes, "audience", current_audiences(current), &file_audiences(file));
    changes
}

/// The event that stands for the whole.
pub fn event(file: &OrganisationFile, changes: &[OrganisationChange]) -> Event {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    Event::OrganisationApplied {
        people: count(file.person.len()),
        services: count(file.service.len()),
        changed: count(changes.len()),
    }
}

type Described = BTreeMap<String, String>;

fn compare(changes: &mut Vec<OrganisationChange>, what: &'static str, current: Described, wanted: &Described) {
    for (key, described) in wanted {
        match current.get(key) {
            None => changes.push(OrganisationChange { sign: '+', what, key: key.clone() }),
            Some(before) if before != described => {
                changes.push(OrganisationChange { sign: '~', what, key: key.clone() });
            }
            Some(_) => {}
        }
    }
    for key in current.into_keys().filter(|key| !wanted.contains_key(key)) {
        changes.push(OrganisationChange { sign: '-', what, key });
    }
}

fn key_of(organisation: &Organisation, id: &PersonId) -> String {
    organisation.person(id).map(|person| person.key.clone()).unwrap_or_default()
}

fn keys_of(organisation: &Organisation, ids: &[PersonId]) -> Vec<String> {
    ids.iter().map(|id| key_of(organisation, id)).collect()
}

fn current_people(organisation: &Organisation) -> Described {
    let account = |person: &Person, platform: Platform| {
        person.accounts.iter().find(|account| account.platform == platform).map(|account| account.id.clone())
    };
    let describe = |p: &Person| {
        let roles: Vec<&str> = p.roles.iter().map(|role| role.as_str()).collect();
        let accounts = (account(p, Platform::Slack), account(p, Platform::Discord));
        format!("{:?}", (&p.name, &p.email, &p.team, roles, accounts))
    };
    organisation.people.values().filter(|p| p.active).map(|p| (p.key.clone(), describe(p))).collect()
}

fn file_people(file: &OrganisationFile) -> Described {
    let describe = |p: &PersonEntry| format!("{:?}", (&p.name, &p.email, &p.team, &p.roles, (&p.slack, &p.discord)));
    file.person.iter().map(|p| (p.key.clone(), describe(p))).collect()
}

fn current_workspaces(organisation: &Organisation) -> Described {
    let workspaces = organisation.workspaces.iter();
    workspaces
        .map(|w| (w.id.clone(), format!("{:?}", (w.platform, &w.incidents_channel, &w.changes_channel))))
        .collect()
}

fn file_workspaces(file: &OrganisationFile) -> Described {
    let workspaces = file.workspace.iter();
    workspaces
        .map(|w| (w.id.clone(), format!("{:?}", (w.platform, &w.incidents_channel, &w.changes_channel))))
        .collect()
}

fn current_teams(organisation: &Organisation) -> Described {
    let describe = |team: &crate::domain::Team| {
        let lead = team.lead.as_ref().map(|lead| key_of(organisation, lead));
        format!(
            "{:?}",
            (&team.name, lead, keys_of(organisation, &team.approvers), keys_of(organisation, &team.on_call))
        )
    };
    organisation.teams.values().map(|team| (team.key.clone(), describe(team))).collect()
}

fn file_teams(file: &OrganisationFile) -> Described {
    let describe = |team: &TeamEntry| format!("{:?}", (&team.name, &team.lead, &team.approvers, &team.on_call));
    file.team.iter().map(|team| (team.key.clone(), describe(team))).collect()
}

fn current_services(organisation: &Organisation) -> Described {
    let describe = |s: &crate::domain::Service| {
        let owner = key_of(organisation, &s.owner);
        format!("{:?}", (&s.name, s.tier.number(), owner, &s.team, &s.depends_on, &s.compliance))
    };
    organisation.services.values().map(|service| (service.key.clone(), describe(service))).collect()
}

fn file_services(file: &OrganisationFile) -> Described {
    let describe =
        |s: &ServiceEntry| format!("{:?}", (&s.name, s.tier, &s.owner, &s.team, &s.depends_on, &s.compliance));
    file.service.iter().map(|service| (service.key.clone(), describe(service))).collect()
}

fn current_rosters(organisation: &Organisation) -> Described {
    let describe = |roster: &crate::domain::Roster| {
        format!("{:?}", (key_of(organisation, &roster.chair), keys_of(organisation, &roster.members)))
    };
    organisation.rosters.values().map(|roster| (roster.key.clone(), describe(roster))).collect()
}

fn file_rosters(file: &OrganisationFile) -> Described {
    file.roster.iter().map(|roster| (roster.key.clone(), format!("{:?}", (&roster.chair, &roster.members)))).collect()
}

fn current_audiences(organisation: &Organisation) -> Described {
    let describe = |audience: &crate::domain::Audience| {
        let places: Vec<_> =
            audience.places.iter().map(|(place, name)| (place.platform, &place.channel, name)).collect();
        format!("{:?}", (&audience.name, audience.kind.as_str(), audience.min_priority, &audience.services, places))
    };
    organisation.audiences.iter().map(|audience| (audience.key.clone(), describe(audience))).collect()
}

fn file_audiences(file: &OrganisationFile) -> Described {
    let describe = |audience: &AudienceEntry| {
        let places: Vec<_> =
            audience.places.iter().map(|place| (place.platform, &place.channel, &place.name)).collect();
        let priority = Priority::parse(&audience.min_priority).unwrap_or(Priority::P4);
        format!("{:?}", (&audience.name, &audience.kind, priority, &audience.services, places))
    };
    file.audience.iter().map(|audience| (audience.key.clone(), describe(audience))).collect()
}
