//! Channels as plain text, as a person would read them aloud: for the snapshots of tests.

use chrono::DateTime;
use serde_json::{Value, json};

use super::super::delivery::Posted;
use super::DiscordServer;
use super::world::{Channel, ChannelKind, Message, World};

impl DiscordServer {
    /// What everybody in a channel sees, by name or id of the channel.
    pub fn transcript(&self, channel: &str) -> String {
        let world = self.world();
        let Some(place) = world.place(channel) else {
            return format!("(there is no channel {channel})\n");
        };
        place.messages.iter().filter(|message| message.only_for.is_none()).map(|message| world.told(message)).collect()
    }

    /// What only one person has seen: ephemeral and direct messages, in the order of time.
    pub fn private(&self, user: &str) -> String {
        let world = self.world();
        world.privates(user).into_iter().map(|message| world.told(message)).collect()
    }

    /// The last thing that the bot told one person alone.
    pub fn last_private(&self, user: &str) -> Option<String> {
        let world = self.world();
        let privates = world.privates(user);
        let last = privates.into_iter().rev().find(|message| message.author == world.cast.bot_user_id)?;
        Some(world.told(last))
    }

    /// The newest message of a channel with these words that everybody sees, whole.
    pub fn newest(&self, channel: &str, containing: &str) -> Option<Posted> {
        let world = self.world();
        let place = world.place(channel)?;
        let seen = place.messages.iter().rev().filter(|message| message.only_for.is_none());
        seen.map(|message| world.posted(place, message)).find(|posted| posted.text.contains(containing))
    }

    /// All that the bot has said where everybody sees it, channel by channel, oldest first.
    pub fn said_by_bot(&self) -> Vec<Posted> {
        self.said_in(|channel| channel.kind == ChannelKind::Text)
    }

    /// All that the bot has said in conversations of two, one after the other, oldest first.
    pub fn said_in_private(&self) -> Vec<Posted> {
        self.said_in(|channel| channel.recipient.is_some())
    }

    fn said_in(&self, is_meant: impl Fn(&Channel) -> bool) -> Vec<Posted> {
        let world = self.world();
        let texts = world.durable.channels.iter().filter(|channel| is_meant(channel));
        let is_said = |message: &&Message| message.only_for.is_none() && message.author == world.cast.bot_user_id;
        texts
            .flat_map(|place| place.messages.iter().filter(is_said).map(|message| world.posted(place, message)))
            .collect()
    }

    /// What only this person has seen since the message of that id: each with its own.
    pub fn private_since(&self, user: &str, id: &str) -> Vec<(String, String)> {
        let world = self.world();
        let number = |id: &str| id.parse::<u64>().unwrap_or(0);
        let Some(person) = world.person(user).map(|person| person.id.as_str()) else { return Vec::new() };
        let mut found = Vec::new();
        for place in &world.durable.channels {
            let own = place.recipient.as_deref() == Some(person);
            let new = place.messages.iter().rev().take_while(|message| number(&message.id) > number(id));
            let new = new.filter(|message| message.only_for.as_deref().map_or(own, |only| only == person));
            found.extend(new.map(|message| (message.id.clone(), world.told(message))));
        }
        found.sort_by_key(|(id, _)| number(id));
        found
    }

    /// The id of the newest message in a channel whose text contains the given words. One that everybody sees is
    /// preferred to an ephemeral one.
    pub fn find_message(&self, channel: &str, containing: &str) -> Option<String> {
        let world = self.world();
        let place = world.place(channel)?;
        let fits = |message: &&Message| world.told(message).contains(containing);
        let newest = || place.messages.iter().rev();
        let public = newest().filter(|message| message.only_for.is_none()).find(fits);
        public.or_else(|| newest().find(fits)).map(|message| message.id.clone())
    }
}

impl World {
    fn place(&self, word: &str) -> Option<&Channel> {
        let name = word.strip_prefix('#').unwrap_or(word);
        let named = |place: &&Channel| place.kind == ChannelKind::Text && place.name == name;
        self.channel(word).or_else(|| self.durable.channels.iter().find(named))
    }

    fn privates(&self, user: &str) -> Vec<&Message> {
        let Some(id) = self.person(user).map(|person| person.id.as_str()) else {
            return Vec::new();
        };
        let private = |place: &Channel, message: &Message| match &message.only_for {
            Some(only) => only == id,
            None => place.recipient.as_deref() == Some(id),
        };
        let mut found: Vec<&Message> = Vec::new();
        for place in &self.durable.channels {
            found.extend(place.messages.iter().filter(|message| private(place, message)));
        }
        found.sort_by_key(|message| message.id.parse::<u64>().unwrap_or(0));
        found
    }

