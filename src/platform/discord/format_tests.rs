use chrono::DateTime;

use super::*;
use crate::domain::Place;
use crate::render::Inline;
use crate::render::message::TimeStyle;

fn plain_text(text: &str) -> Text {
    vec![Inline::Plain { text: text.into() }]
}

fn ana() -> Account {
    Account { platform: Platform::Discord, workspace: "1".into(), id: "42".into() }
}

fn chars(value: &Value) -> usize {
    value.as_str().unwrap_or_default().chars().count()
}

fn card() -> Message {
    let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    Message {
        blocks: vec![
            Block::Heading { text: plain_text("INC-7 *Checkout*\ndown") },
            Block::Paragraph {
                text: vec![
                    Inline::Mention { accounts: vec![ana()], name: "Ana".into() },
                    Inline::Plain { text: " leads since ".into() },
                    Inline::Time { at, style: TimeStyle::Clock },
                ],
            },
            Block::Fields { fields: vec![("Severity".into(), plain_text("sev1")), ("Next".into(), Vec::new())] },
            Block::Context { text: plain_text("L INC-7#1 4jlD") },
            Block::Actions {
                buttons: vec![
                    Button { id: "b1.lead".into(), label: "Take lead".into(), style: ButtonStyle::Primary },
                    Button { id: "b1.lead".into(), label: "Twice".into(), style: ButtonStyle::Plain },
                    Button { id: "b1.end".into(), label: "Resolve".into(), style: ButtonStyle::Danger },
                ],
            },
        ],
        pings: vec![ana(), Account { platform: Platform::Slack, workspace: "T".into(), id: "U1".into() }],
        accent: Some(0x00ff_0000),
        rest: None,
    }
}

#[test]
fn a_card_is_one_embed() {
    let expected = json!({
        "content": "<@42>",
        "embeds": [{
            "title": r"INC-7 \*Checkout\* down",
            "description": "<@42> leads since <t:1700000000:t>",
            "fields": [
                { "name": "Severity", "value": "sev1", "inline": true },
                { "name": "Next", "value": "–", "inline": true },
            ],
            "footer": { "text": "L INC-7#1 4jlD" },
            "color": 0x00ff_0000,
        }],
        "components": [{ "type": 1, "components": [
            { "type": 2, "style": 1, "label": "Take lead", "custom_id": "b1.lead" },
            { "type": 2, "style": 4, "label": "Resolve", "custom_id": "b1.end" },
        ] }],
        "allowed_mentions": { "parse": [], "users": ["42"] },
        "nonce": "k1",
        "enforce_nonce": true,
    });
    assert_eq!(created(&card(), Some("k1")), expected);
}

#[test]
fn an_edit_names_every_part_and_pings_nobody() {
    let edit = edited(&card());
    assert_eq!(edit["allowed_mentions"], json!({ "parse": [], "users": [] }));
    let words = Message { blocks: vec![Block::Paragraph { text: plain_text("hi") }], ..Message::default() };
    let expected = json!({
        "content": "hi", "embeds": [], "components": [], "allowed_mentions": { "parse": [], "users": [] },
    });
    assert_eq!(edited(&words), expected);
}

#[test]
fn other_messages_are_content() {
    let room = Place { platform: Platform::Slack, workspace: "T".into(), channel: "C1".into() };
    let message = Message {
        blocks: vec![
            Block::Heading { text: plain_text("Handed over") },
            Block::Paragraph { text: vec![Inline::Plain { text: "- one".into() }, Inline::Break] },
            Block::List {
                items: vec![plain_text("# a\n> b"), vec![Inline::Channel { place: room, name: "ops".into() }]],
            },
            Block::Divider,
            Block::Fields { fields: vec![("By:".into(), plain_text("Ana"))] },
            Block::Context { text: plain_text("undo with\n/inc handoff") },
        ],
        ..Message::default()
    };
    let mut quiet = message.clone();
    quiet.blocks.retain(|block| !matches!(block, Block::Fields { .. }));
    let content = "### Handed over\n\\- one\n\n- \\# a\n  \\> b\n- **#ops**\n\n-# undo with\n-# /inc handoff";
    assert_eq!(created(&quiet, None)["content"], content);
    assert!(created(&message, None)["embeds"].is_array(), "a heading with facts is a card");
    quiet.blocks.insert(1, Block::Fields { fields: vec![("By:".into(), plain_text("Ana"))] });
    quiet.blocks.remove(0);
    assert!(created(&quiet, None)["content"].as_str().unwrap().starts_with("**By::** Ana\n"));
}

#[test]
fn an_empty_message_is_still_one_that_discord_takes() {
    assert_eq!(created(&Message::default(), None)["content"], ZERO_WIDTH);
    let coloured = Message { accent: Some(1), ..Message::default() };
    assert_eq!(created(&coloured, None)["embeds"][0]["description"], ZERO_WIDTH);
}

