//! Envelopes in, acknowledgements out, over a real socket.

use std::future::Future;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::fake::{Fake, Scripted, Socket};
use crate::app::inbound::{Act, FieldError, Inbound, Reply};
use crate::platform::slack::{SlackError, Timing};
use crate::render::{Block, Field, FieldKind, Form, Inline, Message};

struct Bot {
    shutdown: CancellationToken,
    listening: JoinHandle<Result<(), SlackError>>,
}

/// Starts the bot with a handler, and quick times.
async fn bot<F, Fut>(fake: &Fake, handler: F) -> Bot
where
    F: Fn(Inbound) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, String>> + Send + 'static,
{
    let mut adapter = fake.adapter().await;
    adapter.timing = quick();
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let listening = tokio::spawn(async move { adapter.listen(handler, stop).await });
    Bot { shutdown, listening }
}

/// Times that a test can wait for.
pub fn quick() -> Timing {
    Timing {
        guard: Duration::from_millis(400),
        open_by: Duration::from_millis(500),
        backoff_min: Duration::from_millis(20),
        silence: Duration::from_secs(5),
        drain: Duration::from_secs(3),
        ..Timing::default()
    }
}

fn says(text: &str) -> Message {
    let text = vec![Inline::Plain { text: text.to_owned() }];
    Message { blocks: vec![Block::Paragraph { text }], ..Message::default() }
}

fn form() -> Form {
    let field = Field {
        name: "title".to_owned(),
        label: "Title".to_owned(),
        hint: String::new(),
        kind: FieldKind::Line,
        required: true,
        value: None,
        source: None,
    };
    Form {
        id: "f1".to_owned(),
        title: "Declare".to_owned(),
        submit: "Send".to_owned(),
        notes: Vec::new(),
        fields: vec![field],
    }
}

/// Answers by the words of the command, the button or the form's title.
pub async fn by_words(inbound: Inbound) -> Result<Reply, String> {
    let words = match &inbound.act {
        Act::Says { text, .. } | Act::Writes { text } => text.clone(),
        Act::Presses { button } => button.clone(),
        Act::Submits { fields, .. } => fields.get("title").cloned().unwrap_or_default(),
        _ => "not asked".to_owned(),
    };
    match words.as_str() {
        "ask" => Ok(Reply::Ask { form: form() }),
        "fault" => {
            let error = FieldError { field: "title".to_owned(), sentence: "Too short.".to_owned() };
            Ok(Reply::Faults { form: form(), errors: vec![error] })
        }
        "quiet" => Ok(Reply::Quiet),
        "break" => Err("ref-1".to_owned()),
        "panic" => panic!("a handler that panics"),
        "slow" => {
            sleep(Duration::from_millis(900)).await;
            Ok(Reply::Tell { message: says("slow done") })
        }
        "soon" => {
            sleep(Duration::from_millis(150)).await;
            Ok(Reply::Tell { message: says("soon done") })
        }
        other => Ok(Reply::Tell { message: says(other) }),
    }
}

fn command(fake: &Fake, id: &str, text: &str) -> Value {
    json!({"type": "slash_commands", "envelope_id": id, "accepts_response_payload": true, "payload": {
        "command": "/inc", "text": text, "user_id": "U1", "user_name": "ana", "team_id": "T1", "channel_id": "C1",
        "trigger_id": format!("t-{id}"), "response_url": fake.response_url()}})
}

fn press(fake: &Fake, id: &str, button: &str) -> Value {
    json!({"type": "interactive", "envelope_id": id, "accepts_response_payload": false, "payload": {
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "channel": {"id": "C1"},
        "trigger_id": format!("t-{id}"), "response_url": fake.response_url(),
        "actions": [{"type": "button", "action_id": button}]}})
}

fn submit(id: &str, title: &str) -> Value {
    json!({"type": "interactive", "envelope_id": id, "accepts_response_payload": true, "payload": {
        "type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": format!("t-{id}"),
        "view": {"callback_id": "f1", "private_metadata": "{\"channel\":\"C1\"}",
            "blocks": [{"type": "input", "block_id": "title"}],
            "state": {"values": {"title": {"value": {"type": "plain_text_input", "value": title}}}}}}})
}

