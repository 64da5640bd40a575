//! What needs no door of its own: what people type, how it is shortened, and what templates make of it.

use std::collections::{BTreeMap, HashMap};

use chrono::{TimeZone, Utc};
use serde_json::json;

use crate::domain::policy::Policy;
use crate::domain::{Account, Organisation, Place, Platform};
use crate::fuzz::fuzz;
use crate::language::catalogue::COMMANDS;
use crate::language::{Call, Listener, grammar, understand};
use crate::render::message::plain;
use crate::render::{Block, Inline, Renderer, fit, markup};

fn nobody() -> Organisation {
    Organisation {
        tenant: 1,
        name: "nobody".into(),
        time_zone: chrono_tz::UTC,
        version: 0,
        workspaces: Vec::new(),
        people: BTreeMap::new(),
        accounts: HashMap::new(),
        teams: BTreeMap::new(),
        services: BTreeMap::new(),
        rosters: BTreeMap::new(),
        audiences: Vec::new(),
        delegations: Vec::new(),
        absences: Vec::new(),
        responsibilities: Vec::new(),
        charters: Vec::new(),
    }
}

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

#[test]
fn what_is_typed_is_understood_or_answered() {
    let organisation = nobody();
    let place = Place { platform: Platform::Slack, workspace: "T1".into(), channel: "C1".into() };
    let policy = Policy::sample();
    let listener = Listener { organisation: &organisation, policy: &policy, me: None, place: &place };
    let bounded = |call: &Call| {
        let fits = |value: &String| value.chars().count() <= grammar::ITEMS_CHARS_MAX;
        assert!(call.given.values().all(fits), "a value is longer than any platform shows");
        let _ = understand(call, &listener);
    };
    fuzz("slash_text", &[], |input| {
        let text = text(input);
        for (command, _) in COMMANDS {
            match grammar::parse(command, &text) {
                Ok(call) => bounded(&call),
                Err(misunderstood) => assert!(misunderstood.sentence.chars().count() < 3_000, "{misunderstood:?}"),
            }
        }
        let (verb, value) = text.split_once(' ').unwrap_or((&text, ""));
        let options = BTreeMap::from([("text".to_owned(), value.to_owned()), ("sev".to_owned(), value.to_owned())]);
        if let Ok(call) = grammar::from_options("inc", verb, &options) {
            bounded(&call);
        }
    });
}

#[test]
fn lists_are_shortened_and_never_cut_short() {
    fuzz("fit", &[], |input| {
        let text = text(input);
        let line = |line: &str| {
            let account = Account { platform: Platform::Slack, workspace: "T1".into(), id: "U1".into() };
            vec![
                Inline::Mention { accounts: vec![account], name: line.chars().take(20).collect() },
                Inline::Bold { text: line.chars().rev().collect() },
                Inline::Plain { text: line.to_owned() },
                Inline::Time { at: Utc.timestamp_opt(0, 0).unwrap(), style: crate::render::TimeStyle::Clock },
            ]
        };
        let lines: Vec<_> = text.lines().map(line).collect();
        let whole: Vec<String> = lines.iter().map(|line| plain(line)).collect();
        let fitted = fit(lines);
        assert_eq!(fitted.len(), whole.len(), "no line is left out");
        for (short, whole) in fitted.iter().zip(&whole) {
            let short = plain(short);
            let kept = short.strip_suffix('…').unwrap_or(&short);
            assert!(short == *whole || whole.starts_with(kept), "{short} is no beginning of {whole}");
        }
        let length: usize = fitted.iter().map(|line| plain(line).chars().count()).sum();
        assert!(length <= 3_600 + 21 * fitted.len(), "{length} characters in {} lines", fitted.len());
    });
}

#[test]
fn what_people_wrote_is_never_read_as_markup() {
    let organisation = nobody();
    let renderer = Renderer::new(None).expect("the templates can be read");
    fuzz("templates", &[], |input| {
        let text = text(input);
        let message = markup::message(&format!("a {} z", markup::literal(&text)), &organisation);
        let [Block::Paragraph { text: inlines }] = message.blocks.as_slice() else {
            panic!("more than one paragraph: {message:?}");
        };
        let literal = inlines.iter().all(|inline| matches!(inline, Inline::Plain { .. } | Inline::Break));
        assert!(literal, "something became a mark: {message:?}");
        let data = json!({ "sentence": text, "examples": [text] });
        renderer.message("answer/misunderstood", &data, &organisation).expect("any words can be shown");
    });
}
