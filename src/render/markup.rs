//! The neutral markup that templates are written in, and how it becomes a [`Message`].
//!
//! | a line that begins with | becomes |
//! |---|---|
//! | `# ` | a heading |
//! | `- ` | an item of a list |
//! | `~ ` | small print |
//! | `Label :: value` | a field; neighbours stand side by side |
//! | `---` | a divider |
//! | anything else | a paragraph; neighbouring lines stay one paragraph |
//!
//! Inside a line: `**bold**` and `` `code` ``. What people wrote stands between [`OPEN`] and [`CLOSE`] and is never read
//! as markup; people, moments and channels stand as tokens between [`TOKEN`] and [`END`].

use chrono::DateTime;

use super::message::{Block, Inline, Message, Text, TimeStyle};
use crate::domain::{Organisation, PersonId, Place, Platform};

/// Private-use characters: they can't be typed, and are stripped from whatever people write.
pub const TOKEN: char = '\u{E000}';
pub const END: char = '\u{E001}';
pub const BREAK: char = '\u{E002}';
pub const OPEN: char = '\u{E003}';
pub const CLOSE: char = '\u{E004}';

/// What a person wrote, wrapped so that it is shown as it stands: no markup, no new lines of structure.
pub fn literal(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + 8);
    wrapped.push(OPEN);
    for c in text.trim().chars() {
        match c {
            '\n' => wrapped.push(BREAK),
            TOKEN..=CLOSE | '\r' | '\0' => {}
            c => wrapped.push(c),
        }
    }
    wrapped.push(CLOSE);
    wrapped
}

/// Reads rendered markup.
pub fn message(source: &str, organisation: &Organisation) -> Message {
    let mut blocks: Vec<Block> = Vec::new();
    let mut fresh = true;
    for line in source.lines().map(str::trim_end) {
        if line.trim().is_empty() {
            fresh = true;
            continue;
        }
        push(&mut blocks, line.trim_start(), fresh, organisation);
        fresh = false;
    }
    Message { blocks, ..Message::default() }
}

fn push(blocks: &mut Vec<Block>, line: &str, fresh: bool, organisation: &Organisation) {
    if let Some(rest) = line.strip_prefix("# ") {
        blocks.push(Block::Heading { text: inline(rest, organisation) });
    } else if let Some(rest) = line.strip_prefix("- ") {
        let item = inline(rest, organisation);
        match blocks.last_mut() {
            Some(Block::List { items }) if !fresh => items.push(item),
            _ => blocks.push(Block::List { items: vec![item] }),
        }
    } else if let Some(rest) = line.strip_prefix("~ ") {
        blocks.push(Block::Context { text: inline(rest, organisation) });
    } else if line == "---" {
        blocks.push(Block::Divider);
    } else if let Some((label, value)) = field(line) {
        let field = (label.to_owned(), inline(value, organisation));
        match blocks.last_mut() {
            Some(Block::Fields { fields }) if !fresh => fields.push(field),
            _ => blocks.push(Block::Fields { fields: vec![field] }),
        }
    } else {
        let more = inline(line, organisation);
        match blocks.last_mut() {
            Some(Block::Paragraph { text }) if !fresh => {
                text.push(Inline::Break);
                text.extend(more);
            }
            _ => blocks.push(Block::Paragraph { text: more }),
        }
    }
}

/// `Label :: value`, where the label is the template's own.
fn field(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.split_once(" :: ")?;
    (!label.contains([OPEN, TOKEN])).then_some((label, value))
}

/// Reads one line of rendered markup.
pub fn inline(source: &str, organisation: &Organisation) -> Text {
    let mut reader = Inlines { text: Vec::new(), run: String::new(), bold: false };
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if let Some((token, after)) = enclosed(rest, TOKEN, END) {
            reader.flush();
            reader.text.extend(token_inline(token, organisation));
            rest = after;
        } else if let Some((written, after)) = enclosed(rest, OPEN, CLOSE) {
            reader.written(written);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("**") {
            reader.flush();
            reader.bold = !reader.bold;
            rest = after;
        } else if let Some((text, after)) = code(rest) {
            reader.flush();
            reader.text.push(Inline::Code { text });
            rest = after;
        } else {
            reader.run.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    reader.flush();
    reader.text
}

struct Inlines {
    text: Text,
    run: String,
    bold: bool,
}

impl Inlines {
    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.run);
        self.text.push(if self.bold { Inline::Bold { text } } else { Inline::Plain { text } });
    }

    /// What a person wrote: only its line breaks mean something.
    fn written(&mut self, written: &str) {
        for (i, line) in written.split(BREAK).enumerate() {
            if i > 0 {
                self.flush();
                self.text.push(Inline::Break);
            }
            self.run.push_str(line);
        }
    }
}

fn enclosed(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    text.strip_prefix(open)?.split_once(close)
}

/// `` `code` ``, in which what people wrote cannot end it.
fn code(source: &str) -> Option<(String, &str)> {
    let inside = source.strip_prefix('`')?;
    let mut written = false;
    let end = inside.find(|c| {
        match c {
            OPEN => written = true,
            CLOSE => written = false,
            _ => {}
        }
        c == '`' && !written
    })?;
    let text = inside[..end].replace(BREAK, " ").chars().filter(|c| !matches!(c, TOKEN..=CLOSE)).collect();
    Some((text, &inside[end + 1..]))
}

/// `p|id|fallback`, `t|unix|style`, `c|platform|workspace|channel|name`: what helpers of the templates write.
fn token_inline(token: &str, organisation: &Organisation) -> Option<Inline> {
    let parts: Vec<&str> = token.split('|').collect();
    match parts.as_slice() {
        ["p", id, fallback] => Some(person(&PersonId((*id).to_owned()), fallback, organisation)),
        ["t", unix, style] => {
            let style = match *style {
                "date" => TimeStyle::Date,
                "relative" => TimeStyle::Relative,
                _ => TimeStyle::Clock,
            };
            DateTime::from_timestamp(unix.parse().ok()?, 0).map(|at| Inline::Time { at, style })
        }
        ["c", platform, workspace, channel, name] => {
            let platform = Platform::parse(platform)?;
            let place = Place { platform, workspace: (*workspace).to_owned(), channel: (*channel).to_owned() };
            Some(Inline::Channel { place, name: (*name).to_owned() })
        }
        _ => None,
    }
}

/// A person by their accounts: each platform shows its own as a mention, and others by name.
fn person(id: &PersonId, fallback: &str, organisation: &Organisation) -> Inline {
    match organisation.person(id) {
        Some(person) => Inline::Mention { accounts: person.accounts().cloned().collect(), name: person.name.clone() },
        None => Inline::Bold { text: fallback.to_owned() },
    }
}
