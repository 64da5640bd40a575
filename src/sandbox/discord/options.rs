//! Turns the text of options into the values that an interaction carries, and resolves whom they name.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::composer::{has_subcommands, options, subcommand, text};
use super::world::{ChannelKind, World};

/// Who fills in options, and where: what is resolved carries their permissions.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) user: &'a str,
    pub(super) channel: &'a str,
}

/// The people, channels and roles that the values of one interaction name.
#[derive(Default)]
struct Resolved {
    users: Map<String, Value>,
    members: Map<String, Value>,
    channels: Map<String, Value>,
    roles: Map<String, Value>,
}

impl Resolved {
    fn json(self) -> Option<Value> {
        let parts =
            [("users", self.users), ("members", self.members), ("channels", self.channels), ("roles", self.roles)];
        let parts: Map<String, Value> = parts
            .into_iter()
            .filter(|(_, part)| !part.is_empty())
            .map(|(name, part)| (name.to_owned(), Value::Object(part)))
            .collect();
        (!parts.is_empty()).then_some(Value::Object(parts))
    }
}

impl World {
    /// Makes the `data` of a command's interaction, or says what Discord would not let through.
    pub(super) fn command_data(
        &self,
        at: At<'_>,
        path: &[&str],
        given: &BTreeMap<String, String>,
    ) -> Result<Value, String> {
        self.data(at, path, given, None)
    }

    /// Makes the `data` of a command whose option `focused` is still being typed.
    pub(super) fn partial_command_data(
        &self,
        at: At<'_>,
        path: &[&str],
        given: &BTreeMap<String, String>,
        focused: &str,
    ) -> Result<Value, String> {
        self.data(at, path, given, Some(focused))
    }

    fn data(
        &self,
        at: At<'_>,
        path: &[&str],
        given: &BTreeMap<String, String>,
        focused: Option<&str>,
    ) -> Result<Value, String> {
        let (name, rest) = path.split_first().ok_or("no command was named")?;
        let command = self.find_command(at.channel, name)?;
        let mut level = command;
        let mut levels = Vec::new();
        let mut said = vec![(*name).to_owned()];
        for word in rest {
            level = subcommand(level, &said, word)?;
            said.push((*word).to_owned());
            levels.push(level);
        }
        if has_subcommands(level) {
            // Nothing is called "", so this says which word is still wanted.
            subcommand(level, &said, "")?;
        }
        let mut resolved = Resolved::default();
        let values = match focused {
            Some(focused) => self.partial_values(at, level, given, focused, &mut resolved),
            None => self.values(at, level, given, &mut resolved),
        };
        let mut values = values.map_err(|fault| format!("/{}: {fault}", said.join(" ")))?;
        for level in levels.into_iter().rev() {
            values = vec![json!({ "name": level["name"], "type": level["type"], "options": values })];
        }
        let mut data = json!({ "id": command["id"], "name": command["name"], "type": 1 });
        if !values.is_empty() {
            data["options"] = json!(values);
        }
        if let Some(guild) = command.get("guild_id") {
            data["guild_id"] = guild.clone();
        }
        if let Some(resolved) = resolved.json() {
            data["resolved"] = resolved;
        }
        Ok(data)
    }

    fn values(
        &self,
        at: At<'_>,
        level: &Value,
        given: &BTreeMap<String, String>,
        resolved: &mut Resolved,
    ) -> Result<Vec<Value>, String> {
        only_known(level, given)?;
        let missing: Vec<&str> = options(level)
            .iter()
            .filter(|option| option["required"] == true)
            .map(|option| text(option, "name"))
            .filter(|name| given.get(*name).is_none_or(|value| value.trim().is_empty()))
            .collect();
        if !missing.is_empty() {
            return Err(format!("required options are missing: {}", missing.join(", ")));
        }
        let mut values = Vec::new();
        for option in options(level) {
            let name = text(option, "name");
            let Some(word) = given.get(name).map(|word| word.trim()).filter(|word| !word.is_empty()) else {
                continue;
            };
            let value = self.value(at, option, word, resolved).map_err(|fault| format!("{name}: {fault}"))?;
            values.push(json!({ "name": name, "type": option["type"], "value": value }));
        }
        Ok(values)
    }

