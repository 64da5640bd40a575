//! Connections end in every way that the platforms know, and in some that they do not: the bot comes back by itself, and
//! what people did meanwhile is done once.

use std::time::{Duration, Instant};

use wardroom::clock::Clock;

use crate::harness::{Bot, World};

const ROOM: &str = "inc-1-checkout-returns-502";

/// Longer than serenity takes to begin a new session (5 s) on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn declared() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_idle().await;
    bot
}

async fn noted(bot: &Bot) -> usize {
    bot.decision_log("INC-1").await.matches("incident.noted").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_ends_connections_for_every_reason_and_nothing_is_lost() {
    let bot = declared().await;
    for (number, reason) in ["warning", "refresh_requested", "too_many_websockets", "link_disabled"].iter().enumerate()
    {
        let ana = bot.person("ana").slack().at(ROOM);
        let speaking = async {
            for part in 0..3 {
                let said = ana.says(&format!("/inc note {reason} {part}.")).await;
                assert!(said.contains("L INC-1#"), "{reason}: {said}");
            }
        };
        let ending = async {
            bot.slack.send_disconnect(reason);
            until("new connections beside the old", async || bot.slack.connections() >= 4).await;
        };
        tokio::join!(speaking, ending);
        assert_eq!(noted(&bot).await, 3 * (number + 1), "{reason}");
        until("the old connections are closed", async || bot.slack.connections() == 2).await;
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_sockets_that_break_are_opened_again_and_envelopes_come_once_more() {
    let bot = declared().await;
    let (ana, tom) = (bot.person("ana").slack().at(ROOM), bot.person("tom").slack().at(ROOM));
    for number in 0..3 {
        let (one, other) = (format!("/inc note ana {number}."), format!("/inc note tom {number}."));
        let dropping = bot.slack.drop_connections();
        let (said, answered, ()) = tokio::join!(ana.says(&one), tom.says(&other), dropping);
        // Said while there was no connection at all, it is refused by Slack itself.
        let refused = [&said, &answered].iter().filter(|said| said.contains("not connected")).count();
        let done = [&said, &answered].iter().filter(|said| said.contains("L INC-1#")).count();
        assert_eq!(refused + done, 2, "{said} / {answered}");
        until("two connections again", async || bot.slack.connections() == 2).await;
    }
    bot.run_until_idle().await;
    let log = noted(&bot).await;
    assert_eq!(ana.sees().matches(" notes: ").count(), log, "each note is there once");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_mean_nothing_cost_slack_no_connection_and_one_that_is_too_large_costs_one() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    for frame in ["", "{", "null", "[]", r#"{"type":5}"#, r#"{"type":"hello"}"#, r#"{"envelope_id":"e","type":"x"}"#] {
        bot.slack.send_frame(frame);
        bot.slack.send_bytes(frame.as_bytes());
    }
    bot.slack.send_frame(&"[".repeat(100_000));
    let said = ana.says("/inc note still here").await;
    assert!(said.contains("L INC-1#"), "{said}");
    assert_eq!(bot.slack.connections(), 2);
    bot.slack.send_frame(&"x".repeat(5 << 20));
    until("what is too large is not read", async || bot.slack.connections() < 2).await;
    until("two connections again", async || bot.slack.connections() == 2).await;
    let said = ana.says("/inc note here again").await;
    assert!(said.contains("L INC-1#"), "{said}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_reconnects_breaks_or_doubts_the_session_resumes_it_and_nothing_is_lost() {
    let bot = declared().await;
    let tom = bot.person("tom").discord().at(ROOM);
    for way in ["op 7", "drop", "4000", "op 9, to be resumed"] {
        match way {
            "op 7" => bot.discord.ask_to_reconnect().await,
            "drop" => bot.discord.drop_connections().await,
            "4000" => bot.discord.close_connections(4_000).await,
            _ => bot.discord.invalidate_sessions(true).await,
        }
        // Typed while the session is being resumed: it is replayed.
        let said = tom.says(&format!("/inc note {way}")).await;
        assert!(said.contains("L INC-1#"), "{way}: {said}");
        until("connected", async || bot.discord.connections() == 1).await;
        assert_eq!(bot.discord.sessions_begun(), 1, "{way}: the session was resumed");
    }
    assert_eq!(noted(&bot).await, 4);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_is_followed_by_a_new_one() {
    let bot = declared().await;
    let tom = bot.person("tom").discord().at(ROOM);
    bot.discord.invalidate_sessions(false).await;
    until("a second session", async || bot.discord.sessions_begun() == 2 && bot.discord.connected()).await;
    let said = tom.says("/inc note after op 9").await;
    assert!(said.contains("L INC-1#"), "{said}");
    bot.discord.close_connections(4_009).await;
    until("a third session", async || bot.discord.sessions_begun() == 3 && bot.discord.connected()).await;
    let said = tom.says("/inc note after 4009").await;
    assert!(said.contains("L INC-1#"), "{said}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_no_longer_hears_heartbeats_is_left_for_another_connection() {
    let bot = declared().await;
    bot.discord.set_heartbeat(Duration::from_secs(1), false);
    bot.discord.invalidate_sessions(false).await;
    until("a session over a connection that is dead", async || bot.discord.sessions_begun() == 2).await;
    bot.discord.set_heartbeat(Duration::from_secs(40), true);
    until("it was left for another", async || bot.discord.sessions_begun() == 3 && bot.discord.connected()).await;
    let tom = bot.person("tom").discord().at(ROOM);
    let said = tom.says("/inc note heard again").await;
    assert!(said.contains("L INC-1#"), "{said}");
    bot.finish().await;
}

/// A crash loop must not cost the token: what is left of the day's sessions is known after every start.
#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_started_again_and_again_never_spends_its_last_session() {
    let world = World::start(Clock::new(0)).await;
    let day = Duration::from_secs(6);
    world.discord.set_session_starts(2, day);
    let began = Instant::now();
    let bot = world.run_bot().await;
    assert!(began.elapsed() >= day / 2, "with two left it waits for half of what is left of the day");
    assert!(bot.said().contains("few more sessions"), "{}", bot.said());
    assert_eq!(world.discord.sessions_begun(), 1);
    bot.kill().await;
    let bot = world.run_bot().await;
    assert!(began.elapsed() >= day, "with one left it waits until there are new ones");
    assert_eq!(world.discord.sessions_begun(), 2);
    bot.stop().await;
    world.finish().await;
}
