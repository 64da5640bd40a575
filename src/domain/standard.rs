//! What makes a change standard: an entry of the catalogue, and the values within its ranges.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::policy::{CatalogueEntry, Policy};
use super::rules::{CatalogueApproval, CatalogueState, CatalogueVerdict, EntryUse, Ruling, catalogue_verdict};
use super::{BoardWord, CatalogueMark, Incident, Organisation, Person, When};

/// The entry by which a change is standard, as it was when the change was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standard {
    pub entry: String,
    pub version: u32,
    pub parameters: BTreeMap<String, String>,
    pub freeze_safe: bool,
    /// What whoever carried it out says of the entry.
    #[serde(default)]
    pub rating: Option<EntryRating>,
}

/// Two answers after a use of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRating {
    /// How much it helped, from 1 to 5.
    pub helpful: u8,
    /// Whether a step of it was wrong.
    pub wrong: bool,
    pub at: DateTime<Utc>,
}

/// The same, as it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCommand {
    pub helpful: u8,
    pub wrong: bool,
    pub why: Option<String>,
}

/// A standard change as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardForm {
    pub entry: String,
    /// The main service, and those that were named after it.
    pub service: Option<String>,
    pub also: Vec<String>,
    pub parameters: BTreeMap<String, String>,
    pub why: Option<String>,
    pub from: Option<When>,
    pub until: Option<When>,
}

/// How the latest uses of an entry went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntryUses {
    pub uses: u32,
    pub failures: u32,
    /// One of them caused a P1 or a major incident.
    pub caused_major: bool,
}

/// Whether an entry may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryStanding {
    InUse,
    /// It may be used until then; its owner has to look at it again.
    ToRevise {
        until: DateTime<Utc>,
    },
    /// It may not.
    Closed(Ruling<CatalogueVerdict>),
}

/// How an entry did, and since when the policy that holds it is in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryRecord {
    pub uses: EntryUses,
    pub since: DateTime<Utc>,
    /// Of this version, in order: when, and how helpful it was.
    pub ratings: Vec<(DateTime<Utc>, u8)>,
    /// What happened to this version, in order.
    pub marks: Vec<CatalogueMark>,
    /// Of the content that the policy has now, in hex; empty where it has another version.
    pub sha256: String,
    /// What the board said of this version, the newest first.
    pub board: Vec<BoardWord>,
}

impl EntryRecord {
    /// Whether it may be used as far as its approval goes: the board agreed to this content, or does not have to.
    pub fn is_approved(&self, policy: &Policy) -> bool {
        policy.catalogue.approval == CatalogueApproval::Policy
            || self.board.iter().any(|word| word.approved && word.sha256 == self.sha256)
    }

    /// The change by which the board has yet to decide on this content.
    pub fn before_the_board(&self) -> Option<i64> {
        self.board.iter().find(|word| word.open && word.sha256 == self.sha256).map(|word| word.change)
    }

    /// Since when, and why, it is suspended: the newest word counts.
    pub fn suspended(&self) -> Option<CatalogueMark> {
        let newest = self.marks.iter().rfind(|mark| mark.is_about_use())?;
        (newest.state == CatalogueState::Suspended).then_some(*newest)
    }

    /// Whether its uses failed too often (rule 4.41), as they are counted now or as they were when that suspended it.
    pub fn has_failed(&self, policy: &Policy) -> bool {
        self.uses.caused_major
            || self.uses.failures >= policy.catalogue.suspend_from_failures
            || self.suspended().is_some_and(|mark| mark.by_failures)
    }

    fn stars(&self) -> Vec<u8> {
        self.ratings.iter().map(|(_, helpful)| *helpful).collect()
    }

    /// Since when it is rated too low (rule 4.41); `None` where it is not.
    pub fn rated_low_since(&self, policy: &Policy) -> Option<DateTime<Utc>> {
        let stars = self.stars();
        let is_low = |count: usize| {
            let ratings = &stars[..count];
            let facts = EntryUse { ratings, ratings_since_revision: ratings, ..EntryUse::default() };
            catalogue_verdict(policy, &facts).verdict == CatalogueVerdict::Revise
        };
        let fine = (0..=stars.len()).rev().find(|count| !is_low(*count))?;
        self.ratings.get(fine).map(|(at, _)| *at)
    }

    /// "2.3 of 5 by 3"; `None` where nobody has rated it.
    pub fn rated(&self) -> Option<String> {
        let count = u32::try_from(self.ratings.len()).ok().filter(|count| *count > 0)?;
        let tenths = self.stars().into_iter().map(u32::from).sum::<u32>() * 10 / count;
        Some(format!("{}.{} of 5 by {count}", tenths / 10, tenths % 10))
    }
}

impl EntryUses {
    /// With one more, which failed; `last`: so many are counted.
    #[must_use]
    pub fn and_one_failed(self, last: u32) -> EntryUses {
        EntryUses { uses: (self.uses + 1).min(last), failures: self.failures + 1, ..self }
    }
}

impl Standard {
    /// `keep_days=14`, in the order of their names.
    pub fn values(&self) -> Vec<String> {
        self.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }
}

impl StandardForm {
    /// The services that were named, otherwise the one that is meant.
    pub fn services_of(&self, policy: &Policy, near: Option<&Incident>) -> Vec<String> {
        self.service_of(policy, near).into_iter().chain(self.also.iter().cloned()).collect()
    }

