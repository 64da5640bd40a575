//! What Discord offers while somebody types: what fits, what is theirs first, and never what is not for them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::Bot;

/// What a person is offered for an option, as the values alone.
async fn offered(bot: &Bot, who: &str, path: &[&str], option: &str, text: &str) -> Vec<String> {
    let offers = choices(bot, who, path, option, text).await;
    offers.into_iter().map(|offer| offer["value"].as_str().expect("a text").to_owned()).collect()
}

async fn choices(bot: &Bot, who: &str, path: &[&str], option: &str, text: &str) -> Vec<Value> {
    let typed = BTreeMap::from([(option.to_owned(), text.to_owned())]);
    let offers = bot.discord.autocomplete(who, "incidents", path, typed, option).await;
    offers.unwrap_or_else(|error| panic!("{path:?} {option}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn records_and_services_are_offered_while_they_are_typed() {
    let bot = Bot::start().await;
    for (who, title) in [("ana", "cards fail"), ("tom", "search is slow"), ("ana", "mail is late")] {
        let declared = bot.person(who).slack().says(&format!("/inc declare sev3 {title} svc:payments")).await;
        assert!(declared.contains("INC-"), "{declared}");
    }
    bot.person("ana").slack().says("/inc cancel INC-3 a test alert").await;
    bot.run_until_idle().await;

    let note = ["inc", "note"];
    assert_eq!(offered(&bot, "tom", &note, "incident", "").await[0], "INC-2", "one's own first");
    let all = offered(&bot, "ana", &note, "incident", "").await;
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(offered(&bot, "ana", &note, "incident", "inc-2").await, ["INC-2"]);
    assert_eq!(offered(&bot, "ana", &note, "incident", "SLOW").await, ["INC-2"]);
    assert_eq!(offered(&bot, "ana", &note, "incident", "1").await[0], "INC-1");
    assert!(offered(&bot, "ana", &note, "incident", "nothing like it").await.is_empty());

    let services = offered(&bot, "ana", &["inc", "declare"], "svc", "pay").await;
    assert!(services.contains(&"payments".to_owned()), "{services:?}");
    let second = offered(&bot, "ana", &["inc", "declare"], "svc", "payments,sh").await;
    assert!(second.contains(&"payments,shop".to_owned()), "{second:?}");
    // Whoever is nobody here may declare, and sees no records.
    assert!(offered(&bot, "pat", &note, "incident", "").await.is_empty());
    assert!(!offered(&bot, "pat", &["inc", "declare"], "svc", "").await.is_empty());
    // What was not offered is understood all the same, or named as wrong.
    let wrong = bot.person("ana").discord().says("/inc note incident: INC-99 text: x").await;
    assert!(wrong.contains("There is no INC-99 here."), "{wrong}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_records_twenty_five_are_offered_and_soon() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    for n in 0..28 {
        ana.says(&format!(
            "/inc declare sev4 a very long title that goes on and on {n} {} svc:shop",
            "and on ".repeat(20)
        ))
        .await;
    }
    offered(&bot, "ana", &["inc", "sum"], "incident", "").await;
    let began = Instant::now();
    let offers = choices(&bot, "ana", &["inc", "sum"], "incident", "").await;
    let took = began.elapsed();
    assert_eq!(offers.len(), 25);
    assert!(offers.iter().all(|offer| offer["name"].as_str().expect("a text").chars().count() <= 100));
    assert!(took < Duration::from_secs(1), "an unoptimised bot on a busy machine took {took:?}");
    bot.leave().await;
}
