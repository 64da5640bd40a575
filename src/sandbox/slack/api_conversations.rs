//! `conversations.*`: channels and who is in them.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::api::{ApiError, ApiResult};
use super::args::Args;
use super::state::{State, random_id};
use super::world::{Channel, Kind};

/// Slack takes channel names under 81 characters.
const NAME_MAX: usize = 80;
/// Topic and purpose.
const TOPIC_MAX: usize = 250;
/// Slack takes at most a thousand people in one invitation.
const INVITES_MAX: usize = 1_000;

impl SlackWorkspace {
    pub(super) fn conversations_create(&self, state: &mut State, args: &Args) -> ApiResult {
        let name = args.filled("name").ok_or("invalid_name_required")?;
        check_name(&name)?;
        // Archived channels keep their names.
        if state.world.channels.iter().any(|channel| !channel.is_direct() && channel.name == name) {
            return Err("name_taken".into());
        }
        let channel = Channel {
            id: random_id('C'),
            name,
            kind: if args.flag("is_private") { Kind::Private } else { Kind::Public },
            topic: String::new(),
            purpose: String::new(),
            created_secs: self.now().timestamp(),
            creator: self.cast.bot_user_id.clone(),
            archived: false,
            members: [self.cast.bot_user_id.clone()].into(),
            pins: Vec::new(),
            posts: VecDeque::new(),
        };
        let answer = json!({"channel": self.channel_json(&channel)});
        state.world.channels.push(channel);
        state.changed = true;
        Ok(answer)
    }

    pub(super) fn conversations_list(&self, state: &State, args: &Args) -> Value {
        let types = args.filled("types").unwrap_or_else(|| "public_channel".to_owned());
        let wanted: Vec<&str> = types.split(',').map(str::trim).collect();
        let channels: Vec<Value> = state
            .world
            .channels
            .iter()
            .filter(|channel| channel.visible_to(&self.cast.bot_user_id) && wanted.contains(&type_of(channel)))
            .filter(|channel| !(channel.archived && args.flag("exclude_archived")))
            .map(|channel| self.channel_json(channel))
            .collect();
        page(args, "channels", channels)
    }

    pub(super) fn conversations_info(&self, state: &State, args: &Args) -> ApiResult {
        Ok(json!({"channel": self.channel_json(self.known_channel(state, args)?)}))
    }

    pub(super) fn conversations_members(&self, state: &State, args: &Args) -> ApiResult {
        let channel = self.known_channel(state, args)?;
        Ok(page(args, "members", channel.members.iter().map(|user| json!(user)).collect()))
    }

    pub(super) fn conversations_invite(&self, state: &mut State, args: &Args) -> ApiResult {
        let channel = self.joined_channel(state, args)?;
        if channel.is_direct() {
            return Err("method_not_supported_for_channel_type".into());
        }
        if channel.archived {
            return Err("is_archived".into());
        }
        let users = args.list("users");
        if users.is_empty() {
            return Err("no_user".into());
        }
        if users.len() > INVITES_MAX {
            return Err("too_many_users".into());
        }
        let refused: Vec<(String, &str)> = users
            .iter()
            .filter_map(|user| self.uninvitable(state, channel, user).map(|code| (user.clone(), code)))
            .collect();
        let id = channel.id.clone();
        // Without `force`, one person who cannot be invited keeps all others out.
        if let Some((_, code)) = refused.first().filter(|_| !args.flag("force")) {
            let errors: Vec<Value> =
                refused.iter().map(|(user, code)| json!({"ok": false, "error": code, "user": user})).collect();
            return Err(ApiError { code: (*code).to_owned(), messages: Vec::new(), more: json!({"errors": errors}) });
        }
        let channel = state.world.channel_mut(&id).ok_or("channel_not_found")?;
        channel.members.extend(users.into_iter().filter(|user| !refused.iter().any(|(known, _)| known == user)));
        let answer = json!({"channel": self.channel_json(channel)});
        state.changed = true;
        Ok(answer)
    }

    pub(super) fn conversations_join(&self, state: &mut State, args: &Args) -> ApiResult {
        let channel = self.known_channel(state, args)?;
        if channel.archived {
            return Err("is_archived".into());
        }
        if channel.kind != Kind::Public {
            return Err("method_not_supported_for_channel_type".into());
        }
        let id = channel.id.clone();
        let channel = state.world.channel_mut(&id).ok_or("channel_not_found")?;
        channel.members.insert(self.cast.bot_user_id.clone());
        let answer = json!({"channel": self.channel_json(channel)});
        state.changed = true;
        Ok(answer)
    }

