//! Every template, with everything that it can be given.

mod batch_samples;
mod exception_samples;
mod freeze_samples;
mod meeting_samples;
mod notice_samples;
mod planning_samples;
mod policy_samples;
mod rehearsal_samples;
mod report_samples;
mod ruling_samples;
mod samples;
mod standard_samples;
mod standby_samples;
mod team_samples;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::DateTime;
use serde_json::{Value, json};
use wardroom::domain::Organisation;
use wardroom::render::message::plain;
use wardroom::render::{Block, Inline, Message, Renderer, TEMPLATES, Text};

/// What somebody might write: marks, a heading, an item, a field, pings, and what tokens are made of.
const HOSTILE: &str =
    "**x** `y` <!channel> @everyone\n# heading\n- item :: value | \u{E000}p|x|y\u{E001}\u{E004}**\n~ small\n---";
/// What must be read of it as it stands, wherever it is shown.
const LITERAL: [&str; 3] = ["**x** `y` <!channel> @everyone", "# heading", "- item :: value"];
const HARMLESS: &str = "Somebodys-words";

#[test]
fn every_template_has_a_sample() {
    let sampled: BTreeSet<String> = samples::all().into_keys().collect();
    let carried: BTreeSet<String> = TEMPLATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(sampled, carried);
}

#[test]
fn every_template_says_something_that_both_platforms_show_whole() {
    let renderer = Renderer::new(None).expect("the templates can be read");
    for (name, versions) in samples::all() {
        for data in versions {
            let message = render(&renderer, &name, &data);
            let text = message.plain();
            assert!(text.trim().len() > 5, "{name} says “{text}”");
            for left in ["{{", "}}", "**", "[object]", " :: ", "  "] {
                assert!(!text.contains(left), "{name} shows “{left}”:\n{text}");
            }
            fits_slack(&name, &message);
            fits_discord(&name, &message);
        }
    }
}

/// The adapter shortens what Slack would refuse; nothing of a sample is.
fn fits_slack(name: &str, message: &Message) {
    let formatted = wardroom::platform::slack::format(message);
    let written = json!(formatted.blocks).to_string();
    let cuts = |text: &str| text.matches('…').count();
    assert_eq!(cuts(&written), cuts(&message.plain()), "{name} is shortened on Slack:\n{}", message.plain());
    assert!(formatted.blocks.len() <= 50, "{name}: {} blocks", formatted.blocks.len());
}

/// Discord's limits of an embed, with room for marks and mentions.
fn fits_discord(name: &str, message: &Message) {
    let (mut title, mut body, mut fields) = (0, 0, Vec::new());
    for block in &message.blocks {
        match block {
            Block::Heading { text } => title += length(text),
            Block::Paragraph { text } | Block::Context { text } => body += length(text) + 10,
            Block::List { items } => body += items.iter().map(|item| length(item) + 30).sum::<usize>(),
            Block::Fields { fields: more } => fields.extend(more),
            Block::Code { text } => body += text.chars().count() + 10,
            Block::Actions { .. } | Block::Divider => {}
        }
    }
    assert!(title <= 256, "{name} has a heading of {title}");
    assert!(body <= 4_096, "{name} has a body of {body}");
    assert!(fields.len() <= 25, "{name} has {} fields", fields.len());
    for (label, value) in fields {
        assert!(label.chars().count() <= 256 && length(value) <= 1_024, "{name}: {label}");
        body += label.chars().count() + length(value);
    }
    assert!(title + body <= 6_000, "{name} has {} characters", title + body);
}

fn length(text: &Text) -> usize {
    plain(text).chars().count()
}

