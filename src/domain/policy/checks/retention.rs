//! The checks of how long things are kept.

use std::collections::BTreeSet;

use super::Found;
use crate::domain::policy::RetentionPolicy;

/// A hundred years: a longer age is a slip of the pen.
const DAYS_MAX: u32 = 36_525;

/// Whatever is sealed later than after a year is not to be found when somebody asks for it.
const SEAL_AFTER_DAYS_MAX: u32 = 366;

const PLACE: &str = "retention.rule";

pub(super) fn check(retention: &RetentionPolicy, found: &mut Found) {
    let seal = retention.seal_after_days;
    let sentence = format!("{seal} days are too long: a record is sealed within {SEAL_AFTER_DAYS_MAX} days.");
    found.needs(seal <= SEAL_AFTER_DAYS_MAX, "retention.seal_after_days", &sentence);
    let mut seen = BTreeSet::new();
    for rule in &retention.rule {
        let (name, days) = (rule.name(), rule.until_days);
        found.needs(rule.hot_days <= days, PLACE, &format!("{name} ends before it is archived."));
        found.needs((1..=DAYS_MAX).contains(&days), PLACE, &format!("{name} of {days} days is no age to end at."));
        found.needs(seen.insert((rule.class, &rule.regime)), PLACE, &format!("{name} stands there twice."));
    }
}
