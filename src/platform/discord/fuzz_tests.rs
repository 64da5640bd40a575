//! Interactions, frames and words of any shape: nothing panics, and nothing that a person wrote comes to life.

use serde_json::{Value, json};
use serenity::all::{GatewayEvent, Interaction};

use super::ears::written_back;
use super::format::{created, edited};
use super::inbound::read;
use super::markdown::{Surface, ZERO_WIDTH, literal, render};
use crate::fuzz::fuzz;
use crate::render::{Block, Inline, Message};

const SAMPLES: [&str; 2] = ["discord-api-docs-examples/interaction", "discord-api-docs-examples/gateway"];

fn look(raw: &Value) {
    let Some(delivery) = read(raw) else { return };
    assert!(delivery.ticket.interaction > 0 && delivery.ticket.application > 0, "it can be answered");
    if let Some(inbound) = delivery.inbound {
        assert!(!inbound.account.id.is_empty(), "nobody acts");
        assert!(inbound.delivery.len() > "discord:".len(), "nothing names the delivery");
    }
}

#[test]
fn any_interaction_can_be_answered_or_is_none() {
    fuzz("discord_interactions", &SAMPLES, |input| {
        let Ok(raw) = serde_json::from_slice::<Value>(input) else { return };
        look(&raw);
        if let Ok(typed) = serde_json::from_value::<Interaction>(raw)
            && let Some(written) = written_back(&typed)
        {
            look(&written);
        }
    });
}

#[test]
fn any_frame_is_an_event_or_none() {
    let samples = ["discord-api-docs-examples/gateway", "discord-twilight-gateway-payloads"];
    fuzz("discord_frames", &samples, |input| {
        if let Ok(GatewayEvent::Dispatch(_, event)) = serde_json::from_slice::<GatewayEvent>(input)
            && let serenity::all::Event::InteractionCreate(event) = event
            && let Some(written) = written_back(&event.interaction)
        {
            look(&written);
        }
    });
}

/// What Discord would turn into a mention. Inside code nothing is one, but calls are broken up there as well.
fn is_alive(rendered: &str) -> bool {
    let lower = rendered.to_ascii_lowercase();
    let mut escaped = false;
    let bare = rendered.chars().any(|c| {
        let bare = c == '<' && !escaped;
        escaped = c == '\\' && !escaped;
        bare
    });
    lower.contains("@everyone") || lower.contains("@here") || bare
}

/// Undoes the escapes: a backslash before a sign.
fn unescaped(rendered: &str) -> String {
    let mut out = String::new();
    let mut letters = rendered.chars().peekable();
    while let Some(c) = letters.next() {
        match letters.peek() {
            Some(next) if c == '\\' && next.is_ascii_punctuation() => out.extend(letters.next()),
            _ => out.push(c),
        }
    }
    out.replace(ZERO_WIDTH, "")
}

#[test]
fn no_words_come_to_life() {
    fuzz("words", &[], |input| {
        // Twice what the bot takes of anybody.
        let words: String = String::from_utf8_lossy(input).chars().take(4_000).collect();
        let inlines = [
            Inline::Plain { text: words.clone() },
            Inline::Bold { text: words.clone() },
            Inline::Mention { accounts: vec![], name: words.clone() },
            Inline::Code { text: words.clone() },
        ];
        for surface in [Surface::Body, Surface::Title] {
            for inline in &inlines {
                let marked = render(std::slice::from_ref(inline), surface, "\n");
                for limit in [usize::MAX, 40, 3] {
                    let rendered = marked.within(limit);
                    assert!(rendered.chars().count() <= limit, "{rendered} is longer than {limit}");
                    let is_code = matches!(inline, Inline::Code { .. });
                    assert!(is_code || !is_alive(&rendered), "{inline:?} is alive: {rendered}");
                    let lower = rendered.to_ascii_lowercase();
                    assert!(!lower.contains("@everyone") && !lower.contains("@here"), "{rendered}");
                }
            }
        }
        let shown = unescaped(&literal(&words).within(usize::MAX));
        let typed: String = words.replace('\n', " ").chars().filter(|c| !c.is_control()).collect();
        assert_eq!(shown, typed.replace(ZERO_WIDTH, ""), "it is shown as it was typed");
        whole(&inlines, &words);
    });
}

fn whole(inlines: &[Inline], words: &str) {
    let message = Message {
        blocks: vec![
            Block::Heading { text: inlines.to_vec() },
            Block::Paragraph { text: inlines.to_vec() },
            Block::Fields { fields: vec![(words.to_owned(), inlines.to_vec()); 3] },
            Block::List { items: vec![inlines.to_vec(); 3] },
            Block::Context { text: inlines.to_vec() },
        ],
        ..Message::default()
    };
    for body in [created(&message, Some("say-1")), edited(&message)] {
        let content = body["content"].as_str().unwrap_or_default();
        assert!(content.chars().count() <= 2_000);
        assert_eq!(body["allowed_mentions"]["parse"], json!([]), "nothing pings");
    }
}
