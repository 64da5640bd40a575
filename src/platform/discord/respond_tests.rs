//! Interactions handled against the small REST server of the adapter's tests.

use serde_json::json;
use tokio::time::sleep;

use super::super::inbound::read;
use super::super::tests::{Fake, says};
use super::*;
use crate::app::inbound::FieldError;
use crate::render::{Field, FieldKind, Form};

fn clicked(kind: u8, custom_id: &str, message: &Value) -> Value {
    let data = if kind == 2 { json!({ "name": "inc" }) } else { json!({ "custom_id": custom_id }) };
    json!({
        "id": "900", "application_id": "77", "type": kind, "token": "secret", "guild_id": "5", "channel_id": "6",
        "member": { "user": { "id": "42", "username": "ana" } }, "message": message, "data": data,
    })
}

fn form() -> Form {
    let field = |name: &str, kind| Field {
        name: name.into(),
        label: name.into(),
        hint: String::new(),
        kind,
        required: true,
        value: None,
        source: None,
    };
    let choice = FieldKind::Choice(vec![("sev1".into(), "Sev 1".into())]);
    Form {
        id: "frm".into(),
        title: "Declare".into(),
        submit: "Send".into(),
        notes: Vec::new(),
        fields: vec![field("title", FieldKind::Line), field("sev", choice)],
    }
}

/// Lets one interaction be handled with this outcome, in time or not; gives what Discord heard.
async fn handled(raw: Value, outcome: Result<Reply, String>, slow: bool, script: Vec<u16>) -> Vec<(String, Value)> {
    let script = script.into_iter().map(|status| (status, json!({ "code": 10062 })));
    let (fake, discord) = Fake::with(script.collect()).await;
    let handler = |_: Inbound| {
        let outcome = outcome.clone();
        async move {
            if slow {
                sleep(Duration::from_millis(300)).await;
            }
            outcome
        }
    };
    // A slow one was received long enough ago that its time is nearly over.
    let ago = if slow { GUARD.saturating_sub(Duration::from_millis(20)) } else { Duration::ZERO };
    let received = Instant::now().checked_sub(ago).unwrap();
    answer(&discord.rest, read(&raw).unwrap(), First::Callback, &handler, received).await;
    fake.asked.lock().unwrap().clone()
}

const CALLBACK: &str = "POST /api/v10/interactions/900/secret/callback";

/// The type and the flags of the only answer to an interaction.
async fn answered(raw: Value, outcome: Result<Reply, String>) -> (Value, Value) {
    let heard = handled(raw, outcome, false, vec![204]).await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0].0, CALLBACK);
    (heard[0].1["type"].clone(), heard[0].1["data"]["flags"].clone())
}

fn tell() -> Reply {
    Reply::Tell { message: says("done") }
}

fn ask(form: Form) -> Reply {
    Reply::Ask { form }
}

fn texts() -> Form {
    let mut texts = form();
    texts.fields.pop();
    texts
}

#[tokio::test]
async fn commands_and_clicks_are_told_to_the_caller_alone() {
    let told = (json!(4), json!(64));
    let card = json!({ "id": "8" });
    assert_eq!(answered(clicked(2, "", &Value::Null), Ok(tell())).await, told);
    assert_eq!(answered(clicked(2, "", &Value::Null), Ok(Reply::Quiet)).await, told);
    assert_eq!(answered(clicked(3, "b1.approve", &card), Ok(tell())).await, told);
    assert_eq!(answered(clicked(5, "f|frm", &card), Ok(tell())).await, told, "the card stays");
    assert_eq!(answered(clicked(5, "other", &Value::Null), Ok(tell())).await, told, "the unknown is answered too");
}

