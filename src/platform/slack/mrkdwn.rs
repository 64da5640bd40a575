//! Neutral text to Slack's mrkdwn, so that nothing a person typed is ever formatted, linked or pinged.
//!
//! Slack has no escape character for its marks. What it has are rules about where a mark may *open*, and an invisible
//! neighbour on either side breaks them (a mark that can't open leaves its partner nothing to close):
//!
//! * A mark opens only at the start of a line, after white space or after punctuation. Slack counts all of U+2000 to
//!   U+206F as punctuation, so the usual zero-width space and word joiner would *help* a mark to open. A soft hyphen
//!   ([`BEFORE_MARK`]) is neither, and is not shown.
//! * A mark opens only before something that is not white space. U+FEFF ([`AFTER_MARK`]) has no width and counts as
//!   white space in the engines that read mrkdwn.
//! * A backtick opens anywhere, so it is replaced by a look-alike.
//! * A mark between two letters or digits (`check_out_svc`) never opens and is left alone, so that names copy clean.
//!
//! Emoji such as `:fire:` stay: it is how Slack itself spells the emoji that a person typed.

use crate::domain::{Account, Platform};
use crate::render::Inline;
use crate::render::cut::{cut, first_character};
use crate::render::message::{TimeStyle, plain};

/// Not a place where a mark may open after it.
const BEFORE_MARK: char = '\u{ad}';
/// Invisible white space: nothing opens before it, and `@here` is no longer a word.
const AFTER_MARK: char = '\u{feff}';
/// Lets a mark of ours open or close beside a letter; see the module's comment.
const BOUNDARY: char = '\u{200b}';
/// Looks like a backtick, opens nothing.
const BACKTICK: char = '\u{2cb}';
/// Looks like an asterisk; inside bold text a real one would end the bold.
const ASTERISK: char = '\u{2217}';
/// What is put where text was cut.
pub(super) const ELLIPSIS: char = '…';

/// Renders `text` as mrkdwn of at most `limit` UTF-16 units; what is too long ends with "…".
pub(super) fn mrkdwn(text: &[Inline], pings: &[Account], limit: usize) -> String {
    let whole = Writer::run(text, pings, limit);
    if !whole.full {
        return whole.out;
    }
    let mut cut = Writer::run(text, pings, limit.saturating_sub(1)).out;
    if limit > 0 {
        cut.push(ELLIPSIS);
    }
    cut
}

/// Whether plain text would be read as marks, so that a text object that knows no marks shows it better.
pub(super) fn has_marks(text: &str) -> bool {
    text.contains(['*', '_', '~', '`']) || text.lines().any(|line| line.trim_start().starts_with('>'))
}

/// Escapes Slack's three control characters, the only ones it lets a client escape.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Escapes text and breaks the words that would call everybody. For the fallback text of a message.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('@') {
        out.push_str(&escape(before));
        out.push('@');
        if calls_everybody(after) {
            out.push(AFTER_MARK);
        }
        rest = after;
    }
    out.push_str(&escape(rest));
    out
}

/// Escaped text of at most `limit` units: cut before it is escaped, so that no `&amp;` is cut in two.
pub(super) fn escaped_within(text: &str, limit: usize) -> String {
    within(text, limit, escape)
}

/// The same for [`literal`] text.
pub(super) fn literal_within(text: &str, limit: usize) -> String {
    within(text, limit, literal)
}

fn within(text: &str, limit: usize, write: fn(&str) -> String) -> String {
    let mut most = limit;
    loop {
        let written = write(&shorten(text, most));
        let over = units(&written).saturating_sub(limit);
        if over == 0 {
            return written;
        }
        // An escape is at most five units for one, so this ends after a few rounds.
        most -= over.div_ceil(5).min(most);
    }
}

/// Length as Slack counts it at worst.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Cuts text to `limit` UTF-16 units, with "…" as the last of them.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let mut used = 0;
    let mut cut_at = 0;
    for (at, letter) in text.char_indices() {
        used += letter.len_utf16();
        if used > limit {
            return format!("{}{ELLIPSIS}", cut(text, cut_at));
        }
        if used < limit {
            cut_at = at + letter.len_utf8();
        }
    }
    text.to_owned()
}

