//! Signed requests as Slack's documentation describes them, built here by hand, against the endpoints on a real port.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use tokio_util::task::TaskTracker;

use super::fake::Fake;
use super::listening::{by_words, quick};
use crate::app::inbound::{Inbound, Reply};
use crate::clock;

const FORM: &str = "application/x-www-form-urlencoded";
/// The secret of the fake's app.
const SECRET: &str = "signing-secret";

struct Endpoints {
    url: String,
    client: reqwest::Client,
    heard: Arc<AtomicUsize>,
}

struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }
}

impl Endpoints {
    async fn serve<F, Fut>(fake: &Fake, handler: F) -> Endpoints
    where
        F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply, String>> + Send + 'static,
    {
        let mut adapter = fake.adapter().await;
        adapter.timing = quick();
        let heard = Arc::new(AtomicUsize::new(0));
        let counted = heard.clone();
        let handler = move |inbound| {
            counted.fetch_add(1, Ordering::SeqCst);
            handler(inbound)
        };
        let routes = adapter.routes(handler, TaskTracker::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Endpoints { url, client: reqwest::Client::new(), heard }
    }

    /// Signed now, with the right secret.
    async fn post(&self, path: &str, content_type: &str, body: &str) -> Answer {
        let now = clock::real().timestamp();
        self.post_with(path, content_type, body, &[signature(SECRET, now, body), timestamp(now)]).await
    }

    async fn post_with(&self, path: &str, content_type: &str, body: &str, headers: &[(&str, String)]) -> Answer {
        let mut request = self.client.post(format!("{}{path}", self.url)).header("Content-Type", content_type);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.body(body.to_owned()).send().await.expect("an answer");
        Answer { status: response.status().as_u16(), text: response.text().await.expect("a text") }
    }
}

fn signature(secret: &str, at: i64, body: &str) -> (&'static str, String) {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(b"v0:");
    mac.update(at.to_string().as_bytes());
    mac.update(b":");
    mac.update(body.as_bytes());
    ("X-Slack-Signature", format!("v0={}", hex::encode(mac.finalize().into_bytes())))
}

fn timestamp(at: i64) -> (&'static str, String) {
    ("X-Slack-Request-Timestamp", at.to_string())
}

/// A slash command, field by field as Slack lists them.
fn command(fake: &Fake, trigger: &str, text: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", "gIkuvaNzQIHg97ATvDxqgjtO")
        .append_pair("team_id", "T1")
        .append_pair("team_domain", "example")
        .append_pair("channel_id", "C1")
        .append_pair("channel_name", "test")
        .append_pair("user_id", "U1")
        .append_pair("user_name", "Steve")
        .append_pair("command", "/inc")
        .append_pair("text", text)
        .append_pair("response_url", &fake.response_url())
        .append_pair("trigger_id", trigger)
        .append_pair("api_app_id", "A123456");
    form.finish()
}

fn interaction(payload: &Value) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish()
}

fn submission(title: &str) -> String {
    interaction(&json!({
        "type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "t",
        "view": {"callback_id": "f1", "private_metadata": "{\"channel\":\"C1\"}",
            "blocks": [{"type": "input", "block_id": "title"}],
            "state": {"values": {"title": {"value": {"type": "plain_text_input", "value": title}}}}},
    }))
}

#[tokio::test]
async fn a_command_is_told_in_the_response() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    let answer = slack.post("/slack/commands", FORM, &command(&fake, "t1", "hi + more")).await;
    assert_eq!(answer.status, 200);
    assert_eq!((&answer.json()["response_type"], &answer.json()["text"]), (&json!("ephemeral"), &json!("hi + more")));
    let answer = slack.post("/slack/commands", FORM, &command(&fake, "t2", "quiet")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    let answer = slack.post("/slack/commands", FORM, &command(&fake, "t3", "ask")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""), "the form is the answer");
    assert_eq!(fake.calls("views.open")[0].body["trigger_id"], "t3");
    let answer = slack.post("/slack/commands", FORM, &command(&fake, "t4", "panic")).await;
    assert!(answer.json()["text"].as_str().is_some_and(|text| text.contains("Please try again")), "{}", answer.text);
    let answer = slack.post("/slack/commands", FORM, "command=%2Finc").await;
    assert!(answer.json()["text"].as_str().is_some_and(|text| text.contains("could not read")), "{}", answer.text);
}

