//! Where an organisation hangs on one person: a role, or a say, whose only holder may be asleep (rule 4.22).

use super::rules::Role;
use super::{Organisation, Person, PersonId};

/// Something that only one active person can do, or nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinglePoint {
    pub what: What,
    /// `None` where it is nobody.
    pub only: Option<PersonId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Role(Role),
    /// The technical authority over this service.
    Authority(String),
    /// Owning these services: their owner's yes is nobody else's, unless somebody stands in.
    Ownership(Vec<String>),
    /// Ruling on disputes about these services, which have no chain of their own.
    Rulings(Vec<String>),
}

/// Roles whose yes or whose hand a change or an incident needs.
const NEEDED: [Role; 7] = [
    Role::Commander,
    Role::Reviewer,
    Role::ChangeManager,
    Role::DutyManager,
    Role::Security,
    Role::Executive,
    Role::TenantAdmin,
];

/// Everything that hangs on one person. A needed role that nobody holds is named too; of the others nobody misses one
/// that is not given at all. A viewer only looks on.
pub fn single_points(organisation: &Organisation) -> Vec<SinglePoint> {
    let held = |role: Role| {
        let mut holders = organisation.with_role(role);
        holders.retain(|id| organisation.person(id).is_some_and(Person::is_reachable));
        holders.into_iter().cloned().collect::<Vec<_>>()
    };
    let roles = Role::ALL.into_iter().map(|role| (role, held(role)));
    let roles = roles.filter(|(role, holders)| NEEDED.contains(role) || !holders.is_empty() && *role != Role::Viewer);
    let mut found: Vec<SinglePoint> = roles.filter_map(|(role, holders)| point(What::Role(role), &holders)).collect();
    for service in organisation.services.values() {
        let approvers = organisation.team_of(&service.key).map(|team| reachable(organisation, &team.approvers));
        found.extend(point(What::Authority(service.key.clone()), &approvers.unwrap_or_default()));
    }
    found.extend(rulings(organisation));
    let owners = organisation.people.keys();
    found.extend(owners.filter_map(|owner| {
        let owned = organisation.services.values().filter(|service| &service.owner == owner);
        let owned: Vec<String> = owned.map(|service| service.key.clone()).collect();
        let only = reachable(organisation, std::slice::from_ref(owner));
        if owned.is_empty() { None } else { point(What::Ownership(owned), &only) }
    }));
    found
}

/// The services without a chain of their own; whose only authority the unit's is, if it has fewer than two.
fn rulings(organisation: &Organisation) -> Option<SinglePoint> {
    let without = organisation.services.keys().filter(|key| organisation.own_chain(key).is_none());
    let without: Vec<String> = without.cloned().collect();
    let chain = organisation.authorities(without.first()?);
    let only = chain.first().filter(|_| chain.len() < 2).cloned();
    Some(SinglePoint { what: What::Rulings(without), only })
}

fn reachable(organisation: &Organisation, people: &[PersonId]) -> Vec<PersonId> {
    people.iter().filter(|id| organisation.person(id).is_some_and(Person::is_reachable)).cloned().collect()
}

fn point(what: What, holders: &[PersonId]) -> Option<SinglePoint> {
    (holders.len() < 2).then(|| SinglePoint { what, only: holders.first().cloned() })
}
