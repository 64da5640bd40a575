//! Rule 4.10: a service under a compliance regime is changed by people who are certified for it.

use crate::domain::policy::{Policy, Requirement};
use crate::domain::rules::{Condition, Role, listed};
use crate::domain::{PersonId, Refusal, Service, World};

const RULE: &str = "4.10";
/// So many are named who could do it instead, or have somebody certified.
const NAMED_MAX: usize = 3;

/// Refuses where whoever carries a change of these services out is not certified for the regimes of one, as far as the
/// policy asks for that. `me`: who asks, and is spoken to.
pub(super) fn check(
    world: &World<'_>,
    me: &PersonId,
    implementer: &PersonId,
    services: &[String],
) -> Result<(), Refusal> {
    let Some((service, lacks)) = lacking(world, implementer, services) else { return Ok(()) };
    let (who, has) = if me == implementer {
        ("you".to_owned(), "are")
    } else {
        (format!("{}, who carries it out,", world.organisation.name_of(implementer)), "is")
    };
    let regimes = listed(&lacks, "and");
    let sentence =
        format!("{} is under {}, and {who} {has} not certified for {regimes}.", service.name, service.regimes());
    Err(Refusal::by_rule(RULE, sentence, next(world, implementer, service, &lacks)))
}

/// What is said of a change that was made by somebody who is not certified: it was made, and is looked at.
pub(super) fn told(world: &World<'_>, made_by: &PersonId, services: &[String]) -> Option<String> {
    let (service, lacks) = lacking(world, made_by, services)?;
    let name = world.organisation.name_of(made_by);
    let (regimes, lacks) = (service.regimes(), listed(&lacks, "and"));
    Some(format!("{} is under {regimes}, and {name} is not certified for {lacks}.", service.name))
}

/// The first of the services that this person is not certified for, and the regimes that are missing.
fn lacking<'a>(world: &World<'a>, person: &PersonId, services: &[String]) -> Option<(&'a Service, Vec<&'a str>)> {
    let organisation = world.organisation;
    if !is_asked_for(world.policy) {
        return None;
    }
    let known = services.iter().filter_map(|key| organisation.services.get(key));
    let mut each = known.map(|service| (service, organisation.lacks_certificates(person, service)));
    each.find(|(_, lacks)| !lacks.is_empty())
}

/// Whether the policy has only certified people carry out changes of a service under a regime.
fn is_asked_for(policy: &Policy) -> bool {
    policy.approvals.added.compliance.contains(&Requirement::Condition(Condition::CertifiedImplementer))
}

/// Who can do it instead, and who can have the certificate written down.
fn next(world: &World<'_>, implementer: &PersonId, service: &Service, lacks: &[&str]) -> String {
    let organisation = world.organisation;
    let certified = organisation.people.values().filter(|person| {
        person.is_reachable()
            && &person.id != implementer
            && organisation.lacks_certificates(&person.id, service).is_empty()
    });
    let name = |id: &PersonId| organisation.name_of(id);
    let certified: Vec<String> = certified.map(|person| name(&person.id)).take(NAMED_MAX).collect();
    let first = match certified.as_slice() {
        [] => "Nobody is certified for it yet.".to_owned(),
        [only] => format!("{only} is certified, and can ask for it."),
        several => format!("{} are certified, and can ask for it.", listed(several, "and")),
    };
    let admins: Vec<String> = organisation.with_role(Role::TenantAdmin).into_iter().map(name).take(NAMED_MAX).collect();
    let who = if admins.is_empty() { "Whoever keeps the organisation file".to_owned() } else { listed(&admins, "or") };
    let quoted: Vec<String> = lacks.iter().map(|regime| format!("\"{regime}\"")).collect();
    format!("{first} {who} grants it: `certified = [{}]` in the organisation file.", quoted.join(", "))
}
