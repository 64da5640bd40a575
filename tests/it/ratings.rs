//! What the uses of an entry say of the catalogue: ratings that have it revised, changes that could become one.

use wardroom::domain::policy::DEFAULT_TOML;

use crate::harness::{Bot, holds};

/// Tom uses the entry on a service, and it works.
async fn used(bot: &Bot, change: &str, service: &str) {
    let tom = bot.person("tom").slack();
    holds(&tom.says(&format!("/change std log-rotation keep_days:14 svc:{service}")).await, &[change]);
    holds(&tom.says(&format!("/change start {change}")).await, &["started"]);
    holds(
        &tom.says(&format!("/cab standard rate {change} helpful:4 wrong:no")).await,
        &["can be rated once it is over"],
    );
    tom.says(&format!("/change done {change}")).await;
    let mia = bot.person("mia").slack();
    holds(&mia.says(&format!("/change after validate {change} ok")).await, &["works"]);
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_low_ratings_ask_the_owner_once_to_revise_an_entry_and_a_revised_one_begins_anew() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    used(&bot, "CHG-1", "ledger").await;
    let here = bot.person("tom").slack().at("@wardroom");
    assert_eq!(here.presses("Rate it", "CHG-1 is over: log-rotation (version 1) on Ledger").await, "(a form)");
    holds(
        &here.fills(&[("helpful", "2"), ("wrong", "yes"), ("why", "step 2 has the old path")]).await,
        &["2 of 5: a step was wrong: step 2"],
    );
    holds(&tom.says("/cab standard rate CHG-1 helpful:5 wrong:no").await, &["You rated log-rotation 2 of 5 already"]);
    holds(
        &bot.person("mia").slack().says("/cab standard rate CHG-1 helpful:5 wrong:no").await,
        &["Tom Okafor carried CHG-1 out."],
    );
    used(&bot, "CHG-2", "accounts").await;
    let second = tom.says("/cab standard rate CHG-2 helpful:1 wrong:no").await;
    assert!(!second.contains("revised"), "{second}");
    used(&bot, "CHG-3", "reports").await;
    let third = tom.says("/cab standard rate CHG-3 helpful:2 wrong:no").await;
    holds(&third, &["*log-rotation (version 1) is to be revised*", "(3 ratings)", "until 21 Jan"]);
    bot.run_until_idle().await;
    holds(
        &bot.person("raj").discord().at("changes").sees(),
        &["**log-rotation (version 1) is to be revised**", "For @tom"],
    );
    holds(&tom.says("/change std svc:ledger").await, &["rated 1.6 of 5 by 3", "*to be revised*"]);
    bot.pass(20).await;
    used(&bot, "CHG-4", "ledger").await;
    let fourth = tom.says("/cab standard rate CHG-4 helpful:1 wrong:no").await;
    assert!(!fourth.contains("is to be revised"), "once: {fourth}");
    holds(&tom.says("/log verify CHG-3").await, &["*The log of CHG-3 is whole.*"]);
    let revised = DEFAULT_TOML.replacen("version = 1\nowner = \"tom\"", "version = 2\nowner = \"tom\"", 1);
    assert!(bot.app.load_policy(&revised).await.expect("a sound policy").in_force);
    let anew = tom.says("/change std svc:ledger").await;
    assert!(!anew.contains("rated") && !anew.contains("to be revised"), "{anew}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_went_well_often_enough_are_suggested_to_the_owner_once() {
    let bot = Bot::start().await;
    let often = DEFAULT_TOML.replacen("promote_from_uses = 20", "promote_from_uses = 2", 1);
    assert!(bot.app.load_policy(&often).await.expect("a sound policy").in_force);
    let (ana, mia) = (bot.person("ana").slack(), bot.person("mia").slack());
    for number in 1..=3 {
        ana.says(
            "/change new Empty the queue svc:payments impact: none why: routine plan: fill it again tested:yes data:1 \
             availability:1 compliance:1 complexity:1 rollback:1 from:+1m until:+30m",
        )
        .await;
        mia.says(&format!("/change approve CHG-{number}")).await;
        bot.pass(2).await;
        holds(&ana.says(&format!("/change start CHG-{number}")).await, &["started"]);
        ana.says(&format!("/change done CHG-{number}")).await;
        let told = mia.says(&format!("/change after validate CHG-{number} ok")).await;
        let suggested = "*CHG-2 is number 2 of its kind on payments, and all went well.*";
        assert_eq!(told.contains(suggested), number == 2, "{told}");
        bot.pass(45).await;
    }
    holds(&bot.person("raj").discord().at("changes").sees(), &["**CHG-2 is number 2 of its kind", "For @mia"]);
    holds(&ana.says("/log verify CHG-2").await, &["*The log of CHG-2 is whole.*"]);
    bot.finish().await;
}
