use std::time::Duration;

use serde_json::{Value, json};

use super::{APP_TOKEN, Local};

#[tokio::test]
async fn a_command_reaches_the_bot_and_its_answer_only_the_caller() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let text = "/inc declare a & b by @raj in #ops";
    let (said, envelope) = tokio::join!(
        local.workspace.say("ana", "#general", text),
        bot.answer(json!({"text": "Done, <@UANA>", "response_type": "ephemeral"})),
    );
    said.unwrap();
    assert_eq!(envelope["type"], "slash_commands");
    assert_eq!(envelope["accepts_response_payload"], true);
    let payload = &envelope["payload"];
    assert_eq!(payload["command"], "/inc");
    assert_eq!(payload["text"], "declare a &amp; b by <@URAJ|raj> in <#COPS|ops>");
    assert_eq!(payload["channel_name"], "general");
    assert_eq!(payload["user_name"], "ana");
    assert_eq!(payload["is_enterprise_install"], "false");
    assert_eq!(local.workspace.last_private("ana").unwrap(), "wardroom: Done, @ana");
    assert_eq!(local.workspace.last_private("raj"), None);
    assert_eq!(local.workspace.transcript("general"), "");
}

#[tokio::test]
async fn an_answer_can_be_for_the_whole_channel() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let answer = json!({"text": "Declared", "response_type": "in_channel"});
    let (said, _) = tokio::join!(local.workspace.say("UANA", "CGEN", "/inc"), bot.answer(answer));
    said.unwrap();
    assert_eq!(local.workspace.transcript("general"), "wardroom: Declared\n");
}

#[tokio::test]
async fn people_are_told_when_the_bot_is_away_or_silent_and_of_unknown_commands() {
    let local = Local::start().await;
    let told = || local.workspace.last_private("ana").unwrap();
    local.workspace.say("ana", "general", "/inc list").await.unwrap();
    assert_eq!(told(), "slackbot: /inc failed: the app is not connected (dispatch_failed)");
    let _bot = local.connect().await;
    local.workspace.say("ana", "general", "/inc list").await.unwrap();
    assert_eq!(told(), "slackbot: /inc failed with the error \"operation_timeout\"");
    local.workspace.say("ana", "general", "/nope").await.unwrap();
    assert_eq!(told(), "slackbot: /nope is not a valid command");
    assert!(local.workspace.say("eve", "general", "hello").await.unwrap_err().contains("eve"));
    assert!(local.workspace.say("ana", "nowhere", "hello").await.unwrap_err().contains("nowhere"));
}

#[tokio::test]
async fn an_envelope_goes_to_one_connection_and_to_another_when_the_first_is_lost() {
    let local = Local::start().await;
    local.workspace.set_ack_within(Duration::from_secs(3));
    let mut first = local.connect().await;
    let lose_and_answer = async {
        let lost = first.next().await;
        local.workspace.drop_connections().await;
        let mut second = local.connect().await;
        let again = second.next().await;
        second.ack(&again, json!({"text": "Here"})).await;
        (lost, again, second)
    };
    let (said, (lost, again, _second)) = tokio::join!(local.workspace.say("ana", "general", "/inc"), lose_and_answer);
    said.unwrap();
    assert_eq!(lost["payload"], again["payload"]);
    assert_eq!(again["retry_attempt"], 1);
    assert_eq!(local.workspace.last_private("ana").unwrap(), "wardroom: Here");
}

#[tokio::test]
async fn the_last_envelope_can_come_once_more_under_another_id() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let (_, first) = tokio::join!(local.workspace.say("ana", "general", "/inc"), bot.answer(json!({"text": "One"})));
    let ((), second) = tokio::join!(local.workspace.repeat_last_envelope(), bot.answer(json!({"text": "One"})));
    assert_ne!(first["envelope_id"], second["envelope_id"]);
    assert_eq!(first["payload"], second["payload"]);
    assert_eq!(second["retry_attempt"], 1);
    assert_eq!(local.workspace.private("ana"), "wardroom: One\nwardroom: One\n");
}

#[tokio::test]
async fn a_ticket_opens_one_connection() {
    let local = Local::start().await;
    let answer: Value = local.response("apps.connections.open", APP_TOKEN, &json!({})).await.json().await.unwrap();
    let url = answer["url"].as_str().unwrap();
    let first = tokio_tungstenite::connect_async(url).await;
    assert!(first.is_ok());
    assert!(tokio_tungstenite::connect_async(url).await.is_err());
}

