//! Too few may vote, or nobody may fill a seat: the decision authority is asked at once, to appoint somebody or to fill it.

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, is_whole};

const ROOM: &str = "inc-1-cards-fail";
const HIGH: &str = "data:2 availability:3 compliance:1 complexity:3 rollback:3";

/// The emergency board is Tom alone.
fn few() -> String {
    let board = "chair = \"ines\"\nmembers = [\"mia\", \"tom\", \"ines\", \"kim\"]";
    let few = ORGANISATION.replace(board, "chair = \"tom\"\nmembers = [\"tom\"]");
    assert_ne!(few, ORGANISATION, "the board is written like this");
    few
}

/// Ana asks for an emergency of high risk in a P1; the answer comes back.
async fn asked(organisation: &str) -> (Bot, String) {
    let bot = Bot::start().await;
    bot.app.apply_organisation(organisation, false).await.expect("it can be applied");
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ask = "/change emergency roll back 4.2 impact: cards fail why: it costs sales plan: deploy it again tested:yes";
    let answer = ana.at(ROOM).says(&format!("{ask} {HIGH}")).await;
    bot.run_until_idle().await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.run_until_idle().await;
    (bot, answer)
}

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_too_few_may_vote_the_authority_appoints_somebody_and_the_vote_begins() {
    let (bot, answer) = asked(&few()).await;
    holds(&answer, &["CHG-1", "The roster is too small: 1 can vote, 2 are needed", "*Omar Haddad* is asked until"]);
    assert!(!bot.decision_log("CHG-1").await.contains("approval_expired"), "nobody was asked yet");
    let omar = told(&bot, "omar");
    holds(&omar, &["You are asked to rule on CHG-1", "a roster that is too small to vote", "appoint:@name"]);
    holds(&omar, &["[Deny] [Details]"]);
    let omar = bot.person("omar").slack();
    let whom = omar.says("/cab rule CHG-1 allow why: they know it").await;
    holds(&whom, &["Too few may vote on CHG-1: whom do you appoint?", "appoint:@name"]);
    for (who, why) in
        [("ana", "they asked for it or carry it out"), ("raj", "counts already"), ("tom", "on the roster")]
    {
        let refused = omar.says(&format!("/cab rule CHG-1 allow appoint:@{who} why: they know it")).await;
        holds(&refused, &["cannot be appointed to vote on CHG-1", why, "Rule 4.13"]);
    }
    bot.pass(10).await;
    let mia = "/cab rule verdict: allow change: CHG-1 why: she owns it appoint: @mia";
    let ruled = bot.person("omar").discord().says(mia).await;
    holds(
        &ruled,
        &["appointed", "to vote on **CHG-1**", "ruled on **CHG-1** (roster): **allow**", "The vote begins now"],
    );
    bot.run_until_idle().await;
    holds(&told(&bot, "mia"), &["You are asked for CHG-1", "board member", "being appointed to vote"]);
    // The vote has all of its time from now on.
    bot.pass(14).await;
    bot.person("tom").slack().at(ROOM).says("/change approve CHG-1").await;
    let last = bot.person("mia").slack().at("@wardroom").presses("Approve", "CHG-1").await;
    holds(&last, &["voted *approve* on CHG-1"]);
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().at(ROOM).says("/change show CHG-1").await, &["approved"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_that_nobody_fills_up_is_a_no_at_the_end_of_the_chain_over_a_restart() {
    let (bot, _) = asked(&few()).await;
    bot.pass(15).await;
    let bot = bot.again().await;
    holds(&told(&bot, "zoe"), &["You are asked to rule on CHG-1"]);
    bot.pass(14).await;
    assert!(!bot.decision_log("CHG-1").await.contains("approval_expired"), "zoe has a minute yet");
    bot.pass(1).await;
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["ruling.unanswered by wardroom", "vote.closed by wardroom", "change.approval_expired by wardroom"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_nobody_may_fill_is_on_record_and_the_authority_fills_it() {
    let nobody = ORGANISATION.replace("roles = [\"executive\", \"compliance\"]", "roles = [\"executive\"]");
    let payments = "owner = \"mia\"\nteam = \"payments\"\n";
    let tagged = nobody.replacen(payments, &format!("{payments}compliance = [\"pci\"]\n"), 1);
    let tagged = tagged.replacen("key = \"ana\"\n", "key = \"ana\"\ncertified = [\"pci\"]\n", 1);
    assert!(nobody != ORGANISATION && tagged.contains("certified"), "roles and services are written like this");
    let (bot, answer) = asked(&tagged).await;
    holds(&answer, &["Nobody may be asked for CHG-1 as compliance officer", "administrator", "compliance officer"]);
    holds(
        &told(&bot, "omar"),
        &["a seat that nobody may fill", "compliance officer: nobody could be asked", "in your name"],
    );
    for voter in ["mia", "tom"] {
        bot.person(voter).slack().at(ROOM).says("/change approve CHG-1").await;
    }
    let omar = bot.person("omar").slack().at("@wardroom");
    assert_eq!(omar.presses("Allow", "rule on CHG-1").await, "(a form)");
    let ruled = omar.fills(&[("why", "no card data is touched")]).await;
    holds(&ruled, &["approved CHG-1 as compliance officer", "CHG-1 is approved"]);
    bot.run_until_idle().await;
    holds(&bot.person("raj").discord().says("/change show change: CHG-1").await, &["☑ compliance officer · @omar"]);
    bot.finish().await;
}
