//! Signed requests, as people and strangers send them: what is repeated, what is forged, what is under way at the end.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use wardroom::clock;
use wardroom::sandbox::slack::SlackFault;

use crate::harness::{Bot, Process, Transport, World};

const ROOM: &str = "inc-1-checkout-returns-502";
const FORM: &str = "application/x-www-form-urlencoded";

/// A request with its headers, which can be sent more than once.
struct Signed {
    url: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Signed {
    /// As Slack signs, with the workspace's secret.
    fn by_slack(world: &World, bot: &str, path: &str, body: String) -> Signed {
        let at = clock::real().timestamp().to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(world.slack.signing_secret().as_bytes()).expect("any length");
        mac.update(format!("v0:{at}:{body}").as_bytes());
        let signature = format!("v0={}", hex::encode(mac.finalize().into_bytes()));
        let headers = vec![("x-slack-request-timestamp", at), ("x-slack-signature", signature)];
        Signed { url: format!("{bot}{path}"), headers, body }
    }

    fn with(mut self, name: &'static str, value: &str) -> Signed {
        self.headers.push((name, value.to_owned()));
        self
    }

    async fn send(&self) -> (u16, Value) {
        let mut request = reqwest::Client::new().post(&self.url).header("content-type", FORM);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = request.body(self.body.clone()).send().await.expect("an answer");
        let (status, text) = (answer.status().as_u16(), answer.text().await.expect("a text"));
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }
}

/// A command of Ana's in the war room.
async fn note(world: &World, bot: &str, trigger: &str, text: &str) -> Signed {
    let room = world.database.texts("select channel from room where platform = 'slack'").await.remove(0);
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("team_id", world.slack.cast().team_id.as_str()),
        ("channel_id", &room),
        ("user_id", "U0ANA"),
        ("user_name", "ana"),
        ("command", "/inc"),
        ("text", text),
        ("trigger_id", trigger),
    ] {
        form.append_pair(name, value);
    }
    Signed::by_slack(world, bot, "/slack/commands", form.finish())
}

