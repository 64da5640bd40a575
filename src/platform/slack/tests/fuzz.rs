//! Frames, forms and words of any shape: nothing panics, and nothing that a person wrote comes to life.

use serde_json::{Value, json};

use crate::app::inbound::Act;
use crate::domain::{Account, Platform};
use crate::fuzz::fuzz;
use crate::platform::slack::command_text::{neutral, unescape};
use crate::platform::slack::format;
use crate::platform::slack::inbound::{Envelope, Parsed, parse};
use crate::platform::slack::mrkdwn::{escape, literal, mrkdwn, units};
use crate::render::{Block, Inline, Message};

const SAMPLES: [&str; 1] = ["slack-java-sdk-json-logs"];

/// Reads an envelope as the listener does, and looks at what became of it.
fn read(envelope: &Envelope) {
    match parse(envelope, "T1") {
        Parsed::Acts(delivery) => {
            let inbound = delivery.inbound;
            assert!(inbound.delivery.len() > "slack:".len(), "nothing names the delivery");
            let of_the_bot = matches!(inbound.act, Act::BotWasRemoved { .. } | Act::BotIsMember);
            let of_the_account = matches!(inbound.act, Act::WasDeactivated | Act::IsActive | Act::OpensHome);
            assert!(of_the_bot || !inbound.account.id.is_empty(), "nobody acts");
            assert!(!inbound.account.workspace.is_empty(), "it is nowhere");
            assert!(of_the_bot || of_the_account || !inbound.place.channel.is_empty(), "it is nowhere");
            // What looks like one of Slack's calls is words from here on, and stays so wherever they are shown.
            if let Act::Says { text, .. } | Act::Writes { text } = &inbound.act {
                assert!(!is_alive(&literal(text)), "{text}");
            }
        }
        Parsed::Ignored(_) | Parsed::Malformed { .. } => {}
    }
}

#[test]
fn any_frame_is_an_envelope_or_none() {
    fuzz("slack_frames", &SAMPLES, |input| {
        let text = String::from_utf8_lossy(input);
        if let Ok(envelope) = serde_json::from_str::<Envelope>(&text) {
            read(&envelope);
        }
        // A sample without an envelope is the payload of one.
        let payload: Value = serde_json::from_str(&text).unwrap_or_default();
        for kind in ["slash_commands", "interactive", "events_api"] {
            let envelope = json!({"type": kind, "envelope_id": "e1", "payload": payload});
            read(&serde_json::from_value(envelope).expect("an envelope"));
        }
    });
}

#[test]
fn any_form_body_is_a_payload_or_none() {
    fuzz("slack_forms", &[], |input| {
        let pairs = url::form_urlencoded::parse(input);
        let fields: serde_json::Map<String, Value> =
            pairs.map(|(name, value)| (name.into_owned(), json!(value))).collect();
        let interaction: Value = fields
            .get("payload")
            .and_then(Value::as_str)
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        for (kind, payload) in [("slash_commands", Value::Object(fields)), ("interactive", interaction)] {
            let envelope = json!({"type": kind, "payload": payload});
            read(&serde_json::from_value(envelope).expect("an envelope"));
        }
    });
}

/// What Slack would turn into a mention, a call or a link.
fn is_alive(rendered: &str) -> bool {
    let lower = rendered.to_ascii_lowercase();
    let calls = ["@here", "@channel", "@everyone", "@group"].iter().any(|call| lower.contains(call));
    calls || rendered.contains('<') || rendered.contains('>')
}

#[test]
fn no_words_come_to_life() {
    fuzz("words", &[], |input| {
        // Twice what the bot takes of anybody.
        let words: String = String::from_utf8_lossy(input).chars().take(4_000).collect();
        let account = Account { platform: Platform::Slack, workspace: "T1".into(), id: words.clone() };
        let inlines = [
            Inline::Plain { text: words.clone() },
            Inline::Bold { text: words.clone() },
            Inline::Code { text: words.clone() },
            Inline::Mention { accounts: vec![], name: words.clone() },
        ];
        for limit in [usize::MAX, 40, 3] {
            for inline in &inlines {
                // Code calls nobody either, but nothing says so as firmly as its absence.
                let rendered = mrkdwn(std::slice::from_ref(inline), &[], limit);
                let is_code = matches!(inline, Inline::Code { .. });
                let alive = if is_code { rendered.contains('<') } else { is_alive(&rendered) };
                assert!(!alive, "{inline:?} is alive: {rendered}");
                assert!(units(&rendered) <= limit, "{rendered} is longer than {limit}");
            }
        }
        assert!(!is_alive(&literal(&words)), "{}", literal(&words));
        assert_eq!(unescape(&escape(&words)), words);
        assert_eq!(neutral(&escape(&words)), words, "escaped text is what was typed");
        let _ = neutral(&words);
        let pinged = [Inline::Mention { accounts: vec![account.clone()], name: "x".into() }];
        let rendered = mrkdwn(&pinged, &[account], usize::MAX);
        assert!(rendered.matches('<').count() <= 1 && !rendered.contains("<!"), "{rendered}");
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
    let formatted = format(&message);
    assert!(!is_alive(&formatted.text), "{}", formatted.text);
    assert!(formatted.blocks.len() <= 50);
    assert!(json!(formatted.blocks).to_string().chars().count() < 60_000, "far beyond what Slack takes");
}
