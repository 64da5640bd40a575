//! Whatever a message or a form holds, what both platforms are sent keeps to their limits, and pings nobody by itself.

use std::collections::BTreeSet;

use chrono::DateTime;
use proptest::prelude::*;
use serde_json::{Value, json};
use wardroom::app::inbound::FieldError;
use wardroom::domain::{Account, Place, Platform};
use wardroom::platform::{discord, slack};
use wardroom::render::{Block, Button, ButtonStyle, Field, FieldKind, Form, Inline, Message, Text, TimeStyle};
use wardroom::sandbox::discord::{refuses_message, refuses_modal};
use wardroom::sandbox::slack::{check_message, check_modal, too_long};

/// Pieces of text that have broken something somewhere, and room for as many as make it long.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9 ,.]{0,40}",
        1 => Just("👩‍👩‍👧‍👦".to_owned()),
        1 => Just("🇩🇪🇫🇷".to_owned()),
        1 => Just("e\u{301}\u{323}".to_owned()),
        1 => Just("\u{202e}שלום مرحبا".to_owned()),
        1 => Just("@everyone <!channel> <@U0MIA> <@100000000000000003>".to_owned()),
        1 => Just("[x](javascript:alert(1)) https://a.example/b_c".to_owned()),
        1 => Just("`t` **b** *i* _u_ ~~s~~ ||p|| ```c```".to_owned()),
        1 => Just("&<>\\\n\n> # -".to_owned()),
        1 => Just(String::new()),
        1 => any::<char>().prop_map(String::from),
    ];
    (prop::collection::vec(piece, 0..6), prop_oneof![6 => 1..3_usize, 1 => 1..150_usize])
        .prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

fn inline() -> impl Strategy<Value = Inline> {
    let ana = || {
        vec![
            Account { platform: Platform::Slack, workspace: "T1".to_owned(), id: "U0ANA".to_owned() },
            Account { platform: Platform::Discord, workspace: "9".to_owned(), id: "100000000000000001".to_owned() },
        ]
    };
    let at = DateTime::from_timestamp(1_700_000_000, 0).expect("a moment");
    prop_oneof![
        4 => words().prop_map(|text| Inline::Plain { text }),
        2 => words().prop_map(|text| Inline::Bold { text }),
        1 => words().prop_map(|text| Inline::Code { text }),
        1 => words().prop_map(move |name| Inline::Mention { accounts: ana(), name }),
        1 => words().prop_map(|name| Inline::Channel {
            place: Place { platform: Platform::Slack, workspace: "T1".to_owned(), channel: "C0OPS".to_owned() },
            name,
        }),
        1 => Just(Inline::Time { at, style: TimeStyle::Relative }),
        1 => (words(), words()).prop_map(|(url, text)| Inline::Link { url: format!("https://a.example/{url}"), text }),
        1 => Just(Inline::Break),
    ]
}

fn text() -> impl Strategy<Value = Text> {
    prop::collection::vec(inline(), 0..5)
}

fn button() -> impl Strategy<Value = Button> {
    (0..30_u32, words()).prop_map(|(number, label)| Button {
        id: format!("b1.act.CHG-{number}"),
        label,
        style: ButtonStyle::Danger,
    })
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        2 => text().prop_map(|text| Block::Heading { text }),
        3 => text().prop_map(|text| Block::Paragraph { text }),
        2 => prop::collection::vec((words(), text()), 0..30).prop_map(|fields| Block::Fields { fields }),
        2 => (prop::collection::vec(text(), 0..8), 1..15_usize).prop_map(|(items, times)| Block::List {
            items: std::iter::repeat_n(items, times).flatten().collect(),
        }),
        1 => text().prop_map(|text| Block::Context { text }),
        1 => prop::collection::vec(button(), 0..12).prop_map(|buttons| Block::Actions { buttons: unique(buttons) }),
        1 => Just(Block::Divider),
    ]
}