async fn noted(world: &World) -> i64 {
    world.database.count("select count(*) from dlog.entry where kind = 'incident.noted'").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_acts_once_and_gets_the_same_answer() {
    wardroom::telemetry::metrics();
    let world = World::start(wardroom::clock::Clock::new(0)).await;
    let bot = by_requests(&world).await;
    let request = note(&world, &bot.url, "1.2.replayed", "note errors began at 14:02").await;
    let first = request.send().await;
    assert_eq!(first.0, 200);
    assert!(first.1["text"].as_str().is_some_and(|text| text.contains("L INC-1#")), "{}", first.1);
    assert_eq!(request.send().await, first, "somebody who listened sends it once more");
    let request = request.with("x-slack-retry-num", "1").with("x-slack-retry-reason", "http_timeout");
    assert_eq!(request.send().await, first, "Slack sends it once more");
    assert_eq!(noted(&world).await, 1);
    let metrics = reqwest::get(format!("{}/metrics", bot.url)).await.expect("metrics").text().await.expect("a text");
    assert!(metrics.contains("wardroom_slack_repetitions_total{reason=\"http_timeout\"} 1"), "{metrics}");
    let mut forged = note(&world, &bot.url, "1.2.forged", "note forged").await;
    forged.body = forged.body.replace("forged", "F0rged");
    assert_eq!(forged.send().await.0, 401);
    assert_eq!(noted(&world).await, 1);
    let metrics = reqwest::get(format!("{}/metrics", bot.url)).await.expect("metrics").text().await.expect("a text");
    let counted = |platform: &str| {
        let begins = format!("wardroom_requests_refused_total{{platform=\"{platform}\",reason=\"signature\"}}");
        metrics.lines().find_map(|line| line.strip_prefix(&begins)?.trim().parse::<u32>().ok())
    };
    // Discord sends a forged one of its own when the endpoint is entered.
    assert_eq!((counted("slack"), counted("discord")), (Some(1), Some(1)), "{metrics}");
    bot.stop().await;
    world.leave().await;
}

/// A bot that is reached by requests, with an incident in its room.
async fn by_requests(world: &World) -> Process {
    let bot = world.run_bot_over(Transport::Http).await;
    world.sandbox().deliver_to(&bot.url).await.expect("both platforms take the endpoints");
    world.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    for _ in 0..1_000 {
        if world.slack.transcript(ROOM).contains("INC-1 · P2") && world.discord.transcript(ROOM).contains("INC-1 · P2")
        {
            return bot;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the rooms were not opened:\n{}", bot.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_when_the_bot_is_told_to_end_is_answered() {
    let world = World::start(wardroom::clock::Clock::new(0)).await;
    let bot = by_requests(&world).await;
    // The incident's row is held for longer than the guard, so that the answers must follow.
    let held = world.database.hold("select 1 from incident for update").await;
    let (ana, tom) = (world.person("ana").slack().at(ROOM), world.person("tom").discord().at(ROOM));
    let both = async { tokio::join!(ana.says("/inc note one last word"), tom.says("/inc note and another")) };
    let ending = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let stopping = tokio::spawn(bot.stop());
        tokio::time::sleep(Duration::from_millis(2_700)).await;
        held.release().await;
        stopping.await.expect("it ended well");
    };
    let began = Instant::now();
    tokio::join!(both, ending);
    assert!(began.elapsed() > Duration::from_millis(2_500), "nothing was under way");
    let told = (ana.private(), tom.private());
    assert!(told.0.contains("one last word") && told.0.contains("L INC-1#"), "{}", told.0);
    assert!(told.1.contains("and another") && told.1.contains("L INC-1#"), "{}", told.1);
    assert!(!told.0.contains("operation_timeout") && !told.1.contains("did not respond"), "{told:?}");
    assert_eq!(noted(&world).await, 2);
    world.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_slack_does_not_take_later_is_whispered() {
    let bot = Bot::start_over(Transport::Http).await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_idle().await;
    bot.slack.fault(SlackFault::Fail { method: "response_url".to_owned(), times: 1, error: "used_url".to_owned() });
    let told = bot.person("ana").slack().at(ROOM).presses("Take lead", "INC-1").await;
    assert!(told.contains("leads as commander"), "{told}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_how_people_are_heard_and_what_keeps_them_from_it() {
    let world = World::start(wardroom::clock::Clock::new(0)).await;
    let told = world.doctor(Transport::Sockets).await;
    assert!(told.contains("Slack: Socket Mode may connect.") && told.contains("come over the gateway"), "{told}");
    let told = world.doctor(Transport::Http).await;
    assert!(told.contains("ok    Slack: signed requests are taken") && !told.contains("Socket Mode"), "{told}");
    assert!(told.contains("FAIL  Discord has no Interactions Endpoint URL for the application yet"), "{told}");
    let bot = world.run_bot_over(Transport::Http).await;
    world.sandbox().deliver_to(&bot.url).await.expect("both platforms take the endpoints");
    let told = world.doctor(Transport::Http).await;
    assert!(told.contains("ok    Discord: interactions come as signed requests."), "{told}");
    let told = world.doctor(Transport::Sockets).await;
    let wanted = format!("FAIL  Discord posts interactions to {}/discord/interactions", bot.url);
    assert!(told.contains(&wanted) && told.contains("set DISCORD_PUBLIC_KEY"), "{told}");
    bot.stop().await;
    world.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_not_configured_says_what_to_set() {
    let world = World::start(wardroom::clock::Clock::new(0)).await;
    let bot = world.run_bot().await;
    for (path, setting) in [
        ("/slack/commands", "SLACK_SIGNING_SECRET"),
        ("/slack/interactions", "SLACK_SIGNING_SECRET"),
        ("/slack/events", "SLACK_SIGNING_SECRET"),
        ("/discord/interactions", "DISCORD_PUBLIC_KEY"),
    ] {
        let answer = reqwest::Client::new().post(format!("{}{path}", bot.url)).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 404, "{path}");
        let told = answer.text().await.expect("a text");
        assert!(told.contains(&format!("{setting} is not set")), "{path}: {told}");
    }
    let challenge = json!({"type": "url_verification", "challenge": "c"}).to_string();
    let unheard = Signed::by_slack(&world, &bot.url, "/slack/events", challenge).send().await;
    assert_eq!(unheard.0, 404);
    bot.stop().await;
    world.leave().await;
}
