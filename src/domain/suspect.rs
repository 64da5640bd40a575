//! Which changes an incident may come from (rule 4.14): the first question of everybody who joins.

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::Policy;
use super::rules::{ChangeKind, LinkConfidence, LinkFact, LinkRelation, LinkVerdict, link_confidence};
use super::{Change, ChangeStatus, EntryUses, LinkGuess, Organisation, PersonId};

/// A change that began to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub number: i64,
    pub title: String,
    pub service: String,
    /// What it touched besides.
    pub also: Vec<String>,
    pub kind: ChangeKind,
    pub status: ChangeStatus,
    pub implementer: PersonId,
    pub started_at: DateTime<Utc>,
    /// `None` while it runs.
    pub ended_at: Option<DateTime<Utc>>,
    pub rollback_plan: String,
    /// Another incident is linked to it, and not because it mends that one.
    pub elsewhere: bool,
    /// Of a standard change: the entry that approved it, and its version.
    pub entry: Option<(String, u32)>,
    /// That entry did not fail in the last uses that count.
    pub clean_template: bool,
    /// The categories whose checklists are on it.
    pub categories: Vec<String>,
}

impl Ran {
    /// `None` of a change that has not begun. `elsewhere`: another incident is linked to it.
    pub fn of(change: &Change, elsewhere: bool) -> Option<Ran> {
        Some(Ran {
            number: change.number,
            title: change.title.clone(),
            service: change.service.clone(),
            also: change.also.clone(),
            kind: change.kind,
            status: change.status,
            implementer: change.implementer.clone(),
            started_at: change.started_at?,
            ended_at: change.ended_at,
            rollback_plan: change.rollback_plan.clone(),
            elsewhere,
            entry: change.standard.as_ref().map(|standard| (standard.entry.clone(), standard.version)),
            clean_template: false,
            categories: change.checklist.categories(),
        })
    }
}

/// A change that may have caused an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    pub change: Ran,
    pub relation: LinkRelation,
    /// What made it more or less likely.
    pub facts: Vec<LinkFact>,
    pub likely: LinkConfidence,
}

impl Ran {
    /// All that it touched, the main service first.
    pub fn services(&self) -> Vec<String> {
        std::iter::once(&self.service).chain(&self.also).cloned().collect()
    }
}

impl Suspect {
    /// Likely enough that whoever carried it out is called.
    pub fn is_likely(&self) -> bool {
        self.likely.verdict == LinkVerdict::Auto
    }

    /// How to get back from it, where nobody did yet.
    pub fn way_back(&self) -> Option<&str> {
        let plan = self.change.rollback_plan.as_str();
        (self.change.status != ChangeStatus::RolledBack && !plan.is_empty()).then_some(plan)
    }

    /// As the log and the link's row keep it.
    pub fn guess(&self) -> LinkGuess {
        LinkGuess { relation: self.relation, confidence: self.likely.confidence, facts: self.facts.clone() }
    }
}

/// So many uses of an entry are looked at, and without as many nothing is said for it (rule 4.14).
pub const CLEAN_USES: u32 = 20;

/// Whether an entry that was used like this never failed lately.
pub fn is_clean(uses: &EntryUses) -> bool {
    uses.uses >= CLEAN_USES && uses.failures == 0
}

/// How far back a change is looked for: the policy's longest reach.
pub fn looked_back(policy: &Policy) -> TimeDelta {
    let steps = LinkRelation::ALL.into_iter().flat_map(|relation| policy.links.of(relation));
    TimeDelta::hours(steps.map(|(hours, _)| i64::from(*hours)).max().unwrap_or_default())
}

/// The services whose changes these may feel: their own, and those that they depend on, within two steps.
pub fn felt_by(organisation: &Organisation, services: &[String]) -> Vec<String> {
    let known = organisation.services.keys();
    known.filter(|key| organisation.steps_down(services, key).is_some()).cloned().collect()
}

