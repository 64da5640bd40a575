//! What the jobs ask of Slack, against the fake.

use serde_json::json;

use super::fake::{Fake, Scripted};
use crate::domain::{Account, Place, Platform};
use crate::platform::slack::{SlackApi, SlackSettings};
use crate::platform::{MessageRef, NewRoom, Outbound, SendError, Sending};
use crate::render::{Block, Inline, Message};

fn place(channel: &str) -> Place {
    Place { platform: Platform::Slack, workspace: "T1".to_owned(), channel: channel.to_owned() }
}

fn person(id: &str) -> Account {
    Account { platform: Platform::Slack, workspace: "T1".to_owned(), id: id.to_owned() }
}

fn hello() -> Message {
    let text = vec![Inline::Plain { text: "hello".to_owned() }];
    Message { blocks: vec![Block::Paragraph { text }], ..Message::default() }
}

fn refusal(code: &str) -> Scripted {
    Scripted::Body(json!({"ok": false, "error": code}))
}

#[tokio::test]
async fn a_message_carries_its_key_and_is_found_again_on_a_retry() {
    let fake = Fake::start().await;
    let slack = fake.adapter().await;
    let sent = slack.outbound().post(&place("C1"), &hello(), &Sending::new("k1", false)).await.expect("posted");
    assert_eq!(sent, MessageRef { place: place("C1"), id: "100.1".to_owned() });
    let body = &fake.calls("chat.postMessage")[0].body;
    assert_eq!(body["metadata"], json!({"event_type": "wardroom", "event_payload": {"key": "k1"}}));
    assert_eq!(body["parse"], "none");
    let message = |ts: &str, user: &str, key: &str| {
        let metadata = json!({"event_type": "wardroom", "event_payload": {"key": key}});
        json!({"ts": ts, "user": user, "metadata": metadata})
    };
    let history = json!({"ok": true, "messages": [
        {"ts": "9.9", "text": "chat"},
        message("9.8", "UEVE", "k1"),
        message("9.7", "UBOT", "k2"),
        message("9.6", "UBOT", "k1"),
    ]});
    fake.script("conversations.history", Scripted::Body(history));
    let found = slack.outbound().post(&place("C1"), &hello(), &Sending::new("k1", true)).await.expect("found");
    assert_eq!(found.id, "9.6");
    assert_eq!(fake.calls("chat.postMessage").len(), 1);
    let query = fake.calls("conversations.history")[0].body.as_str().expect("a query").to_owned();
    assert!(query.contains("include_all_metadata=true") && query.contains("limit=100"), "{query}");
}

#[tokio::test]
async fn failures_say_what_to_do_next_and_carry_no_body() {
    let fake = Fake::start().await;
    let slack = fake.adapter().await;
    let post =
        async || slack.outbound().post(&place("C1"), &hello(), &Sending::new("k", false)).await.expect_err("a failure");
    fake.script(
        "chat.postMessage",
        Scripted::Body(json!({"ok": false, "error": "not_in_channel", "needed": "private words"})),
    );
    fake.script("conversations.join", refusal("method_not_supported_for_channel_type"));
    let error = post().await;
    assert_eq!(error.to_string(), "Slack refused chat.postMessage: not_in_channel");
    fake.script("chat.postMessage", Scripted::Status(503));
    assert!(matches!(post().await, SendError::Unclear { .. }));
    fake.script("chat.postMessage", refusal("fatal_error"));
    assert!(matches!(post().await, SendError::Unclear { .. }));
    fake.script("chat.postMessage", Scripted::RateLimited(9));
    assert!(matches!(post().await, SendError::RateLimited { after_secs: 9, .. }));
    let asked = fake.calls("chat.postMessage").len();
    assert!(matches!(post().await, SendError::RateLimited { after_secs: 8 | 9, .. }));
    assert_eq!(fake.calls("chat.postMessage").len(), asked, "Slack is left alone for as long as it asked");
}

#[tokio::test]
async fn refused_blocks_are_sent_as_words() {
    let fake = Fake::start().await;
    let slack = fake.adapter().await;
    fake.script("chat.postMessage", refusal("invalid_blocks"));
    slack.outbound().post(&place("C1"), &hello(), &Sending::new("k", false)).await.expect("posted as words");
    let calls = fake.calls("chat.postMessage");
    assert_eq!((&calls[1].body["blocks"], &calls[1].body["text"]), (&json!([]), &json!("hello")));
}

