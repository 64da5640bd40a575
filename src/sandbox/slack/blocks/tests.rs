//! Each limit of Block Kit, one step beyond it.

use serde_json::{Value, json};

use super::{check_home, check_message, check_modal};

fn long(length: usize) -> String {
    "é".repeat(length)
}

fn plain(length: usize) -> Value {
    json!({"type": "plain_text", "text": long(length)})
}

fn option(value: impl std::fmt::Display) -> Value {
    json!({"text": plain(5), "value": value.to_string()})
}

fn options(count: usize) -> Vec<Value> {
    (0..count).map(option).collect()
}

fn actions(element: &Value) -> Value {
    json!({"type": "actions", "elements": [element]})
}

fn input(element: &Value) -> Value {
    json!({"type": "input", "label": plain(5), "element": element})
}

fn button(more: &Value) -> Value {
    let mut button = json!({"type": "button", "text": plain(5), "action_id": "a"});
    button.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    button
}

/// A block, and what is said of it; nothing of those within the limits.
type Case = (Value, &'static str);

fn of_blocks() -> Vec<Case> {
    vec![
        (json!({"type": "section", "text": plain(3_000)}), ""),
        (
            json!({"type": "section", "text": plain(3_001)}),
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        (json!({"type": "section"}), "missing required field: text [json-pointer:/blocks/0]"),
        (json!({"type": "section", "fields": vec![plain(2_000); 10]}), ""),
        (
            json!({"type": "section", "fields": vec![plain(5); 11]}),
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (json!({"type": "section", "fields": [plain(2_001)]}), "[json-pointer:/blocks/0/fields/0/text]"),
        (
            json!({"type": "section", "text": plain(5), "accessory": {"type": "plain_text_input"}}),
            "unsupported type: plain_text_input",
        ),
        (json!({"type": "header", "text": plain(150)}), ""),
        (json!({"type": "header", "text": plain(151)}), "must be less than 151 characters"),
        (
            json!({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
            "must be a valid enum value [json-pointer:/blocks/0/text/type]",
        ),
        (json!({"type": "context", "elements": vec![plain(5); 11]}), "no more than 10 items allowed"),
        (json!({"type": "context", "elements": []}), "no fewer than 1 items required"),
        (json!({"type": "divider", "text": plain(5)}), "invalid additional property: text"),
        (json!({"type": "divider", "block_id": long(256)}), "[json-pointer:/blocks/0/block_id]"),
        (json!({"type": "image", "alt_text": "x"}), "missing required field: image_url"),
        (json!({"type": "markdown", "text": long(12_001)}), "must be less than 12001 characters"),
        (json!({"type": "nonsense"}), "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
        (json!({}), "missing required field: type"),
    ]
}

fn of_elements() -> Vec<Case> {
    let confirm = json!({"title": plain(101), "text": plain(5), "confirm": plain(5), "deny": plain(5)});
    vec![
        (json!({"type": "actions", "elements": vec![button(&json!({})); 2]}), "`action_id` \"a\" already exists"),
        (
            json!({"type": "actions", "elements": (0..26).map(|n| button(&json!({"action_id": n.to_string()}))).collect::<Vec<_>>()}),
            "no more than 25 items allowed",
        ),
        (actions(&button(&json!({"text": plain(76)}))), "must be less than 76 characters"),
        (actions(&button(&json!({"value": long(2_001)}))), "must be less than 2001 characters"),
        (actions(&button(&json!({"action_id": long(256)}))), "must be less than 256 characters"),
        (actions(&button(&json!({"style": "green"}))), "must be a valid enum value"),
        (actions(&button(&json!({"confirm": confirm}))), "[json-pointer:/blocks/0/elements/0/confirm/title/text]"),
        (actions(&json!({"type": "overflow", "options": options(6)})), "no more than 5 items allowed"),
        (actions(&json!({"type": "radio_buttons", "options": options(11)})), "no more than 10 items allowed"),
        (actions(&json!({"type": "static_select", "options": options(100)})), ""),
        (actions(&json!({"type": "static_select", "options": options(101)})), "no more than 100 items allowed"),
        (actions(&json!({"type": "static_select", "options": []})), "no fewer than 1 items required"),
        (actions(&json!({"type": "static_select"})), "missing required field: options"),
        (
            actions(&json!({"type": "static_select", "options": [option(long(151))]})),
            "must be less than 151 characters",
        ),
        (actions(&json!({"type": "static_select", "options": vec![option("x"); 2]})), "`value` \"x\" already exists"),
        (
            actions(&json!({"type": "static_select", "options": options(2), "initial_option": option("7")})),
            "must be one of the provided options",
        ),
        (
            actions(&json!({"type": "static_select", "options": options(2), "placeholder": plain(151)})),
            "must be less than 151 characters",
        ),
        (input(&json!({"type": "plain_text_input", "max_length": 3_000})), ""),
        (input(&json!({"type": "plain_text_input", "max_length": 3_001})), "must be between 1 and 3000"),
        (input(&json!({"type": "plain_text_input", "min_length": 9, "max_length": 3})), "must be less than max_length"),
        (input(&button(&json!({}))), "unsupported type: button"),
        (
            json!({"type": "input", "label": plain(2_001), "element": {"type": "plain_text_input"}}),
            "must be less than 2001 characters",
        ),
    ]
}

#[test]
fn every_limit_of_a_block_is_held_and_named_with_its_place() {
    for (block, expected) in of_blocks().into_iter().chain(of_elements()) {
        let said = check_message(&json!([block])).join("; ");
        let as_expected = if expected.is_empty() { said.is_empty() } else { said.contains(expected) };
        assert!(as_expected, "{block}: “{expected}” was expected of “{said}”");
    }
    let twice = vec![json!({"type": "divider", "block_id": "x"}); 2];
    assert!(check_message(&json!(twice))[0].contains("`block_id` \"x\" already exists"));
    assert!(check_message(&json!(vec![json!({"type": "divider"}); 51]))[0].contains("no more than 50 items"));
    assert_eq!(check_message(&json!({})), ["must provide an array [json-pointer:/blocks]"]);
}

#[test]
fn every_limit_of_a_view_is_held() {
    let with = |more: Value| {
        let mut view = json!({"type": "modal", "title": plain(24), "blocks": [{"type": "divider"}]});
        view.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        check_modal(&view).join("; ")
    };
    assert_eq!(with(json!({"submit": plain(24), "private_metadata": long(3_000), "clear_on_close": true})), "");
    for (more, expected) in [
        (json!({"title": plain(25)}), "[json-pointer:/view/title/text]"),
        (json!({"submit": plain(25)}), "[json-pointer:/view/submit/text]"),
        (json!({"private_metadata": long(3_001)}), "[json-pointer:/view/private_metadata]"),
        (json!({"callback_id": long(256)}), "[json-pointer:/view/callback_id]"),
        (json!({"type": "message"}), "must be \"modal\""),
        (json!({"colour": "red"}), "invalid additional property: colour"),
        (json!({"blocks": vec![json!({"type": "divider"}); 101]}), "no more than 100 items"),
        (json!({"blocks": [input(&json!({"type": "plain_text_input"}))]}), "missing required field: submit"),
    ] {
        let said = with(more.clone());
        assert!(said.contains(expected), "{more}: “{expected}” was expected of “{said}”");
    }
    assert_eq!(check_home(&json!({"type": "home", "blocks": []})), Vec::<String>::new());
    assert!(check_home(&json!({"type": "home"}))[0].contains("missing required field: blocks"));
}
