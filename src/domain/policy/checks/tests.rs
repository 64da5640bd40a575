use super::super::DEFAULT_TOML;
use super::*;

/// The sample with one thing changed in its text.
fn changed(from: &str, to: &str) -> Result<Policy, toml::de::Error> {
    assert!(DEFAULT_TOML.contains(from), "the sample has {from:?}");
    toml::from_str(&DEFAULT_TOML.replacen(from, to, 1))
}

fn said(policy: &Policy) -> Vec<String> {
    policy.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn the_sample_policy_has_no_problems() {
    assert_eq!(said(&Policy::sample()), Vec::<String>::new());
}

#[test]
fn a_policy_that_is_older_than_a_number_is_read_with_the_built_in_one() {
    let newer = [
        "[deadlines.acceptance]\np1 = { minutes = 15 }\np2 = { minutes = 30 }\notherwise = { business_days = 1 }\n# What they accept is good for so many days, where they say nothing else, and for so many at most: what has not started by\n# then waits until somebody accepts it anew.\nvalid_days = 30\nvalid_days_max = 90\n",
        "[deadlines.ruling]\nincident = { minutes = 15 }\notherwise = { business_days = 1 }\n",
        "[deadlines.extension]\nregular = { business_days = 1 }\n",
        "[incidents]\nreopen_within_minutes = 4320\n",
        "announced_business_days = [5, 1]\n",
        "announced_minutes = [60]\n",
    ];
    let mut old = DEFAULT_TOML.to_owned();
    for lines in newer {
        assert!(old.contains(lines), "the sample has {lines}");
        old = old.replacen(lines, "", 1);
    }
    assert_eq!(toml::from_str::<Policy>(&old).expect("it is a policy still"), Policy::sample());
}

#[test]
fn a_policy_that_contradicts_itself_is_told_so_in_words() {
    #[rustfmt::skip]
    let rows = [
        ("outage       = [\"I1\", \"I1\"", "outage = [\"I2\", \"I1\"", "impact.matrix.outage: it is felt harder"),
        ("I1 = [\"P1\", \"P1\"", "I1 = [\"P2\", \"P1\"", "priority.matrix.I1: it is more urgent"),
        ("medium   = [8, 14]", "medium = [9, 14]", "risk.bands.medium: there is a gap: low ends at 7, medium begins at 9."),
        ("medium   = [8, 14]", "medium = [7, 14]", "risk.bands.medium: low and medium overlap"),
        ("critical = [22, 40]", "critical = [22, 10]", "risk.bands.critical: it ends before it begins"),
        ("tier = [3, 1, 0, -1]", "tier = [3, 4, 0, -1]", "a less critical tier adds more"),
        ("rate_below_percent = [2, 6", "rate_below_percent = [6, 6", "does not rise"),
        ("12, 25]", "12, 250]", "a rate above 100 % can never be reached"),
        ("min_participation = \"50%\"", "min_participation = \"150%\"", "votes.cab_high.min_participation: 150% is not"),
        ("threshold = \"more than 1/2\"", "threshold = \"more than 1/1\"", "can never be reached"),
        ("min_approvals = 3", "min_approvals = 9", "it can never be reached: 3 may vote, yet 9 have to approve"),
        ("[\"change_manager\", \"service_owner\"]", "[\"service_owner\", \"service_owner\"]", "a seat stands twice"),
        ("remind_at = [\"50%\", \"80%\"]", "remind_at = [\"80%\", \"50%\"]", "votes.remind_at: the shares do not rise"),
        ("remind_at = [\"50%\", \"80%\"]", "remind_at = [\"100%\"]", "votes.remind_at: each is more than nothing and less"),
        ("acceptance_fills_seat = \"executive\"", "acceptance_fills_seat = \"commander\"", "does not require that seat"),
        ("low      = [\"service_owner\"]", "low = []", "approvals.normal.low: it is empty"),
        ("hot_days = 396, until_days = 1096", "hot_days = 1396, until_days = 1096", "retention.rule: incident ends before it"),
        ("until_days = 1096", "until_days = 0", "retention.rule: incident of 0 days is no age to end at"),
        ("regime = \"sox\", ", "", "retention.rule: change stands there twice"),
        ("decision_minutes = 15", "decision_minutes = 4", "the decision is due before the first answer"),
        ("decision = { business_days = 2 }", "decision = { business_days = 0 }", "deadlines.normal.low.decision: it is zero"),
        ("peer_ack = { business_days = 1 }", "peer_ack = { business_days = 3 }", "deadlines.normal.low.decision: the decision"),
        ("next_cab = true\n# A", "next_cab = false\n# A", "next_cab_not_before: it has no effect"),
        ("warn_minutes_left = [30, 10]", "warn_minutes_left = [300, 10]", "a warning falls outside the window of p1"),
        ("announced_business_days = [5, 1]", "announced_business_days = [1, 5]", "the later announcement comes first"),
        ("announced_minutes = [60]", "announced_minutes = [60, 0]", "the beginning itself is told anyway"),
        ("normal    = [\"approval\", \"ahead\", ", "normal = [\"approval\", \"ahead\", \"1h\", ", "notices.normal: the same notice"),
        ("normal    = [\"approval\", \"ahead\", \"start\", \"end\", \"moved\", \"cancelled\"]", "normal = []", "notices.normal: it is empty"),
        ("emergency = [\"approval\", ", "emergency = [\"approval\", \"5bd\", ", "notices.emergency: an emergency begins with"),
        ("preview = { minutes = 15 }", "preview = { minutes = 0 }", "notices.preview: it is zero"),
        ("reopen_within_minutes = 4320", "reopen_within_minutes = 600000", "incidents.reopen_within_minutes: 10000 hours is"),
        ("review_after_days = 365", "review_after_days = 0", "registry.review_after_days: it is not between 1 and 366"),
        ("amendment_due_days = 90", "amendment_due_days = 9000", "registry.amendment_due_days: it is not between 1"),
        ("review_late_after_days = 14", "review_late_after_days = 0", "registry.review_late_after_days: it is not"),
        ("remind_before_days = 7", "remind_before_days = 700", "registry.remind_before_days: it is not between 1"),
        ("p1 = { minutes = 30 }", "p1 = { minutes = 0 }", "updates.cadence.p1: it is zero"),
        ("p1 = { minutes = 30 }", "p1 = { minutes = 600000 }", "10000 hours is longer than a year"),
        ("max_minutes = 4320", "max_minutes = 1000", "begins longer than max_minutes allows"),
        ("override_valid_minutes = 120", "override_valid_minutes = 0", "freezes.override_valid_minutes: it is zero"),
        ("notice_business_days = [10, 2]", "notice_business_days = [2, 10]", "the later notice comes first"),
        ("closes = \"17:00\"", "closes = \"08:00\"", "it closes before it opens"),
        ("asks = []", "asks = [\"data_owner\"]", "contingency.low.asks: data_owner cannot be asked for here"),
        ("failure_modes = 1", "failure_modes = 9", "contingency.high: it asks for fewer steps or failure modes"),
        ("verification = \"check\"", "verification = \"automatic\"", "contingency.medium: it asks for a weaker check"),
        ("asks = []", "asks = [\"standby\"]", "contingency.medium.asks: the band below asks for something"),
        ("suggest_from = 40", "suggest_from = 70", "links.suggest_from: it is not below auto_from"),
        ("confidence_max = 99", "confidence_max = 60", "links.auto_from: it can never be reached"),
        ("up2          = [[1, 60]", "up2 = [[1, 30]", "links.up2: the hours do not rise"),
        ("running_per_service_max = 1", "running_per_service_max = 0", "nothing could ever start"),
        ("low = [\"calm_cadence\", ", "low = [", "exceptions: there is a gap: calm_cadence is in no list"),
        ("low = [\"calm_cadence\"", "low = [\"standby\", \"calm_cadence\"", "exceptions.low: standby stands in more than one list"),
        ("low = [\"calm_cadence\"", "low = [\"duties\", \"calm_cadence\"", "exceptions.low: duties cannot be set aside"),
        ("key = \"lessons\"", "key = \"evidence\"", "checklists.breach: the key evidence stands twice"),
        ("max_age_hours = 24", "max_age_hours = 0", "max_age_hours of backup_verified: evidence counts for 1 to 8784"),
        ("max_age_hours = 24", "max_age_hours = 8785", "max_age_hours of backup_verified: evidence counts for 1 to 8784"),
        ("key = \"lessons\"", "key = \"what we learnt\"", "\"what we learnt\" is no key"),
        ("suspend_from_failures = 2", "suspend_from_failures = 11", "it can never be reached: it is above"),
        ("revise_below_rating = \"5/2\"", "revise_below_rating = \"1/2\"", "ratings go from 1 to 5"),
        ("last_confirmation_minutes = 60", "last_confirmation_minutes = 2880", "the last confirmation is due before"),
        ("drill            = { hold = { business_days = 5 } }", "drill = {}", "reviews.drill: it has no date"),
    ];
    for (from, to, problem) in rows {
        let problems = said(&changed(from, to).expect("it still loads"));
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
        ("verification = \"automatic\"", "verification = \"robotic\""),
        ("before = \"validate\"", "before = \"lunch\""),
        ("emergency = [\"approval\", ", "emergency = [\"aproval\", "),
        ("emergency = [\"approval\", ", "emergency = [\"5days\", "),
    ];
    for (from, to) in rows {
        assert!(changed(from, to).is_err(), "{to:?} instead of {from:?}");
    }
}