    pub(super) fn conversations_set_topic(&self, state: &mut State, args: &Args) -> ApiResult {
        let topic = args.text("topic").unwrap_or_default();
        let channel = self.described(state, args, &topic)?;
        channel.topic.clone_from(&topic);
        let answer = json!({"topic": topic, "channel": self.channel_json(channel)});
        state.changed = true;
        Ok(answer)
    }

    pub(super) fn conversations_set_purpose(&self, state: &mut State, args: &Args) -> ApiResult {
        let purpose = args.text("purpose").unwrap_or_default();
        let channel = self.described(state, args, &purpose)?;
        channel.purpose.clone_from(&purpose);
        let answer = json!({"purpose": purpose, "channel": self.channel_json(channel)});
        state.changed = true;
        Ok(answer)
    }

    pub(super) fn conversations_archive(&self, state: &mut State, args: &Args) -> ApiResult {
        let channel = self.joined_channel(state, args)?;
        if channel.archived {
            return Err("already_archived".into());
        }
        if channel.is_direct() {
            return Err("method_not_supported_for_channel_type".into());
        }
        if channel.name == "general" {
            return Err("cant_archive_general".into());
        }
        let id = channel.id.clone();
        if let Some(channel) = state.world.channel_mut(&id) {
            channel.archived = true;
        }
        state.changed = true;
        Ok(json!({}))
    }

    pub(super) fn conversations_open(&self, state: &mut State, args: &Args) -> ApiResult {
        let users = args.list("users");
        let user = match (users.as_slice(), args.filled("channel")) {
            ([user], _) => user.clone(),
            ([], Some(id)) => match state.world.channel(&id).map(|channel| &channel.kind) {
                Some(Kind::Direct(user)) => user.clone(),
                _ => return Err("channel_not_found".into()),
            },
            ([], None) => return Err("users_list_not_supplied".into()),
            _ => return Err("too_many_users".into()),
        };
        if !self.cast.users.iter().any(|person| person.id == user) {
            return Err("user_not_found".into());
        }
        if state.world.is_deactivated(&user) {
            return Err("user_disabled".into());
        }
        let known = state.world.channels.len();
        let channel = state.world.direct(&user, &self.cast.bot_user_id, self.now()).clone();
        let already = state.world.channels.len() == known;
        state.changed |= !already;
        let shown = if args.flag("return_im") { self.channel_json(&channel) } else { json!({"id": channel.id}) };
        Ok(json!({"no_op": already, "already_open": already, "channel": shown}))
    }

    fn described<'a>(&self, state: &'a mut State, args: &Args, text: &str) -> Result<&'a mut Channel, ApiError> {
        let channel = self.joined_channel(state, args)?;
        if channel.archived {
            return Err("is_archived".into());
        }
        if channel.is_direct() {
            return Err("method_not_supported_for_channel_type".into());
        }
        if text.chars().count() > TOPIC_MAX {
            return Err("too_long".into());
        }
        let id = channel.id.clone();
        state.world.channel_mut(&id).ok_or_else(|| "channel_not_found".into())
    }

    fn uninvitable(&self, state: &State, channel: &Channel, user: &str) -> Option<&'static str> {
        if user == self.cast.bot_user_id {
            Some("cant_invite_self")
        } else if !self.cast.knows(user) {
            Some("user_not_found")
        } else if state.world.is_deactivated(user) {
            Some("user_disabled")
        } else if channel.members.contains(user) {
            Some("already_in_channel")
        } else {
            None
        }
    }
}

/// One page of a list, with the cursor of the next.
pub fn page(args: &Args, name: &str, all: Vec<Value>) -> Value {
    let size = args.number("limit").filter(|limit| *limit > 0).unwrap_or(100).min(1_000);
    let start = args.filled("cursor").and_then(|cursor| cursor.strip_prefix("from:")?.parse().ok()).unwrap_or(0);
    let next = if start + size < all.len() { format!("from:{}", start + size) } else { String::new() };
    let shown: Vec<Value> = all.into_iter().skip(start).take(size).collect();
    json!({name: shown, "response_metadata": {"next_cursor": next}})
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.chars().count() > NAME_MAX {
        return Err("invalid_name_maxlength".into());
    }
    let allowed = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_';
    if !name.chars().all(allowed) {
        return Err("invalid_name_specials".into());
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Err("invalid_name_punctuation".into());
    }
    Ok(())
}

fn type_of(channel: &Channel) -> &'static str {
    match channel.kind {
        Kind::Public => "public_channel",
        Kind::Private => "private_channel",
        Kind::Direct(_) => "im",
    }
}
