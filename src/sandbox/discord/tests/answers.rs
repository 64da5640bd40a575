//! The one answer that an interaction may have, and what its token is good for.

use std::time::Duration;

use super::*;
use crate::sandbox::discord::interactions::{COMMAND, COMPONENT, FORM, Start};

impl Lab {
    /// Starts an interaction as if a bot were there to hear of it: id and token.
    fn begin(&self, kind: u64, source: Option<&str>) -> (String, String) {
        let mut world = self.server.world();
        let (link, frames) = tokio::sync::mpsc::channel(64);
        // Nobody reads what is sent; the receiver only has to live.
        std::mem::forget(frames);
        world.identify(1, &Value::Null, link);
        let data = json!({ "custom_id": "x" });
        world.start(Start { kind, user: ANA, channel: OPS, source, name: "inc declare".into(), data });
        let (token, payload) = world.last_interaction.clone().unwrap();
        (payload["id"].as_str().unwrap().to_owned(), token)
    }
}

fn callback((id, token): &(String, String)) -> String {
    format!("/interactions/{id}/{token}/callback")
}

#[tokio::test]
async fn an_interaction_takes_one_answer_and_only_a_legal_one() {
    let lab = Lab::start().await;
    let card = lab.send("card").await;
    let command = lab.begin(COMMAND, None);
    for body in
        [json!({ "type": 6 }), json!({ "type": 7, "data": { "content": "x" } }), json!({ "type": 1 }), json!({})]
    {
        assert_eq!(lab.refused("POST", &callback(&command), body).await, (400, 50_035));
    }
    let (_, long) =
        lab.call("POST", &callback(&command), json!({ "type": 4, "data": { "content": "x".repeat(2_001) } })).await;
    assert!(long["errors"]["data"]["content"]["_errors"].is_array(), "{long}");
    lab.ok("POST", &callback(&command), json!({ "type": 4, "data": { "content": "yes", "flags": 64 } })).await;
    assert_eq!(lab.refused("POST", &callback(&command), json!({ "type": 5 })).await, (400, 40_060));
    assert_eq!(lab.server.private("ana"), "wardroom: yes\n");
    let click = lab.begin(COMPONENT, Some(&card));
    lab.ok("POST", &callback(&click), json!({ "type": 7, "data": { "content": "clicked" } })).await;
    assert_eq!(lab.server.transcript("ops"), "wardroom: clicked (edited)\n");
}

#[tokio::test]
async fn a_form_must_fit_and_can_not_answer_a_form() {
    let lab = Lab::start().await;
    let input = json!({ "type": 4, "custom_id": "a", "style": 1, "label": "A" });
    let rows = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|n| {
                let mut input = input.clone();
                input["custom_id"] = json!(format!("i{n}"));
                json!({ "type": 1, "components": [input] })
            })
            .collect()
    };
    let form = |title: &str, rows: Vec<Value>| json!({ "type": 9, "data": { "custom_id": "f", "title": title, "components": rows } });
    let sent = lab.begin(FORM, None);
    assert_eq!(lab.refused("POST", &callback(&sent), form("A", rows(1))).await, (400, 50_035));
    let command = lab.begin(COMMAND, None);
    for body in [form(&"x".repeat(46), rows(1)), form("A", rows(6)), form("A", vec![])] {
        assert_eq!(lab.refused("POST", &callback(&command), body).await, (400, 50_035));
    }
    lab.ok("POST", &callback(&command), form("A", rows(5))).await;
    let modal = lab.server.modal("ana").unwrap();
    assert_eq!(modal["components"].as_array().unwrap().len(), 5);
    lab.server.dismiss("ana", modal["id"].as_str().unwrap());
    assert_eq!(lab.server.modal("ana"), None);
}

#[tokio::test]
async fn a_deferred_answer_is_filled_in_by_the_first_followup() {
    let lab = Lab::start().await;
    let command = lab.begin(COMMAND, None);
    let hook = format!("/webhooks/{APPLICATION}/{}", command.1);
    assert_eq!(lab.refused("POST", &hook, json!({ "content": "early" })).await, (404, 10_015));
    lab.ok("POST", &callback(&command), json!({ "type": 5, "data": { "flags": 64 } })).await;
    assert_eq!(lab.server.private("ana"), "wardroom: (thinking…)\n");
    let first = lab.ok("POST", &hook, json!({ "content": "first" })).await;
    let second = lab.ok("POST", &hook, json!({ "content": "second" })).await;
    assert_ne!(first["id"], second["id"]);
    lab.ok("PATCH", &format!("{hook}/messages/@original"), json!({ "content": "better" })).await;
    assert_eq!(lab.server.private("ana"), "wardroom: better (edited)\n");
    assert_eq!(lab.server.transcript("ops"), "wardroom: second\n");
    lab.ok("DELETE", &format!("{hook}/messages/{}", second["id"].as_str().unwrap()), Value::Null).await;
    assert_eq!(lab.server.transcript("ops"), "");
    let stranger = lab.send("not of this interaction").await;
    let other = format!("{hook}/messages/{stranger}");
    assert_eq!(lab.refused("PATCH", &other, json!({ "content": "x" })).await, (404, 10_008));
    let hidden = format!("/channels/{OPS}/messages/{}", first["id"].as_str().unwrap());
    assert_eq!(lab.refused("PATCH", &hidden, json!({ "content": "x" })).await, (404, 10_008));
    lab.server.age_tokens();
    assert_eq!(lab.refused("POST", &hook, json!({ "content": "late" })).await, (401, 50_027));
}

#[tokio::test]
async fn an_answer_after_its_time_finds_the_interaction_unknown() {
    let lab = Lab::start().await;
    lab.server.set_patience(Duration::ZERO);
    let command = lab.begin(COMMAND, None);
    assert_eq!(lab.refused("POST", &callback(&command), json!({ "type": 5 })).await, (404, 10_062));
}

#[tokio::test]
async fn what_happens_in_private_and_what_is_chosen_of_people_fits_serenitys_models() {
    let lab = Lab::start().await;
    lab.ok("PUT", &format!("/applications/{APPLICATION}/commands"), json!([inc()])).await;
    let sent = |lab: &Lab| -> serenity::all::Interaction {
        let payload = lab.server.world().last_interaction.clone().unwrap().1;
        serde_json::from_value(payload).unwrap()
    };
    lab.server.say("ana", "@wardroom", "/inc lead raj").await.unwrap();
    let serenity::all::Interaction::Command(command) = sent(&lab) else { panic!("not a command") };
    assert_eq!((command.user.name.as_str(), command.guild_id, command.member.is_none()), ("ana", None, true));
    let menu = json!({ "type": 5, "custom_id": "who", "placeholder": "Who?" });
    let rows = json!([{ "type": 1, "components": [menu] }]);
    let card = lab.ok("POST", &format!("/channels/{OPS}/messages"), json!({ "components": rows })).await;
    lab.server.select("ana", "ops", card["id"].as_str().unwrap(), "who", "@raj").await.unwrap();
    let serenity::all::Interaction::Component(click) = sent(&lab) else { panic!("not a component") };
    assert_eq!(click.data.resolved.users.len(), 1);
    assert_eq!(click.guild_id.map(|id| id.to_string()).as_deref(), Some(GUILD));
}
