//! What people see on Slack of a message or a form.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::app::inbound::FieldError;
use crate::domain::{Account, Place, Platform};
use crate::platform::slack::{faults, format, mrkdwn, view};
use crate::render::message::TimeStyle;
use crate::render::{Block, Button, ButtonStyle, Field, FieldKind, Form, Inline, Message};

fn plain(text: &str) -> Inline {
    Inline::Plain { text: text.to_owned() }
}

fn account(platform: Platform, id: &str) -> Account {
    Account { platform, workspace: "T1".to_owned(), id: id.to_owned() }
}

fn paragraph(text: Vec<Inline>) -> Message {
    Message { blocks: vec![Block::Paragraph { text }], ..Message::default() }
}

fn rendered(text: &[Inline]) -> String {
    mrkdwn::mrkdwn(text, &[], 3_000)
}

#[test]
fn what_people_type_is_never_markup() {
    let shy = "\u{ad}";
    let gap = "\u{feff}";
    let cases = [
        ("a & b", "a &amp; b".to_owned()),
        ("<!channel> <@U1> <#C1|x>", "&lt;!channel&gt; &lt;@U1&gt; &lt;#C1|x&gt;".to_owned()),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;".to_owned()),
        ("@everyone @HERE @channel @ana", format!("@{gap}everyone @{gap}HERE @{gap}channel @ana")),
        ("*bold*", format!("{shy}*{gap}bold{shy}*{gap}")),
        ("_it_ ~st~", format!("{shy}_{gap}it{shy}_{gap} {shy}~{gap}st{shy}~{gap}")),
        ("check_out_svc 2*3*4", "check_out_svc 2*3*4".to_owned()),
        ("`code` ```pre```", "ˋcodeˋ ˋˋˋpreˋˋˋ".to_owned()),
        ("> quote\n  > more > not", format!("{shy}&gt; quote\n  {shy}&gt; more &gt; not")),
        (":fire: 10:30", ":fire: 10:30".to_owned()),
    ];
    for (typed, expected) in cases {
        assert_eq!(rendered(&[plain(typed)]), expected, "{typed}");
    }
}

#[test]
fn commands_copy_clean_out_of_code() {
    let text = [plain("Type "), Inline::Code { text: "/inc note a_b *c* `d`".to_owned() }, plain(".")];
    assert_eq!(rendered(&text), "Type `/inc note a_b *c* ˋdˋ`.");
}

#[test]
fn marks_of_ours_stand_apart_from_letters_and_stay_whole() {
    let text = [plain("is"), Inline::Bold { text: " a*b\nc ".to_owned() }, plain("now")];
    assert_eq!(rendered(&text), "is *a\u{2217}b c* now");
    let text = [plain("INC"), Inline::Code { text: "7".to_owned() }, Inline::Bold { text: "x".to_owned() }, plain("y")];
    assert_eq!(rendered(&text), "INC\u{200b}`7`\u{200b}*x*\u{200b}y");
    assert_eq!(rendered(&[Inline::Bold { text: "  ".to_owned() }]), "  ");
}

#[test]
fn only_accounts_that_may_be_pinged_are_mentioned() {
    let ana = account(Platform::Slack, "U1");
    let mention =
        |account: &Account, name: &str| Inline::Mention { accounts: vec![account.clone()], name: name.to_owned() };
    let text = [mention(&ana, "ana")];
    assert_eq!(mrkdwn::mrkdwn(&text, std::slice::from_ref(&ana), 100), "<@U1>");
    assert_eq!(rendered(&text), "*ana*");
    assert_eq!(rendered(&[mention(&ana, "@here")]), "*@\u{feff}here*");
    let ben = account(Platform::Discord, "42");
    assert_eq!(mrkdwn::mrkdwn(&[mention(&ben, "ben")], std::slice::from_ref(&ben), 100), "*ben*");
    let forged = account(Platform::Slack, "U1> <!channel");
    assert_eq!(mrkdwn::mrkdwn(&[mention(&forged, "eve")], std::slice::from_ref(&forged), 100), "*eve*");
}

