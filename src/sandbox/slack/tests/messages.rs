use serde_json::{Value, json};

use super::{Local, card};

#[tokio::test]
async fn a_button_is_pressed_and_the_card_is_edited_in_place() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let ts = local.post("CGEN", json!({"text": "fallback", "blocks": card("*Open* by <@UANA>", "Approve")})).await;
    assert_eq!(local.workspace.transcript("general"), "wardroom: *Open* by @ana\n[Approve]\n");
    let (pressed, envelope) = tokio::join!(local.workspace.press("raj", "general", &ts, "go"), bot.answer(Value::Null));
    pressed.unwrap();
    let payload = &envelope["payload"];
    assert_eq!((&envelope["type"], &payload["type"]), (&json!("interactive"), &json!("block_actions")));
    assert_eq!(payload["container"]["message_ts"], ts.as_str());
    assert_eq!(payload["message"]["ts"], ts.as_str());
    assert_eq!(payload["user"]["id"], "URAJ");
    let action = &payload["actions"][0];
    assert_eq!(
        (&action["action_id"], &action["block_id"], &action["value"]),
        (&json!("go"), &json!("row"), &json!("v1"))
    );
    let edit = json!({"channel": "CGEN", "ts": ts, "text": "Approved by raj"});
    assert_eq!(local.call("chat.update", edit).await["ok"], true);
    assert_eq!(local.workspace.transcript("general"), "wardroom: Approved by raj (edited)\n");
    let gone = local.workspace.press("raj", "general", &ts, "go").await.unwrap_err();
    assert!(gone.contains("no button"), "{gone}");
}

#[tokio::test]
async fn a_click_without_answer_is_told_to_the_person() {
    let local = Local::start().await;
    let ts = local.post("CGEN", json!({"blocks": card("Open", "Go")})).await;
    local.workspace.press("raj", "general", &ts, "go").await.unwrap();
    assert!(local.workspace.last_private("raj").unwrap().contains("dispatch_failed"));
}

#[tokio::test]
async fn an_ephemeral_button_belongs_to_one_person() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let whisper = json!({"channel": "CGEN", "user": "UANA", "text": "x", "blocks": card("Sure?", "Yes")});
    assert_eq!(local.call("chat.postEphemeral", whisper).await["ok"], true);
    let (channel, ts) = local.workspace.find_private("ana", "Sure?").unwrap();
    assert!(local.workspace.press("raj", &channel, &ts, "go").await.is_err());
    let (pressed, envelope) = tokio::join!(local.workspace.press("ana", &channel, &ts, "go"), bot.answer(Value::Null));
    pressed.unwrap();
    let payload = &envelope["payload"];
    assert_eq!(payload["container"]["is_ephemeral"], true);
    assert!(payload.get("message").is_none());
    let url = payload["response_url"].as_str().unwrap();
    local.http.post(url).json(&json!({"delete_original": true})).send().await.unwrap();
    assert_eq!(local.workspace.private("ana"), "");
    assert_eq!(
        local.call("chat.update", json!({"channel": "CGEN", "ts": ts, "text": "y"})).await["error"],
        "message_not_found"
    );
}

#[tokio::test]
async fn messages_are_refused_as_slack_refuses_them() {
    let local = Local::start().await;
    let refused = async |body: Value| local.call("chat.postMessage", body).await["error"].as_str().unwrap().to_owned();
    assert_eq!(refused(json!({"channel": "C404", "text": "x"})).await, "channel_not_found");
    assert_eq!(refused(json!({"channel": "CGEN"})).await, "no_text");
    assert_eq!(refused(json!({"channel": "CGEN", "text": "x".repeat(40_001)})).await, "msg_too_long");
    let many = vec![json!({"type": "divider"}); 51];
    assert_eq!(refused(json!({"channel": "CGEN", "blocks": many})).await, "invalid_blocks");
    let section = json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(2_900)}});
    assert_eq!(refused(json!({"channel": "CGEN", "blocks": vec![section; 5]})).await, "msg_blocks_too_long");

    let answer = local
        .call(
            "chat.postMessage",
            json!({"channel": "CGEN", "blocks": [
                {"type": "header", "text": {"type": "mrkdwn", "text": "x".repeat(151)}},
                {"type": "section", "txet": 1},
                {"type": "actions", "elements": [
                    {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x".repeat(76)}},
                    {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "B"}},
                ]},
            ]}),
        )
        .await;
    let expected = [
        "must be a valid enum value [json-pointer:/blocks/0/text/type]",
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        "invalid additional property: txet [json-pointer:/blocks/1]",
        "missing required field: text [json-pointer:/blocks/1]",
        "must be less than 76 characters [json-pointer:/blocks/2/elements/0/text/text]",
        "`action_id` \"a\" already exists [json-pointer:/blocks/2/elements/1/action_id]",
    ];
    assert_eq!(answer["errors"], json!(expected));
}

#[tokio::test]
async fn only_its_own_messages_can_the_bot_change() {
    let local = Local::start().await;
    local.workspace.say("ana", "general", "mine").await.unwrap();
    let ts = local.workspace.find_message("general", "mine").unwrap();
    let edit = json!({"channel": "CGEN", "ts": ts, "text": "yours"});
    assert_eq!(local.call("chat.update", edit.clone()).await["error"], "cant_update_message");
    assert_eq!(local.call("chat.delete", edit).await["error"], "cant_delete_message");
    let own = local.post("CGEN", json!({"text": "own"})).await;
    let link = local.call("chat.getPermalink", json!({"channel": "CGEN", "message_ts": own})).await;
    assert_eq!(link["permalink"], format!("https://acme-shop.slack.example/archives/CGEN/p{}", own.replace('.', "")));
    assert_eq!(local.call("chat.delete", json!({"channel": "CGEN", "ts": own})).await["ok"], true);
    assert_eq!(local.workspace.transcript("general"), "ana: mine\n");
}

#[tokio::test]
async fn pins_and_history_are_told_as_they_are() {
    let local = Local::start().await;
    let metadata = json!({"event_type": "sent", "event_payload": {"key": "k1"}});
    let first = local.post("CGEN", json!({"text": "one", "metadata": metadata})).await;
    let second = local.post("CGEN", json!({"text": "two"})).await;
    assert!(second > first);
    let pin = json!({"channel": "CGEN", "timestamp": first});
    assert_eq!(local.call("pins.add", pin.clone()).await["ok"], true);
    assert_eq!(local.call("pins.add", pin).await["error"], "already_pinned");
    let lost = json!({"channel": "CGEN", "timestamp": "1.000000"});
    assert_eq!(local.call("pins.add", lost).await["error"], "message_not_found");
    assert_eq!(local.workspace.transcript("general"), "wardroom: one (pinned)\nwardroom: two\n");
    let all = local.call("conversations.history", json!({"channel": "CGEN", "limit": 1})).await;
    assert_eq!((&all["messages"][0]["text"], &all["has_more"]), (&json!("two"), &json!(true)));
    assert!(all["messages"][0].get("metadata").is_none());
    let cursor = &all["response_metadata"]["next_cursor"];
    let rest = json!({"channel": "CGEN", "limit": 1, "cursor": cursor, "include_all_metadata": true});
    let rest = local.call("conversations.history", rest).await;
    assert_eq!(rest["messages"][0]["metadata"], metadata);
    let since = json!({"channel": "CGEN", "oldest": first});
    assert_eq!(local.call("conversations.history", since).await["messages"].as_array().unwrap().len(), 1);
}
