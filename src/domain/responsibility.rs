//! Who answers for what: of each activity one Accountable, those Responsible, and who is Consulted and Informed (RACI).
//!
//! An entry of a service goes before that of the unit. Where neither says anything of any activity, the built-in
//! responsibilities hold, so that nothing changes for an organisation that writes none.

use super::rules::{Activity, Role};
use super::{Organisation, Person, PersonId};

/// One entry of the organisation file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responsibility {
    pub activity: Activity,
    /// `None`: of the unit.
    pub service: Option<String>,
    pub accountable: PersonId,
    /// At least one.
    pub responsible: Vec<PersonId>,
    pub consulted: Vec<PersonId>,
    pub informed: Vec<PersonId>,
}

/// Who holds an activity on a service, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holders {
    pub accountable: Option<PersonId>,
    pub responsible: Vec<PersonId>,
    pub consulted: Vec<PersonId>,
    pub informed: Vec<PersonId>,
    pub origin: Origin,
}

/// Where holders come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Service,
    Unit,
    /// Nothing is written for the service at all.
    BuiltIn,
    /// Others are written, this one is not.
    Missing,
}

/// Why somebody is told of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    Consulted,
    Informed,
}

/// What is wrong with what is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponsibilityGap {
    /// Nobody is Accountable, on these services.
    NoEntry { activity: Activity, services: Vec<String> },
    /// Nobody of the entry can be reached as this: `Accountable`, `Responsible`.
    Unreachable { activity: Activity, service: Option<String>, letter: &'static str },
    /// One person answers for the command of incidents and for the approval of the changes that resolve them, which may
    /// not meet in one person (rule 4.15).
    Both { person: PersonId, services: Vec<String> },
}

impl Holders {
    pub fn of(one: &Responsibility) -> Holders {
        Holders {
            accountable: Some(one.accountable.clone()),
            responsible: one.responsible.clone(),
            consulted: one.consulted.clone(),
            informed: one.informed.clone(),
            origin: if one.service.is_some() { Origin::Service } else { Origin::Unit },
        }
    }
}

impl Organisation {
    /// The entry that holds for a service.
    pub fn responsibility(&self, activity: Activity, service: &str) -> Option<&Responsibility> {
        let of = |scope: Option<&str>| {
            let is_it = |one: &&Responsibility| one.activity == activity && one.service.as_deref() == scope;
            self.responsibilities.iter().find(is_it)
        };
        of(Some(service)).or_else(|| of(None))
    }

    /// Whether anything is written that holds for a service.
    pub fn has_responsibilities(&self, service: &str) -> bool {
        self.responsibilities.iter().any(|one| one.service.as_deref().is_none_or(|own| own == service))
    }

    /// Who holds an activity on a service: as it is written, else as it is built in.
    pub fn holders(&self, activity: Activity, service: &str) -> Holders {
        if let Some(one) = self.responsibility(activity, service) {
            return Holders::of(one);
        }
        let is_built_in = !self.has_responsibilities(service);
        let (accountable, responsible) =
            if is_built_in { self.built_in(activity, service) } else { (None, Vec::new()) };
        let origin = if is_built_in { Origin::BuiltIn } else { Origin::Missing };
        Holders { accountable, responsible, consulted: Vec::new(), informed: Vec::new(), origin }
    }

    /// What the rules expect of people anyway: the owner answers for the service, whoever is on call does the work, the
    /// team's approvers say yes, and the communication leads tell others.
    fn built_in(&self, activity: Activity, service: &str) -> (Option<PersonId>, Vec<PersonId>) {
        let owner = self.services.get(service).map(|service| service.owner.clone());
        let team = self.team_of(service);
        let on_call = team.map(|team| team.on_call.clone()).unwrap_or_default();
        let responsible = match activity {
            Activity::Command | Activity::Implement => on_call,
            Activity::Communicate => self.holding(Role::CommunicationLead),
            Activity::Approve => team.map(|team| team.approvers.clone()).unwrap_or_default(),
            Activity::Review => owner.iter().cloned().collect(),
        };
        (owner, responsible)
    }

    /// The services among these on which something is written, but nobody is Accountable for an activity.
    pub fn without_accountable(&self, activity: Activity, services: &[String]) -> Vec<String> {
        let missing = |key: &&String| self.has_responsibilities(key) && self.responsibility(activity, key).is_none();
        services.iter().filter(missing).cloned().collect()
    }

    /// Who is to be consulted on an activity, or informed of it, on any of these services. Nobody twice: consulted goes first.
    pub fn concerned(&self, activity: Activity, services: &[String]) -> Vec<(PersonId, Concern)> {
        let mut found: Vec<(PersonId, Concern)> = Vec::new();
        let entries = || services.iter().filter_map(|service| self.responsibility(activity, service));
        let consulted = entries().flat_map(|one| &one.consulted).map(|person| (person, Concern::Consulted));
        let informed = entries().flat_map(|one| &one.informed).map(|person| (person, Concern::Informed));
        for (person, concern) in consulted.chain(informed) {
            if !found.iter().any(|(known, _)| known == person) {
                found.push((person.clone(), concern));
            }
        }
        found
    }

