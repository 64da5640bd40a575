//! Files that come with messages, and what is offered while an option is typed: by plain requests.

use std::collections::BTreeMap;

use reqwest::multipart::{Form, Part};

use super::*;

async fn send(lab: &Lab, method: &str, path: &str, payload: Value, files: &[(&str, &str)]) -> (u16, Value) {
    let mut form = Form::new().text("payload_json", payload.to_string());
    for (index, (name, content)) in files.iter().enumerate() {
        form = form.part(format!("files[{index}]"), Part::text((*content).to_owned()).file_name((*name).to_owned()));
    }
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let request = lab.client.request(method, format!("{}/api/v10{path}", lab.base)).multipart(form);
    let response = request.header("Authorization", format!("Bot {TOKEN}")).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn files_are_kept_named_and_given_back() {
    let lab = Lab::start().await;
    let path = format!("/channels/{OPS}/messages");
    let named = json!({ "attachments": [{ "id": 1, "description": "The log" }] });
    let (status, message) = send(&lab, "POST", &path, named, &[("run book.csv", "a,b"), ("a.log", "late")]).await;
    assert_eq!(status, 200, "{message}");
    let log = &message["attachments"][0];
    assert_eq!((&log["filename"], &log["size"], &log["description"]), (&json!("a.log"), &json!(4), &json!("The log")));
    let table = &message["attachments"][1];
    assert_eq!((&table["filename"], &table["content_type"]), (&json!("run_book.csv"), &json!("text/csv")));
    let response = lab.client.get(table["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(response.headers()["content-disposition"], "attachment");
    assert_eq!(response.text().await.unwrap(), "a,b");
    assert_eq!(lab.server.transcript("ops"), "wardroom: (file: a.log)\n  (file: run_book.csv)\n");

    let path = format!("{path}/{}", message["id"].as_str().unwrap());
    let kept = json!({ "attachments": [{ "id": table["id"] }, { "id": 0 }] });
    let (_, edited) = send(&lab, "PATCH", &path, kept, &[("b.log", "later")]).await;
    let present: Vec<&Value> =
        edited["attachments"].as_array().unwrap().iter().map(|attachment| &attachment["filename"]).collect();
    assert_eq!(present, ["run_book.csv", "b.log"]);
    let unknown = json!({ "attachments": [{ "id": "77" }] });
    assert_eq!(lab.refused("PATCH", &path, unknown).await, (400, 50035));
    assert_eq!(lab.refused("PATCH", &path, json!({ "attachments": [], "content": "" })).await, (400, 50006));
}

#[tokio::test]
async fn a_body_that_is_not_what_it_says_is_refused() {
    let lab = Lab::start().await;
    let request = lab.client.post(format!("{}/api/v10/channels/{OPS}/messages", lab.base));
    let request = request.header("Authorization", format!("Bot {TOKEN}"));
    let broken = request.header("Content-Type", "multipart/form-data; boundary=x").body("--x\r\nno end");
    let answer: Value = broken.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["code"], 50109);
}

#[tokio::test]
async fn only_options_that_the_bot_completes_are_asked_for() {
    let lab = Lab::start().await;
    let option = |kind: u64, name: &str, completed: bool| json!({ "type": kind, "name": name, "description": "x", "autocomplete": completed });
    let command = json!([{ "name": "page", "description": "Pages", "options": [
        option(3, "who", true), option(4, "level", false) ] }]);
    lab.ok("PUT", &format!("/applications/{APPLICATION}/guilds/{GUILD}/commands"), command).await;
    let ask = async |focused: &str, options: BTreeMap<String, String>| {
        lab.server.autocomplete("ana", "ops", &["page"], options, focused).await
    };
    assert_eq!(ask("level", BTreeMap::new()).await, Err("/page: the bot offers nothing for level".to_owned()));
    // Nobody is connected who could answer; and unlike for a command, nobody is told so in the channel.
    let typed = BTreeMap::from([("who".to_owned(), "a".to_owned()), ("level".to_owned(), "not a number".to_owned())]);
    assert_eq!(ask("who", typed).await, Err("Loading options failed".to_owned()));
    assert_eq!(lab.server.last_private("ana"), None);
    let asked = lab.server.world().last_interaction.clone().unwrap().1;
    assert_eq!(asked["type"], 4);
    assert_eq!(asked["data"]["options"], json!([{ "name": "who", "type": 3, "value": "a", "focused": true }]));
}
