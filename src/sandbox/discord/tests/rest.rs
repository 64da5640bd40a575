//! The REST side: what is refused, with which code, and what goes wrong on demand.

use super::super::DiscordFault;
use super::*;

fn messages() -> String {
    format!("/channels/{OPS}/messages")
}

#[tokio::test]
async fn strangers_and_unknown_things_are_refused_in_discords_words() {
    let lab = Lab::start().await;
    let url = format!("{}/api/v10/users/@me", lab.base);
    let stranger = lab.client.get(&url).header("Authorization", "Bot wrong").send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    assert_eq!(stranger.json::<Value>().await.unwrap(), json!({ "message": "401: Unauthorized", "code": 0 }));
    assert_eq!(lab.client.get(&url).send().await.unwrap().status(), 401);
    assert_eq!(lab.refused("GET", "/channels/5", Value::Null).await, (404, 10003));
    assert_eq!(lab.refused("GET", &format!("{}/5", messages()), Value::Null).await, (404, 10008));
    assert_eq!(lab.refused("GET", "/guilds/5", Value::Null).await, (404, 10004));
    assert_eq!(lab.refused("GET", &format!("/guilds/{GUILD}/members/5"), Value::Null).await, (404, 10007));
    assert_eq!(lab.refused("POST", "/users/@me/channels", json!({ "recipient_id": "5" })).await, (400, 50033));
    assert_eq!(lab.refused("POST", "/interactions/5/x/callback", json!({ "type": 6 })).await, (404, 10062));
    assert_eq!(
        lab.refused("PATCH", &format!("/webhooks/{APPLICATION}/x/messages/@original"), json!({})).await,
        (401, 50027)
    );
    assert_eq!(lab.refused("GET", "/nothing", Value::Null).await, (404, 0));
    assert_eq!(lab.refused("PUT", &messages(), json!({})).await, (405, 0));
    let shorter = format!("{}/api/gateway", lab.base);
    assert_eq!(lab.client.get(shorter).send().await.unwrap().status(), 200);
}

/// Bodies that break one limit each, with the path that the refusal names.
fn bad_messages() -> Vec<(Value, &'static str)> {
    let long = |length: usize| "é".repeat(length);
    let button = |id: &str| json!({ "type": 2, "style": 1, "label": "x", "custom_id": id });
    let row = |items: Vec<Value>| json!({ "type": 1, "components": items });
    let option = json!({ "label": "x", "value": "x" });
    vec![
        (json!({ "content": long(2_001) }), "/content"),
        (json!({ "content": 5 }), "/content"),
        (json!({ "content": "x", "nonce": long(26) }), "/nonce"),
        (json!({ "embeds": vec![json!({ "title": "x" }); 11] }), "/embeds"),
        (json!({ "embeds": [{ "title": long(257) }] }), "/embeds/0/title"),
        (json!({ "embeds": [{ "description": long(4_097) }] }), "/embeds/0/description"),
        (json!({ "embeds": [{ "fields": [{ "name": "x", "value": "" }] }] }), "/embeds/0/fields/0/value"),
        (json!({ "embeds": [{ "description": long(4_000) }, { "description": long(2_001) }] }), "/embeds"),
        (json!({ "components": vec![row(vec![button("a")]); 6] }), "/components"),
        (json!({ "components": [row(vec![])] }), "/components/0/components"),
        (json!({ "components": [row(vec![button("a"), button("a")])] }), "/components/0/components/1/custom_id"),
        (json!({ "components": [row(vec![button(&long(101))])] }), "/components/0/components/0/custom_id"),
        (
            json!({ "components": [row(vec![json!({ "type": 2, "style": 1, "label": long(81), "custom_id": "a" })])] }),
            "/components/0/components/0/label",
        ),
        (
            json!({ "components": [row(vec![json!({ "type": 3, "custom_id": "a", "options": vec![option.clone(); 26] })])] }),
            "/components/0/components/0/options",
        ),
        (
            json!({ "components": [row(vec![json!({ "type": 4, "custom_id": "a" })])] }),
            "/components/0/components/0/type",
        ),
        (json!({ "content": "x", "allowed_mentions": { "parse": ["users"], "users": ["5"] } }), "/allowed_mentions"),
        (json!({ "content": "x", "allowed_mentions": { "users": ["5", "5"] } }), "/allowed_mentions/users/1"),
        (json!({ "content": "x", "allowed_mentions": { "users": ["ana"] } }), "/allowed_mentions/users/0"),
        (json!({ "content": "x", "flags": 1 << 15 }), "/content"),
        (
            json!({ "components": [row(vec![json!({ "type": 2, "style": 1, "label": "x" })])] }),
            "/components/0/components/0/custom_id",
        ),
        (
            json!({ "components": [row(vec![json!({
                "type": 2, "style": 5, "label": "x", "url": "https://a.example", "custom_id": "a",
            })])] }),
            "/components/0/components/0",
        ),
        (
            json!({ "components": [row(vec![json!({
                "type": 3, "custom_id": "a", "min_values": 3, "max_values": 2, "options": [option],
            })])] }),
            "/components/0/components/0/max_values",
        ),
    ]
}