    /// Everything that is missing or does not fit. Nothing where nothing is written.
    pub fn responsibility_gaps(&self) -> Vec<ResponsibilityGap> {
        let services: Vec<String> = self.services.keys().cloned().collect();
        let mut gaps: Vec<ResponsibilityGap> = Vec::new();
        for activity in Activity::ALL {
            let missing = self.without_accountable(activity, &services);
            gaps.extend((!missing.is_empty()).then_some(ResponsibilityGap::NoEntry { activity, services: missing }));
        }
        for one in &self.responsibilities {
            let gap = |letter| {
                let (activity, service) = (one.activity, one.service.clone());
                ResponsibilityGap::Unreachable { activity, service, letter }
            };
            let reaches = |person: &PersonId| self.person(person).is_some_and(Person::is_reachable);
            gaps.extend((!reaches(&one.accountable)).then(|| gap("Accountable")));
            gaps.extend((!one.responsible.iter().any(reaches)).then(|| gap("Responsible")));
        }
        gaps.extend(self.accountable_for_both(&services));
        gaps
    }

    fn accountable_for_both(&self, services: &[String]) -> Vec<ResponsibilityGap> {
        let mut both: Vec<(PersonId, Vec<String>)> = Vec::new();
        for service in services {
            let of = |activity| self.responsibility(activity, service).map(|one| &one.accountable);
            let Some(person) = of(Activity::Command).filter(|one| of(Activity::Approve) == Some(*one)) else {
                continue;
            };
            match both.iter_mut().find(|(known, _)| known == person) {
                Some((_, on)) => on.push(service.clone()),
                None => both.push((person.clone(), vec![service.clone()])),
            }
        }
        both.into_iter().map(|(person, services)| ResponsibilityGap::Both { person, services }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::decide::test_world::{id, organisation};
    use super::*;

    fn entry(activity: Activity, service: Option<&str>, accountable: &str) -> Responsibility {
        Responsibility {
            activity,
            service: service.map(str::to_owned),
            accountable: id(accountable),
            responsible: vec![id("ana")],
            consulted: vec![id("tom"), id("mia")],
            informed: vec![id("mia"), id("ines")],
        }
    }

    #[test]
    fn what_is_written_of_a_service_goes_before_the_unit_and_nothing_written_is_as_built_in() {
        let mut here = organisation();
        let built_in = here.holders(Activity::Approve, "cards");
        assert_eq!((built_in.origin, built_in.accountable), (Origin::BuiltIn, Some(id("mia"))));
        assert_eq!(built_in.responsible, [id("tom")]);
        assert!(here.responsibility_gaps().is_empty(), "nothing is missing where nothing is written");
        here.responsibilities = vec![entry(Activity::Command, None, "tom")];
        assert_eq!(here.holders(Activity::Command, "cards").origin, Origin::Unit);
        here.responsibilities.push(entry(Activity::Command, Some("cards"), "ines"));
        let own = here.holders(Activity::Command, "cards");
        assert_eq!((own.origin, own.accountable), (Origin::Service, Some(id("ines"))));
        assert_eq!(here.holders(Activity::Approve, "cards").origin, Origin::Missing);
        let concerned = here.concerned(Activity::Command, &["cards".to_owned()]);
        let expected = [("tom", Concern::Consulted), ("mia", Concern::Consulted), ("ines", Concern::Informed)];
        assert_eq!(concerned, expected.map(|(key, concern)| (id(key), concern)));
    }

    #[test]
    fn a_gap_names_the_activity_and_the_services_and_one_who_answers_for_both_is_named() {
        let mut here = organisation();
        here.responsibilities = vec![entry(Activity::Communicate, None, "tom")];
        let cards = vec!["cards".to_owned()];
        assert_eq!(here.without_accountable(Activity::Command, &cards), cards);
        assert!(here.without_accountable(Activity::Communicate, &cards).is_empty());
        let gaps = here.responsibility_gaps();
        assert_eq!(gaps.len(), 4, "{gaps:?}");
        assert!(gaps.contains(&ResponsibilityGap::NoEntry { activity: Activity::Command, services: cards.clone() }));
        here.responsibilities = Activity::ALL.map(|activity| entry(activity, None, "mia")).to_vec();
        let gaps = here.responsibility_gaps();
        assert_eq!(gaps, [ResponsibilityGap::Both { person: id("mia"), services: cards }]);
        if let Some(mia) = here.people.get_mut(&id("mia")) {
            mia.active = false;
        }
        assert_eq!(here.responsibility_gaps().len(), 6, "whoever left answers for nothing");
    }
}
