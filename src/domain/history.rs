//! How earlier changes went that a new one is like (rule 4.7, history).

use super::policy::Policy;
use super::rules::{ChangeKind, HistoryCount, history_points};

/// What is known of earlier changes where a risk is assessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Of each service that it touches: the groups that were counted, from the narrowest to the widest.
    pub of_services: Vec<Vec<HistorySample>>,
    /// A change that ran on the same service when one was made that is recorded now.
    pub ran_then: Option<i64>,
}

/// How a group of changes went in the last 12 months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistorySample {
    pub group: HistoryGroup,
    pub count: HistoryCount,
}

/// Changes that are alike, on one service or on any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryGroup {
    pub alike: Alike,
    pub service: Option<String>,
}

/// What makes changes alike: the checklist that is on them, or how they were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alike {
    Category(String),
    Kind(ChangeKind),
}

/// What the history of one service says, and which changes say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryVerdict {
    pub points: i32,
    /// The group that has enough changes; `None` where none has, so that the default rate counts.
    pub sample: Option<HistorySample>,
    /// The narrower groups that had too few.
    pub too_few: Vec<HistorySample>,
}

impl HistoryGroup {
    /// The groups of a change on a service, from the narrowest to the widest. What has a category is like others of that
    /// category first; a kind is the coarser category that every change has.
    pub fn of(service: &str, category: Option<&str>, kind: ChangeKind) -> Vec<HistoryGroup> {
        let category = category.map(|category| Alike::Category(category.to_owned()));
        let alike = category.into_iter().chain([Alike::Kind(kind)]);
        let groups = alike.flat_map(|alike| {
            let on_it = HistoryGroup { alike: alike.clone(), service: Some(service.to_owned()) };
            [on_it, HistoryGroup { alike, service: None }]
        });
        groups.collect()
    }

    /// "database schema changes", "normal changes".
    pub fn phrase(&self) -> String {
        let word = match &self.alike {
            Alike::Category(category) => category.replace('_', " "),
            Alike::Kind(kind) => kind.as_str().to_owned(),
        };
        format!("{word} changes")
    }
}

impl History {
    /// Rule 4.7: the worst that the history of a service says.
    pub fn verdict(&self, policy: &Policy) -> HistoryVerdict {
        let mut worst: Option<HistoryVerdict> = None;
        for samples in &self.of_services {
            let verdict = verdict(policy, samples);
            if worst.as_ref().is_none_or(|worst| verdict.points > worst.points) {
                worst = Some(verdict);
            }
        }
        worst.unwrap_or_else(|| verdict(policy, &[]))
    }
}

fn verdict(policy: &Policy, samples: &[HistorySample]) -> HistoryVerdict {
    let counts: Vec<HistoryCount> = samples.iter().map(|sample| sample.count).collect();
    let points = history_points(policy, &counts).verdict;
    let enough = samples.iter().position(|sample| sample.is_enough(policy));
    let too_few = samples[..enough.unwrap_or(0)].to_vec();
    HistoryVerdict { points, sample: enough.map(|place| samples[place].clone()), too_few }
}

impl HistorySample {
    /// Whether it has enough changes to say something: then no wider group is asked.
    pub fn is_enough(&self, policy: &Policy) -> bool {
        self.count.changes >= policy.risk.history.changes_min
    }
}

impl HistoryVerdict {
    /// "history: 3 of 12 normal changes on Card payments failed", or, of a wider group, with how many there were on the
    /// service itself. `name_of` says how people know a service.
    pub fn phrase(&self, name_of: impl Fn(&str) -> String) -> Option<String> {
        let sample = self.sample.as_ref()?;
        let HistoryCount { changes, failures } = sample.count;
        let on = sample.group.service.as_ref().map(|service| format!(" on {}", name_of(service))).unwrap_or_default();
        let counted = format!("{PREFIX}{failures} of {changes} {}{on} failed", sample.group.phrase());
        let narrow = self.too_few.iter().rev().find_map(|few| Some((few, few.group.service.as_ref()?)));
        Some(match narrow.filter(|_| sample.group.service.is_none()) {
            Some((few, service)) => {
                let only = few.count.changes;
                format!("{counted}, on all services, for there were only {only} on {}", name_of(service))
            }
            None => counted,
        })
    }
}

/// How the line of a breakdown begins that names the changes that were counted.
pub const PREFIX: &str = "history: ";

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(service: Option<&str>, changes: u32, failures: u32) -> HistorySample {
        let group = HistoryGroup { alike: Alike::Kind(ChangeKind::Normal), service: service.map(str::to_owned) };
        HistorySample { group, count: HistoryCount { changes, failures } }
    }

    fn says(of_services: Vec<Vec<HistorySample>>) -> (i32, Option<String>) {
        let verdict = History { of_services, ran_then: None }.verdict(&Policy::sample());
        (verdict.points, verdict.phrase(str::to_uppercase))
    }

    #[test]
    fn a_service_with_enough_changes_speaks_for_itself_and_is_named() {
        let own = vec![sample(Some("cards"), 12, 3), sample(None, 100, 0)];
        assert_eq!(says(vec![own]), (4, Some("history: 3 of 12 normal changes on CARDS failed".to_owned())));
    }

    #[test]
    fn one_with_too_few_is_judged_by_the_group_and_it_says_so() {
        let few = vec![sample(Some("cards"), 4, 4), sample(None, 20, 5)];
        let expected = "history: 5 of 20 normal changes failed, on all services, for there were only 4 on CARDS";
        assert_eq!(says(vec![few]), (4, Some(expected.to_owned())));
    }

    #[test]
    fn where_nothing_is_enough_the_default_rate_adds_nothing_and_names_nothing() {
        assert_eq!(says(vec![vec![sample(Some("cards"), 4, 4), sample(None, 4, 4)]]), (0, None));
        assert_eq!(says(Vec::new()), (0, None));
    }

    #[test]
    fn of_several_services_the_worst_counts() {
        let good = vec![sample(Some("mail"), 40, 0)];
        let bad = vec![sample(Some("cards"), 12, 3)];
        assert_eq!(says(vec![good.clone(), bad]).0, 4);
        assert_eq!(says(vec![good]).0, -1);
    }

    #[test]
    fn what_has_a_category_is_like_those_of_its_category_first() {
        let groups = HistoryGroup::of("cards", Some("database_schema"), ChangeKind::Normal);
        let named: Vec<(String, bool)> = groups.iter().map(|group| (group.phrase(), group.service.is_some())).collect();
        let expected = [("database schema changes", true), ("database schema changes", false)];
        assert_eq!(named[..2], expected.map(|(phrase, on)| (phrase.to_owned(), on)));
        assert_eq!(HistoryGroup::of("cards", None, ChangeKind::Normal).len(), 2);
    }
}
