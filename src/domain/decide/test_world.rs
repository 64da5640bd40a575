//! A small organisation in which commands are tried.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeZone, Utc};

use crate::domain::rules::{AudienceKind, Priority, Role, Tier, Touches};
use crate::domain::{
    Account, Actor, Audience, Identity, LinkSource, Organisation, Person, PersonId, Place, Platform, Roster, Service,
    Team,
};

pub(in crate::domain) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2030, 1, 7, 14, 0, 0).single().expect("a moment")
}

pub(in crate::domain) fn id(key: &str) -> PersonId {
    PersonId(format!("p_{key}"))
}

fn account(key: &str) -> Account {
    Account { platform: Platform::Slack, workspace: "T1".into(), id: key.into() }
}

pub(super) fn actor(key: &str) -> Actor {
    Actor::Person { id: id(key), name: key.into(), account: account(key) }
}

pub(in crate::domain) fn organisation() -> Organisation {
    let person = |key: &str, roles: &[Role]| Person {
        id: id(key),
        key: key.into(),
        name: key.into(),
        email: None,
        team: Some("payments".into()),
        roles: roles.to_vec(),
        certified: Vec::new(),
        identities: vec![Identity { account: account(key), source: LinkSource::File, active: true }],
        active: true,
    };
    let people = [
        person("ana", &[Role::Responder, Role::Commander]),
        person("raj", &[Role::Responder, Role::Reviewer]),
        person("mia", &[Role::Responder]),
        person("tom", &[Role::Responder]),
        person("ines", &[Role::ChangeManager]),
        person("omar", &[Role::DutyManager]),
        person("ben", &[Role::Viewer]),
    ];
    let place = Place { platform: Platform::Slack, workspace: "T1".into(), channel: "C1".into() };
    Organisation {
        tenant: 1,
        name: "Harbour".into(),
        time_zone: chrono_tz::UTC,
        version: 1,
        workspaces: Vec::new(),
        accounts: HashMap::new(),
        people: people.into_iter().map(|person| (person.id.clone(), person)).collect(),
        teams: BTreeMap::from([(
            "payments".to_owned(),
            Team {
                key: "payments".into(),
                name: "Payments".into(),
                lead: Some(id("mia")),
                approvers: vec![id("tom")],
                on_call: vec![id("ana"), id("raj")],
                rota: None,
            },
        )]),
        services: BTreeMap::from([("cards".to_owned(), cards())]),
        rosters: BTreeMap::from([(
            "ecab".to_owned(),
            Roster { key: "ecab".into(), chair: id("ines"), members: vec![id("mia"), id("tom"), id("ines")] },
        )]),
        delegations: Vec::new(),
        absences: Vec::new(),
        responsibilities: Vec::new(),
        charters: Vec::new(),
        audiences: vec![Audience {
            key: "all".into(),
            name: "All".into(),
            kind: AudienceKind::Managerial,
            min_priority: Priority::P2,
            services: Vec::new(),
            changes: false,
            places: vec![(place, "status".into())],
        }],
    }
}

fn cards() -> Service {
    Service {
        key: "cards".into(),
        name: "Cards".into(),
        tier: Tier::T1,
        owner: id("mia"),
        business_owner: None,
        team: "payments".into(),
        depends_on: Vec::new(),
        compliance: Vec::new(),
        touches: Touches::default(),
        sponsor: None,
        checks: Vec::new(),
    }
}
