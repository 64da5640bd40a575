//! What Slack sends, in its usual and its odd shapes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::app::inbound::Act;
use crate::domain::Standing;
use crate::platform::slack::command_text::neutral;
use crate::platform::slack::inbound::{Delivery, Envelope, Parsed, Via, parse};

fn parsed(kind: &str, payload: &Value) -> Parsed {
    let envelope = json!({"type": kind, "envelope_id": "e1", "payload": payload, "accepts_response_payload": true});
    let envelope: Envelope = serde_json::from_value(envelope).expect("an envelope");
    parse(&envelope, "THOME")
}

fn acts(kind: &str, payload: &Value) -> Delivery {
    match parsed(kind, payload) {
        Parsed::Acts(delivery) => *delivery,
        other => panic!("not an act: {other:?}"),
    }
}

fn command() -> Value {
    json!({
        "command": "/inc", "text": "declare sev1", "user_id": "U1", "user_name": "ana", "team_id": "T1",
        "channel_id": "C1", "trigger_id": "1.2.abc", "response_url": "https://hooks.example/1"
    })
}

#[test]
fn command_text_becomes_what_was_typed() {
    let cases = [
        ("lead <@U1|ana> in <#C1|room>", "lead <@slack:U1> in <#slack:C1>"),
        ("<@W2> <#C2> <#C3|>", "<@slack:W2> <#slack:C2> <#slack:C3>"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&lt;@U1&gt; &amp;lt;", "<@U1> &lt;"),
        (
            "see <http://pay.example.com|pay.example.com> or <https://x.example/?a=1&amp;b=2>",
            "see pay.example.com or https://x.example/?a=1&b=2",
        ),
        ("<mailto:a@b.example|a@b.example> <tel:1|1>", "a@b.example 1"),
        ("<https://x.example|the &amp; plan>", "the & plan https://x.example"),
        ("<!here> <!subteam^S1|@ops> <!date^1^x|noon>", "@here @ops @noon"),
        ("1 < 2", "1 < 2"),
        ("", ""),
    ];
    for (sent, typed) in cases {
        assert_eq!(neutral(sent), typed, "{sent}");
    }
}

#[test]
fn a_command_names_its_place_account_and_delivery() {
    let delivery = acts("slash_commands", &command());
    let inbound = &delivery.inbound;
    assert_eq!(inbound.delivery, "slack:1.2.abc");
    assert_eq!((inbound.place.workspace.as_str(), inbound.place.channel.as_str()), ("T1", "C1"));
    assert_eq!((inbound.account.id.as_str(), inbound.account_name.as_str()), ("U1", "ana"));
    assert_eq!(inbound.standing, Standing::Member);
    assert_eq!(inbound.act, Act::Says { command: "inc".to_owned(), text: "declare sev1".to_owned() });
    assert_eq!(delivery.via, Via::Command);
}

#[test]
fn a_command_of_an_org_wide_installation_still_parses() {
    let mut payload = command();
    payload["team_id"] = Value::Null;
    payload["text"] = Value::Null;
    payload["trigger_id"] = Value::Null;
    payload["enterprise_id"] = json!("E1");
    let delivery = acts("slash_commands", &payload);
    assert_eq!(delivery.inbound.place.workspace, "THOME");
    assert_eq!(delivery.inbound.delivery, "slack:e1");
}

fn press() -> Value {
    json!({
        "type": "block_actions", "team": {"id": "T1", "domain": "x"}, "trigger_id": "7.8.z",
        "user": {"id": "U1", "username": "ana", "team_id": "T1"}, "channel": {"id": "C1", "name": "inc-7"},
        "container": {"type": "message", "message_ts": "11.22", "channel_id": "C1", "is_ephemeral": false},
        "message": {
            "ts": "11.22", "blocks": [{"type": "new"}],
            "metadata": {"event_type": "wardroom", "event_payload": {"id": 42}},
        },
        "response_url": "https://hooks.example/2",
        "actions": [{"type": "button", "action_id": "b1.approve.CHG-88.2", "block_id": "row-0", "action_ts": "1.0"}]
    })
}

#[test]
fn a_click_names_its_button_and_message() {
    let delivery = acts("interactive", &press());
    assert_eq!(delivery.inbound.act, Act::Presses { button: "b1.approve.CHG-88.2".to_owned() });
    assert_eq!(delivery.inbound.message.as_deref(), Some("11.22"));
    assert_eq!(delivery.inbound.place.channel, "C1");
    assert!(delivery.response_url.is_some());
    assert_eq!(delivery.via, Via::Press);
}

#[test]
fn a_click_without_team_or_channel_falls_back_to_what_else_is_said() {
    let mut payload = press();
    payload["team"] = Value::Null;
    payload["enterprise"] = json!({"id": "E1", "name": "org"});
    payload["user"]["team_id"] = json!("T9");
    payload.as_object_mut().expect("an object").remove("channel");
    payload.as_object_mut().expect("an object").remove("message");
    let delivery = acts("interactive", &payload);
    assert_eq!(delivery.inbound.place.workspace, "T9");
    assert_eq!(delivery.inbound.place.channel, "C1");
    assert_eq!(delivery.inbound.message.as_deref(), Some("11.22"));
    assert_eq!(delivery.inbound.standing, Standing::Member);
}

#[test]
fn guests_strangers_and_bots_are_told_apart() {
    let standing = |change: fn(&mut Value)| {
        let mut payload = press();
        change(&mut payload);
        acts("interactive", &payload).inbound.standing
    };
    assert_eq!(standing(|_| {}), Standing::Member);
    assert_eq!(standing(|payload| payload["user"]["team_id"] = json!("T2")), Standing::Guest);
    assert_eq!(standing(|payload| payload["user"]["is_stranger"] = json!(true)), Standing::Guest);
    assert_eq!(standing(|payload| payload["user"]["is_ultra_restricted"] = json!(true)), Standing::Guest);
    assert_eq!(standing(|payload| payload["user"]["is_bot"] = json!(true)), Standing::Bot);
    assert_eq!(standing(|payload| payload["bot_id"] = json!("B1")), Standing::Bot);
}

fn submission() -> Value {
    json!({
        "type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1", "name": "ana", "team_id": "T1"},
        "trigger_id": "9.9.q", "response_urls": [],
        "view": {
            "id": "V1", "callback_id": "form-1", "private_metadata": "{\"channel\":\"C1\"}",
            "blocks": [{"type": "section"}, {"type": "input", "block_id": "title"}],
            "state": {"values": {
                "title": {"value": {"type": "plain_text_input", "value": "a <b> & *c*"}},
                "sev": {"value": {"type": "static_select", "selected_option": {"text": {"text": "P1"}, "value": "p1"}}},
                "why": {"value": {"type": "plain_text_input", "value": null}},
                "none": {"value": {"type": "static_select", "selected_option": null}},
                "odd": {}
            }}
        }
    })
}

