//! The shapes in which Slack tells of users, channels and messages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::cast::{BOT_HANDLE, BOT_NAME};
use super::state::State;
use super::world::{Channel, Kind, Post, Reaction};

impl SlackWorkspace {
    /// A user object.
    pub(super) fn user_json(&self, state: &State, id: &str) -> Value {
        let bot = self.cast.is_bot(id);
        let changed = state.world.account(id);
        let handle = self.cast.handle_of(id);
        let name = changed.name.as_deref().unwrap_or_else(|| self.cast.name_of(id));
        let mut profile = json!({
            "real_name": name, "real_name_normalized": name,
            "display_name": handle, "display_name_normalized": handle,
            "status_text": "", "status_emoji": "", "status_expiration": 0,
            "title": "", "phone": "", "team": self.cast.team_id,
        });
        if let Some(person) = self.cast.person(id) {
            profile["email"] = json!(changed.email.as_ref().unwrap_or(&person.email));
        }
        json!({
            "id": id, "team_id": self.cast.team_id, "name": handle, "real_name": name,
            "deleted": changed.deactivated, "color": "4bbe2e",
            "tz": "Etc/UTC", "tz_label": "Coordinated Universal Time", "tz_offset": 0,
            "profile": profile,
            "is_admin": false, "is_owner": false, "is_primary_owner": false,
            "is_restricted": changed.restricted, "is_ultra_restricted": false,
            "is_bot": bot, "is_app_user": false, "is_email_confirmed": !bot && !changed.email_unconfirmed, "updated": 1_700_000_000,
        })
    }

    /// A channel object.
    pub(super) fn channel_json(&self, channel: &Channel) -> Value {
        if let Kind::Direct(user) = &channel.kind {
            return json!({
                "id": channel.id, "created": channel.created_secs, "is_archived": false,
                "is_im": true, "is_org_shared": false, "context_team_id": self.cast.team_id,
                "user": user, "is_user_deleted": false, "is_open": true, "priority": 0.0,
            });
        }
        let private = channel.kind == Kind::Private;
        let told = |value: &str| json!({"value": value, "creator": channel.creator, "last_set": channel.created_secs});
        json!({
            "id": channel.id, "name": channel.name, "name_normalized": channel.name,
            "is_channel": !private, "is_group": private, "is_im": false, "is_mpim": false, "is_private": private,
            "created": channel.created_secs, "creator": channel.creator, "updated": channel.created_secs * 1_000,
            "is_archived": channel.archived, "is_general": channel.name == "general", "unlinked": 0,
            "is_shared": false, "is_org_shared": false, "is_ext_shared": false, "is_pending_ext_shared": false,
            "pending_shared": [], "pending_connected_team_ids": [], "parent_conversation": null,
            "shared_team_ids": [self.cast.team_id], "context_team_id": self.cast.team_id,
            "is_member": channel.members.contains(&self.cast.bot_user_id),
            "topic": told(&channel.topic), "purpose": told(&channel.purpose),
            "previous_names": [], "num_members": channel.members.len(),
        })
    }

    /// A message object. Metadata is told only to those who ask for it.
    pub(super) fn message_json(&self, post: &Post, with_metadata: bool) -> Value {
        let mut message = json!({
            "type": "message", "ts": post.ts, "user": post.author, "text": post.text, "team": self.cast.team_id,
        });
        if post.author == self.cast.bot_user_id {
            message["bot_id"] = json!(self.cast.bot_id());
            message["app_id"] = json!(self.cast.app_id());
            message["bot_profile"] = json!({
                "id": self.cast.bot_id(), "app_id": self.cast.app_id(), "user_id": self.cast.bot_user_id,
                "name": BOT_NAME, "deleted": false, "updated": 1_700_000_000, "team_id": self.cast.team_id,
                "icons": {"image_36": "https://a.slack-edge.example/bot_36.png"},
            });
        }
        if !post.blocks.is_empty() {
            message["blocks"] = json!(post.blocks);
        }
        if !post.files.is_empty() {
            message["files"] = post.files.iter().map(|file| self.file_json(file)).collect();
            message["upload"] = json!(true);
        }
        if !post.reactions.is_empty() {
            let told = |reaction: &Reaction| json!({"name": reaction.name, "users": reaction.users, "count": reaction.users.len()});
            message["reactions"] = post.reactions.iter().map(told).collect();
        }
        if let Some(thread) = &post.thread_ts {
            message["thread_ts"] = json!(thread);
        }
        if let Some(ts) = &post.edited_ts {
            message["edited"] = json!({"user": post.author, "ts": ts});
        }
        if let Some(metadata) = post.metadata.as_ref().filter(|_| with_metadata) {
            message["metadata"] = metadata.clone();
        }
        message
    }

    /// A message object as a channel's history has it: where a thread hangs on it, with what there is in the thread.
    pub(super) fn told_message_json(&self, channel: &Channel, post: &Post, with_metadata: bool) -> Value {
        let mut message = self.message_json(post, with_metadata);
        let replies: Vec<&Post> = channel.replies(&post.ts).collect();
        if let Some(last) = replies.last() {
            let authors: BTreeSet<&str> = replies.iter().map(|reply| reply.author.as_str()).collect();
            message["thread_ts"] = json!(post.ts);
            message["reply_count"] = json!(replies.len());
            message["reply_users"] = json!(authors);
            message["reply_users_count"] = json!(authors.len());
            message["latest_reply"] = json!(last.ts);
            message["is_locked"] = json!(false);
            message["subscribed"] = json!(false);
        }
        message
    }

    /// The person as interaction payloads name them.
    pub(super) fn actor_json(&self, user: &str) -> Value {
        let handle = self.cast.handle_of(user);
        json!({"id": user, "username": handle, "name": handle, "team_id": self.cast.team_id})
    }

    pub(super) fn team_json(&self) -> Value {
        json!({"id": self.cast.team_id, "domain": self.cast.domain()})
    }

    /// A user object as the people's page shows it.
    pub(super) fn user_summary(&self, id: &str) -> Value {
        let handle = if id == self.cast.bot_user_id { BOT_HANDLE } else { self.cast.handle_of(id) };
        json!({"id": id, "name": self.cast.name_of(id), "handle": handle, "bot": self.cast.is_bot(id)})
    }
}
