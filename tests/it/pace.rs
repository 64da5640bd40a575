//! When there is more to say than a platform takes: what calls people and what they decide on comes first, nothing is
//! dropped or doubled, and what is late says so.

use wardroom::sandbox::discord::DiscordFault;
use wardroom::sandbox::slack::SlackFault;

use crate::harness::Bot;

const ROOM: &str = "inc-1-checkout-returns-502";
const POST: &str = "POST /channels/{id}/messages";

const NOTES: usize = 200;

async fn declared(bot: &Bot) {
    bot.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_done().await;
}

/// The words of every message that was sent to Slack, in the order in which they were sent.
fn sent(bot: &Bot) -> Vec<String> {
    let calls = bot.slack.calls();
    let posts = calls.iter().filter(|(call, _)| call == "chat.postMessage");
    posts.map(|(_, body)| body["text"].as_str().unwrap_or_default().to_owned()).collect()
}

fn position(sent: &[String], words: &str) -> usize {
    sent.iter().position(|text| text.contains(words)).unwrap_or_else(|| panic!("“{words}” was sent: {sent:#?}"))
}

/// The numbers of the notes in the order in which a room shows them.
fn order(text: &str) -> Vec<usize> {
    text.lines().filter_map(|line| line.split_once("notes: n")?.1.trim().parse().ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_storm_of_notes_a_room_and_an_approval_come_first_and_every_note_in_order() {
    let bot = Bot::start().await;
    declared(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    for number in 0..NOTES {
        ana.says(&format!("/inc note n{number}")).await;
    }
    bot.sleep_through(1).await;
    let asks = "/change emergency Roll back to 4.1 impact: cards fail why: sales plan: deploy again tested: yes \
                data: 2 avail: 3 compliance: 1 complexity: 3 rollback: 3";
    ana.says(asks).await;
    bot.person("tom").slack().says("/inc declare sev1 shop search is down svc:shop").await;
    let before = sent(&bot).len();
    bot.run_until_done().await;
    let sent = sent(&bot).split_off(before);
    let first_note = position(&sent, "notes: n0");
    for words in ["INC-2 · P1 · shop search is down", "CHG-1 · emergency", "asks for the emergency change CHG-1"] {
        let at = position(&sent, words);
        assert!(at < first_note, "“{words}” is number {at}, the first note number {first_note}: {sent:#?}");
    }
    let room = bot.slack.transcript(ROOM);
    assert_eq!(order(&room), (0..NOTES).collect::<Vec<_>>(), "every note, once, in order");
    assert_eq!(room.matches("1 min late").count(), NOTES, "each says that it is late:\n{room}");
    assert_eq!(order(&bot.discord.transcript(ROOM)), (0..NOTES).collect::<Vec<_>>());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_three_of_four_calls_are_told_to_wait_everything_arrives_once_and_in_order() {
    let bot = Bot::start().await;
    declared(&bot).await;
    let tom = bot.person("tom").discord().at(ROOM);
    for number in 0..8 {
        bot.discord.fault(DiscordFault::RateLimit { route: POST.to_owned(), times: 3, retry_after_millis: 40 });
        if number % 4 == 0 {
            let method = "chat.postMessage".to_owned();
            bot.slack.fault(SlackFault::RateLimit { method, times: 3, retry_after_secs: 1 });
        }
        tom.says(&format!("/inc note n{number}")).await;
    }
    bot.run_until_done().await;
    for text in [bot.slack.transcript(ROOM), bot.discord.transcript(ROOM)] {
        assert_eq!(order(&text), (0..8).collect::<Vec<_>>(), "{text}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_had_to_wait_says_for_how_long_and_for_what() {
    let metrics = wardroom::telemetry::metrics();
    let bot = Bot::start().await;
    declared(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    bot.slack.fault(SlackFault::RateLimit { method: "chat.postMessage".to_owned(), times: 1, retry_after_secs: 40 });
    bot.discord.fault(DiscordFault::ServerError { route: POST.to_owned(), times: 2 });
    ana.says("/inc note errors began at 14:02").await;
    bot.run_until_idle().await;
    bot.app.move_clock(40).await.expect("the clock moves");
    // Slack's own wait is over in the world, but the bot's watch runs in real time: another bot takes over.
    let bot = bot.again().await;
    bot.run_until_done().await;
    let slack = bot.slack.transcript(ROOM);
    assert!(slack.contains("errors began at 14:02") && slack.contains("40 s late: Slack asked to wait"), "{slack}");
    let discord = bot.discord.transcript(ROOM);
    assert!(discord.contains("40 s late: Discord did not answer"), "{discord}");
    let measured = metrics.render();
    for line in [
        r#"wardroom_rate_limited_total{platform="slack",call="chat.postMessage"}"#,
        r#"wardroom_send_total{platform="discord",call="create message",outcome="unclear"}"#,
        r#"wardroom_delivery_delay_seconds_bucket{platform="slack",le="60"}"#,
        "# HELP wardroom_rate_limited_total Times that a platform asked to wait.",
        "# HELP wardroom_delivery_delay_seconds From a decision to its message in a place.",
    ] {
        assert!(measured.contains(line), "{line} in\n{measured}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_opens_while_deliveries_are_told_to_wait() {
    let bot = Bot::start().await;
    declared(&bot).await;
    bot.slack.fault(SlackFault::RateLimit { method: "chat.postMessage".to_owned(), times: 1, retry_after_secs: 30 });
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/inc note errors began at 14:02").await;
    bot.run_until_idle().await;
    assert_eq!(ana.presses("Severity", "INC-1").await, "(a form)");
    assert!(ana.fills(&[("sev", "sev1"), ("why", "all regions")]).await.contains("P1"), "and is answered");
    bot.leave().await;
}