async fn exchange(socket: &mut Socket, envelope: &Value) -> Value {
    socket.send(envelope).await;
    socket.ack().await.expect("an acknowledgement")
}

#[tokio::test]
async fn a_command_is_told_in_its_acknowledgement() {
    let fake = Fake::start().await;
    let bot = bot(&fake, by_words).await;
    let mut socket = fake.accept().await;
    let ack = exchange(&mut socket, &command(&fake, "e1", "hi")).await;
    assert_eq!(ack["envelope_id"], "e1");
    assert_eq!((&ack["payload"]["response_type"], &ack["payload"]["text"]), (&json!("ephemeral"), &json!("hi")));
    let ack = exchange(&mut socket, &command(&fake, "e2", "quiet")).await;
    assert_eq!(ack, json!({"envelope_id": "e2"}));
    let ack = exchange(&mut socket, &command(&fake, "e3", "break")).await;
    let text = ack["payload"]["text"].as_str().expect("a text").to_owned();
    assert!(text.contains("Nothing was changed. Please try again.") && text.contains("ref-1"), "{text}");
    let ack = exchange(&mut socket, &command(&fake, "e4", "panic")).await;
    assert!(ack["payload"]["text"].as_str().is_some_and(|text| text.contains("Please try again")), "{ack}");
    let ack = exchange(&mut socket, &json!({"type": "brand_new", "envelope_id": "e5", "payload": {}})).await;
    assert_eq!(ack, json!({"envelope_id": "e5"}));
    bot.shutdown.cancel();
}

