//! The checks themselves: what is sound passes, and each kind of fault is named.

use std::io::Write;

use serde_json::{Value, json};
use wardroom::domain::Platform;
use wardroom::sandbox::{Exchange, Token};

use super::{Document, check};

fn exchange(platform: Platform, method: &str, path: &str, body: Value, answer: (u16, Value)) -> Exchange {
    Exchange {
        platform,
        method: method.to_owned(),
        path: path.to_owned(),
        route: path.to_owned(),
        query: Vec::new(),
        content_type: if body.is_null() { String::new() } else { "application/json".to_owned() },
        body,
        token: Token::Bot,
        status: answer.0,
        answer: answer.1,
        staged: false,
    }
}

fn empty() -> (u16, Value) {
    (204, Value::Null)
}

/// Says on the terminal, past what is kept of a test's output, that nothing could be checked.
fn skipped(checks: usize) {
    let _ = writeln!(std::io::stderr(), "SKIPPED {checks} checks of Discord's document: WARDROOM_CORPUS is not set");
}

const CALLBACK: &str = "/interactions/12/token/callback";

/// A method, a path, a body, the answer, and a part of what is said of it; nothing is said of those that are sound.
type Case = (&'static str, &'static str, Value, (u16, Value), &'static str);

fn of_discord() -> Vec<Case> {
    let button = |more: Value| {
        let mut button = json!({"type": 2, "style": 1, "label": "Approve", "custom_id": "b1"});
        button.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        json!({"type": 4, "data": {"content": "x", "components": [{"type": 1, "components": [button]}]}})
    };
    let command = |more: Value| {
        let mut command = json!({"name": "inc", "description": "Incidents", "nsfw": false});
        command.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        json!([command])
    };
    let commands = "/applications/1/guilds/2/commands";
    vec![
        ("POST", CALLBACK, button(json!({})), empty(), ""),
        (
            "POST",
            CALLBACK,
            button(json!({"custom_id": "x".repeat(101)})),
            empty(),
            "body/data/components/0/components/0/custom_id",
        ),
        ("POST", CALLBACK, button(json!({"style": 9})), empty(), "body/data/components/0/components/0/style"),
        ("POST", CALLBACK, button(json!({"colour": "red"})), empty(), "'colour' was unexpected"),
        ("POST", CALLBACK, button(json!({"type": 77})), empty(), "body/data/components/0/components/0/type"),
        ("POST", CALLBACK, json!({"type": 99}), empty(), "body/type"),
        ("POST", "/interactions/twelve/token/callback", json!({"type": 6}), empty(), "path parameter interaction_id"),
        ("POST", CALLBACK, Value::Null, empty(), "needs a body"),
        ("POST", "/channels/1/no-such", json!({}), empty(), "is not in Discord's document"),
        ("PUT", "/channels/1/pins/2", Value::Null, empty(), ""),
        ("PUT", "/channels/1/pins/2", json!({}), empty(), "takes no body"),
        ("PUT", "/channels/1/pins/2", Value::Null, (200, json!({})), "is never answered with 200"),
        (
            "PUT",
            commands,
            command(json!({"default_member_permissions": "32"})),
            (404, json!({"code": 10004, "message": "Unknown Guild"})),
            "",
        ),
        (
            "PUT",
            commands,
            command(json!({"default_member_permissions": "all"})),
            (404, json!({"code": 10004, "message": "Unknown Guild"})),
            "body/0/default_member_permissions",
        ),
        ("GET", "/gateway", Value::Null, (200, json!({"url": "wss://gateway.discord.gg"})), ""),
        ("GET", "/gateway", Value::Null, (200, json!({"address": "wss://gateway.discord.gg"})), "answer"),
        (
            "PATCH",
            "/webhooks/1/t/messages/@original",
            json!({"content": 5}),
            (404, json!({"code": 10015, "message": "Unknown Webhook"})),
            "body/content",
        ),
        (
            "POST",
            CALLBACK,
            json!({"type": 6}),
            (400, json!({"code": 50035, "message": "Invalid Form Body"})),
            "refused with",
        ),
    ]
}

#[test]
fn each_fault_of_a_request_to_discord_is_named() {
    let Some(mut document) = Document::of_corpus() else { return skipped(of_discord().len()) };
    for (method, path, body, answer, expected) in of_discord() {
        let said = check(&exchange(Platform::Discord, method, path, body.clone(), answer), Some(&mut document));
        let as_expected =
            if expected.is_empty() { said.is_empty() } else { said.iter().any(|line| line.contains(expected)) };
        assert!(as_expected, "{method} {path} {body}: “{expected}” was expected of {said:?}");
    }
}

#[test]
fn a_query_is_held_against_the_document() {
    let Some(mut document) = Document::of_corpus() else { return skipped(3) };
    let mut said = |name: &str, value: &str| {
        let mut list = exchange(Platform::Discord, "GET", "/channels/1/messages", Value::Null, (200, json!([])));
        list.query = vec![(name.to_owned(), value.to_owned())];
        document.check(&list).join("; ")
    };
    assert_eq!(said("limit", "50"), "");
    assert!(said("limit", "500").contains("query parameter limit"));
    assert!(said("limits", "50").contains("has no query parameter limits"));
}

#[test]
fn each_fault_of_a_call_to_slack_is_named() {
    let ok = || (200, json!({"ok": true}));
    let refused = |code: &str| (200, json!({"ok": false, "error": code}));
    for (method, body, answer, expected) in [
        ("chat.postMessage", json!({"channel": "C1", "text": "x"}), ok(), ""),
        ("chat.postMessage", json!({"channel": "C1", "text": "x"}), refused("channel_not_found"), ""),
        ("chat.postMessage", json!({"channel": "C1", "text": "x"}), refused("invalid_blocks"), "refused with"),
        ("chat.postMessage", json!({"channel": "C1", "txt": "x"}), ok(), "not documented: txt"),
        ("chat.postMessage", json!({"text": "x"}), ok(), "missing required field: channel"),
        ("conversations.list", json!({"limit": 1_000}), ok(), "invalid_limit"),
        ("no.such", json!({}), refused("unknown_method"), "unknown_method"),
    ] {
        let said = check(&exchange(Platform::Slack, "POST", method, body.clone(), answer), None).join("; ");
        let as_expected = if expected.is_empty() { said.is_empty() } else { said.contains(expected) };
        assert!(as_expected, "{method} {body}: “{expected}” was expected of “{said}”");
    }
}
