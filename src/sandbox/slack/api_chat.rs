//! `chat.*`: what the bot says.

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::api::{ApiError, ApiResult};
use super::args::Args;
use super::blocks;
use super::state::State;
use super::world::{Channel, Content, Kind};

impl SlackWorkspace {
    pub(super) fn chat_post_message(&self, state: &mut State, args: &Args) -> ApiResult {
        let channel = self.postable_channel(state, args)?;
        let content = content(args)?;
        let ts = state.world.post(&channel, &self.cast.bot_user_id, content, None, self.now());
        state.changed = true;
        let posted = state.world.channel(&channel).and_then(|channel| channel.post(&ts)).ok_or("fatal_error")?;
        Ok(json!({"channel": channel, "ts": ts, "message": self.message_json(posted, true)}))
    }

    pub(super) fn chat_post_ephemeral(&self, state: &mut State, args: &Args) -> ApiResult {
        let channel = self.postable_channel(state, args)?;
        let user = args.filled("user").ok_or("user_not_found")?;
        if !self.cast.knows(&user) {
            return Err("user_not_found".into());
        }
        if !state.world.channel(&channel).is_some_and(|channel| channel.members.contains(&user)) {
            return Err("user_not_in_channel".into());
        }
        let content = content(args)?;
        let ts = state.world.post(&channel, &self.cast.bot_user_id, content, Some(&user), self.now());
        state.changed = true;
        Ok(json!({"message_ts": ts}))
    }

    pub(super) fn chat_update(&self, state: &mut State, args: &Args) -> ApiResult {
        let (channel, ts) = self.own_message(state, args, "cant_update_message")?;
        let content = content(args)?;
        // Text without blocks removes the blocks: since they win over the text, the edit would not be seen otherwise.
        let keeps_blocks = args.json("blocks").is_none() && args.text("text").is_none();
        self.rewrite(state, &channel, &ts, content, keeps_blocks, args.json("metadata").is_some());
        let post = state.world.channel(&channel).and_then(|channel| channel.post(&ts)).ok_or("message_not_found")?;
        Ok(json!({"channel": channel, "ts": ts, "text": post.text, "message": self.message_json(post, true)}))
    }

    pub(super) fn chat_delete(&self, state: &mut State, args: &Args) -> ApiResult {
        let (channel, ts) = self.own_message(state, args, "cant_delete_message")?;
        if let Some(channel) = state.world.channel_mut(&channel) {
            channel.delete(&ts);
        }
        state.changed = true;
        Ok(json!({"channel": channel, "ts": ts}))
    }

    pub(super) fn chat_get_permalink(&self, state: &mut State, args: &Args) -> ApiResult {
        let channel = self.known_channel(state, args)?;
        let ts = args.filled("message_ts").ok_or("message_not_found")?;
        channel.post(&ts).filter(|post| post.ephemeral_to.is_none()).ok_or("message_not_found")?;
        let link = format!("{}archives/{}/p{}", self.cast.team_url(), channel.id, ts.replace('.', ""));
        Ok(json!({"channel": channel.id, "permalink": link}))
    }

    /// Replaces what a message says.
    pub(super) fn rewrite(
        &self,
        state: &mut State,
        channel: &str,
        ts: &str,
        content: Content,
        keeps_blocks: bool,
        new_metadata: bool,
    ) {
        let edited_ts = state.world.next_ts(self.now());
        let Some(post) = state.world.channel_mut(channel).and_then(|channel| channel.post_mut(ts)) else {
            return;
        };
        post.text = content.text;
        if !keeps_blocks {
            post.blocks = content.blocks;
        }
        if new_metadata {
            post.metadata = content.metadata;
        }
        post.edited_ts = Some(edited_ts);
        state.changed = true;
    }

    /// The channel that the call names, where it exists.
    pub(super) fn known_channel<'a>(&self, state: &'a State, args: &Args) -> Result<&'a Channel, ApiError> {
        let id = args.filled("channel").ok_or("channel_not_found")?;
        let channel = state.world.channel(&id).ok_or("channel_not_found")?;
        // A private channel does not exist for those outside it.
        if !channel.visible_to(&self.cast.bot_user_id) {
            return Err("channel_not_found".into());
        }
        Ok(channel)
    }

    /// Like [`Self::known_channel`], and the bot is in it.
    pub(super) fn joined_channel<'a>(&self, state: &'a State, args: &Args) -> Result<&'a Channel, ApiError> {
        let channel = self.known_channel(state, args)?;
        if !channel.members.contains(&self.cast.bot_user_id) {
            return Err("not_in_channel".into());
        }
        Ok(channel)
    }

    /// Where a message goes: a channel by id or `#name`, or a person, which means the conversation with them.
    fn postable_channel(&self, state: &mut State, args: &Args) -> Result<String, ApiError> {
        self.postable(state, &args.filled("channel").ok_or("channel_not_found")?)
    }

    pub(super) fn postable(&self, state: &mut State, named: &str) -> Result<String, ApiError> {
        let now = self.now();
        if self.cast.users.iter().any(|person| person.id == named) {
            return Ok(state.world.direct(named, &self.cast.bot_user_id, now).id.clone());
        }
        let channel = state.world.find(named).ok_or("channel_not_found")?;
        let bot = &self.cast.bot_user_id;
        if !channel.members.contains(bot) {
            let code = if channel.kind == Kind::Public { "not_in_channel" } else { "channel_not_found" };
            return Err(code.into());
        }
        if channel.archived {
            return Err("is_archived".into());
        }
        if state.world.rules.is_restricted(&channel.id) {
            return Err("restricted_action".into());
        }
        Ok(channel.id.clone())
    }

    /// The message that the call names, which must be the bot's own and not ephemeral: those have no lasting place.
    fn own_message(&self, state: &State, args: &Args, refusal: &str) -> Result<(String, String), ApiError> {
        let channel = self.known_channel(state, args)?;
        let ts = args.filled("ts").ok_or("message_not_found")?;
        let post = channel.post(&ts).filter(|post| post.ephemeral_to.is_none()).ok_or("message_not_found")?;
        if post.author != self.cast.bot_user_id {
            return Err(refusal.into());
        }
        if channel.archived {
            return Err("is_archived".into());
        }
        Ok((channel.id.clone(), ts))
    }
}

/// Reads and checks what a message says.
pub fn content(args: &Args) -> Result<Content, ApiError> {
    let text = args.text("text").unwrap_or_default();
    let blocks = checked_blocks(args.json("blocks"))?;
    let metadata = args.json("metadata");
    if let Some(metadata) = &metadata {
        let typed = metadata["event_type"].is_string() && metadata["event_payload"].is_object();
        if !typed {
            return Err("invalid_metadata_format".into());
        }
    }
    if text.is_empty() && blocks.is_empty() && args.json("attachments").is_none() {
        return Err("no_text".into());
    }
    Ok(Content { text, blocks, metadata, thread_ts: args.filled("thread_ts"), files: Vec::new() })
}

pub fn checked_blocks(given: Option<Value>) -> Result<Vec<Value>, ApiError> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let problems = blocks::check_message(&given);
    if !problems.is_empty() {
        return Err(ApiError::with_messages("invalid_blocks", problems));
    }
    if blocks::too_long(&given) {
        return Err("msg_blocks_too_long".into());
    }
    let Value::Array(mut list) = given else {
        return Err("invalid_blocks_format".into());
    };
    blocks::name_blocks(&mut list);
    Ok(list)
}
