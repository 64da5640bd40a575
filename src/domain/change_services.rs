//! What a change touches: its main service, and others besides. Whatever is decided by service is decided by all of them.

use std::collections::BTreeSet;

use super::exception::ExceptionScope;
use super::policy::Policy;
use super::rules::listed;
use super::validation::ServiceCheck;
use super::{Change, ChangeForm, Freeze, Incident, Organisation, PersonId, Team};

/// Services of one change. What touches more is several changes: nobody can look at all of it at once.
pub const SERVICES_MAX: usize = 10;

impl Change {
    /// Everything that it touches, the main service first.
    pub fn services(&self) -> Vec<String> {
        std::iter::once(&self.service).chain(&self.also).cloned().collect()
    }

    pub fn touches(&self, service: &str) -> bool {
        self.service == service || self.also.iter().any(|also| also == service)
    }

    /// The first service that it and another change both touch.
    pub fn shared_with(&self, other: &Change) -> Option<String> {
        self.services().into_iter().find(|service| other.touches(service))
    }
}

/// The services that were named, otherwise all of the incident that it belongs to, the main one first.
pub(super) fn services_near(service: Option<&String>, also: &[String], incident: Option<&Incident>) -> Vec<String> {
    match service {
        Some(service) => std::iter::once(service).chain(also).cloned().collect(),
        None => incident.map(|incident| incident.services.clone()).unwrap_or_default(),
    }
}

impl ChangeForm {
    /// The services that were named, otherwise all of the incident that it belongs to, the main one first.
    pub fn services_near(&self, incident: Option<&Incident>) -> Vec<String> {
        services_near(self.service.as_ref(), &self.also, incident)
    }

    /// As if the services had been named, each once.
    #[must_use]
    pub fn on(self, services: &[String]) -> ChangeForm {
        let mut seen = BTreeSet::new();
        let mut each = services.iter().filter(|service| seen.insert(*service)).cloned();
        let service = each.next();
        ChangeForm { service, also: each.collect(), ..self }
    }
}

impl Organisation {
    /// Who owns these services, each once, in the order of the services: each is one group of owners (rule 4.10).
    pub fn owners_of(&self, services: &[String]) -> Vec<PersonId> {
        let mut owners: Vec<PersonId> = Vec::new();
        for service in services.iter().filter_map(|key| self.services.get(key)) {
            if !owners.contains(&service.owner) {
                owners.push(service.owner.clone());
            }
        }
        owners
    }

    /// For each owner the services that are theirs, in the order of the services; nothing where there is one service alone.
    pub fn owner_seats(&self, services: &[String]) -> Vec<Vec<String>> {
        if services.len() < 2 {
            return Vec::new();
        }
        let owned = |owner: &PersonId| services.iter().filter(|key| self.is_owner(owner, key)).cloned().collect();
        self.owners_of(services).iter().map(owned).collect()
    }

    /// Whether somebody owns this service.
    pub fn is_owner(&self, person: &PersonId, service: &str) -> bool {
        self.services.get(service).is_some_and(|service| &service.owner == person)
    }

    /// How many groups of owners have to agree, each for its own; a service that nobody knows counts as one.
    pub fn owner_groups(&self, services: &[String]) -> u8 {
        u8::try_from(self.owners_of(services).len()).unwrap_or(u8::MAX).max(1)
    }

    /// The teams that keep what a change touches, each once, that of the main service first.
    pub fn teams_of(&self, change: &Change) -> Vec<&Team> {
        let mut teams: Vec<&Team> = Vec::new();
        for team in change.services().iter().filter_map(|service| self.team_of(service)) {
            if !teams.iter().any(|known| known.key == team.key) {
                teams.push(team);
            }
        }
        teams
    }

    /// Who rules on disputes about a change, the first one first. Where its services have several chains, whoever is in all
    /// of them begins: nobody else speaks for all that it touches.
    pub fn authorities_over(&self, change: &Change) -> Vec<PersonId> {
        let chains: Vec<Vec<PersonId>> = change
            .services()
            .iter()
            .map(|service| self.authorities(service))
            .filter(|chain| !chain.is_empty())
            .collect();
        let mut people: Vec<PersonId> = Vec::new();
        for person in chains.iter().flatten() {
            if !people.contains(person) {
                people.push(person.clone());
            }
        }
        people.sort_by_key(|person| !chains.iter().all(|chain| chain.contains(person)));
        people
    }

    /// Those services of a change that somebody owns.
    pub fn owned_by(&self, owner: &PersonId, change: &Change) -> Vec<String> {
        change.services().into_iter().filter(|key| self.is_owner(owner, key)).collect()
    }

    /// What a change is on, as people know it: "Card payments and Ledger database".
    pub fn services_of(&self, change: &Change) -> String {
        self.named(&change.services())
    }

    /// Services as people know them.
    pub fn named(&self, services: &[String]) -> String {
        let names: Vec<String> = services.iter().map(|key| self.service_name(key)).collect();
        listed(&names, "and")
    }

