//! Which functions of service management are filled in an incident, and by whom: its roles, as change, problem and
//! service-desk people know them.

use super::rules::{Activity, ServiceFunction};
use super::{Change, Organisation, Person, PersonId};

/// A function, and whoever fills it. Nobody: a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionHeld {
    pub function: ServiceFunction,
    pub people: Vec<PersonId>,
}

impl Organisation {
    /// Incident management is the commander; change management whoever carries out the changes that are not over; problem
    /// management whoever is responsible for looking back. Without a change there is no function of changes to fill.
    pub fn functions_in(
        &self,
        commander: Option<&PersonId>,
        services: &[String],
        changes: &[Change],
    ) -> Vec<FunctionHeld> {
        let implementers: Vec<PersonId> =
            changes.iter().filter(|change| change.is_open()).map(|change| change.implementer.clone()).collect();
        let looking_back =
            services.iter().flat_map(|service| self.holders(Activity::Review, service).responsible).collect();
        let held = |function, people: Vec<PersonId>| FunctionHeld { function, people: self.reachable_once(people) };
        let mut functions = vec![
            held(ServiceFunction::Incident, commander.into_iter().cloned().collect()),
            held(ServiceFunction::ServiceDesk, self.liaisons(services)),
        ];
        functions.extend((!implementers.is_empty()).then(|| held(ServiceFunction::Change, implementers)));
        functions.push(held(ServiceFunction::Problem, looking_back));
        functions
    }

    /// Who speaks with the service desk and those whom it speaks for: whoever is responsible for it by what is written, else
    /// the communication leads.
    pub fn liaisons(&self, services: &[String]) -> Vec<PersonId> {
        self.reachable_once(
            services.iter().flat_map(|one| self.holders(Activity::Communicate, one).responsible).collect(),
        )
    }

    fn reachable_once(&self, people: Vec<PersonId>) -> Vec<PersonId> {
        let mut once: Vec<PersonId> = Vec::new();
        for person in people {
            let is_there = self.person(&person).is_some_and(Person::is_reachable);
            if is_there && !once.contains(&person) {
                once.push(person);
            }
        }
        once
    }
}

/// Whoever alone fills several of the functions that are busy at the same time. Looking back comes later.
pub fn alone_in_several(functions: &[FunctionHeld]) -> Vec<(PersonId, Vec<ServiceFunction>)> {
    let mut alone: Vec<(PersonId, Vec<ServiceFunction>)> = Vec::new();
    for held in functions.iter().filter(|held| held.function != ServiceFunction::Problem) {
        let [person] = held.people.as_slice() else { continue };
        match alone.iter_mut().find(|(known, _)| known == person) {
            Some((_, functions)) => functions.push(held.function),
            None => alone.push((person.clone(), vec![held.function])),
        }
    }
    alone.retain(|(_, functions)| functions.len() > 1);
    alone
}

#[cfg(test)]
mod tests {
    use super::super::decide::test_world::{id, organisation};
    use super::*;
    use crate::domain::Role;

    fn words(held: &[FunctionHeld]) -> Vec<String> {
        let name = |held: &FunctionHeld| {
            let people: Vec<&str> = held.people.iter().map(PersonId::as_str).collect();
            format!("{}: {}", held.function.as_str(), people.join(" "))
        };
        held.iter().map(name).collect()
    }

    #[test]
    fn a_function_that_nobody_fills_is_a_gap_and_one_person_for_two_is_named() {
        let mut here = organisation();
        let (ana, cards) = (id("ana"), ["cards".to_owned()]);
        let functions = here.functions_in(Some(&ana), &cards, &[]);
        assert_eq!(words(&functions), ["incident: p_ana", "service_desk: ", "problem: p_mia"]);
        assert!(alone_in_several(&functions).is_empty());
        if let Some(person) = here.people.get_mut(&ana) {
            person.roles.push(Role::CommunicationLead);
        }
        let functions = here.functions_in(Some(&ana), &cards, &[]);
        assert_eq!(words(&functions)[1], "service_desk: p_ana");
        let both = vec![ServiceFunction::Incident, ServiceFunction::ServiceDesk];
        assert_eq!(alone_in_several(&functions), [(ana, both)]);
    }
}
