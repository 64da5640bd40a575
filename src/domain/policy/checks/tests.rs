use super::super::DEFAULT_TOML;
use super::*;

/// The sample with one thing changed in its text.
fn changed(from: &str, to: &str) -> Result<Policy, toml::de::Error> {
    assert!(DEFAULT_TOML.contains(from), "the sample has {from:?}");
    toml::from_str(&DEFAULT_TOML.replacen(from, to, 1))
}

#[test]
fn the_sample_policy_has_no_problems() {
    assert_eq!(Policy::sample().problems(), Vec::<String>::new());
}

#[test]
fn a_policy_that_contradicts_itself_is_told_so_in_words() {
    #[rustfmt::skip]
    let rows = [
        ("outage       = [\"I1\", \"I1\"", "outage = [\"I2\", \"I1\"", "impact.matrix: outage is felt harder"),
        ("I1 = [\"P1\", \"P1\"", "I1 = [\"P2\", \"P1\"", "priority.matrix: I1 is more urgent"),
        ("medium   = [8, 14]", "medium = [9, 14]", "a gap between low and medium"),
        ("medium   = [8, 14]", "medium = [7, 14]", "low and medium overlap"),
        ("critical = [22, 40]", "critical = [22, 10]", "critical ends before it begins"),
        ("tier = [3, 1, 0, -1]", "tier = [3, 4, 0, -1]", "a less critical tier adds more"),
        ("rate_below_percent = [2, 6", "rate_below_percent = [6, 6", "does not rise"),
        ("min_participation = \"50%\"", "min_participation = \"150%\"", "votes.cab_high.min_participation of 150%"),
        ("threshold = \"more than 1/2\"", "threshold = \"more than 1/1\"", "can never be reached"),
        ("min_approvals = 3", "min_approvals = 9", "3 may vote, yet 9 have to approve"),
        ("low      = [\"service_owner\"]", "low = []", "approvals.normal.low is empty"),
        ("hot_days = 396, until_days = 1096", "hot_days = 1396, until_days = 1096", "incident ends before it is archived"),
        ("regime = \"sox\", ", "", "change stands there twice"),
        ("decision_minutes = 15", "decision_minutes = 4", "the decision is due before the first answer"),
        ("warn_minutes_left = [30, 10]", "warn_minutes_left = [300, 10]", "a warning falls outside the window"),
        ("p1 = { minutes = 30 }", "p1 = { minutes = 0 }", "updates.cadence.p1 is zero"),
        ("p1 = { minutes = 30 }", "p1 = { minutes = 600000 }", "of 10000 hours is longer than a year"),
        ("max_minutes = 4320", "max_minutes = 1000", "begins longer than max_minutes allows"),
        ("override_valid_minutes = 120", "override_valid_minutes = 0", "freezes.override_valid_minutes is zero"),
        ("notice_business_days = [10, 2]", "notice_business_days = [2, 10]", "the later notice comes first"),
        ("closes = \"17:00\"", "closes = \"08:00\"", "it closes before it opens"),
    ];
    for (from, to, problem) in rows {
        let problems = changed(from, to).expect("it still loads").problems();
        assert!(problems.iter().any(|found| found.contains(problem)), "{to}: {problems:?}");
    }
}

#[test]
fn a_policy_with_a_hole_or_a_word_nobody_knows_does_not_load() {
    let rows = [
        ("outage       = [\"I1\", \"I1\", ", "outage = [\"I1\", "),
        ("I2 = [", "I9 = ["),
        ("critical = [22, 40]", ""),
        ("\"vote:ecab\"", "\"vote:ekab\""),
        ("\"service_owner\"", "\"owner\""),
        ("peak_raises_steps", "peak_raises"),
        ("threshold = \"more than 1/2\"", "threshold = \"most\""),
    ];
    for (from, to) in rows {
        assert!(changed(from, to).is_err(), "{to:?} instead of {from:?}");
    }
}