#[test]
fn a_sent_form_brings_its_fields_and_its_place() {
    let delivery = acts("interactive", &submission());
    let fields = BTreeMap::from([("sev".to_owned(), "p1".to_owned()), ("title".to_owned(), "a <b> & *c*".to_owned())]);
    assert_eq!(delivery.inbound.act, Act::Submits { form: "form-1".to_owned(), fields });
    assert_eq!(delivery.inbound.place.channel, "C1");
    assert_eq!(delivery.via, Via::Submit { first_field: Some("title".to_owned()) });
}

#[test]
fn a_sent_form_without_state_has_no_fields() {
    let mut payload = submission();
    payload["view"]["state"] = json!({});
    let delivery = acts("interactive", &payload);
    assert_eq!(delivery.inbound.act, Act::Submits { form: "form-1".to_owned(), fields: BTreeMap::new() });
}

#[test]
fn other_kinds_are_ignored_and_broken_ones_are_named() {
    let ignored = |kind: &str, payload: &Value| match parsed(kind, payload) {
        Parsed::Ignored(kind) => kind,
        other => panic!("not ignored: {other:?}"),
    };
    assert_eq!(ignored("interactive", &json!({"type": "view_closed"})), "view_closed");
    assert_eq!(ignored("interactive", &json!(null)), "interactive");
    assert_eq!(ignored("events_api", &json!({"event": {"type": "app_mention"}})), "app_mention");
    assert_eq!(ignored("brand_new", &json!({})), "brand_new");
    let mut selects = press();
    selects["actions"][0]["type"] = json!("overflow");
    assert_eq!(ignored("interactive", &selects), "block_actions without a button");
    let malformed = |kind: &str, payload: &Value| matches!(parsed(kind, payload), Parsed::Malformed { .. });
    assert!(malformed("slash_commands", &json!({"command": "/inc"})));
    assert!(malformed("slash_commands", &json!([1])));
    let mut nobody = press();
    nobody["user"] = Value::Null;
    assert!(malformed("interactive", &nobody));
    let mut nowhere = submission();
    nowhere["view"]["private_metadata"] = json!("not json");
    assert!(malformed("interactive", &nowhere));
}

#[test]
fn secrets_of_a_delivery_are_not_shown() {
    let shown = format!("{:?}", acts("slash_commands", &command()));
    assert!(!shown.contains("hooks.example"), "{shown}");
}