#[test]
fn times_channels_and_links_use_slacks_spelling() {
    let at = DateTime::from_timestamp(1_795_530_600, 0).expect("a valid moment");
    let time = |style| rendered(&[Inline::Time { at, style }]);
    assert_eq!(time(TimeStyle::Clock), "<!date^1795530600^{time}|14:30 UTC>");
    assert_eq!(time(TimeStyle::Date), "<!date^1795530600^{date_short} {time}|24 Nov 14:30 UTC>");
    let room = |platform| Inline::Channel {
        place: Place { platform, workspace: "T1".to_owned(), channel: "C1".to_owned() },
        name: "inc-7".to_owned(),
    };
    assert_eq!(rendered(&[room(Platform::Slack), plain(" "), room(Platform::Discord)]), "<#C1> #inc-7");
    let link = |url: &str, text: &str| rendered(&[Inline::Link { url: url.to_owned(), text: text.to_owned() }]);
    assert_eq!(link("https://a.example/?b=1&c=2", "a>b"), "<https://a.example/?b=1&amp;c=2|a&gt;b>");
    assert_eq!(link("https://a.example/|x>", "y"), "<https://a.example/%7Cx&gt;|y>");
    assert_eq!(link("javascript:alert(1)", "press"), "press");
}

#[test]
fn long_text_is_cut_without_breaking_what_slack_reads() {
    assert_eq!(mrkdwn::mrkdwn(&[plain("abcdef")], &[], 6), "abcdef");
    assert_eq!(mrkdwn::mrkdwn(&[plain("abcdefg")], &[], 6), "abcde…");
    assert_eq!(mrkdwn::mrkdwn(&[plain("ab&&")], &[], 9), "ab&amp;…");
    assert_eq!(mrkdwn::mrkdwn(&[Inline::Bold { text: "abcdef".to_owned() }], &[], 6), "*abc*…");
    assert_eq!(mrkdwn::shorten("😀😀😀", 4), "😀…");
}

#[test]
fn free_text_full_of_marks_goes_where_marks_mean_nothing() {
    let blocks = format(&paragraph(vec![plain("*not bold* & more")])).blocks;
    let text = json!({"type": "plain_text", "text": "*not bold* & more", "emoji": true});
    assert_eq!(blocks, [json!({"type": "section", "text": text})]);
    let blocks = format(&paragraph(vec![plain("calm & clear")])).blocks;
    assert_eq!(blocks[0]["text"], json!({"type": "mrkdwn", "text": "calm &amp; clear", "verbatim": true}));
}

#[test]
fn the_fallback_is_escaped_and_calls_nobody() {
    let text = format(&paragraph(vec![plain("<!here> & @channel")])).text;
    assert_eq!(text, "&lt;!here&gt; &amp; @\u{feff}channel");
    assert_eq!(format(&Message::default()).text, "Wardroom");
}

fn button(id: &str, label: &str, style: ButtonStyle) -> Button {
    Button { id: id.to_owned(), label: label.to_owned(), style }
}

#[test]
fn a_card_has_its_header_facts_list_buttons_and_small_print() {
    let message = Message {
        blocks: vec![
            Block::Heading { text: vec![plain("INC-7 <b>")] },
            Block::Fields { fields: vec![("Priority".to_owned(), vec![plain("P1")])] },
            Block::List { items: vec![vec![plain("one")], vec![plain("two")]] },
            Block::Divider,
            Block::Actions {
                buttons: vec![
                    button("b1.x", "Approve", ButtonStyle::Primary),
                    button("b1.y", "No", ButtonStyle::Danger),
                ],
            },
            Block::Context { text: vec![plain("small")] },
        ],
        ..Message::default()
    };
    let blocks = format(&message).blocks;
    let kinds: Vec<&str> = blocks.iter().filter_map(|block| block["type"].as_str()).collect();
    assert_eq!(kinds, ["header", "section", "section", "divider", "actions", "context"]);
    assert_eq!(blocks[0]["text"]["text"], "INC-7 <b>");
    assert_eq!(blocks[1]["fields"][0]["text"], "*Priority*\nP1");
    assert_eq!(blocks[2]["text"]["text"], "• one\n• two");
    assert_eq!(blocks[4]["block_id"], "row-0");
    assert_eq!(blocks[4]["elements"][0]["action_id"], "b1.x");
    assert_eq!(blocks[4]["elements"][0]["style"], "primary");
    assert_eq!(blocks[4]["elements"][1]["style"], "danger");
}

