//! What goes out, while the platforms have a bad day: every line, card and room exactly once, in order, and no pings.

use std::time::Duration;

use serde_json::{Value, json};
use wardroom::sandbox::cast;
use wardroom::sandbox::discord::DiscordFault;
use wardroom::sandbox::slack::SlackFault;

use crate::harness::Bot;

const ROOM: &str = "inc-1-checkout-returns-502";
const POST: &str = "POST /channels/{id}/messages";
const EDIT: &str = "PATCH /channels/{id}/messages/{id}";

async fn declared() -> Bot {
    let bot = Bot::start().await;
    declare(&bot).await;
    bot
}

async fn declare(bot: &Bot) {
    bot.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_done().await;
}

/// A channel on both platforms, Slack's first.
fn seen(bot: &Bot, channel: &str) -> [String; 2] {
    [bot.slack.transcript(channel), bot.discord.transcript(channel)]
}

fn once(bot: &Bot, channel: &str, words: &str) {
    for text in seen(bot, channel) {
        assert_eq!(text.matches(words).count(), 1, "“{words}” once in {channel}:\n{text}");
    }
}

fn rooms(names: Vec<String>) -> usize {
    names.into_iter().filter(|name| name.starts_with("inc-")).count()
}

fn loses(method: &str, times: u32) -> SlackFault {
    SlackFault::LoseAnswer { method: method.to_owned(), times }
}