/// What broke, and when: what a change is held against.
#[derive(Debug, Clone, Copy)]
pub struct Symptom<'a> {
    pub services: &'a [String],
    pub began: DateTime<Utc>,
    /// In the words of whoever declared it.
    pub title: &'a str,
}

/// Those that may have caused what broke, the likeliest first.
pub fn suspects(policy: &Policy, organisation: &Organisation, symptom: Symptom<'_>, changes: Vec<Ran>) -> Vec<Suspect> {
    let Symptom { services, began, title } = symptom;
    let suspect = |change: Ran| {
        let touched = change.services();
        let steps = touched.iter().filter_map(|service| organisation.steps_down(services, service)).min();
        let relation = relation(steps);
        let age = if change.started_at > began { return None } else { age(&change, began) };
        let facts = facts(policy, &change, title);
        let likely = link_confidence(policy, relation, age, &facts).verdict;
        (likely.verdict != LinkVerdict::Nothing).then_some(Suspect { change, relation, facts, likely })
    };
    let mut found: Vec<Suspect> = changes.into_iter().filter_map(suspect).collect();
    found.sort_by_key(|suspect| (-suspect.likely.confidence, -suspect.change.number));
    found
}

/// Since its end; none for a change that ran when it began.
fn age(change: &Ran, began: DateTime<Utc>) -> TimeDelta {
    change.ended_at.map_or(TimeDelta::zero(), |ended| (began - ended).max(TimeDelta::zero()))
}

/// A service is the smallest part that a change names, so what changed on the failing service changed what fails.
/// Of several that it touched, the nearest counts.
fn relation(steps_down: Option<u32>) -> LinkRelation {
    match steps_down {
        Some(0) => LinkRelation::SameCi,
        Some(1) => LinkRelation::Up1,
        Some(2) => LinkRelation::Up2,
        Some(_) | None => LinkRelation::Unrelated,
    }
}

