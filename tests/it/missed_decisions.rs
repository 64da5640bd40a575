//! Nobody decides in time: an emergency goes to the decision authority with all that is to be known, anything else has a
//! business day more; and whatever follows, silence never approves.

use crate::harness::{Bot, Here, holds, is_whole};

const ROOM: &str = "inc-1-cards-fail";
const HIGH: &str = "data:2 availability:3 compliance:1 complexity:3 rollback:3";

/// An emergency for a P1 whose E-CAB sleeps; Raj has reviewed it.
async fn asleep(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = ana.at(ROOM);
    let ask = "/change emergency roll back 4.2 impact: cards fail why: it costs sales plan: deploy it again tested:yes";
    holds(&ana.says(&format!("{ask} {HIGH}")).await, &["CHG-1"]);
    bot.run_until_idle().await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.run_until_idle().await;
    ana
}

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_p1_whose_approvers_sleep_is_ruled_on_with_the_evidence_in_private_and_starts() {
    let bot = Bot::start().await;
    let ana = asleep(&bot).await;
    let early = ana.says("/cab escalate CHG-1 nobody votes").await;
    holds(&early, &["waits for the yes of others: the vote", "by itself", "14:15 UTC"]);
    bot.pass(14).await;
    assert!(!told(&bot, "omar").contains("You are asked to rule"), "they have a minute yet");
    // The moment comes while nobody is there to keep the promise.
    bot.sleep_through(2).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    let (slack, discord) = (bot.person("omar").slack().private(), bot.person("omar").discord().private());
    let asked = ["You are asked to rule on CHG-1", "a decision that nobody made in time", "Silence is a no"];
    holds(&(slack.clone() + &discord), &asked);
    let evidence = ["What is missing", "0 of 4 took part, 2 were needed", "deploy it again", "it costs sales"];
    holds(&(slack + &discord), &evidence);
    holds(&(told(&bot, "omar")), &["peer reviewer: Raj Patel has said yes", "[Allow] [Deny] [Details]"]);
    for room in [bot.person("ana").slack().at(ROOM).sees(), bot.person("raj").discord().at(ROOM).sees()] {
        holds(&room, &["puts CHG-1 to the decision authority", "is asked until"]);
        assert!(!room.contains("was not decided in time"), "it is not over:\n{room}");
    }
    let ana = bot.person("ana").slack().at(ROOM);
    holds(&ana.says("/cab escalate CHG-1 nobody votes").await, &["waits for the ruling of Omar Haddad already"]);
    holds(&ana.says("/change show CHG-1").await, &["*Omar Haddad* is asked to rule until"]);
    holds(&ana.says("/change start CHG-1").await, &["CHG-1"]);
    let own = ana.says("/cab rule CHG-1 allow why: I know it is right").await;
    holds(&own, &["You are a party of this dispute"]);
    let reviewer = bot.person("raj").discord().says("/cab rule verdict: allow change: CHG-1 why: it is right").await;
    holds(&reviewer, &["Your word on CHG-1 counts already"]);
    let omar = bot.person("omar").discord();
    let ruled =
        omar.says("/cab rule verdict: allow change: CHG-1 why: every minute costs conditions: tom watches").await;
    holds(&ruled, &["ruled on **CHG-1** (decision): **allow** · every minute costs", "CHG-1 is approved"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["every minute costs"]);
    let started = ana.says("/change start CHG-1").await;
    holds(&started, &["started CHG-1", "A decision that nobody made in time: passed by ruling of Omar Haddad."]);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("ruling.asked by wardroom").count(), 1, "{log}");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_silence_of_the_whole_chain_is_a_no_and_the_next_way_is_named() {
    let bot = Bot::start().await;
    asleep(&bot).await;
    bot.pass(15).await;
    let bot = bot.again().await;
    bot.pass(15).await;
    holds(&told(&bot, "zoe"), &["You are asked to rule on CHG-1", "0 of 4 took part"]);
    let log = bot.decision_log("CHG-1").await;
    assert!(!log.contains("change.approval_expired"), "zoe has a quarter of an hour:\n{log}");
    bot.pass(15).await;
    let log = bot.decision_log("CHG-1").await;
    holds(
        &log,
        &["ruling.passed_on by wardroom", "ruling.unanswered by wardroom", "change.approval_expired by wardroom"],
    );
    assert!(!log.contains("change.approved"), "silence never approves:\n{log}");
    let over = ["CHG-1 was not decided in time", "0 of 4 took part", "/change emergency", "asks again"];
    holds(&bot.person("ana").slack().at(ROOM).sees(), &over);
    holds(&bot.person("raj").discord().at(ROOM).sees(), &over);
    let late = bot.person("omar").slack().says("/cab rule CHG-1 allow why: I was asleep").await;
    holds(&late, &["Nothing was changed."]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_of_the_authority_ends_it() {
    let bot = Bot::start().await;
    asleep(&bot).await;
    bot.pass(15).await;
    let omar = bot.person("omar").slack().at("@wardroom");
    assert_eq!(omar.presses("Deny", "rule on CHG-1").await, "(a form)");
    let denied = omar.fills(&[("why", "the plan brings the fault back")]).await;
    holds(&denied, &["ruled on *CHG-1* (decision): *deny*", "the plan brings the fault back"]);
    bot.run_until_idle().await;
    holds(&bot.person("raj").discord().says("/change show change: CHG-1").await, &["rejected"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_asked_first_can_decide_while_the_authority_is_asked() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at("inc-1-ledger-is-slow");
    ana.says(
        "/change emergency restart the ledger impact: slow why: queues grow plan: start the old one tested:yes data:1 \
         availability:1 compliance:1 complexity:1 rollback:1",
    )
    .await;
    bot.run_until_idle().await;
    bot.pass(41).await;
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["approval.asked by wardroom", "ruling.asked by wardroom"]);
    holds(&told(&bot, "omar"), &["service owner: no answer of Tom Okafor"]);
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("lena").slack().says("/change approve CHG-1").await;
    let last = bot.person("tom").discord().says("/change approve change: CHG-1").await;
    holds(&last, &["CHG-1"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "omar"), &["nothing left to rule on about"]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["change.approved", "ruling.lapsed"]);
    bot.pass(60).await;
    let log = bot.decision_log("CHG-1").await;
    assert!(!log.contains("ruling.passed_on") && !log.contains("approval_expired"), "{log}");
    is_whole(&bot).await;
    bot.finish().await;
}

/// A change of the regular way on the payments, which Raj has reviewed and Inês agreed to. Mia, who owns them, says nothing.
async fn regular(bot: &Bot) {
    let ana = bot.person("ana").slack();
    let asked = ana
        .says(
            "/change new rotate the certificate svc:payments impact: none if it goes well why: it expires plan: put the old \
             one back @ana fails: handshakes fail -> put it back abort: cards fail tested: yes data: 1 availability: 2 \
             compliance: 1 complexity: 2 rollback: 2",
        )
        .await;
    holds(&asked, &["CHG-1"]);
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regular_change_has_one_business_day_more_and_the_manager_of_the_owner_may_sign() {
    let bot = Bot::start().await;
    regular(&bot).await;
    bot.pass(2 * 24 * 60 - 1).await;
    assert!(!bot.decision_log("CHG-1").await.contains("approval.prolonged"), "it has two business days");
    let bot = bot.again().await;
    bot.pass(1).await;
    let channel = bot.person("ana").slack().at("changes").sees();
    holds(&channel, &["Nobody decided on CHG-1 in time", "10 Jan 14:00 UTC", "Missing: service owner."]);
    holds(&told(&bot, "mia"), &["CHG-1 still waits for you", "Silence is never a yes"]);
    let manager = told(&bot, "omar");
    holds(&manager, &["You are asked for CHG-1", "service owner", "managing whoever has not decided"]);
    let signed = bot.person("omar").discord().says("/change approve change: CHG-1").await;
    holds(&signed, &["approved CHG-1 as service owner", "CHG-1 is approved"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regular_change_that_nobody_decides_in_its_extension_either_is_over_once() {
    let bot = Bot::start().await;
    regular(&bot).await;
    bot.pass(2 * 24 * 60).await;
    let bot = bot.again().await;
    bot.pass(24 * 60 - 1).await;
    assert!(!bot.decision_log("CHG-1").await.contains("approval_expired"), "it has a minute yet");
    bot.pass(1).await;
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("approval.prolonged").count(), 1, "{log}");
    holds(&log, &["change.approval_expired by wardroom"]);
    assert!(!log.contains("ruling.asked"), "it is no emergency:\n{log}");
    let over = bot.person("ana").slack().at("changes").sees();
    holds(&over, &["CHG-1 was not decided in time", "/change new", "asks again"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_of_the_board_without_a_quorum_goes_on_until_its_next_meeting_is_over_and_reminds_who_has_not_voted() {
    let bot = Bot::watched().await;
    let ana = bot.person("ana").slack();
    let asked = ana
        .says(
            "/change new move the queue svc:payments impact: none why: it is due plan: stop it @ana 5m; put the old one back \
             @ana 10m fails: slow -> wait; wrong sums -> stop; disk full -> make room abort: wrong sums verify: the sums are \
             right tested:yes data:3 availability:3 compliance:2 complexity:3 rollback:4",
        )
        .await;
    holds(&asked, &["CHG-1", "the vote of the CAB"]);
    bot.run_until_idle().await;
    let closes = "select vote->>'closes_at' from change";
    let first = bot.database.texts(closes).await;
    bot.person("tom").slack().says("/change approve CHG-1").await;
    bot.pass(3 * 24 * 60).await;
    assert_ne!(bot.database.texts(closes).await, first, "the vote has more time");
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["approval.prolonged by wardroom"]);
    assert!(!log.contains("vote.closed"), "{log}");
    let reminded = |key: &str| told(&bot, key).matches("your vote is missing").count();
    assert!(reminded("kim") >= 3 && reminded("tom") == 0, "kim {} tom {}", reminded("kim"), reminded("tom"));
    // It is on the agenda of Wednesday the 16th, whose meeting is over at 15:00.
    bot.pass(6 * 24 * 60 + 59).await;
    assert!(!bot.decision_log("CHG-1").await.contains("vote.closed"), "it has a minute yet");
    bot.pass(1).await;
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("approval.prolonged").count(), 1, "{log}");
    holds(&log, &["vote.closed by wardroom", "change.approval_expired by wardroom"]);
    is_whole(&bot).await;
    bot.finish().await;
}
