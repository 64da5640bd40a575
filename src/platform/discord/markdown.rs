//! Neutral text as Discord markdown: literal text stays literal, and a cut never opens a mark or leaves half a mention.

use crate::domain::Platform;
use crate::render::Inline;
use crate::render::cut::{first_chars, joins};
use crate::render::message::{TimeStyle, plain};

/// Put after a character that would otherwise complete a mark; shown as nothing.
pub(super) const ZERO_WIDTH: &str = "\u{200b}";

/// A link longer than this is shown as text, so that one atom never fills a message.
const LINK_CHARS_MAX: usize = 500;

/// The longest name that is searched for when a colon might begin an emoji (`:name:`); Discord's names have 32.
const EMOJI_CHARS_MAX: usize = 40;

/// Where a text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    /// Message content, descriptions and field values: mentions and times are rendered.
    Body,
    /// Titles and field names: markdown is rendered, mentions and times are not.
    Title,
}

/// Discord markdown that knows where it may be cut.
#[derive(Debug, Default, Clone)]
pub(super) struct Marked {
    text: String,
    chars: usize,
    cuts: Vec<Cut>,
}

/// A place where the text may end, and what closes the mark that is open there.
#[derive(Debug, Clone, Copy)]
struct Cut {
    bytes: usize,
    chars: usize,
    close: &'static str,
}

impl Marked {
    /// Appends something that is kept whole or left out.
    pub(super) fn atom(&mut self, text: &str) {
        self.atom_inside(text, "");
    }

    fn atom_inside(&mut self, text: &str, close: &'static str) {
        self.open(text);
        self.cuts.push(Cut { bytes: self.text.len(), chars: self.chars, close });
    }

    /// Appends without allowing a cut behind it.
    fn open(&mut self, text: &str) {
        self.text.push_str(text);
        self.chars += text.chars().count();
    }

    /// Begins a mark. Two marks that touch would be read as one longer mark, so something invisible goes between.
    fn begin(&mut self, mark: &str) {
        if self.text.chars().next_back() == mark.chars().next() {
            self.open(ZERO_WIDTH);
        }
        self.open(mark);
    }

    pub(super) fn append(&mut self, other: &Marked) {
        let (bytes, chars) = (self.text.len(), self.chars);
        self.cuts.extend(other.cuts.iter().map(|cut| Cut {
            bytes: bytes + cut.bytes,
            chars: chars + cut.chars,
            close: cut.close,
        }));
        self.text.push_str(&other.text);
        self.chars += other.chars;
    }

    pub(super) fn len(&self) -> usize {
        self.chars
    }

    /// The text in at most `limit` code points, with "…" where something was left out.
    pub(super) fn within(&self, limit: usize) -> String {
        if self.chars <= limit {
            return self.text.clone();
        }
        let fits = |cut: &&Cut| cut.chars + 1 + cut.close.len() <= limit;
        match self.cuts.iter().rev().find(fits) {
            Some(cut) => format!("{}…{}", &self.text[..cut.bytes], cut.close),
            None => "…".chars().take(limit).collect(),
        }
    }
}

/// Shortens literal text to at most `limit` code points.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    format!("{}…", first_chars(text, limit.saturating_sub(1)))
}

/// Renders a run of text that stands at the start of a line. `line_break` is what a new line becomes.
pub(super) fn render(text: &[Inline], surface: Surface, line_break: &'static str) -> Marked {
    let mut writer = Writer { out: Marked::default(), line_break, line_start: true };
    let mut rest = text;
    while let Some((first, mut after)) = rest.split_first() {
        if let Inline::Plain { text } = first {
            // Neighbours are joined first: a mark must not come to life because it was handed over in two parts.
            let mut joined = text.clone();
            while let Some((Inline::Plain { text }, further)) = after.split_first() {
                joined.push_str(text);
                after = further;
            }
            let links_at_end = matches!(after.first(), None | Some(Inline::Break));
            writer.literal(&joined, Some(links_at_end), "");
        } else {
            writer.marked(first, surface);
        }
        rest = after;
    }
    writer.out
}

