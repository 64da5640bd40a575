//! `conversations.history`, `pins.*`, `reactions.*` and `users.*`: what can be read back, and marks on it.

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::api::{ApiError, ApiResult};
use super::api_conversations::page;
use super::args::Args;
use super::cast::SLACKBOT;
use super::state::State;
use super::world::{Channel, Pin, Post, Reaction};

/// Pins that a channel can have.
const PINS_MAX: usize = 100;
/// Different emoji that a message can have.
const REACTIONS_MAX: usize = 50;

impl SlackWorkspace {
    pub(super) fn conversations_history(&self, state: &State, args: &Args) -> ApiResult {
        let channel = self.joined_channel(state, args)?;
        let first_level = |post: &&Post| post.thread_ts.as_ref().is_none_or(|thread| *thread == post.ts);
        let mut answer = self.history(channel, args, first_level);
        answer["pin_count"] = json!(channel.pins.len());
        Ok(answer)
    }

    pub(super) fn conversations_replies(&self, state: &State, args: &Args) -> ApiResult {
        let channel = self.joined_channel(state, args)?;
        let thread = args.filled("ts").ok_or("thread_not_found")?;
        channel.post(&thread).ok_or("thread_not_found")?;
        let mut answer =
            self.history(channel, args, |post| post.ts == thread || post.thread_ts.as_ref() == Some(&thread));
        // Threads are told oldest first, channels newest first.
        if let Some(messages) = answer["messages"].as_array_mut() {
            messages.reverse();
        }
        Ok(answer)
    }

    pub(super) fn pins_add(&self, state: &mut State, args: &Args) -> ApiResult {
        let channel = self.joined_channel(state, args)?;
        let ts = args.filled("timestamp").ok_or("no_item_specified")?;
        channel.post(&ts).filter(|post| post.ephemeral_to.is_none()).ok_or("message_not_found")?;
        if channel.archived {
            return Err("is_archived".into());
        }
        if channel.is_pinned(&ts) {
            return Err("already_pinned".into());
        }
        if channel.pins.len() >= PINS_MAX {
            return Err("limit_reached".into());
        }
        let pin = Pin { ts, created_secs: self.now().timestamp(), by: self.cast.bot_user_id.clone() };
        let id = channel.id.clone();
        state.world.channel_mut(&id).ok_or("channel_not_found")?.pins.push(pin);
        state.changed = true;
        Ok(json!({}))
    }

    pub(super) fn pins_remove(&self, state: &mut State, args: &Args) -> ApiResult {
        let channel = self.joined_channel(state, args)?;
        let ts = args.filled("timestamp").ok_or("no_item_specified")?;
        if !channel.is_pinned(&ts) {
            return Err("no_pin".into());
        }
        let id = channel.id.clone();
        state.world.channel_mut(&id).ok_or("channel_not_found")?.pins.retain(|pin| pin.ts != ts);
        state.changed = true;
        Ok(json!({}))
    }

    pub(super) fn pins_list(&self, state: &State, args: &Args) -> ApiResult {
        let channel = self.joined_channel(state, args)?;
        let items: Vec<Value> = channel
            .pins
            .iter()
            .rev()
            .filter_map(|pin| channel.post(&pin.ts).map(|post| (pin, post)))
            .map(|(pin, post)| {
                json!({
                    "type": "message", "channel": channel.id, "created": pin.created_secs, "created_by": pin.by,
                    "message": self.message_json(post, false),
                })
            })
            .collect();
        Ok(json!({"items": items}))
    }

    pub(super) fn reactions_add(&self, state: &mut State, args: &Args) -> ApiResult {
        let (channel, ts, name) = self.reaction(state, args)?;
        let bot = self.cast.bot_user_id.clone();
        let reactions = &mut state.world.post_mut(&channel, &ts).ok_or("message_not_found")?.reactions;
        let full = reactions.len() >= REACTIONS_MAX;
        match reactions.iter_mut().find(|reaction| reaction.name == name) {
            Some(reaction) if reaction.users.contains(&bot) => return Err("already_reacted".into()),
            Some(reaction) => reaction.users.push(bot),
            None if full => return Err("too_many_emoji".into()),
            None => reactions.push(Reaction { name, users: vec![bot] }),
        }
        state.changed = true;
        Ok(json!({}))
    }

