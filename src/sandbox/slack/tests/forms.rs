use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Bot, Local};

fn form() -> Value {
    json!({
        "type": "modal", "callback_id": "declare", "private_metadata": "f1", "notify_on_close": true,
        "title": {"type": "plain_text", "text": "Declare"}, "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {"type": "input", "block_id": "title", "label": {"type": "plain_text", "text": "Title"},
             "element": {"type": "plain_text_input", "action_id": "t", "max_length": 10}},
            {"type": "input", "block_id": "sev", "optional": true, "label": {"type": "plain_text", "text": "Severity"},
             "element": {"type": "static_select", "action_id": "s", "options": [
                {"text": {"type": "plain_text", "text": "Critical"}, "value": "sev1"},
                {"text": {"type": "plain_text", "text": "Minor"}, "value": "sev3"}]}},
        ],
    })
}

/// Types the command, lets the bot open the form, and returns the form's id.
async fn opened(local: &Local, bot: &mut Bot) -> String {
    let (said, envelope) = tokio::join!(local.workspace.say("ana", "general", "/inc"), bot.answer(Value::Null));
    said.unwrap();
    let trigger = &envelope["payload"]["trigger_id"];
    let answer = local.call("views.open", json!({"trigger_id": trigger, "view": form()})).await;
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(answer["view"]["private_metadata"], "f1");
    let again = local.call("views.open", json!({"trigger_id": trigger, "view": form()})).await;
    assert_eq!(again["error"], "exchanged_trigger_id");
    answer["view"]["id"].as_str().unwrap().to_owned()
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_form_is_opened_filled_in_and_sent() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let id = opened(&local, &mut bot).await;
    let shown = local.workspace.modal("ana").unwrap();
    assert_eq!(
        (&shown["title"], &shown["submit"], &shown["close"]),
        (&json!("Declare"), &json!("Send"), &json!("Cancel"))
    );
    let filled = values(&[("title", "Down"), ("s", "Critical")]);
    let (sent, envelope) = tokio::join!(local.workspace.submit("ana", &id, filled), bot.answer(Value::Null));
    sent.unwrap();
    let payload = &envelope["payload"];
    assert_eq!(payload["type"], "view_submission");
    assert_eq!(payload["view"]["callback_id"], "declare");
    let state = &payload["view"]["state"]["values"];
    assert_eq!(state["title"]["t"], json!({"type": "plain_text_input", "value": "Down"}));
    assert_eq!(state["sev"]["s"]["selected_option"]["value"], "sev1");
    assert_eq!(local.workspace.modal("ana"), None);
}

#[tokio::test]
async fn the_client_refuses_what_it_can_see_is_wrong() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let id = opened(&local, &mut bot).await;
    let refused = local.workspace.submit("ana", &id, values(&[])).await.unwrap_err();
    assert_eq!(refused, "title: Please complete this required field.");
    local.workspace.submit("ana", &id, values(&[("title", "far too long to fit")])).await.unwrap_err();
    let shown = local.workspace.modal("ana").unwrap();
    assert_eq!(shown["errors"], json!({"title": "Please enter 10 characters or fewer."}));
    assert!(local.workspace.submit("ana", &id, values(&[("tilte", "x")])).await.unwrap_err().contains("tilte"));
    assert!(local.workspace.submit("ana", &id, values(&[("title", "x"), ("sev", "sev9")])).await.is_err());
}

#[tokio::test]
async fn the_bot_can_send_a_form_back_with_errors_and_replace_or_clear_it() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let id = opened(&local, &mut bot).await;
    let filled = values(&[("title", "Down")]);
    let errors = json!({"response_action": "errors", "errors": {"title": "Say more"}});
    let (sent, _) = tokio::join!(local.workspace.submit("ana", &id, filled.clone()), bot.answer(errors));
    sent.unwrap();
    assert_eq!(local.workspace.modal("ana").unwrap()["errors"], json!({"title": "Say more"}));

    let mut next = form();
    next["title"]["text"] = json!("Really?");
    let update = json!({"response_action": "update", "view": next});
    let (sent, _) = tokio::join!(local.workspace.submit("ana", &id, filled.clone()), bot.answer(update));
    sent.unwrap();
    let shown = local.workspace.modal("ana").unwrap();
    assert_eq!((&shown["title"], &shown["errors"]), (&json!("Really?"), &json!({})));

    let push = json!({"response_action": "push", "view": form()});
    let (sent, _) = tokio::join!(local.workspace.submit("ana", &id, filled.clone()), bot.answer(push));
    sent.unwrap();
    let top = local.workspace.modal("ana").unwrap()["id"].as_str().unwrap().to_owned();
    assert_ne!(top, id);
    let clear = json!({"response_action": "clear"});
    let (sent, _) = tokio::join!(local.workspace.submit("ana", &top, filled), bot.answer(clear));
    sent.unwrap();
    assert_eq!(local.workspace.modal("ana"), None);
}

