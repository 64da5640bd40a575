//! A policy that somebody has to sign: proposed, read, signed by all or objected to by one.

use insta::assert_snapshot;
use wardroom::app::PolicyLoad;
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, without_file_hashes};

/// The sample organisation, where Zoe and Mia sign policies.
fn with_signatories() -> String {
    format!("{ORGANISATION}\n[[roster]]\nkey = \"signatories\"\nchair = \"zoe\"\nmembers = [\"zoe\", \"mia\"]\n")
}

/// The built-in policy but for one number.
fn stricter() -> String {
    let stricter = DEFAULT_TOML.replace("suspend_from_failures = 2", "suspend_from_failures = 1");
    assert_ne!(stricter, DEFAULT_TOML);
    stricter
}

async fn load(bot: &Bot, source: &str) -> PolicyLoad {
    bot.app.load_policy(source).await.expect("a sound policy")
}

async fn start() -> Bot {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&with_signatories(), false).await.expect("a sound organisation");
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_in_force_once_everybody_listed_has_signed_it() {
    let bot = start().await;
    let proposed = load(&bot, &stricter()).await;
    assert_eq!(proposed.waits_for, ["Zoe Laurent", "Mia Chen"]);
    assert!(!proposed.in_force);
    assert_eq!(load(&bot, &stricter()).await, proposed, "twice is once");
    bot.run_until_idle().await;
    assert_snapshot!(without_file_hashes(&bot.person("zoe").slack().private()), @"
    wardroom: Policy
    In force: version 1 (`(hash)`), since 7 Jan 14:00 UTC
    *Proposed:* `(hash)`, 7 Jan 14:00 UTC · waits for *Zoe Laurent*, *Mia Chen*
    • `catalogue.suspend_from_failures`: 2 → 1
      `/admin policy sign (hash)` · `/admin policy object (hash)` and why
    The last months under (hash)
    In the last 90 days *0 of 0 changes and 0 of 0 incidents* would have come out otherwise
      Asked again with what each record says, and the services of today; points for earlier failures as they were
    [Sign] [Object]
    ");

    let early = bot.person("ines").slack().says("/admin policy").await;
    holds(&early, &["In force: version", "*Proposed:*", "`catalogue.suspend_from_failures`: 2 → 1"]);
    let hash = early.split("sign ").nth(1).and_then(|rest| rest.split('`').next()).expect("a hash").to_owned();
    let other = bot.person("ines").slack().says(&format!("/admin policy sign {hash}")).await;
    holds(&other, &["You are not among those who sign this policy", "Zoe Laurent, Mia Chen are", "Rule 4.23"]);
    holds(&bot.person("mia").discord().says("/admin policy do: sign").await, &["Which policy?"]);
    holds(
        &bot.person("mia").discord().says("/admin policy do: sign hash: 0a1b2c3d4e5f").await,
        &["is not the policy that waits"],
    );

    let first = bot.person("zoe").slack().at("@wardroom").presses("Sign", "Policy").await;
    holds(&first, &["signs the policy", "It waits for Mia Chen"]);
    let again = bot.person("zoe").slack().says(&format!("/admin policy sign {hash}")).await;
    holds(&again, &["You signed", "already; it waits for Mia Chen"]);
    let version = "select max(version)::bigint from policy";
    let before = bot.database.count(version).await;
    let last = bot.person("mia").discord().says(&format!("/admin policy do: sign hash: {hash}")).await;
    holds(&last, &["It is in force from now on"]);
    assert!(bot.database.count(version).await > before);
    bot.run_until_idle().await;
    holds(&bot.person("raj").discord().at("changes").sees(), &["signs the policy"]);
    assert_snapshot!(bot.decision_log("POLICY").await, @"
    POLICY#1 policy.loaded by wardroom
    POLICY#2 policy.proposed by wardroom
    POLICY#3 refused by ines
    POLICY#4 policy.signed by zoe
    POLICY#5 policy.signed by mia
    POLICY#6 policy.loaded by mia
    ");
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole"]);
    assert_eq!(load(&bot, &stricter()).await, PolicyLoad::default());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_objection_keeps_the_policy_before_in_force() {
    let bot = start().await;
    load(&bot, &stricter()).await;
    bot.run_until_idle().await;
    let zoe = bot.person("zoe").slack().at("@wardroom");
    assert_eq!(zoe.presses("Object", "Policy").await, "(a form)");
    let told = zoe.fills(&[("why", "one failure may be chance")]).await;
    holds(&told, &["objects to the policy", "one failure may be chance", "the one in force stays"]);
    let refused = load(&bot, &stricter()).await;
    assert!(refused.rejected && !refused.in_force);
    holds(
        &bot.person("mia").slack().at("@wardroom").presses("Sign", "Policy").await,
        &["No policy waits for signatures"],
    );
    // Mended, it is proposed anew; a button of the one before is about that one.
    load(&bot, &stricter().replace("suspend_from_failures = 1", "suspend_from_failures = 3")).await;
    bot.run_until_idle().await;
    let shown = bot.person("ines").slack().says("/admin policy").await;
    holds(&shown, &["`catalogue.suspend_from_failures`: 2 → 3", "waits for *Zoe Laurent*, *Mia Chen*"]);
    assert_eq!(bot.database.count("select count(*) from policy").await, 1);
    bot.finish().await;
}