#[test]
fn a_huge_message_is_within_every_limit_and_keeps_its_buttons() {
    let long = "& <*x*> ".repeat(1_000);
    let text = || vec![plain(&long), Inline::Bold { text: long.clone() }];
    let mut blocks = vec![Block::Heading { text: text() }];
    for _ in 0..10 {
        blocks.push(Block::Paragraph { text: text() });
        blocks.push(Block::Fields { fields: vec![(long.clone(), text()); 23] });
        blocks.push(Block::List { items: vec![text(); 50] });
        blocks.push(Block::Divider);
    }
    blocks.push(Block::Actions { buttons: vec![button(&long, &long, ButtonStyle::Plain); 12] });
    blocks.push(Block::Context { text: text() });
    let formatted = format(&Message { blocks, ..Message::default() });
    assert!(mrkdwn::units(&formatted.text) <= 3_000);
    within_limits(&formatted.blocks);
    let kinds: Vec<&str> = formatted.blocks.iter().filter_map(|block| block["type"].as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "actions").count(), 3);
    assert_eq!(kinds.last(), Some(&"context"));
}

#[test]
fn many_small_blocks_are_cut_to_fifty() {
    let mut blocks = vec![Block::Paragraph { text: vec![plain("x")] }; 200];
    blocks.push(Block::Actions { buttons: vec![button("b", "Go", ButtonStyle::Plain)] });
    let blocks = format(&Message { blocks, ..Message::default() }).blocks;
    assert_eq!(blocks.len(), 50);
    assert_eq!(blocks[48]["elements"][0]["text"], "…");
    assert_eq!(blocks[49]["type"], "actions");
}

fn within_limits(blocks: &[Value]) {
    assert!(blocks.len() <= 50, "{} blocks", blocks.len());
    let mut all = 0;
    let mut measure = |text: &Value, limit: usize| {
        let length = mrkdwn::units(text["text"].as_str().expect("a text"));
        assert!((1..=limit).contains(&length), "{length} of {limit}");
        all += length;
    };
    for block in blocks {
        match block["type"].as_str().expect("a type") {
            "header" => measure(&block["text"], 150),
            "section" if block["fields"].is_array() => {
                let fields = block["fields"].as_array().expect("fields");
                assert!((1..=10).contains(&fields.len()));
                for field in fields {
                    measure(field, 2_000);
                }
            }
            "section" => measure(&block["text"], 3_000),
            "context" => measure(&block["elements"][0], 3_000),
            "actions" => {
                let elements = block["elements"].as_array().expect("elements");
                assert!((1..=5).contains(&elements.len()));
                for button in elements {
                    measure(&button["text"], 75);
                }
            }
            _ => {}
        }
    }
    assert!(all <= 13_000, "{all} in all");
}

fn field(name: &str, kind: FieldKind, value: Option<&str>) -> Field {
    let value = value.map(str::to_owned);
    Field {
        name: name.to_owned(),
        label: "Label".to_owned(),
        hint: "Hint".to_owned(),
        kind,
        required: false,
        value,
        source: None,
    }
}

fn form(fields: Vec<Field>) -> Form {
    Form {
        id: "f1".to_owned(),
        title: "Declare an incident now please".to_owned(),
        submit: "Declare".to_owned(),
        notes: Vec::new(),
        fields,
    }
}

