//! How far the freeze of a major incident reaches, how long it stays, and who ends it.

use crate::freezes::major;
use crate::harness::{Bot, holds};

const PAYMENTS: &str = "inc-1-cards-fail";

/// A change on the web shop, two steps from the payments.
fn on_the_shop(title: &str, impact: u8, hour: u8) -> String {
    format!(
        "/change new {title} svc:shop impact: slow pages why: it is due plan: drain it @ines 5m; put the old one back @ines \
         10m fails: no traffic -> put it back; errors -> put it back; slow -> wait abort: ten minutes without traffic \
         verify: a purchase goes through tested:yes data:{impact} availability:1 compliance:1 complexity:{impact} rollback:3 \
         from:+{hour}h until:+1h"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_a_major_risky_changes_wait_everywhere_until_its_commander_lets_one_through() {
    let bot = Bot::watched().await;
    major(&bot).await;
    let ines = bot.person("ines").slack();
    let risky = ines.says(&on_the_shop("a new search", 4, 1)).await;
    holds(&risky, &["*CHG-1*", "FRZ-1 stands in its way: INC-1 is a major incident", "asks Omar Haddad"]);
    let small = ines.says(&on_the_shop("a new colour", 1, 3)).await;
    holds(&small, &["*CHG-2*"]);
    assert!(!small.contains("FRZ-1"), "the shop is two steps from the payments: {small}");
    ines.says(&on_the_shop("a new basket", 4, 5)).await;
    bot.run_until_idle().await;
    let raj = bot.person("raj").discord();
    let checked = raj.says("/freeze check change: CHG-1").await;
    holds(&checked, &["It may not start: FRZ-1 holds it up", "A change of high or critical risk outside the scope"]);
    holds(&raj.says("/freeze check change: CHG-2").await, &["No freeze holds it up"]);

    ines.says("/freeze except CHG-1 why: the old search fills the disk").await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").discord().at(PAYMENTS);
    let allowed = omar.says("/freeze allow change: CHG-1 why: a full disk is worse").await;
    holds(&allowed, &["lets CHG-1 through **FRZ-1** until 16:00 UTC: a full disk is worse"]);
    holds(&ines.says("/freeze check CHG-1").await, &["No freeze holds it up", "An exception was granted"]);
    holds(&ines.says("/freeze check CHG-3").await, &["It may not start: FRZ-1 holds it up"]);

    // While things settle, what is far from it goes on.
    omar.says("/inc stand-down why: calm again").await;
    holds(&ines.says("/freeze check CHG-3").await, &["No freeze holds it up"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole."]);
    bot.finish().await;
}

/// A major incident on a service that is over again.
async fn over_on(service: &str) -> Bot {
    let bot = Bot::watched().await;
    bot.person("ana").slack().says(&format!("/inc declare sev1 it is down svc:{service}")).await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").discord().at("inc-1-it-is-down");
    omar.says("/inc lead person: @omar").await;
    omar.says("/inc major why: nothing answers").await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").slack().at("inc-1-it-is-down");
    omar.says("/inc status mitigated").await;
    let resolved = omar.says("/inc resolve it was started again").await;
    holds(&resolved, &["*FRZ-1* stays until 8 Jan 02:00 UTC"]);
    bot.run_until_idle().await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_service_of_tier_1_was_hit_things_settle_for_half_a_day() {
    // Tier 2, and tier 4.
    for service in ["shop", "reports"] {
        let bot = over_on(service).await;
        bot.pass(12 * 60 - 1).await;
        assert!(!bot.decision_log("FRZ-1").await.contains("freeze.lifted"), "not before its time");
        bot.pass(1).await;
        for here in [bot.person("ana").slack().at("changes"), bot.person("raj").discord().at("changes")] {
            holds(&here.sees(), &["FRZ-1 · settling · lifted", "changes may go on"]);
        }
        bot.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_things_settle_the_owner_acts_where_nobody_commands_any_more() {
    let bot = Bot::watched().await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(PAYMENTS).says("/inc major why: it spreads").await;
    bot.run_until_idle().await;
    bot.person("mia").slack().at(PAYMENTS).presses("Confirm", "INC-1").await;
    let early = bot.person("mia").slack().says("/freeze off FRZ-1 why: it is mine").await;
    holds(&early, &["You cannot set or lift this freeze", "Rule 4.23"]);
    bot.person("omar").slack().at(PAYMENTS).says("/inc stand-down calm again").await;
    let other = bot.person("raj").discord().says("/freeze extend freeze: FRZ-1 why: wait").await;
    holds(&other, &["Nobody commands its incident any more: a change manager can, or Mia Chen", "Rule 4.23"]);
    let longer = bot.person("mia").slack().says("/freeze extend FRZ-1 why: error rates still move").await;
    holds(&longer, &["extended *FRZ-1*", "error rates still move"]);
    let off = bot.person("mia").discord().says("/freeze off freeze: FRZ-1 why: it is calm").await;
    holds(&off, &["lifted **FRZ-1**: it is calm"]);
    holds(&bot.decision_log("FRZ-1").await, &["freeze.extended by mia", "freeze.lifted by mia"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_somebody_commands_the_owner_does_not_end_what_settles() {
    let bot = Bot::watched().await;
    major(&bot).await;
    bot.person("omar").slack().at(PAYMENTS).says("/inc stand-down calm again").await;
    let owner = bot.person("mia").slack().says("/freeze off FRZ-1 why: it is mine").await;
    holds(&owner, &["You cannot set or lift this freeze", "Rule 4.23"]);
    bot.finish().await;
}