    /// How many services would feel it if these failed, within two steps; `None` where none of them is known. A service
    /// that is named itself counts too where it depends on another of them: naming more never makes less of a risk.
    pub fn downstream_of(&self, services: &[String]) -> Option<u32> {
        let known: Vec<&String> = services.iter().filter(|key| self.services.contains_key(*key)).collect();
        let felt: BTreeSet<String> = known.iter().flat_map(|key| self.felt_below(key)).collect();
        (!known.is_empty()).then(|| u32::try_from(felt.len()).unwrap_or(u32::MAX))
    }

    /// Steps of dependency between the nearest of each: 0 where they share one, `None` farther than three.
    pub fn nearest(&self, services: &[String], others: &[String]) -> Option<u32> {
        services.iter().filter_map(|service| self.distance(service, others)).min()
    }

    /// The same from the one that is farthest away: `None` where one of these services is farther than three steps.
    pub fn farthest(&self, services: &[String], others: &[String]) -> Option<u32> {
        let distances: Option<Vec<u32>> = services.iter().map(|service| self.distance(service, others)).collect();
        distances?.into_iter().max()
    }

    /// Whether somebody keeps all of these running.
    pub fn keeps_all(&self, person: &PersonId, services: &[String]) -> bool {
        !services.is_empty() && services.iter().all(|service| self.keeps(person, service))
    }

    /// These services, and those that depend on one of them, each once.
    pub fn touched_by(&self, change: &Change) -> Vec<String> {
        let mut touched: Vec<String> = Vec::new();
        for key in change.services().iter().flat_map(|service| self.touched(service)) {
            if !touched.contains(&key) {
                touched.push(key);
            }
        }
        touched
    }

    /// The checks of everything that a change touches, by the name under which each stands on it: those of the main service
    /// as they are called, those of another after that.
    pub fn checks_of(&self, change: &Change) -> Vec<(String, &ServiceCheck)> {
        let mut checks = Vec::new();
        for key in change.services() {
            for check in self.services.get(&key).iter().flat_map(|service| &service.checks) {
                let is_main = key == change.service;
                checks.push((if is_main { check.key.clone() } else { format!("{key}/{}", check.key) }, check));
            }
        }
        checks
    }

    /// Whether somebody is in a team that keeps one of the services of a change.
    pub fn shares_discipline(&self, person: &PersonId, change: &Change) -> bool {
        let own = self.person(person).and_then(|person| person.team.as_ref());
        own.is_some() && change.services().iter().any(|key| self.team_of(key).map(|team| &team.key) == own)
    }
}

impl ExceptionScope {
    /// Whether all that a change is on is within it: what sets a rule aside for one service does not for another.
    pub fn reaches_all(&self, organisation: &Organisation, change: i64, services: &[String]) -> bool {
        match services {
            [] => self.reaches(organisation, change, ""),
            services => services.iter().all(|service| self.reaches(organisation, change, service)),
        }
    }
}

impl Freeze {
    /// Whether something that a change touches is in its scope.
    pub fn reaches_change(&self, organisation: &Organisation, policy: &Policy, change: &Change) -> bool {
        change.services().iter().any(|service| self.reaches(organisation, policy, service))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Service;
    use crate::domain::decide::test_world::{id, organisation};
    use crate::domain::rules::Tier;

    /// Cards depend on the ledger, which Tom owns; the shop is Mia's as the cards are.
    fn harbour() -> Organisation {
        let mut organisation = organisation();
        let known = organisation.services["cards"].clone();
        let mut add = |key: &str, owner: &str, depends_on: &[&str], tier| {
            let depends_on = depends_on.iter().map(|key| (*key).to_owned()).collect();
            let service = Service { key: key.into(), owner: id(owner), depends_on, tier, ..known.clone() };
            organisation.services.insert(key.to_owned(), service);
        };
        add("cards", "mia", &["ledger"], Tier::T1);
        add("ledger", "tom", &[], Tier::T2);
        add("shop", "mia", &[], Tier::T3);
        organisation
    }

    fn keys(services: &[&str]) -> Vec<String> {
        services.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn each_owner_is_one_group_however_many_services_are_theirs() {
        let organisation = harbour();
        assert_eq!(organisation.owners_of(&keys(&["cards", "ledger", "shop"])), [id("mia"), id("tom")]);
        assert_eq!(organisation.owner_groups(&keys(&["cards", "shop"])), 1);
        assert_eq!(organisation.owner_groups(&keys(&["cards", "ledger"])), 2);
        assert_eq!(organisation.owner_groups(&keys(&["unknown"])), 1);
    }

    #[test]
    fn more_services_never_make_less_of_a_risk() {
        let organisation = harbour();
        assert_eq!(organisation.downstream_of(&keys(&["ledger"])), Some(1));
        assert_eq!(organisation.downstream_of(&keys(&["ledger", "cards"])), Some(1));
        assert_eq!(organisation.downstream_of(&keys(&["unknown"])), None);
    }

    #[test]
    fn one_service_far_away_is_what_counts_where_all_have_to_be_near() {
        let organisation = harbour();
        let incident = keys(&["cards"]);
        assert_eq!(organisation.farthest(&keys(&["cards", "ledger"]), &incident), Some(1));
        assert_eq!(organisation.farthest(&keys(&["cards", "shop"]), &incident), None);
        assert_eq!(organisation.nearest(&keys(&["shop", "ledger"]), &incident), Some(1));
    }
}
