//! The world as text, for tests that read what people see.

use serde_json::Value;

use super::super::delivery::Posted;
use super::SlackWorkspace;
use super::mrkdwn;
use super::state::State;
use super::world::{Channel, Post, World};

impl SlackWorkspace {
    /// A channel as everyone in it sees it, one message after the other. Ephemeral messages are left out.
    pub fn transcript(&self, channel: &str) -> String {
        self.with(|state| match state.world.find(channel) {
            Some(channel) => {
                let seen = channel.posts.iter().filter(|post| post.ephemeral_to.is_none());
                seen.map(|post| self.told(&state.world, channel, post)).collect()
            }
            None => format!("(there is no channel {channel})\n"),
        })
    }

    /// What only this person has seen: ephemeral messages and their conversation with the bot, oldest first.
    pub fn private(&self, user: &str) -> String {
        self.with(|state| {
            self.private_posts(state, user)
                .iter()
                .map(|(channel, post)| self.told(&state.world, channel, post))
                .collect()
        })
    }

    /// The newest of what only this person has seen.
    pub fn last_private(&self, user: &str) -> Option<String> {
        self.with(|state| {
            let posts = self.private_posts(state, user);
            posts.last().map(|(channel, post)| self.told(&state.world, channel, post).trim_end().to_owned())
        })
    }

    /// Finds the newest message of a channel with these words, and returns its `ts`.
    pub fn find_message(&self, channel: &str, containing: &str) -> Option<String> {
        self.with(|state| {
            let channel = state.world.find(channel)?;
            let mut seen = channel.posts.iter().rev().filter(|post| post.ephemeral_to.is_none());
            seen.find(|post| self.told(&state.world, channel, post).contains(containing)).map(|post| post.ts.clone())
        })
    }

    /// The newest message of a channel with these words that everybody sees, whole.
    pub fn newest(&self, channel: &str, containing: &str) -> Option<Posted> {
        self.with(|state| {
            let channel = state.world.find(channel)?;
            let seen = channel.posts.iter().rev().filter(|post| post.ephemeral_to.is_none());
            seen.map(|post| self.posted(&state.world, channel, post)).find(|posted| posted.text.contains(containing))
        })
    }

    /// All that the bot has said where everybody sees it, channel by channel, oldest first.
    pub fn said_by_bot(&self) -> Vec<Posted> {
        self.said_in(|channel| !channel.is_direct())
    }

    /// All that the bot has said in conversations of two, one after the other, oldest first.
    pub fn said_in_private(&self) -> Vec<Posted> {
        self.said_in(Channel::is_direct)
    }

    fn said_in(&self, is_meant: impl Fn(&Channel) -> bool) -> Vec<Posted> {
        self.with(|state| {
            let channels = state.world.channels.iter().filter(|channel| is_meant(channel));
            let of = |channel: &Channel| {
                let is_said = |post: &&Post| post.ephemeral_to.is_none() && post.author == self.cast.bot_user_id;
                channel.posts.iter().filter(is_said).map(|post| self.posted(&state.world, channel, post)).collect()
            };
            channels.flat_map(|channel| -> Vec<Posted> { of(channel) }).collect()
        })
    }

    /// What only this person has seen since the message of that `ts`: each with its own.
    pub fn private_since(&self, user: &str, ts: &str) -> Vec<(String, String)> {
        let Some(person) = self.cast.person(user) else { return Vec::new() };
        let since = micros(ts);
        self.with(|state| {
            let mut found = Vec::new();
            for channel in &state.world.channels {
                let own = channel.is_direct() && channel.members.contains(&person.id);
                let new = channel.posts.iter().rev().take_while(|post| micros(&post.ts) > since);
                let new = new.filter(|post| own || post.ephemeral_to.as_ref() == Some(&person.id));
                found.extend(new.map(|post| (post.ts.clone(), self.told(&state.world, channel, post))));
            }
            found.sort_by_key(|(ts, _)| micros(ts));
            found
        })
    }

    fn posted(&self, world: &World, channel: &Channel, post: &Post) -> Posted {
        Posted {
            channel: channel.id.clone(),
            id: post.ts.clone(),
            text: self.told(world, channel, post),
            raw: serde_json::json!({"text": post.text, "blocks": post.blocks}),
        }
    }

    /// Finds the newest message with these words that only this person has seen, and returns its channel and `ts`.
    pub fn find_private(&self, user: &str, containing: &str) -> Option<(String, String)> {
        self.with(|state| {
            let posts = self.private_posts(state, user);
            let found =
                posts.iter().rev().find(|(channel, post)| self.told(&state.world, channel, post).contains(containing));
            found.map(|(channel, post)| (channel.id.clone(), post.ts.clone()))
        })
    }