/// Renders literal text alone.
pub(super) fn literal(text: &str) -> Marked {
    render(&[Inline::Plain { text: text.to_owned() }], Surface::Title, " ")
}

struct Writer {
    out: Marked,
    line_break: &'static str,
    /// Only spaces were written since the line began: `#`, `-`, `>` and numbers would make headings, lists, quotes.
    line_start: bool,
}

impl Writer {
    fn marked(&mut self, inline: &Inline, surface: Surface) {
        match (inline, surface) {
            (Inline::Plain { text } | Inline::Link { text, .. } | Inline::Bold { text }, Surface::Title)
            | (Inline::Plain { text }, Surface::Body) => self.literal(text, None, ""),
            (Inline::Bold { text }, Surface::Body) => self.bold(text),
            (Inline::Code { text }, _) => self.code(text),
            (Inline::Mention { accounts, name }, Surface::Body) => {
                let here = accounts.iter().find(|account| account.platform == Platform::Discord);
                match here.filter(|account| is_snowflake(&account.id)) {
                    Some(account) => self.whole(&format!("<@{}>", account.id)),
                    None => self.bold(name),
                }
            }
            (Inline::Channel { place, name }, Surface::Body) => {
                if place.platform == Platform::Discord && is_snowflake(&place.channel) {
                    self.whole(&format!("<#{}>", place.channel));
                } else {
                    self.bold(&format!("#{name}"));
                }
            }
            (Inline::Time { at, style }, Surface::Body) => {
                let style = match style {
                    TimeStyle::Clock => 't',
                    TimeStyle::Date => 'f',
                    TimeStyle::Relative => 'R',
                };
                self.whole(&format!("<t:{}:{style}>", at.timestamp()));
            }
            (Inline::Mention { .. } | Inline::Channel { .. } | Inline::Time { .. }, Surface::Title) => {
                self.literal(&plain(std::slice::from_ref(inline)), None, "");
            }
            (Inline::Link { url, text }, Surface::Body) => self.link(url, text),
            (Inline::Break, _) => self.new_line(""),
        }
    }

    fn whole(&mut self, text: &str) {
        self.out.atom(text);
        self.line_start = false;
    }

    fn new_line(&mut self, close: &'static str) {
        self.out.atom_inside(self.line_break, close);
        self.line_start |= self.line_break.contains('\n');
    }

    /// Spaces at its ends stand outside: next to one `**` is two stars.
    fn bold(&mut self, text: &str) {
        let inner = text.trim();
        if inner.is_empty() {
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.literal(" ", None, "");
        }
        self.strong(inner);
        if text.ends_with(char::is_whitespace) {
            self.literal(" ", None, "");
        }
    }

    fn strong(&mut self, text: &str) {
        self.out.begin("**");
        self.line_start = false;
        let outer = std::mem::replace(&mut self.line_break, " ");
        self.literal(text, None, "**");
        self.line_break = outer;
        self.out.atom("**");
    }