    /// The values while one is being typed: that one as text that nobody has checked, the others where they are whole.
    fn partial_values(
        &self,
        at: At<'_>,
        level: &Value,
        given: &BTreeMap<String, String>,
        focused: &str,
        resolved: &mut Resolved,
    ) -> Result<Vec<Value>, String> {
        only_known(level, given)?;
        if !options(level).iter().any(|option| option["name"] == focused && option["autocomplete"] == true) {
            return Err(format!("the bot offers nothing for {focused}"));
        }
        let mut values = Vec::new();
        for option in options(level) {
            let name = text(option, "name");
            let word = given.get(name).map_or("", |word| word.trim());
            if name == focused {
                values.push(json!({ "name": name, "type": option["type"], "value": word, "focused": true }));
            } else if let Ok(value) = self.value(at, option, word, resolved)
                && !word.is_empty()
            {
                values.push(json!({ "name": name, "type": option["type"], "value": value }));
            }
        }
        Ok(values)
    }

    /// One value, checked against its option.
    fn value(&self, at: At<'_>, option: &Value, word: &str, resolved: &mut Resolved) -> Result<Value, String> {
        if let Some(choices) = option["choices"].as_array().filter(|choices| !choices.is_empty()) {
            return choice(choices, word);
        }
        match option["type"].as_u64() {
            Some(3) => {
                let value = self.with_mentions(word);
                let length = u64::try_from(value.chars().count()).unwrap_or(u64::MAX);
                let least = option["min_length"].as_u64().unwrap_or(0);
                let most = option["max_length"].as_u64().unwrap_or(6_000);
                if length < least || length > most {
                    return Err(format!("must have {least} to {most} characters"));
                }
                Ok(json!(value))
            }
            Some(4) => {
                let number: i64 = word.parse().map_err(|_| format!("{word} is not a whole number"))?;
                in_range(option, word).map(|()| json!(number))
            }
            Some(5) => match word.to_ascii_lowercase().as_str() {
                "true" | "yes" => Ok(json!(true)),
                "false" | "no" => Ok(json!(false)),
                _ => Err(format!("{word} is neither true nor false")),
            },
            Some(6) => self.resolve_user(at, word, resolved),
            Some(7) => self.resolve_channel(at, word, resolved),
            Some(8) => self.resolve_role(word, resolved),
            Some(9) => self.resolve_user(at, word, resolved).or_else(|_| self.resolve_role(word, resolved)),
            Some(10) => {
                let number: f64 = word.parse().map_err(|_| format!("{word} is not a number"))?;
                in_range(option, word).map(|()| json!(number))
            }
            _ => Err("this server can't fill in this kind of option".to_owned()),
        }
    }

    fn resolve_user(&self, at: At<'_>, word: &str, resolved: &mut Resolved) -> Result<Value, String> {
        let bare = word.strip_prefix("<@").and_then(|rest| rest.strip_suffix('>')).unwrap_or(word);
        let handle = bare.strip_prefix('@').unwrap_or(bare);
        let bot = handle == super::BOT_HANDLE || bare == self.cast.bot_user_id;
        let id = if bot {
            self.cast.bot_user_id.as_str()
        } else {
            &self.person(bare).ok_or_else(|| format!("there is nobody called {word}"))?.id
        };
        resolved.users.insert(id.to_owned(), self.user_json(id));
        if let Some(channel) = self.channel(at.channel).filter(|channel| channel.kind == ChannelKind::Text) {
            resolved.members.insert(id.to_owned(), self.resolved_member_json(id, channel));
        }
        Ok(json!(id))
    }

    fn resolve_channel(&self, at: At<'_>, word: &str, resolved: &mut Resolved) -> Result<Value, String> {
        let bare = word.strip_prefix("<#").and_then(|rest| rest.strip_suffix('>')).unwrap_or(word);
        let name = bare.strip_prefix('#').unwrap_or(bare);
        let mut texts = self.durable.channels.iter().filter(|place| place.kind == ChannelKind::Text);
        let found = texts.find(|place| place.id == bare || place.name == name);
        let found = found.ok_or_else(|| format!("there is no channel {word}"))?;
        resolved.channels.insert(found.id.clone(), self.partial_channel_json(found, at.user));
        Ok(json!(found.id))
    }

