//! Neutral messages as Discord writes them: a card is one embed, as is anything long; the rest is plain content.
//!
//! Nothing here can fail: what is too long is shortened with "…", because a shortened message is read and a refused one
//! is not.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::markdown::{Marked, Surface, ZERO_WIDTH, is_snowflake, literal, render, shorten};
use crate::domain::{Account, Platform};
use crate::render::message::{left_out, plain};
use crate::render::{Block, Button, ButtonStyle, Message, Text, fit};

// Discord's limits, in code points.
const CONTENT_MAX: usize = 2000;
const TITLE_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 4096;
const FIELDS_MAX: usize = 25;
const FIELD_NAME_MAX: usize = 256;
const FIELD_VALUE_MAX: usize = 1024;
const FOOTER_MAX: usize = 2048;
const EMBED_MAX: usize = 6000;
const ROWS_MAX: usize = 5;
const ROW_BUTTONS_MAX: usize = 5;
const LABEL_MAX: usize = 80;
pub(super) const CUSTOM_ID_MAX: usize = 100;
/// Where a list is too long, its long items are made this short before any is left out.
const ITEM_SHORT: usize = 150;
/// Discord's limit for the accounts of one `allowed_mentions`.
const PINGS_MAX: usize = 100;

/// Message flag: seen by the person who clicked or typed, and by nobody else.
pub(super) const EPHEMERAL: u64 = 64;

/// The body that creates a message. With a nonce, Discord itself refuses to create it twice within a few minutes.
pub fn created(message: &Message, nonce: Option<&str>) -> Value {
    let mut body = Map::new();
    let content = content_of(message);
    if !content.is_empty() {
        body.insert("content".into(), content.into());
    }
    if let Some(embed) = embed_of(message) {
        body.insert("embeds".into(), json!([embed]));
    }
    let rows = rows_of(message);
    if !rows.is_empty() {
        body.insert("components".into(), rows.into());
    }
    body.insert("allowed_mentions".into(), json!({ "parse": [], "users": pings_of(message) }));
    if let Some(nonce) = nonce {
        body.insert("nonce".into(), nonce.into());
        body.insert("enforce_nonce".into(), true.into());
    }
    body.into()
}

/// The body that replaces a message: it names every part, so that nothing of the old one stays, and never pings.
pub fn edited(message: &Message) -> Value {
    json!({
        "content": content_of(message),
        "embeds": embed_of(message).into_iter().collect::<Vec<_>>(),
        "components": rows_of(message),
        "allowed_mentions": { "parse": [], "users": [] },
    })
}

/// What is compared when a message is looked for among those of a channel: content, then title and description.
pub(super) fn likeness(message: &Value) -> (String, Option<(String, String)>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let embed = message["embeds"].get(0).map(|embed| (text(&embed["title"]), text(&embed["description"])));
    (text(&message["content"]), embed)
}

/// A card is shown as an embed: it has facts under a heading, or a colour. So is what is too long for plain content,
/// since an embed takes twice as much.
fn is_card(message: &Message) -> bool {
    let heading = message.blocks.iter().any(|block| matches!(block, Block::Heading { .. }));
    let fields = message.blocks.iter().any(|block| matches!(block, Block::Fields { .. }));
    message.accent.is_some() || (heading && fields) || lines(&message.blocks).len() > CONTENT_MAX
}

/// The accounts that may be pinged: those named, on this platform.
fn pings_of(message: &Message) -> Vec<&str> {
    let ours = |account: &&Account| account.platform == Platform::Discord && is_snowflake(&account.id);
    let ids: BTreeSet<&str> = message.pings.iter().filter(ours).map(|account| account.id.as_str()).collect();
    ids.into_iter().take(PINGS_MAX).collect()
}

fn content_of(message: &Message) -> String {
    if is_card(message) {
        // A mention inside an embed never notifies, so those to be pinged stand above the card.
        let mut mentions = Marked::default();
        for id in pings_of(message) {
            mentions.atom(&format!("<@{id}> "));
        }
        return mentions.within(CONTENT_MAX).trim_end().to_owned();
    }
    let content = lines(&message.blocks).within(CONTENT_MAX);
    match content.trim_matches('\n') {
        "" if rows_of(message).is_empty() => ZERO_WIDTH.to_owned(),
        content => content.to_owned(),
    }
}

/// Blocks one under the other.
fn lines(blocks: &[Block]) -> Marked {
    let mut out = Marked::default();
    let mut first = true;
    for block in blocks {
        let Some(written) = block_lines(block) else { continue };
        if !std::mem::take(&mut first) {
            out.atom("\n");
        }
        out.append(&written);
    }
    out
}

