//! A policy in force: who has read it, and who looks at it again after a year.

use insta::assert_snapshot;
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::domain::proposal::{Origin, PolicyCommand, Terms};
use wardroom::domain::{Command, Subject};
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, without_file_hashes};

const YEAR: i32 = 366 * 24 * 60;

/// The sample organisation with one more roster.
fn with_roster(key: &str, members: &str) -> String {
    format!("{ORGANISATION}\n[[roster]]\nkey = \"{key}\"\nchair = \"zoe\"\nmembers = [{members}]\n")
}

/// The built-in policy but for one number.
fn policy_of(failures: u32) -> String {
    DEFAULT_TOML.replace("suspend_from_failures = 2", &format!("suspend_from_failures = {failures}"))
}

/// What the housekeeping does once a day.
async fn look_after(bot: &Bot) {
    let tenant = *bot.app.store.tenants().await.expect("Postgres answers").first().expect("a unit");
    let command = Command::Policy(PolicyCommand::LookAfter);
    bot.app.perform(tenant, Subject::Policy, command, "housekeeping:policy").await.expect("it can be looked after");
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lives_by_a_policy_is_told_what_it_changes_and_says_that_they_have_read_it() {
    let bot = Bot::start().await;
    let readers = with_roster("readers", "\"zoe\", \"raj\"");
    bot.app.apply_organisation(&readers, false).await.expect("a sound organisation");
    bot.app.load_policy(&policy_of(1)).await.expect("a sound policy");
    bot.run_until_idle().await;
    assert_snapshot!(without_file_hashes(&bot.person("zoe").slack().private()), @"
    wardroom: A new policy is in force
    Version 2 (`(hash)`), since 7 Jan 14:00 UTC. What differs from the one before:
    • `catalogue.suspend_from_failures`: 2 → 1
    [I have read it]
    ");
    let shown = bot.person("ines").slack().says("/admin policy").await;
    holds(&shown, &["Read by 0 of 2", "not yet: *Raj Patel*, *Zoe Laurent*"]);

    let zoe = bot.person("zoe").slack().at("@wardroom");
    holds(&zoe.presses("I have read it", "new policy").await, &["has read the policy"]);
    holds(&zoe.presses("I have read it", "new policy").await, &["You have said so already"]);
    let shown = bot.person("ines").slack().says("/admin policy").await;
    holds(&shown, &["Read by 1 of 2", "not yet: *Raj Patel*"]);
    bot.app.load_policy(&policy_of(3)).await.expect("a sound policy");
    let late = bot.person("raj").discord().says("/admin policy do: read").await;
    holds(&late, &["has read the policy"]);
    assert_snapshot!(bot.decision_log("POLICY").await, @"
    POLICY#1 policy.loaded by wardroom
    POLICY#2 policy.loaded by wardroom
    POLICY#3 policy.read by zoe
    POLICY#4 policy.loaded by wardroom
    POLICY#5 policy.read by raj
    ");
    bot.run_until_idle().await;
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_of_an_older_policy_says_that_a_newer_one_is_in_force() {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&with_roster("readers", "\"zoe\""), false).await.expect("a sound organisation");
    bot.app.load_policy(&policy_of(1)).await.expect("a sound policy");
    bot.run_until_idle().await;
    bot.app.load_policy(&policy_of(3)).await.expect("a sound policy");
    let zoe = bot.person("zoe").slack().at("@wardroom");
    holds(&zoe.presses("I have read it", "new policy").await, &["A newer policy is in force"]);
    bot.run_until_idle().await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_looks_at_a_policy_after_a_year_and_an_auditor_does_not_wait_for_ever() {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&with_roster("signatories", "\"zoe\""), false).await.expect("a sound organisation");
    look_after(&bot).await;
    let terms = Terms { effective_at: None, origin: Origin::parse("audit finding 12") };
    bot.app.load_policy_under(&policy_of(1), &terms).await.expect("a sound policy");
    bot.sleep_through(29 * 24 * 60).await;
    look_after(&bot).await;
    let log = bot.decision_log("POLICY").await;
    assert!(!log.contains("overdue") && !log.contains("review_due"), "{log}");
    bot.sleep_through(2 * 24 * 60).await;
    look_after(&bot).await;
    look_after(&bot).await;
    bot.sleep_through(YEAR - 31 * 24 * 60).await;
    look_after(&bot).await;
    look_after(&bot).await;
    assert_snapshot!(bot.decision_log("POLICY").await, @"
    POLICY#1 policy.loaded by wardroom
    POLICY#2 policy.proposed by wardroom
    POLICY#3 policy.overdue by wardroom
    POLICY#4 policy.review_due by wardroom
    ");
    holds(&bot.person("zoe").slack().private(), &["holds since", "The policy is looked at once a year."]);
    bot.sleep_through(YEAR).await;
    look_after(&bot).await;
    let asked = "select count(*) from dlog.entry where kind = 'policy.review_due'";
    assert_eq!(bot.database.count(asked).await, 2, "and again after another year");
    bot.finish().await;
}