#[test]
fn a_form_is_a_modal_that_knows_where_it_was_opened() {
    let choices =
        vec![("p1".to_owned(), "P1".to_owned()), ("p2".to_owned(), "x".repeat(80)), (String::new(), "no".to_owned())];
    let form = form(vec![
        field("title", FieldKind::Line, Some("Checkout")),
        field("why", FieldKind::Paragraph, None),
        field("sev", FieldKind::Choice(choices), Some("p2")),
        field("none", FieldKind::Choice(Vec::new()), None),
    ]);
    let view = view(&form, "C1");
    assert_eq!(view["callback_id"], "f1");
    assert_eq!(view["private_metadata"], r#"{"channel":"C1"}"#);
    assert_eq!(view["title"]["text"], "Declare an incident now…");
    assert_eq!(view["blocks"][0]["element"]["initial_value"], "Checkout");
    assert_eq!(view["blocks"][0]["optional"], true);
    assert_eq!(view["blocks"][1]["element"]["multiline"], true);
    let select = &view["blocks"][2]["element"];
    assert_eq!(select["options"].as_array().map(Vec::len), Some(2));
    assert_eq!(select["initial_option"], select["options"][1]);
    assert_eq!(view["blocks"][3]["element"]["type"], "plain_text_input");
}

#[test]
fn faults_stand_beside_their_fields() {
    let form = form(vec![field("title", FieldKind::Line, None), field("why", FieldKind::Line, None)]);
    let fault = |field: &str, sentence: &str| FieldError { field: field.to_owned(), sentence: sentence.to_owned() };
    let answer = faults(&form, &[fault("why", "Say why."), fault("stray", "Odd."), fault("title", "Too short.")]);
    let expected = json!({"response_action": "errors", "errors": {"why": "Say why.", "title": "Odd. Too short."}});
    assert_eq!(answer, expected);
}

#[test]
fn a_list_that_is_too_long_ends_with_how_many_more_there_are_and_where() {
    let items = (0..700).map(|number| vec![plain(&format!("INC-{number} the pump rattles"))]).collect();
    let after = Block::Paragraph { text: vec![plain("as of now")] };
    let message = Message {
        blocks: vec![Block::List { items }, after],
        rest: Some("/inc list".to_owned()),
        ..Message::default()
    };
    let blocks = format(&message).blocks;
    let shown = json!(blocks).to_string().matches("the pump rattles").count();
    assert!(shown > 300, "{shown}");
    let list = blocks[blocks.len() - 2]["text"]["text"].as_str().unwrap();
    assert!(list.ends_with(&format!("… and {} more: `/inc list`", 700 - shown)), "{list}");
    assert_eq!(blocks[blocks.len() - 1]["text"]["text"], "as of now");
}

#[test]
fn a_fact_that_is_too_long_for_a_field_stands_whole_below_the_others() {
    let plan = "p".repeat(2_000);
    let fields = vec![("Plan".to_owned(), vec![plain(&plan)]), ("Tested".to_owned(), vec![plain("yes")])];
    let message = Message { blocks: vec![Block::Fields { fields }], ..Message::default() };
    let blocks = format(&message).blocks;
    assert_eq!(blocks[0]["fields"].as_array().unwrap().len(), 1);
    assert_eq!(blocks[1]["text"]["text"], format!("*Plan*\n{plan}"));
}

#[test]
fn nothing_that_is_seen_as_one_character_is_cut_in_two() {
    for picture in ["👩‍👩‍👧‍👦", "🇩🇪", "e\u{301}\u{323}", "👍🏽"] {
        for limit in 20..60 {
            let words = picture.repeat(40);
            let cut = [mrkdwn::mrkdwn(&[plain(&words)], &[], limit), mrkdwn::shorten(&words, limit)];
            for cut in cut {
                let whole = cut.strip_suffix('…').unwrap();
                assert_eq!(whole.replace(picture, ""), "", "{limit} of {picture}: {cut}");
            }
        }
    }
}
