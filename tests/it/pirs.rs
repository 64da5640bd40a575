//! The review of a change after it.

use crate::harness::{Bot, holds, without_hashes};
use crate::story::{ANSWERS, ROOM};

/// Minutes.
const DAY: i32 = 24 * 60;

/// What a reviewer answers; the verdict came with the button.
const FOUND: [(&str, &str); 5] = [
    ("effective", "yes"),
    ("policy", "yes"),
    ("evidence", "yes"),
    ("rollback", "no"),
    ("notes", "the graph is in the room"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_reviewed_within_a_day_by_somebody_else() {
    let bot = Bot::start().await;
    done(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    for here in
        [ana.sees(), bot.person("raj").discord().at(ROOM).sees(), bot.person("raj").discord().at("changes").sees()]
    {
        holds(&here, &["A review of CHG-1 is due by ", "14:00 UTC", "[Compliant] [Not compliant] [Misclassified]"]);
    }
    assert_eq!(ana.presses("Compliant", "CHG-1").await, "(a form)");
    let own = ana.fills(&FOUND).await;
    holds(&own, &["You cannot review this change: you asked for it and carry it out", "Rule 4.15"]);
    let waiting = bot.person("raj").discord().says("/inc panel").await;
    holds(&waiting, &["**CHG-1**", "its review", "[Compliant] [Not compliant] [Misclassified]"]);
    let not_entitled = bot
        .person("zoe")
        .slack()
        .says("/change after pir CHG-1 verdict:compliant effective:yes policy:yes evidence:yes rollback:yes")
        .await;
    holds(&not_entitled, &["for a change manager or a peer reviewer of its service", "Rule 4.49"]);

    let raj = bot.person("raj").discord().at(ROOM);
    let asked = raj.presses("Not compliant", "CHG-1").await;
    holds(&asked, &["**Not compliant · CHG-1**", "<Effective>", "<Rollback proven>", "[Continue]"]);
    let closed = raj.chooses_only(&FOUND).await;
    holds(&closed, &["reviewed CHG-1: **non-compliant**", "effective: yes", "rollback proven: no"]);
    bot.run_until_idle().await;
    holds(&ana.sees(), &["reviewed CHG-1: *non-compliant*"]);
    let again = bot
        .person("ines")
        .slack()
        .says("/change after pir CHG-1 verdict:compliant effective:yes policy:yes evidence:yes rollback:yes")
        .await;
    holds(&again, &["The review of CHG-1 is closed: non-compliant, by Raj Patel"]);
    bot.pass(30 * 60).await;
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["pir.opened by ana", "pir.closed by raj"]);
    assert!(!log.contains("pir.reminded") && !log.contains("pir.overdue"), "{log}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_nobody_holds_is_reminded_of_goes_to_the_change_managers_and_holds_up_the_next_emergency() {
    let bot = Bot::start().await;
    done(&bot).await;
    bot.pass(5 * 60).await;
    holds(&bot.person("mia").slack().at(ROOM).sees(), &["The review of CHG-1 is still due, by 8 Jan 14:00 UTC"]);
    bot.sleep_through(19 * 60 - 30).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    assert!(!bot.decision_log("CHG-1").await.contains("pir.overdue"));
    bot.pass(31).await;
    for here in [bot.person("ines").slack().at(ROOM).sees(), bot.person("ines").slack().at("changes").sees()] {
        holds(&here, &["The review of CHG-1 is overdue* since 8 Jan 14:00 UTC", "Inês Duarte"]);
        assert_eq!(here.matches("is overdue").count(), 1, "{here}");
    }
    holds(&bot.person("ines").slack().says("/inc panel").await, &["*CHG-1*", "its review, which is overdue"]);
    let ana = bot.person("ana").slack().at(ROOM);
    bot.pass(48 * 60).await;
    ana.says("/change emergency roll back 4.3 impact: all card payments fail").await;
    let refused = without_hashes(&ana.fills(&ANSWERS).await);
    holds(
        &refused,
        &["owes an emergency review", "The review of CHG-1 is owed", "`/change after pir CHG-1`", "Rule 4.8"],
    );
    let misclassified = "/change after pir CHG-1 verdict:misclassified effective:yes policy:yes evidence:yes rollback:yes it could wait";
    let closed = bot.person("ines").slack().says(misclassified).await;
    holds(&closed, &["reviewed CHG-1: *misclassified*", "it could wait"]);
    ana.says("/change emergency roll back 4.3 impact: all card payments fail").await;
    holds(&ana.fills(&ANSWERS).await, &["asks for the emergency change *CHG-2*"]);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("pir.overdue by wardroom").count(), 1, "{log}");
    assert!(log.contains("pir.closed by ines"), "{log}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rolled_back_is_reviewed_too_and_what_still_runs_is_not() {
    let bot = Bot::start().await;
    started(&bot).await;
    let early = bot
        .person("raj")
        .discord()
        .says("/change after pir CHG-1 verdict:compliant effective:yes policy:yes evidence:yes rollback:yes")
        .await;
    holds(&early, &["CHG-1 still runs; its review comes after its end"]);
    let back = bot.person("ana").slack().at(ROOM).says("/change rollback error rate doubled").await;
    holds(&back, &["rolled CHG-1 back", "A review of CHG-1 is due by"]);
    bot.finish().await;
}

const STEP: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                    data:1 availability:1 compliance:1 complexity:1 rollback:1 from:14:01 until:16:00";

/// Ana moves the queue of the payments the regular way.
async fn moves(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says(STEP).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.pass(2).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_change_that_was_taken_back_is_reviewed_within_business_days_on_either_platform() {
    let bot = Bot::start().await;
    moves(&bot).await;
    let back = bot.person("ana").slack().says("/change rollback CHG-1 the queue grew").await;
    holds(&back, &["rolled CHG-1 back", "A review of CHG-1 is due by 14 Jan 14:02 UTC, because it was taken back"]);
    bot.run_until_idle().await;
    let (raj, ines) = (bot.person("raj").discord().at("changes"), bot.person("ines").slack());
    for here in [raj.sees(), bot.person("mia").slack().at("changes").sees()] {
        holds(&here, &["because it was taken back", "[Compliant] [Not compliant] [Misclassified]"]);
    }
    holds(&ines.says("/inc panel").await, &["*CHG-1*", "its review", "[Compliant]"]);
    let listed = ines.says("/report bypass").await;
    holds(
        &listed,
        &[
            "What went past the regular way, or wrong",
            "1 review open · 1 change that failed",
            "*open* · *CHG-1* taken back · move the queue",
            "review due by 14 Jan 14:02 UTC",
        ],
    );
    // Not in the first days, and not at the weekend, but on the Friday before.
    bot.pass(3 * 24 * 60).await;
    assert!(!raj.sees().contains("is still due"), "{}", raj.sees());
    bot.pass(24 * 60 + 1).await;
    holds(&raj.sees(), &["The review of CHG-1 is still due, by 14:02 UTC"]);
    bot.pass(3 * 24 * 60).await;
    holds(&raj.sees(), &["The review of CHG-1 is overdue"]);
    let overdue = bot.person("omar").discord().says("/report bypass").await;
    holds(&overdue, &["1 review open, 1 overdue", "**overdue** · **CHG-1** taken back"]);

    assert!(raj.presses("Not compliant", "CHG-1").await.contains("**Not compliant · CHG-1**"));
    holds(&raj.chooses_only(&FOUND).await, &["reviewed CHG-1: **non-compliant**"]);
    holds(&ines.says("/report bypass").await, &["no review open", "reviewed: non-compliant, by *Raj Patel*"]);
    holds(&ines.says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_work_is_reviewed_and_holds_up_no_emergency_when_that_is_late() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    tom.says("/change start CHG-1").await;
    tom.says("/change done CHG-1").await;
    bot.run_until_idle().await;
    let failed =
        bot.person("raj").discord().says("/change after validate change: CHG-1 verdict: failed why: disk full").await;
    holds(&failed, &["A review of CHG-1 is due by 14:00 UTC, because it failed"]);
    // On the Friday before, and on the Monday on which it is due.
    for minutes in [4 * DAY - 1, 3 * DAY - 2] {
        bot.sleep_through(minutes).await;
        bot.pass(2).await;
    }
    holds(
        &bot.decision_log("CHG-1").await,
        &["pir.opened by raj", "pir.reminded by wardroom", "pir.overdue by wardroom"],
    );
    tom.says("/inc declare sev2 ledger is down svc:ledger").await;
    bot.run_until_idle().await;
    let room = tom.at("inc-2-ledger-is-down");
    room.says("/change emergency restart it impact: nothing is booked").await;
    holds(&room.fills(&ANSWERS).await, &["asks for the emergency change *CHG-2*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_caused_an_incident_is_reviewed_also_where_it_was_reviewed_before() {
    let bot = Bot::start().await;
    done(&bot).await;
    let closed = "/change after pir CHG-1 verdict:compliant effective:yes policy:yes evidence:yes rollback:yes";
    bot.person("ines").slack().says(closed).await;
    let tom = bot.person("tom").discord();
    tom.says("/inc declare cards fail sev: sev3 svc: payments").await;
    bot.run_until_idle().await;
    let room = tom.at("inc-2-cards-fail");
    room.says("/inc lead").await;
    let blamed = room.says("/inc link change: CHG-1 as: caused").await;
    holds(
        &blamed,
        &["linked **CHG-1** to INC-2 as **caused**", "A review of CHG-1 is due by", "because it caused an incident"],
    );
    bot.run_until_idle().await;
    holds(&bot.person("ines").slack().says("/report bypass").await, &["1 review open", "review due by 21 Jan"]);
    let again = bot.person("raj").discord().says(&closed.replace("CHG-1 ", "change: CHG-1 ")).await;
    holds(&again, &["reviewed CHG-1: **compliant**"]);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!((log.matches("pir.opened").count(), log.matches("pir.closed").count()), (2, 2), "{log}");
    holds(&bot.person("ines").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

pub async fn done(bot: &Bot) {
    started(bot).await;
    bot.person("ana").slack().at(ROOM).says("/change done").await;
    bot.run_until_idle().await;
}

async fn started(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_idle().await;
    let ana = ana.at(ROOM);
    ana.says("/change emergency roll back 4.2 impact: all card payments fail").await;
    ana.fills(&ANSWERS).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("tom").slack().at(ROOM).presses("Approve", "CHG-1").await;
    ana.says("/change start").await;
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_emergency_skipped_is_listed_with_what_made_up_for_it_and_the_review_that_follows() {
    let bot = Bot::start().await;
    done(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    holds(&ana.sees(), &["Skipped: ", "the announcement 5 and 1 business days before; a planned window"]);
    let shown = ana.says("/change show CHG-1").await;
    holds(
        &shown,
        &[
            "*Skipped as an emergency*",
            "· instead: its window opens with the approval",
            "the review asks: Policy followed",
            "a rehearsal of the rollback · instead: the way back that its plan names",
            "the review asks: Rollback proven",
            "its review, due by 8 Jan",
        ],
    );
    // Whoever closes it is asked about each.
    let asked = bot.person("raj").discord().at(ROOM).presses("Compliant", "CHG-1").await;
    let notes =
        ["Policy followed: was this enough? Skipped: ", "the announcement 5 and 1 business days before (instead"];
    holds(&asked, &notes);
    holds(
        &asked,
        &["Rollback proven: was this enough? Skipped: ", "a rehearsal of the rollback (instead: the way back"],
    );
    let other = bot.person("raj").discord().says("/change show change: CHG-1").await;
    holds(&other, &["**Skipped as an emergency**", "vote of the CAB"]);
    let closed = "/change after pir CHG-1 verdict:compliant effective:yes policy:yes evidence:yes rollback:yes";
    bot.person("ines").slack().says(closed).await;
    holds(&ana.says("/change show CHG-1").await, &["Followed up: the review was closed, compliant"]);
    bot.person("tom").slack().says("/change std log-rotation keep_days:14 svc:ledger").await;
    assert!(!ana.says("/change show CHG-2").await.contains("Skipped"));
    bot.finish().await;
}