    /// The service that was named first, otherwise that of the incident where the entry allows it, otherwise the entry's only one.
    pub fn service_of(&self, policy: &Policy, near: Option<&Incident>) -> Option<String> {
        if let Some(service) = &self.service {
            return Some(service.clone());
        }
        let allowed = &policy.catalogue.entries.get(&self.entry)?.services;
        let hit = near.and_then(|incident| incident.services.iter().find(|service| allowed.contains(service)));
        match allowed.as_slice() {
            [only] => Some(only.clone()),
            _ => hit.cloned(),
        }
    }
}

/// Rule 4.41.
pub fn entry_standing(
    policy: &Policy,
    organisation: &Organisation,
    entry: &CatalogueEntry,
    record: &EntryRecord,
    now: DateTime<Utc>,
) -> EntryStanding {
    let ends = entry_ends(policy, entry, record.since);
    let stars = record.stars();
    let owner = organisation.people.values().find(|person| person.key == entry.owner);
    let owner_inactive = !owner.is_some_and(Person::is_reachable);
    let facts = EntryUse {
        failures: if record.has_failed(policy) {
            record.uses.failures.max(policy.catalogue.suspend_from_failures)
        } else {
            record.uses.failures
        },
        caused_major: record.uses.caused_major,
        suspended: record.suspended().is_some(),
        expired: now >= ends,
        owner_inactive,
        ratings: &stars,
        ratings_since_revision: &stars,
    };
    let ruling = catalogue_verdict(policy, &facts);
    let due = if now >= ends { ends } else { record.rated_low_since(policy).unwrap_or(ends) };
    let until = due + TimeDelta::days(policy.catalogue.revise_within_days.into());
    match ruling.verdict {
        CatalogueVerdict::Fine | CatalogueVerdict::SuggestPromotion => EntryStanding::InUse,
        // Since when its owner is gone is not known, so nothing is counted from then.
        CatalogueVerdict::Revise if now < until && !owner_inactive => EntryStanding::ToRevise { until },
        CatalogueVerdict::Revise | CatalogueVerdict::Suspend => EntryStanding::Closed(ruling),
    }
}

/// When an entry has to have been looked at again: its own day, at its end, and never later than the policy's limit.
pub fn entry_ends(policy: &Policy, entry: &CatalogueEntry, since: DateTime<Utc>) -> DateTime<Utc> {
    let limit = since + TimeDelta::days(policy.catalogue.valid_days.into());
    let own = entry.expires.and_then(|day| day.succ_opt()).map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
    own.map_or(limit, |own| own.min(limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decide::test_world::{now, organisation};

    #[test]
    fn an_entry_is_in_use_until_it_fails_too_often_expires_or_has_nobody_who_keeps_it() {
        let (policy, mut organisation) = (Policy::sample(), organisation());
        let mut entry = policy.catalogue.entries["log-rotation"].clone();
        let standing = |organisation: &Organisation, entry: &CatalogueEntry, failures: u32, days: i64| {
            let uses = EntryUses { uses: 10, failures, caused_major: false };
            let record = EntryRecord { uses, since: now(), ..EntryRecord::default() };
            entry_standing(&policy, organisation, entry, &record, now() + TimeDelta::days(days))
        };
        assert_eq!(standing(&organisation, &entry, 1, 364), EntryStanding::InUse);
        assert!(matches!(standing(&organisation, &entry, 2, 0), EntryStanding::Closed(_)), "two of ten failed");
        let until = now() + TimeDelta::days(365 + 14);
        assert_eq!(standing(&organisation, &entry, 0, 365), EntryStanding::ToRevise { until });
        assert!(matches!(standing(&organisation, &entry, 0, 379), EntryStanding::Closed(_)), "nobody revised it");
        entry.expires = now().date_naive().succ_opt();
        assert_eq!(standing(&organisation, &entry, 0, 1), EntryStanding::InUse, "its last day is a day of use");
        assert!(matches!(standing(&organisation, &entry, 0, 2), EntryStanding::ToRevise { .. }));
        organisation.people.values_mut().filter(|person| person.key == "tom").for_each(|person| person.active = false);
        assert!(matches!(standing(&organisation, &entry, 0, 0), EntryStanding::Closed(_)), "nobody keeps it");
    }

    #[test]
    fn three_low_ratings_have_it_revised_within_two_weeks_of_the_third() {
        let (policy, organisation) = (Policy::sample(), organisation());
        let entry = policy.catalogue.entries["log-rotation"].clone();
        let day = |days: i64| now() + TimeDelta::days(days);
        let rated = |stars: &[u8]| {
            let ratings = stars.iter().zip(1..).map(|(helpful, days)| (day(days), *helpful)).collect();
            EntryRecord { since: now(), ratings, ..EntryRecord::default() }
        };
        let standing =
            |stars: &[u8], days: i64| entry_standing(&policy, &organisation, &entry, &rated(stars), day(days));
        assert_eq!(standing(&[2, 1], 4), EntryStanding::InUse);
        assert_eq!(standing(&[2, 1, 2], 4), EntryStanding::ToRevise { until: day(3 + 14) });
        assert_eq!(standing(&[2, 5, 1, 5, 2, 5], 7), EntryStanding::ToRevise { until: day(5 + 14) }, "three in all");
        assert!(matches!(standing(&[2, 1, 2], 17), EntryStanding::Closed(_)), "nobody revised it");
        assert_eq!(standing(&[2, 2, 3], 4), EntryStanding::ToRevise { until: day(3 + 14) }, "2.3 on average");
        assert_eq!(standing(&[2, 2, 3, 5], 5), EntryStanding::InUse, "3.0 on average");
        assert_eq!(rated(&[2, 2, 3]).rated().as_deref(), Some("2.3 of 5 by 3"));
        assert_eq!(rated(&[]).rated(), None);
    }
}