/// Each button says something else; what a row makes of two that say the same is the adapters' own test.
fn unique(buttons: Vec<Button>) -> Vec<Button> {
    let mut seen = BTreeSet::new();
    buttons.into_iter().filter(|button| seen.insert(button.id.clone())).collect()
}

fn message() -> impl Strategy<Value = Message> {
    (prop::collection::vec(block(), 0..7), prop::option::of(any::<u32>()), prop::option::of("[a-z /]{1,40}"))
        .prop_map(|(blocks, accent, rest)| Message { blocks, accent, rest, ..Message::default() })
}

fn form() -> impl Strategy<Value = Form> {
    let kind = prop_oneof![
        Just(FieldKind::Line),
        Just(FieldKind::Paragraph),
        prop::collection::btree_map("[a-z]{1,12}", words(), 0..40)
            .prop_map(|choices| FieldKind::Choice(choices.into_iter().collect())),
    ];
    let given = (prop::option::of(words()), prop::option::of(words()));
    let field =
        (words(), words(), kind, any::<bool>(), given).prop_map(|(label, hint, kind, required, (value, source))| {
            Field { name: String::new(), label, hint, kind, required, value, source }
        });
    let notes = prop::collection::vec(words(), 0..3);
    (words(), words(), notes, prop::collection::vec(field, 0..9)).prop_map(|(title, submit, notes, mut fields)| {
        for (number, field) in fields.iter_mut().enumerate() {
            field.name = format!("field{number}");
        }
        Form { id: "frm1".to_owned(), title, submit, notes, fields }
    })
}

/// Every text in which Slack looks for mentions.
fn marked_up(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) if object.get("type").is_some_and(|kind| kind == "plain_text") => {}
        Value::Object(object) => object.values().for_each(|value| marked_up(value, found)),
        Value::Array(values) => values.iter().for_each(|value| marked_up(value, found)),
        Value::String(text) => found.push(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slack_takes_any_message(message in message()) {
        let formatted = slack::format(&message);
        let blocks = json!(formatted.blocks);
        prop_assert_eq!(check_message(&blocks), Vec::<String>::new());
        prop_assert!(!too_long(&blocks));
        prop_assert!(!formatted.text.trim().is_empty() && formatted.text.chars().count() <= 4_000);
        let mut read = vec![formatted.text];
        marked_up(&blocks, &mut read);
        for text in read {
            let others = text.replace("<!date^", "");
            prop_assert!(!others.contains("<!") && !others.contains("<@"), "it would ping: {}", text);
        }
    }

    #[test]
    fn discord_takes_any_message(message in message()) {
        for body in [discord::created(&message, Some("nonce")), discord::edited(&message)] {
            prop_assert_eq!(refuses_message(&body), None);
            prop_assert_eq!(&body["allowed_mentions"], &json!({"parse": [], "users": []}));
            let empty = |name: &str| body[name].as_array().is_none_or(Vec::is_empty);
            let words = body["content"].as_str().unwrap_or_default().trim();
            prop_assert!(!words.is_empty() || !empty("embeds") || !empty("components"), "{}", body);
        }
    }

    #[test]
    fn both_take_any_form_and_its_faults(form in form(), sentence in words()) {
        prop_assert_eq!(check_modal(&slack::view(&form, "C0OPS")), Vec::<String>::new());
        let refused = match discord::view(&form) {
            discord::View::Modal(data) => refuses_modal(&data),
            discord::View::Message(body) => refuses_message(&body),
        };
        prop_assert_eq!(refused, None);
        let errors: Vec<FieldError> = form
            .fields
            .iter()
            .map(|field| FieldError { field: field.name.clone(), sentence: sentence.clone() })
            .collect();
        prop_assert_eq!(refuses_message(&discord::faults(&form, &errors)), None);
        let told = slack::faults(&form, &errors);
        for said in told["errors"].as_object().into_iter().flatten().map(|(_, said)| said) {
            prop_assert!(said.as_str().is_some_and(|said| said.chars().count() <= 2_000), "{}", said);
        }
    }
}