    fn resolve_role(&self, word: &str, resolved: &mut Resolved) -> Result<Value, String> {
        let bare = word.strip_prefix("<@&").and_then(|rest| rest.strip_suffix('>')).unwrap_or(word);
        let name = bare.strip_prefix('@').unwrap_or(bare);
        let roles = self.roles();
        let same = |role: &&Value| role["id"] == bare || text(role, "name").trim_start_matches('@') == name;
        let role = roles.iter().find(same).ok_or_else(|| format!("there is no role {word}"))?;
        resolved.roles.insert(text(role, "id").to_owned(), role.clone());
        Ok(role["id"].clone())
    }

    /// The value of a select of users, roles or channels, with what it resolves to.
    pub(super) fn resolve_choice(&self, menu: &Value, at: At<'_>, word: &str) -> Result<(Value, Value), String> {
        let mut resolved = Resolved::default();
        let id = match menu["type"].as_u64() {
            Some(5) => self.resolve_user(at, word, &mut resolved)?,
            Some(6) => self.resolve_role(word, &mut resolved)?,
            Some(8) => self.resolve_channel(at, word, &mut resolved)?,
            _ => {
                let user = self.resolve_user(at, word, &mut resolved);
                user.or_else(|_| self.resolve_role(word, &mut resolved))?
            }
        };
        Ok((id, resolved.json().unwrap_or_else(|| json!({}))))
    }

    /// Writes `@ana` and `#ops` in a text as the client does when they are picked from its list: `<@1>`, `<#2>`.
    pub(super) fn with_mentions(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut before: Option<char> = None;
        while let Some(c) = rest.chars().next() {
            let starts = before.is_none_or(|before| before.is_whitespace() || before == '(');
            if let Some((mention, length)) = starts.then(|| self.mention_at(rest)).flatten() {
                out.push_str(&mention);
                before = Some('>');
                rest = &rest[length..];
            } else {
                out.push(c);
                before = Some(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        out
    }

    /// The mention that a text begins with, and how long its name is. The longest name wins.
    fn mention_at(&self, text: &str) -> Option<(String, usize)> {
        let ends = |name: &str| {
            let next = text[1..].strip_prefix(name)?.chars().next();
            next.is_none_or(|next| !next.is_alphanumeric() && !matches!(next, '_' | '-')).then_some(name.len() + 1)
        };
        let bot = (super::BOT_HANDLE, self.cast.bot_user_id.as_str());
        let found: Vec<(String, usize)> = if text.starts_with('@') {
            let users = self.cast.users.iter().map(|user| (user.username.as_str(), user.id.as_str()));
            users.chain([bot]).filter_map(|(name, id)| Some((format!("<@{id}>"), ends(name)?))).collect()
        } else if text.starts_with('#') {
            let texts = self.durable.channels.iter().filter(|place| place.kind == ChannelKind::Text);
            texts.filter_map(|place| Some((format!("<#{}>", place.id), ends(&place.name)?))).collect()
        } else {
            Vec::new()
        };
        found.into_iter().max_by_key(|(_, length)| *length)
    }
}

fn only_known(level: &Value, given: &BTreeMap<String, String>) -> Result<(), String> {
    let known = |name: &str| options(level).iter().any(|option| option["name"] == name);
    let Some(unknown) = given.keys().find(|name| !known(name)) else { return Ok(()) };
    let names: Vec<&str> = options(level).iter().map(|option| text(option, "name")).collect();
    Err(format!("there is no option {unknown}; there is: {}", names.join(", ")))
}

fn choice(choices: &[Value], word: &str) -> Result<Value, String> {
    let is_value = |choice: &&Value| match &choice["value"] {
        Value::String(value) => value.eq_ignore_ascii_case(word),
        value => word.parse::<serde_json::Number>().is_ok_and(|number| *value == Value::Number(number)),
    };
    let found = choices.iter().find(is_value);
    let found = found.or_else(|| choices.iter().find(|choice| text(choice, "name").eq_ignore_ascii_case(word)));
    found.map(|choice| choice["value"].clone()).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|choice| text(choice, "name")).collect();
        format!("{word} is not a choice; choices: {}", names.join(", "))
    })
}

fn in_range(option: &Value, word: &str) -> Result<(), String> {
    let number: f64 = word.parse().map_err(|_| format!("{word} is not a number"))?;
    let least = option["min_value"].as_f64().unwrap_or(f64::MIN);
    let most = option["max_value"].as_f64().unwrap_or(f64::MAX);
    if (least..=most).contains(&number) { Ok(()) } else { Err(format!("must be between {least} and {most}")) }
}
