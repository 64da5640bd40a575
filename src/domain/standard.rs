//! What makes a change standard: an entry of the catalogue, and the values within its ranges.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::policy::{CatalogueEntry, Policy};
use super::rules::{CatalogueVerdict, EntryUse, Ruling, catalogue_verdict};
use super::{Incident, Organisation, Person, When};

/// The entry by which a change is standard, as it was when the change was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standard {
    pub entry: String,
    pub version: u32,
    pub parameters: BTreeMap<String, String>,
    pub freeze_safe: bool,
}

/// A standard change as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardForm {
    pub entry: String,
    pub service: Option<String>,
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntryRecord {
    pub uses: EntryUses,
    pub since: DateTime<Utc>,
}

impl EntryUses {
    /// With one more, which failed; `last`: so many are counted.
    #[must_use]
    pub fn and_one_failed(self, last: u32) -> EntryUses {
        EntryUses { uses: (self.uses + 1).min(last), failures: self.failures + 1 }
    }
}

impl Standard {
    /// `keep_days=14`, in the order of their names.
    pub fn values(&self) -> Vec<String> {
        self.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }
}

impl StandardForm {
    /// The service that was named, otherwise that of the incident where the entry allows it, otherwise the entry's only one.
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

/// Rule 4.41. `since`: when the policy that holds the entry was loaded.
pub fn entry_standing(
    policy: &Policy,
    organisation: &Organisation,
    entry: &CatalogueEntry,
    uses: EntryUses,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> EntryStanding {
    let ends = entry_ends(policy, entry, since);
    let owner = organisation.people.values().find(|person| person.key == entry.owner);
    let owner_inactive = !owner.is_some_and(Person::is_reachable);
    let facts = EntryUse { failures: uses.failures, expired: now >= ends, owner_inactive, ..EntryUse::default() };
    let ruling = catalogue_verdict(policy, &facts);
    let until = ends + TimeDelta::days(policy.catalogue.revise_within_days.into());
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
            let uses = EntryUses { uses: 10, failures };
            entry_standing(&policy, organisation, entry, uses, now(), now() + TimeDelta::days(days))
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
}
