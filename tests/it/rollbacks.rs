//! A change is taken back step by step, as its plan says.

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-ledger-is-slow";

/// An emergency with two steps back that runs: Ana carries it out, the second step is Raj's.
async fn running() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    bot.person("omar").discord().at(ROOM).says("/inc lead person: @omar").await;
    let ana = bot.person("ana").slack().at(ROOM);
    let asked = ana
        .says(
            "/change emergency restart the ledger impact: slow why: queues grow plan: stop it @ana 10m; start the old one \
             @raj 5m tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1",
        )
        .await;
    holds(&asked, &["CHG-1"]);
    bot.run_until_idle().await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    bot.person("lena").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("tom").discord().at(ROOM).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    bot
}

fn ana(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().at(ROOM)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_are_walked_and_timed_on_both_platforms_and_the_last_one_rolls_the_change_back() {
    let bot = running().await;
    let raj = bot.person("raj").discord().at(ROOM);
    assert_eq!(ana(&bot).presses("Roll back", "CHG-1").await, "(a form)");
    let begun = ana(&bot).fills(&[("why", "the queue grows")]).await;
    holds(&begun, &["takes *CHG-1* back, in 2 steps of 15 min: the queue grows", "Step 1 of 2 is next: stop it."]);
    bot.run_until_idle().await;
    for room in [ana(&bot).sees(), raj.sees()] {
        holds(&room, &["Being taken back", "step 1 of 2: stop it (Ana Ruiz, 10 min)", "[Step done] [Step failed]"]);
    }
    for said in ["/change done", "/change start CHG-1"] {
        holds(&ana(&bot).says(said).await, &["CHG-1 is being taken back: step 1 of 2 is next."]);
    }
    // The first step is not Raj's, the second is.
    holds(&raj.presses("Step done", "CHG-1").await, &["Ana Ruiz, who carries it out, can."]);
    bot.pass(8).await;
    holds(&ana(&bot).presses("Step done", "CHG-1").await, &["did step 1 of 2", "in 8 min", "start the old one"]);
    bot.run_until_idle().await;
    bot.pass(9).await;
    let last = raj.presses("Step done", "CHG-1").await;
    holds(
        &last,
        &["did step 2 of 2", "in 9 min", "rolled CHG-1 back: the queue grows · all 2 steps in 17 min, 15 planned"],
    );
    bot.run_until_idle().await;
    holds(&ana(&bot).says("/change show CHG-1").await, &["rolled back", "step by step, in 17 min, 15 planned"]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["rollback.begun by ana", "rollback.step_done by ana", "rollback.step_done by raj"]);
    holds(&log, &["change.rolled_back by raj", "pir.opened by raj"]);
    holds(&ana(&bot).says("/log verify CHG-1").await, &["CHG-1"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_is_told_and_stays_open_and_a_word_says_that_all_is_done() {
    let bot = running().await;
    let raj = bot.person("raj").discord().at(ROOM);
    holds(&ana(&bot).says("/change after step begin why: it got worse").await, &["takes *CHG-1* back"]);
    holds(&ana(&bot).says("/change step begin why: again").await, &["is being taken back: step 1 of 2 is next"]);
    holds(&ana(&bot).says("/change step done").await, &["did step 1 of 2"]);
    bot.run_until_idle().await;
    assert_eq!(ana(&bot).presses("Step failed", "CHG-1").await, "(a form)");
    let failed = ana(&bot).fills(&[("why", "the old one does not start")]).await;
    holds(&failed, &["Step 2 of 2 of taking CHG-1 back failed", "it is with *Raj Patel*", "It stays open"]);
    bot.run_until_idle().await;
    let told = "Step 2 of 2 of taking CHG-1 back failed";
    holds(&raj.sees(), &[told]);
    for person in [bot.person("omar"), bot.person("raj")] {
        let private = format!("{}{}", person.slack().private(), person.discord().private());
        holds(&private, &[told, "Step 2 of 2: start the old one (Raj Patel, 5 min)"]);
    }
    let bot = bot.again().await;
    bot.run_until_idle().await;
    holds(&ana(&bot).says("/change rollback by hand CHG-1").await, &["rolled CHG-1 back"]);
    holds(&ana(&bot).says("/change step done change: CHG-1").await, &["CHG-1 is not being taken back."]);
    bot.finish().await;
}
