//! A neutral message as Slack's fallback text and Block Kit blocks, within Slack's limits by shortening: a message that
//! Slack would refuse is worse than one that ends with "…".

use serde_json::{Value, json};

use super::mrkdwn::{self, ELLIPSIS};
use crate::domain::Account;
use crate::render::message::{left_out, plain};
use crate::render::{Block, Button, ButtonStyle, Inline, Message, Text};

/// The fallback is read by notifications and screen readers; nobody reads more than this.
const FALLBACK_MAX: usize = 3_000;
// Block Kit's limits (docs.slack.dev/reference/block-kit).
const HEADER_MAX: usize = 150;
const SECTION_MAX: usize = 3_000;
const FIELDS_PER_SECTION: usize = 10;
const FIELD_MAX: usize = 2_000;
const BUTTONS_PER_ROW: usize = 5;
const BUTTON_LABEL_MAX: usize = 75;
const BUTTON_ID_MAX: usize = 255;
const BLOCKS_MAX: usize = 50;
/// Slack refuses about 13,200 characters in all blocks together (`msg_blocks_too_long`); it does not document it.
const MESSAGE_MAX: usize = 13_000;
/// The block that says that something was cut: one block, one character.
const CUT_BLOCK: usize = 1;
/// Small print: receipts and sources are short.
const CONTEXT_MAX: usize = 1_500;
/// Buttons and small print are what a card is for; they keep this much whatever else there is to say.
const KEPT_MAX: usize = 4_000;
const KEPT_BLOCKS_MAX: usize = 25;
/// Less room than this is not worth a block.
const WORTH_A_BLOCK: usize = 20;
/// A list leaves this much for what comes after it.
const AFTER_LIST: usize = 1_500;
/// Where a list is too long, its long items are made this short before any is left out.
const ITEM_SHORT: usize = 300;
/// The line that says how many were left out.
const LEFT_OUT_MAX: usize = 150;

/// A message as Slack takes it. `Message::accent` is left out: Slack has a coloured edge only on its legacy
/// attachments, which fold long text away.
#[derive(Debug, Clone, PartialEq)]
pub struct Formatted {
    /// The fallback, escaped.
    pub text: String,
    pub blocks: Vec<Value>,
}

/// Writes a message for Slack.
pub fn format(message: &Message) -> Formatted {
    let blocks = blocks(message);
    let words = message.plain();
    let text =
        if words.trim().is_empty() { "Wardroom".to_owned() } else { mrkdwn::literal_within(&words, FALLBACK_MAX) };
    Formatted { text, blocks }
}

fn blocks(message: &Message) -> Vec<Value> {
    let mut slots: Vec<Vec<Value>> = vec![Vec::new(); message.blocks.len()];
    let mut kept = Builder::new(message, KEPT_MAX, KEPT_BLOCKS_MAX);
    for wanted in [Rank::Buttons, Rank::SmallPrint] {
        for (slot, block) in slots.iter_mut().zip(&message.blocks).filter(|(_, block)| rank(block) == wanted) {
            *slot = kept.build(block);
        }
    }
    let mut body = Builder::new(
        message,
        MESSAGE_MAX - CUT_BLOCK - (KEPT_MAX - kept.room),
        BLOCKS_MAX - CUT_BLOCK - (KEPT_BLOCKS_MAX - kept.blocks_left),
    );
    for (slot, block) in slots.iter_mut().zip(&message.blocks).filter(|(_, block)| rank(block) == Rank::Body) {
        let was_cut = body.cut;
        *slot = body.build(block);
        if body.cut && !was_cut {
            slot.push(json!({"type": "context", "elements": [plain_text(&ELLIPSIS.to_string(), 1)]}));
        }
    }
    slots.into_iter().flatten().collect()
}

#[derive(PartialEq, Eq)]
enum Rank {
    Buttons,
    SmallPrint,
    Body,
}

fn rank(block: &Block) -> Rank {
    match block {
        Block::Actions { .. } => Rank::Buttons,
        Block::Context { .. } => Rank::SmallPrint,
        Block::Heading { .. }
        | Block::Paragraph { .. }
        | Block::Fields { .. }
        | Block::List { .. }
        | Block::Code { .. }
        | Block::Divider => Rank::Body,
    }
}

