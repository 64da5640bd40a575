//! Rule 4.41: whether an entry of the catalogue still deserves its trust, and which changes deserve an entry.

use super::{Band, Ruling};
use crate::domain::policy::{CataloguePolicy, Policy};

words! {
    /// What becomes of an entry.
    CatalogueVerdict {
        Suspend = "suspend", "it is suspended";
        /// Stays in use for a while, then is suspended.
        Revise = "revise", "it is to be revised";
        SuggestPromotion = "suggest_promotion", "it could become an entry of the catalogue";
        Fine = "ok", "nothing is to be done";
    }
}

words! {
    /// What happened to an entry.
    CatalogueState {
        Suspended = "suspended", "suspended";
        Resumed = "resumed", "in use again";
        /// Its owner was told that it has to be looked at soon.
        Expiring = "expiring", "about to expire";
        Expired = "expired", "expired";
        Submitted = "submitted", "put to the board";
        Approved = "approved", "approved by the board";
    }
}

words! {
    /// Who approves an entry before it may be used.
    #[derive(Default)]
    CatalogueApproval {
        /// Whoever signs or loads the policy that holds it.
        #[default]
        Policy = "policy", "whoever signs the policy";
        /// Besides, the board, by a vote on each version.
        Cab = "cab", "the board, by a vote";
    }
}

/// How an entry did.
#[expect(clippy::struct_excessive_bools, reason = "facts of rule 4.41, each true or not by itself")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntryUse<'a> {
    /// Among its last uses; how many those are is a number of the policy.
    pub failures: u32,
    /// Somebody took it out of use.
    pub suspended: bool,
    /// One of its uses caused a P1 or a major incident.
    pub caused_major: bool,
    pub expired: bool,
    pub owner_inactive: bool,
    /// From 1 to 5.
    pub ratings: &'a [u8],
    pub ratings_since_revision: &'a [u8],
}

/// Normal changes of the same category and service with the same plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternUse {
    pub uses: u32,
    pub failures: u32,
    /// The highest that any of them had.
    pub band: Band,
}

/// Rule 4.41 for an entry of the catalogue.
pub fn catalogue_verdict(policy: &Policy, entry: &EntryUse) -> Ruling<CatalogueVerdict> {
    let numbers = &policy.catalogue;
    let (verdict, because) = if entry.caused_major {
        (CatalogueVerdict::Suspend, "a use of it caused a P1 or a major incident")
    } else if entry.failures >= numbers.suspend_from_failures {
        (CatalogueVerdict::Suspend, "it failed too often lately")
    } else if entry.suspended {
        (CatalogueVerdict::Suspend, "those who answer for it took it out of use")
    } else if entry.expired {
        (CatalogueVerdict::Revise, "it has expired")
    } else if entry.owner_inactive {
        (CatalogueVerdict::Revise, "its owner is no longer active")
    } else if is_badly_rated(numbers, entry) {
        (CatalogueVerdict::Revise, "those who used it rate it low")
    } else {
        (CatalogueVerdict::Fine, "it does well")
    };
    Ruling::new("4.41", verdict, format!("The catalogue entry: {verdict}, because {because}."))
}

/// Rule 4.41 for normal changes that repeat.
pub fn promotion_verdict(policy: &Policy, pattern: PatternUse) -> Ruling<CatalogueVerdict> {
    let numbers = &policy.catalogue;
    let earned =
        pattern.uses >= numbers.promote_from_uses && pattern.failures == 0 && pattern.band <= numbers.promote_band_max;
    let verdict = if earned { CatalogueVerdict::SuggestPromotion } else { CatalogueVerdict::Fine };
    let sentence = format!("Done {} times, {} of them failed: {verdict}.", pattern.uses, pattern.failures);
    Ruling::new("4.41", verdict, sentence)
}

fn is_badly_rated(numbers: &CataloguePolicy, entry: &EntryUse) -> bool {
    let count = u64::try_from(entry.ratings.len()).unwrap_or(u64::MAX);
    let sum: u64 = entry.ratings.iter().map(|rating| u64::from(*rating)).sum();
    // As whole numbers: sum / count < parts / of.
    let limit = numbers.revise_below_rating;
    let low_on_average =
        count >= u64::from(numbers.revise_from_ratings) && sum * u64::from(limit.of) < count * u64::from(limit.parts);
    let low = entry.ratings_since_revision.iter().filter(|rating| **rating <= numbers.low_rating_max).count();
    low_on_average || u32::try_from(low).is_ok_and(|low| low >= numbers.revise_from_low_ratings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_on_an_entry_says_why() {
        let policy = Policy::sample();
        let entry = EntryUse { failures: 2, expired: true, ..EntryUse::default() };
        assert_eq!(
            catalogue_verdict(&policy, &entry).sentence,
            "The catalogue entry: it is suspended, because it failed too often lately."
        );
        let pattern = PatternUse { uses: 20, failures: 0, band: Band::Medium };
        assert_eq!(
            promotion_verdict(&policy, pattern).sentence,
            "Done 20 times, 0 of them failed: it could become an entry of the catalogue."
        );
    }
}
