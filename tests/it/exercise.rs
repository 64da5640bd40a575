//! An exercise: an emergency from its declaration to its review, over both platforms, the way a night goes. Each piece has
//! tests of its own; this holds that they fit together, and that the log afterwards tells the night.

use insta::assert_snapshot;

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-checkout-is-down";

fn slack<'a>(bot: &'a Bot, who: &str) -> Here<'a> {
    bot.person(who).slack().at(ROOM)
}

fn discord<'a>(bot: &'a Bot, who: &str) -> Here<'a> {
    bot.person(who).discord().at(ROOM)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_in_a_freeze_is_voted_on_edited_delegated_extended_done_and_reviewed() {
    let bot = Bot::start().await;
    an_emergency_in_the_freeze_of_a_major(&bot).await;
    an_edit_voids_the_votes_of_both_platforms(&bot).await;
    a_delegate_votes_and_it_starts(&bot).await;
    the_window_ends_and_fresh_ballots_open_it_again(&bot).await;
    the_review_is_chased_until_somebody_writes_it(&bot).await;
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by ana
    CHG-1#2 seat.granted by raj
    CHG-1#3 ballot.cast by mia
    CHG-1#4 change.revised by ana
    CHG-1#5 refused by ana
    CHG-1#6 approval.asked by wardroom
    CHG-1#7 seat.granted by raj
    CHG-1#8 ballot.cast by sam
    CHG-1#9 ballot.cast by mia
    CHG-1#10 vote.closed by mia
    CHG-1#11 change.approved by mia
    CHG-1#12 standby.taken by ana
    CHG-1#13 change.started by ana
    CHG-1#14 notice.reminded by wardroom
    CHG-1#15 slot.renewed by wardroom
    CHG-1#16 slot.renewed by wardroom
    CHG-1#17 slot.renewed by wardroom
    CHG-1#18 slot.renewed by wardroom
    CHG-1#19 slot.renewed by wardroom
    CHG-1#20 slot.renewed by wardroom
    CHG-1#21 window.warned by wardroom
    CHG-1#22 slot.renewed by wardroom
    CHG-1#23 window.warned by wardroom
    CHG-1#24 window.expired by wardroom
    CHG-1#25 slot.released by wardroom
    CHG-1#26 refused by ana
    CHG-1#27 window.extension_requested by ana
    CHG-1#28 ballot.cast by ines
    CHG-1#29 ballot.cast by sam
    CHG-1#30 ballot.cast by mia
    CHG-1#31 vote.closed by mia
    CHG-1#32 window.extended by mia
    CHG-1#33 change.done by ana
    CHG-1#34 validation.opened by ana
    CHG-1#35 pir.opened by ana
    CHG-1#36 validation.passed by raj
    CHG-1#37 slot.released by wardroom
    CHG-1#38 pir.reminded by wardroom
    CHG-1#39 pir.reminded by wardroom
    CHG-1#40 pir.reminded by wardroom
    CHG-1#41 pir.overdue by wardroom
    CHG-1#42 pir.closed by raj
    ");
    assert_snapshot!(bot.decision_log("INC-1").await, @"
    INC-1#1 incident.declared by ana
    INC-1#2 update.sent by ana
    INC-1#3 room.opened by wardroom
    INC-1#4 room.opened by wardroom
    INC-1#5 major.declared by ana
    INC-1#6 incident.status_set by ana
    INC-1#7 update.sent by wardroom
    INC-1#8 update.sent by wardroom
    INC-1#9 update.sent by wardroom
    INC-1#10 update.sent by wardroom
    INC-1#11 update.sent by wardroom
    INC-1#12 update.sent by wardroom
    INC-1#13 update.sent by wardroom
    INC-1#14 update.sent by wardroom
    INC-1#15 incident.resolved by ana
    INC-1#16 update.sent by ana
    INC-1#17 major.stood_down by ana
    ");
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole."]);
    bot.finish().await;
}

async fn an_emergency_in_the_freeze_of_a_major(bot: &Bot) {
    bot.person("ana").slack().says("/inc declare sev1 checkout is down svc:payments").await;
    bot.run_until_idle().await;
    holds(
        &slack(bot, "ana").says("/inc major all card payments fail, no workaround").await,
        &["major incident", "FRZ-1"],
    );
    let asked = slack(bot, "ana")
        .says(
            "/change emergency roll back to 4.1 impact: all card payments fail why: every minute costs plan: redeploy 4.2 \
             tested:yes data:2 availability:5 compliance:1 complexity:3 rollback:2",
        )
        .await;
    holds(&asked, &["*CHG-1*", "E-CAB"]);
    bot.run_until_idle().await;
}

async fn an_edit_voids_the_votes_of_both_platforms(bot: &Bot) {
    discord(bot, "raj").reviews("CHG-1").await;
    holds(&slack(bot, "mia").presses("Approve", "CHG-1").await, &["voted *approve*"]);
    let edited = slack(bot, "ana").says("/change edit CHG-1 plan: redeploy 4.2 and replay the queue").await;
    holds(&edited, &["is at revision 2", "asked again", "Mia Chen, Raj Patel"]);
    bot.run_until_idle().await;
    holds(&discord(bot, "raj").sees(), &["0 of 4 voted", "revision 2"]);
    // Nothing that was said of the first revision lets it start.
    holds(&slack(bot, "ana").says("/change start").await, &["not approved yet"]);
}

async fn a_delegate_votes_and_it_starts(bot: &Bot) {
    bot.person("tom").slack().says("/cab delegate to:@sam until:+12h why: on a plane").await;
    bot.run_until_idle().await;
    discord(bot, "raj").reviews("CHG-1").await;
    holds(&discord(bot, "sam").presses("Approve", "CHG-1").await, &["voted **approve**", "for @tom"]);
    holds(&slack(bot, "mia").presses("Approve", "CHG-1").await, &["*CHG-1 is approved.*"]);
    holds(&slack(bot, "ana").says("/change start").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    holds(&discord(bot, "sam").sees(), &["implementing"]);
}

async fn the_window_ends_and_fresh_ballots_open_it_again(bot: &Bot) {
    slack(bot, "ana").says("/inc status mitigated").await;
    bot.pass(4 * 60 + 1).await;
    holds(&discord(bot, "tom").sees(), &["30 minutes are left", "The window of CHG-1 ended", "stop here"]);
    holds(&slack(bot, "ana").says("/change done").await, &["The window of CHG-1 has closed."]);
    slack(bot, "ana").says("/change extend CHG-1 the queue replay takes one more hour").await;
    bot.run_until_idle().await;
    for here in [slack(bot, "ines"), discord(bot, "sam")] {
        here.presses("Approve", "CHG-1").await;
    }
    holds(&slack(bot, "mia").presses("Approve", "CHG-1").await, &["*CHG-1 may go on.*"]);
    bot.run_until_idle().await;
    let done = discord(bot, "ana").says("/change done change: CHG-1 summary: rolled back and replayed").await;
    holds(&done, &["finished CHG-1", "Does CHG-1 work?", "A review of CHG-1 is due"]);
    bot.run_until_idle().await;
    holds(&discord(bot, "raj").presses("Works", "CHG-1").await, &["CHG-1 works"]);
    holds(&slack(bot, "ana").says("/inc resolve rolled back to 4.1").await, &["resolved"]);
}

async fn the_review_is_chased_until_somebody_writes_it(bot: &Bot) {
    let reminded = |text: &str| text.matches("The review of CHG-1 is still due").count();
    for (hours, times) in [(4, 1), (8, 2), (8, 3)] {
        bot.pass(hours * 60).await;
        let room = slack(bot, "ana").sees();
        assert_eq!(reminded(&room), times, "{room}");
    }
    bot.pass(4 * 60).await;
    holds(&discord(bot, "raj").sees(), &["The review of CHG-1 is overdue"]);
    let closed = discord(bot, "raj")
        .says(
            "/change after pir verdict: compliant effective: yes policy: yes evidence: yes rollback: yes change: CHG-1",
        )
        .await;
    holds(&closed, &["reviewed CHG-1: **compliant**"]);
}