#[tokio::test]
async fn a_click_is_told_by_its_address_and_a_form_in_the_response() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    let click = interaction(&json!({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "channel": {"id": "C1"},
        "trigger_id": "t1", "response_url": fake.response_url(),
        "actions": [{"type": "button", "action_id": "soon"}],
    }));
    let answer = slack.post("/slack/interactions", FORM, &click).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""), "Slack reads no other answer to a click");
    assert_eq!(fake.call("response", 1).await.body["text"], "soon done");
    let answer = slack.post("/slack/interactions", FORM, &submission("fault")).await;
    assert_eq!(answer.json(), json!({"response_action": "errors", "errors": {"title": "Too short."}}));
    let answer = slack.post("/slack/interactions", FORM, &submission("done")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""), "the form closes");
    assert_eq!(fake.call("chat.postEphemeral", 1).await.body["text"], "done");
    let answer = slack.post("/slack/interactions", FORM, &interaction(&json!({"type": "brand_new"}))).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""), "the unknown is acknowledged");
}

#[tokio::test]
async fn the_challenge_is_sent_back_to_slack_alone() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    let check = json!({"token": "Jhj5dZrVaK7ZwHHjRyZWjbDl", "challenge": "3eZbrw1aBm", "type": "url_verification"});
    let answer = slack.post("/slack/events", "application/json", &check.to_string()).await;
    assert_eq!(answer.json(), json!({"challenge": "3eZbrw1aBm"}));
    let forged =
        [signature("other", clock::real().timestamp(), &check.to_string()), timestamp(clock::real().timestamp())];
    let answer = slack.post_with("/slack/events", "application/json", &check.to_string(), &forged).await;
    assert_eq!(answer.status, 401);
    assert!(!answer.text.contains("3eZbrw1aBm"), "{}", answer.text);
    let event = json!({"type": "event_callback", "event_id": "Ev1", "event": {"type": "brand_new"}});
    let answer = slack.post("/slack/events", "application/json", &event.to_string()).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    let before = limited();
    let limit = json!({"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1_518_467_820});
    let answer = slack.post("/slack/events", "application/json", &limit.to_string()).await;
    assert_eq!((answer.status, limited() - before), (200, 1), "it is counted, and nobody is bothered");
    // Slack asks now and then whether the certificate is good, without a signature.
    let answer = slack.post_with("/slack/commands", FORM, "ssl_check=1&token=x&command=%2Finc&text=hi", &[]).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(slack.heard.load(Ordering::SeqCst), 0);
}

/// How often Slack has left out events because there were too many.
fn limited() -> u64 {
    let metrics = crate::telemetry::metrics().render();
    let series = r#"wardroom_rate_limited_total{platform="slack",call="events"} "#;
    metrics.lines().find_map(|line| line.strip_prefix(series)).map_or(0, |count| count.parse().expect("a number"))
}

#[tokio::test]
async fn what_slack_did_not_sign_just_now_is_refused_without_a_reason() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    let body = command(&fake, "t1", "hi");
    let now = clock::real().timestamp();
    let good = || signature(SECRET, now, &body).1;
    let cases: Vec<(&str, Vec<(&str, String)>)> = vec![
        ("nothing", vec![]),
        ("no time", vec![signature(SECRET, now, &body)]),
        ("no signature", vec![timestamp(now)]),
        ("another secret", vec![signature("other", now, &body), timestamp(now)]),
        ("another body", vec![signature(SECRET, now, "text=hello"), timestamp(now)]),
        ("another time", vec![signature(SECRET, now - 1, &body), timestamp(now)]),
        ("too old", vec![signature(SECRET, now - 303, &body), timestamp(now - 303)]),
        ("ahead", vec![signature(SECRET, now + 303, &body), timestamp(now + 303)]),
        ("without its version", vec![("X-Slack-Signature", good().replace("v0=", "")), timestamp(now)]),
        ("another version", vec![("X-Slack-Signature", good().replace("v0=", "v1=")), timestamp(now)]),
        ("in capitals", vec![("X-Slack-Signature", good().to_uppercase()), timestamp(now)]),
        ("no number", vec![signature(SECRET, now, &body), ("X-Slack-Request-Timestamp", "now".to_owned())]),
    ];
    for (case, headers) in cases {
        let answer = slack.post_with("/slack/commands", FORM, &body, &headers).await;
        assert_eq!((answer.status, answer.text.as_str()), (401, "The request is not signed.\n"), "{case}");
    }
    assert_eq!(slack.heard.load(Ordering::SeqCst), 0);
    for at in [now - 295, now + 295] {
        let headers = [signature(SECRET, at, &body), timestamp(at)];
        assert_eq!(slack.post_with("/slack/commands", FORM, &body, &headers).await.status, 200);
    }
    assert_eq!(slack.heard.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_body_without_bounds_is_refused_before_it_is_checked() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    let large = command(&fake, "t1", &"x".repeat(1 << 20));
    assert_eq!(slack.post("/slack/commands", FORM, &large).await.status, 413);
    assert_eq!(slack.post_with("/slack/commands", FORM, &large, &[]).await.status, 413, "nobody looks who signed it");
    assert!(in_pieces(&slack.url).await.starts_with("HTTP/1.1 413 "), "no length was announced");
    let small = command(&fake, "t2", &"x".repeat(1 << 19));
    assert_eq!(slack.post("/slack/commands", FORM, &small).await.status, 200);
    assert_eq!(slack.heard.load(Ordering::SeqCst), 1);
}

/// Sends one byte more than is taken, in pieces.
async fn in_pieces(url: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("a connection");
    let head = "POST /slack/commands HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let pieces = format!("10000\r\n{}\r\n", "x".repeat(1 << 16)).repeat(16);
    stream.write_all(format!("{head}{pieces}1\r\nx\r\n").as_bytes()).await.expect("it is read");
    let mut told = vec![0; 100];
    let length = stream.read(&mut told).await.expect("an answer");
    String::from_utf8_lossy(&told[..length]).into_owned()
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    let mut stream = TcpStream::connect(slack.url.trim_start_matches("http://")).await.expect("a connection");
    let head = "POST /slack/commands HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf";
    stream.write_all(head.as_bytes()).await.expect("it is read");
    let mut told = vec![0; 100];
    let length = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut told)).await.expect("an answer");
    assert!(told[..length.expect("an answer")].starts_with(b"HTTP/1.1 408 "));
}