fn room() -> NewRoom {
    NewRoom {
        workspace: "T1".to_owned(),
        name: "inc-7-checkout".to_owned(),
        mark: "INC-7".to_owned(),
        topic: "INC-7 checkout <down>".to_owned(),
    }
}

#[tokio::test]
async fn a_new_room_is_marked_before_anything_else() {
    let fake = Fake::start().await;
    let slack = fake.adapter().await;
    let opened = slack.outbound().open_room(&room()).await.expect("opened");
    assert_eq!(opened, place("CNEW"));
    assert_eq!(fake.calls("conversations.setPurpose")[0].body["purpose"], "INC-7 checkout &lt;down&gt;");
    assert_eq!(fake.calls("conversations.setTopic")[0].body["topic"], "INC-7 checkout &lt;down&gt;");
}

#[tokio::test]
async fn a_room_of_an_earlier_attempt_is_found_and_a_foreign_one_is_left_alone() {
    let fake = Fake::start().await;
    let slack = fake.adapter().await;
    let channel = |id: &str, name: &str, topic: &str, purpose: &str, creator: &str| {
        let (topic, purpose) = (json!({"value": topic}), json!({"value": purpose}));
        json!({"id": id, "name": name, "creator": creator, "topic": topic, "purpose": purpose})
    };
    let first = json!({"ok": true, "channels": [channel("C70", "inc-7-checkout", "INC-70 other", "", "UBOT")],
        "response_metadata": {"next_cursor": "more"}});
    let second = json!({"ok": true, "channels": [channel("C72", "inc-7-checkout-2", "", "INC-7 checkout", "UBOT")],
        "response_metadata": {"next_cursor": ""}});
    for _ in 0..2 {
        fake.script("conversations.create", refusal("name_taken"));
    }
    fake.script("conversations.list", Scripted::Body(first));
    fake.script("conversations.list", Scripted::Body(second));
    assert_eq!(slack.outbound().open_room(&room()).await.expect("found"), place("C72"));
    assert_eq!(fake.calls("conversations.list").len(), 2);

    let unmarked = json!({"ok": true, "channels": [channel("C9", "inc-7-checkout", "", "", "UBOT")]});
    fake.script("conversations.create", refusal("name_taken"));
    fake.script("conversations.list", Scripted::Body(unmarked));
    assert_eq!(slack.outbound().open_room(&room()).await.expect("found half made"), place("C9"));
}

#[tokio::test]
async fn an_invitation_survives_one_unknown_account() {
    let fake = Fake::start().await;
    let slack = fake.adapter().await;
    for code in ["user_not_found", "already_in_channel", "user_not_found"] {
        fake.script("conversations.invite", refusal(code));
    }
    let discord = Account { platform: Platform::Discord, ..person("42") };
    slack.outbound().invite(&place("C1"), &[person("U1"), person("U2"), discord, person("U3")]).await.expect("invited");
    let users: Vec<_> = fake.calls("conversations.invite").iter().map(|call| call.body["users"].clone()).collect();
    assert_eq!(users, ["U1,U2,U3", "U1", "U2", "U3"]);
    fake.script("conversations.invite", refusal("channel_not_found"));
    slack.outbound().invite(&place("C1"), &[person("U1")]).await.expect_err("the room is gone");
}

#[tokio::test]
async fn repeating_what_is_done_is_success_and_a_whisper_finds_its_reader() {
    let fake = Fake::start().await;
    let slack = fake.adapter().await;
    fake.script("pins.add", refusal("already_pinned"));
    slack.outbound().pin(&MessageRef { place: place("C1"), id: "1.1".to_owned() }).await.expect("pinned");
    fake.script("chat.postEphemeral", refusal("user_not_in_channel"));
    slack.outbound().whisper(&person("U1"), &place("C1"), &hello(), "k").await.expect("told");
    assert_eq!(fake.calls("chat.postMessage")[0].body["channel"], "D1");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let accepts = |url: &str| {
        let settings = SlackSettings {
            bot_token: "a".into(),
            app_token: Some("b".into()),
            signing_secret: None,
            api_url: url.to_owned(),
        };
        SlackApi::new(&settings).is_ok()
    };
    assert!(accepts("http://127.0.0.1:9/api") && accepts("http://[::1]:9/api") && accepts("http://localhost:9/api/"));
    for url in ["http://slack.com/api", "http://127.0.0.1.example/api", "ftp://127.0.0.1", "slack"] {
        assert!(!accepts(url), "{url}");
    }
}