/// Blocks one under the other in at most `limit` code points. Where they are longer, the long items of lists are made
/// shorter first; then items are left out from the end of each list, and counted.
fn lines_within(blocks: &[Block], limit: usize, rest: Option<&str>) -> String {
    let whole = lines(blocks);
    if whole.len() <= limit {
        return whole.within(limit);
    }
    let longest = blocks.iter().map(|block| match block {
        Block::List { items } => items.len(),
        _ => 0,
    });
    let longest = longest.max().unwrap_or_default();
    let kept = greatest(longest + 1, |kept| lines(&shortened(blocks, kept, rest)).len() <= limit);
    lines(&shortened(blocks, kept, rest)).within(limit)
}

/// The greatest number below `bound` that fits, 0 where none does; a smaller one fits where a greater does.
fn greatest(bound: usize, does_fit: impl Fn(usize) -> bool) -> usize {
    let (mut fits, mut too_many) = (0, bound.max(1));
    while too_many - fits > 1 {
        let middle = usize::midpoint(fits, too_many);
        if does_fit(middle) { fits = middle } else { too_many = middle }
    }
    fits
}

/// The same blocks with at most `kept` items in each list, none of them long.
fn shortened(blocks: &[Block], kept: usize, rest: Option<&str>) -> Vec<Block> {
    let short = |block: &Block| match block {
        Block::List { items } => {
            let mut few: Vec<Text> =
                items.iter().take(kept).map(|item| fit::shorten(item.clone(), ITEM_SHORT)).collect();
            if few.len() < items.len() {
                few.push(left_out(items.len() - few.len(), rest));
            }
            Block::List { items: few }
        }
        other => other.clone(),
    };
    blocks.iter().map(short).collect()
}

fn block_lines(block: &Block) -> Option<Marked> {
    match block {
        Block::Heading { text } => Some(led("### ", text, " ")),
        Block::Paragraph { text } => Some(render(text, Surface::Body, "\n")),
        Block::Fields { fields } => Some(joined(fields.iter().map(|(label, value)| fact(label, value)))),
        Block::List { items } => Some(joined(items.iter().map(|item| led("- ", item, "\n  ")))),
        Block::Context { text } => Some(led("-# ", text, "\n-# ")),
        // There is no line to draw: an empty one sets the parts apart.
        Block::Divider => Some(Marked::default()),
        Block::Code { text } => {
            let mut fenced = Marked::default();
            fenced.atom(&format!("```\n{text}\n```"));
            Some(fenced)
        }
        Block::Actions { .. } => None,
    }
}

fn led(lead: &str, text: &Text, line_break: &'static str) -> Marked {
    let mut line = Marked::default();
    line.atom(lead);
    line.append(&render(text, Surface::Body, line_break));
    line
}

fn fact(label: &str, value: &Text) -> Marked {
    let mut line = Marked::default();
    line.atom(&format!("**{}:** ", literal(label).within(FIELD_NAME_MAX)));
    line.append(&render(value, Surface::Body, "\n"));
    line
}

fn joined(lines: impl Iterator<Item = Marked>) -> Marked {
    let mut out = Marked::default();
    for (position, line) in lines.enumerate() {
        if position > 0 {
            out.atom("\n");
        }
        out.append(&line);
    }
    out
}

/// The parts of an embed before their lengths are settled.
struct Card<'a> {
    title: String,
    /// What becomes the description: blocks, and below them the facts that are too long for a field.
    body: Vec<Block>,
    long: Vec<Marked>,
    /// How long the description would be in full.
    body_chars: usize,
    rest: Option<&'a str>,
    fields: Vec<(String, Marked)>,
    footer: String,
}

fn embed_of(message: &Message) -> Option<Value> {
    if !is_card(message) {
        return None;
    }
    let card = card_of(message);
    let cap = card.cap();
    let mut embed = Map::new();
    if !card.title.is_empty() {
        embed.insert("title".into(), card.title.clone().into());
    }
    if card.body_chars > 0 {
        let description = card.description(cap.min(DESCRIPTION_MAX));
        embed.insert("description".into(), description.into());
    } else if card.title.is_empty() && card.fields.is_empty() {
        embed.insert("description".into(), ZERO_WIDTH.into());
    }
    if !card.fields.is_empty() {
        let fields = card.fields.iter().map(|(name, value)| {
            let value = value.within(cap.min(FIELD_VALUE_MAX));
            // An empty value is refused by Discord.
            let value = if value.trim().is_empty() { "–".to_owned() } else { value };
            json!({ "name": shorten(name, cap.min(FIELD_NAME_MAX)), "value": value, "inline": true })
        });
        embed.insert("fields".into(), fields.collect());
    }
    if !card.footer.is_empty() {
        embed.insert("footer".into(), json!({ "text": shorten(&card.footer, cap.min(FOOTER_MAX)) }));
    }
    if let Some(accent) = message.accent {
        embed.insert("color".into(), (accent & 0x00ff_ffff).into());
    }
    Some(embed.into())
}