fn facts(policy: &Policy, change: &Ran, title: &str) -> Vec<LinkFact> {
    let matches = change.categories.iter().any(|category| policy.links.is_symptom(category, title));
    let failed = matches!(change.status, ChangeStatus::RolledBack | ChangeStatus::Failed).then_some(LinkFact::Failed);
    let is_hasty = matches!(change.kind, ChangeKind::Emergency | ChangeKind::Retroactive);
    let elsewhere = change.elsewhere.then_some(LinkFact::OtherIncident);
    let clean = change.clean_template.then_some(LinkFact::CleanTemplate);
    let category = matches.then_some(LinkFact::Category);
    failed
        .into_iter()
        .chain(category)
        .chain(elsewhere)
        .chain(is_hasty.then_some(LinkFact::Emergency))
        .chain(clean)
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::super::decide::test_world::organisation;
    use super::super::organisation::Service;
    use super::*;

    fn began() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2030, 1, 7, 14, 0, 0).single().expect("a moment")
    }

    /// `cards` depends on `ledger`, which depends on `network`; `mail` depends on `cards`.
    fn town() -> Organisation {
        let mut town = organisation();
        let cards = town.services["cards"].clone();
        for (key, depends_on) in [("ledger", "network"), ("network", ""), ("mail", "cards")] {
            let depends_on = Some(depends_on.to_owned()).filter(|key| !key.is_empty()).into_iter().collect();
            town.services.insert(key.to_owned(), Service { key: key.to_owned(), depends_on, ..cards.clone() });
        }
        town.services.insert("cards".to_owned(), Service { depends_on: vec!["ledger".to_owned()], ..cards });
        town
    }

    fn ran(number: i64, service: &str, minutes_before: i64, ended: bool) -> Ran {
        let ended_at = ended.then(|| began() - TimeDelta::minutes(minutes_before));
        Ran {
            number,
            title: "a change".to_owned(),
            service: service.to_owned(),
            also: Vec::new(),
            kind: ChangeKind::Normal,
            status: if ended { ChangeStatus::Completed } else { ChangeStatus::Implementing },
            implementer: PersonId("p_mia".to_owned()),
            started_at: began() - TimeDelta::minutes(minutes_before + 30),
            ended_at,
            rollback_plan: "deploy the old one".into(),
            elsewhere: false,
            entry: None,
            clean_template: false,
            categories: Vec::new(),
        }
    }

    fn found(changes: Vec<Ran>) -> Vec<(i64, i32, bool)> {
        found_for("cards fail", changes)
    }

    fn found_for(title: &str, changes: Vec<Ran>) -> Vec<(i64, i32, bool)> {
        let (town, services) = (town(), ["cards".to_owned()]);
        let symptom = Symptom { services: &services, began: began(), title };
        let found = suspects(&Policy::sample(), &town, symptom, changes);
        found.iter().map(|one| (one.change.number, one.likely.confidence, one.is_likely())).collect()
    }

    #[test]
    fn what_runs_and_what_just_ran_comes_first_and_distance_and_age_count() {
        let changes = vec![
            ran(1, "cards", 180, true),
            ran(2, "cards", 0, false),
            ran(3, "ledger", 30, true),
            ran(4, "network", 30, true),
            ran(5, "cards", 30 * 60, true),
            ran(6, "cards", 73 * 60, true),
        ];
        assert_eq!(found(changes), [(2, 95, true), (1, 85, true), (3, 80, true), (4, 60, false), (5, 40, false)]);
    }

    #[test]
    fn what_began_later_depends_on_it_or_has_nothing_to_do_with_it_is_none() {
        let later = Ran { started_at: began() + TimeDelta::minutes(1), ..ran(1, "cards", 0, false) };
        assert_eq!(found(vec![later, ran(2, "mail", 10, true), ran(3, "gone", 10, true)]), []);
    }

    #[test]
    fn what_was_taken_back_was_an_emergency_or_broke_something_else_is_likelier() {
        let failed = Ran { status: ChangeStatus::RolledBack, ..ran(1, "cards", 30 * 60, true) };
        let hasty = Ran { kind: ChangeKind::Emergency, ..ran(2, "cards", 20 * 60, true) };
        let elsewhere = Ran { elsewhere: true, ..ran(3, "ledger", 10 * 60, true) };
        assert_eq!(found(vec![failed, hasty, elsewhere]), [(2, 75, true), (3, 70, true), (1, 50, false)]);
    }

    #[test]
    fn what_an_entry_approves_that_never_failed_lately_is_less_likely() {
        let clean = Ran { clean_template: true, ..ran(1, "cards", 0, false) };
        assert_eq!(found(vec![clean, ran(2, "cards", 0, false)]), [(2, 95, true), (1, 85, true)]);
        let older = Ran { clean_template: true, ..ran(3, "cards", 20 * 60, true) };
        assert_eq!(found(vec![older]), [(3, 60, false)], "it is suggested, and not linked by itself");
        let uses = |uses, failures| is_clean(&EntryUses { uses, failures, caused_major: false });
        assert!(uses(20, 0));
        assert!(!uses(19, 0), "too few to speak for it");
        assert!(!uses(20, 1));
    }

    #[test]
    fn the_services_that_are_looked_at_are_those_it_depends_on() {
        assert_eq!(felt_by(&town(), &["cards".to_owned()]), ["cards", "ledger", "network"]);
        assert_eq!(looked_back(&Policy::sample()), TimeDelta::hours(72));
    }

    #[test]
    fn a_category_whose_symptom_the_title_names_makes_it_likelier() {
        let migration = Ran { categories: vec!["database_schema".to_owned()], ..ran(1, "network", 180, true) };
        assert_eq!(found_for("Cards fail: DEADLOCK in the ledger", vec![migration.clone()]), [(1, 50, false)]);
        assert_eq!(found_for("cards fail", vec![migration.clone()]), [(1, 45, false)], "no symptom of it");
        assert_eq!(found_for("blocked by deadlocked", vec![migration]), [(1, 45, false)], "whole words count");
    }
}