#[tokio::test]
async fn an_eleventh_connection_is_turned_away() {
    let local = Local::start().await;
    let mut bots = Vec::new();
    for _ in 0..10 {
        bots.push(local.connect().await);
    }
    let answer: Value = local.response("apps.connections.open", APP_TOKEN, &json!({})).await.json().await.unwrap();
    let (socket, _) = tokio_tungstenite::connect_async(answer["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(super::Bot { socket }.next().await["reason"], "too_many_websockets");
}

#[tokio::test]
async fn a_disconnect_asks_the_bot_to_come_back_on_a_new_connection() {
    let local = Local::start().await;
    let mut old = local.connect().await;
    local.workspace.send_disconnect("refresh_requested");
    assert_eq!(old.next().await["reason"], "refresh_requested");
    let mut new = local.connect().await;
    let (said, _) = tokio::join!(local.workspace.say("ana", "general", "/inc"), new.answer(Value::Null));
    said.unwrap();
    assert_eq!(local.workspace.last_private("ana"), None);
}

#[tokio::test]
async fn a_response_address_serves_five_times() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let (_, envelope) = tokio::join!(local.workspace.say("ana", "general", "/inc"), bot.answer(json!({"text": "…"})));
    let url = envelope["payload"]["response_url"].as_str().unwrap().to_owned();
    let post = |body: Value| local.http.post(&url).json(&body).send();
    assert_eq!(post(json!({"text": "Ready", "replace_original": true})).await.unwrap().text().await.unwrap(), "ok");
    assert_eq!(local.workspace.private("ana"), "wardroom: Ready (edited)\n");
    post(json!({"text": "All", "response_type": "in_channel"})).await.unwrap();
    assert_eq!(local.workspace.transcript("general"), "wardroom: All\n");
    post(json!({"delete_original": true})).await.unwrap();
    assert_eq!(local.workspace.private("ana"), "");
    for _ in 0..2 {
        post(json!({"text": "More"})).await.unwrap();
    }
    let sixth = post(json!({"text": "More"})).await.unwrap();
    assert_eq!(sixth.status(), 404);
    assert_eq!(sixth.json::<Value>().await.unwrap()["error"], "used_url");
}

#[tokio::test]
async fn plain_words_become_a_message_and_an_event_where_events_are_on() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    local.workspace.set_events_enabled(false);
    local.workspace.say("raj", "@wardroom", "hello").await.unwrap();
    local.workspace.set_events_enabled(true);
    let (said, event) =
        tokio::join!(local.workspace.say("ana", "ops", "!inc list https://a.example/?b&c"), bot.answer(Value::Null));
    said.unwrap();
    assert_eq!(event["type"], "events_api");
    let event = &event["payload"]["event"];
    assert_eq!(event["text"], "!inc list <https://a.example/?b&amp;c>");
    assert_eq!((&event["channel"], &event["user"]), (&json!("COPS"), &json!("UANA")));
    assert_eq!(local.workspace.transcript("ops"), "ana: !inc list https://a.example/?b&c\n");
    assert_eq!(local.workspace.private("raj"), "raj: hello\n");
}

#[tokio::test]
async fn a_thread_takes_words_and_no_slash_commands_and_an_event_that_is_not_acknowledged_is_told_again() {
    let local = Local::start().await;
    local.workspace.set_events_enabled(false);
    local.workspace.say("ana", "ops", "disk is full").await.unwrap();
    local.workspace.set_events_enabled(true);
    local.workspace.set_ack_within(std::time::Duration::from_millis(50));
    let mut bot = local.connect().await;
    let parent = local.workspace.find_message("ops", "disk is full").unwrap();
    local.workspace.reply("raj", "ops", &parent, "/inc list").await.unwrap();
    assert_eq!(local.workspace.private("raj"), "slackbot: Slash commands are not supported in threads\n");
    local.workspace.reply("raj", "ops", &parent, "!inc note it is").await.unwrap();
    let first = bot.answer(Value::Null).await;
    let event = &first["payload"]["event"];
    assert_eq!((&event["thread_ts"], &event["parent_user_id"]), (&json!(parent), &json!("UANA")));
    let again = bot.answer(Value::Null).await;
    assert_eq!(again["payload"]["event_id"], first["payload"]["event_id"], "the same event");
    assert_eq!(again["retry_attempt"], 1);
    assert!(local.workspace.transcript("ops").contains("raj (in thread): !inc note it is"));
}