fn calls_everybody(after_at: &str) -> bool {
    ["here", "channel", "everyone", "group"]
        .iter()
        .any(|word| after_at.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
}

struct Writer<'a> {
    out: String,
    used: usize,
    limit: usize,
    /// Set when something did not fit: from then on nothing is written.
    full: bool,
    /// Nothing but white space was written in this line.
    at_line_start: bool,
    /// A mark of ours was just closed, and must not touch a letter.
    after_mark: bool,
    pings: &'a [Account],
}

impl<'a> Writer<'a> {
    fn run(text: &[Inline], pings: &'a [Account], limit: usize) -> Writer<'a> {
        let mut writer =
            Writer { out: String::new(), used: 0, limit, full: false, at_line_start: true, after_mark: false, pings };
        for inline in text {
            writer.inline(inline);
        }
        writer
    }

    fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Plain { text } => self.plain(text),
            Inline::Bold { text } => self.marked('*', text),
            Inline::Code { text } => self.marked('`', text),
            Inline::Mention { accounts, name } => self.mention(accounts, name),
            Inline::Channel { place, name } => match place.platform {
                Platform::Slack if is_id(&place.channel) => self.token(&format!("<#{}>", place.channel)),
                Platform::Slack | Platform::Discord => self.plain(&format!("#{name}")),
            },
            Inline::Time { at, style } => {
                let fallback = plain(std::slice::from_ref(inline));
                let pattern = match style {
                    // Slack keeps no relative time up to date inside mrkdwn, so the clock stands for it.
                    TimeStyle::Clock | TimeStyle::Relative => "{time}",
                    TimeStyle::Date => "{date_short} {time}",
                };
                self.token(&format!("<!date^{}^{pattern}|{fallback}>", at.timestamp()));
            }
            Inline::Link { url, text } => self.link(url, text),
            Inline::Break => {
                self.after_mark = false;
                self.put("\n", 0);
            }
        }
    }

    /// Slack has no mention that does not ping, so only the accounts that may be pinged become one.
    /// Slack pings whoever it mentions, so only those who may be pinged are mentioned; others are named.
    fn mention(&mut self, accounts: &[Account], name: &str) {
        let here = accounts.iter().find(|account| account.platform == Platform::Slack && self.pings.contains(account));
        match here.filter(|account| is_id(&account.id)) {
            Some(account) => self.token(&format!("<@{}>", account.id)),
            None => self.marked('*', name),
        }
    }

    fn link(&mut self, url: &str, text: &str) {
        let known = ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
        let clean = url.chars().all(|letter| !letter.is_whitespace() && !letter.is_control());
        if !known || !clean {
            return self.plain(text);
        }
        let label = if text.trim().is_empty() { url } else { text };
        let mut shown = Writer::run(&[], &[], usize::MAX);
        shown.letters(&one_line(label), false, 0);
        let target = escape(url).replace('|', "%7C");
        self.token(&format!("<{target}|{}>", shown.out));
    }

    /// Writes something that may only be written whole.
    fn token(&mut self, token: &str) {
        self.leave_mark(token.chars().next());
        self.put(token, 0);
    }

    fn plain(&mut self, text: &str) {
        if let Some(first) = text.chars().next() {
            self.leave_mark(Some(first));
            self.letters(text, false, 0);
        }
    }

    /// Writes bold (`*`) or code (a backtick). Marks need a boundary outside and no white space inside.
    fn marked(&mut self, mark: char, text: &str) {
        let line = one_line(text);
        let inside = line.trim();
        if inside.is_empty() {
            return self.plain(&line);
        }
        if line.starts_with(' ') {
            self.plain(" ");
        }
        self.leave_mark(None);
        let opens = self.out.chars().next_back().is_none_or(|last| last.is_whitespace() || "([{\"'-".contains(last));
        if !opens && !self.out.ends_with(BOUNDARY) {
            self.put_char(BOUNDARY, 0);
        }
        let (before, used) = (self.out.len(), self.used);
        if !self.put_char(mark, 2) {
            return;
        }
        if mark == '`' {
            self.code(inside);
        } else {
            self.letters(inside, true, 1);
        }
        if self.out.len() == before + 1 {
            self.out.truncate(before);
            self.used = used;
            return;
        }
        self.out.push(mark);
        self.used += 1;
        self.after_mark = true;
        if line.ends_with(' ') {
            self.plain(" ");
        }
    }

    /// Nothing is a mark inside code but the backtick, so a command can be copied as it stands.
    fn code(&mut self, text: &str) {
        let mut whole_until = 0;
        for (at, letter) in text.char_indices() {
            let letter = if letter == '`' { BACKTICK } else { letter };
            if !self.fits_whole(text, at, &mut whole_until, 1) || !self.escaped(letter, 1) {
                return;
            }
        }
    }

    fn letters(&mut self, text: &str, in_bold: bool, reserve: usize) {
        let mut whole_until = 0;
        for (at, letter) in text.char_indices() {
            if !self.fits_whole(text, at, &mut whole_until, reserve) {
                return;
            }
            let rest = &text[at + letter.len_utf8()..];
            let fits = match letter {
                '`' => self.put_char(BACKTICK, reserve),
                '*' if in_bold => self.put_char(ASTERISK, reserve),
                '*' | '_' | '~' => self.user_mark(letter, rest, reserve),
                '>' if self.at_line_start => self.put(&format!("{BEFORE_MARK}&gt;"), reserve),
                '@' if calls_everybody(rest) => self.put(&format!("@{AFTER_MARK}"), reserve),
                _ => self.escaped(letter, reserve),
            };
            if !fits {
                return;
            }
        }
    }

    /// Whether there is room for all of the visible character that begins here: none is cut in two. `whole_until` is
    /// where the last one ends that was found to fit.
    fn fits_whole(&mut self, text: &str, at: usize, whole_until: &mut usize, reserve: usize) -> bool {
        if at >= *whole_until {
            let character = first_character(&text[at..]);
            *whole_until = at + character.len();
            let is_one = character.chars().nth(1).is_none();
            self.full |= !is_one && self.used.saturating_add(units(character) + reserve) > self.limit;
        }
        !self.full
    }

    fn user_mark(&mut self, mark: char, rest: &str, reserve: usize) -> bool {
        let between = self.out.chars().next_back().is_some_and(char::is_alphanumeric)
            && rest.chars().next().is_some_and(char::is_alphanumeric);
        if between {
            self.put_char(mark, reserve)
        } else {
            self.put(&format!("{BEFORE_MARK}{mark}{AFTER_MARK}"), reserve)
        }
    }

    fn escaped(&mut self, letter: char, reserve: usize) -> bool {
        match letter {
            '&' => self.put("&amp;", reserve),
            '<' => self.put("&lt;", reserve),
            '>' => self.put("&gt;", reserve),
            _ => self.put_char(letter, reserve),
        }
    }

    /// Keeps a closed mark from touching what follows, because it would not close there.
    fn leave_mark(&mut self, next: Option<char>) {
        let closes = next.is_some_and(|next| next.is_whitespace() || ".,;:!?)]}\"'-".contains(next));
        if std::mem::take(&mut self.after_mark) && !closes {
            self.put_char(BOUNDARY, 0);
        }
    }

    fn put_char(&mut self, letter: char, reserve: usize) -> bool {
        self.put(letter.encode_utf8(&mut [0; 4]), reserve)
    }

    /// Appends `piece` if it fits with `reserve` units to spare for the mark that closes.
    fn put(&mut self, piece: &str, reserve: usize) -> bool {
        let cost = units(piece);
        self.full |= self.used.saturating_add(cost + reserve) > self.limit;
        if !self.full {
            self.out.push_str(piece);
            self.used += cost;
            self.at_line_start = match piece.rsplit_once('\n') {
                Some((_, line)) => line.trim().is_empty(),
                None => self.at_line_start && piece.trim().is_empty(),
            };
        }
        !self.full
    }
}

/// Marks do not reach across lines.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// Slack's ids are upper case letters and digits; anything else would be text of its own inside `<…>`.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|letter| letter.is_ascii_alphanumeric())
}
