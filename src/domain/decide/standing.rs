//! Who the caller is to this record: roles that reach it, duties that bar them.

use crate::domain::rules::{Action, Denial, HeldRole, Scope, Tie, authorize, authorize_unlinked};
use crate::domain::{Actor, Asked, Change, Incident, Organisation, PersonId, Refusal, Role, Standing, World};

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Refusal {
        Refusal::by_rule(denial.rule, denial.sentence, denial.who_can)
    }
}

/// The record that roles are measured against.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Record<'a> {
    pub incident: Option<&'a Incident>,
    pub services: &'a [String],
    /// What a change touches besides its main service.
    pub also: &'a [String],
    pub ties: &'a [Tie],
}

impl<'a> Record<'a> {
    pub fn of(incident: &'a Incident) -> Record<'a> {
        Record { incident: Some(incident), services: &incident.services, ..Record::default() }
    }
}

/// Refuses unless the caller may do this here (rule 4.23). Wardroom itself may keep its promises.
pub(super) fn permit(world: &World<'_>, asked: Asked<'_>, action: Action, record: Record<'_>) -> Result<(), Refusal> {
    match asked.by {
        Actor::Person { id, .. } => Ok(authorize(&held(world, id, record), action, record.ties)?),
        Actor::Unlinked { .. } => Ok(authorize_unlinked(Standing::Member, action)?),
        Actor::Wardroom => Ok(()),
    }
}

/// The caller as a person; an account that is not linked is refused (amendment to rule 4.23).
pub(super) fn person(asked: Asked<'_>, action: Action) -> Result<&PersonId, Refusal> {
    match asked.by {
        Actor::Person { id, .. } => Ok(id),
        Actor::Unlinked { .. } => Err(match authorize_unlinked(Standing::Member, action) {
            Err(denial) => denial.into(),
            Ok(()) => Refusal::by_rule(
                "4.23",
                "I don't know who you are yet.",
                "`/admin link` shows how to link this account.",
            ),
        }),
        Actor::Wardroom => Err(Refusal::slip("Only a person can do this.", "")),
    }
}

fn held(world: &World<'_>, person: &PersonId, record: Record<'_>) -> Vec<HeldRole> {
    roles(world.organisation, person, record)
        .into_iter()
        .map(|role| {
            let own = match role {
                Role::Commander => record.incident.is_some_and(|incident| incident.commander.as_ref() == Some(person)),
                Role::ServiceOwner => true,
                Role::BusinessOwner => {
                    let mut all = record.services.iter().chain(record.also);
                    all.any(|service| speaks_for(world.organisation, person, service))
                }
                _ => false,
            };
            HeldRole { role, scope: if own { Scope::Own } else { Scope::Tenant } }
        })
        .collect()
}

/// Every role whose scope covers this record: granted in the tenant, or held by being its commander, its owner, its
/// team's approver, or a member of a board.
pub(super) fn roles(organisation: &Organisation, person: &PersonId, record: Record<'_>) -> Vec<Role> {
    let mut roles = organisation.person(person).map(|person| person.roles.clone()).unwrap_or_default();
    let mut add = |role: Role, holds: bool| {
        if holds && !roles.contains(&role) {
            roles.push(role);
        }
    };
    add(Role::Commander, record.incident.is_some_and(|incident| incident.commander.as_ref() == Some(person)));
    add(
        Role::ServiceOwner,
        organisation.owns_any(person, record.services) || organisation.owns_any(person, record.also),
    );
    let mut all = record.services.iter().chain(record.also);
    add(Role::BusinessOwner, all.clone().any(|service| speaks_for(organisation, person, service)));
    add(Role::ChangeApprover, all.any(|service| organisation.approves_for(person, service)));
    add(Role::CabMember, organisation.is_on_board(person));
    add(Role::DecisionAuthority, organisation.is_authority(person));
    roles
}

fn speaks_for(organisation: &Organisation, person: &PersonId, service: &str) -> bool {
    organisation.is_business_named(service)
        && organisation.speaks_for(service).is_some_and(|voice| &voice.person == person)
}

/// A change as a record to measure roles against.
pub(super) fn on_change<'a>(change: &'a Change, incident: Option<&'a Incident>) -> Record<'a> {
    Record { incident, services: std::slice::from_ref(&change.service), also: &change.also, ties: &[] }
}