#[tokio::test]
async fn a_form_without_answer_stays_open_and_a_dismissed_one_is_told_of() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let id = opened(&local, &mut bot).await;
    let unanswered = local.workspace.submit("ana", &id, values(&[("title", "Down")])).await;
    assert!(unanswered.unwrap_err().contains("trouble connecting"));
    assert_eq!(bot.next().await["payload"]["type"], "view_submission");
    assert!(local.workspace.modal("ana").is_some());
    local.workspace.dismiss("ana", &id);
    assert_eq!(local.workspace.modal("ana"), None);
    let closed = bot.next().await;
    assert_eq!((&closed["payload"]["type"], &closed["payload"]["view"]["id"]), (&json!("view_closed"), &json!(id)));
}

#[tokio::test]
async fn a_form_can_be_updated_while_it_is_open() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let id = opened(&local, &mut bot).await;
    let stale = json!({"view_id": id, "hash": "old", "view": form()});
    assert_eq!(local.call("views.update", stale).await["error"], "hash_conflict");
    let mut next = form();
    next["title"]["text"] = json!("Next");
    let answer = local.call("views.update", json!({"view_id": id, "view": next})).await;
    assert_eq!(answer["view"]["id"], id.as_str());
    assert_eq!(local.workspace.modal("ana").unwrap()["title"], "Next");
    assert_eq!(local.call("views.update", json!({"view_id": "V0", "view": form()})).await["error"], "not_found");
}

#[tokio::test]
async fn a_button_in_a_form_tells_what_is_filled_in() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let id = opened(&local, &mut bot).await;
    let mut next = form();
    next["blocks"][0]["element"]["initial_value"] = json!("Down");
    next["blocks"].as_array_mut().unwrap().push(json!({"type": "actions", "block_id": "row", "elements": [
        {"type": "static_select", "action_id": "pick", "options": [
            {"text": {"type": "plain_text", "text": "One"}, "value": "1"}]}]}));
    local.call("views.update", json!({"view_id": id, "view": next})).await;
    let (chosen, envelope) =
        tokio::join!(local.workspace.choose("ana", "general", &id, "pick", "One"), bot.answer(Value::Null));
    chosen.unwrap();
    let payload = &envelope["payload"];
    assert_eq!(payload["container"], json!({"type": "view", "view_id": id}));
    assert_eq!(payload["actions"][0]["selected_option"]["value"], "1");
    assert_eq!(payload["view"]["state"]["values"]["title"]["t"]["value"], "Down");
}

#[tokio::test]
async fn a_trigger_lapses_after_three_seconds() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let (_, envelope) = tokio::join!(local.workspace.say("ana", "general", "/inc"), bot.answer(Value::Null));
    local.workspace.expire_triggers();
    let trigger = &envelope["payload"]["trigger_id"];
    let answer = local.call("views.open", json!({"trigger_id": trigger, "view": form()})).await;
    assert_eq!(answer["error"], "expired_trigger_id");
    let answer = local.call("views.open", json!({"trigger_id": "1.2.x", "view": form()})).await;
    assert_eq!(answer["error"], "invalid_trigger_id");
}

#[tokio::test]
async fn a_form_over_slacks_limits_is_refused_with_the_place() {
    let local = Local::start().await;
    let mut long = form();
    long["title"]["text"] = json!("A title of more than 24 characters");
    long["blocks"][1]["element"]["options"][0]["value"] = json!("x".repeat(151));
    let answer = local.call("views.open", json!({"trigger_id": "1.2.x", "view": long})).await;
    assert_eq!(answer["error"], "invalid_arguments");
    assert_eq!(
        answer["response_metadata"]["messages"],
        json!([
            "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]",
            "[ERROR] must be less than 151 characters [json-pointer:/view/blocks/1/element/options/0/value]",
        ])
    );
}