fn card_of(message: &Message) -> Card<'_> {
    let mut title: Option<String> = None;
    let mut body: Vec<Block> = Vec::new();
    let mut fields: Vec<(String, Marked)> = Vec::new();
    let mut footer: Vec<String> = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Heading { text } if title.is_none() => {
                title = Some(render(text, Surface::Title, " ").within(TITLE_MAX));
            }
            Block::Fields { fields: more } => fields.extend(more.iter().map(|(label, value)| {
                let label = literal(label).within(FIELD_NAME_MAX);
                let label = if label.trim().is_empty() { "–".to_owned() } else { label };
                (label, render(value, Surface::Body, "\n"))
            })),
            // A footer renders nothing: neither mentions nor times nor marks.
            Block::Context { text } => footer.push(plain(text)),
            Block::Heading { .. }
            | Block::Paragraph { .. }
            | Block::List { .. }
            | Block::Code { .. }
            | Block::Divider => {
                body.push(block.clone());
            }
            Block::Actions { .. } => {}
        }
    }
    if fields.len() > FIELDS_MAX {
        let left_out = fields.len() - (FIELDS_MAX - 1);
        fields.truncate(FIELDS_MAX - 1);
        fields.push(("…".into(), literal(&format!("and {left_out} more"))));
    }
    let (fields, long) = apart(fields);
    let body_chars = lines(&body).len() + long.iter().map(|fact| fact.len() + 1).sum::<usize>();
    let (title, rest) = (title.unwrap_or_default(), message.rest.as_deref());
    Card { title, body, long, body_chars, rest, fields, footer: footer.join("\n") }
}

/// The facts that fit a field, and those that don't, written as lines.
fn apart(fields: Vec<(String, Marked)>) -> (Vec<(String, Marked)>, Vec<Marked>) {
    let (short, long): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(_, value)| value.len() <= FIELD_VALUE_MAX);
    let written = long.into_iter().map(|(label, value)| {
        let mut line = Marked::default();
        line.atom(&format!("**{label}:** "));
        line.append(&value);
        line
    });
    (short, written.collect())
}

impl Card<'_> {
    /// The description in at most `limit` code points. Long facts come last, and share what is left.
    fn description(&self, limit: usize) -> String {
        let long: usize = self.long.iter().map(|fact| fact.len() + 1).sum();
        let mut text = lines_within(&self.body, limit.saturating_sub(long).max(limit / 2), self.rest);
        for (place, fact) in self.long.iter().enumerate() {
            let left = limit.saturating_sub(text.chars().count());
            let share = left / (self.long.len() - place);
            if share > 1 {
                text.push_str(if text.is_empty() { "" } else { "\n" });
                text.push_str(&fact.within(share - 1));
            }
        }
        text
    }

    /// The longest that any one part may be, so that all of them together stay within Discord's sum.
    fn cap(&self) -> usize {
        let sum = |cap: usize| {
            let fields = self.fields.iter().map(|(name, value)| {
                // At least one, for the dash of an empty value.
                name.chars().count().min(cap).min(FIELD_NAME_MAX) + value.len().clamp(1, cap.min(FIELD_VALUE_MAX))
            });
            self.title.chars().count()
                + self.body_chars.min(cap).min(DESCRIPTION_MAX)
                + self.footer.chars().count().min(cap).min(FOOTER_MAX)
                + fields.sum::<usize>()
        };
        greatest(DESCRIPTION_MAX + 1, |cap| sum(cap) <= EMBED_MAX).max(1)
    }
}

fn rows_of(message: &Message) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for block in &message.blocks {
        if let Block::Actions { buttons } = block {
            // Two buttons with one id are refused by Discord; the first is kept.
            let buttons: Vec<Value> =
                buttons.iter().filter(|button| seen.insert(button.id.clone())).map(button_of).collect();
            rows.extend(buttons.chunks(ROW_BUTTONS_MAX).map(row));
        }
    }
    rows.truncate(ROWS_MAX);
    rows
}

/// An action row: the only thing that may hold buttons, selects and text inputs.
pub(super) fn row(components: &[Value]) -> Value {
    json!({ "type": 1, "components": components })
}

pub(super) fn button_of(button: &Button) -> Value {
    let style = match button.style {
        ButtonStyle::Primary => 1,
        ButtonStyle::Plain => 2,
        ButtonStyle::Danger => 4,
    };
    let label = if button.label.trim().is_empty() { "…".to_owned() } else { shorten(&button.label, LABEL_MAX) };
    json!({ "type": 2, "style": style, "label": label, "custom_id": shorten(&button.id, CUSTOM_ID_MAX) })
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
