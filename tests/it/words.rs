//! Words of the house for a severity, and words that nobody knows: neither keeps anybody from declaring.

use wardroom::domain::policy::DEFAULT_TOML;

use crate::harness::{Bot, holds};

async fn room(bot: &Bot, channel: &str) -> String {
    bot.run_until_idle().await;
    bot.person("ana").slack().at(channel).sees()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_severity_declares_is_marked_and_waits_for_whoever_maps_it() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    holds(&ana.says("/inc declare Critical checkout is down svc:checkout").await, &["*INC-1*", "*P1*"]);
    let unknown = ana.says("/inc declare Sev9 ledger is slow svc:ledger").await;
    holds(&unknown, &["*INC-2*", "*P2*", "“Sev9” is no severity here: *INC-2* counts as *P2* until `/inc sev`"]);
    holds(&room(&bot, "inc-2-ledger-is-slow").await, &["“Sev9”, no severity here: P2 until"]);
    let again = ana.says("/inc declare queue is long sev:SEV9 svc:ledger").await;
    holds(&again, &["*INC-3*", "“SEV9” is no severity here"]);
    assert!(!room(&bot, "inc-1-checkout-is-down").await.contains("no severity here"));

    let omar = bot.person("omar").slack();
    holds(&omar.says("/admin check").await, &["“SEV9”, 2 times, last in INC-3", "Each counts as P2 until section"]);
    let wrong = ana.says("/inc sev INC-2 sev9 why: it is small").await;
    holds(&wrong, &["“sev9” is no severity: sev1, sev2, sev3 or sev4."]);
    ana.says("/inc lead INC-2 me").await;
    ana.says("/inc sev INC-2 critical why: it spreads").await;
    let settled = room(&bot, "inc-2-ledger-is-slow").await;
    assert!(!settled.contains("Said as"), "{settled}");

    let mapped = DEFAULT_TOML.replacen("minor = \"P3\"", "minor = \"P3\", sev9 = \"P4\"", 1);
    assert!(bot.app.load_policy(&mapped).await.expect("a sound policy").in_force);
    let check = omar.says("/admin check").await;
    assert!(!check.contains("SEV9"), "{check}");
    let known = ana.says("/inc declare sev9 the search is slow svc:shop").await;
    assert!(known.contains("*P4*") && !known.contains("no severity"), "{known}");
    bot.run_until_idle().await;
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_whose_words_nobody_can_type_or_that_mean_something_already_is_refused() {
    let bot = Bot::start().await;
    for (word, said) in [
        ("\"very bad\"", "it is typed as one word"),
        ("sev2", "this word is understood already"),
        ("CRITICAL", "the same word stands twice"),
    ] {
        let wrong = DEFAULT_TOML.replacen("minor = \"P3\"", &format!("{word} = \"P3\""), 1);
        let refused = bot.app.load_policy(&wrong).await.expect_err(word).to_string();
        assert!(refused.contains(said), "{refused}");
    }
    bot.finish().await;
}
