//! While a major incident is open, a change of high risk is neither scheduled nor approved, unless its commander lets it.

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-ledger-is-slow";
const WAY_BACK: &str = "plan: put it back @ana 10m; restart it @raj 5m fails: it hangs -> put it back; it is slow -> restart \
                        it; keys are lost -> the old key abort: pages fail verify: a purchase goes through downtime: 5m";
/// Three times five: high, on a service that the incident does not reach.
const HIGH: &str = "data: 3 availability: 3 compliance: 1 complexity: 5 rollback: 2";
const MEDIUM: &str = "data: 1 availability: 3 compliance: 1 complexity: 3 rollback: 2";

async fn asked(bot: &Bot, risk: &str) -> String {
    let ask = format!("/change new move the pages svc: shop impact: none why: routine {WAY_BACK} tested: yes {risk}");
    let said = bot.person("sam").discord().says(&ask).await;
    bot.run_until_idle().await;
    said
}

/// Omar leads a major incident of the ledger.
async fn major(bot: &Bot) -> Here<'_> {
    bot.person("mia").slack().says("/inc declare sev1 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").discord().at(ROOM);
    omar.says("/inc lead person: @omar").await;
    omar.says("/inc major why: no workaround").await;
    bot.run_until_idle().await;
    omar
}

#[tokio::test(flavor = "multi_thread")]
async fn a_risky_change_is_neither_approved_nor_scheduled_in_a_major_and_the_commanders_click_lets_this_one() {
    let bot = Bot::watched().await;
    holds(&asked(&bot, HIGH).await, &["**CHG-1**", "band **high**"]);
    holds(&asked(&bot, MEDIUM).await, &["**CHG-2**", "band **medium**"]);
    let omar = major(&bot).await;
    let no = ["FRZ-1 is in force until INC-1 is over", "Omar Haddad decides", "[Ask commander]", "Rule 4.11"];
    holds(&bot.person("ines").slack().says("/change approve CHG-1").await, &no);
    holds(&bot.person("mia").discord().says("/change approve CHG-1").await, &no);
    holds(
        &bot.person("raj")
            .discord()
            .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
            .await,
        &no,
    );
    let sam = bot.person("sam").discord();
    holds(&sam.says("/change sched change: CHG-1 from: +20h until: +2h").await, &no);
    // Nobody is kept from a no, nor from what is less risky.
    let abstained = bot.person("mia").slack().says("/change abstain CHG-1").await;
    assert!(!abstained.contains("Rule 4.11"), "{abstained}");
    let less = bot.person("ines").slack().says("/change approve CHG-2").await;
    assert!(!less.contains("Rule 4.11"), "{less}");

    assert_eq!(sam.presses("Ask commander", "FRZ-1 is in force").await, "(a form)");
    holds(&sam.fills(&[("why", "the old host is switched off")]).await, &["Omar Haddad decides"]);
    bot.run_until_idle().await;
    let allowed = omar.says("/freeze allow change: CHG-1 why: it is far from the ledger").await;
    holds(&allowed, &["CHG-1"]);
    bot.run_until_idle().await;
    let ines = bot.person("ines").slack().says("/change approve CHG-1").await;
    assert!(!ines.contains("Rule 4.11"), "{ines}");
    // For two hours.
    bot.pass(121).await;
    holds(
        &bot.person("raj")
            .discord()
            .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
            .await,
        &no[..2],
    );
    holds(&bot.decision_log("CHG-1").await, &["refused by ines", "refused by mia", "refused by raj", "refused by sam"]);
    bot.finish().await;
}
