//! A policy that comes into force on a day of its own.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use insta::assert_snapshot;
use wardroom::app::PolicyLoad;
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::domain::proposal::{Origin, Terms};
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, without_file_hashes};

/// The sample organisation, where Zoe signs policies.
fn with_a_signatory() -> String {
    format!("{ORGANISATION}\n[[roster]]\nkey = \"signatories\"\nchair = \"zoe\"\nmembers = [\"zoe\"]\n")
}

/// The built-in policy but for one number.
fn policy_of(failures: u32) -> String {
    DEFAULT_TOML.replace("suspend_from_failures = 2", &format!("suspend_from_failures = {failures}"))
}

fn from(bot: &Bot, hours: i64) -> Terms {
    let at = bot.app.clock.now().trunc_subsecs(0) + TimeDelta::hours(hours);
    Terms { effective_at: Some(at), origin: Origin::parse("audit finding 12") }
}

async fn load(bot: &Bot, source: &str, terms: &Terms) -> PolicyLoad {
    bot.app.load_policy_under(source, terms).await.expect("a sound policy")
}

/// The number that the policy in force says.
async fn in_force(bot: &Bot) -> String {
    let newest =
        "select substring(source from 'suspend_from_failures = ([0-9])') from policy order by version desc limit 1";
    bot.database.text(newest).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_nobody_has_to_sign_waits_for_its_day_alone_and_over_a_restart() {
    let bot = Bot::start().await;
    let past = bot.app.load_policy_under(&policy_of(1), &from(&bot, -1)).await.expect_err("it is past");
    holds(&past.to_string(), &["is past: a policy comes into force from now on"]);
    let far = bot.app.load_policy_under(&policy_of(1), &from(&bot, 24 * 400)).await.expect_err("it is far away");
    holds(&far.to_string(), &["is more than a year ahead"]);

    let terms = from(&bot, 3);
    let load_it = load(&bot, &policy_of(1), &terms).await;
    assert_eq!((load_it.in_force, load_it.effective_at), (false, terms.effective_at));
    assert_eq!(load(&bot, &policy_of(1), &Terms::default()).await, load_it, "a bot that starts anew keeps to its day");
    assert_snapshot!(without_file_hashes(&bot.person("ines").slack().says("/admin policy").await), @"
    Policy
    In force: version 1 (`(hash)`), since 7 Jan 14:00 UTC
    *Comes into force* 7 Jan 17:00 UTC: `(hash)` · for audit finding 12
    • `catalogue.suspend_from_failures`: 2 → 1
    ");
    let sign = bot.person("ines").slack().says("/admin policy sign 0a1b2c3d4e5f").await;
    holds(&sign, &["is not the policy that waits"]);

    bot.pass(170).await;
    assert_eq!(in_force(&bot).await, "2");
    let bot = bot.again().await;
    bot.pass(15).await;
    bot.run_until_idle().await;
    assert_eq!(in_force(&bot).await, "1");
    holds(&bot.person("raj").discord().at("changes").sees(), &["A policy was loaded"]);
    assert_snapshot!(bot.decision_log("POLICY").await, @"
    POLICY#1 policy.loaded by wardroom
    POLICY#2 policy.proposed by wardroom
    POLICY#3 policy.loaded by wardroom
    ");
    assert_snapshot!(without_file_hashes(&bot.person("raj").discord().says("/admin policy do: history").await), @"
    ### Policies that were in force
      **Version 3** (`(hash)`), since 17:00 UTC · for audit finding 12
      - `catalogue.suspend_from_failures`: 2 → 1
      **Version 1** (`(hash)`), since 14:00 UTC
    ");
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_signed_waits_for_its_day_and_can_be_stopped_until_then() {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&with_a_signatory(), false).await.expect("a sound organisation");
    let first = load(&bot, &policy_of(1), &from(&bot, 24)).await;
    assert_eq!(first.waits_for, ["Zoe Laurent"]);
    bot.run_until_idle().await;
    let zoe = bot.person("zoe").slack().at("@wardroom");
    assert_snapshot!(without_file_hashes(&bot.person("zoe").slack().private()), @"
    wardroom: Policy
    In force: version 1 (`(hash)`), since 7 Jan 14:00 UTC
    *Proposed:* `(hash)`, 7 Jan 14:00 UTC · to hold from 8 Jan 14:00 UTC · for audit finding 12 · waits for *Zoe Laurent*
    • `catalogue.suspend_from_failures`: 2 → 1
      `/admin policy sign (hash)` · `/admin policy object (hash)` and why
    The last months under (hash)
    In the last 90 days *0 of 0 changes and 0 of 0 incidents* would have come out otherwise
      Asked again with what each record says, and the services of today; points for earlier failures as they were
    [Sign] [Object]
    ");
    holds(&zoe.presses("Sign", "Policy").await, &["It comes into force 8 Jan", "until then the one before holds"]);
    holds(&zoe.presses("Sign", "Policy").await, &["is signed by everybody already"]);
    // Another with a later day waits beside it.
    load(&bot, &policy_of(3), &from(&bot, 48)).await;
    bot.run_until_idle().await;
    let shown = bot.person("ines").slack().says("/admin policy").await;
    holds(&shown, &["*Proposed:*", "to hold from", "for audit finding 12", "is signed, and comes into force"]);
    holds(&zoe.presses("Sign", "Policy").await, &["It comes into force 9 Jan"]);
    bot.pass(24 * 60 + 1).await;
    bot.run_until_idle().await;
    assert_eq!(in_force(&bot).await, "1");
    // Who has signed may think better of it while there is time.
    assert_eq!(zoe.presses("Object", "Policy").await, "(a form)");
    holds(&zoe.fills(&[("why", "three is too many")]).await, &["objects to the policy", "three is too many"]);
    bot.pass(24 * 60).await;
    bot.run_until_idle().await;
    assert_eq!(in_force(&bot).await, "1");
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_signature_after_the_day_puts_the_policy_in_force_at_once() {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&with_a_signatory(), false).await.expect("a sound organisation");
    load(&bot, &policy_of(1), &from(&bot, 2)).await;
    bot.pass(180).await;
    bot.run_until_idle().await;
    assert_eq!(in_force(&bot).await, "2");
    let zoe = bot.person("zoe").slack().at("@wardroom");
    holds(&zoe.presses("Sign", "Policy").await, &["It is in force from now on"]);
    assert_eq!(in_force(&bot).await, "1");
    let never: Option<DateTime<Utc>> = None;
    assert_eq!(load(&bot, &policy_of(1), &Terms::default()).await.effective_at, never, "it is in force already");
    bot.finish().await;
}
