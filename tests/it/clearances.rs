//! A change that is neither the cause of an incident nor the way out of it starts beside it, if the commander lets it.

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-cards-fail";
const STEP: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                    data:1 availability:1 compliance:1 complexity:1 rollback:1 from:14:01 until:16:00";

/// Ana's change may start, but for the incident that tom leads.
async fn held_up(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    ana.says(STEP).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    let tom = bot.person("tom").discord();
    tom.says("/inc declare cards fail sev: sev1 svc: payments").await;
    bot.run_until_idle().await;
    tom.at(ROOM).says("/inc lead").await;
    bot.pass(2).await;
    bot.person("ana").slack()
}

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commander_lets_a_change_start_beside_the_incident_with_a_reason_and_for_this_revision() {
    let bot = Bot::start().await;
    let ana = held_up(&bot).await;
    let refused = ana.says("/change start CHG-1").await;
    holds(&refused, &["INC-1, P1, is open on the same service.", "[Link to incident] [Ask commander]"]);
    assert_eq!(ana.presses("Ask commander", "INC-1, P1, is open").await, "(a form)");
    let asked = ana.fills(&[("why", "it only moves old receipts")]).await;
    holds(&asked, &["asks to start *CHG-1* beside INC-1: it only moves old receipts", "INC-1: Tom Okafor decides."]);
    bot.run_until_idle().await;
    holds(&told(&bot, "tom"), &["asks to start", "[Let it start] [Refuse] [Details]"]);
    let discord = bot.person("ana").discord();
    holds(
        &discord.says("/cab clear verdict: ask change: CHG-1 why: please").await,
        &["asked already; it waits for Tom Okafor."],
    );
    holds(&ana.says("/cab clear CHG-1 allow why: it is mine").await, &["CHG-1 is your own change", "Rule 4.15"]);
    let other = bot.person("raj").discord().says("/cab clear verdict: allow change: CHG-1 why: why not").await;
    holds(&other, &["decides whoever leads that", "INC-1: Tom Okafor decides."]);
    holds(&ana.says("/change start CHG-1").await, &["is open on the same service"]);

    let tom = bot.person("tom").slack().at("@wardroom");
    assert_eq!(tom.presses("Let it start", "asks to start").await, "(a form)");
    let cleared = tom.fills(&[("why", "nothing of ours reads them")]).await;
    holds(&cleared, &["lets *CHG-1* start beside INC-1: nothing of ours reads them", "good for revision 1 of CHG-1"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["lets", "start beside INC-1", "[Start] [Details]"]);
    let late = bot.person("tom").discord().says("/cab clear verdict: deny change: CHG-1 why: no").await;
    holds(&late, &["The clearance of CHG-1 was confirmed by Tom Okafor"]);
    holds(&bot.person("ana").slack().says("/change start CHG-1").await, &["started CHG-1"]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["clearance.asked by ana", "clearance.given by tom", "change.started by ana"]);
    // It is no way out of the incident, and is not counted as one.
    assert!(!bot.decision_log("INC-1").await.contains("link.confirmed"));
    holds(&bot.person("zoe").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_waits_and_another_revision_is_asked_for_anew() {
    let bot = Bot::start().await;
    // Tom is told where he has an account.
    let on_discord = ORGANISATION.replacen("slack = \"U0TOM\"\n", "", 1);
    bot.app.apply_organisation(&on_discord, false).await.expect("accounts may go");
    let ana = held_up(&bot).await;
    let discord = bot.person("ana").discord();
    holds(&discord.says("/change start change: CHG-1").await, &["[Link to incident] [Ask commander]"]);
    assert_eq!(discord.presses("Ask commander", "INC-1, P1, is open").await, "(a form)");
    holds(&discord.fills(&[("why", "it is late")]).await, &["Tom Okafor decides."]);
    bot.run_until_idle().await;
    let tom = bot.person("tom").discord().at("@wardroom");
    assert_eq!(tom.presses("Refuse", "asks to start").await, "(a form)");
    holds(&tom.fills(&[("why", "we move queues ourselves")]).await, &["does not let **CHG-1** start beside INC-1"]);
    holds(&ana.says("/change start CHG-1").await, &["is open on the same service"]);
    ana.says("/cab clear CHG-1 ask why: it is really needed").await;
    holds(
        &bot.person("tom").discord().says("/cab clear verdict: allow change: CHG-1 why: the move is over").await,
        &["start beside INC-1"],
    );
    // What was cleared is not what it is now.
    ana.says("/change edit CHG-1 plan: restore the snapshot").await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
    holds(&ana.says("/change start CHG-1").await, &["is open on the same service"]);
    // A click links it, and counts once somebody else says the same.
    let linked = ana.presses("Link to incident", "INC-1, P1, is open").await;
    holds(&linked, &["linked *CHG-1* to INC-1 as *resolves*", "once somebody else says the same"]);
    bot.finish().await;
}
