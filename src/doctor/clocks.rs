//! This machine's clock against a platform's: signatures and expiries are measured by both.

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use crate::domain::Platform;

/// Slack refuses signatures that are five minutes off; a tenth of that is a clock that nobody keeps.
const APART_MAX: TimeDelta = TimeDelta::seconds(30);

/// `theirs` is what the platform wrote into its answer's `Date`.
pub fn compare(platform: Platform, ours: DateTime<Utc>, theirs: Option<DateTime<Utc>>) -> Option<Finding> {
    let apart = ours - theirs?;
    let name = platform.name();
    if apart.abs() <= APART_MAX {
        return Some(Finding::good(format!("{name}: this machine's clock agrees with {name}'s.")));
    }
    let way = if apart > TimeDelta::zero() { "ahead of" } else { "behind" };
    Some(Finding::wrong(format!(
        "{name}: this machine's clock is {} s {way} {name}'s, so signatures and expiries are misread. Switch time \
         synchronisation on, for example with `timedatectl set-ntp true`.",
        apart.num_seconds().abs()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_nobody_keeps_is_found() {
        let ours: DateTime<Utc> = "2026-11-24T15:00:00Z".parse().expect("a moment");
        let found = |apart| {
            let finding = compare(Platform::Slack, ours, Some(ours - TimeDelta::seconds(apart))).expect("compared");
            finding.to_string()
        };
        insta::assert_debug_snapshot!([found(30), found(31), found(-400)], @r#"
        [
            "ok    Slack: this machine's clock agrees with Slack's.",
            "FAIL  Slack: this machine's clock is 31 s ahead of Slack's, so signatures and expiries are misread. Switch time synchronisation on, for example with `timedatectl set-ntp true`.",
            "FAIL  Slack: this machine's clock is 400 s behind Slack's, so signatures and expiries are misread. Switch time synchronisation on, for example with `timedatectl set-ntp true`.",
        ]
        "#);
        assert_eq!(compare(Platform::Slack, ours, None), None);
    }
}
