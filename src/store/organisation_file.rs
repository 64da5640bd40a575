//! The organisation as a file, as `wardroom org apply FILE` reads it.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::charter::CharterEntry;
use super::responsibility::RaciEntry;
use crate::domain::rules::{AudienceKind, Priority, Role, Touch, Touches};
use crate::domain::validation::{Pipeline, Probe, ServiceCheck};
use crate::domain::{Platform, Rota};

/// The longest turn of a rota, in days.
const ROTA_DAYS_MAX: u16 = 90;

/// The file, as people write it: TOML, people named by their short keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationFile {
    pub tenant: TenantEntry,
    #[serde(default)]
    pub workspace: Vec<WorkspaceEntry>,
    #[serde(default)]
    pub person: Vec<PersonEntry>,
    #[serde(default)]
    pub team: Vec<TeamEntry>,
    #[serde(default)]
    pub service: Vec<ServiceEntry>,
    #[serde(default)]
    pub roster: Vec<RosterEntry>,
    #[serde(default)]
    pub audience: Vec<AudienceEntry>,
    /// Who answers for what.
    #[serde(default)]
    pub raci: Vec<RaciEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    pub key: String,
    pub name: String,
    pub time_zone: String,
}

#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceEntry {
    pub platform: Platform,
    pub id: String,
    pub incidents_channel: Option<String>,
    pub changes_channel: Option<String>,
    pub log_channel: Option<String>,
    /// The channels of this unit, where it shares the workspace with others. Without them all of it is this unit's.
    #[serde(default)]
    pub channels: Vec<String>,
}

impl WorkspaceEntry {
    pub(super) fn is_shared(&self) -> bool {
        !self.channels.is_empty()
    }
}

#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    pub key: String,
    pub name: String,
    pub email: Option<String>,
    pub team: Option<String>,
    #[serde(default)]
    pub roles: Vec<String>,
    /// Compliance regimes whose services they may change.
    #[serde(default)]
    pub certified: Vec<String>,
    pub slack: Option<String>,
    pub discord: Option<String>,
}

#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct TeamEntry {
    pub key: String,
    pub name: String,
    pub lead: Option<String>,
    #[serde(default)]
    pub approvers: Vec<String>,
    #[serde(default)]
    pub on_call: Vec<String>,
    /// Whose turn it is when; without it the first one is always first.
    pub rota: Option<RotaEntry>,
    pub charter: Option<CharterEntry>,
}

/// The first one's turn began at `since`, on the organisation's clocks; a turn takes so many days.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RotaEntry {
    /// `2030-01-07T09:00`
    pub since: String,
    pub days: u16,
}

#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntry {
    pub key: String,
    pub name: String,
    pub tier: u8,
    pub owner: String,
    /// Who speaks for the business; the owner where nobody is named.
    pub business_owner: Option<String>,
    pub team: String,
    #[serde(default)]
    pub depends_on: Vec<String>,
    #[serde(default)]
    pub compliance: Vec<String>,
    /// What every change of it touches: security, privileged, migration, vendor.
    #[serde(default)]
    pub touches: Vec<String>,
    /// Who is accountable for what a vendor does to it; without one the lead of its team.
    pub sponsor: Option<String>,
    #[serde(default)]
    pub checks: Vec<CheckEntry>,
}

/// A check of a service: `http` with what it answers, `tcp`, `sql` with what is found in a database, or `pipeline` with
/// where its answer says what the newest run came to and when it began.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct CheckEntry {
    pub key: String,
    pub http: Option<String>,
    pub status: Option<u16>,
    pub text: Option<String>,
    pub sha256: Option<String>,
    pub tcp: Option<String>,
    pub sql: Option<String>,
    pub pipeline: Option<String>,
    pub result: Option<String>,
    pub began: Option<String>,
    pub database: Option<String>,
    pub expect: Option<String>,
}

#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RosterEntry {
    pub key: String,
    pub chair: String,
    pub members: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct AudienceEntry {
    pub key: String,
    pub name: String,
    pub kind: String,
    pub min_priority: String,
    #[serde(default)]
    pub services: Vec<String>,
    /// Whether it hears of changes on its services too.
    #[serde(default)]
    pub changes: bool,
    pub places: Vec<PlaceEntry>,
}

/// A channel of an audience; the workspace is filled in from the platform's only one where it is left out.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PlaceEntry {
    pub platform: Platform,
    #[serde(default)]
    pub workspace: String,
    pub channel: String,
    pub name: String,
}

impl PersonEntry {
    pub fn account(&self, platform: Platform) -> Option<&String> {
        match platform {
            Platform::Slack => self.slack.as_ref(),
            Platform::Discord => self.discord.as_ref(),
        }
    }
}

/// A query that looks at one value is far below.
const QUERY_BYTES_MAX: usize = 4_000;
/// So many fit on a card, and are run at once.
const CHECKS_MAX: usize = 10;