#[tokio::test]
async fn a_slow_command_is_acknowledged_in_time_and_answered_later_while_others_pass() {
    let fake = Fake::start().await;
    let _bot = bot(&fake, by_words).await;
    let mut socket = fake.accept().await;
    let began = Instant::now();
    socket.send(&command(&fake, "e1", "slow")).await;
    let quick = exchange(&mut socket, &command(&fake, "e2", "hi")).await;
    assert_eq!(quick["envelope_id"], "e2", "the slow one holds nobody up");
    assert!(began.elapsed() < Duration::from_millis(400));
    let ack = socket.ack().await.expect("it is acknowledged");
    assert_eq!(ack["envelope_id"], "e1");
    assert!(ack["payload"]["text"].as_str().is_some_and(|text| text.contains("Still at it")), "{ack}");
    assert!((400..900).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    let answer = fake.call("response", 1).await.body;
    assert_eq!((&answer["text"], &answer["replace_original"]), (&json!("slow done"), &json!(false)));
}

#[tokio::test]
async fn a_form_opens_before_the_acknowledgement() {
    let fake = Fake::start().await;
    let _bot = bot(&fake, by_words).await;
    let mut socket = fake.accept().await;
    fake.script("views.open", Scripted::After(Duration::from_millis(150)));
    let began = Instant::now();
    let ack = exchange(&mut socket, &command(&fake, "e1", "ask")).await;
    assert_eq!(ack, json!({"envelope_id": "e1"}));
    assert!(began.elapsed() >= Duration::from_millis(150), "acknowledged before the form was open");
    let opened = fake.calls("views.open")[0].body.clone();
    assert_eq!((&opened["trigger_id"], &opened["view"]["callback_id"]), (&json!("t-e1"), &json!("f1")));
    fake.script("views.open", Scripted::Body(json!({"ok": false, "error": "expired_trigger_id"})));
    let ack = exchange(&mut socket, &command(&fake, "e2", "ask")).await;
    assert!(ack["payload"]["text"].as_str().is_some_and(|text| text.contains("repeat the command")), "{ack}");
}

#[tokio::test]
async fn a_click_is_acknowledged_after_its_handler_and_told_to_the_caller() {
    let fake = Fake::start().await;
    let _bot = bot(&fake, by_words).await;
    let mut socket = fake.accept().await;
    let began = Instant::now();
    let ack = exchange(&mut socket, &press(&fake, "e1", "soon")).await;
    assert_eq!(ack, json!({"envelope_id": "e1"}));
    assert!(began.elapsed() >= Duration::from_millis(150), "acknowledged before the handler was done");
    let answer = fake.call("response", 1).await.body;
    assert_eq!((&answer["text"], &answer["response_type"]), (&json!("soon done"), &json!("ephemeral")));
    exchange(&mut socket, &press(&fake, "e2", "ask")).await;
    assert_eq!(fake.calls("views.open").len(), 1);
    fake.script("response", Scripted::Status(404));
    exchange(&mut socket, &press(&fake, "e3", "lapsed")).await;
    assert_eq!(fake.call("chat.postEphemeral", 1).await.body["text"], "lapsed");
}

#[tokio::test]
async fn a_sent_form_closes_or_stays_open_with_its_faults() {
    let fake = Fake::start().await;
    let _bot = bot(&fake, by_words).await;
    let mut socket = fake.accept().await;
    assert_eq!(exchange(&mut socket, &submit("e1", "done")).await, json!({"envelope_id": "e1"}));
    let told = fake.call("chat.postEphemeral", 1).await.body;
    assert_eq!((&told["user"], &told["channel"], &told["text"]), (&json!("U1"), &json!("C1"), &json!("done")));
    let ack = exchange(&mut socket, &submit("e2", "fault")).await;
    assert_eq!(ack["payload"], json!({"response_action": "errors", "errors": {"title": "Too short."}}));
    let ack = exchange(&mut socket, &submit("e3", "ask")).await;
    assert_eq!(
        (&ack["payload"]["response_action"], &ack["payload"]["view"]["callback_id"]),
        (&json!("update"), &json!("f1"))
    );
    let ack = exchange(&mut socket, &submit("e4", "break")).await;
    assert_eq!(ack["payload"]["response_action"], "errors", "what was typed is kept");
}

#[tokio::test]
async fn a_dropped_connection_comes_back_and_an_announced_end_is_overlapped() {
    let fake = Fake::start().await;
    let _bot = bot(&fake, by_words).await;
    let first = fake.accept().await;
    let mut second = fake.accept().await;
    drop(first);
    let mut third = fake.accept().await;
    assert_eq!(exchange(&mut third, &command(&fake, "e1", "back")).await["payload"]["text"], "back");
    second.send(&json!({"type": "disconnect", "reason": "link_disabled"})).await;
    let mut fourth = fake.accept().await;
    assert_eq!(exchange(&mut second, &command(&fake, "e2", "old")).await["payload"]["text"], "old");
    assert_eq!(exchange(&mut fourth, &command(&fake, "e3", "new")).await["payload"]["text"], "new");
}

#[tokio::test]
async fn shutdown_lets_handlers_finish_and_acknowledges_them() {
    let fake = Fake::start().await;
    let bot = bot(&fake, by_words).await;
    let mut socket = fake.accept().await;
    let _other = fake.accept().await;
    socket.send(&command(&fake, "e1", "soon")).await;
    sleep(Duration::from_millis(60)).await;
    bot.shutdown.cancel();
    let ack = socket.ack().await.expect("an acknowledgement");
    assert_eq!(ack["payload"]["text"], "soon done");
    assert_eq!(socket.ack().await, None, "then the connection closes");
    bot.listening.await.expect("no panic").expect("an orderly end");
}

#[tokio::test]
async fn a_revoked_token_ends_the_listener_and_a_busy_slack_does_not() {
    let fake = Fake::start().await;
    fake.script("apps.connections.open", Scripted::Status(500));
    fake.script("apps.connections.open", Scripted::Status(500));
    let bot = bot(&fake, by_words).await;
    let _first = fake.accept().await;
    let second = fake.accept().await;
    fake.script("apps.connections.open", Scripted::Body(json!({"ok": false, "error": "invalid_auth"})));
    drop(second);
    let ended = bot.listening.await.expect("no panic");
    assert!(matches!(&ended, Err(SlackError::AppToken { code }) if code == "invalid_auth"), "{ended:?}");
}
