//! Whose turn it is to run, and whom a change asks: rows that the log accounts for too.

use super::{ROOM, declared, findings};
use crate::harness::Bot;

/// A row is changed past the guard of its table, which is put back.
async fn forged(bot: &Bot, table: &str, sql: &str) -> Vec<String> {
    bot.as_superuser(&format!(
        "alter table {table} disable trigger all; {sql}; alter table {table} enable trigger all; \
         alter table {table} enable always trigger must_log"
    ))
    .await;
    findings(bot, None).await
}

/// An emergency change that waits for its approvals.
async fn asked(bot: &Bot) {
    declared(bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    let asked = ana.says("/change emergency roll back 4.2 impact: cards fail why: sales plan: deploy 4.2 tested:yes data:1 availability:2 compliance:1 complexity:1 rollback:1").await;
    assert!(asked.contains("CHG-1"), "{asked}");
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_added_to_those_who_are_asked_or_taken_from_them_is_found() {
    let bot = Bot::start().await;
    asked(&bot).await;
    assert_eq!(findings(&bot, None).await, Vec::<String>::new());
    let fewer = forged(&bot, "change", "update change set asks = asks - 0").await;
    assert!(fewer.len() == 1 && fewer[0].contains("CHG-1") && fewer[0].contains(", asked p_"), "{fewer:?}");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_nobody_gave_is_found_and_one_that_was_taken_away() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    let started = tom.says("/change start CHG-1").await;
    assert!(started.contains("started"), "{started}");
    bot.run_until_idle().await;
    assert_eq!(findings(&bot, None).await, Vec::<String>::new());
    let first = forged(&bot, "change_slot", "update change_slot set ahead = true").await;
    assert!(first.len() == 1 && first[0].contains("the state says “leased, first”"), "{first:?}");
    let taken = forged(&bot, "change_slot", "update change_slot set ahead = false, state = 'free'").await;
    assert!(
        taken.len() == 1 && taken[0].contains("change_slot that it made is gone from the state: leased"),
        "{taken:?}"
    );
    bot.leave().await;
}
