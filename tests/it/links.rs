//! What a change is to an incident: proposed when it is declared, decided by its commander, seen from both sides.

use chrono::TimeDelta;
use wardroom::domain::history::{Alike, HistoryGroup};
use wardroom::domain::rules::ChangeKind;

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-cards-fail";
const STEP: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                    data:1 availability:1 compliance:1 complexity:1 rollback:1 from:14:01 until:16:00";

/// Ana has moved the queue of the payments, and is not done yet.
async fn running(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    ana.says(STEP).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.pass(2).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    ana
}

/// Tom declares an incident of the payments, and leads it.
async fn led(bot: &Bot, sev: &str) -> String {
    let tom = bot.person("tom").discord();
    let declared = tom.says(&format!("/inc declare cards fail sev: {sev} svc: payments")).await;
    bot.run_until_idle().await;
    tom.at(ROOM).says("/inc lead").await;
    bot.run_until_idle().await;
    declared
}

/// The causes that are counted against changes of a kind on the payments.
async fn failures(bot: &Bot) -> (u32, u32) {
    let since = bot.app.clock.now() - TimeDelta::days(365);
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let group = HistoryGroup { alike: Alike::Kind(ChangeKind::Normal), service: Some("payments".to_owned()) };
    let history = tx.changes_like(&group, since).await.expect("a count");
    tx.rollback().await.expect("nothing was written");
    (history.failures, history.changes)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ran_is_proposed_as_the_cause_and_the_commander_decides_on_either_platform() {
    let bot = Bot::start().await;
    let ana = running(&bot).await;
    let declared = led(&bot, "sev1").await;
    holds(&declared, &["**CHG-1** may have caused INC-1: **95 of 100** (rule 4.14)", "the commander decides"]);
    let (slack, discord) = (bot.person("tom").slack().at(ROOM), bot.person("tom").discord().at(ROOM));
    let buttons = "[CHG-1: Confirm cause] [CHG-1: Not related]";
    holds(&slack.sees(), &["Change-related: *CHG-1* · 95 of 100", buttons]);
    holds(&discord.sees(), &["Change-related: **CHG-1** · 95 of 100", buttons]);
    holds(&ana.says("/change show CHG-1").await, &["May have caused: INC-1 · 95 of 100"]);

    let refused = bot.person("raj").discord().at(ROOM).presses("CHG-1: Confirm cause", "What changed before").await;
    holds(
        &refused,
        &["You cannot decide what caused this incident.", "Tom Okafor, who leads INC-1, can.", "Rule 4.23"],
    );
    let confirmed = discord.presses("CHG-1: Confirm cause", "What changed before").await;
    holds(&confirmed, &["@tom linked **CHG-1** to INC-1 as **caused**", "CHG-1 counts as failed from now on."]);
    bot.run_until_idle().await;
    holds(&slack.sees(), &["linked *CHG-1* to INC-1 as *caused*\nFor @ana", "Cause: *CHG-1*"]);
    holds(&ana.at("changes").sees(), &["Caused: *INC-1*"]);
    holds(&slack.says("/inc changes").await, &["*95 of 100* · *the cause*"]);

    let again = slack.presses("CHG-1: Confirm cause", "What changed before").await;
    holds(&again, &["CHG-1 is the cause of INC-1: Tom Okafor decided so 7 Jan 14:02 UTC."]);
    assert_eq!(slack.presses("CHG-1: Not related", "What changed before").await, "(a form)");
    let late = slack.fills(&[("why", "it was the network")]).await;
    holds(&late, &["CHG-1 is the cause of INC-1: Tom Okafor decided so", "none why: … confirm:yes INC-1"]);
    let taken_back = slack.says("/inc link CHG-1 none why: it was the network confirm:yes").await;
    holds(&taken_back, &["*Tom Okafor* says that *CHG-1* has nothing to do with INC-1: it was the network"]);
    bot.run_until_idle().await;
    assert!(!discord.says("/inc panel").await.contains("Cause:"), "the flag is gone");
    holds(&discord.says("/inc changes").await, &["· **not related**"]);
    let log = bot.decision_log("INC-1").await;
    holds(&log, &["link.proposed by tom", "link.confirmed by tom", "link.rejected by tom", "refused by raj"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_great_incident_is_not_over_before_its_cause_is_decided() {
    let bot = Bot::start().await;
    running(&bot).await;
    led(&bot, "sev2").await;
    let tom = bot.person("tom").slack().at(ROOM);
    tom.says("/inc status mitigated").await;
    let refused = tom.says("/inc resolve moved back").await;
    holds(
        &refused,
        &[
            "Whether CHG-1 caused INC-1 is not decided yet.",
            "`/inc link CHG-1 caused INC-1` if it did, `/inc link CHG-1 none why: … INC-1` if not.",
            "Rule 4.14",
        ],
    );
    assert_eq!(tom.presses("CHG-1: Not related", "What changed before").await, "(a form)");
    assert_eq!(tom.fills(&[("why", "")]).await, "(a form)");
    holds(&tom.modal().expect("a form").to_string(), &["Why is needed."]);
    holds(
        &tom.fills(&[("why", "the queue was empty")]).await,
        &["*CHG-1* has nothing to do with INC-1: the queue was empty"],
    );
    holds(&tom.says("/inc resolve moved back").await, &["moved back"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_lesser_one_what_was_likely_counts_and_what_was_suggested_does_not() {
    let bot = Bot::start().await;
    let ana = running(&bot).await;
    ana.says("/change done CHG-1").await;
    bot.pass(20 * 60).await;
    let tom = bot.person("tom").discord();
    tom.says("/inc declare cards fail sev: sev3 svc: payments").await;
    tom.says("/inc declare the shop is slow sev: sev3 svc: checkout").await;
    bot.run_until_idle().await;
    assert_eq!(failures(&bot).await, (0, 1));
    for (room, incident) in [(ROOM, "INC-1"), ("inc-2-the-shop-is-slow", "INC-2")] {
        let here = bot.person("tom").discord().at(room);
        here.says("/inc status mitigated").await;
        holds(&here.says(&format!("/inc resolve it went away {incident}")).await, &["it went away"]);
    }
    let tom = bot.person("tom").discord();
    holds(&tom.says("/inc panel INC-1").await, &["Cause: **CHG-1** (unanswered)"]);
    let (first, second) = (bot.decision_log("INC-1").await, bot.decision_log("INC-2").await);
    holds(&first, &["link.proposed by tom", "link.confirmed by tom"]);
    holds(&second, &["link.rejected by tom"]);
    assert!(!second.contains("link.proposed"), "{second}");
    assert_eq!(failures(&bot).await, (1, 1), "it failed, although it was done");
    let late = bot.person("tom").discord().at(ROOM).presses("CHG-1: Confirm cause", "What changed before").await;
    holds(&late, &["CHG-1 is the cause of INC-1: nobody answered before 8 Jan"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_by_hand_may_become_another_and_a_cause_that_came_later_is_asked_about_twice() {
    let bot = Bot::start().await;
    led(&bot, "sev3").await;
    let (raj, tom) = (bot.person("raj").discord().at(ROOM), bot.person("tom").slack().at(ROOM));
    holds(&raj.says("/inc link change: CHG-1 as: related").await, &["There is no CHG-1 here."]);
    bot.person("ana").slack().says(STEP).await;
    bot.run_until_idle().await;
    holds(&raj.says("/inc link change: CHG-1 as: none why: no").await, &["CHG-1 is not linked to INC-1."]);
    holds(&raj.says("/inc link change: CHG-1 as: related").await, &["@raj linked **CHG-1** to INC-1 as **related**"]);
    holds(
        &raj.says("/inc link change: CHG-1 as: related").await,
        &["CHG-1 is related to INC-1: Raj Patel decided so 7 Jan 14:00 UTC."],
    );
    holds(&raj.says("/inc link change: CHG-1 as: resolves").await, &["as **resolves**"]);
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().says("/change show CHG-1").await, &["resolves INC-1"]);
    holds(&tom.sees(), &["Linked: *CHG-1* resolves it"]);
    let later = tom.says("/inc link CHG-1 caused").await;
    holds(&later, &["CHG-1 has not started", "`/inc link CHG-1 caused confirm:yes INC-1`"]);
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.pass(2).await;
    bot.person("ana").slack().says("/change start CHG-1").await;
    bot.run_until_idle().await;
    let later = tom.says("/inc link CHG-1 caused").await;
    holds(&later, &["INC-1 was declared 7 Jan 14:00 UTC, before CHG-1 started 7 Jan 14:02 UTC."]);
    holds(&tom.says("/inc link CHG-1 caused confirm:yes").await, &["as *caused*"]);
    holds(
        &raj.says("/inc link change: CHG-1 as: related confirm: yes").await,
        &["You cannot decide what caused this incident."],
    );
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_may_bring_up_a_cause_and_one_more_incident_makes_it_likelier() {
    let bot = Bot::start().await;
    let ana = running(&bot).await;
    ana.says("/change done CHG-1").await;
    bot.pass(20 * 60).await;
    let (raj, tom) = (bot.person("raj").discord(), bot.person("tom").discord());
    tom.says("/inc declare mails are late sev: sev3 svc: accounts").await;
    bot.run_until_idle().await;
    let room = "inc-1-mails-are-late";
    let brought = raj.at(room).says("/inc link change: CHG-1 as: caused why: the queue feeds the mails").await;
    holds(&brought, &["@raj thinks that **CHG-1** caused INC-1: the queue feeds the mails · the commander decides"]);
    tom.says("/inc declare cards fail sev: sev3 svc: payments").await;
    bot.run_until_idle().await;
    let second = bot.person("tom").discord().at("inc-2-cards-fail");
    holds(&second.sees(), &["**80 of 100**"]);
    holds(&bot.person("tom").discord().at(room).says("/inc cancel nothing was late").await, &["nothing was late"]);
    holds(&second.says("/inc changes").await, &["**70 of 100**"]);
    assert_eq!(second.presses("CHG-1: Not related", "What changed before").await, "(a form)");
    let rejected = second.fills(&[("why", "the queue is not of the cards")]).await;
    holds(&rejected, &["**CHG-1** has nothing to do with INC-2: the queue is not of the cards"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_helps_to_end_a_great_incident_starts_by_the_word_of_somebody_else() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says(STEP).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    led(&bot, "sev1").await;
    bot.pass(2).await;
    let way_out = "somebody else than Ana Ruiz says so first: `/inc link CHG-1 resolves INC-1`";
    holds(&ana.says("/change start CHG-1").await, &["INC-1, P1, is open on the same service.", way_out]);
    holds(&ana.says("/inc link CHG-1 resolves INC-1").await, &["as *resolves*"]);
    holds(&ana.says("/change start CHG-1").await, &[way_out]);
    let raj = bot.person("raj").discord().at(ROOM);
    holds(&raj.says("/inc link change: CHG-1 as: resolves").await, &["as **resolves**"]);
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&bot.decision_log("CHG-1").await, &["refused by ana", "change.started by ana"]);
    // It counts as one of the incident's own: whoever approved it does not command, and it is not over while that runs.
    holds(&ana.says("/inc lead @mia INC-1").await, &["Rule 4.15"]);
    ana.says("/inc status mitigated INC-1").await;
    holds(&ana.says("/inc resolve INC-1 all is well").await, &["CHG-1 is still running for INC-1", "Rule 4.26"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_of_the_catalogue_that_broke_something_went_wrong_although_it_was_done() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    holds(&tom.says("/change start CHG-1").await, &["started CHG-1"]);
    tom.says("/change done CHG-1").await;
    holds(&tom.says("/change std svc:ledger").await, &["its last use went well"]);
    let ana = bot.person("ana").slack();
    holds(&ana.says("/inc declare sev3 the ledger is full svc:ledger").await, &["*CHG-1* may have caused INC-1"]);
    bot.run_until_idle().await;
    holds(&ana.says("/inc link CHG-1 caused INC-1 why: it kept too much").await, &["as *caused*: it kept too much"]);
    bot.run_until_idle().await;
    holds(&tom.says("/change std svc:ledger").await, &["its last use failed"]);
    holds(
        &bot.person("tom").slack().at("inc-1-the-ledger-is-full").sees(),
        &["as *caused*: it kept too much\nFor @tom"],
    );
    bot.finish().await;
}