impl ServiceEntry {
    /// Its checks; what is no check is named by [`OrganisationFile::problems`].
    pub(super) fn checks(&self) -> Vec<ServiceCheck> {
        let check = |entry: &CheckEntry| Some(ServiceCheck { key: entry.key.clone(), probe: entry.probe()? });
        self.checks.iter().filter_map(check).collect()
    }

    /// What every change of it touches; what is no such word is named by [`OrganisationFile::problems`].
    pub(super) fn touches(&self) -> Touches {
        self.touches.iter().filter_map(|word| Touch::parse(word)).collect::<Vec<Touch>>().into()
    }

    fn check_problems(&self, problems: &mut Vec<String>) {
        let mut keys = BTreeSet::new();
        for check in &self.checks {
            let place = format!("check {} of service {}", check.key, self.key);
            if !is_key(&check.key) || !keys.insert(&check.key) {
                problems.push(format!("{place}: its key is one word of up to 30 letters, and no other's."));
            }
            if check.probe().is_none() {
                problems.push(format!(
                    "{place}: write http = \"https://host/path\" (with status, and text or sha256), tcp = \"host:port\", \
                     sql = \"select …\" with database and expect, or pipeline = \"https://host/path\" with result and \
                     began (\"/0/status\") and expect."
                ));
            }
        }
        if self.checks.len() > CHECKS_MAX {
            problems.push(format!("service {} has more than {CHECKS_MAX} checks.", self.key));
        }
    }
}

fn is_key(key: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    (1..=30).contains(&key.len()) && key.chars().all(fits)
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

impl CheckEntry {
    fn probe(&self) -> Option<Probe> {
        let is_answer = self.status.is_some() || self.text.is_some() || self.sha256.is_some();
        let is_value = self.database.is_some() || self.expect.is_some();
        let is_run = self.result.is_some() || self.began.is_some();
        match (&self.http, &self.tcp, &self.sql, &self.pipeline) {
            (Some(url), None, None, None) if !is_value && !is_run => self.http(url),
            (None, None, None, Some(url)) if !is_answer && self.database.is_none() => self.pipeline(url),
            (None, Some(address), None, None) if !is_answer && !is_value && !is_run => {
                let (host, port) = address.rsplit_once(':')?;
                let known = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0);
                known.then(|| Probe::Tcp { address: address.clone() })
            }
            (None, None, Some(query), None) if !is_answer && !is_run && query.len() <= QUERY_BYTES_MAX => {
                let (database, expect) = (self.database.clone()?, self.expect.clone()?);
                is_key(&database).then(|| Probe::Sql { query: query.clone(), database, expect })
            }
            _ => None,
        }
    }

    fn pipeline(&self, url: &str) -> Option<Probe> {
        let is_pointer = |pointer: &String| pointer.starts_with('/');
        let (result, began) = (self.result.clone().filter(is_pointer)?, self.began.clone().filter(is_pointer)?);
        let expect = self.expect.clone()?;
        is_web(url).then(|| Probe::Pipeline(Pipeline { url: url.to_owned(), result, began, expect }))
    }

    fn http(&self, url: &str) -> Option<Probe> {
        let known = is_web(url);
        let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !known || !self.sha256.iter().all(is_hash) || (self.text.is_some() && self.sha256.is_some()) {
            return None;
        }
        let (status, text, sha256) = (self.status.unwrap_or(200), self.text.clone(), self.sha256.clone());
        Some(Probe::Http { url: url.to_owned(), status, text, sha256 })
    }
}

impl TeamEntry {
    pub(super) fn rota(&self) -> Option<Rota> {
        let rota = self.rota.as_ref()?;
        let since = NaiveDateTime::parse_from_str(&rota.since, "%Y-%m-%dT%H:%M").ok()?;
        let is_sound = (1..=ROTA_DAYS_MAX).contains(&rota.days) && self.on_call.len() > 1;
        is_sound.then_some(Rota { since, days: rota.days })
    }
}

impl OrganisationFile {
    /// Everything that does not hold together, a sentence each. `source`: the text of the file.
    pub fn problems(&self, source: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let people: BTreeSet<&str> = self.person.iter().map(|person| person.key.as_str()).collect();
        let teams: BTreeSet<&str> = self.team.iter().map(|team| team.key.as_str()).collect();
        let services: BTreeSet<&str> = self.service.iter().map(|service| service.key.as_str()).collect();
        let mut known = |set: &BTreeSet<&str>, kind: &str, key: &str, place: &str| {
            if !set.contains(key) {
                problems.push(format!("{place} names the {kind} “{key}”, who is not in the file."));
            }
        };
        for team in &self.team {
            for person in team.lead.iter().chain(&team.approvers).chain(&team.on_call) {
                known(&people, "person", person, &format!("team {}", team.key));
            }
        }
        for service in &self.service {
            let place = format!("service {}", service.key);
            for person in [&service.owner].into_iter().chain(&service.business_owner) {
                known(&people, "person", person, &place);
            }
            known(&teams, "team", &service.team, &place);
            service.sponsor.iter().for_each(|sponsor| known(&people, "person", sponsor, &place));
            service.depends_on.iter().for_each(|other| known(&services, "service", other, &place));
        }
        for roster in &self.roster {
            let place = format!("roster {}", roster.key);
            roster.members.iter().chain([&roster.chair]).for_each(|person| known(&people, "person", person, &place));
        }
        self.value_problems(&mut problems);
        self.raci_problems(source, &mut problems);
        self.charter_problems(&mut problems);
        problems
    }