#[tokio::test]
async fn a_message_outside_the_limits_is_refused_with_the_path_of_the_field() {
    let lab = Lab::start().await;
    let long = |length: usize| "é".repeat(length);
    for (body, path) in bad_messages() {
        let (status, answer) = lab.call("POST", &messages(), body.clone()).await;
        assert_eq!((status, answer["code"].as_i64()), (400, Some(50_035)), "{body} {answer}");
        assert!(answer["errors"].pointer(path).is_some_and(|node| node["_errors"].is_array()), "{path} {answer}");
    }
    assert_eq!(lab.refused("POST", &messages(), json!({})).await, (400, 50_006));
    assert_eq!(lab.refused("POST", &messages(), json!({ "content": "  " })).await, (400, 50_006));
    lab.ok("POST", &messages(), json!({ "content": long(2_000) })).await;
}

#[tokio::test]
async fn commands_outside_the_limits_are_refused_and_good_ones_keep_their_ids() {
    let lab = Lab::start().await;
    let path = format!("/applications/{APPLICATION}/commands");
    let option =
        |name: &str, required: bool| json!({ "type": 3, "name": name, "description": "x", "required": required });
    let with = |options: Vec<Value>| json!([{ "name": "inc", "description": "x", "options": options }]);
    let many: Vec<Value> = (0..26).map(|index| option(&format!("o{index}"), false)).collect();
    let long: Vec<Value> = (0..25)
        .map(|index| {
            let choices: Vec<Value> =
                (0..4).map(|n| json!({ "name": format!("{n}"), "value": "x".repeat(99) })).collect();
            json!({ "type": 3, "name": format!("o{index}"), "description": "x", "choices": choices })
        })
        .collect();
    let mut choosy = option("a", false);
    choosy["choices"] = json!((0..26).map(|n| json!({ "name": format!("{n}"), "value": "x" })).collect::<Vec<_>>());
    let cases = [
        (json!([{ "name": "Inc", "description": "x" }]), "/0/name"),
        (json!([{ "name": "inc", "description": "" }]), "/0/description"),
        (with(many), "/0/options"),
        (with(vec![choosy]), "/0/options/0/choices"),
        (with(vec![option("a", false), option("b", true)]), "/0/options/1"),
        (with(long), "/0"),
        (json!([{ "name": "inc", "description": "x" }, { "name": "inc", "description": "x" }]), "/1/name"),
    ];
    for (body, at) in cases {
        let (status, answer) = lab.call("PUT", &path, body).await;
        assert_eq!((status, answer["code"].as_i64()), (400, Some(50_035)), "{at} {answer}");
        assert!(answer["errors"].pointer(at).is_some_and(|node| node["_errors"].is_array()), "{at} {answer}");
    }
    let first = lab.ok("PUT", &path, json!([inc()])).await;
    let second = lab.ok("PUT", &path, json!([inc()])).await;
    assert_eq!(first[0]["id"], second[0]["id"]);
    assert_ne!(first[0]["version"], second[0]["version"]);
    let typed: Vec<serenity::all::Command> = serde_json::from_value(second).unwrap();
    assert_eq!(typed[0].default_member_permissions, Some(serenity::all::Permissions::MANAGE_GUILD));
}

#[tokio::test]
async fn an_enforced_nonce_gives_the_same_message_again() {
    let lab = Lab::start().await;
    let body = json!({ "content": "once", "nonce": "n1", "enforce_nonce": true });
    let first = lab.ok("POST", &messages(), body.clone()).await;
    let second = lab.ok("POST", &messages(), body).await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(lab.server.transcript("ops"), "wardroom: once\n");
    serde_json::from_value::<serenity::all::Message>(first).unwrap();
}

#[tokio::test]
async fn messages_are_listed_around_a_point_and_only_own_ones_are_edited() {
    let lab = Lab::start().await;
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(lab.send(&n.to_string()).await);
    }
    for (query, wanted) in [
        ("?limit=2".to_owned(), "54"),
        (format!("?before={}&limit=2", ids[3]), "21"),
        (format!("?after={}&limit=2", ids[1]), "32"),
        (format!("?around={}&limit=3", ids[3]), "432"),
    ] {
        let list = lab.ok("GET", &format!("{}{query}", messages()), Value::Null).await;
        let told: String =
            list.as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap()).collect();
        assert_eq!(told, wanted, "{query}");
    }
    assert_eq!(lab.refused("GET", &format!("{}?limit=101", messages()), Value::Null).await, (400, 50_035));
    lab.server.say("ana", "ops", "mine").await.unwrap();
    let mine = lab.server.find_message("ops", "mine").unwrap();
    assert_eq!(lab.refused("PATCH", &format!("{}/{mine}", messages()), json!({ "content": "x" })).await, (403, 50_005));
    lab.ok("DELETE", &format!("{}/{mine}", messages()), Value::Null).await;
    assert_eq!(lab.server.find_message("ops", "mine"), None);
}