    fn posted(&self, place: &Channel, message: &Message) -> Posted {
        Posted {
            channel: place.id.clone(),
            id: message.id.clone(),
            text: self.told(message),
            raw: json!({
                "content": message.content, "embeds": message.embeds, "components": message.components,
                "flags": message.flags,
            }),
        }
    }

    /// One message as lines of text: the author before the first, the others indented.
    fn told(&self, message: &Message) -> String {
        let mut lines: Vec<String> = self.plain(&message.content).lines().map(str::to_owned).collect();
        if message.flags & super::validate::LOADING != 0 {
            lines.push("(thinking…)".to_owned());
        }
        for embed in &message.embeds {
            lines.extend(self.embed_lines(embed));
        }
        for row in &message.components {
            lines.push(row_line(row));
        }
        for attachment in &message.attachments {
            lines.push(format!("(file: {})", attachment["filename"].as_str().unwrap_or_default()));
        }
        let mut text = format!("{}:", self.handle(&message.author));
        if let Some(first) = lines.first() {
            text.push(' ');
            text.push_str(first);
        }
        if message.edited.is_some() {
            text.push_str(" (edited)");
        }
        if message.pinned {
            text.push_str(" (pinned)");
        }
        text.push('\n');
        for line in lines.iter().skip(1) {
            text.push_str(format!("  {line}").trim_end());
            text.push('\n');
        }
        text
    }

    fn embed_lines(&self, embed: &Value) -> Vec<String> {
        let mut lines = Vec::new();
        let mut add = |text: &str| lines.extend(self.plain(text).lines().map(str::to_owned));
        let part = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        add(&part(&embed["author"]["name"]));
        add(&part(&embed["title"]));
        add(&part(&embed["description"]));
        for field in embed["fields"].as_array().into_iter().flatten() {
            add(&format!("{}: {}", part(&field["name"]), part(&field["value"])));
        }
        add(&part(&embed["footer"]["text"]));
        lines
    }

    /// A text without its markup: mentions by name, times in UTC, escapes undone. In code all of it stands as it is.
    fn plain(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut in_code = false;
        while let Some(c) = rest.chars().next() {
            let mut length = c.len_utf8();
            match c {
                '`' => {
                    in_code = !in_code;
                    out.push(c);
                }
                '\\' if !in_code => {
                    // Before a sign a backslash is an escape, before anything else it is itself.
                    match rest[1..].chars().next().filter(char::is_ascii_punctuation) {
                        Some(escaped) => {
                            out.push(escaped);
                            length += escaped.len_utf8();
                        }
                        None => out.push(c),
                    }
                }
                '<' if !in_code => {
                    let tag = rest.find('>').and_then(|end| Some((self.tag(&rest[1..end])?, end + 1)));
                    if let Some((shown, end)) = tag {
                        out.push_str(&shown);
                        length = end;
                    } else {
                        out.push(c);
                    }
                }
                _ => out.push(c),
            }
            rest = &rest[length..];
        }
        out
    }

    /// What is shown for the inside of `<…>`, where it is one of Discord's tags.
    fn tag(&self, tag: &str) -> Option<String> {
        if let Some(id) = tag.strip_prefix("@&") {
            let roles = self.roles();
            let role = roles.iter().find(|role| role["id"] == id)?;
            return role["name"].as_str().map(|name| format!("@{}", name.trim_start_matches('@')));
        }
        if let Some(id) = tag.strip_prefix("@!").or_else(|| tag.strip_prefix('@')) {
            return self.is_account(id).then(|| format!("@{}", self.handle(id)));
        }
        if let Some(id) = tag.strip_prefix('#') {
            return self.channel(id).map(|channel| format!("#{}", channel.name));
        }
        if let Some(time) = tag.strip_prefix("t:") {
            let seconds = time.split(':').next()?.parse().ok()?;
            return Some(DateTime::from_timestamp(seconds, 0)?.format("%H:%M UTC").to_string());
        }
        if let Some(command) = tag.strip_prefix('/') {
            return command.rsplit_once(':').map(|(name, _)| format!("/{name}"));
        }
        None
    }
}

/// A row of buttons as `[Approve] [Reject]`, a select as `<placeholder>`.
fn row_line(row: &Value) -> String {
    let items = row["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let shown: Vec<String> = items
        .iter()
        .map(|item| {
            let off = if item["disabled"] == true { " (off)" } else { "" };
            if item["type"] == 2 {
                let label = item["label"].as_str().or_else(|| item["emoji"]["name"].as_str()).unwrap_or_default();
                format!("[{label}{off}]")
            } else {
                format!("<{}{off}>", item["placeholder"].as_str().unwrap_or("Make a selection"))
            }
        })
        .collect();
    shown.join(" ")
}
