//! What Slack and Discord tell without being asked: homes that are opened, commands written as messages, and the end of
//! the bot's own membership.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wardroom::app::{Act, Inbound};
use wardroom::clock::Clock;
use wardroom::domain::{Account, Place, Platform, Standing};

use crate::harness::{Bot, World};

const ROOM: &str = "inc-1-cards-fail";
const REQUEST: &str = "/change emergency roll back impact: cards fail why: now plan: redeploy tested:yes data:2 \
                       availability:3 compliance:1 complexity:3 rollback:3";

async fn declared(bot: &Bot) {
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
}

fn publishes(bot: &Bot) -> usize {
    bot.slack.calls().iter().filter(|(method, _)| method == "views.publish").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_shows_what_waits_and_keeps_up_with_it() {
    let bot = Bot::start().await;
    let (ana, mia, pat) = (bot.person("ana").slack(), bot.person("mia").slack(), bot.person("pat").slack());
    declared(&bot).await;
    assert_eq!(publishes(&bot), 0, "only those who opened their home have one");
    for here in [&ana, &mia, &pat] {
        here.opens_home().await;
    }
    bot.run_until_idle().await;
    assert!(ana.home().contains("Nothing waits for you. `/inc declare`"), "{}", ana.home());
    assert!(ana.home().contains("Payments"), "on call for: {}", ana.home());
    assert!(pat.home().contains("I don't know who you are yet"), "{}", pat.home());

    let shown = publishes(&bot);
    let ana_in_room = bot.person("ana").slack().at(ROOM);
    ana_in_room.says("/inc lead me").await;
    bot.run_until_idle().await;
    assert!(ana.home().contains("*INC-1* · P2 · cards fail · you lead it"), "{}", ana.home());
    assert_eq!(publishes(&bot), shown + 1, "what concerns one person is shown to one");

    ana_in_room.says(REQUEST).await;
    bot.run_until_idle().await;
    let waits = mia.home();
    assert!(waits.contains("*CHG-1* · roll back · band high · your vote"), "{waits}");
    let answer = mia.presses_home("Approve", "CHG-1").await;
    assert!(answer.replace('*', "").contains("voted approve on CHG-1"), "{answer}");
    bot.run_until_idle().await;
    assert!(mia.home().contains("Nothing waits for you"), "{}", mia.home());
    assert!(bot.discord.transcript(ROOM).contains("1 of"), "the card has the vote");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_on_discord_shows_the_same_as_the_home_with_working_buttons() {
    let bot = Bot::start().await;
    declared(&bot).await;
    bot.person("ana").slack().at(ROOM).says(REQUEST).await;
    bot.run_until_idle().await;
    let mia = bot.person("mia").discord();
    let panel = mia.says("/inc panel").await;
    assert!(panel.contains("CHG-1") && panel.contains("your vote") && panel.contains("[Approve]"), "{panel}");
    let answer = mia.presses("Approve", "your vote").await;
    assert!(answer.replace('*', "").contains("voted approve on CHG-1"), "{answer}");
    let panel = mia.says("/inc panel").await;
    assert!(panel.contains("Nothing waits for you"), "{panel}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_with_more_than_fits_points_to_the_rest() {
    let bot = Bot::start().await;
    declared(&bot).await;
    for n in 0..12 {
        let asked = bot.person("ana").slack().at(ROOM).says(&REQUEST.replace("roll back", &format!("step {n}"))).await;
        assert!(asked.contains("CHG-"), "{asked}");
    }
    let mia = bot.person("mia").slack();
    mia.opens_home().await;
    bot.run_until_idle().await;
    let blocks = bot.slack.home("mia").expect("a home")["blocks"].as_array().map_or(0, Vec::len);
    assert!(blocks > 20 && blocks <= 100, "{blocks} blocks");
    assert!(mia.home().contains("more: `/change list`"), "{}", mia.home());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_a_message_too_in_a_thread_of_the_war_room() {
    let bot = Bot::start().await;
    declared(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    let answer = ana.replies("cards fail", "!inc note disk is full").await;
    assert!(answer.contains("notes: disk is full"), "{answer}");
    let whispered = bot.slack.calls().into_iter().rev().find(|(method, _)| method == "chat.postEphemeral").expect("it");
    assert!(whispered.1["thread_ts"].is_string(), "in the thread: {}", whispered.1);
    assert!(ana.says("!inc sev 1 why: all regions").await.contains("raised the priority"), "in the channel");
    let unclear = ana.replies("cards fail", "!inc delcare x").await;
    assert!(unclear.contains("Did you mean “declare”?"), "{unclear}");
    // What people say to each other is theirs.
    assert_eq!(ana.replies("cards fail", "!important: look at the graph").await, "");
    let direct = bot.person("ana").slack().at("@wardroom").says("!inc note incident:INC-1 from the side").await;
    // In the conversation with the bot a person's own words are there too, and come first.
    assert!(direct.contains("!inc note"), "{direct}");
    let direct = bot.person("ana").slack().at("@wardroom");
    until("the answer", async || direct.private().contains("notes: from the side")).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_needs_a_form_offers_one() {
    let bot = Bot::start().await;
    declared(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    let answer = ana.replies("cards fail", "!inc decide Roll back 4.2?").await;
    assert!(answer.contains("Still needed: Chosen, Why.") && answer.contains("[Open the form]"), "{answer}");
    ana.presses("Open the form", "Still needed").await;
    let decided = ana.fills(&[("chose", "yes"), ("why", "errors began with it")]).await;
    assert!(decided.contains("decided: Roll back 4.2? *yes*, because errors began with it"), "{decided}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_persons_own_new_message_counts_and_counts_once() {
    let bot = Bot::start().await;
    declared(&bot).await;
    let view = bot.slack.view("ana");
    let room = view["channels"].as_array().into_iter().flatten().find(|channel| channel["name"] == ROOM).expect("it");
    let message = |more: Value| {
        let mut event = json!({
            "type": "message", "channel": room["id"], "channel_type": "channel", "user": "U0ANA",
            "text": "!inc note said", "ts": "1893506400.000200", "event_ts": "1893506400.000200",
            "client_msg_id": "8d1c", "team": "T0HARBOUR",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        event
    };
    for not_own in [
        json!({"bot_id": "B0OTHER"}),
        json!({"subtype": "bot_message", "bot_id": "B0OTHER", "user": null}),
        json!({"subtype": "message_changed", "message": {"text": "!inc note said", "user": "U0ANA"}}),
        json!({"subtype": "message_deleted"}),
        json!({"user_team": "T0ELSEWHERE", "source_team": "T0ELSEWHERE"}),
        json!({"user_profile": {"is_restricted": true, "team": "T0HARBOUR"}}),
        json!({"user": "U0ANA", "text": null}),
    ] {
        bot.slack.tell_event(message(not_own.clone())).await;
        assert_eq!(notes(&bot).await, 0, "{not_own}");
    }
    let mention = json!({"type": "app_mention", "text": "<@U0WARDROOM> Inc note by name", "client_msg_id": "9e2d"});
    bot.slack.tell_event(message(mention.clone())).await;
    bot.slack.tell_event(message(mention)).await;
    assert_eq!(notes(&bot).await, 1, "a mention is a way to say a command too");
    bot.slack
        .tell_event(message(json!({"type": "app_mention", "text": "<@U0WARDROOM> hello", "client_msg_id": "a1b2"})))
        .await;
    let ana = bot.person("ana").slack();
    until("an answer to a greeting", async || ana.private().contains("There is no /hello here.")).await;
    // Slack tells it again where an acknowledgement was lost, under another event id.
    for _ in 0..3 {
        bot.slack.tell_event(message(json!({}))).await;
    }
    assert_eq!(notes(&bot).await, 2);
    bot.finish().await;
}

async fn notes(bot: &Bot) -> usize {
    bot.decision_log("INC-1").await.matches("incident.noted").count()
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_mins(1), "{what}: not within a minute");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_from_slack_the_bot_serves_discord_and_catches_up_when_it_is_back() {
    let world = World::start(Clock::new(0)).await;
    let bot = world.run_bot().await;
    assert_eq!(bot.readiness().await, "ready: Slack and Discord\n");
    world.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    until("rooms", async || world.slack.channels().iter().any(|name| name == ROOM)).await;
    until("a room there", async || world.discord.transcript(ROOM).contains("cards fail")).await;

    world.slack.uninstall().await;
    let told = "Wardroom is not in Slack any more";
    until("Discord is told", async || world.discord.transcript("incidents").contains(told)).await;
    let ready = bot.readiness().await;
    assert!(ready.starts_with("ready: Discord\nSlack is not served since "), "{ready}");
    let note = world.person("raj").discord().at(ROOM).says("/inc note text: while Slack was away").await;
    assert!(note.contains("while Slack was away"), "{note}");
    until("the note there", async || world.discord.transcript(ROOM).contains("while Slack was away")).await;
    let calls = world.slack.calls().len();
    world.person("raj").discord().at(ROOM).says("/inc note text: and a second one").await;
    until("the second", async || world.discord.transcript(ROOM).contains("and a second one")).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(world.slack.calls().len(), calls, "a dead token is not tried again");

    world.slack.install();
    until("nothing is left to do", async || world.unfinished().await.is_empty()).await;
    bot.stop().await;
    let bot = world.run_bot().await;
    assert_eq!(bot.readiness().await, "ready: Slack and Discord\n");
    for words in ["while Slack was away", "and a second one"] {
        until(words, async || world.slack.transcript(ROOM).contains(words)).await;
        assert_eq!(world.slack.transcript(ROOM).matches(words).count(), 1, "{words} once");
    }
    assert_eq!(world.discord.transcript("incidents").matches(told).count(), 1, "told once");
    let log = world.decision_log("ORG").await;
    assert_eq!((log.matches("workspace.lost").count(), log.matches("workspace.regained").count()), (1, 1), "{log}");
    until("nothing is left to do", async || world.unfinished().await.is_empty()).await;
    bot.stop().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_starts_with_a_dead_token_serves_the_other_platform() {
    let world = World::start(Clock::new(0)).await;
    world.slack.uninstall().await;
    let bot = world.run_bot_on(1).await;
    let ready = bot.readiness().await;
    assert!(ready.starts_with("ready: Discord\nSlack is not served since "), "{ready}");
    let declared = world.person("raj").discord().says("/inc declare sev: sev2 title: cards fail svc: payments").await;
    assert!(declared.contains("INC-1"), "{declared}");
    until("a room", async || world.discord.transcript(ROOM).contains("cards fail")).await;
    world.slack.install();
    until("nothing is left to do", async || world.unfinished().await.is_empty()).await;
    bot.stop().await;
    let bot = world.run_bot().await;
    until("a room on Slack too", async || world.slack.transcript(ROOM).contains("cards fail")).await;
    until("nothing is left to do", async || world.unfinished().await.is_empty()).await;
    bot.stop().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_from_a_discord_server_what_it_should_hear_waits_there_until_the_bot_is_back() {
    let bot = Bot::start().await;
    declared(&bot).await;
    let guild = "900000000000000001".to_owned();
    let told = |act: Act, delivery: &str| Inbound {
        delivery: delivery.to_owned(),
        place: Place { platform: Platform::Discord, workspace: guild.clone(), channel: String::new() },
        account: Account { platform: Platform::Discord, workspace: guild.clone(), id: String::new() },
        account_name: String::new(),
        standing: Standing::Member,
        message: None,
        act,
    };
    for delivery in ["discord:1", "discord:2"] {
        let removed = Act::BotWasRemoved { why: "removed_from_server".to_owned() };
        bot.app.handle(told(removed, delivery)).await.expect("it is kept");
    }
    bot.person("ana").slack().at(ROOM).says("/inc note while Discord was away").await;
    bot.run_until_idle().await;
    let announced = bot.slack.transcript("incidents");
    assert_eq!(announced.matches("Wardroom is not in Discord any more").count(), 1, "{announced}");
    assert!(!bot.discord.transcript(ROOM).contains("while Discord was away"));
    bot.app.handle(told(Act::BotIsMember, "discord:3")).await.expect("it is kept");
    bot.run_until_idle().await;
    assert_eq!(bot.discord.transcript(ROOM).matches("while Discord was away").count(), 1);
    bot.finish().await;
}