#[tokio::test]
async fn a_bot_can_shut_itself_out_of_a_channel() {
    let lab = Lab::start().await;
    let hidden = json!([{ "id": GUILD, "type": 0, "deny": "1024", "allow": "0" }]);
    let room = json!({ "name": "secret", "permission_overwrites": hidden });
    let room = lab.ok("POST", &format!("/guilds/{GUILD}/channels"), room).await;
    let path = format!("/channels/{}/messages", room["id"].as_str().unwrap());
    assert_eq!(lab.refused("POST", &path, json!({ "content": "x" })).await, (403, 50_001));
    let mute = json!({ "type": 1, "allow": "0", "deny": "2048" });
    lab.ok("PUT", &format!("/channels/{OPS}/permissions/{BOT}"), mute).await;
    assert_eq!(lab.refused("POST", &messages(), json!({ "content": "x" })).await, (403, 50_013));
    let too_much = json!({ "name": "x", "permission_overwrites": [{ "id": GUILD, "type": 0, "allow": "8" }] });
    assert_eq!(lab.refused("POST", &format!("/guilds/{GUILD}/channels"), too_much).await, (403, 50_013));
}

#[tokio::test]
async fn faults_happen_as_often_as_asked_and_calls_are_recorded() {
    let lab = Lab::start().await;
    let route = "POST /channels/{id}/messages".to_owned();
    lab.server.fault(DiscordFault::RateLimit { route: route.clone(), times: 1, retry_after_millis: 1_500 });
    let url = format!("{}/api/v10{}", lab.base, messages());
    let request = lab.client.post(url).header("Authorization", format!("Bot {TOKEN}"));
    let limited = request.json(&json!({ "content": "a" })).send().await.unwrap();
    assert_eq!(limited.status(), 429);
    assert_eq!(limited.headers()["retry-after"], "2");
    assert_eq!(limited.headers()["x-ratelimit-scope"], "user");
    let body: Value = limited.json().await.unwrap();
    assert_eq!((&body["retry_after"], &body["global"]), (&json!(1.5), &json!(false)));
    lab.server.fault(DiscordFault::LoseAnswer { route: route.clone(), times: 1 });
    assert_eq!(lab.refused("POST", &messages(), json!({ "content": "b" })).await, (500, 0));
    lab.server.fault(DiscordFault::ServerError { route: route.clone(), times: 1 });
    assert_eq!(lab.refused("POST", &messages(), json!({ "content": "c" })).await, (500, 0));
    let message = "Missing Access".to_owned();
    lab.server.fault(DiscordFault::Fail { route: route.clone(), times: 1, status: 403, code: 50_001, message });
    assert_eq!(lab.refused("POST", &messages(), json!({ "content": "d" })).await, (403, 50_001));
    lab.send("e").await;
    assert_eq!(lab.server.transcript("ops"), "wardroom: b\nwardroom: e\n");
    let calls = lab.server.calls();
    assert_eq!(calls.len(), 5);
    assert_eq!(calls[4], (route, json!({ "content": "e" })));
}

#[tokio::test]
async fn what_the_bot_asks_about_itself_fits_serenitys_models() {
    let lab = Lab::start().await;
    let get = async |path: &str| lab.ok("GET", path, Value::Null).await;
    serde_json::from_value::<serenity::all::CurrentUser>(get("/users/@me").await).unwrap();
    serde_json::from_value::<serenity::all::CurrentApplicationInfo>(get("/oauth2/applications/@me").await).unwrap();
    serde_json::from_value::<serenity::all::BotGateway>(get("/gateway/bot").await).unwrap();
    let guild = get(&format!("/guilds/{GUILD}?with_counts=true")).await;
    serde_json::from_value::<serenity::all::PartialGuild>(guild).unwrap();
    let channels = get(&format!("/guilds/{GUILD}/channels")).await;
    serde_json::from_value::<Vec<serenity::all::GuildChannel>>(channels).unwrap();
    let members = get(&format!("/guilds/{GUILD}/members?limit=10")).await;
    assert_eq!(members.as_array().unwrap().len(), 4);
    let direct = lab.ok("POST", "/users/@me/channels", json!({ "recipient_id": ANA })).await;
    serde_json::from_value::<serenity::all::PrivateChannel>(direct.clone()).unwrap();
    let again = lab.ok("POST", "/users/@me/channels", json!({ "recipient_id": ANA })).await;
    assert_eq!(direct["id"], again["id"]);
}