#[tokio::test]
async fn a_form_goes_on_in_its_own_message() {
    let (told, in_place) = ((json!(4), json!(64)), (json!(7), Value::Null));
    let none = Value::Null;
    let shows_form = json!({ "id": "8", "flags": 64, "components": [{ "components": [{ "custom_id": "n|frm" }] }] });
    assert_eq!(answered(clicked(2, "", &none), Ok(ask(texts()))).await, (json!(9), Value::Null));
    assert_eq!(answered(clicked(2, "", &none), Ok(ask(form()))).await, told, "choices come first");
    assert_eq!(answered(clicked(3, "s|frm|sev", &none), Ok(Reply::Quiet)).await, (json!(6), Value::Null));
    assert_eq!(answered(clicked(3, "n|frm", &none), Ok(ask(form()))).await, in_place);
    assert_eq!(answered(clicked(3, "n|frm", &none), Ok(ask(texts()))).await, (json!(9), Value::Null));
    assert_eq!(answered(clicked(5, "f|frm", &shows_form), Ok(tell())).await, in_place);
    assert_eq!(answered(clicked(5, "f|frm", &none), Ok(ask(texts()))).await, told, "no modal answers a modal");
    let error = FieldError { field: "title".into(), sentence: "Too short.".into() };
    let faults = Ok(Reply::Faults { form: form(), errors: vec![error] });
    assert_eq!(answered(clicked(5, "f|frm", &none), faults).await, told);
    assert_eq!(answered(clicked(3, "n|frm", &none), Err("ref-1".into())).await, told, "the form is left standing");
}

#[tokio::test]
async fn a_failure_is_told_with_its_reference_and_a_panic_without() {
    let heard = handled(clicked(2, "", &Value::Null), Err("7f3a".into()), false, vec![204]).await;
    let apology = "Wardroom could not do this just now. Nothing was changed. Please try again.";
    assert_eq!(heard[0].1["data"]["content"], format!("{apology} `7f3a`"));

    let (fake, discord) = Fake::with(vec![(204, json!({}))]).await;
    let panics = |_: Inbound| async { panic!("on purpose") };
    answer(&discord.rest, read(&clicked(2, "", &Value::Null)).unwrap(), First::Callback, &panics, Instant::now()).await;
    assert_eq!(fake.body(0)["data"]["content"], apology);
}

#[tokio::test]
async fn a_slow_answer_is_announced_and_follows() {
    let original = "/api/v10/webhooks/77/secret/messages/@original";
    let (tell, card) = (|| Ok(Reply::Tell { message: says("done") }), json!({ "id": "8" }));
    let slow = |raw: Value, outcome| handled(raw, outcome, true, vec![204, 200]);
    let (command, quiet, in_form, failed) = tokio::join!(
        slow(clicked(2, "", &Value::Null), tell()),
        slow(clicked(3, "b1.ack", &card), Ok(Reply::Quiet)),
        slow(clicked(3, "n|frm", &card), Ok(Reply::Ask { form: form() })),
        slow(clicked(3, "n|frm", &card), Err("ref".into())),
    );
    assert_eq!(command[0], (CALLBACK.into(), json!({ "type": 5, "data": { "flags": 64 } })));
    assert_eq!((command[1].0.clone(), &command[1].1["content"]), (format!("PATCH {original}"), &json!("done")));
    assert_eq!((&quiet[0].1["type"], &quiet[1].0), (&json!(5), &format!("DELETE {original}")));
    assert_eq!((&in_form[0].1["type"], &in_form[1].0), (&json!(6), &format!("PATCH {original}")));
    assert_eq!(failed[1].0, "POST /api/v10/webhooks/77/secret");
}

#[tokio::test]
async fn an_answer_that_came_too_late_is_given_up() {
    let tell = Ok(Reply::Tell { message: says("done") });
    assert_eq!(handled(clicked(2, "", &Value::Null), tell.clone(), false, vec![404]).await.len(), 1);
    assert_eq!(handled(clicked(2, "", &Value::Null), tell, true, vec![404]).await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_discord_refuses_is_replaced() {
    let (fake, discord) = Fake::with(vec![(400, json!({ "code": 50035 })), (204, json!({}))]).await;
    let handler = |_: Inbound| async { Ok(Reply::Tell { message: says("odd") }) };
    answer(&discord.rest, read(&clicked(2, "", &Value::Null)).unwrap(), First::Callback, &handler, Instant::now())
        .await;
    let content = fake.body(1)["data"]["content"].as_str().unwrap().to_owned();
    assert_eq!(content, "Wardroom's answer could not be shown here (Discord: 50035).");
}
