use serde_json::{Value, json};

use super::{APP_TOKEN, BOT_TOKEN, Local};

#[tokio::test]
async fn tokens_are_checked() {
    let local = Local::start().await;
    let error = async |method: &str, token: &str| {
        local.response(method, token, &json!({})).await.json::<Value>().await.unwrap()["error"].clone()
    };
    assert_eq!(error("auth.test", "xoxb-other").await, "invalid_auth");
    assert_eq!(error("auth.test", APP_TOKEN).await, "not_allowed_token_type");
    assert_eq!(error("apps.connections.open", BOT_TOKEN).await, "not_allowed_token_type");
    assert_eq!(error("no.such", BOT_TOKEN).await, "unknown_method");
    let bare = local.http.get(format!("{}/api/auth.test", local.base)).send().await.unwrap();
    assert_eq!(bare.json::<Value>().await.unwrap()["error"], "not_authed");
    let who = local.call("auth.test", json!({})).await;
    assert_eq!((&who["team_id"], &who["user_id"], &who["user"]), (&json!("T1"), &json!("UBOT"), &json!("wardroom")));
}

#[tokio::test]
async fn forms_and_queries_count_as_much_as_json() {
    let local = Local::start().await;
    let blocks = r#"[{"type":"header","text":{"type":"plain_text","text":"From a form"}}]"#;
    let form = local.http.post(format!("{}/api/chat.postMessage", local.base)).form(&[
        ("token", BOT_TOKEN),
        ("channel", "CGEN"),
        ("blocks", blocks),
    ]);
    assert_eq!(form.send().await.unwrap().json::<Value>().await.unwrap()["ok"], true);
    assert_eq!(local.workspace.transcript("general"), "wardroom: From a form\n");
    let get = local.http.get(format!("{}/api/conversations.info?channel=COPS", local.base)).bearer_auth(BOT_TOKEN);
    assert_eq!(get.send().await.unwrap().json::<Value>().await.unwrap()["channel"]["name"], "ops");
}

#[tokio::test]
async fn a_room_is_made_filled_and_archived() {
    let local = Local::start().await;
    let error = async |method: &str, body: Value| local.call(method, body).await["error"].clone();
    assert_eq!(error("conversations.create", json!({"name": "ops"})).await, "name_taken");
    assert_eq!(error("conversations.create", json!({"name": "Big Room"})).await, "invalid_name_specials");
    assert_eq!(error("conversations.create", json!({"name": "x".repeat(81)})).await, "invalid_name_maxlength");
    let room = local.call("conversations.create", json!({"name": "inc-1-down"})).await["channel"].clone();
    let id = room["id"].as_str().unwrap();
    assert_eq!((&room["is_member"], &room["num_members"]), (&json!(true), &json!(1)));
    let invite = async |users: Value| error("conversations.invite", json!({"channel": id, "users": users})).await;
    assert_eq!(invite(json!("UANA")).await, Value::Null);
    assert_eq!(invite(json!("UANA")).await, "already_in_channel");
    assert_eq!(invite(json!("UBOT")).await, "cant_invite_self");
    assert_eq!(invite(json!("U404,URAJ")).await, "user_not_found");
    local.call("conversations.setTopic", json!({"channel": id, "topic": "INC-1 sev1"})).await;
    let members = local.call("conversations.members", json!({"channel": id})).await;
    assert_eq!(members["members"], json!(["UANA", "UBOT"]));
    assert_eq!(local.workspace.channels(), ["general", "ops", "inc-1-down"]);
    let seen = &local.workspace.view("raj")["channels"][2];
    assert_eq!((&seen["topic"], &seen["member"]), (&json!("INC-1 sev1"), &json!(false)));
    assert_eq!(error("conversations.archive", json!({"channel": id})).await, Value::Null);
    assert_eq!(error("conversations.archive", json!({"channel": id})).await, "already_archived");
    assert_eq!(error("chat.postMessage", json!({"channel": id, "text": "x"})).await, "is_archived");
    assert!(local.workspace.say("ana", "inc-1-down", "late").await.is_err());
}

#[tokio::test]
async fn a_body_of_more_than_a_megabyte_is_turned_away() {
    let local = Local::start().await;
    let body = json!({"channel": "CGEN", "text": "x".repeat(1 << 20)});
    assert_eq!(local.response("chat.postMessage", BOT_TOKEN, &body).await.status(), 413);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let local = Local::start().await;
    let first = local.call("conversations.list", json!({"limit": 1, "types": "public_channel"})).await;
    assert_eq!(first["channels"][0]["name"], "general");
    let cursor = &first["response_metadata"]["next_cursor"];
    let second = local.call("conversations.list", json!({"limit": 1, "cursor": cursor})).await;
    assert_eq!(second["channels"][0]["name"], "ops");
    assert_eq!(second["response_metadata"]["next_cursor"], "");
}

#[tokio::test]
async fn people_are_found_and_written_to() {
    let local = Local::start().await;
    let found = local.call("users.lookupByEmail", json!({"email": "RAJ@example.com"})).await;
    assert_eq!(found["user"]["id"], "URAJ");
    let lost = local.call("users.lookupByEmail", json!({"email": "eve@example.com"})).await;
    assert_eq!(lost["error"], "users_not_found");
    assert_eq!(local.call("users.info", json!({"user": "UANA"})).await["user"]["real_name"], "Ana Ruiz");
    let opened = local.call("conversations.open", json!({"users": "URAJ"})).await;
    local.post(opened["channel"]["id"].as_str().unwrap(), json!({"text": "only you"})).await;
    local.post("URAJ", json!({"text": "and again"})).await;
    assert_eq!(local.workspace.private("raj"), "wardroom: only you\nwardroom: and again\n");
    assert_eq!(local.workspace.private("ana"), "");
    let direct = local.workspace.view("raj")["channels"][2].clone();
    assert_eq!((&direct["kind"], &direct["name"]), (&json!("direct"), &json!("Wardroom")));
    assert_eq!(local.workspace.view("ana")["channels"].as_array().unwrap().len(), 2);
}