#[test]
fn whatever_is_too_long_is_shortened() {
    let huge = "*long* 🔥 ".repeat(3000);
    let buttons = (0..40).map(|n| Button { id: format!("b{n}"), label: huge.clone(), style: ButtonStyle::Plain });
    let mut message = Message {
        blocks: vec![
            Block::Paragraph { text: plain_text(&huge) },
            Block::Actions { buttons: buttons.collect() },
            Block::Context { text: plain_text("L INC-7#1") },
        ],
        ..Message::default()
    };
    let body = created(&message, None);
    let description = chars(&body["embeds"][0]["description"]);
    assert!(description <= DESCRIPTION_MAX && description > DESCRIPTION_MAX - 20, "{description}");
    assert_eq!(body["embeds"][0]["footer"]["text"], "L INC-7#1", "the receipt stays");
    assert_eq!(body["components"].as_array().unwrap().len(), ROWS_MAX);
    assert!(body["components"][4]["components"].as_array().unwrap().len() == ROW_BUTTONS_MAX);
    assert_eq!(chars(&body["components"][0]["components"][0]["label"]), LABEL_MAX);

    message.blocks.insert(0, Block::Heading { text: plain_text(&huge) });
    message.blocks.push(Block::Context { text: plain_text(&huge) });
    let value = "fact ".repeat(200);
    message.blocks.push(Block::Fields { fields: vec![(huge.clone(), plain_text(&value)); 40] });
    let body = created(&message, None);
    let embed = &body["embeds"][0];
    let fields = embed["fields"].as_array().unwrap();
    assert_eq!(fields.len(), FIELDS_MAX);
    assert_eq!(fields[24]["value"], "and 16 more");
    let of_fields: usize = fields.iter().map(|field| chars(&field["name"]) + chars(&field["value"])).sum();
    let sum = chars(&embed["title"]) + chars(&embed["description"]) + chars(&embed["footer"]["text"]) + of_fields;
    assert!(sum <= EMBED_MAX && sum > EMBED_MAX / 2, "{sum}");
    assert!(chars(&embed["title"]) <= TITLE_MAX);
}

#[test]
fn facts_that_are_too_long_for_a_field_share_the_end_of_the_description() {
    let plan = |letter: &str| plain_text(&letter.repeat(2_000));
    let message = Message {
        blocks: vec![
            Block::Fields {
                fields: vec![
                    ("Impact".into(), plan("i")),
                    ("Tested".into(), plain_text("yes")),
                    ("Plan".into(), plan("p")),
                    ("Why".into(), plan("w")),
                ],
            },
            Block::List { items: vec![plain_text("Mia has not voted")] },
        ],
        accent: Some(1),
        ..Message::default()
    };
    let embed = created(&message, None)["embeds"][0].clone();
    assert_eq!(embed["fields"], json!([{ "name": "Tested", "value": "yes", "inline": true }]));
    let description = embed["description"].as_str().unwrap();
    assert!(description.starts_with("- Mia has not voted\n**Impact:** iii"), "{description}");
    for (label, letter) in [("Impact", 'i'), ("Plan", 'p'), ("Why", 'w')] {
        assert!(description.contains(&format!("**{label}:** ")), "{description}");
        assert!(description.matches(letter).count() > 1_200, "{label} has its share");
    }
    assert!(chars(&embed["description"]) <= DESCRIPTION_MAX);
}

#[test]
fn a_list_that_is_too_long_ends_with_how_many_more_there_are_and_where() {
    let items = (0..300).map(|number| plain_text(&format!("INC-{number} the pump rattles"))).collect();
    let after = Block::Paragraph { text: plain_text("as of now") };
    let message =
        Message { blocks: vec![Block::List { items }, after], rest: Some("/inc list".into()), ..Message::default() };
    let body = created(&message, None);
    let description = body["embeds"][0]["description"].as_str().unwrap();
    let shown = description.matches("the pump rattles").count();
    assert!(shown > 100, "{shown}");
    let end = format!("- … and {} more: `/inc list`\nas of now", 300 - shown);
    assert!(description.ends_with(&end), "{description}");
}

#[test]
fn plain_content_that_is_too_long_becomes_an_embed() {
    let message = |length: usize| Message {
        blocks: vec![Block::Paragraph { text: plain_text(&"x".repeat(length)) }],
        ..Message::default()
    };
    let short = created(&message(CONTENT_MAX), None);
    assert_eq!((chars(&short["content"]), &short["embeds"]), (CONTENT_MAX, &Value::Null));
    let long = created(&message(CONTENT_MAX + 1), None);
    assert_eq!((&long["content"], chars(&long["embeds"][0]["description"])), (&Value::Null, CONTENT_MAX + 1));
}

#[test]
fn likeness_survives_the_way_to_discord_and_back() {
    let sent = created(&card(), Some("k1"));
    let mut kept = sent.clone();
    kept["id"] = json!("9");
    kept["embeds"][0]["type"] = json!("rich");
    assert_eq!(likeness(&sent), likeness(&kept));
    kept["embeds"][0]["title"] = json!("another");
    assert_ne!(likeness(&sent), likeness(&kept));
}