    /// The names of all channels, in the order in which they were made. Conversations of two are not among them.
    pub fn channels(&self) -> Vec<String> {
        self.with(|state| {
            let named = state.world.channels.iter().filter(|channel| !channel.is_direct());
            named.map(|channel| channel.name.clone()).collect()
        })
    }

    fn private_posts<'a>(&self, state: &'a State, user: &str) -> Vec<(&'a Channel, &'a Post)> {
        let Some(person) = self.cast.person(user) else {
            return Vec::new();
        };
        let mut posts: Vec<(&Channel, &Post)> = Vec::new();
        for channel in &state.world.channels {
            let own = channel.is_direct() && channel.members.contains(&person.id);
            let only = |post: &&Post| post.ephemeral_to.as_ref() == Some(&person.id);
            posts.extend(channel.posts.iter().filter(|post| own || only(post)).map(|post| (channel, post)));
        }
        posts.sort_by_key(|(_, post)| micros(&post.ts));
        posts
    }

    /// One message: its author, what it shows, and its marks.
    fn told(&self, world: &World, channel: &Channel, post: &Post) -> String {
        let mut lines = Vec::new();
        if post.blocks.is_empty() {
            lines.extend(self.lines(world, &post.text));
        }
        for block in &post.blocks {
            self.tell_block(world, block, &mut lines);
        }
        lines.extend(post.files.iter().map(|file| format!("(file: {})", file.title)));
        let mut marks = String::new();
        if post.edited_ts.is_some() {
            marks.push_str(" (edited)");
        }
        if channel.is_pinned(&post.ts) {
            marks.push_str(" (pinned)");
        }
        let thread = if post.thread_ts.as_ref().is_some_and(|thread| *thread != post.ts) { " (in thread)" } else { "" };
        let first = if lines.is_empty() { String::new() } else { lines.remove(0) };
        let mut told = format!("{}{thread}: {first}{marks}\n", self.cast.handle_of(&post.author));
        for line in lines {
            told.push_str(line.trim_end());
            told.push('\n');
        }
        told
    }

    fn tell_block(&self, world: &World, block: &Value, lines: &mut Vec<String>) {
        match block["type"].as_str().unwrap_or_default() {
            "section" => {
                if let Some(text) = block["text"]["text"].as_str() {
                    lines.extend(self.lines(world, text));
                }
                for field in block["fields"].as_array().into_iter().flatten() {
                    lines.push(self.field(world, field["text"].as_str().unwrap_or_default()));
                }
                if let Some(accessory) = block.get("accessory") {
                    lines.extend(element_told(accessory));
                }
            }
            "context" => {
                let texts = block["elements"].as_array().into_iter().flatten();
                for text in texts.filter_map(|element| element["text"].as_str()) {
                    lines.extend(self.lines(world, text).iter().map(|line| format!("  {line}")));
                }
            }
            "actions" => {
                let elements = block["elements"].as_array().into_iter().flatten();
                lines.push(elements.filter_map(element_told).collect::<Vec<_>>().join(" "));
            }
            "header" => lines.extend(self.lines(world, block["text"]["text"].as_str().unwrap_or_default())),
            "markdown" => lines.extend(self.lines(world, block["text"].as_str().unwrap_or_default())),
            "divider" => lines.push("---".to_owned()),
            "image" => lines.push(format!("(image: {})", block["alt_text"].as_str().unwrap_or_default())),
            other => lines.push(format!("({other})")),
        }
    }

    /// A field is a bold label over its value.
    fn field(&self, world: &World, text: &str) -> String {
        let labelled = text.strip_prefix('*').and_then(|rest| rest.split_once("*\n"));
        let Some((label, value)) = labelled else {
            return self.lines(world, text).join(" ");
        };
        let value = self.lines(world, value).join(", ");
        format!("{}: {value}", self.lines(world, label.trim_end_matches(':')).join(" "))
    }

    fn lines(&self, world: &World, text: &str) -> Vec<String> {
        mrkdwn::read(text, &self.cast, world).lines().map(ToOwned::to_owned).collect()
    }
}

fn element_told(element: &Value) -> Option<String> {
    let word = |value: &Value| value["text"]["text"].as_str().unwrap_or_default().to_owned();
    match element["type"].as_str()? {
        "button" | "workflow_button" => Some(format!("[{}]", word(element))),
        "overflow" => Some("[…]".to_owned()),
        "image" => None,
        _ => {
            let chosen = word(&element["initial_option"]);
            let shown =
                if chosen.is_empty() { element["placeholder"]["text"].as_str().unwrap_or("select") } else { &chosen };
            Some(format!("[{shown} ▾]"))
        }
    }
}

fn micros(ts: &str) -> (i64, i64) {
    let (secs, micros) = ts.split_once('.').unwrap_or((ts, "0"));
    (secs.parse().unwrap_or(0), micros.parse().unwrap_or(0))
}
