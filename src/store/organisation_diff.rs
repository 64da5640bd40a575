//! What an organisation file would change.

use std::collections::BTreeMap;
use std::fmt;

use super::organisation_file::{AudienceEntry, OrganisationFile, PersonEntry, ServiceEntry, TeamEntry};
use super::responsibility;
use crate::domain::rules::Priority;
use crate::domain::{Event, LinkSource, Organisation, Person, PersonId, Platform};

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
    compare(&mut changes, "person", current_people(current), &file_people(file, current));
    compare(&mut changes, "workspace", current_workspaces(current), &file_workspaces(file));
    compare(&mut changes, "team", current_teams(current), &file_teams(file));
    compare(&mut changes, "service", current_services(current), &file_services(file));
    compare(&mut changes, "roster", current_rosters(current), &file_rosters(file));
    compare(&mut changes, "audience", current_audiences(current), &file_audiences(file));
    let answering = responsibility::described_now(current, |people| keys_of(current, people));
    compare(&mut changes, "raci", answering, &file.described_responsibilities());
    changes
}

/// A link that its person made; the file leaves it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkMade {
    /// The person's short name.
    pub person: String,
    pub platform: Platform,
    pub account: String,
    pub source: LinkSource,
}

impl fmt::Display for LinkMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "= link {} {} of {} (by {})", self.platform.name(), self.account, self.person, self.source.phrase())
    }
}

/// Every link that people made themselves, by e-mail address or code.
pub fn links_made(organisation: &Organisation) -> impl Iterator<Item = LinkMade> {
    organisation.people.values().flat_map(|person| {
        let made = person.identities.iter().filter(|identity| identity.source != LinkSource::File);
        made.map(|identity| LinkMade {
            person: person.key.clone(),
            platform: identity.account.platform,
            account: identity.account.id.clone(),
            source: identity.source,
        })
    })
}

/// Accounts that the file gives to one person and that another has linked: nobody is overruled silently.
pub fn contradictions(file: &OrganisationFile, current: &Organisation) -> Vec<String> {
    let mut found = Vec::new();
    for link in links_made(current) {
        let names = |person: &&PersonEntry| person.account(link.platform) == Some(&link.account);
        for person in file.person.iter().filter(names).filter(|person| person.key != link.person) {
            found.push(format!(
                "the {} account {} is given to {}, but {} has linked it (by {}); `/admin unlink` there removes that link.",
                link.platform.name(), link.account, person.key, link.person, link.source.phrase()
            ));
        }
    }
    found
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
        let by_file = person.identities.iter().filter(|identity| identity.source == LinkSource::File);
        by_file.map(|identity| &identity.account).find(|account| account.platform == platform).map(|a| a.id.clone())
    };
    let describe = |p: &Person| {
        let roles: Vec<&str> = p.roles.iter().map(|role| role.as_str()).collect();
        let accounts = (account(p, Platform::Slack), account(p, Platform::Discord));
        format!("{:?}", (&p.name, &p.email, &p.team, roles, &p.certified, accounts))
    };
    organisation.people.values().filter(|p| p.active).map(|p| (p.key.clone(), describe(p))).collect()
}

fn file_people(file: &OrganisationFile, current: &Organisation) -> Described {
    // An account that its person has linked already is theirs: the file has nothing to add.
    let account = |p: &PersonEntry, platform: Platform| {
        let named = p.account(platform)?;
        let own =
            links_made(current).any(|link| link.person == p.key && link.platform == platform && link.account == *named);
        (!own).then(|| named.clone())
    };
    let describe = |p: &PersonEntry| {
        let accounts = (account(p, Platform::Slack), account(p, Platform::Discord));
        format!("{:?}", (&p.name, &p.email, &p.team, &p.roles, &p.certified, accounts))
    };
    file.person.iter().map(|p| (p.key.clone(), describe(p))).collect()
}

fn current_workspaces(organisation: &Organisation) -> Described {
    let workspaces = organisation.workspaces.iter();
    workspaces
        .map(|w| {
            let channels = (&w.incidents_channel, &w.changes_channel, &w.log_channel, &w.channels);
            (w.id.clone(), format!("{:?}", (w.platform, channels)))
        })
        .collect()
}

fn file_workspaces(file: &OrganisationFile) -> Described {
    let workspaces = file.workspace.iter();
    workspaces
        .map(|w| {
            let mut own = w.channels.clone();
            own.sort();
            own.dedup();
            let channels = (&w.incidents_channel, &w.changes_channel, &w.log_channel, own);
            (w.id.clone(), format!("{:?}", (w.platform, channels)))
        })
        .collect()
}

fn current_teams(organisation: &Organisation) -> Described {
    let describe = |team: &crate::domain::Team| {
        let lead = team.lead.as_ref().map(|lead| key_of(organisation, lead));
        let charter = organisation.charter(&team.key).map(|charter| {
            let succession = keys_of(organisation, &charter.succession);
            (charter.responsibilities.clone(), charter.availability_minutes, succession)
        });
        let people = (keys_of(organisation, &team.approvers), keys_of(organisation, &team.on_call));
        format!("{:?}", (&team.name, lead, people, charter, &team.rota))
    };
    organisation.teams.values().map(|team| (team.key.clone(), describe(team))).collect()
}

fn file_teams(file: &OrganisationFile) -> Described {
    let describe = |team: &TeamEntry| {
        let charter = team.charter.as_ref();
        let charter =
            charter.map(|one| (one.responsibilities.clone(), one.availability_minutes, one.succession.clone()));
        format!("{:?}", (&team.name, &team.lead, (&team.approvers, &team.on_call), charter, team.rota()))
    };
    file.team.iter().map(|team| (team.key.clone(), describe(team))).collect()
}

fn current_services(organisation: &Organisation) -> Described {
    let describe = |s: &crate::domain::Service| {
        let owner = (key_of(organisation, &s.owner), s.business_owner.as_ref().map(|id| key_of(organisation, id)));
        let sponsor = s.sponsor.as_ref().map(|sponsor| key_of(organisation, sponsor));
        let tags = (&s.compliance, s.touches.words(), sponsor);
        format!("{:?}", (&s.name, s.tier.number(), owner, &s.team, &s.depends_on, tags, &s.checks))
    };
    organisation.services.values().map(|service| (service.key.clone(), describe(service))).collect()
}

fn file_services(file: &OrganisationFile) -> Described {
    let describe = |s: &ServiceEntry| {
        let owner = (&s.owner, &s.business_owner);
        let tags = (&s.compliance, s.touches().words(), &s.sponsor);
        format!("{:?}", (&s.name, s.tier, owner, &s.team, &s.depends_on, tags, s.checks()))
    };
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
        let of = (audience.min_priority, &audience.services, audience.changes);
        format!("{:?}", (&audience.name, audience.kind.as_str(), of, places))
    };
    organisation.audiences.iter().map(|audience| (audience.key.clone(), describe(audience))).collect()
}

fn file_audiences(file: &OrganisationFile) -> Described {
    let describe = |audience: &AudienceEntry| {
        let places: Vec<_> =
            audience.places.iter().map(|place| (place.platform, &place.channel, &place.name)).collect();
        let priority = Priority::parse(&audience.min_priority).unwrap_or(Priority::P4);
        let of = (priority, &audience.services, audience.changes);
        format!("{:?}", (&audience.name, &audience.kind, of, places))
    };
    file.audience.iter().map(|audience| (audience.key.clone(), describe(audience))).collect()
}
