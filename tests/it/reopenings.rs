//! A resolved incident that comes back: open again, with its freeze, its timers and its commander.

use crate::freezes::{approved_change, major, starter};
use crate::harness::{Bot, Here, holds};

const PAYMENTS: &str = "inc-1-cards-fail";

fn omar(bot: &Bot) -> Here<'_> {
    bot.person("omar").slack().at(PAYMENTS)
}

async fn resolved(bot: &Bot) {
    omar(bot).says("/inc status mitigated").await;
    let resolved = omar(bot).says("/inc resolve a new key was rolled out").await;
    holds(&resolved, &["resolved *INC-1*", "stays until"]);
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_major_incident_that_comes_back_restores_its_freeze() {
    let bot = Bot::start().await;
    major(&bot).await;
    approved_change(&bot).await;
    resolved(&bot).await;
    holds(&starter(&bot).says("/change start").await, &["FRZ-1", "Rule 4.11"]);
    bot.pass(60).await;
    let again = bot.person("raj").discord().at(PAYMENTS).says("/inc reopen why: cards fail again").await;
    holds(
        &again,
        &[
            "@raj reopened **INC-1** (P1): cards fail again · it is a major incident again",
            "**FRZ-1** is in force again until INC-1 is over, and for changes of high or critical risk everywhere",
            "held up there: CHG-1",
            "Omar Haddad leads it, as before.",
        ],
    );
    bot.run_until_idle().await;
    let room = omar(&bot).sees();
    holds(&room, &["reopened *INC-1* (P1): cards fail again", "Status: *investigating*"]);
    holds(&omar(&bot).at("changes").sees(), &["FRZ-1 · major incident · active", "*FRZ-1* is in force again"]);
    holds(&starter(&bot).says("/change start").await, &["FRZ-1 is in force until INC-1 is over"]);
    holds(&omar(&bot).says("/inc reopen twice").await, &["INC-1 is open: it is investigating."]);

    // The moment at which things would have settled is over and done with, also after a restart.
    let sent = "select count(*) from stakeholder_update where subject = 'INC-1'";
    let before = bot.database.count(sent).await;
    let bot = bot.again().await;
    bot.pass(24 * 60).await;
    let log = bot.decision_log("FRZ-1").await;
    assert!(!log.contains("freeze.lifted"), "{log}");
    holds(&log, &["freeze.stabilising by omar", "freeze.restored by raj", "freeze.review_due by wardroom"]);
    assert!(bot.database.count(sent).await >= before + 40, "stakeholders hear every half hour again");

    resolved(&bot).await;
    bot.pass(24 * 60 + 1).await;
    holds(&bot.decision_log("FRZ-1").await, &["freeze.lifted by wardroom"]);
    for subject in ["INC-1", "FRZ-1"] {
        holds(&omar(&bot).says(&format!("/log verify {subject}")).await, &["is whole.*"]);
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_after_its_freeze_is_frozen_anew_and_after_three_days_it_is_a_new_incident() {
    let bot = Bot::start().await;
    major(&bot).await;
    resolved(&bot).await;
    bot.pass(30 * 60).await;
    let again = bot.person("ana").slack().at(PAYMENTS).says("/inc reopen cards fail again").await;
    holds(&again, &["it is a major incident again", "*FRZ-2* freezes payments", "until INC-1 is over"]);
    resolved(&bot).await;
    bot.pass(72 * 60 + 1).await;
    let late = bot.person("ana").slack().at(PAYMENTS).says("/inc reopen cards fail again").await;
    holds(&late, &["INC-1 was resolved on 8 Jan 20:00 UTC, more than 72 hours ago", "`/inc declare` opens a new one"]);
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev4 a test alert svc:ledger").await;
    bot.run_until_idle().await;
    let room = bot.person("ana").slack().at("inc-2-a-test-alert");
    holds(&room.says("/inc cancel nothing was broken").await, &["cancelled"]);
    holds(&room.says("/inc reopen it was").await, &["INC-2 was cancelled: there is nothing that comes back."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stood_down_long_before_its_end_comes_back_as_no_major() {
    let bot = Bot::start().await;
    major(&bot).await;
    omar(&bot).says("/inc stand-down payments work again").await;
    bot.pass(25 * 60).await;
    omar(&bot).says("/inc status mitigated").await;
    omar(&bot).says("/inc resolve a new key was rolled out").await;
    bot.run_until_idle().await;
    assert_eq!(omar(&bot).presses("Reopen", "INC-1").await, "(a form)");
    let again = omar(&bot).fills(&[("why", "two cards fail")]).await;
    holds(&again, &["reopened *INC-1* (P1): two cards fail"]);
    assert!(!again.contains("major") && !again.contains("FRZ"), "{again}");
    bot.run_until_idle().await;
    holds(&omar(&bot).says("/log verify INC-1").await, &["is whole.*"]);
    bot.finish().await;
}

/// The button of what is resolved.
pub async fn press_all(bot: &Bot, on_slack: bool) {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev4 the lamp flickers svc:ledger").await;
    bot.run_until_idle().await;
    let room = bot.database.text("select 'inc-' || max(number) || '-the-lamp-flickers' from incident").await;
    let ana = bot.person("ana").slack().at(&room);
    ana.says("/inc lead me").await;
    ana.says("/inc status mitigated").await;
    holds(&ana.says("/inc resolve a new lamp").await, &["resolved"]);
    bot.run_until_idle().await;
    let ana = bot.person("ana");
    let ana = if on_slack { ana.slack() } else { ana.discord() }.at(&room);
    assert_eq!(ana.presses("Reopen", "the lamp flickers").await, "(a form)");
    bot.dismiss("ana");
}