    /// Inside code nothing is escaped, so the fence is chosen longer than what the text holds.
    fn code(&mut self, text: &str) {
        let text = text.replace(['\n', '\r'], " ").replace("``", "ˋˋ");
        if text.trim().is_empty() {
            return;
        }
        let fence = if text.contains('`') { "``" } else { "`" };
        self.out.begin(fence);
        if text.starts_with('`') {
            self.out.open(" ");
        }
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            self.out.atom_inside(&with_calls_disarmed(c, rest), fence);
            rest = &rest[c.len_utf8()..];
            if joins(&text, text.len() - rest.len()) {
                self.out.cuts.pop();
            }
        }
        if text.ends_with('`') {
            self.out.open(" ");
        }
        self.out.atom(fence);
        self.line_start = false;
    }

    /// A link with a text of its own. Discord shows one whose text looks like an address as plain text, and an address
    /// that is not http(s) must not be hidden behind words: both are written out.
    fn link(&mut self, url: &str, text: &str) {
        let Some(url) = link_target(url) else {
            self.literal(&format!("{text} ({url})"), None, "");
            return;
        };
        if text.trim().is_empty() || text.contains("://") {
            self.whole(&format!("<{url}>"));
            return;
        }
        let mut inner = Writer { out: Marked::default(), line_break: " ", line_start: false };
        inner.literal(text, None, "");
        self.whole(&format!("[{}]({url})", inner.out.within(LINK_CHARS_MAX)));
    }

    /// Writes text so that it is shown as it stands. `links` says whether http(s) addresses may stay links, and whether
    /// one at the very end of the text may (not where a mark follows: the address would swallow it).
    fn literal(&mut self, text: &str, links: Option<bool>, close: &'static str) {
        // First of all: what is left out must not hold apart what would be a mark without it.
        let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let mut rest = text.as_str();
        let mut before: Option<char> = None;
        while let Some(c) = rest.chars().next() {
            if let Some(at_end) = links
                && !before.is_some_and(char::is_alphanumeric)
                && let Some(link) = link_at(rest, at_end)
            {
                self.whole(link);
                before = link.chars().next_back();
                rest = &rest[link.len()..];
                continue;
            }
            match c {
                '\n' => self.new_line(close),
                _ => self.character(c, rest, before, close),
            }
            if joins(&text, text.len() - rest.len() + c.len_utf8()) {
                // What is seen as one character is not cut in two.
                self.out.cuts.pop();
            }
            before = Some(c);
            rest = &rest[c.len_utf8()..];
        }
    }

    fn character(&mut self, c: char, rest: &str, before: Option<char>, close: &'static str) {
        let after = &rest[c.len_utf8()..];
        let escape = match c {
            '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '<' => true,
            '>' | '#' | '-' | '+' => self.line_start,
            // `1.` begins a list, so its full stop is escaped; the digits before it keep `line_start`.
            '.' | ')' => self.line_start && before.is_some_and(|digit| digit.is_ascii_digit()),
            ':' => after.starts_with("//") || begins_emoji(after),
            _ => false,
        };
        if escape {
            self.out.atom_inside(&format!("\\{c}"), close);
        } else {
            self.out.atom_inside(&with_calls_disarmed(c, rest), close);
        }
        self.line_start &= !escape && (c.is_whitespace() || c.is_ascii_digit());
    }
}

/// `@everyone` and `@here` are broken up by something invisible; `allowed_mentions` forbids them too.
fn with_calls_disarmed(c: char, rest: &str) -> String {
    let call = |word: &str| rest.get(1..=word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word));
    if c == '@' && (call("everyone") || call("here")) { format!("@{ZERO_WIDTH}") } else { c.to_string() }
}

fn begins_emoji(after_colon: &str) -> bool {
    let name = after_colon
        .chars()
        .take(EMOJI_CHARS_MAX)
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-' | '~'))
        .count();
    name > 0 && after_colon[name..].starts_with(':')
}

/// The http(s) address at the start of `rest`, if it holds nothing that Discord could read as a mark and ends where a
/// word ends. Anything else is escaped, its colon included, so that no half of it becomes a link.
fn link_at(rest: &str, at_end: bool) -> Option<&str> {
    let after = rest.strip_prefix("https://").or_else(|| rest.strip_prefix("http://"))?;
    let link = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()+,;=%".contains(c);
    let lower = link.to_ascii_lowercase();
    let fits = after.starts_with(|c: char| c.is_ascii_alphanumeric())
        && link.chars().all(harmless)
        && link.len() <= LINK_CHARS_MAX
        && !lower.contains("@everyone")
        && !lower.contains("@here")
        && (link.len() < rest.len() || at_end);
    fits.then_some(link)
}

/// A web address as the target of a link, with what would end it early percent-encoded.
fn link_target(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok().filter(|parsed| matches!(parsed.scheme(), "http" | "https"))?;
    let encoded = parsed.as_str().replace('(', "%28").replace(')', "%29").replace('<', "%3C").replace('>', "%3E");
    (encoded.len() <= LINK_CHARS_MAX).then_some(encoded)
}

/// Whether a text can be one of Discord's ids.
pub(super) fn is_snowflake(id: &str) -> bool {
    id.len() <= 20 && id.parse::<u64>().is_ok_and(|number| number > 0) && id.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