    pub(super) fn reactions_remove(&self, state: &mut State, args: &Args) -> ApiResult {
        let (channel, ts, name) = self.reaction(state, args)?;
        let post = state.world.post_mut(&channel, &ts).ok_or("message_not_found")?;
        let own = post.reactions.iter_mut().find(|reaction| reaction.name == name);
        let users = &mut own.filter(|own| own.users.contains(&self.cast.bot_user_id)).ok_or("no_reaction")?.users;
        users.retain(|user| *user != self.cast.bot_user_id);
        post.reactions.retain(|reaction| !reaction.users.is_empty());
        state.changed = true;
        Ok(json!({}))
    }

    /// The message and the emoji that a call names.
    fn reaction(&self, state: &State, args: &Args) -> Result<(String, String, String), ApiError> {
        let channel = self.joined_channel(state, args)?;
        let ts = args.filled("timestamp").ok_or("no_item_specified")?;
        channel.post(&ts).filter(|post| post.ephemeral_to.is_none()).ok_or("message_not_found")?;
        let name = args.filled("name").ok_or("invalid_name")?;
        Ok((channel.id.clone(), ts, name.trim_matches(':').to_owned()))
    }

    pub(super) fn users_info(&self, state: &State, args: &Args) -> ApiResult {
        let user = args.filled("user").ok_or("user_not_found")?;
        if !self.cast.knows(&user) && user != SLACKBOT {
            return Err("user_not_found".into());
        }
        Ok(json!({"user": self.user_json(state, &user)}))
    }

    pub(super) fn users_list(&self, state: &State, args: &Args) -> Value {
        let mut members = vec![self.user_json(state, SLACKBOT)];
        members.extend(self.cast.users.iter().map(|person| self.user_json(state, &person.id)));
        members.push(self.user_json(state, &self.cast.bot_user_id));
        let mut answer = page(args, "members", members);
        answer["cache_ts"] = json!(self.now().timestamp());
        answer
    }

    pub(super) fn users_lookup_by_email(&self, state: &State, args: &Args) -> ApiResult {
        let email = args.filled("email").ok_or("users_not_found")?;
        let person = self.cast.users.iter().find(|person| person.email.eq_ignore_ascii_case(&email));
        let person = person.filter(|person| !state.world.is_deactivated(&person.id));
        Ok(json!({"user": self.user_json(state, &person.ok_or("users_not_found")?.id)}))
    }

    fn history(&self, channel: &Channel, args: &Args, keep: impl Fn(&&Post) -> bool) -> Value {
        let (oldest, latest) = (args.filled("oldest"), args.filled("latest"));
        let inclusive = args.flag("inclusive");
        let inside = |post: &&Post| {
            let after = oldest.as_deref().is_none_or(|oldest| after_ts(&post.ts, oldest, inclusive));
            let before = latest.as_deref().is_none_or(|latest| after_ts(latest, &post.ts, inclusive));
            after && before
        };
        let with_metadata = args.flag("include_all_metadata");
        let messages: Vec<Value> = channel
            .posts
            .iter()
            .rev()
            .filter(|post| post.ephemeral_to.is_none())
            .filter(&keep)
            .filter(inside)
            .map(|post| self.told_message_json(channel, post, with_metadata))
            .collect();
        let mut answer = page(args, "messages", messages);
        answer["has_more"] = json!(answer["response_metadata"]["next_cursor"] != "");
        answer
    }
}

/// Compares two message times, which may be written with fewer decimals than a `ts`.
fn after_ts(later: &str, earlier: &str, or_same: bool) -> bool {
    let (later, earlier) = (micros(later), micros(earlier));
    later > earlier || (or_same && later == earlier)
}

fn micros(ts: &str) -> i64 {
    let (secs, fraction) = ts.split_once('.').unwrap_or((ts, ""));
    let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
    secs.parse::<i64>().unwrap_or(0).saturating_mul(1_000_000).saturating_add(fraction.parse().unwrap_or(0))
}