/// Builds blocks within what is left of a message's room.
struct Builder<'a> {
    pings: &'a [Account],
    /// The command that shows what is left out.
    rest: Option<&'a str>,
    room: usize,
    blocks_left: usize,
    cut: bool,
    rows: usize,
}

impl<'a> Builder<'a> {
    fn new(message: &'a Message, room: usize, blocks_left: usize) -> Builder<'a> {
        Builder { pings: &message.pings, rest: message.rest.as_deref(), room, blocks_left, cut: false, rows: 0 }
    }

    fn build(&mut self, block: &Block) -> Vec<Value> {
        match block {
            Block::Heading { text } => self.heading(text).into_iter().collect(),
            Block::Paragraph { text } => self.section(text).into_iter().collect(),
            Block::Fields { fields } => self.fields(fields),
            Block::List { items } => self.list(items),
            Block::Context { text } => self.context(text).into_iter().collect(),
            Block::Actions { buttons } => self.actions(buttons),
            Block::Code { text } => self.lines(&fenced(text)).into_iter().collect(),
            Block::Divider => self.take(0, json!({"type": "divider"})).into_iter().collect(),
        }
    }

    fn heading(&mut self, text: &Text) -> Option<Value> {
        let line = plain(text).replace('\n', " ");
        let text = plain_text(line.trim(), HEADER_MAX.min(self.room));
        self.take_text(&text, |text| json!({"type": "header", "text": text}))
    }

    fn section(&mut self, text: &Text) -> Option<Value> {
        let text = self.text_object(text, SECTION_MAX);
        self.take_text(&text, |text| json!({"type": "section", "text": text}))
    }

    fn context(&mut self, text: &Text) -> Option<Value> {
        let text = self.text_object(text, CONTEXT_MAX);
        self.take_text(&text, |text| json!({"type": "context", "elements": [text]}))
    }

    /// Facts side by side; one that is too long for that stands below, in a section of its own.
    fn fields(&mut self, fields: &[(String, Text)]) -> Vec<Value> {
        let texts = fields.iter().map(|(label, value)| {
            let mut text = vec![Inline::Bold { text: label.clone() }, Inline::Break];
            text.extend(value.iter().cloned());
            text
        });
        let is_short = |text: &Text| mrkdwn::units(&mrkdwn::mrkdwn(text, self.pings, SECTION_MAX)) <= FIELD_MAX;
        let (short, long): (Vec<Text>, Vec<Text>) = texts.partition(is_short);
        let mut sections = Vec::new();
        for some in short.chunks(FIELDS_PER_SECTION) {
            let mut cost = 0;
            let mut objects = Vec::new();
            for text in some {
                let limit = FIELD_MAX.min(self.room.saturating_sub(cost));
                if limit < WORTH_A_BLOCK {
                    self.cut = true;
                    break;
                }
                let text = mrkdwn::mrkdwn(text, self.pings, limit);
                cost += mrkdwn::units(&text);
                objects.push(mrkdwn_object(&text));
            }
            if !objects.is_empty() {
                sections.extend(self.take(cost, json!({"type": "section", "fields": objects})));
            }
        }
        sections.extend(long.iter().filter_map(|text| self.section(text)));
        sections
    }

    /// A long list becomes several sections, cut between items. What there is no room for is counted.
    fn list(&mut self, items: &[Text]) -> Vec<Value> {
        let mut sections = Vec::new();
        let mut lines = String::new();
        for line in self.lines_of(items) {
            if !lines.is_empty() && mrkdwn::units(&lines) + 1 + mrkdwn::units(&line) > SECTION_MAX {
                sections.extend(self.lines(&std::mem::take(&mut lines)));
            }
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(&line);
        }
        if !lines.is_empty() {
            sections.extend(self.lines(&lines));
        }
        sections
    }

    fn lines_of(&self, items: &[Text]) -> Vec<String> {
        let room = self.room.saturating_sub(AFTER_LIST);
        let written = |limit: usize| -> Vec<String> {
            items.iter().map(|item| format!("• {}", mrkdwn::mrkdwn(item, self.pings, limit))).collect()
        };
        let cost = |lines: &[String]| lines.iter().map(|line| mrkdwn::units(line) + 1).sum::<usize>();
        let whole = written(SECTION_MAX - 2);
        if cost(&whole) <= room {
            return whole;
        }
        let mut lines = written(ITEM_SHORT);
        if cost(&lines) > room {
            while cost(&lines) + LEFT_OUT_MAX > room && lines.pop().is_some() {}
            let left_out = left_out(items.len() - lines.len(), self.rest);
            lines.push(mrkdwn::mrkdwn(&left_out, &[], LEFT_OUT_MAX));
        }
        lines
    }

    fn lines(&mut self, lines: &str) -> Option<Value> {
        let cost = mrkdwn::units(lines);
        if cost > self.room {
            self.cut = true;
            return None;
        }
        self.take(cost, json!({"type": "section", "text": mrkdwn_object(lines)}))
    }

    fn actions(&mut self, buttons: &[Button]) -> Vec<Value> {
        let mut rows = Vec::new();
        for some in buttons.chunks(BUTTONS_PER_ROW) {
            let elements: Vec<Value> = some.iter().map(button).collect();
            let cost = some.iter().map(|button| mrkdwn::units(&button.label).clamp(1, BUTTON_LABEL_MAX)).sum();
            // By position: unique in the message, and the same after an edit.
            let block_id = format!("row-{}", self.rows);
            self.rows += 1;
            if cost > self.room {
                self.cut = true;
                return rows;
            }
            rows.extend(self.take(cost, json!({"type": "actions", "block_id": block_id, "elements": elements})));
        }
        rows
    }

    /// Text that is all literal and full of marks goes into an object that knows no marks; everything else is mrkdwn.
    fn text_object(&self, text: &Text, limit: usize) -> Value {
        let limit = limit.min(self.room);
        let literal = text.iter().all(|inline| matches!(inline, Inline::Plain { .. } | Inline::Break));
        let words = plain(text);
        if literal && mrkdwn::has_marks(&words) {
            plain_text(&words, limit)
        } else {
            mrkdwn_object(&mrkdwn::mrkdwn(text, self.pings, limit))
        }
    }

    /// Slack refuses blocks without text, so such a block is left out.
    fn take_text(&mut self, text: &Value, block: impl Fn(&Value) -> Value) -> Option<Value> {
        let words = text["text"].as_str().unwrap_or_default();
        if self.room < WORTH_A_BLOCK {
            self.cut = true;
            return None;
        }
        if words.trim().is_empty() { None } else { self.take(mrkdwn::units(words), block(text)) }
    }

    fn take(&mut self, cost: usize, block: Value) -> Option<Value> {
        if self.blocks_left == 0 {
            self.cut = true;
            return None;
        }
        self.blocks_left -= 1;
        self.room = self.room.saturating_sub(cost);
        Some(block)
    }
}

/// Fixed width, line by line: Slack reads no marks in it, and escapes all the same.
fn fenced(text: &str) -> String {
    format!("```\n{}\n```", mrkdwn::escape(text))
}

fn button(button: &Button) -> Value {
    let label = if button.label.trim().is_empty() { "…" } else { &button.label };
    let mut element = json!({
        "type": "button",
        "action_id": mrkdwn::shorten(&button.id, BUTTON_ID_MAX),
        "text": plain_text(label, BUTTON_LABEL_MAX),
    });
    match button.style {
        ButtonStyle::Plain => {}
        ButtonStyle::Primary => element["style"] = json!("primary"),
        ButtonStyle::Danger => element["style"] = json!("danger"),
    }
    element
}

/// `verbatim`: Slack reads marks and `<…>`, but turns no `@name`, `#channel` or URL of plain text into anything.
fn mrkdwn_object(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}

pub(super) fn plain_text(text: &str, limit: usize) -> Value {
    json!({"type": "plain_text", "text": mrkdwn::shorten(text, limit), "emoji": true})
}