#[tokio::test]
async fn what_is_signed_but_unreadable_is_refused() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    for (path, body) in [
        ("/slack/interactions", "payload=%7Bhalf"),
        ("/slack/interactions", "other=1"),
        ("/slack/events", "{half"),
        ("/slack/events", r#"{"type":"url_verification"}"#),
    ] {
        assert_eq!(slack.post(path, FORM, body).await.status, 400, "{path} {body}");
    }
    let gotten = slack.client.get(format!("{}/slack/commands", slack.url)).send().await.expect("an answer");
    assert_eq!(gotten.status().as_u16(), 405);
}

#[tokio::test]
async fn a_slow_command_is_acknowledged_in_time_and_answered_later() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    let began = Instant::now();
    let answer = slack.post("/slack/commands", FORM, &command(&fake, "t1", "slow")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("Still at it"), "{}", answer.text);
    assert!((400..900).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    assert_eq!(fake.call("response", 1).await.body["text"], "slow done");
}

#[tokio::test]
async fn who_hangs_up_is_answered_all_the_same() {
    let fake = Fake::start().await;
    let slack = Endpoints::serve(&fake, by_words).await;
    let body = command(&fake, "t1", "soon");
    let at_work = async {
        while slack.heard.load(Ordering::SeqCst) == 0 {
            sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        answer = slack.post("/slack/commands", FORM, &body) => panic!("it was too quick: {}", answer.text),
        () = at_work => {}
    }
    assert_eq!(fake.call("response", 1).await.body["text"], "soon done");
    assert_eq!(slack.heard.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_a_signing_secret_the_endpoints_say_what_to_set() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, crate::platform::slack::not_served()).await });
    for path in ["commands", "interactions", "events"] {
        let answer = reqwest::Client::new().post(format!("{url}/slack/{path}")).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 404);
        let told = answer.text().await.expect("a text");
        assert_eq!(told, "Slack is not served over HTTP here: SLACK_SIGNING_SECRET is not set.\n");
    }
}
