//! Slack's markup: what a person types becomes it, and what the bot writes in it can be read again.

use super::cast::SlackCast;
use super::world::World;

/// How a mention is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mentions {
    /// `<@U123>`, as in messages.
    Bare,
    /// `<@U123|ana>`, as in commands that escape.
    Named,
}

/// Turns what a person typed into what Slack sends: entities for the three special characters, and references for the
/// people, channels and addresses that exist.
pub fn encode(text: &str, mentions: Mentions, cast: &SlackCast, world: &World) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let starts_word = !before.is_alphanumeric();
        let reference = if starts_word { reference(rest, mentions, cast, world) } else { None };
        let taken = if let Some((written, taken)) = reference {
            out.push_str(&written);
            taken
        } else {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                other => out.push(other),
            }
            c.len_utf8()
        };
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    out
}

/// Turns markup into what a person reads.
pub fn read(text: &str, cast: &SlackCast, world: &World) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let inside = &rest[start + 1..];
        let Some(end) = inside.find('>') else {
            out.push_str(&rest[start..]);
            return unescape(&out);
        };
        out.push_str(&resolve(&inside[..end], cast, world));
        rest = &inside[end + 1..];
    }
    out.push_str(rest);
    unescape(&out)
}

fn reference(rest: &str, mentions: Mentions, cast: &SlackCast, world: &World) -> Option<(String, usize)> {
    let named = mentions == Mentions::Named;
    if let Some(after) = rest.strip_prefix('@') {
        let name = word(after, |c| c.is_alphanumeric() || "._-".contains(c));
        let (id, handle) = if name == super::cast::BOT_HANDLE {
            (cast.bot_user_id.as_str(), name)
        } else {
            let person = cast.users.iter().find(|person| person.handle == name)?;
            (person.id.as_str(), name)
        };
        let written = if named { format!("<@{id}|{handle}>") } else { format!("<@{id}>") };
        return Some((written, 1 + name.len()));
    }
    if let Some(after) = rest.strip_prefix('#') {
        let name = word(after, |c| c.is_alphanumeric() || "_-".contains(c));
        let channel = world.channels.iter().find(|channel| !channel.is_direct() && channel.name == name)?;
        let written = if named { format!("<#{}|{name}>", channel.id) } else { format!("<#{}|>", channel.id) };
        return Some((written, 1 + name.len()));
    }
    if rest.starts_with("https://") || rest.starts_with("http://") {
        let name = word(rest, |c| !c.is_whitespace() && !"<>|\"".contains(c));
        return Some((format!("<{}>", name.replace('&', "&amp;")), name.len()));
    }
    None
}

/// The longest beginning made of such characters, without the punctuation that ends a sentence.
fn word(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '-'])
}

fn resolve(reference: &str, cast: &SlackCast, world: &World) -> String {
    let (target, label) = match reference.split_once('|') {
        Some((target, label)) => (target, Some(label).filter(|label| !label.is_empty())),
        None => (reference, None),
    };
    if let Some(user) = target.strip_prefix('@') {
        return format!("@{}", cast.handle_of(user));
    }
    if let Some(id) = target.strip_prefix('#') {
        let name = world.channel(id).map_or(label.unwrap_or(id), |channel| &channel.name);
        return format!("#{name}");
    }
    if let Some(special) = target.strip_prefix('!') {
        return match label {
            Some(label) => label.to_owned(),
            None => format!("@{special}"),
        };
    }
    label.unwrap_or(target).to_owned()
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
