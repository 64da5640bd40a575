use secrecy::ExposeSecret;
use serde_json::json;

use super::*;

fn command(options: &Value) -> Value {
    json!({
        "id": "900", "application_id": "77", "type": 2, "token": "tok", "version": 1,
        "guild_id": "5", "channel_id": "6", "channel": { "id": "6", "type": 0 },
        "member": { "nick": null, "user": { "id": "42", "username": "ana", "global_name": "Ana" } },
        "data": { "id": "1", "name": "inc", "type": 1, "options": options },
    })
}

fn act(raw: &Value) -> Act {
    read(raw).expect("answerable").inbound.expect("known").act
}

fn strings<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn a_command_names_its_person_and_place() {
    let delivery = read(&command(&json!([{ "name": "list", "type": 1 }]))).unwrap();
    assert_eq!(delivery.kind, Kind::Command);
    assert_eq!((delivery.ticket.interaction, delivery.ticket.application), (900, 77));
    assert_eq!(delivery.ticket.token.expose_secret(), "tok");
    assert!(!format!("{delivery:?}").contains("tok\""), "the token is not printed");
    let inbound = delivery.inbound.unwrap();
    assert_eq!(inbound.delivery, "discord:900");
    assert_eq!(inbound.place, Place { platform: Platform::Discord, workspace: "5".into(), channel: "6".into() });
    assert_eq!(inbound.account, Account { platform: Platform::Discord, workspace: "5".into(), id: "42".into() });
    assert_eq!((inbound.account_name.as_str(), inbound.standing), ("Ana", Standing::Member));
    assert_eq!(inbound.act, Act::Chooses { command: "inc".into(), verb: "list".into(), options: strings([]) });
}

#[test]
fn options_become_words() {
    let options = json!([{ "name": "vote", "type": 2, "options": [{ "name": "approve", "type": 1, "options": [
        { "name": "text", "type": 3, "value": "ask <@!42> in <#6>, not <@x> or <@&9>" },
        { "name": "who", "type": 6, "value": "42" },
        { "name": "where", "type": 7, "value": "6" },
        { "name": "urgent", "type": 5, "value": true },
        { "name": "minutes", "type": 4, "value": 15 },
        { "name": "share", "type": 10, "value": 0.5 },
        { "name": "odd", "type": 3, "value": { "what": "is this" } },
        "not an option",
    ] }] }]);
    let Act::Chooses { command, verb, options } = act(&command(&options)) else { panic!("a command") };
    assert_eq!((command.as_str(), verb.as_str()), ("inc", "vote approve"));
    let expected = strings([
        ("text", "ask <@discord:42> in <#discord:6>, not <@x> or <@&9>"),
        ("who", "<@discord:42>"),
        ("where", "<#discord:6>"),
        ("urgent", "yes"),
        ("minutes", "15"),
        ("share", "0.5"),
    ]);
    assert_eq!(options, expected);
}

#[test]
fn clicks_say_what_they_are_for() {
    let click = |data: Value| {
        act(&json!({
            "id": "1", "application_id": "2", "token": "t", "type": 3, "guild_id": "5", "channel_id": "6",
            "member": { "user": { "id": "42" } }, "message": { "id": "8" }, "data": data,
        }))
    };
    let presses = |button: &str| Act::Presses { button: button.into() };
    assert_eq!(click(json!({ "custom_id": "b1.approve", "component_type": 2 })), presses("b1.approve"));
    assert_eq!(click(json!({ "custom_id": "b1.approve", "values": null })), presses("b1.approve"));
    assert_eq!(click(json!({ "custom_id": "n|frm" })), Act::Continues { form: "frm".into() });
    let selects = |value: &str| Act::Selects { form: "frm".into(), field: "sev".into(), value: value.into() };
    assert_eq!(click(json!({ "custom_id": "s|frm|sev", "values": ["sev1"] })), selects("sev1"));
    assert_eq!(click(json!({ "custom_id": "s|frm|sev", "values": [] })), selects(""));
    assert_eq!(click(json!({ "custom_id": "s|frm" })), presses("s|frm"));
}

#[test]
fn a_modal_brings_its_texts_in_rows_and_in_labels() {
    let raw = json!({
        "id": "1", "application_id": "2", "token": "t", "type": 5, "channel_id": "6",
        "user": { "id": 42, "username": "ana", "bot": false },
        "message": { "id": "8", "flags": 64, "components": [{ "type": 1, "components": [
            { "type": 2, "custom_id": "n|frm" },
        ] }] },
        "data": { "custom_id": "f|frm", "components": [
            { "type": 1, "components": [{ "type": 4, "custom_id": "title", "value": "Checkout down" }] },
            { "type": 18, "component": { "type": 4, "custom_id": "why", "value": "ask <@7>" } },
            { "type": 18, "component": { "type": 3, "custom_id": "sev", "values": ["sev1"] } },
            { "type": 99 },
        ] },
    });
    let delivery = read(&raw).unwrap();
    assert_eq!(delivery.kind, Kind::Modal { from_message: true });
    assert!(delivery.in_form);
    let inbound = delivery.inbound.unwrap();
    assert_eq!((inbound.place.workspace.as_str(), inbound.account.id.as_str()), ("", "42"));
    let fields = strings([("title", "Checkout down"), ("why", "ask <@discord:7>"), ("sev", "sev1")]);
    assert_eq!(inbound.act, Act::Submits { form: "frm".into(), fields });

    let mut from_card = raw;
    from_card["message"]["flags"] = json!(0);
    assert!(!read(&from_card).unwrap().in_form, "a public card is never replaced by an answer");
}

#[test]
fn odd_shapes_are_answered_where_that_is_possible() {
    let mut raw = command(&json!("no list"));
    raw["member"]["nick"] = json!(7);
    raw["member"]["user"]["global_name"] = json!([]);
    raw["message"] = json!("not a message");
    raw["entitlements"] = json!({});
    let inbound = read(&raw).unwrap().inbound.unwrap();
    assert_eq!((inbound.account_name.as_str(), inbound.message), ("ana", None));

    raw["member"] = json!({});
    assert!(read(&raw).unwrap().inbound.is_none(), "nobody is known to have said this");
    raw["type"] = json!(99);
    assert_eq!(read(&raw).unwrap().kind, Kind::Other);
    raw["token"] = json!(null);
    assert!(read(&raw).is_none());
    for nothing in [json!(null), json!([]), json!({}), json!({ "id": "0", "application_id": "1", "token": "t" })] {
        assert!(read(&nothing).is_none());
    }
}

#[test]
fn another_bot_is_told_apart() {
    let mut raw = command(&json!([]));
    raw["member"]["user"]["bot"] = json!(true);
    raw["member"]["nick"] = json!("Robo");
    let inbound = read(&raw).unwrap().inbound.unwrap();
    assert_eq!((inbound.standing, inbound.account_name.as_str()), (Standing::Bot, "Robo"));
}
