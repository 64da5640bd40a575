//! Who is on call: turns of a rota, and people who are away.

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, without_hashes};

/// Needs the owner, who is Tom, and a reviewer.
const PLANNED: &str = "/change new rotate the certificate svc:ledger impact: none if it goes well why: it expires \
                       plan: put the old one back @lena fails: handshakes fail -> put it back abort: reads fail \
                       tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 rollback: 2";

/// Ana and Raj take turns on the payments, a week each.
async fn with_rota(bot: &Bot) {
    let people = "on_call = [\"ana\", \"raj\"]\n";
    let rota = format!("{people}rota = {{ since = \"2030-01-07T09:00\", days = 7 }}\n");
    let file = ORGANISATION.replacen(people, &rota, 1);
    let applied = bot.app.apply_organisation(&file, false).await.expect("it is applied");
    assert_eq!(applied.changes.len(), 1, "{:?}", applied.changes);
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_change_over_a_restart_both_are_told_and_the_cards_say_whose_it_is() {
    let bot = Bot::start().await;
    with_rota(&bot).await;
    bot.person("mia").slack().says("/inc declare sev3 slow refunds svc:payments").await;
    bot.run_until_idle().await;
    let room = bot.person("ana").slack().at("inc-1-slow-refunds");
    holds(&room.sees(), &["*Ana Ruiz*, *Raj Patel*"]);
    holds(
        &bot.person("tom").slack().says("/cab delegate show").await,
        &["*Payments*: *Ana Ruiz*, then *Raj Patel* · *Raj Patel* takes over"],
    );

    let bot = bot.again().await;
    bot.pass(7 * 24 * 60).await;
    holds(&bot.person("raj").discord().private(), &["@raj takes over on call for payments", "until"]);
    holds(&bot.person("ana").slack().private(), &["takes over on call for payments"]);
    let room = bot.person("ana").slack().at("inc-1-slow-refunds");
    holds(&room.sees(), &["*Raj Patel*, *Ana Ruiz*"]);
    let log = bot.decision_log("ORG").await;
    assert_eq!(log.matches("on_call.handed_over by wardroom").count(), 1, "{log}");
    // Three turns that nobody saw begin are one word, and the next one comes.
    bot.sleep_through(21 * 24 * 60).await;
    bot.pass(7 * 24 * 60).await;
    let log = bot.decision_log("ORG").await;
    assert_eq!(log.matches("on_call.handed_over by wardroom").count(), 3, "{log}");
    holds(&bot.person("tom").slack().says("/log verify ORG").await, &["is whole"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_away_is_not_asked_until_they_are_back() {
    let bot = Bot::start().await;
    bot.person("ines").slack().says(PLANNED).await;
    bot.run_until_idle().await;
    let changes = bot.person("ana").slack().at("changes");
    holds(&changes.sees(), &["service owner · ask *Tom Okafor*"]);

    let away = without_hashes(&bot.person("tom").discord().says("/cab delegate do: away until: +2d why: leave").await);
    holds(&away, &["@tom is away from", "leave", "`/cab delegate end` says that you are back", "L ORG#"]);
    let again = bot.person("tom").slack().says("/cab delegate away until:+3d").await;
    holds(&again, &["You are away until", "already", "Rule 4.22"]);
    bot.run_until_idle().await;
    assert!(!changes.sees().contains("ask *Tom Okafor*"), "{}", changes.sees());
    holds(
        &bot.person("raj").discord().says("/cab delegate do: show").await,
        &["@tom (away until", "then **Lena Fischer**"],
    );

    holds(&bot.person("tom").slack().says("/cab delegate end").await, &["is back before the end of their absence"]);
    bot.run_until_idle().await;
    holds(&changes.sees(), &["service owner · ask *Tom Okafor*"]);
    let none = bot.person("tom").slack().says("/cab delegate end").await;
    holds(&none, &["Nobody stands in for you, and you are not away."]);
    holds(&bot.person("tom").slack().says("/log verify ORG").await, &["is whole"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_begins_and_ends_by_time_and_the_delegate_of_who_is_away_is_asked() {
    let bot = Bot::start().await;
    bot.person("ines").slack().says(PLANNED).await;
    bot.person("tom").slack().says("/cab delegate away from:+1h until:+5h").await;
    bot.person("tom").slack().says("/cab delegate to:@sam from:+2h until:+4h").await;
    bot.run_until_idle().await;
    let asked = |bot: &Bot| {
        let card = bot.person("ana").slack().at("changes").sees();
        ["Tom Okafor", "Sam Osei"].map(|name| card.contains(&format!("service owner · ask *{name}*")))
    };
    assert_eq!(asked(&bot), [true, false]);
    bot.pass(61).await;
    assert_eq!(asked(&bot), [false, false]);
    let bot = bot.again().await;
    bot.pass(60).await;
    assert_eq!(asked(&bot), [false, true]);
    bot.pass(120).await;
    assert_eq!(asked(&bot), [false, false]);
    bot.pass(60).await;
    assert_eq!(asked(&bot), [true, false]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_told_a_day_before_to_whoever_takes_over_and_the_lead_of_the_team() {
    let bot = Bot::start().await;
    with_rota(&bot).await;
    let away = bot.person("raj").discord().says("/cab delegate do: away from: +6d until: +9d why: a wedding").await;
    holds(
        &away,
        &["You are first on call for Payments from 2030-01-14 09:00 UTC", "somebody else should take that turn"],
    );
    bot.pass(5 * 24 * 60).await;
    let told = |bot: &Bot| bot.person("mia").slack().private().matches("is first on call for payments").count();
    assert_eq!(told(&bot), 0);
    bot.pass(24 * 60).await;
    assert_eq!(told(&bot), 1, "{}", bot.person("mia").slack().private());
    holds(&bot.person("raj").discord().private(), &["is first on call for payments", "and is away then"]);
    bot.pass(24 * 60).await;
    assert_eq!(told(&bot), 1);
    let log = bot.decision_log("ORG").await;
    holds(&log, &["on_call.gap_found by wardroom", "on_call.handed_over by wardroom"]);
    // Whoever is away is called last.
    let shown = bot.person("tom").slack().says("/cab delegate show").await;
    holds(&shown, &["*Payments*: *Raj Patel* (away until"]);
    bot.person("mia").slack().says("/inc declare sev3 slow refunds svc:payments").await;
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().at("inc-1-slow-refunds").sees(), &["*Ana Ruiz*, *Raj Patel*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rota_that_cannot_be_read_is_refused_with_how_to_write_it() {
    let bot = Bot::start().await;
    let people = "on_call = [\"ana\", \"raj\"]\n";
    for bad in ["{ since = \"monday\", days = 7 }", "{ since = \"2030-01-07T09:00\", days = 0 }"] {
        let file = ORGANISATION.replacen(people, &format!("{people}rota = {bad}\n"), 1);
        let refused = bot.app.apply_organisation(&file, false).await.expect_err("it is refused").to_string();
        holds(&refused, &["team payments has a rota that cannot be read", "2030-01-07T09:00"]);
    }
    bot.finish().await;
}