fn loses_discord(route: &str, times: u32) -> DiscordFault {
    DiscordFault::LoseAnswer { route: route.to_owned(), times }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_whose_opening_was_not_answered_is_found_again() {
    let bot = Bot::start().await;
    bot.slack.fault(loses("conversations.create", 2));
    bot.discord.fault(loses_discord("POST /guilds/{id}/channels", 2));
    declare(&bot).await;
    assert_eq!(rooms(bot.slack.channels()), 1, "{:?}", bot.slack.channels());
    assert_eq!(rooms(bot.discord.channels()), 1, "{:?}", bot.discord.channels());
    assert_eq!(bot.database.count("select count(*) from room").await, 2);
    once(&bot, ROOM, "INC-1 · P2 · checkout returns 502");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_sending_was_not_answered_is_looked_up_before_it_is_repeated() {
    let bot = Bot::start().await;
    bot.slack.fault(loses("chat.postMessage", 4));
    bot.discord.fault(loses_discord(POST, 4));
    declare(&bot).await;
    once(&bot, ROOM, "INC-1 · P2 · checkout returns 502");
    once(&bot, "incidents", "INC-1 · P2 · checkout returns 502");
    once(&bot, "status-updates", "checkout returns 502");
    bot.slack.fault(loses("chat.postMessage", 2));
    bot.discord.fault(loses_discord(POST, 2));
    bot.person("ana").slack().at(ROOM).says("/inc note errors began at 14:02").await;
    bot.person("ana").slack().at(ROOM).says("/inc note errors began at 14:02").await;
    bot.run_until_done().await;
    for text in seen(&bot, ROOM) {
        assert_eq!(text.matches("errors began at 14:02").count(), 2, "said twice, shown twice:\n{text}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_waits_and_slowness_delay_a_message_and_no_more() {
    let bot = declared().await;
    let (method, route) = ("chat.postMessage".to_owned(), POST.to_owned());
    let troubles: [(SlackFault, DiscordFault); 3] = [
        (
            SlackFault::ServerError { method: method.clone(), times: 2 },
            DiscordFault::ServerError { route: route.clone(), times: 2 },
        ),
        (
            SlackFault::RateLimit { method: method.clone(), times: 2, retry_after_secs: 1 },
            DiscordFault::RateLimit { route: route.clone(), times: 2, retry_after_millis: 300 },
        ),
        (SlackFault::Slow { method, times: 1, millis: 700 }, DiscordFault::Slow { route, times: 1, millis: 700 }),
    ];
    for (number, (slack, discord)) in troubles.into_iter().enumerate() {
        bot.slack.fault(slack);
        bot.discord.fault(discord);
        let note = format!("note number {number}.");
        bot.person("ana").slack().at(ROOM).says(&format!("/inc note {note}")).await;
        bot.run_until_done().await;
        once(&bot, ROOM, &note);
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_message_was_deleted_is_posted_anew() {
    let bot = declared().await;
    let title = "INC-1 · P2 · checkout returns 502";
    let slack_message = bot.slack.find_message(ROOM, title).expect("there is a card");
    let discord_message = bot.discord.find_message(ROOM, title).expect("there is a card");
    delete_card(&bot, "slack", &slack_message).await;
    delete_card(&bot, "discord", &discord_message).await;
    for text in seen(&bot, ROOM) {
        assert!(!text.contains(title), "{text}");
    }
    bot.person("ana").slack().at(ROOM).says("/inc sev 1 why: all regions").await;
    bot.run_until_done().await;
    once(&bot, ROOM, "INC-1 · P1 · checkout returns 502 (pinned)");
    bot.finish().await;
}

/// Somebody with the right to deletes a message, in the bot's room.
async fn delete_card(bot: &Bot, platform: &str, message: &str) {
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let rooms = tx.rooms(1).await.expect("the rooms can be read");
    let room = rooms.into_iter().find(|room| room.platform.as_str() == platform).expect("there is a room");
    let client = reqwest::Client::new();
    let request = if platform == "slack" {
        let url = format!("{}/chat.delete", bot.sandbox().slack_api_url());
        let body = json!({"channel": room.channel, "ts": message});
        client.post(url).bearer_auth(cast::SLACK_BOT_TOKEN).json(&body)
    } else {
        let url = bot.sandbox().discord_api_url();
        let url = format!("{url}/api/v10/channels/{}/messages/{message}", room.channel);
        client.delete(url).header("authorization", format!("Bot {}", cast::DISCORD_TOKEN))
    };
    let answer = request.send().await.expect("the sandbox answers");
    assert!(answer.status().is_success(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_quick_changes_become_one_edit_of_the_newest_state() {
    let bot = declared().await;
    let slack_edits = |bot: &Bot| bot.slack.calls().iter().filter(|(call, _)| call == "chat.update").count();
    let discord_edits = |bot: &Bot| bot.discord.calls().iter().filter(|(call, _)| call == EDIT).count();
    let before = (slack_edits(&bot), discord_edits(&bot));
    let (ana, tom) = (bot.person("ana").slack().at(ROOM), bot.person("tom").discord().at(ROOM));
    for _ in 0..5 {
        ana.says("/inc lead me").await;
        tom.says("/inc lead").await;
    }
    bot.run_until_idle().await;
    // The card in the room and the announcement: one edit each.
    assert_eq!(slack_edits(&bot) - before.0, 2);
    assert_eq!(discord_edits(&bot) - before.1, 2);
    assert!(ana.sees().contains("Commander: *Tom Okafor*"), "{}", ana.sees());
    assert!(tom.sees().contains("Commander: @tom"), "{}", tom.sees());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_is_said_while_a_platform_is_down_all_of_it_is_said_in_the_end() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    bot.discord.fault(DiscordFault::ServerError { route: POST.to_owned(), times: 1_000 });
    for number in 0..22 {
        ana.says(&format!("/inc note n{number}")).await;
        bot.run_until_idle().await;
    }
    assert!(order(&bot.discord.transcript(ROOM)).is_empty());
    bot.discord.mend();
    bot.run_until_done().await;
    for text in seen(&bot, ROOM) {
        assert_eq!(order(&text), (0..22).collect::<Vec<_>>(), "{text}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_a_platform_refuses_do_not_hold_up_those_after_them() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    let (method, error) = ("chat.postMessage".to_owned(), "msg_too_long".to_owned());
    bot.slack.fault(SlackFault::Fail { method, times: 13, error });
    for number in 0..6 {
        ana.says(&format!("/inc note n{number}")).await;
    }
    bot.run_until_idle().await; // six refusals, and one of the word to an administrator, who is told on Discord
    ana.says("/inc note n6").await;
    bot.run_until_idle().await; // six more, and the seventh is taken
    assert_eq!(order(&ana.sees()), [6]);
    bot.pass(5).await; // what is refused is tried again every few minutes
    bot.run_until_done().await;
    assert_eq!(order(&ana.sees()), [6, 0, 1, 2, 3, 4, 5]);
    bot.finish().await;
}

/// The numbers of the notes in the order in which a room shows them.
fn order(text: &str) -> Vec<u32> {
    let lines = text.lines().filter_map(|line| line.split_once("notes: n")?.1.parse().ok());
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_stand_in_the_order_of_their_decisions_even_where_one_had_to_be_repeated() {
    let bot = declared().await;
    let (ana, tom) = (bot.person("ana").slack().at(ROOM), bot.person("tom").discord().at(ROOM));
    bot.slack.fault(SlackFault::ServerError { method: "chat.postMessage".to_owned(), times: 1 });
    bot.discord.fault(loses_discord(POST, 3));
    for number in 0..3 {
        ana.says(&format!("/inc note n{}", 2 * number)).await;
        tom.says(&format!("/inc note n{}", 2 * number + 1)).await;
    }
    bot.run_until_done().await;
    for text in seen(&bot, ROOM) {
        assert_eq!(order(&text), (0..6).collect::<Vec<_>>(), "{text}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_a_rush_stand_in_the_order_of_the_log() {
    let bot = declared().await;
    let rush = (0..8).map(|number| {
        let bot = &bot;
        async move {
            let text = format!("/inc note n{number}");
            if number % 2 == 0 {
                bot.person("ana").slack().at(ROOM).says(&text).await
            } else {
                bot.person("tom").discord().at(ROOM).says(&text).await
            }
        }
    });
    futures::future::join_all(rush).await;
    bot.run_until_done().await;
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let subject = wardroom::domain::Subject::Incident(1);
    let page = tx.log_page(&[subject], 0, 500).await.expect("the log can be read");
    let noted = page.entries.iter().filter(|entry| entry.kind == "incident.noted");
    let log: Vec<u32> =
        noted.filter_map(|entry| entry.data["text"].as_str()?.strip_prefix('n')?.parse().ok()).collect();
    drop(tx);
    assert_eq!(log.len(), 8);
    for text in seen(&bot, ROOM) {
        assert_eq!(order(&text), log, "{text}");
    }
    bot.finish().await;
}

const UNKIND: [&str; 7] = [
    "look <!channel> <!here> <!everyone> <!subteam^S123> here",
    "look @everyone @here @channel <@&900000000000000001>",
    "ask <@U0MIA> or <@100000000000000003> or @mia in <#C0STATUS>",
    "```code``` `tick **bold** _x_ ~~y~~ > quote # head [a](http://b.example) <http://c.example|d> &lt;!channel&gt;",
    "\u{202e}right to left\u{202c} مرحبا بالعالم שלום",
    "emoji 👩‍👩‍👧‍👦 🔥 :fire: e\u{301}\u{301} \u{200b}\u{feff}end",
    "{{person by}} {{{text}}} %s $1 \\n \\` \\<!channel>",
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_people_write_pings_nobody_and_never_fails() {
    let bot = declared().await;
    let (ana, tom) = (bot.person("ana").slack().at(ROOM), bot.person("tom").discord().at(ROOM));
    for text in UNKIND {
        for said in [ana.says(&format!("/inc note {text}")).await, tom.says(&format!("/inc note {text}")).await] {
            assert!(said.contains("notes: ") && said.contains("L INC-1#"), "{text}: {said}");
        }
    }
    let long: String = "wörd <!channel> @everyone ".chars().cycle().take(2_000).collect();
    for said in [ana.says(&format!("/inc note {long}")).await, tom.says(&format!("/inc note {long}")).await] {
        assert!(said.contains("L INC-1#"), "{said}");
    }
    let declares = "/inc declare sev2 <!channel> @everyone `<@U0MIA>` is down svc:payments";
    assert!(ana.says(declares).await.contains("declared"), "a title may be anything");
    bot.run_until_done().await;
    let mut read = Vec::new();
    for (_, body) in bot.slack.calls() {
        marked_up(&body, &mut read);
    }
    for channel in bot.slack.view("U0ANA")["channels"].as_array().into_iter().flatten() {
        channel["messages"].as_array().into_iter().flatten().for_each(|message| marked_up(&message["raw"], &mut read));
    }
    for text in &read {
        let others = text.replace("<!date^", ""); // the one live form that we write ourselves, besides links to rooms
        assert!(!others.contains("<!") && !others.contains("<@"), "it would ping: {text}");
    }
    assert!(read.iter().any(|text| text.contains("&lt;!channel&gt;")), "the notes were sent");
    let mut checked = 0;
    for (call, body) in bot.discord.calls() {
        for message in [&body, &body["data"]].into_iter().filter(|m| m.get("content").is_some()) {
            let mentions = &message["allowed_mentions"];
            assert_eq!(mentions["parse"], json!([]), "{call}: {message}");
            let none = |list: &Value| list.as_array().is_none_or(Vec::is_empty);
            assert!(none(&mentions["users"]) && none(&mentions["roles"]), "{call}: {message}");
            checked += 1;
        }
    }
    assert!(checked > 20, "messages went to Discord");
    bot.finish().await;
}

/// Every text in which Slack looks for mentions: all but those that are said to be plain.
fn marked_up(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) if object.get("type").is_some_and(|kind| kind == "plain_text") => {}
        Value::Object(object) => object.values().for_each(|value| marked_up(value, found)),
        Value::Array(values) => values.iter().for_each(|value| marked_up(value, found)),
        Value::String(text) => found.push(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_answered_while_both_platforms_are_slow() {
    let bot = declared().await;
    bot.slack.fault(SlackFault::Slow { method: "chat.postMessage".to_owned(), times: 3, millis: 600 });
    bot.discord.fault(DiscordFault::Slow { route: POST.to_owned(), times: 3, millis: 600 });
    let ana = bot.person("ana").slack().at(ROOM);
    let said = ana.says("/inc note slow").await;
    assert!(said.contains("L INC-1#"), "{said}");
    tokio::time::timeout(Duration::from_mins(1), bot.run_until_done()).await.expect("slow is not stuck");
    once(&bot, ROOM, "notes: slow");
    bot.finish().await;
}
