//! What people type, and what of it is sent or refused before any bot hears of it.

use std::collections::BTreeMap;

use super::*;
use crate::sandbox::discord::options::At;

/// The data that a line would be sent with.
fn data(lab: &Lab, line: &str) -> Result<Value, String> {
    let world = lab.server.world();
    let (path, options) = world.typed(OPS, line)?;
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    world.command_data(At { user: ANA, channel: OPS }, &path, &options)
}

fn values(data: &Value) -> Vec<String> {
    let list = data["options"][0]["options"].as_array().unwrap();
    list.iter().map(|option| format!("{}={}", option["name"].as_str().unwrap(), option["value"])).collect()
}

#[tokio::test]
async fn options_are_read_by_name_in_any_order_and_free_text_goes_first() {
    let lab = Lab::start().await;
    lab.register().await;
    let named =
        data(&lab, "inc declare severity: SEV 1 title: checkout returns 502: https://x.y service: pay").unwrap();
    assert_eq!(values(&named), ["title=\"checkout returns 502: https://x.y\"", "severity=\"sev1\"", "service=\"pay\""]);
    let free = data(&lab, "inc declare checkout is slow, says @raj severity:sev2").unwrap();
    assert_eq!(values(&free), [format!("title=\"checkout is slow, says <@{RAJ}>\""), "severity=\"sev2\"".to_owned()]);
    let nested = data(&lab, "inc task add number: 7 urgent: yes").unwrap();
    assert_eq!(nested["options"][0]["type"], 2);
    assert_eq!(nested["options"][0]["options"][0]["options"][0], json!({ "name": "number", "type": 4, "value": 7 }));
    let person = data(&lab, "inc lead who: @raj").unwrap();
    assert_eq!(person["resolved"]["users"][RAJ]["username"], "raj");
    assert!(person["resolved"]["members"][RAJ]["permissions"].is_string());
}

#[tokio::test]
async fn what_discord_would_not_send_is_refused_with_what_would_do() {
    let lab = Lab::start().await;
    assert_eq!(data(&lab, "inc"), Err("there is no command /inc: none is registered here".to_owned()));
    lab.register().await;
    let refusals = [
        ("chg new", "there is no command /chg; there is: /inc"),
        ("inc", "/inc needs a subcommand; there is: declare, lead, form, slow, task"),
        ("inc paint", "/inc has no paint; there is: declare, lead, form, slow, task"),
        ("inc declare severity: sev1", "/inc declare: required options are missing: title"),
        ("inc declare x severity: huge", "/inc declare: severity: huge is not a choice; choices: SEV 1, SEV 2"),
        ("inc lead @nobody", "/inc lead: who: there is nobody called @nobody"),
        ("inc slow quickly", "/inc slow takes no text: quickly"),
        ("inc task add number: many", "/inc task add: number: many is not a whole number"),
    ];
    for (line, refusal) in refusals {
        assert_eq!(data(&lab, line), Err(refusal.to_owned()), "{line}");
    }
    let unknown = BTreeMap::from([("colour".to_owned(), "red".to_owned())]);
    let error = lab.server.command("ana", "ops", &["inc", "declare"], unknown).await.unwrap_err();
    assert_eq!(error, "/inc declare: there is no option colour; there is: title, severity, service, room");
    let nobody = lab.server.say("zoe", "ops", "hello").await.unwrap_err();
    assert_eq!(nobody, "there is nobody called zoe");
    let nowhere = lab.server.say("ana", "nowhere", "hello").await.unwrap_err();
    assert_eq!(nowhere, "there is no channel nowhere that ana can see");
}

#[tokio::test]
async fn a_transcript_shows_what_a_person_reads() {
    let lab = Lab::start().await;
    lab.server.say("ana", "ops", "see #random, @raj").await.unwrap();
    let text = "**now** <t:1795532400:t> \\*not bold\\* `<@1>\\*` </inc declare:1>";
    let id = lab.send(text).await;
    lab.ok("PATCH", &format!("/channels/{OPS}/messages/{id}"), json!({ "content": format!("{text}\nsecond") })).await;
    lab.ok("PUT", &format!("/channels/{OPS}/messages/pins/{id}"), Value::Null).await;
    insta::assert_snapshot!(lab.server.transcript("ops"), @r"
    ana: see #random, @raj
    wardroom: **now** 15:00 UTC *not bold* `<@1>\*` /inc declare (edited) (pinned)
      second
    ");
    assert_eq!(lab.server.find_message("ops", "not bold"), Some(id));
    assert_eq!(lab.server.channels(), ["ops", "random"]);
}

#[tokio::test]
async fn a_view_shows_each_person_their_own_world() {
    let lab = Lab::start().await;
    lab.send("for all").await;
    lab.server.say("ana", "@wardroom", "psst").await.unwrap();
    let hidden = json!([{ "id": GUILD, "type": 0, "deny": "1024", "allow": "0" },
                        { "id": BOT, "type": 1, "allow": "1024", "deny": "0" },
                        { "id": RAJ, "type": 1, "allow": "1024", "deny": "0" }]);
    let room = json!({ "name": "Inc 1: Checkout Down!", "topic": "INC-1", "permission_overwrites": hidden });
    let room = lab.ok("POST", &format!("/guilds/{GUILD}/channels"), room).await;
    assert_eq!(room["name"], "inc-1-checkout-down");
    let names = |user: &str| -> Vec<String> {
        let view = lab.server.view(user);
        let list = view["channels"].as_array().unwrap().clone();
        list.iter()
            .map(|channel| format!("{} {}", channel["kind"].as_str().unwrap(), channel["name"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(names("ana"), ["channel ops", "channel random", "direct wardroom"]);
    assert_eq!(names("raj"), ["channel ops", "channel random", "channel inc-1-checkout-down"]);
    let view = lab.server.view(ANA);
    assert_eq!(view["me"], json!({ "id": ANA, "name": "Ana Lima", "handle": "ana" }));
    assert_eq!(view["channels"][0]["messages"][0]["author"], json!({ "id": BOT, "name": "Wardroom", "bot": true }));
    assert_eq!(view["channels"][0]["messages"][0]["raw"]["content"], "for all");
}

#[tokio::test]
async fn a_snapshot_brings_everything_back() {
    let lab = Lab::start().await;
    lab.register().await;
    lab.send("kept").await;
    let kept = lab.server.snapshot();
    let other = Lab::start().await;
    let before = other.server.revision();
    other.server.restore(kept.clone()).unwrap();
    assert!(other.server.revision() > before);
    assert_eq!(other.server.transcript("ops"), "wardroom: kept\n");
    assert_eq!(other.server.snapshot(), kept);
    assert!(other.server.restore(json!({ "channels": 5 })).is_err());
}