    fn value_problems(&self, problems: &mut Vec<String>) {
        if self.tenant.time_zone.parse::<chrono_tz::Tz>().is_err() {
            problems.push(format!("“{}” is no time zone; write one like Europe/Lisbon.", self.tenant.time_zone));
        }
        for person in &self.person {
            for role in person.roles.iter().filter(|role| Role::parse(role).is_none()) {
                problems.push(format!("person {} holds “{role}”, which is no role.", person.key));
            }
        }
        for team in self.team.iter().filter(|team| team.rota.is_some() && team.rota().is_none()) {
            problems.push(format!(
                "team {} has a rota that cannot be read: write since = \"2030-01-07T09:00\" and days = 1 to {ROTA_DAYS_MAX}, \
                 with two people or more in on_call.",
                team.key
            ));
        }
        for service in self.service.iter().filter(|service| !(1..=4).contains(&service.tier)) {
            problems.push(format!("service {} has tier {}; tiers are 1 to 4.", service.key, service.tier));
        }
        for service in &self.service {
            service.check_problems(problems);
            for word in service.touches.iter().filter(|word| Touch::parse(word).is_none()) {
                let known: Vec<&str> = Touch::ALL.iter().map(|touch| touch.as_str()).collect();
                problems.push(format!("service {} touches “{word}”; write {}.", service.key, known.join(", ")));
            }
        }
        for audience in self.audience.iter().filter(|audience| Priority::parse(&audience.min_priority).is_none()) {
            problems.push(format!("audience {} starts at “{}”; write P1 to P4.", audience.key, audience.min_priority));
        }
        for audience in &self.audience {
            match AudienceKind::parse(&audience.kind) {
                Some(AudienceKind::Technical | AudienceKind::Managerial | AudienceKind::Executive) => {}
                // Outside the house only a spokesperson speaks; scheduled texts do not go there.
                Some(AudienceKind::Customer | AudienceKind::Regulator | AudienceKind::Vendor) => problems.push(format!(
                    "audience {} is outside the house ({}); scheduled updates go to technical, managerial and executive ones.",
                    audience.key, audience.kind
                )),
                None => problems.push(format!(
                    "audience {} is “{}”; write technical, managerial or executive.",
                    audience.key, audience.kind
                )),
            }
        }
        self.share_problems(problems);
        let mut accounts = BTreeSet::new();
        for person in &self.person {
            for account in person.slack.iter().chain(&person.discord).filter(|a| !accounts.insert((*a).clone())) {
                problems.push(format!("account {account} belongs to two people, {} among them.", person.key));
            }
        }
    }

    /// A unit speaks in its own workspaces, and in one that it shares in its own channels only.
    fn share_problems(&self, problems: &mut Vec<String>) {
        for audience in &self.audience {
            let known = |place: &PlaceEntry| {
                let is_it = |own: &WorkspaceEntry| own.platform == place.platform && own.id == place.workspace;
                place.workspace.is_empty() || self.workspace.iter().any(is_it)
            };
            for place in audience.places.iter().filter(|place| !known(place)) {
                problems.push(format!(
                    "audience {} speaks in the {} workspace {}, which is not in the file.",
                    audience.key,
                    place.platform.name(),
                    place.workspace
                ));
            }
        }
        for workspace in self.workspace.iter().filter(|workspace| workspace.is_shared()) {
            let own = |channel: &str| workspace.channels.iter().any(|own| own == channel);
            let here = |place: &&PlaceEntry| {
                place.platform == workspace.platform && (place.workspace.is_empty() || place.workspace == workspace.id)
            };
            let audiences = self.audience.iter().flat_map(|audience| &audience.places).filter(here);
            let used = audiences.map(|place| &place.channel);
            for channel in used.chain(&workspace.incidents_channel).chain(&workspace.changes_channel) {
                if !own(channel) {
                    problems.push(format!(
                        "{channel} is not among the channels of {} in {}; a unit speaks in its own channels only.",
                        self.tenant.key, workspace.id
                    ));
                }
            }
        }
    }

    pub(super) fn workspace_of(&self, platform: Platform) -> &str {
        self.workspace.iter().find(|w| w.platform == platform).map_or("", |workspace| workspace.id.as_str())
    }
}