#[test]
fn what_people_write_never_becomes_structure() {
    let renderer = Renderer::new(None).expect("the templates can be read");
    let mut shown = 0;
    for (name, versions) in samples::all() {
        for data in versions {
            for path in paths_of_text(&data) {
                let with = |text: &str| {
                    let mut data = data.clone();
                    *data.pointer_mut(&path).expect("a path of this sample") = json!(text);
                    render(&renderer, &name, &data)
                };
                let (harmless, hostile) = (with(HARMLESS), with(HOSTILE));
                assert_eq!(shape(&harmless), shape(&hostile), "{name}{path}:\n{}", hostile.plain());
                if harmless.plain().contains(HARMLESS) {
                    shown += 1;
                    let text = hostile.plain();
                    for words in LITERAL {
                        assert!(text.contains(words), "{name}{path} does not show “{words}”:\n{text}");
                    }
                }
            }
        }
    }
    assert!(shown > 150, "only {shown} texts are shown");
}

/// A line is one paragraph of a room.
fn render(renderer: &Renderer, name: &str, data: &Value) -> Message {
    let organisation = nobody();
    let outcome = if name.starts_with("line/") {
        renderer
            .line(name, data, &organisation)
            .map(|text| Message { blocks: vec![Block::Paragraph { text }], ..Message::default() })
    } else {
        renderer.message(name, data, &organisation)
    };
    outcome.unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

/// Where a sample holds a text: everywhere but in moments.
fn paths_of_text(data: &Value) -> Vec<String> {
    match data {
        Value::String(text) if text.parse::<DateTime<chrono::Utc>>().is_err() => vec![String::new()],
        Value::Array(items) => {
            let below = |(i, item)| paths_of_text(item).into_iter().map(move |path| format!("/{i}{path}"));
            items.iter().enumerate().flat_map(below).collect()
        }
        Value::Object(fields) => {
            let below = |(name, value)| paths_of_text(value).into_iter().map(move |path| format!("/{name}{path}"));
            fields.iter().flat_map(below).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The structure of a message: its blocks and marks, without words and line breaks.
fn shape(message: &Message) -> Vec<String> {
    let marks = |text: &Text| -> String {
        let mut marks: Vec<&str> = text.iter().filter_map(mark).collect();
        marks.dedup();
        marks.join(" ")
    };
    let block = |block: &Block| match block {
        Block::Heading { text } => format!("heading: {}", marks(text)),
        Block::Paragraph { text } => format!("paragraph: {}", marks(text)),
        Block::Context { text } => format!("context: {}", marks(text)),
        Block::Fields { fields } => {
            let fields: Vec<String> = fields.iter().map(|(label, value)| format!("{label}={}", marks(value))).collect();
            format!("fields: {}", fields.join(", "))
        }
        Block::List { items } => format!("list: {}", items.iter().map(marks).collect::<Vec<_>>().join(", ")),
        Block::Actions { buttons } => format!("actions: {}", buttons.len()),
        Block::Code { .. } => "code".to_owned(),
        Block::Divider => "divider".to_owned(),
    };
    let mut shape: Vec<String> = message.blocks.iter().map(block).collect();
    shape.push(format!("{} pings", message.pings.len()));
    shape
}

fn mark(inline: &Inline) -> Option<&'static str> {
    match inline {
        Inline::Plain { .. } => Some("plain"),
        Inline::Bold { .. } => Some("bold"),
        Inline::Code { .. } => Some("code"),
        Inline::Mention { .. } => Some("mention"),
        Inline::Channel { .. } => Some("channel"),
        Inline::Time { .. } => Some("time"),
        Inline::Link { .. } => Some("link"),
        Inline::Break => None,
    }
}

/// An organisation without people: whoever is named is shown by name.
fn nobody() -> Organisation {
    Organisation {
        delegations: Vec::new(),
        absences: Vec::new(),
        responsibilities: Vec::new(),
        charters: Vec::new(),
        tenant: 1,
        name: "Harbour".to_owned(),
        time_zone: chrono_tz::UTC,
        version: 1,
        workspaces: Vec::new(),
        people: BTreeMap::new(),
        accounts: HashMap::new(),
        teams: BTreeMap::new(),
        services: BTreeMap::new(),
        rosters: BTreeMap::new(),
        audiences: Vec::new(),
    }
}
