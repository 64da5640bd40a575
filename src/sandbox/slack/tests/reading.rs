use serde_json::json;

use super::{Local, card, cast};
use crate::sandbox::slack::SlackWorkspace;

#[tokio::test]
async fn a_transcript_shows_what_people_read() {
    let local = Local::start().await;
    let date = "<!date^1700000000^{time}|22:13 UTC>";
    let blocks = json!([
        {"type": "header", "text": {"type": "plain_text", "text": "INC-1 Checkout is down"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": format!("a &lt; b, see <https://x.example|the page>, {date}")},
         "fields": [{"type": "mrkdwn", "text": "*Status:*\nopen"}, {"type": "mrkdwn", "text": "*Lead*\n<@UANA>"}]},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "in <#COPS>"}]},
        {"type": "actions", "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "style": "primary"},
            {"type": "button", "text": {"type": "plain_text", "text": "Reject"}, "style": "danger"}]},
    ]);
    let ts = local.post("CGEN", json!({"text": "fallback", "blocks": blocks})).await;
    local.post("CGEN", json!({"text": "below", "thread_ts": ts})).await;
    insta::assert_snapshot!(local.workspace.transcript("#general"), @r"
    wardroom: INC-1 Checkout is down
    a < b, see the page, 22:13 UTC
    Status: open
    Lead: @ana
    ---
      in #ops
    [Approve] [Reject]
    wardroom (in thread): below
    ");
}

#[tokio::test]
async fn a_page_shows_one_persons_workspace() {
    let local = Local::start().await;
    let ts = local.post("CGEN", json!({"text": "x", "blocks": card("Open", "Go")})).await;
    local.call("chat.postEphemeral", json!({"channel": "CGEN", "user": "UANA", "text": "psst"})).await;
    let view = local.workspace.view("ana");
    assert_eq!(view["me"], json!({"id": "UANA", "name": "Ana Ruiz", "handle": "ana"}));
    assert_eq!(view["users"][2], json!({"id": "UBOT", "name": "Wardroom", "handle": "wardroom", "bot": true}));
    assert_eq!(view["commands"][0]["usage_hint"], "declare");
    assert_eq!((&view["modal"], &view["connected"]), (&json!(null), &json!(false)));
    let messages = &view["channels"][0]["messages"];
    assert_eq!(messages[0]["id"], ts.as_str());
    assert_eq!(messages[0]["at"], 1_700_000_000_000_i64);
    assert_eq!(messages[0]["author"], json!({"id": "UBOT", "name": "Wardroom", "bot": true}));
    assert_eq!(messages[1]["ephemeral"], true);
    assert_eq!(local.workspace.view("raj")["channels"][0]["messages"].as_array().unwrap().len(), 1);
    assert_eq!(local.workspace.view("eve"), json!(null));
}

#[tokio::test]
async fn watchers_learn_of_every_change() {
    let local = Local::start().await;
    let mut watch = local.workspace.watch();
    let before = local.workspace.revision();
    local.post("CGEN", json!({"text": "x"})).await;
    watch.changed().await.unwrap();
    assert!(local.workspace.revision() > before);
    let after = local.workspace.revision();
    local.call("conversations.history", json!({"channel": "CGEN"})).await;
    assert_eq!(local.workspace.revision(), after);
}

#[tokio::test]
async fn a_snapshot_keeps_the_world_and_message_times_go_on() {
    let local = Local::start().await;
    let ts = local.post("CGEN", json!({"text": "kept"})).await;
    local.call("pins.add", json!({"channel": "CGEN", "timestamp": ts})).await;
    local.call("conversations.create", json!({"name": "inc-1"})).await;
    let saved = local.workspace.snapshot();
    let saved = serde_json::from_str(&saved.to_string()).unwrap();

    let mut grown = cast();
    grown.channels[1].id = "CNEW".to_owned();
    grown.channels[1].name = "new".to_owned();
    let later = SlackWorkspace::new(grown, std::sync::Arc::clone(&local.workspace.now));
    later.restore(saved).unwrap();
    assert_eq!(later.transcript("general"), "wardroom: kept (pinned)\n");
    assert_eq!(later.channels(), ["general", "ops", "inc-1", "new"]);
    later.say("ana", "general", "next").await.unwrap();
    assert!(later.find_message("general", "next").unwrap() > ts);
    assert!(later.restore(json!({"version": 9})).is_err());
}

#[tokio::test]
async fn a_channel_keeps_its_last_thousand_messages_and_a_page_two_hundred() {
    let local = Local::start().await;
    let ts = local.post("COPS", json!({"text": "card"})).await;
    local.call("pins.add", json!({"channel": "COPS", "timestamp": ts})).await;
    for number in 0..1_001 {
        local.workspace.say("ana", "ops", &format!("message {number}")).await.unwrap();
    }
    assert!(local.workspace.transcript("ops").starts_with("wardroom: card (pinned)\nana: message 2\n"));
    for number in 0..1_001 {
        local.workspace.say("ana", "general", &format!("message {number}")).await.unwrap();
    }
    let transcript = local.workspace.transcript("general");
    assert_eq!(transcript.lines().count(), 1_000);
    assert!(transcript.starts_with("ana: message 1\n"));
    assert_eq!(local.workspace.view("ana")["channels"][0]["messages"].as_array().unwrap().len(), 200);
}
