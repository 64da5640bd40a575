//! Reads a typed slash command as Discord's own composer does: command, group, subcommand, then `option: value`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::commands::Scope;
use super::world::{ChannelKind, World};

const SUB_COMMAND: u64 = 1;
const SUB_COMMAND_GROUP: u64 = 2;
const STRING: u64 = 3;

impl World {
    /// Reads a line without its slash into the path of a command and its options by name.
    pub(super) fn typed(&self, channel: &str, line: &str) -> Result<(Vec<String>, BTreeMap<String, String>), String> {
        let (name, mut rest) = first_word(line);
        let command = self.find_command(channel, name)?;
        let mut path = vec![text(command, "name").to_owned()];
        let mut level = command;
        while has_subcommands(level) {
            let (word, after) = first_word(rest);
            level = subcommand(level, &path, word)?;
            path.push(text(level, "name").to_owned());
            rest = after;
        }
        let options = read_options(level, rest, &path)?;
        Ok((path, options))
    }

    /// Finds a registered slash command that can be used in a channel.
    pub(super) fn find_command(&self, channel: &str, name: &str) -> Result<&Value, String> {
        let direct = self.channel(channel).is_some_and(|channel| channel.kind == ChannelKind::Direct);
        let guild: &[Value] = if direct { &[] } else { self.commands(Scope::Guild) };
        let context = u64::from(direct);
        let usable = |command: &&Value| {
            command["type"] == 1
                && command["contexts"].as_array().is_none_or(|list| list.iter().any(|item| *item == context))
        };
        let mut all = guild.iter().chain(self.commands(Scope::Global)).filter(usable);
        let found = all.clone().find(|command| text(command, "name").eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let names: Vec<String> = all.by_ref().map(|command| format!("/{}", text(command, "name"))).collect();
            if names.is_empty() {
                format!("there is no command /{name}: none is registered here")
            } else {
                format!("there is no command /{name}; there is: {}", names.join(", "))
            }
        })
    }
}

pub(super) fn text<'v>(object: &'v Value, key: &str) -> &'v str {
    object[key].as_str().unwrap_or_default()
}

/// The options of a command or of a subcommand.
pub(super) fn options(level: &Value) -> &[Value] {
    level["options"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn kind(option: &Value) -> u64 {
    option["type"].as_u64().unwrap_or(0)
}

pub(super) fn has_subcommands(level: &Value) -> bool {
    options(level).iter().any(|option| matches!(kind(option), SUB_COMMAND | SUB_COMMAND_GROUP))
}

/// Finds the subcommand or group of a level, or says which there are.
pub(super) fn subcommand<'v>(level: &'v Value, path: &[String], word: &str) -> Result<&'v Value, String> {
    let found = options(level).iter().find(|option| text(option, "name").eq_ignore_ascii_case(word));
    found.ok_or_else(|| {
        let names: Vec<&str> = options(level).iter().map(|option| text(option, "name")).collect();
        let said = if word.is_empty() { "needs a subcommand".to_owned() } else { format!("has no {word}") };
        format!("/{} {said}; there is: {}", path.join(" "), names.join(", "))
    })
}

/// Splits off the first word.
fn first_word(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    line.split_once(char::is_whitespace).unwrap_or((line, ""))
}

/// Reads `free text option: value option: value`.
fn read_options(level: &Value, line: &str, path: &[String]) -> Result<BTreeMap<String, String>, String> {
    let mut keys = option_keys(level, line);
    keys.sort_unstable();
    let mut given = BTreeMap::new();
    for (index, (_, start, name)) in keys.iter().enumerate() {
        let end = keys.get(index + 1).map_or(line.len(), |(next, _, _)| *next);
        given.insert((*name).to_owned(), line[*start..end].trim().to_owned());
    }
    let free = line[..keys.first().map_or(line.len(), |(at, _, _)| *at)].trim();
    if !free.is_empty() {
        let open = |option: &&Value| !given.contains_key(text(option, "name"));
        let required = |option: &&Value| option["required"] == true;
        let string = |option: &&Value| kind(option) == STRING;
        let mut candidates = options(level).iter().filter(open);
        let option = candidates
            .clone()
            .find(|option| string(option) && required(option))
            .or_else(|| candidates.clone().find(string))
            .or_else(|| candidates.next())
            .ok_or_else(|| format!("/{} takes no text: {free}", path.join(" ")))?;
        given.insert(text(option, "name").to_owned(), free.to_owned());
    }
    Ok(given)
}

/// Where each option is named in a line: (start of the name, start of the value, name). Only the first time counts,
/// and only at the start of a word, so that a value may hold a URL.
fn option_keys<'v>(level: &'v Value, line: &str) -> Vec<(usize, usize, &'v str)> {
    let mut keys = Vec::new();
    for name in options(level).iter().map(|option| text(option, "name")) {
        let key = format!("{name}:");
        let starts_word = |at: &usize| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
        if let Some(at) = line.match_indices(&key).map(|(at, _)| at).find(starts_word) {
            keys.push((at, at + key.len(), name));
        }
    }
    keys
}
